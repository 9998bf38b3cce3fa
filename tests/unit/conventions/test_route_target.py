"""ROUTE_TARGET, clause by clause."""

from __future__ import annotations

import pytest

from tests.unit.conventions.http_api import ALIAS, API, FUNCTION, OTHER_API, block, integration
from tests.unit.conventions.judging import expect

ROUTE = "aws_apigatewayv2_route.orders"
INTEGRATION = "aws_apigatewayv2_integration.orders"
ORDERS = "aws_lambda_function.orders"
SHOP_ID = "aws_apigatewayv2_api.shop.id"
TARGET = f'"integrations/${{{INTEGRATION}.id}}"'
GOOD = f"leads to {ORDERS} through {INTEGRATION}"
WHICH = "which integration the route leads to is undecided: "
CALLS = f"which function {INTEGRATION} calls is undecided: "
ADVICE = "and var.x has no value; give it one with --var-file"
VARIABLE = 'variable "x" {}\n'
STACK = API + FUNCTION


def route(target: str = f"«{TARGET}»", *more: str, api: str = SHOP_ID) -> str:
    return block("aws_apigatewayv2_route", "orders", f"api_id = {api}", f"target = {target}", *more)


def expect_verdict(verdict: str, message: str, source: str) -> None:
    expect("ROUTE_TARGET", source, (verdict, ROUTE, message))


@pytest.mark.parametrize(
    "target",
    [TARGET, f'format("integrations/%s", {INTEGRATION}.id)', f'join("/", ["integrations", {INTEGRATION}.id])'],
)
def test_the_id_of_an_integration_passes(target: str) -> None:
    expect_verdict("pass", GOOD, STACK + integration() + route(f"«{target}»"))


def test_a_local_is_followed() -> None:
    source = STACK + integration() + route("«local.target»") + f"locals {{\n  target = {TARGET}\n}}\n"
    expect_verdict("pass", GOOD, source)


def test_no_target_fails_at_the_header_and_null_at_the_expression() -> None:
    message = "target is not set, so that the route leads nowhere"
    expect_verdict("fail", message, API + block("aws_apigatewayv2_route", "«orders", f"api_id = {SHOP_ID}"))
    expect_verdict("fail", message, API + route("«null»"))


@pytest.mark.parametrize(
    ("target", "shown"),
    [
        (f"{INTEGRATION}.id", f"{INTEGRATION}.id"),
        (f'"integration/${{{INTEGRATION}.id}}"', None),
        (f'"/integrations/${{{INTEGRATION}.id}}"', None),
        (f'"integrations/${{{INTEGRATION}.id}}/"', None),
        ('"abc123"', None),
        ('""', None),
        ('"/integrations/${var.x}"', None),
    ],
)
def test_anything_else_around_the_id_fails(target: str, shown: str | None) -> None:
    message = f"target is {shown or target}; it has to be integrations/ followed by the id"
    expect_verdict("fail", message, VARIABLE + STACK + integration() + route(f"«{target}»"))


@pytest.mark.parametrize("other", [ORDERS, "aws_apigatewayv2_api.shop"])
def test_the_id_of_something_else_fails(other: str) -> None:
    message = f"target names {other}, which is no integration"
    expect_verdict("fail", message, STACK + route(f'«"integrations/${{{other}.id}}"»'))


def test_a_literal_id_is_unproven() -> None:
    message = WHICH + 'target is "integrations/abc123", which names no integration of this stack'
    expect_verdict("unproven", message, STACK + integration() + route('«"integrations/abc123"»'))


@pytest.mark.parametrize("target", ["var.x", '"integrations/${var.x}"'])
def test_a_variable_without_default_is_unproven_with_advice(target: str) -> None:
    expect_verdict("unproven", f"{WHICH}target is {target}, {ADVICE}", VARIABLE + STACK + route(f"«{target}»"))


def test_an_integration_of_another_api_fails() -> None:
    source = STACK + OTHER_API + integration(api="aws_apigatewayv2_api.blog.id") + route()
    expect_verdict("fail", f"{INTEGRATION} belongs to aws_apigatewayv2_api.blog, another API", source)


