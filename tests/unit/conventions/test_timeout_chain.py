"""TIMEOUT_CHAIN, clause by clause."""

from __future__ import annotations

import pytest

from tests.unit.conventions.http_api import ALIAS, API, block
from tests.unit.conventions.judging import expect

INTEGRATION = "aws_apigatewayv2_integration.orders"
ORDERS = "aws_lambda_function.orders"
ADVICE = "and var.x has no value; give it one with --var-file"
VARIABLE = 'variable "x" {}\n'
NO_CALL = "this integration calls no function"


def function(seconds: str = "", *more: str) -> str:
    lines = [f"timeout = {seconds}"] if seconds else []
    return block("aws_lambda_function", "orders", 'function_name = "orders"', *lines, *more)


def integration(
    milliseconds: str = "", *more: str, uri: str = f"{ORDERS}.invoke_arn", kind: str = '"AWS_PROXY"', name: str = ""
) -> str:
    lines = [f"integration_type = {kind}", f"integration_uri = {uri}", *more]
    lines += [f"timeout_milliseconds = {milliseconds}"] if milliseconds else []
    lines += [] if any("api_id" in line for line in more) else ["api_id = aws_apigatewayv2_api.shop.id"]
    return block("aws_apigatewayv2_integration", name or ("orders" if milliseconds else "«orders"), *lines)


def expect_verdict(verdict: str, message: str, source: str, *, api: str = API) -> None:
    expect("TIMEOUT_CHAIN", api + source, (verdict, INTEGRATION, message))


@pytest.mark.parametrize(
    ("takes", "waits", "seconds"),
    [
        ("10", "10000", ("10", "10")),
        ("10.0", '"10000.0"', ("10", "10")),
        ('"5"', "5500", ("5.5", "5")),
        ("30", "30000", ("30", "30")),
    ],
)
def test_an_api_that_waits_long_enough_passes(takes: str, waits: str, seconds: tuple[str, str]) -> None:
    message = f"waits {seconds[0]} s for a function that may take {seconds[1]} s"
    expect_verdict("pass", message, function(takes) + integration(f"«{waits}»"))


@pytest.mark.parametrize(("takes", "waits", "gives_up"), [("10", "9999", "9.999"), ('"31"', '"30000"', "30")])
def test_a_function_that_may_take_longer_fails(takes: str, waits: str, gives_up: str) -> None:
    message = f"{ORDERS} may take {takes.strip(chr(34))} s, and the API answers 503 after {gives_up} s"
    expect_verdict("fail", message, function(takes) + integration(f"«{waits}»"))


@pytest.mark.parametrize("null", ["", "null"])
def test_the_functions_default_is_3_s(null: str) -> None:
    message = "waits 3 s for a function that may take 3 s"
    expect_verdict("pass", message, function(null) + integration("«3000»"))
    message = f"{ORDERS} may take 3 s, and the API answers 503 after 2.999 s"
    expect_verdict("fail", message, function(null) + integration("«2999»"))


def test_the_integrations_default_is_30_s() -> None:
    expect_verdict("pass", "waits 30 s for a function that may take 30 s", function("30") + integration())
    expect_verdict("pass", "waits 30 s for a function that may take 30 s", function("30") + integration("«null»"))
    message = f"{ORDERS} may take 31 s, and the API answers 503 after 30 s"
    expect_verdict("fail", message, function("31") + integration())


@pytest.mark.parametrize(
    ("takes", "waits", "verdict", "message"),
    [
        ("var.x ? 20 : 5", "20000", "pass", "waits 20 s for a function that may take 20 s"),
        ("5", "var.x ? 20000 : 5000", "pass", "waits 5 s for a function that may take 5 s"),
        ("var.x ? 9 : 7", "var.x ? 5000 : 6000", "fail", f"{ORDERS} may take 7 s, and the API answers 503 after 6 s"),
        ("7", "var.x ? 40000 : 50000", "fail", "timeout_milliseconds is 40000, and an HTTP API waits 30000 at most"),
        (
            *("var.x ? 20 : 5", "19999", "unproven"),
            f"how long {ORDERS} may take is undecided: timeout is var.x ? 20 : 5, {ADVICE}",
        ),
        (
            *("20", "var.x ? 20000 : 19999", "unproven"),
            f"how long the API waits is undecided: timeout_milliseconds is var.x ? 20000 : 19999, {ADVICE}",
        ),
        (
            *("20", "var.x ? 20000 : 30001", "unproven"),
            f"how long the API waits is undecided: timeout_milliseconds is var.x ? 20000 : 30001, {ADVICE}",
        ),
    ],
)
def test_a_choice_of_timeouts_is_decided_where_each_of_them_is(
    takes: str, waits: str, verdict: str, message: str
) -> None:
    expect_verdict(verdict, message, VARIABLE + function(takes) + integration(f"«{waits}»"))


@pytest.mark.parametrize("waits", ["30001", '"30001"'])
def test_more_than_30_s_fails_whatever_the_function_is(waits: str) -> None:
    message = "timeout_milliseconds is 30001, and an HTTP API waits 30000 at most"
    expect_verdict("fail", message, function("3") + integration(f"«{waits}»"))
    expect_verdict("fail", message, VARIABLE + integration(f"«{waits}»", uri="var.x"))


@pytest.mark.parametrize("kind", ["HTTP_PROXY", "HTTP", "MOCK"])
def test_an_integration_of_another_kind_is_not_applicable(kind: str) -> None:
    source = integration(uri='"https://example.com"', kind=f'"{kind}"')
    expect_verdict("not_applicable", NO_CALL, source)


