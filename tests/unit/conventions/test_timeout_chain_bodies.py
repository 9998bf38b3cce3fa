"""TIMEOUT_CHAIN of what an API declares itself: quick create, and each operation of an OpenAPI body."""

from __future__ import annotations

import pytest

from tests.unit.conventions.http_api import ALIAS, API, block
from tests.unit.conventions.judging import expect

SHOP = "aws_apigatewayv2_api.shop"
ORDERS = "aws_lambda_function.orders"
ADVICE = "and var.x has no value; give it one with --var-file"
VARIABLE = 'variable "x" {}\n'
NO_SUBJECT = "the stack has no aws_apigatewayv2_integration, nor an integration that an API declares itself"


def function(seconds: str = "") -> str:
    return block("aws_lambda_function", "orders", 'function_name = "orders"', f"timeout = {seconds or 'null'}")


def expect_api(lines: str, source: str, *expected: tuple[str, str | None, str], api: str = API) -> None:
    expect("TIMEOUT_CHAIN", api.replace("}\n", f"{lines}\n}}\n") + source, *expected)


# Quick create


@pytest.mark.parametrize(
    ("seconds", "verdict", "message"),
    [
        ("", "pass", "waits 30 s for a function that may take 3 s"),
        ("30", "pass", "waits 30 s for a function that may take 30 s"),
        ("31", "fail", f"{ORDERS} may take 31 s, and the API answers 503 after 30 s"),
        ("var.x", "unproven", f"how long {ORDERS} may take is undecided: timeout is var.x, {ADVICE}"),
    ],
)
def test_a_quick_create_api_waits_30_s(seconds: str, verdict: str, message: str) -> None:
    expect_api(f"  target = «{ORDERS}.arn»", function(seconds) + VARIABLE, (verdict, SHOP, message))


def test_a_quick_create_api_for_an_alias() -> None:
    message = f"{ORDERS} may take 31 s, and the API answers 503 after 30 s"
    expect_api("  target = «aws_lambda_alias.live.invoke_arn»", function("31") + ALIAS, ("fail", SHOP, message))


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("var.x", "the function var.x is not declared in this stack"),
        ('"items"', 'the function "items" is not declared in this stack'),
    ],
)
def test_a_quick_create_api_for_a_function_outside_the_stack_is_unproven(target: str, why: str) -> None:
    expected = ("unproven", SHOP, f"which function this calls is undecided: {why}")
    expect_api(f"  target = «{target}»", VARIABLE, expected)


def test_a_quick_create_api_for_a_url_has_no_function_to_wait_for() -> None:
    expect_api('  target = "https://example.com"', function(), ("not_applicable", None, NO_SUBJECT))


def test_an_api_that_declares_nothing_is_no_subject() -> None:
    expect_api("", function(), ("not_applicable", None, NO_SUBJECT))


# OpenAPI bodies


def body(**operations: str) -> str:
    paths = ", ".join(
        f'"/{path}" = {{ get = {{ x-amazon-apigateway-integration = {{ {it} }} }} }}' for path, it in operations.items()
    )
    return f'  body = «jsonencode({{ openapi = "3.0.1", paths = {{ {paths} }} }})»'


PROXY = f'type = "aws_proxy", uri = {ORDERS}.invoke_arn'


def test_each_operation_has_a_result_that_names_its_route() -> None:
    expect_api(
        body(
            a=PROXY,
            b=f"{PROXY}, timeoutInMillis = 9999",
            c=f"{PROXY}, timeoutInMillis = 10000",
            d=f"{PROXY}, timeoutInMillis = 30001",
            e='type = "http_proxy", uri = "https://example.com"',
            f=f"{PROXY}, timeoutInMillis = var.x",
            g=f'{PROXY}, timeoutInMillis = "soon"',
            h='type = "aws_proxy", uri = "items"',
            i='type = "aws_proxy"',
        ),
        function("10") + VARIABLE,
        ("pass", SHOP, "GET /a: waits 30 s for a function that may take 10 s"),
        ("fail", SHOP, f"GET /b: {ORDERS} may take 10 s, and the API answers 503 after 9.999 s"),
        ("pass", SHOP, "GET /c: waits 10 s for a function that may take 10 s"),
        ("fail", SHOP, "GET /d: timeoutInMillis is 30001, and an HTTP API waits 30000 at most"),
        ("not_applicable", SHOP, "GET /e: this integration calls no function"),
        ("unproven", SHOP, f"GET /f: how long the API waits is undecided: timeoutInMillis is var.x, {ADVICE}"),
        (
            "unproven",
            SHOP,
            'GET /g: how long the API waits is undecided: timeoutInMillis is "soon", which is no number',
        ),
        (
            "unproven",
            SHOP,
            'GET /h: which function this calls is undecided: the function "items" is not declared in this stack',
        ),
        ("unproven", SHOP, "GET /i: which function this calls is undecided: uri is not set"),
    )


def test_a_function_of_more_than_30_s_fails_even_where_the_wait_is_undecided() -> None:
    message = f"GET /a: {ORDERS} may take 31 s, and the API answers 503 after 30 s at most"
    expected = ("fail", SHOP, message)
    expect_api(body(a=f"{PROXY}, timeoutInMillis = var.x"), function("31") + VARIABLE, expected)


def test_an_undecided_timeout_of_the_function_is_unproven() -> None:
    message = f"GET /a: how long {ORDERS} may take is undecided: timeout is var.x, {ADVICE}"
    expect_api(body(a=PROXY), function("var.x") + VARIABLE, ("unproven", SHOP, message))


def test_an_undecided_protocol_is_unproven() -> None:
    api = API.replace('"HTTP"', "«var.x»")
    lines = body(a=PROXY).replace("«", "").replace("»", "")
    message = f"GET /a: whether this is an HTTP API is undecided: protocol_type is var.x, {ADVICE}"
    expect_api(lines, function() + VARIABLE, ("unproven", SHOP, message), api=api)


def test_what_a_websocket_api_declares_is_no_subject() -> None:
    api = API.replace('"HTTP"', '"WEBSOCKET"')
    lines = body(a=PROXY).replace("«", "").replace("»", "")
    expect_api(lines, function(), ("not_applicable", None, NO_SUBJECT), api=api)


def test_a_body_that_cannot_be_read_is_unproven() -> None:
    message = "the timeouts in the OpenAPI body are undecided: the OpenAPI body is no object"
    expect_api('  body = «"openapi.yaml"»', function(), ("unproven", SHOP, message))


def test_a_reference_that_leads_nowhere_is_unproven_for_its_operation_alone() -> None:
    why = 'the $ref "#/components/a" names nothing in the OpenAPI body'
    expect_api(
        body(a='"$ref" = "#/components/a"', b=PROXY),
        function(),
        ("unproven", SHOP, f"GET /a: which function this calls is undecided: {why}"),
        ("pass", SHOP, "GET /b: waits 30 s for a function that may take 3 s"),
    )


def test_a_rest_apis_body_is_no_subject() -> None:
    lines = body(a=PROXY).replace("«", "").replace("»", "")
    source = block("aws_api_gateway_rest_api", "shop", 'name = "shop"', lines) + function("60")
    expect("TIMEOUT_CHAIN", source, ("not_applicable", None, NO_SUBJECT))