@pytest.mark.parametrize("side", ["route", "integration"])
def test_an_undecided_api_on_one_side_is_unproven(side: str) -> None:
    apis = {"route": SHOP_ID, "integration": SHOP_ID, side: "var.x"}
    source = VARIABLE + STACK + integration(api=apis["integration"]) + route(api=apis["route"])
    message = (
        "whether route and integration belong to the same API is undecided: the API var.x is not declared in this stack"
    )
    expect_verdict("unproven", message, source)


@pytest.mark.parametrize("api", ["var.x", "data.aws_apigatewayv2_api.it.id"])
def test_an_api_of_another_stack_on_both_sides_is_one_api(api: str) -> None:
    data = VARIABLE + 'data "aws_apigatewayv2_api" "it" {\n  api_id = "a1b2c3"\n}\n'
    source = data + STACK + integration(api=api) + route(api=api)
    expect_verdict("pass", f"leads to {ORDERS} through {INTEGRATION}", source)


def test_a_route_of_a_websocket_api_is_not_applicable() -> None:
    source = API.replace('"HTTP"', '"WEBSOCKET"') + route('"mock"', api=f"«{SHOP_ID}»")
    expect_verdict("not_applicable", "a route of a WebSocket API", source)


@pytest.mark.parametrize(
    "lines",
    [
        ('integration_type = "HTTP_PROXY"', 'integration_uri = "https://example.com"'),
        ('integration_type = "AWS_PROXY"', 'integration_subtype = "SQS-SendMessage"'),
    ],
)
def test_an_integration_that_calls_no_function_passes(lines: tuple[str, ...]) -> None:
    other = block("aws_apigatewayv2_integration", "orders", f"api_id = {SHOP_ID}", *lines)
    expect_verdict("pass", f"leads to {INTEGRATION}", API + other + route())


# The integration's URI


@pytest.mark.parametrize(
    "uri",
    [
        f"{ORDERS}.invoke_arn",
        f"{ORDERS}.arn",
        f"{ORDERS}.qualified_arn",
        f"{ORDERS}.qualified_invoke_arn",
        f'"${{{ORDERS}.arn}}:live"',
        "aws_lambda_alias.live.invoke_arn",
        "aws_lambda_alias.live.arn",
        '"arn:aws:lambda:eu-west-1:123456789012:function:orders"',
        '"arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/${aws_lambda_function.orders.arn}/invocations"',
    ],
)
def test_the_arn_of_a_function_an_alias_or_a_version_passes(uri: str) -> None:
    expect_verdict("pass", GOOD, STACK + ALIAS + integration(uri) + route())


@pytest.mark.parametrize(
    ("uri", "shown"),
    [
        (f"{ORDERS}.function_name", None),
        (f"{ORDERS}.id", None),
        (f"{ORDERS}.version", None),
        ("aws_lambda_alias.live.name", None),
        (f'"${{{ORDERS}.function_name}}:live"', None),
        ('"orders"', None),
        ('"function:${var.x}"', None),
        ("null", "no URI"),
    ],
)
def test_a_uri_that_is_no_arn_fails(uri: str, shown: str | None) -> None:
    message = f"the integration_uri of {INTEGRATION} is {uri}, which is no ARN; take invoke_arn"
    if shown:
        message = f"{INTEGRATION} has no integration_uri"
    expect_verdict("fail", message, VARIABLE + STACK + ALIAS + integration(uri) + route())


DATA = """\
data "aws_lambda_function" "it" {
  function_name = "it"
}
data "aws_lambda_alias" "it" {
  function_name = "it"
  name          = "live"
}
"""


@pytest.mark.parametrize(
    "uri",
    [
        *("data.aws_lambda_function.it.invoke_arn", "data.aws_lambda_function.it.qualified_arn"),
        "data.aws_lambda_alias.it.invoke_arn",
    ],
)
def test_a_function_that_a_data_source_finds_passes(uri: str) -> None:
    found = uri.rpartition(".")[0]
    expect_verdict("pass", f"leads to {found} through {INTEGRATION}", API + DATA + integration(uri) + route())