def test_a_service_integration_is_not_applicable() -> None:
    lines = ("api_id = aws_apigatewayv2_api.shop.id", 'integration_type = "AWS_PROXY"')
    source = block("aws_apigatewayv2_integration", "«orders", *lines, 'integration_subtype = "SQS-SendMessage"')
    expect_verdict("not_applicable", NO_CALL, source)


def test_a_websocket_api_is_not_applicable() -> None:
    source = function("30") + integration("30000", "api_id = «aws_apigatewayv2_api.shop.id»")
    message = "the integrations of WebSocket APIs have limits of their own"
    expect_verdict("not_applicable", message, source, api=API.replace('"HTTP"', '"WEBSOCKET"'))


def test_an_undecided_protocol_is_unproven_and_a_certain_failure_stays() -> None:
    api = API.replace('"HTTP"', "var.x") + VARIABLE
    message = f"whether this is an HTTP API is undecided: protocol_type is var.x, {ADVICE}"
    source = function("10") + integration("10000", "api_id = «aws_apigatewayv2_api.shop.id»")
    expect_verdict("unproven", message, source, api=api)
    message = f"{ORDERS} may take 10 s, and the API answers 503 after 9 s"
    expect_verdict("fail", message, function("10") + integration("«9000»"), api=api)


def test_an_api_outside_the_stack_is_unproven() -> None:
    message = 'whether this is an HTTP API is undecided: the API "abc123" is not declared in this stack'
    expect_verdict("unproven", message, function("10") + integration("10000", 'api_id = «"abc123"»'), api="")


def test_a_rest_integration_is_no_subject() -> None:
    source = function("60") + block("aws_api_gateway_integration", "orders", 'type = "AWS_PROXY"')
    message = "the stack has no aws_apigatewayv2_integration, nor an integration that an API declares itself"
    expect("TIMEOUT_CHAIN", source, ("not_applicable", None, message))


def test_an_undecided_wait_is_unproven() -> None:
    message = f"how long the API waits is undecided: timeout_milliseconds is var.x, {ADVICE}"
    expect_verdict("unproven", message, VARIABLE + function("10") + integration("«var.x»"))


def test_a_function_of_more_than_30_s_fails_even_where_the_wait_is_undecided() -> None:
    message = f"{ORDERS} may take 31 s, and the API answers 503 after 30 s at most"
    expect_verdict("fail", message, VARIABLE + function("31") + integration("«var.x»"))


def test_an_undecided_function_timeout_is_unproven() -> None:
    message = f"how long {ORDERS} may take is undecided: timeout is var.x, {ADVICE}"
    expect_verdict("unproven", message, VARIABLE + function("var.x") + integration("«10000»"))


@pytest.mark.parametrize("text", ['"soon"', '""', '"NaN"', "true"])
def test_a_timeout_that_is_no_number_is_unproven(text: str) -> None:
    message = f"how long the API waits is undecided: timeout_milliseconds is {text}, which is no number"
    expect_verdict("unproven", message, function("10") + integration(f"«{text}»"))


@pytest.mark.parametrize(("uri", "shown"), [("data.aws_lambda_function.it.invoke_arn", '"it"'), ("var.x", "var.x")])
def test_a_function_outside_the_stack_is_unproven(uri: str, shown: str) -> None:
    data = 'data "aws_lambda_function" "it" {\n  function_name = "it"\n}\n'
    message = f"which function this calls is undecided: the function {shown} is not declared in this stack"
    expect_verdict("unproven", message, data + VARIABLE + integration("10000", uri=f"«{uri}»"))


def test_an_alias_is_its_function() -> None:
    message = f"{ORDERS} may take 10 s, and the API answers 503 after 5 s"
    source = function("10") + ALIAS + integration("«5000»", uri="aws_lambda_alias.live.invoke_arn")
    expect_verdict("fail", message, source)


def test_a_function_in_a_module_and_a_timeout_in_a_local() -> None:
    files = {
        "main.tf": 'module "orders" {\n  source = "./orders"\n  seconds = local.seconds\n}\n'
        "locals {\n  seconds = 10\n}\n" + API + integration("«local.seconds * 500»", uri="module.orders.arn"),
        "orders/main.tf": 'variable "seconds" {}\n' + function("var.seconds") + 'output "arn" {\n'
        f"  value = {ORDERS}.invoke_arn\n}}\n",
    }
    message = f"module.orders.{ORDERS} may take 10 s, and the API answers 503 after 5 s"
    expect("TIMEOUT_CHAIN", files, ("fail", INTEGRATION, message))


def test_each_instance_is_judged_with_its_own_function() -> None:
    source = (
        "locals {\n  all = { a = 5, b = 20 }\n}\n"
        + function("each.value", "for_each = local.all")
        + integration("«10000»", "for_each = local.all", uri=f"{ORDERS}[each.key].invoke_arn")
    )
    expect(
        "TIMEOUT_CHAIN",
        API + source,
        ("pass", f'{INTEGRATION}["a"]', "waits 10 s for a function that may take 5 s"),
        ("fail", f'{INTEGRATION}["b"]', f'{ORDERS}["b"] may take 20 s, and the API answers 503 after 10 s'),
    )


def test_a_module_that_is_not_fetched_is_unproven() -> None:
    source = 'module "orders" {\n  source = "example.com/orders"\n}\n'
    message = (
        "which function this calls is undecided: the function is unknown "
        "(module.orders is not on disk: run terraform init to fetch it)"
    )
    expect_verdict("unproven", message, source + integration("10000", uri="«module.orders.arn»"))
