"""LAMBDA_ARM64"""

from __future__ import annotations

from collections.abc import Iterator

from ...convention import Convention, Example, Result, failed, not_applicable, passed, undecided, unproven
from ...stack import Resource, Stack
from ...values import Known, ListValue, Reference, is_known, is_null, walk


def check(stack: Stack) -> Iterator[Result]:
    for function in stack.of_type("aws_lambda_function"):
        yield _judge(stack, function)


def _judge(stack: Stack, function: Resource) -> Result:
    value = stack.resolve(function.get("architectures"))
    if _runs_at_edge(stack, function):
        return not_applicable(function, "a Lambda@Edge function cannot run on arm64", at="architectures")
    if is_null(value):
        return failed(function, "architectures is not set, and Lambda's default is x86_64")
    if isinstance(value, ListValue) and value.items == (Known("arm64"),):
        return passed(function, "runs on arm64", at="architectures")
    if is_known(value):
        written = ", ".join(str(item.value) for item in walk(value) if isinstance(item, Known)) or "nothing"
        return failed(function, f"architectures names {written}, not arm64", at="architectures")
    return unproven(function, "the architecture is undecided", undecided("architectures", value), at="architectures")


def _runs_at_edge(stack: Stack, function: Resource) -> bool:
    if function.get("publish") != Known(True):
        return False
    for distribution in stack.of_type("aws_cloudfront_distribution"):
        for behaviour in ("default_cache_behavior", "ordered_cache_behavior"):
            for value in walk(distribution.get(behaviour)):
                if isinstance(value, Reference) and value.address == function.address:
                    return True
    return False


GOOD = """\
resource "aws_lambda_function" "orders" {
  function_name = "orders"
  role          = "arn:aws:iam::123456789012:role/orders"
  image_uri     = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/orders:1"
  package_type  = "Image"
  architectures = ["arm64"]
}
"""

CONVENTION = Convention(
    id="LAMBDA_ARM64",
    title="Functions run on arm64",
    why="Graviton costs about 20 % less than x86_64 for the same work, and nobody chooses x86_64: it is the default.",
    fix='Set architectures = ["arm64"].',
    explains=(
        'Every aws_lambda_function has architectures = ["arm64"]. Absent means x86_64.',
        "Not applicable to Lambda@Edge: publish = true and associated with an aws_cloudfront_distribution.",
        "Container images count too.",
    ),
    check=check,
    subject="aws_lambda_function",
    resource_types=("aws_lambda_function",),
    good=Example(GOOD),
    bad=Example(
        GOOD.replace('["arm64"]', '["x86_64"]'),
        fails_at=(("aws_lambda_function.orders", 6),),
    ),
    sources=(
        "https://docs.aws.amazon.com/lambda/latest/dg/foundation-arch.html",
        "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-function-restrictions-all.html",
    ),
)
