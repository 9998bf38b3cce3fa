"""PAYLOAD_V2, clause by clause."""

from __future__ import annotations

import pytest

from tests.unit.conventions.judging import expect

INTEGRATION = "aws_apigatewayv2_integration.orders"
SHOP = "aws_apigatewayv2_api.shop"
GOOD = "the handler gets payload format 2.0"
UNSET = "payload_format_version is not set, and the default is 1.0, whose event has no rawPath"
API = 'resource "aws_apigatewayv2_api" "shop" {\n  name          = "shop"\n  protocol_type = "HTTP"\n}\n'
HEADER = '«resource "aws_apigatewayv2_integration" "orders"»'


def integration(
    version: str = "",
    *more: str,
    kind: str = '"AWS_PROXY"',
    api_id: str = "aws_apigatewayv2_api.shop.id",
    header: str = 'resource "aws_apigatewayv2_integration" "orders"',
) -> str:
    lines = [f"api_id = {api_id}", f"integration_type = {kind}", *more]
    lines += [f"payload_format_version = {version}"] if version else []
    return f"{header} {{\n" + "".join(f"  {line}\n" for line in lines) + "}\n"


def api(*more: str, header: str = 'resource "aws_apigatewayv2_api" "shop"') -> str:
    return f"{header} {{\n" + "".join(f"  {line}\n" for line in more) + "}\n"


def test_2_0_passes() -> None:
    expect("PAYLOAD_V2", API + integration('«"2.0"»'), ("pass", INTEGRATION, GOOD))


def test_absent_is_1_0_and_fails_at_the_header() -> None:
    expect("PAYLOAD_V2", API + integration(header=HEADER), ("fail", INTEGRATION, UNSET))


def test_null_is_absent_and_fails_at_the_expression() -> None:
    expect("PAYLOAD_V2", API + integration("«null»"), ("fail", INTEGRATION, UNSET))


def test_1_0_fails() -> None:
    message = "payload_format_version is 1.0, whose event has no rawPath"
    expect("PAYLOAD_V2", API + integration('«"1.0"»'), ("fail", INTEGRATION, message))


@pytest.mark.parametrize(("written", "shown"), [('"2"', '"2"'), ("2.0", "2"), ('"2.1"', '"2.1"')])
def test_another_version_fails(written: str, shown: str) -> None:
    message = f'payload_format_version is {shown}, not "2.0"'
    expect("PAYLOAD_V2", API + integration(f"«{written}»"), ("fail", INTEGRATION, message))


@pytest.mark.parametrize("kind", ["HTTP_PROXY", "HTTP", "AWS", "MOCK"])
def test_other_integrations_are_not_applicable(kind: str) -> None:
    message = f"payload format 2.0 is of AWS_PROXY integrations, and this is {kind}"
    expect("PAYLOAD_V2", API + integration(kind=f'«"{kind}"»'), ("not_applicable", INTEGRATION, message))


def test_a_service_integration_is_not_applicable() -> None:
    message = "a service integration takes payload format 1.0 only"
    source = API + integration('"1.0"', 'integration_subtype = «"SQS-SendMessage"»')
    expect("PAYLOAD_V2", source, ("not_applicable", INTEGRATION, message))


def test_a_null_subtype_is_none() -> None:
    source = API + integration('«"1.0"»', "integration_subtype = null")
    expect("PAYLOAD_V2", source, ("fail", INTEGRATION, "payload_format_version is 1.0, whose event has no rawPath"))


def test_a_websocket_api_is_not_applicable() -> None:
    source = API.replace('"HTTP"', '"WEBSOCKET"') + integration(api_id="«aws_apigatewayv2_api.shop.id»")
    expect("PAYLOAD_V2", source, ("not_applicable", INTEGRATION, "WebSocket APIs have payload format 1.0 only"))


def test_a_rest_integration_is_no_subject() -> None:
    source = 'resource "aws_api_gateway_integration" "orders" {\n  type = "AWS_PROXY"\n}\n'
    message = "the stack has no aws_apigatewayv2_integration, nor an integration in an OpenAPI body"
    expect("PAYLOAD_V2", source, ("not_applicable", None, message))


@pytest.mark.parametrize(
    ("written", "at", "name"),
    [
        ({"version": "«var.x»"}, "", "payload_format_version"),
        ({"kind": "«var.x»"}, "", "integration_type"),
        ({}, "integration_subtype = «var.x»", "integration_subtype"),
    ],
)
def test_a_variable_without_default_is_unproven_with_advice(written: dict[str, str], at: str, name: str) -> None:
    source = (
        API
        + 'variable "x" {}\n'
        + integration(*([written.get("version", "")] + ([at] if at else [])), kind=written.get("kind", '"AWS_PROXY"'))
    )
    message = f"the payload format is undecided: {name} is var.x, and var.x has no value; give it one with --var-file"
    expect("PAYLOAD_V2", source, ("unproven", INTEGRATION, message))


