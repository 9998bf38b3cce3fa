"""OpenAPI bodies in every way that Terraform writes them, and the functions that they call."""

from __future__ import annotations

import json

import pytest

from tests.unit.conventions.http_api import FUNCTION, block, integration, marked, permission
from tests.unit.conventions.judging import expect

ORDERS = "aws_lambda_function.orders"
SHOP = "aws_apigatewayv2_api.shop"
REST = "aws_api_gateway_rest_api.shop"
GRANTED = f"aws_lambda_permission.shop lets {SHOP} invoke it"
REFUSED = f"no aws_lambda_permission lets {SHOP} invoke it: every call through it ends in a 500"
TARGET_UNDECIDED = "which function this calls is undecided: "

OPENAPI_YAML = """\
openapi: 3.0.1
info: {title: shop, version: 1.0}
x-defaults: &lambda
  type: aws_proxy
  payloadFormatVersion: 2.0
paths:
  /orders:
    get:
      x-amazon-apigateway-integration: {$ref: "#/components/x-amazon-apigateway-integrations/orders"}
  /$default:
    x-amazon-apigateway-any-method:
      x-amazon-apigateway-integration: {<<: *lambda, uri: "URI", timeoutInMillis: 2000}
components:
  x-amazon-apigateway-integrations:
    orders: {<<: *lambda, uri: "URI"}
"""
SETTINGS = {"type": "aws_proxy", "payloadFormatVersion": "2.0", "uri": "URI"}
OPENAPI_JSON = json.dumps(
    {
        "openapi": "3.0.1",
        "paths": {
            "/orders": {
                "get": {
                    "x-amazon-apigateway-integration": {"$ref": "#/components/x-amazon-apigateway-integrations/orders"}
                }
            },
            "/$default": {
                "x-amazon-apigateway-any-method": {
                    "x-amazon-apigateway-integration": {**SETTINGS, "timeoutInMillis": 2000}
                }
            },
        },
        "components": {"x-amazon-apigateway-integrations": {"orders": SETTINGS}},
    },
    indent=2,
)
HCL = OPENAPI_JSON.replace('"URI"', f"{ORDERS}.invoke_arn")
ARN = "arn:aws:lambda:eu-west-1:123456789012:function:orders"
INVOCATION = f"arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/{ARN}/invocations"
ORDERS_ARN = f"{{ uri = {ORDERS}.invoke_arn }}"

WAYS = {
    "jsonencode": (f"jsonencode({HCL})", {}),
    "yamlencode": (f"yamlencode({HCL})", {}),
    "yamlencode of what is known": (f"yamlencode({OPENAPI_JSON.replace('URI', INVOCATION)})", {}),
    "file, JSON": ('file("${path.module}/api.json")', {"api.json": OPENAPI_JSON.replace("URI", ARN)}),
    "file, YAML": ('file("${path.module}/api.yaml")', {"api.yaml": OPENAPI_YAML.replace("URI", ARN)}),
    "templatefile, JSON": (
        f'templatefile("${{path.module}}/api.tftpl", {ORDERS_ARN})',
        {"api.tftpl": OPENAPI_JSON.replace("URI", "${uri}")},
    ),
    "templatefile, YAML": (
        f'templatefile("${{path.module}}/api.tftpl", {ORDERS_ARN})',
        {"api.tftpl": OPENAPI_YAML.replace("URI", "${uri}")},
    ),
    "templatefile, without quotes": (
        f'templatefile("${{path.module}}/api.tftpl", {ORDERS_ARN})',
        {"api.tftpl": OPENAPI_YAML.replace('"URI"', "${uri}")},
    ),
    "templatefile, an object in it": (
        f'templatefile("${{path.module}}/api.tftpl", {{ orders = {{ type = "aws_proxy", payloadFormatVersion = "2.0", '
        f"uri = {ORDERS}.invoke_arn }} }})",
        {
            "api.tftpl": OPENAPI_YAML.replace('{<<: *lambda, uri: "URI"}', "${jsonencode(orders)}").replace(
                "URI", "${orders.uri}"
            )
        },
    ),
    "a text": (f"<<-EOT\n{OPENAPI_YAML.replace('URI', f'${{{ORDERS}.invoke_arn}}')}EOT", {}),
    "a local": ("local.body", {"locals.tf": f"locals {{\n  body = jsonencode({HCL})\n}}\n"}),
    "a module": (
        "module.spec.body",
        {
            "spec.tf": f'module "spec" {{\n  source = "./spec"\n  uri = {ORDERS}.invoke_arn\n}}\n',
            "spec/main.tf": 'variable "uri" {}\noutput "body" {\n'
            '  value = templatefile("${path.module}/api.yaml", { uri = var.uri })\n}\n',
            "spec/api.yaml": OPENAPI_YAML.replace("URI", "${uri}"),
        },
    ),
}


def stack(body: str, *more: str, kind: str = "aws_apigatewayv2_api") -> str:
    protocol = ('protocol_type = "HTTP"',) if kind == "aws_apigatewayv2_api" else ()
    return block(kind, "shop", 'name = "shop"', *protocol, f"body = {body}", *more) + FUNCTION


