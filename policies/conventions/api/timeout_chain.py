"""TIMEOUT_CHAIN"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from ...convention import Convention, Example, Related, Result, failed, not_applicable, passed, undecided, unproven
from ...stack import Resource, Stack
from ...values import NULL, Known, Unknown, Value, describe, is_null, number_of, possible
from ...wiring import HTTP_API, CallSite, api_of, call_sites, definition_of, operations_of

_FUNCTION_DEFAULT_SECONDS = 3
_API_MOST_MILLISECONDS = 30_000
_AT = "timeout_milliseconds"


def check(stack: Stack, resource: Resource) -> Iterator[Result]:
    if resource.type == HTTP_API:
        yield from _judge_api(stack, resource)
        return
    sites = call_sites(stack, resource)
    if not sites:
        yield not_applicable(resource, "this integration calls no function")
        return
    value = stack.resolve(resource.get(_AT))
    yield _judge(stack, sites[0], _Wait(_AT, value, at=_AT, protocol_at="api_id", uri_at="integration_uri"))


def _judge_api(stack: Stack, api: Resource) -> Iterator[Result]:
    """The integrations that an API declares itself: in an OpenAPI body, or by quick create."""
    if stack.resolve(api.get("protocol_type")) == Known("WEBSOCKET"):
        return
    if definition_of(stack, api) is None:
        for site in call_sites(stack, api):
            yield _judge(stack, site, _Wait(_AT, NULL, at="target", protocol_at="protocol_type", uri_at="target"))
        return
    operations = operations_of(stack, api)
    if isinstance(operations, Unknown):
        yield unproven(api, "the timeouts in the OpenAPI body are undecided", operations, at="body")
        return
    for operation, site in operations:
        about = f"{operation.route_key}: "
        if site is None:
            yield not_applicable(api, f"{about}this integration calls no function", at="body")
            continue
        name = "timeoutInMillis"
        yield _judge(stack, site, _Wait(name, operation.get(name), "body", "protocol_type", "body", about))


@dataclass(frozen=True)
class _Wait:
    """How long an integration waits: what that is called, its value, and the attributes at which results stand."""

    name: str
    value: Value
    at: str
    protocol_at: str
    uri_at: str
    about: str = ""
    """What messages begin with, where results of several integrations stand at one resource."""


def _judge(stack: Stack, site: CallSite, wait: _Wait) -> Result:
    integration, about = site.resource, wait.about
    api = integration if integration.type == HTTP_API else api_of(stack, integration)
    protocol = api if isinstance(api, Unknown) else stack.resolve(api.get("protocol_type"))
    if protocol == Known("WEBSOCKET"):
        message = "the integrations of WebSocket APIs have limits of their own"
        return not_applicable(integration, message, at=wait.protocol_at)
    waits = _range(wait.name, wait.value, _API_MOST_MILLISECONDS)
    if not isinstance(waits, Unknown) and waits[0] > _API_MOST_MILLISECONDS:
        message = f"{about}{wait.name} is {waits[0]:f}, and an HTTP API waits 30000 at most"
        return failed(integration, message, at=wait.at)
    target = site.target
    if isinstance(target, Unknown):
        return unproven(integration, f"{about}which function this calls is undecided", target, at=wait.uri_at)
    function = target.function
    written = stack.resolve(function.in_effect("timeout"))
    takes = _range("timeout", written, _FUNCTION_DEFAULT_SECONDS)
    how_long = f"{about}how long {function.address} may take is undecided"
    if isinstance(takes, Unknown):
        return unproven(integration, how_long, takes, at=wait.at)
    most = Decimal(_API_MOST_MILLISECONDS) if isinstance(waits, Unknown) else waits[1]
    if takes[0] * 1000 > most:
        after = f"{_seconds(most / 1000)}{' at most' if isinstance(waits, Unknown) else ''}"
        message = f"{about}{function.address} may take {_seconds(takes[0])}, and the API answers 503 after {after}"
        related = [Related("the function's timeout", function.position("timeout"))]
        return failed(integration, message, at=wait.at, related=related)
    if isinstance(waits, Unknown):
        return unproven(integration, f"{about}how long the API waits is undecided", waits, at=wait.at)
    if takes[1] * 1000 > waits[0] or waits[1] > _API_MOST_MILLISECONDS:
        if isinstance(written, Known):
            missing = undecided(wait.name, wait.value)
            return unproven(integration, f"{about}how long the API waits is undecided", missing, at=wait.at)
        return unproven(integration, how_long, undecided("timeout", written), at=wait.at)
    if protocol != Known("HTTP"):
        missing = undecided("protocol_type", protocol)
        return unproven(integration, f"{about}whether this is an HTTP API is undecided", missing, at=wait.protocol_at)
    message = f"{about}waits {_seconds(waits[0] / 1000)} for a function that may take {_seconds(takes[1])}"
    return passed(integration, message, at=wait.at)


def _range(name: str, value: Value, default: int) -> tuple[Decimal, Decimal] | Unknown:
    """The least and the most that a value may turn out as."""
    numbers: list[Decimal] = []
    for outcome in possible(value):
        if not isinstance(outcome, Known):
            return undecided(name, value)
        number = Decimal(default) if is_null(outcome) else number_of(outcome.value)
        if number is None:
            return Unknown(f"{name} is {describe(outcome)}, which is no number", outcome.location)
        numbers.append(number)
    return min(numbers), max(numbers)


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
        "Defaults count: 3 s for a function, 30 s for an integration, which are also those of quick create.",
        "In an OpenAPI body it is timeoutInMillis; each operation has a result of its own, at the API.",
    ),
    subject="aws_apigatewayv2_integration, nor an integration that an API declares itself",
    resource_types=("aws_apigatewayv2_integration", HTTP_API),
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