@pytest.mark.parametrize("attribute", ["role", "kms_key_arn"])
def test_another_attribute_of_such_a_function_is_unproven(attribute: str) -> None:
    uri = f"data.aws_lambda_function.it.{attribute}"
    message = f"{CALLS}the function {uri} is not declared in this stack"
    expect_verdict("unproven", message, API + DATA + integration(uri) + route())


@pytest.mark.parametrize("uri", ["var.x", "var.x.name"])
def test_a_function_outside_the_stack_is_unproven(uri: str) -> None:
    message = f"{CALLS}the function {uri} is not declared in this stack"
    expect_verdict("unproven", message, VARIABLE + API + integration(uri) + route())


def test_an_undecided_subtype_without_a_uri_is_unproven() -> None:
    message = f"{CALLS}integration_subtype is var.x, {ADVICE}"
    expect_verdict("unproven", message, VARIABLE + API + integration("null", "integration_subtype = var.x") + route())


# Instances and modules

SWITCH = 'variable "create" {\n  type = bool\n}\n'
COUNT = "count = var.create ? 1 : 0"
DEPENDS = "whether it exists depends on var.create ? 1 : 0"


def test_an_integration_that_may_not_exist_is_unproven() -> None:
    source = SWITCH + STACK + integration(f"{ORDERS}.arn", COUNT) + route(f'«"integrations/${{{INTEGRATION}[0].id}}"»')
    expect_verdict("unproven", f"whether {INTEGRATION}[0] exists is undecided: {INTEGRATION}[0]: {DEPENDS}", source)


def test_a_function_that_may_not_exist_is_unproven() -> None:
    function = block("aws_lambda_function", "orders", COUNT, 'function_name = "orders"')
    source = SWITCH + API + function + integration(f"{ORDERS}[0].arn") + route()
    expect_verdict("unproven", f"whether {ORDERS}[0] exists is undecided: {ORDERS}[0]: {DEPENDS}", source)


def test_an_integration_that_exists_whenever_the_route_does_passes() -> None:
    source = SWITCH + STACK + integration(f"{ORDERS}.arn", COUNT)
    source += route(f'«"integrations/${{{INTEGRATION}[0].id}}"»', COUNT)
    expect("ROUTE_TARGET", source, ("pass", f"{ROUTE}[0]", f"leads to {ORDERS} through {INTEGRATION}[0]"))


def test_a_map_on_both_sides() -> None:
    each = 'for_each = { a = "x", b = "y" }'
    target = f'«"integrations/${{{INTEGRATION}[each.key].id}}"»'
    source = STACK + integration(f"{ORDERS}.arn", each) + route(target, each)
    messages = [(f'{ROUTE}["{key}"]', f'leads to {ORDERS} through {INTEGRATION}["{key}"]') for key in "ab"]
    expect("ROUTE_TARGET", source, *(("pass", address, message) for address, message in messages))


def test_an_integration_from_a_module() -> None:
    files = {
        "main.tf": f'module "orders" {{\n  source = "./orders"\n  api = {SHOP_ID}\n}}\n'
        + API
        + route("«module.orders.target»"),
        "orders/main.tf": 'variable "api" {}\n'
        + FUNCTION
        + integration(api="var.api")
        + f'output "target" {{\n  value = {TARGET}\n}}\n',
    }
    message = f"leads to module.orders.{ORDERS} through module.orders.{INTEGRATION}"
    expect("ROUTE_TARGET", files, ("pass", ROUTE, message))


def test_a_module_that_is_not_fetched_is_unproven() -> None:
    source = API + 'module "orders" {\n  source = "example.com/orders"\n}\n' + route("«module.orders.target»")
    expect_verdict("unproven", WHICH + "module.orders is not on disk: run terraform init to fetch it", source)


def test_a_rest_method_is_no_route() -> None:
    source = 'resource "aws_api_gateway_rest_api" "old" {\n  name = "old"\n}\n'
    expect("ROUTE_TARGET", source, ("not_applicable", None, "the stack has no aws_apigatewayv2_route"))