@pytest.mark.parametrize(("body", "files"), WAYS.values(), ids=WAYS)
def test_every_way_to_write_a_body(body: str, files: dict[str, str]) -> None:
    source = stack(f"«{body}»")
    version = "the handler gets payload format 2.0"
    expect(
        "PAYLOAD_V2",
        {"main.tf": source, **files},
        ("pass", SHOP, f"$default: {version}"),
        ("pass", SHOP, f"GET /orders: {version}"),
    )
    expect(
        "TIMEOUT_CHAIN",
        {"main.tf": source, **files},
        ("fail", SHOP, f"$default: {ORDERS} may take 3 s, and the API answers 503 after 2 s"),
        ("pass", SHOP, "GET /orders: waits 30 s for a function that may take 3 s"),
    )
    source = marked(stack(body))
    expect("PERMISSION_EXPLICIT", {"main.tf": source, **files}, ("fail", ORDERS, REFUSED))
    expect("PERMISSION_EXPLICIT", {"main.tf": source + permission(), **files}, ("pass", ORDERS, GRANTED))
    three = permission(f'«"${{{SHOP}.execution_arn}}/*/*/*"»')
    message = f"/*/*/* does not cover the route $default in the body of {SHOP}, whose calls end in a 500; /*/* does"
    expect(
        "PERMISSION_SCOPE", {"main.tf": stack(body) + three, **files}, ("fail", "aws_lambda_permission.shop", message)
    )


def test_a_rest_apis_body_calls_functions_too() -> None:
    source = marked(stack(f"jsonencode({HCL})", kind="aws_api_gateway_rest_api"))
    expect("PERMISSION_EXPLICIT", source, ("fail", ORDERS, REFUSED.replace(SHOP, REST)))
    granted = source + permission(f'"${{{REST}.execution_arn}}/*/*"')
    expect("PERMISSION_EXPLICIT", granted, ("pass", ORDERS, GRANTED.replace(SHOP, REST)))


def test_a_uri_that_names_an_alias_needs_its_permission() -> None:
    uri = f"arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/${{{ORDERS}.arn}}:live/invocations"
    source = marked(stack(f'templatefile("${{path.module}}/api.yaml", {{ arn = {ORDERS}.arn }})'))
    api = OPENAPI_YAML.replace("URI", uri.replace(f"{ORDERS}.arn", "arn"))
    message = REFUSED.replace("invoke it:", 'invoke it, qualifier "live":')
    why = 'aws_lambda_permission.shop is for the function without qualifier, and the qualifier "live" is called'
    files = {"main.tf": source + permission(), "api.yaml": api}
    expect("PERMISSION_EXPLICIT", files, ("fail", ORDERS, f"{message}; {why}"))
    files = {"main.tf": source + permission(None, 'qualifier = "live"'), "api.yaml": api}
    expect("PERMISSION_EXPLICIT", files, ("pass", ORDERS, GRANTED))


def test_credentials_in_yaml_need_no_permission() -> None:
    role = 'resource "aws_iam_role" "api" {\n  assume_role_policy = "{}"\n}\n'
    text = OPENAPI_YAML.replace("type: aws_proxy", 'type: aws_proxy\n  credentials: "${role}"').replace("URI", "${uri}")
    variables = f"{{ uri = {ORDERS}.invoke_arn, role = aws_iam_role.api.arn }}"
    source = marked(stack(f'templatefile("${{path.module}}/api.yaml", {variables})')) + role
    message = f"{SHOP} (GET /orders) calls it with a role of its own"
    expect("PERMISSION_EXPLICIT", {"main.tf": source, "api.yaml": text}, ("not_applicable", ORDERS, message))


@pytest.mark.parametrize(
    ("body", "files", "why"),
    [
        ('file("${path.module}/no.yaml")', {}, "the file ./no.yaml cannot be read (there is no such file)"),
        ('file("${path.module}/api.yaml")', {"api.yaml": "a: ["}, "the OpenAPI body is not YAML (line 2, column 1: "),
        ('file("${path.module}/api.yaml")', {"api.yaml": "[" * 100_000}, "is nested more than 100 levels deep"),
        ('file("${path.module}/api.yaml")', {"api.yaml": "a: &a [*a, *b]"}, "(the alias *b names no anchor)"),
        ('file("${path.module}/api.json")', {"api.json": '{"a":' * 100_000}, "is too large or nested too deeply"),
        (
            'templatefile("${path.module}/api.yaml", { paths = yamlencode(var.x) })',
            {"api.yaml": "openapi: 3.0.1\n${paths}\n"},
            "could not find expected ':'), but a part of it is yamlencode(var.x), and var.x has no value; "
            "give it one with --var-file",
        ),
    ],
)
def test_a_body_that_cannot_be_read_is_unproven_with_the_reason(body: str, files: dict[str, str], why: str) -> None:
    from tests.unit.conventions.judging import judged

    source = stack(body) + 'variable "x" {}\n'
    for convention in ("PERMISSION_EXPLICIT", "PAYLOAD_V2", "TIMEOUT_CHAIN"):
        (result,), _ = judged(convention, {"main.tf": source, **files})
        assert (result.verdict.value, result.address) == ("unproven", SHOP)
        assert why in result.message