def test_2_0_passes_whatever_else_is_undecided() -> None:
    source = 'variable "x" {}\n' + integration('«"2.0"»', "integration_subtype = var.x", kind="var.x", api_id="var.x")
    expect("PAYLOAD_V2", source, ("pass", INTEGRATION, GOOD))


def test_an_undecided_protocol_is_unproven() -> None:
    source = API.replace('"HTTP"', "var.p") + 'variable "p" {}\n' + integration(api_id="«aws_apigatewayv2_api.shop.id»")
    message = (
        "whether this is an HTTP API is undecided: protocol_type is var.p, and var.p has no value; "
        "give it one with --var-file"
    )
    expect("PAYLOAD_V2", source, ("unproven", INTEGRATION, message))


@pytest.mark.parametrize("api_id", ["data.aws_apigatewayv2_api.shop.id", '"abc123"'])
def test_an_api_outside_the_stack_is_unproven(api_id: str) -> None:
    source = 'data "aws_apigatewayv2_api" "shop" {\n  api_id = "abc123"\n}\n' + integration(api_id=f"«{api_id}»")
    message = (
        f"whether this is an HTTP API is undecided: protocol_type is the API {api_id} is not declared in this stack"
    )
    message = f"whether this is an HTTP API is undecided: the API {api_id} is not declared in this stack"
    expect("PAYLOAD_V2", source, ("unproven", INTEGRATION, message))


def test_an_api_from_a_module_and_the_version_from_its_output() -> None:
    files = {
        "main.tf": 'module "api" {\n  source = "./api"\n}\n'
        + integration("«module.api.version»", api_id="module.api.id"),
        "api/main.tf": API + 'output "id" {\n  value = aws_apigatewayv2_api.shop.id\n}\n'
        'output "version" {\n  value = "1.0"\n}\n',
    }
    message = "payload_format_version is 1.0, whose event has no rawPath"
    expect("PAYLOAD_V2", files, ("fail", INTEGRATION, message))


def test_each_instance_has_its_own_verdict() -> None:
    source = API + integration("«each.value»", 'for_each = { a = "2.0", b = "1.0" }')
    expect(
        "PAYLOAD_V2",
        source,
        ("pass", f'{INTEGRATION}["a"]', GOOD),
        ("fail", f'{INTEGRATION}["b"]', "payload_format_version is 1.0, whose event has no rawPath"),
    )


def test_quick_create_is_not_applicable() -> None:
    source = api('protocol_type = "HTTP"', "target = «aws_lambda_function.orders.arn»")
    source += 'resource "aws_lambda_function" "orders" {\n  function_name = "orders"\n}\n'
    message = "the integration that AWS makes for target has payload format 2.0"
    expect("PAYLOAD_V2", source, ("not_applicable", SHOP, message))


def test_quick_create_for_a_url_is_no_subject() -> None:
    source = api('protocol_type = "HTTP"', 'target = "https://example.com"')
    message = "the stack has no aws_apigatewayv2_integration, nor an integration in an OpenAPI body"
    expect("PAYLOAD_V2", source, ("not_applicable", None, message))


def body(*operations: tuple[str, str]) -> str:
    paths = ", ".join(
        f'"{path}" = {{ get = {{ x-amazon-apigateway-integration = {{ {it} }} }} }}' for path, it in operations
    )
    return f'«jsonencode({{ openapi = "3.0.1", paths = {{ {paths} }} }})»'


URI = "uri = aws_lambda_function.orders.invoke_arn"
PROXY = f'type = "aws_proxy", {URI}'
FUNCTION = 'resource "aws_lambda_function" "orders" {\n  function_name = "orders"\n}\n'


def expect_body(written: str, *expected: tuple[str, str | None, str]) -> None:
    expect("PAYLOAD_V2", api('protocol_type = "HTTP"', f"body = {written}") + FUNCTION, *expected)


def test_an_openapi_body_says_payload_format_version() -> None:
    good = ("/orders", f'{PROXY}, payloadFormatVersion = "2.0"')
    expect_body(body(good), ("pass", SHOP, f"GET /orders: {GOOD}"))
    expect_body(
        body(good, ("/items", PROXY)),
        ("fail", SHOP, f"GET /items: {UNSET.replace('payload_format_version', 'payloadFormatVersion')}"),
        ("pass", SHOP, f"GET /orders: {GOOD}"),
    )
    expect_body(
        body(good, ("/items", f'{PROXY}, payloadFormatVersion = "1.0"')),
        ("fail", SHOP, "GET /items: payloadFormatVersion is 1.0, whose event has no rawPath"),
        ("pass", SHOP, f"GET /orders: {GOOD}"),
    )


