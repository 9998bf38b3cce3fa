"""HTTP_API"""

from __future__ import annotations

from ...convention import Convention, Example, Result, failed, not_applicable, passed, undecided, unproven
from ...stack import Resource, Stack
from ...values import Known


def check(stack: Stack, api: Resource) -> Result:
    if api.type == "aws_api_gateway_rest_api":
        return failed(api, "this is a REST API, which costs more than three times as much a call as an HTTP API")
    protocol = stack.resolve(api.get("protocol_type"))
    if protocol == Known("HTTP"):
        return passed(api, "an HTTP API", at="protocol_type")
    if protocol == Known("WEBSOCKET"):
        return not_applicable(api, "a WebSocket API, which an HTTP API cannot replace", at="protocol_type")
    if isinstance(protocol, Known):
        return failed(api, "protocol_type is not HTTP", at="protocol_type")
    return unproven(api, "the protocol is undecided", undecided("protocol_type", protocol), at="protocol_type")


GOOD = """\
resource "aws_apigatewayv2_api" "shop" {
  name          = "shop"
  protocol_type = "HTTP"
}
"""

CONVENTION = Convention(
    id="HTTP_API",
    title="APIs are HTTP APIs",
    why="An HTTP API costs about 70 % less a call than a REST API and adds less latency; a REST API is worth it only "
    "for what HTTP APIs lack, such as request validation and API keys.",
    fix='Declare an aws_apigatewayv2_api with protocol_type = "HTTP".',
    explains=("APIs are aws_apigatewayv2_api with protocol_type HTTP; aws_api_gateway_rest_api fails.",),
    subject="aws_apigatewayv2_api or aws_api_gateway_rest_api",
    resource_types=("aws_apigatewayv2_api", "aws_api_gateway_rest_api"),
    check=check,
    good=Example(GOOD),
    bad=Example(
        'resource "aws_api_gateway_rest_api" "shop" {\n  name = "shop"\n}\n',
        fails_at=(("aws_api_gateway_rest_api.shop", 1),),
    ),
    sources=("https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-vs-rest.html",),
    exemptions=("WebSocket APIs, which an HTTP API cannot replace.",),
)
