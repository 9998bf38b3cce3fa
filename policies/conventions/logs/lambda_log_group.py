"""LAMBDA_LOG_GROUP"""

from __future__ import annotations

from collections.abc import Sequence

from ...changes import AddBlock, Change, beside, free_name, header_of
from ...convention import Convention, Example, OtherRule, Result, failed, passed, undecided, unproven
from ...stack import Resource, Stack
from ...values import (
    Known,
    ListValue,
    ObjectValue,
    Reference,
    Template,
    Unknown,
    Value,
    describe,
    first_unknown,
    is_null,
    same,
    template,
)


def check(stack: Stack, function: Resource) -> Result:
    wanted, at = _wanted(function)
    if isinstance(wanted, Unknown):
        return unproven(function, "which log group the function writes to is undecided", wanted, at=at)
    resolved = stack.resolve(wanted)
    if isinstance(resolved, Unknown):
        return unproven(function, "which log group the function writes to is undecided", resolved, at=at)
    doubt: Unknown | None = None
    for group in stack.candidates("aws_cloudwatch_log_group", "name", resolved):
        name = _with_names(stack, stack.resolve(group.get("name")))
        equal = True if _is_name_of(wanted, group) else same(name, resolved)
        missing = group.exists_with(function) if equal else None
        if equal and missing is None:
            return passed(function, f"writes to {group.address}", at=at)
        if missing is not None:
            doubt = doubt or missing
        elif equal is None:
            reason = f"whether {group.address} is {describe(wanted)} shows only at apply"
            doubt = doubt or first_unknown(name) or Unknown(reason, group.location)
    doubt = doubt or stack.incomplete()
    if doubt is not None:
        return unproven(function, "whether its log group is in the stack is undecided", doubt, at=at)
    message = f"no aws_cloudwatch_log_group is named {describe(resolved)}: Lambda makes it, and it never expires"
    return failed(function, message, at=at)


def _wanted(function: Resource) -> tuple[Value, str | None]:
    """The name of the log group that the function writes to, and the attribute that says so."""
    logging = function.get("logging_config")
    if isinstance(logging, ListValue) and logging.items and isinstance(logging.items[0], ObjectValue):
        group = logging.items[0].fields.get("log_group", Known(None))
        if not is_null(group):
            return group, "logging_config.log_group"
    elif not is_null(logging) and not isinstance(logging, ListValue):
        return undecided("logging_config", logging), "logging_config"
    return template([Known("/aws/lambda/"), function.get("function_name")]), None


def _with_names(stack: Stack, name: Value) -> Value:
    """A name with the names of functions in it for their ids, which are the same."""
    if not isinstance(name, Template):
        return name
    return template([_function_name(stack, part) for part in name.parts], name.location)


def _function_name(stack: Stack, part: Value) -> Value:
    owner = stack.by_address.get(part.address) if isinstance(part, Reference) and part.attribute == "id" else None
    if owner is None or owner.type != "aws_lambda_function":
        return part
    return stack.resolve(owner.get("function_name"))


def _is_name_of(value: Value, group: Resource) -> bool:
    return isinstance(value, Reference) and value.address == group.address and value.attribute in ("name", "id")


def repair(stack: Stack, result: Result) -> Sequence[Change]:
    """A group of its own beside the function, named after it."""
    function = result.judged
    assert function is not None
    stands = beside(function)
    name = free_name(stack, "aws_cloudwatch_log_group", function.name, f"{function.name}_lambda", near=function)
    text = f'''\
resource "aws_cloudwatch_log_group" "{name}" {{
{stands.repeated}  name              = "/aws/lambda/${{{stands.subject}.function_name}}"
  retention_in_days = 14
}}
'''
    return [AddBlock(header_of(function), text)]


GOOD = """\
resource "aws_lambda_function" "orders" {
  function_name = "orders"
  role          = "arn:aws:iam::123456789012:role/orders"
  image_uri     = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/orders:1"
  package_type  = "Image"
}

resource "aws_cloudwatch_log_group" "orders" {
  name              = "/aws/lambda/${aws_lambda_function.orders.function_name}"
  retention_in_days = 30
}
"""

CONVENTION = Convention(
    id="LAMBDA_LOG_GROUP",
    title="Functions have a log group of their own",
    why="Lambda makes a missing log group itself at the first call: it never expires, and terraform destroy leaves it "
    "behind.",
    fix='Add an aws_cloudwatch_log_group named "/aws/lambda/" followed by the function\'s function_name.',
    explains=(
        "The stack has a log group named exactly /aws/lambda/ followed by the function's function_name, or the one "
        "that logging_config.log_group names.",
        "Names are compared as evaluated: by reference, as literals or as the same expression. A common beginning is "
        "not enough.",
    ),
    subject="aws_lambda_function",
    resource_types=("aws_lambda_function",),
    check=check,
    repair=repair,
    good=Example(GOOD),
    bad=Example(GOOD.replace("function_name}", "function_name}-api"), fails_at=(("aws_lambda_function.orders", 1),)),
    sources=("https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html",),
    elsewhere=(
        OtherRule(
            "serverless-rules (tflint)",
            "aws_cloudwatch_log_group_lambda_retention",
            "Wants a retention too; switched off for Terraform, whose references it cannot follow.",
        ),
    ),
)
