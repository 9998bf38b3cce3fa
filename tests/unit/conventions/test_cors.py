"""CORS, clause by clause."""

from __future__ import annotations

import pytest

from tests.unit.conventions.judging import expect

SHOP = "aws_apigatewayv2_api.shop"
GOOD = "no credentials meet a *"
NONE = "no CORS is configured"
ADVICE = "and var.x has no value; give it one with --var-file"
VARIABLE = 'variable "x" {}\n'
LISTS = ["allow_origins", "allow_methods", "allow_headers"]


def cors(*lines: str, block: str = "cors_configuration") -> str:
    written = "".join(f"    {line}\n" for line in lines)
    return (
        'resource "aws_apigatewayv2_api" "shop" {\n  name = "shop"\n  protocol_type = "HTTP"\n'
        f"  {block} {{\n{written}  }}\n}}\n"
    )


def expect_pass(*lines: str) -> None:
    expect("CORS", cors(*lines, block="«cors_configuration»"), ("pass", SHOP, GOOD))


def expect_verdict(verdict: str, message: str, *lines: str, more: str = "") -> None:
    expect("CORS", cors(*lines) + more, (verdict, SHOP, message))


def star_message(name: str) -> str:
    return f"allow_credentials together with * in {name}: browsers refuse the answer"


@pytest.mark.parametrize("name", LISTS)
def test_credentials_with_a_star_fail(name: str) -> None:
    expect_verdict("fail", star_message(name), "allow_credentials = true", f'{name} = «["*"]»')


@pytest.mark.parametrize("written", ['["GET", "*"]', 'toset(["*"])', 'concat(["GET"], ["*"])', '"*"', '["*", var.x]'])
def test_a_star_among_others_or_in_another_form_fails(written: str) -> None:
    lines = ("allow_credentials = true", f"allow_methods = «{written}»")
    expect_verdict("fail", star_message("allow_methods"), *lines, more=VARIABLE)


def test_credentials_as_a_text_are_credentials() -> None:
    lines = ('allow_credentials = "true"', 'allow_origins = «["*"]»')
    expect_verdict("fail", star_message("allow_origins"), *lines)


@pytest.mark.parametrize("written", ["false", '"false"', "null"])
@pytest.mark.parametrize("name", LISTS)
def test_stars_without_credentials_pass(written: str, name: str) -> None:
    expect_pass(f"allow_credentials = {written}", f'{name} = ["*"]')


@pytest.mark.parametrize("name", LISTS)
def test_stars_alone_pass(name: str) -> None:
    expect_pass(f'{name} = ["*"]')


def test_credentials_with_named_origins_pass() -> None:
    lines = ('allow_origins = ["https://shop.example", "https://*.shop.example"]', 'allow_methods = ["GET"]')
    expect_pass("allow_credentials = true", *lines, "allow_headers = null")


def test_stars_in_expose_headers_are_not_judged() -> None:
    expect_pass("allow_credentials = true", 'expose_headers = ["*"]')


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("written", ["var.x", "[var.x]"])
def test_undecided_names_with_credentials_are_unproven(name: str, written: str) -> None:
    message = f"whether credentials meet a * in {name} is undecided: {name} is {written}, {ADVICE}"
    expect_verdict("unproven", message, "allow_credentials = true", f"{name} = «{written}»", more=VARIABLE)


def test_undecided_names_without_credentials_pass() -> None:
    expect("CORS", cors("allow_origins = var.x", block="«cors_configuration»") + VARIABLE, ("pass", SHOP, GOOD))


def test_undecided_credentials_with_a_star_are_unproven() -> None:
    message = f"whether credentials meet a * in allow_headers is undecided: allow_credentials is var.x, {ADVICE}"
    expect_verdict("unproven", message, "allow_credentials = «var.x»", 'allow_headers = ["*"]', more=VARIABLE)


def test_undecided_credentials_without_a_star_pass() -> None:
    source = cors("allow_credentials = var.x", 'allow_origins = ["https://a.example"]', block="«cors_configuration»")
    expect("CORS", source + VARIABLE, ("pass", SHOP, GOOD))


def test_what_certainly_fails_goes_before_what_is_undecided() -> None:
    lines = ("allow_credentials = true", "allow_origins = var.x")
    expect_verdict("fail", star_message("allow_methods"), *lines, 'allow_methods = «["*"]»', more=VARIABLE)
    message = "max_age is 86401, and has to be -1 to 86400 whole seconds"
    expect_verdict("fail", message, *lines, "max_age = «86401»", more=VARIABLE)


@pytest.mark.parametrize("seconds", ["-1", "0", "86400", '"300"', "300.0", '"300.0"', "null"])
def test_max_age_from_minus_1_to_a_day_passes(seconds: str) -> None:
    expect_pass(f"max_age = {seconds}")


