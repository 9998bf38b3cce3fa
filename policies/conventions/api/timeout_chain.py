"""TIMEOUT_CHAIN"""

from __future__ import annotations

from decimal import Decimal

from ...convention import Convention, Example, Related, Result, failed, not_applicable, passed, undecided, unproven
from ...stack import Resource, Stack
from ...values import Known, Unknown, Value, describe, is_null, number_of
from ...wiring import api_of, call_sites

_FUNCTION_DEFAULT_SECONDS = 3
_API_MOST_MILLISECONDS = 30_000
_AT = "timeout_milliseconds"


def check(stack: Stack, integration: Resource) -> Result:
    sites = call_sites(stack, integration)
    if not sites:
        return not_applicable(integration, "this integration calls no function")
    api = api_of(stack, integration)
    protocol = api if isinstance(api, Unknown) else stack.resolve(api.get("protocol_type"))
    if protocol == Known("WEBSOCKET"):
        return not_applicable(integration, "the integrations of WebSocket APIs have limits of their own", at="api_id")
    waits = _number(_AT, stack.resolve(integration.get(_AT)), _API_MOST_MILLISECONDS)
    if isinstance(waits, Decimal) and waits > _API_MOST_MILLISECONDS:
        message = f"timeout_milliseconds is {waits:f}, and an HTTP API waits 30000 at most"
        return failed(integration, message, at=_AT)
    target = sites[0].target
    if isinstance(target, Unknown):
        return unproven(integration, "which function this calls is undecided", target, at="integration_uri")
    function = target.function
    takes = _number("timeout", stack.resolve(function.get("timeout")), _FUNCTION_DEFAULT_SECONDS)
    if isinstance(takes, Unknown):
        return unproven(integration, f"how long {function.address} may take is undecided", takes, at=_AT)
    most = Decimal(_API_MOST_MILLISECONDS) if isinstance(waits, Unknown) else waits
    if takes * 1000 > most:
        seconds = _seconds(most / 1000)
        at_most = " at most" if isinstance(waits, Unknown) else ""
        message = f"{function.address} may take {_seconds(takes)}, and the API answers 503 after {seconds}{at_most}"
        related = [Related("the function's timeout", function.position("timeout"))]
        return failed(integration, message, at=_AT, related=related)
    if isinstance(waits, Unknown):
        return unproven(integration, "how long the API waits is undecided", waits, at=_AT)
    if protocol != Known("HTTP"):
        missing = undecided("protocol_type", protocol)
        return unproven(integration, "whether this is an HTTP API is undecided", missing, at="api_id")
    message = f"waits {_seconds(waits / 1000)} for a function that may take {_seconds(takes)}"
    return passed(integration, message, at=_AT)


def _number(name: str, value: Value, default: int) -> Decimal | Unknown:
    if is_null(value):
        return Decimal(default)
    if not isinstance(value, Known):
        return undecided(name, value)
    number = number_of(value.value)
    return Unknown(f"{name} is {describe(value)}, which is no number", value.location) if number is None else number


def _seconds(number: Decimal) -> str:
    return f"{number.normalize():f} s"


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
    exemptions=(
        "Integrations that call no function.",
        "Integrations of WebSocket APIs, whose limits are others.",
    ),
)
