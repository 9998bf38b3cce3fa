"""LAMBDA_LIMITS"""

from __future__ import annotations

from collections.abc import Sequence

from ...changes import Change, set_attribute
from ...convention import Convention, Example, NotShown, OtherRule, Result, Surface, failed, passed, undecided, unproven
from ...stack import Resource, Stack
from ...values import Known, is_null, possible

_DEFAULTS = {"memory_size": "128 MB", "timeout": "3 s"}


def check(stack: Stack, function: Resource) -> Result:
    values = {name: stack.resolve(function.get(name)) for name in _DEFAULTS}
    absent = [name for name, value in values.items() if is_null(value)]
    if absent:
        defaults = " and ".join(f"{name} (the default is {_DEFAULTS[name]})" for name in absent)
        return failed(function, f"not stated: {defaults}", at=absent[0])
    for name, value in values.items():
        if not all(isinstance(outcome, Known) and not is_null(outcome) for outcome in possible(value)):
            return unproven(function, f"whether {name} is stated is undecided", undecided(name, value), at=name)
    return passed(function, "memory_size and timeout are stated")


def repair(stack: Stack, result: Result) -> Sequence[Change]:
    """Stated as what they are: AWS's defaults, so that nothing changes but that they are seen."""
    function = result.judged
    assert function is not None
    defaults = {"memory_size": "128", "timeout": "3"}
    missing = {name: value for name, value in defaults.items() if is_null(stack.resolve(function.get(name)))}
    return [set_attribute(function, name, value) for name, value in missing.items()]


GOOD = """\
resource "aws_lambda_function" "orders" {
  function_name = "orders"
  role          = "arn:aws:iam::123456789012:role/orders"
  image_uri     = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/orders:1"
  package_type  = "Image"
  memory_size   = 256
  timeout       = 10
}
"""

CONVENTION = Convention(
    id="LAMBDA_LIMITS",
    title="Memory and timeout are chosen",
    why="Lambda's defaults, 128 MB and 3 s, are the least there is: memory is also CPU, so a function nobody sized "
    "is slow and fails under load.",
    fix="Set memory_size and timeout to what the function was measured to need.",
    explains=("memory_size and timeout are not null after evaluation; a module's default counts.",),
    subject="aws_lambda_function",
    resource_types=("aws_lambda_function",),
    check=check,
    repair=repair,
    good=Example(GOOD),
    bad=Example(GOOD.replace("  timeout       = 10\n", ""), fails_at=(("aws_lambda_function.orders", 1),)),
    sources=(
        "https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html",
        "https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html",
    ),
    not_shown=(NotShown(Surface.LIVE, "AWS does not tell the default from the same value stated", examples=("bad",)),),
    elsewhere=(
        OtherRule("serverless-rules (tflint)", "aws_lambda_function_default_memory", "The same for memory_size."),
        OtherRule("serverless-rules (tflint)", "aws_lambda_function_default_timeout", "The same for timeout."),
    ),
)
