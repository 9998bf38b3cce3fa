"""ROUTE_TARGET"""

from __future__ import annotations

from ...convention import (
    Convention,
    Example,
    NotShown,
    Related,
    Result,
    Surface,
    failed,
    not_applicable,
    passed,
    unproven,
)
from ...routing import integration_of
from ...stack import Resource, Stack
from ...values import Known, Reference, Template, Unknown, Value, describe, is_null, same
from ...wiring import api_of, call_sites

_AT = "target"
_URI = "integration_uri"
_ARNS = {"arn", "invoke_arn", "qualified_arn", "qualified_invoke_arn"}
_NO_ARNS = {
    ("aws_lambda_function", "function_name"),
    ("aws_lambda_function", "id"),
    ("aws_lambda_function", "version"),
    ("aws_lambda_alias", "name"),
}


def check(stack: Stack, route: Resource) -> Result:
    api = api_of(stack, route)
    if isinstance(api, Resource) and stack.resolve(api.get("protocol_type")) == Known("WEBSOCKET"):
        return not_applicable(route, "a route of a WebSocket API", at="api_id")
    if is_null(stack.resolve(route.get(_AT))):
        return failed(route, "target is not set, so that the route leads nowhere", at=_AT)
    integration = integration_of(stack, route)
    if isinstance(integration, str):
        return failed(route, integration, at=_AT)
    if isinstance(integration, Unknown):
        return unproven(route, "which integration the route leads to is undecided", integration, at=_AT)
    owner = api_of(stack, integration)
    missing = next((found for found in (api, owner) if isinstance(found, Unknown)), None)
    if missing is not None:
        # An API of another stack is still the same one where both name it by the same expression.
        if not same(stack.resolve(route.get("api_id")), stack.resolve(integration.get("api_id"))):
            return unproven(route, "whether route and integration belong to the same API is undecided", missing, at=_AT)
    elif api is not owner:
        assert isinstance(owner, Resource)
        message = f"{integration.address} belongs to {owner.address}, another API"
        return failed(route, message, at=_AT, related=[Related("the integration", integration.location)])
    missing = integration.exists_with(route)
    if missing is not None:
        return unproven(route, f"whether {integration.address} exists is undecided", missing, at=_AT)
    return _judge_uri(stack, route, integration)


def _judge_uri(stack: Stack, route: Resource, integration: Resource) -> Result:
    sites = call_sites(stack, integration)
    if not sites:
        return passed(route, f"leads to {integration.address}", at=_AT)
    related = [Related("the integration", integration.position(_URI))]
    uri = integration.get(_URI)
    target = sites[0].target
    if is_null(uri) and is_null(stack.resolve(integration.get("integration_subtype"))):
        return failed(route, f"{integration.address} has no integration_uri", at=_AT, related=related)
    if not is_null(uri) and _is_no_arn(stack, uri):
        message = f"the integration_uri of {integration.address} is {describe(uri)}, which is no ARN; take invoke_arn"
        return failed(route, message, at=_AT, related=related)
    if isinstance(target, Unknown) and isinstance(uri, Reference) and _is_function_elsewhere(stack, uri):
        return passed(route, f"leads to {uri.address} through {integration.address}", at=_AT)
    if isinstance(target, Unknown):
        return unproven(route, f"which function {integration.address} calls is undecided", target, at=_AT)
    missing = target.function.exists_with(integration)
    if missing is not None:
        return unproven(route, f"whether {target.function.address} exists is undecided", missing, at=_AT)
    return passed(route, f"leads to {target.function.address} through {integration.address}", at=_AT)


def _is_function_elsewhere(stack: Stack, uri: Reference) -> bool:
    """Whether a URI is the ARN of a function, an alias or a version that a data source finds."""
    found = stack.by_address.get(uri.address)
    is_function = found is not None and found.type in ("aws_lambda_function", "aws_lambda_alias") and not found.managed
    return is_function and uri.attribute in _ARNS


def _is_no_arn(stack: Stack, uri: Value) -> bool:
    """Whether a URI begins with a function's or an alias's name, a version, or a literal other than arn:."""
    for value in (uri, stack.resolve(uri)):
        first = value.parts[0] if isinstance(value, Template) else value
        if isinstance(first, Known) and not str(first.value).startswith("arn:"):
            return True
        owner = stack.by_address.get(first.address) if isinstance(first, Reference) else None
        if owner is not None and (owner.type, first.attribute) in _NO_ARNS:
            return True
    return False


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
}

resource "aws_apigatewayv2_integration" "orders" {
  api_id                 = aws_apigatewayv2_api.shop.id
  integration_type       = "AWS_PROXY"
  integration_uri        = aws_lambda_function.orders.invoke_arn
  payload_format_version = "2.0"
}

resource "aws_apigatewayv2_route" "orders" {
  api_id    = aws_apigatewayv2_api.shop.id
  route_key = "GET /orders"
  target    = "integrations/${aws_apigatewayv2_integration.orders.id}"
}
"""

CONVENTION = Convention(
    id="ROUTE_TARGET",
    title="Every route leads to a function",
    why="A route without a target, or with another API's integration, is deployed and then answers 404 or 500.",
    fix='Set target = "integrations/${<an integration of the same API>.id}", and its integration_uri to the '
    "function's invoke_arn.",
    explains=(
        "A route's target is integrations/ followed by the id of an integration of the same API.",
        "A Lambda integration's integration_uri is the invoke_arn or the arn of a function, an alias or a version.",
    ),
    subject="aws_apigatewayv2_route",
    resource_types=("aws_apigatewayv2_route",),
    check=check,
    good=Example(GOOD),
    bad=Example(
        GOOD.replace(
            '"integrations/${aws_apigatewayv2_integration.orders.id}"', "aws_apigatewayv2_integration.orders.id"
        ),
        fails_at=(("aws_apigatewayv2_route.orders", 23),),
    ),
    sources=("https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html",),
    exemptions=("Routes of WebSocket APIs.",),
    not_shown=(
        NotShown(Surface.PLAN_ALONE, "target is made from ..., and how does not show in a plan without its source"),
    ),
)
