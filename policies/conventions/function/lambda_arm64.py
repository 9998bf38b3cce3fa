"""LAMBDA_ARM64"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...changes import Change, set_attribute
from ...convention import Convention, Example, Result, failed, not_applicable, passed, undecided, unproven
from ...named_functions import Target, function_of
from ...stack import Resource, Stack
from ...values import NULL, Known, ListValue, ObjectValue, Unknown, Value, describe, is_known, is_null, text_of

_AT = "architectures"


def check(stack: Stack, function: Resource) -> Result:
    at_edge = runs_at_edge(stack, function)
    if at_edge is True:
        return not_applicable(function, "a Lambda@Edge function cannot run on arm64", at=_AT)
    value = stack.resolve(function.get(_AT))
    if isinstance(value, ListValue) and value.items == (Known("arm64"),):
        return passed(function, "runs on arm64", at=_AT)
    if not is_known(value):
        return unproven(function, "the architecture is undecided", undecided(_AT, value), at=_AT)
    if isinstance(at_edge, Unknown):
        return unproven(
            function, "whether it runs at the edge, where arm64 is not to be had, is undecided", at_edge, at=_AT
        )
    if is_null(value):
        return failed(function, "architectures is not set, and Lambda's default is x86_64", at=_AT)
    return failed(function, f'architectures is {describe(value)}, not ["arm64"]', at=_AT)


def runs_at_edge(stack: Stack, function: Resource) -> bool | Unknown:
    """Whether it is published and CloudFront calls it."""
    publish = stack.resolve(function.get("publish"))
    if isinstance(publish, Known) and text_of(publish.value) != "true":
        return False
    missing = stack.incomplete()
    for arn in _associated(stack):
        target = arn if isinstance(arn, Unknown) else function_of(stack, arn)
        if isinstance(target, Target):
            if target.function is function:
                return True if isinstance(publish, Known) else undecided("publish", publish)
        elif not is_known(stack.resolve(arn)):
            missing = missing or target
    return missing or False


def _associated(stack: Stack) -> Iterator[Value]:
    """The functions that CloudFront distributions call, as `lambda_arn` has them."""
    for distribution in stack.of_type("aws_cloudfront_distribution"):
        for behaviours in ("default_cache_behavior", "ordered_cache_behavior"):
            for behaviour in _blocks(distribution.get(behaviours)):
                if isinstance(behaviour, Unknown):
                    yield behaviour
                    continue
                for association in _blocks(behaviour.fields.get("lambda_function_association", ListValue(()))):
                    yield (
                        association if isinstance(association, Unknown) else association.fields.get("lambda_arn", NULL)
                    )


def _blocks(value: Value) -> Iterator[ObjectValue | Unknown]:
    """The blocks of a type; one Unknown where a `dynamic` one is undecided."""
    if isinstance(value, ListValue):
        yield from (item for item in value.items if isinstance(item, ObjectValue))
    elif isinstance(value, Unknown):
        yield value


def repair(stack: Stack, result: Result) -> Sequence[Change]:
    assert result.judged is not None
    return [set_attribute(result.judged, "architectures", '["arm64"]')]


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
    why="arm64 (Graviton) costs about 20 % less than x86_64 for the same work. x86_64 is only the default.",
    fix='Set architectures = ["arm64"].',
    explains=(
        'Every aws_lambda_function has architectures = ["arm64"]. Absent means x86_64.',
        "Container images count too.",
    ),
    subject="aws_lambda_function",
    resource_types=("aws_lambda_function",),
    check=check,
    repair=repair,
    good=Example(GOOD),
    bad=Example(
        GOOD.replace('["arm64"]', '["x86_64"]'),
        fails_at=(("aws_lambda_function.orders", 6),),
    ),
    sources=(
        "https://docs.aws.amazon.com/lambda/latest/dg/foundation-arch.html",
        "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-function-restrictions-all.html",
    ),
    exemptions=(
        "Lambda@Edge functions, which cannot run on arm64: published, and associated with a CloudFront distribution.",
    ),
)