# Authorizers

SCHEME = '{{ type = "apiKey", x-amazon-apigateway-authorizer = {{ {0} }} }}'
REQUEST = f'type = "request", authorizerUri = {ORDERS}.invoke_arn'


def openapi(authorizer: str, *, swagger: bool = False) -> str:
    scheme = SCHEME.format(authorizer)
    if swagger:
        return f"jsonencode({{ swagger = 2, securityDefinitions = {{ guard = {scheme} }} }})"
    return f"jsonencode({{ openapi = 3, components = {{ securitySchemes = {{ guard = {scheme} }} }} }})"


@pytest.mark.parametrize("kind", ["aws_apigatewayv2_api", "aws_api_gateway_rest_api"])
@pytest.mark.parametrize("authorizer", [REQUEST, REQUEST.replace("request", "token")])
@pytest.mark.parametrize("swagger", [False, True])
def test_an_authorizer_in_a_body_needs_a_permission(kind: str, authorizer: str, swagger: bool) -> None:
    source = marked(stack(openapi(authorizer, swagger=swagger), kind=kind))
    api = f"an authorizer of {kind}.shop"
    expect("PERMISSION_EXPLICIT", source, ("fail", ORDERS, REFUSED.replace(SHOP, api)))
    for suffix in ("/authorizers/*", "/*/*"):
        granted = source + permission(f'"${{{kind}.shop.execution_arn}}{suffix}"')
        expect("PERMISSION_EXPLICIT", granted, ("pass", ORDERS, GRANTED.replace(SHOP, api)))


def test_an_authorizers_permission_is_not_enough_for_an_integration() -> None:
    source = marked(stack(openapi(REQUEST))) + integration()
    authorizers = permission(f'"${{{SHOP}.execution_arn}}/authorizers/*"')
    why = "aws_lambda_permission.shop has a source_arn that is not of its routes"
    expect(
        "PERMISSION_EXPLICIT",
        source + authorizers,
        ("pass", ORDERS, GRANTED.replace(SHOP, f"an authorizer of {SHOP}")),
        ("fail", ORDERS, f"{REFUSED}; {why}"),
    )


def test_the_scope_of_an_authorizers_permission() -> None:
    authorizers = permission(f'«"${{{SHOP}.execution_arn}}/authorizers/*"»')
    message = f"scoped to the authorizers of {SHOP}"
    expect("PERMISSION_SCOPE", stack(openapi(REQUEST)) + authorizers, ("pass", "aws_lambda_permission.shop", message))
    message = "source_arn ends in /GET/orders, not in /*/*: it covers some calls only"
    narrow = permission(f'«"${{{SHOP}.execution_arn}}/GET/orders"»')
    expect("PERMISSION_SCOPE", stack(openapi(REQUEST)) + narrow, ("fail", "aws_lambda_permission.shop", message))


def test_an_authorizer_with_credentials_needs_no_permission() -> None:
    role = 'authorizerCredentials = "arn:aws:iam::123456789012:role/api"'
    message = f"{SHOP} (authorizer guard) calls it with a role of its own"
    source = marked(stack(openapi(f"{REQUEST}, {role}")))
    expect("PERMISSION_EXPLICIT", source, ("not_applicable", ORDERS, message))


@pytest.mark.parametrize(
    "authorizer",
    [
        'type = "jwt", jwtConfiguration = { issuer = "https://example.com" }',
        REQUEST.replace("request", "jwt"),
        REQUEST.replace("request", "COGNITO_USER_POOLS"),
        'type = "request"',
    ],
)
def test_an_authorizer_that_calls_no_function_is_no_subject(authorizer: str) -> None:
    message = "the stack has no API that calls a Lambda function"
    expect("PERMISSION_EXPLICIT", stack(openapi(authorizer)), ("not_applicable", None, message))


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (openapi("type = var.x"), ""),
        (openapi('type = "request", authorizerUri = var.x'), "the function var.x is not declared in this stack"),
        (
            "jsonencode({ components = var.x })",
            "a part of the OpenAPI body is var.x, and var.x has no value; give it one with --var-file",
        ),
        (
            "jsonencode({ components = { securitySchemes = { guard = var.x } } })",
            "a part of the OpenAPI body is var.x, and var.x has no value; give it one with --var-file",
        ),
    ],
)
def test_an_authorizer_that_is_undecided_is_unproven_at_the_api(body: str, why: str) -> None:
    source = stack(body).replace(FUNCTION, "") + 'variable "x" {}\n'
    if why:
        source = marked(source, "aws_apigatewayv2_api", "shop")
        expect("PERMISSION_EXPLICIT", source, ("unproven", SHOP, TARGET_UNDECIDED + why))
    else:
        message = "the stack has no API that calls a Lambda function"
        expect("PERMISSION_EXPLICIT", source, ("not_applicable", None, message))