@pytest.mark.parametrize(
    "seconds", ["-2", "86401", "10.5", '"--5"', '"a day"', '"²"', '""', '"NaN"', '"Infinity"', "true"]
)
def test_another_max_age_fails(seconds: str) -> None:
    message = f"max_age is {seconds}, and has to be -1 to 86400 whole seconds"
    expect_verdict("fail", message, f"max_age = «{seconds}»")


def test_an_undecided_max_age_is_unproven() -> None:
    expect_verdict("unproven", f"max_age is undecided: max_age is var.x, {ADVICE}", "max_age = «var.x»", more=VARIABLE)


@pytest.mark.parametrize("for_each", ["[]", "{}", "false ? [1] : []"])
def test_an_api_without_cors_is_not_applicable(for_each: str) -> None:
    header = '«resource "aws_apigatewayv2_api" "shop"»'
    expect("CORS", f'{header} {{\n  protocol_type = "HTTP"\n}}\n', ("not_applicable", SHOP, NONE))
    dynamic = f'  dynamic "cors_configuration" {{\n    for_each = {for_each}\n    content {{}}\n  }}\n'
    expect("CORS", f"{header} {{\n{dynamic}}}\n", ("not_applicable", SHOP, NONE))


def test_a_dynamic_block_over_one_is_a_block() -> None:
    source = (
        'resource "aws_apigatewayv2_api" "shop" {\n  dynamic "cors_configuration" {\n'
        '    for_each = [{ origins = ["*"] }]\n    content {\n      allow_credentials = true\n'
        "      allow_origins     = «cors_configuration.value.origins»\n    }\n  }\n}\n"
    )
    expect("CORS", source, ("fail", SHOP, star_message("allow_origins")))


def test_a_dynamic_block_over_the_unknown_is_unproven() -> None:
    source = (
        'resource "aws_apigatewayv2_api" "shop" {\n  «dynamic "cors_configuration"» {\n'
        "    for_each = var.x\n    content {}\n  }\n}\n"
    )
    message = (
        "the CORS configuration is undecided: a dynamic block goes over var.x, and var.x has no value; "
        "give it one with --var-file"
    )
    expect("CORS", source + VARIABLE, ("unproven", SHOP, message))


def test_a_rest_api_is_not_applicable() -> None:
    source = '«resource "aws_api_gateway_rest_api" "shop"» {\n  name = "shop"\n}\n'
    message = "a REST API has no CORS configuration of its own"
    expect("CORS", source, ("not_applicable", "aws_api_gateway_rest_api.shop", message))


def test_each_instance_has_its_own_verdict() -> None:
    source = (
        'resource "aws_apigatewayv2_api" "shop" {\n  for_each = { a = "*", b = "https://b.example" }\n'
        "  «cors_configuration» {\n    allow_credentials = true\n    allow_origins = «[each.value]»\n  }\n}\n"
    )
    expect(
        "CORS",
        source,
        ("pass", f'{SHOP}["b"]', GOOD),
        ("fail", f'{SHOP}["a"]', star_message("allow_origins")),
    )


@pytest.mark.parametrize(
    "body",
    [
        'jsonencode({ x-amazon-apigateway-cors = { allowCredentials = true, allowOrigins = ["*"] } })',
        "\"x-amazon-apigateway-cors: {allowCredentials: true, allowOrigins: ['*']}\"",
    ],
)
def test_cors_in_an_openapi_body_has_no_effect_and_is_not_judged(body: str) -> None:
    lines = f'  name          = "shop"\n  protocol_type = "HTTP"\n  body          = {body}\n'
    why = "the AWS provider deletes what x-amazon-apigateway-cors in the body says, and takes cors_configuration only"
    source = f'«resource "aws_apigatewayv2_api" "shop"» {{\n{lines}}}\n'
    expect("CORS", source, ("not_applicable", SHOP, f"{NONE}: {why}"))
    configured = '  cors_configuration {\n    allow_origins = ["*"]\n  }\n'
    source = f'resource "aws_apigatewayv2_api" "shop" {{\n{lines}{configured}}}\n'
    expect("CORS", source.replace("cors_configuration {", "«cors_configuration» {"), ("pass", SHOP, GOOD))


@pytest.mark.parametrize(
    "body", ["jsonencode({})", "jsonencode({ x-amazon-apigateway-cors = null })", '"openapi.yaml"']
)
def test_a_body_without_cors_is_not_applicable(body: str) -> None:
    source = f'«resource "aws_apigatewayv2_api" "shop"» {{\n  protocol_type = "HTTP"\n  body = {body}\n}}\n'
    expect("CORS", source, ("not_applicable", SHOP, NONE))
