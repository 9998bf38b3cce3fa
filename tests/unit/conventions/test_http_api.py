"""HTTP_API, clause by clause."""

from __future__ import annotations

import pytest

from tests.unit.conventions.judging import expect

SHOP = "aws_apigatewayv2_api.shop"
REST_MESSAGE = "this is a REST API, which costs more than three times as much a call as an HTTP API"


def api(protocol: str, *more: str) -> str:
    lines = "".join(f"  {line}\n" for line in (*more, f"protocol_type = {protocol}"))
    return f'resource "aws_apigatewayv2_api" "shop" {{\n{lines}}}\n'


def test_an_http_api_passes() -> None:
    expect("HTTP_API", api('«"HTTP"»'), ("pass", SHOP, "an HTTP API"))


def test_a_rest_api_fails_at_the_header() -> None:
    source = '«resource "aws_api_gateway_rest_api" "shop"» {\n  name = "shop"\n}\n'
    expect("HTTP_API", source, ("fail", "aws_api_gateway_rest_api.shop", REST_MESSAGE))


def test_a_rest_api_beside_an_http_api_fails_by_itself() -> None:
    source = api('«"HTTP"»') + '«resource "aws_api_gateway_rest_api" "old"» {\n  name = "old"\n}\n'
    expect(
        "HTTP_API",
        source,
        ("pass", SHOP, "an HTTP API"),
        ("fail", "aws_api_gateway_rest_api.old", REST_MESSAGE),
    )


def test_a_websocket_api_is_not_applicable() -> None:
    message = "a WebSocket API, which an HTTP API cannot replace"
    expect("HTTP_API", api('«"WEBSOCKET"»'), ("not_applicable", SHOP, message))


@pytest.mark.parametrize("protocol", ['"http"', '"REST"', '""', "1", "null"])
def test_another_protocol_fails(protocol: str) -> None:
    expect("HTTP_API", api(f"«{protocol}»"), ("fail", SHOP, "protocol_type is not HTTP"))


def test_a_variable_without_default_is_unproven_with_advice() -> None:
    message = (
        "the protocol is undecided: protocol_type is var.protocol, and var.protocol has no value; "
        "give it one with --var-file"
    )
    expect("HTTP_API", api("«var.protocol»") + 'variable "protocol" {}\n', ("unproven", SHOP, message))


def test_a_local_and_a_default_are_decided() -> None:
    source = 'variable "p" {\n  default = "HTTP"\n}\nlocals {\n  p = var.p\n}\n' + api("«local.p»")
    expect("HTTP_API", source, ("pass", SHOP, "an HTTP API"))


def test_another_apis_protocol_is_followed() -> None:
    source = api('«"HTTP"»') + api(f"«{SHOP}.protocol_type»").replace('"shop"', '"blog"')
    expect("HTTP_API", source, ("pass", SHOP, "an HTTP API"), ("pass", SHOP.replace("shop", "blog"), "an HTTP API"))


def test_each_instance_in_a_module_has_its_own_verdict() -> None:
    files = {
        "main.tf": 'module "apis" {\n  source = "./apis"\n}\n',
        "apis/main.tf": api("«each.value»", 'for_each = { a = "HTTP", b = "WEBSOCKET" }'),
    }
    expect(
        "HTTP_API",
        files,
        ("pass", f'module.apis.{SHOP}["a"]', "an HTTP API"),
        ("not_applicable", f'module.apis.{SHOP}["b"]', "a WebSocket API, which an HTTP API cannot replace"),
    )


def test_a_value_from_a_module_that_is_not_fetched_is_unproven() -> None:
    source = api("«module.settings.protocol»") + 'module "settings" {\n  source = "example.com/settings"\n}\n'
    message = "the protocol is undecided: module.settings is not on disk: run terraform init to fetch it"
    expect("HTTP_API", source, ("unproven", SHOP, message))


def test_data_sources_are_no_apis_of_this_stack() -> None:
    source = 'data "aws_apigatewayv2_api" "shop" {\n  api_id = "abc123"\n}\n'
    message = "the stack has no aws_apigatewayv2_api or aws_api_gateway_rest_api"
    expect("HTTP_API", source, ("not_applicable", None, message))
