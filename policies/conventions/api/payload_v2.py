"""PAYLOAD_V2"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...changes import Change, NotSafe, set_attribute
from ...convention import Convention, Example, Result, failed, is_set, not_applicable, passed, undecided, unproven
from ...openapi import Operation
from ...stack import Resource, Stack
from ...values import Known, Unknown, Value, describe, is_null
from ...wiring import HTTP_API, api_of, call_sites, definition_of, operations_of

_AT = "payload_format_version"


def check(stack: Stack, resource: Resource) -> Result | Iterator[Result]:
    return _judge_api(stack, resource) if resource.type == HTTP_API else _judge(stack, resource)


def _judge(stack: Stack, integration: Resource) -> Result:
    kind = stack.resolve(integration.get("integration_type"))
    if isinstance(kind, Known) and kind.value != "AWS_PROXY":
        message = f"payload format 2.0 is of AWS_PROXY integrations, and this is {kind.value}"
        return not_applicable(integration, message, at="integration_type")
    subtype = stack.resolve(integration.get("integration_subtype"))
    if is_set(subtype):
        message = "a service integration takes payload format 1.0 only"
        return not_applicable(integration, message, at="integration_subtype")
    api = api_of(stack, integration)
    protocol = api if isinstance(api, Unknown) else stack.resolve(api.get("protocol_type"))
    if protocol == Known("WEBSOCKET"):
        return not_applicable(integration, "WebSocket APIs have payload format 1.0 only", at="api_id")

    version = stack.resolve(integration.get(_AT))
    if version == Known("2.0"):
        return passed(integration, "the handler gets payload format 2.0", at=_AT)
    for attribute, value in ((_AT, version), ("integration_type", kind), ("integration_subtype", subtype)):
        if not isinstance(value, Known):
            missing = undecided(attribute, value)
            return unproven(integration, "the payload format is undecided", missing, at=attribute)
    if protocol != Known("HTTP"):
        missing = undecided("protocol_type", protocol)
        return unproven(integration, "whether this is an HTTP API is undecided", missing, at="api_id")
    return failed(integration, _wrong(_AT, version), at=_AT)


def _wrong(name: str, version: Value) -> str:
    if is_null(version):
        return f"{name} is not set, and the default is 1.0, whose event has no rawPath"
    if version == Known("1.0"):
        return f"{name} is 1.0, whose event has no rawPath"
    return f'{name} is {describe(version)}, not "2.0"'


def _judge_api(stack: Stack, api: Resource) -> Iterator[Result]:
    """The integrations that an API declares itself: in an OpenAPI body, or by quick create."""
    protocol = stack.resolve(api.get("protocol_type"))
    if protocol == Known("WEBSOCKET"):
        return
    if definition_of(stack, api) is None:
        if call_sites(stack, api):
            message = "the integration that AWS makes for target has payload format 2.0"
            yield not_applicable(api, message, at="target")
        return
    operations = operations_of(stack, api)
    if isinstance(operations, Unknown):
        yield unproven(api, "the payload formats in the OpenAPI body are undecided", operations, at="body")
        return
    for operation, _ in operations:
        yield _judge_operation(api, operation, protocol)


def _judge_operation(api: Resource, operation: Operation, protocol: Value) -> Result:
    about, kind, version = f"{operation.route_key}: ", operation.get("type"), operation.get("payloadFormatVersion")
    if isinstance(kind, Known) and str(kind.value).upper() != "AWS_PROXY":
        message = f"{about}payload format 2.0 is of AWS_PROXY integrations, and this is {describe(kind)}"
        return not_applicable(api, message, at="body")
    if is_set(operation.get("integrationSubtype")):
        return not_applicable(api, f"{about}a service integration takes payload format 1.0 only", at="body")
    if version == Known("2.0"):
        return passed(api, f"{about}the handler gets payload format 2.0", at="body")
    for name in ("payloadFormatVersion", "type", "integrationSubtype"):
        if not isinstance(value := operation.get(name), Known):
            return unproven(api, f"{about}the payload format is undecided", undecided(name, value), at="body")
    if protocol != Known("HTTP"):
        missing = undecided("protocol_type", protocol)
        return unproven(api, f"{about}whether this is an HTTP API is undecided", missing, at="protocol_type")
    return failed(api, f"{about}{_wrong('payloadFormatVersion', version)}", at="body")


def repair(stack: Stack, result: Result) -> Sequence[Change]:
    """Of a declared integration; an OpenAPI body is text of another kind."""
    assert result.judged is not None
    if result.judged.type == HTTP_API:
        raise NotSafe("it stands in an OpenAPI body")
    return [set_attribute(result.judged, _AT, '"2.0"')]


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
    why="The default is 1.0, whose event has no rawPath: a handler written for 2.0 runs, and answers without it.",
    fix='Set payload_format_version = "2.0".',
    explains=(
        'Every AWS_PROXY integration of an HTTP API with a function sets payload_format_version = "2.0".',
        "In an OpenAPI body it is payloadFormatVersion; each operation has a result of its own, at the API.",
    ),
    subject="aws_apigatewayv2_integration, nor an integration in an OpenAPI body",
    resource_types=("aws_apigatewayv2_integration", HTTP_API),
    check=check,
    repair=repair,
    good=Example(GOOD),
    bad=Example(
        GOOD.replace('"2.0"', '"1.0"'),
        fails_at=(("aws_apigatewayv2_integration.orders", 10),),
    ),
    sources=("https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html",),
    exemptions=(
        "Service integrations (integration_subtype), which take format 1.0 only.",
        "Integrations of other types than AWS_PROXY.",
        "Integrations of WebSocket APIs.",
        "Quick create (target on the API itself), for which AWS sets 2.0.",
    ),
)