def test_2_0_without_quotes_is_2_in_jsonencode_and_2_0_in_yaml() -> None:
    source = body(("/orders", f"{PROXY}, payloadFormatVersion = 2.0"))
    expect_body(source, ("fail", SHOP, 'GET /orders: payloadFormatVersion is 2, not "2.0"'))
    expect_body(
        "«" + YAML_TEXT.rstrip() + "»",
        ("pass", SHOP, f"ANY /{{proxy+}}: {GOOD}"),
        ("fail", SHOP, "GET /items: payloadFormatVersion is 1.0, whose event has no rawPath"),
        ("not_applicable", SHOP, f'GET /page: {OTHER} "http_proxy"'),
    )


YAML_TEXT = """<<-YAML
  openapi: 3.0.1
  paths:
    /items:
      get:
        x-amazon-apigateway-integration: {$ref: '#/components/x-amazon-apigateway-integrations/items'}
    /page:
      get:
        x-amazon-apigateway-integration: {type: http_proxy, uri: https://example.com}
    /{proxy+}:
      x-amazon-apigateway-any-method:
        x-amazon-apigateway-integration:
          type: aws_proxy
          uri: ${aws_lambda_function.orders.invoke_arn}
          payloadFormatVersion: 2.0
  components:
    x-amazon-apigateway-integrations:
      items: {type: aws_proxy, uri: "${aws_lambda_function.orders.invoke_arn}", payloadFormatVersion: 1.0}
  YAML
"""
OTHER = "payload format 2.0 is of AWS_PROXY integrations, and this is"


def test_an_undecided_version_in_an_openapi_body_is_unproven_beside_one_that_fails() -> None:
    undecided = ("/orders", f"{PROXY}, payloadFormatVersion = aws_lambda_function.orders.version")
    message = (
        "GET /orders: the payload format is undecided: payloadFormatVersion is aws_lambda_function.orders.version, "
        "which only apply decides"
    )
    expect_body(body(undecided), ("unproven", SHOP, message))
    bad = ("/items", f'{PROXY}, payloadFormatVersion = "1.0"')
    expect_body(
        body(undecided, bad),
        ("fail", SHOP, "GET /items: payloadFormatVersion is 1.0, whose event has no rawPath"),
        ("unproven", SHOP, message),
    )


@pytest.mark.parametrize(
    ("name", "written"),
    [("type", f"type = var.x, {URI}"), ("integrationSubtype", f"{PROXY}, integrationSubtype = var.x")],
)
def test_an_undecided_kind_in_an_openapi_body_is_unproven_unless_the_version_is_right(name: str, written: str) -> None:
    variable = 'variable "x" {}\n'
    source = api('protocol_type = "HTTP"', f"body = {body(('/orders', written))}") + FUNCTION + variable
    message = (
        f"GET /orders: the payload format is undecided: {name} is var.x, and var.x has no value; "
        "give it one with --var-file"
    )
    expect("PAYLOAD_V2", source, ("unproven", SHOP, message))
    right = written + ', payloadFormatVersion = "2.0"'
    source = api('protocol_type = "HTTP"', f"body = {body(('/orders', right))}") + FUNCTION + variable
    expect("PAYLOAD_V2", source, ("pass", SHOP, f"GET /orders: {GOOD}"))


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ('type = "http_proxy", uri = "https://example.com"', f'{OTHER} "http_proxy"'),
        (f'{PROXY}, integrationSubtype = "SQS-SendMessage"', "a service integration takes payload format 1.0 only"),
    ],
)
def test_other_integrations_in_an_openapi_body_are_not_applicable(other: str, why: str) -> None:
    expect_body(body(("/orders", other)), ("not_applicable", SHOP, f"GET /orders: {why}"))


def test_an_openapi_body_that_is_not_read_is_unproven() -> None:
    message = "the payload formats in the OpenAPI body are undecided: the OpenAPI body is no object"
    expect_body('«"openapi.yaml"»', ("unproven", SHOP, message))


def test_the_body_of_an_api_whose_protocol_is_undecided() -> None:
    variable = 'variable "x" {}\n'
    source = api("protocol_type = «var.x»", f"body = {body(('/orders', PROXY)).strip('«»')}") + FUNCTION + variable
    message = (
        "GET /orders: whether this is an HTTP API is undecided: protocol_type is var.x, and var.x has no value; "
        "give it one with --var-file"
    )
    expect("PAYLOAD_V2", source, ("unproven", SHOP, message))


def test_an_empty_body_is_none() -> None:
    message = "the stack has no aws_apigatewayv2_integration, nor an integration in an OpenAPI body"
    expect_body('""', ("not_applicable", None, message))


def test_a_websocket_apis_body_is_no_subject() -> None:
    source = api('protocol_type = "WEBSOCKET"', "body = " + body(("/orders", PROXY)).strip("«»")) + FUNCTION
    message = "the stack has no aws_apigatewayv2_integration, nor an integration in an OpenAPI body"
    expect("PAYLOAD_V2", source, ("not_applicable", None, message))
