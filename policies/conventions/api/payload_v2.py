"""PAYLOAD_V2"""

from __future__ import annotations

from collections.abc import Iterator

from ...convention import Convention, Example, Result, failed, not_applicable, passed, undecided, unproven
from ...stack import Resource, Stack
from ...values import Known, Unknown, is_null
from ...wiring import api_of


def check(stack: Stack) -> Iterator[Result]:
    for integration in stack.of_type("aws_apigatewayv2_integration"):
        yield _judge(stack, integration)


def _judge(stack: Stack, integration: Resource) -> Result:
    kind = stack.resolve(integration.get("integration_type"))
    if isinstance(kind, Known) and kind.value != "AWS_PROXY":
        return not_applicable(integration, f"an integration of type {kind.value} calls no function", at="integration_type")
    if not is_null(integration.get("integration_subtype")):
        message = "a service integration takes payload format 1.0 only"
        return not_applicable(integration, message, at="integration_subtype")
    api = api_of(stack, integration)
    protocol = Unknown("") if isinstance(api, Unknown) else stack.resolve(api.get("protocol_type"))
    if protocol == Known("WEBSOCKET"):
        return not_applicable(integration, "WebSocket APIs have payload format 1.0 only", at="api_id")

    version = stack.resolve(integration.get("payload_format_version"))
    if version == Known("2.0"):
        return passed(integration, "the handler gets payload format 2.0", at="payload_format_version")
    if not isinstance(version, Known):
        missing = undecided("payload_format_version", version)
        return unproven(integration, "the payload format is undecided", missing, at="payload_format_version")
    if not isinstance(kind, Known):
        missing = undecided("integration_type", kind)
        return unproven(integration, "the kind of integration is undecided", missing, at="integration_type")
    if protocol != Known("HTTP"):
        missing = api if isinstance(api, Unknown) else undecided("protocol_type", protocol)
        return unproven(integration, "whether this is an HTTP API is undecided", missing, at="api_id")
    if version.value is None:
        return failed(integration, "payload_format_version is not set, and the default is 1.0, whose event has no rawPath")
    message = f"payload_format_version is {version.value}, whose event has no rawPath"
    return failed(integration, message, at="payload_format_version")


GOOD = """\
resource "aws_apigatewayv2_api" "shop" {
  name          = "shop"
  protocol_type = "HTTP"
}

resource "aws_apigatewayv2_integration" "orders" {
  api_id                 = aws_apigatewayv2_api.shop.id
  integration_type       = "AWS_PROXY"
  integration_uri        = "arn:aws:lambda:eu-west-1:123456789012:function:orders"
  payload_format_version = "2.0"
}
"""

CONVENTION = Convention(
    id="PAYLOAD_V2",
    title="Integrations send payload format 2.0",
    why="The default is 1.0, whose event lacks rawPath and cookies: a handler written for 2.0 answers 200 with holes in it.",
    fix='Set payload_format_version = "2.0".',
    explains=(
        'Every AWS_PROXY integration of an HTTP API with a function sets payload_format_version = "2.0".',
        "Not applicable to service integrations (integration_subtype), HTTP_PROXY and WebSocket APIs.",
    ),
    check=check,
    subject="aws_apigatewayv2_integration",
    resource_types=("aws_apigatewayv2_integration",),
    good=Example(GOOD),
    bad=Example(
        GOOD.replace('  payload_format_version = "2.0"\n', ""),
        fails_at=(("aws_apigatewayv2_integration.orders", 6),),
    ),
    sources=(
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html",
    ),
)
