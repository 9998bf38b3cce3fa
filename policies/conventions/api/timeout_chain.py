"""TIMEOUT_CHAIN"""

from __future__ import annotations

from decimal import Decimal

from ...convention import Convention, Example, Related, Result, failed, not_applicable, passed, undecided, unproven
from ...stack import Resource, Stack
from ...values import Known, Unknown, Value, is_null, text_of
from ...wiring import Target, call_sites

_FUNCTION_DEFAULT_SECONDS = 3
_API_MOST_MILLISECONDS = 30_000
_AT = "timeout_milliseconds"


def check(stack: Stack, integration: Resource) -> Result:
    sites = call_sites(stack, integration)
    if not sites:
        return not_applicable(integration, "this integration calls no function")
    waits = _number(stack, integration.get(_AT), _API_MOST_MILLISECONDS)
    if isinstance(waits, Unknown):
        return unproven(integration, "how long the API waits is undecided", waits, at=_AT)
    if waits > _API_MOST_MILLISECONDS:
        message = f"timeout_milliseconds is {waits:f}, and an HTTP API waits 30000 at most"
        return failed(integration, message, at=_AT)
    target = sites[0].target
    if isinstance(target, Unknown):
        return unproven(integration, "which function this calls is undecided", target, at="integration_uri")
    return _compare(stack, integration, target, waits)


def _compare(stack: Stack, integration: Resource, target: Target, waits: Decimal) -> Result:
    function = target.function
    takes = _number(stack, function.get("timeout"), _FUNCTION_DEFAULT_SECONDS)
    if isinstance(takes, Unknown):
        return unproven(integration, f"how long {function.address} may take is undecided", takes, at=_AT)
    if takes * 1000 > waits:
        message = f"{function.address} may take {takes:f} s, and the API gives up after {waits / 1000:f} s with a 503"
        related = [Related("the function's timeout", function.position("timeout"))]
        return failed(integration, message, at=_AT, related=related)
    return passed(integration, f"waits {waits / 1000:f} s for a function that may take {takes:f} s", at=_AT)


def _number(stack: Stack, value: Value, default: int) -> Decimal | Unknown:
    resolved = stack.resolve(value)
    if is_null(resolved):
        return Decimal(default)
    if not isinstance(resolved, Known):
        return undecided("the timeout", resolved)
    try:
        return Decimal(text_of(resolved.value) or "")
    except ArithmeticError:
        return Unknown(f"the timeout {text_of(resolved.value)} is no number", value.location)


GOOD = """\
resource "aws_apigatewayv2_api" "shop" {
  name          = "shop"
  protocol_type = "HTTP"
}

resource "aws_lambda_function" "orders" {
  function_name = "orders"
  role          = "arn:aws:iam::123456789012:role/orders"
  image_uri     = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/orders:1"
  package_type  = "Image"
  timeout       = 10
}

resource "aws_apigatewayv2_integration" "orders" {
  api_id                 = aws_apigatewayv2_api.shop.id
  integration_type       = "AWS_PROXY"
  integration_uri        = aws_lambda_function.orders.invoke_arn
  payload_format_version = "2.0"
  timeout_milliseconds   = 10000
}
"""

CONVENTION = Convention(
    id="TIMEOUT_CHAIN",
    title="The API waits for the function",
    why="An API that gives up first answers 503 while the function goes on working, and the client tries again.",
    fix="Set timeout_milliseconds to at least the function's timeout times 1000, and both to 30 s at most.",
    explains=(
        "The function's timeout is not longer than the integration's, and that is 30 s at most.",
        "Defaults count: 3 s for a function, 30 s for an integration.",
        "Not applicable to integrations that call no function.",
    ),
    subject="aws_apigatewayv2_integration",
    resource_types=("aws_apigatewayv2_integration",),
    check=check,
    good=Example(GOOD),
    bad=Example(
        GOOD.replace("= 10000", "= 5000"),
        fails_at=(("aws_apigatewayv2_integration.orders", 19),),
    ),
    sources=(
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html",
        "https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html",
    ),
)
