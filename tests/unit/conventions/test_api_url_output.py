"""API_URL_OUTPUT, clause by clause."""

from __future__ import annotations

import pytest

from tests.unit.conventions.http_api import API, block
from tests.unit.conventions.judging import expect

STAGE = "aws_apigatewayv2_stage.default"
URL = f"{STAGE}.invoke_url"
ENDPOINT = "aws_apigatewayv2_api.shop.api_endpoint"
OUTPUT = "output.api_url"
ADVICE = "and var.x has no value; give it one with --var-file"
VARIABLE = 'variable "x" {}\n'
NO_SUBJECT = "the stack has no output made from the URL of a stage or an API"


def doubled(url: str = URL) -> str:
    return f"{url} ends in a slash already, so that a path after it begins with two, and no route matches"


def stage(name: str = '"$default"', *more: str) -> str:
    api_id = "api_id = aws_apigatewayv2_api.shop.id"
    return block("aws_apigatewayv2_stage", "default", f"name = {name}", api_id, *more)


def output(value: str) -> str:
    return f'output "api_url" {{\n  value = {value}\n}}\n'


def expect_verdict(verdict: str, message: str, value: str, *, more: str = "", stages: str | None = None) -> None:
    source = API + (stage() if stages is None else stages) + more + output(f"«{value}»")
    expect("API_URL_OUTPUT", source, (verdict, OUTPUT, message))


@pytest.mark.parametrize(
    "value",
    [
        URL,
        f'"${{{URL}}}"',
        f'"${{{URL}}}/hello"',
        f'"${{{URL}}}/"',
        f'"curl ${{{URL}}}"',
        f'format("%s/hello", {URL})',
        f'join("/", [{URL}, "hello"])',
        f'trimsuffix("${{{URL}}}/", "/")',
        f'"${{{URL}}}hello ${{{URL}}}/items"',
        f"try({URL}, null)",
        f"sensitive({URL})",
    ],
)
def test_the_url_as_it_is_or_before_a_slash_fails(value: str) -> None:
    expect_verdict("fail", doubled(), value)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (f'trimsuffix({URL}, "/")', None),
        (f'"${{trimsuffix({URL}, "/")}}/hello"', None),
        (f'"${{{URL}}}hello"', None),
        (f'format("%shello", {URL})', f'"${{{URL}}}hello"'),
        (f'trimsuffix("${{{URL}}}hello/", "/")', None),
        (f'trimsuffix("https://x ${{{URL}}}", "/")', None),
    ],
)
def test_a_url_with_one_slash_passes(value: str, shown: str | None) -> None:
    expect_verdict("pass", f"{shown or value} has one slash before a path", value)


def test_the_apis_endpoint_passes() -> None:
    for value in (ENDPOINT, f'"${{{ENDPOINT}}}/hello"'):
        expect_verdict("pass", f"{ENDPOINT} has no slash at its end", value)


def test_another_stages_url_passes() -> None:
    message = f"{STAGE} is not $default, so its URL has no slash at its end"
    for value in (URL, f'"${{{URL}}}/hello"'):
        expect_verdict("pass", message, value, stages=stage('"dev"'))


def test_an_undecided_stage_name_is_unproven_unless_the_url_is_right() -> None:
    message = f"whether {STAGE} is the $default stage is undecided: name is var.x, {ADVICE}"
    expect_verdict("unproven", message, URL, stages=VARIABLE + stage("var.x"))
    right = f'trimsuffix({URL}, "/")'
    expect_verdict("pass", f"{right} has one slash before a path", right, stages=VARIABLE + stage("var.x"))


@pytest.mark.parametrize(
    "value",
    [
        f'"${{{URL}}}${{var.x}}"',
        f'coalesce({URL}, "")',
        f'replace({URL}, "https://", "")',
        f'trimsuffix({URL}, "x")',
        f'"${{lower({URL})}}${{var.x}}"',
    ],
)
def test_what_only_apply_decides_is_unproven(value: str) -> None:
    message = f"whether a second slash follows {URL} shows only at apply: {value}"
    expect_verdict("unproven", message, value, more=VARIABLE)


def test_both_branches_of_a_conditional_count() -> None:
    right = f'trimsuffix({URL}, "/")'
    expect_verdict("fail", doubled(), f'var.x ? {URL} : ""', more=VARIABLE)
    expect_verdict("fail", doubled(), f"var.x ? {right} : {URL}", more=VARIABLE)
    message = f'var.x ? {right} : "" has one slash before a path'
    expect_verdict("pass", message, f'var.x ? {right} : ""', more=VARIABLE)


@pytest.mark.parametrize(
    "value", [f"[{ENDPOINT}, {URL}]", f"[{URL}, {ENDPOINT}]", f"{{ a = {ENDPOINT}, b = {{ c = {URL} }} }}"]
)
def test_every_url_in_a_list_or_an_object_counts(value: str) -> None:
    expect_verdict("fail", doubled(), value)


def test_the_stages_of_a_map() -> None:
    stages = stage("each.value", 'for_each = { a = "$default", b = "dev" }')
    value = f"{{ for key, it in {STAGE} : key => it.invoke_url }}"
    expect_verdict("fail", doubled(f'{STAGE}["a"].invoke_url'), value, stages=stages)


@pytest.mark.parametrize("value", [f"{STAGE}[0].invoke_url", f"one({STAGE}[*].invoke_url)"])
def test_a_stage_that_may_not_exist_is_judged(value: str) -> None:
    stages = 'variable "create" {\n  type = bool\n}\n' + stage('"$default"', "count = var.create ? 1 : 0")
    expect_verdict("fail", doubled(f"{STAGE}[0].invoke_url"), value, stages=stages)


def test_a_local_and_a_modules_output_are_followed() -> None:
    more = f"locals {{\n  url = {URL}\n}}\n"
    expect_verdict("fail", doubled(), "local.url", more=more)
    files = {
        "main.tf": 'module "api" {\n  source = "./api"\n}\n' + output('«"${module.api.api_url}/hello"»'),
        "api/main.tf": API + stage() + output(URL),
    }
    expect("API_URL_OUTPUT", files, ("fail", OUTPUT, doubled(f"module.api.{URL}")))


def test_another_resources_attribute_is_followed() -> None:
    parameter = block("aws_ssm_parameter", "url", 'name = "url"', 'type = "String"', f"value = {URL}")
    expect_verdict("fail", doubled(), "aws_ssm_parameter.url.value", more=parameter)


def test_what_is_undecided_beside_a_right_url_is_unproven_and_a_wrong_one_fails() -> None:
    module = 'module "other" {\n  source = "example.com/other"\n}\n'
    message = "what the output is made of is undecided: module.other is not on disk: run terraform init to fetch it"
    expect_verdict("unproven", message, f"[{ENDPOINT}, module.other.url]", more=module)
    expect_verdict("fail", doubled(), f"[{URL}, module.other.url]", more=module)


@pytest.mark.parametrize("value", ['"https://example.com/"', f"{STAGE}.arn", "aws_apigatewayv2_api.shop.id", "var.x"])
def test_another_output_is_no_subject(value: str) -> None:
    expect("API_URL_OUTPUT", VARIABLE + API + stage() + output(value), ("not_applicable", None, NO_SUBJECT))


def test_a_rest_stage_and_a_data_source_are_no_subject() -> None:
    rest = block("aws_api_gateway_stage", "old", 'stage_name = "v1"')
    data = 'data "aws_apigatewayv2_api" "shop" {\n  api_id = "abc123"\n}\n'
    for value in ("aws_api_gateway_stage.old.invoke_url", "data.aws_apigatewayv2_api.shop.api_endpoint"):
        expect("API_URL_OUTPUT", API + rest + data + output(value), ("not_applicable", None, NO_SUBJECT))
