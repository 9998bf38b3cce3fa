"""DEFAULT_STAGE, clause by clause."""

from __future__ import annotations

import pytest

from tests.unit.conventions.http_api import API, OTHER_API, block, marked
from tests.unit.conventions.judging import expect

SHOP = "aws_apigatewayv2_api.shop"
STAGE = "aws_apigatewayv2_stage.default"
MARKED = marked(API, "aws_apigatewayv2_api", "shop")
SERVED = f"served by {STAGE}"
NO_STAGE = "no aws_apigatewayv2_stage: the API is deployed nowhere, and every call ends in a 404"
NOT_DEPLOYED = f"{STAGE} has neither auto_deploy = true nor a deployment_id: it never serves a change"
ADVICE = "and var.x has no value; give it one with --var-file"
VARIABLE = 'variable "x" {}\n'


def stage(*lines: str, name: str = "default", api: str = f"{SHOP}.id") -> str:
    return block("aws_apigatewayv2_stage", name, 'name = "$default"', f"api_id = {api}", *lines)


def expect_verdict(verdict: str, message: str, source: str, *, api: str = MARKED) -> None:
    expect("DEFAULT_STAGE", api + source, (verdict, SHOP, message))


@pytest.mark.parametrize("line", ["auto_deploy = true", 'auto_deploy = "true"', 'deployment_id = "abc123"'])
def test_a_deployed_stage_passes(line: str) -> None:
    expect_verdict("pass", SERVED, stage(line))


def test_a_deployment_id_is_enough_whatever_auto_deploy_is() -> None:
    expect_verdict("pass", SERVED, VARIABLE + stage('deployment_id = "abc123"', "auto_deploy = var.x"))
    expect_verdict("pass", SERVED, stage('deployment_id = "abc123"', "auto_deploy = false"))


@pytest.mark.parametrize("lines", [[], ["auto_deploy = false"], ["auto_deploy = null"], ["deployment_id = null"]])
def test_a_stage_that_is_not_deployed_fails(lines: list[str]) -> None:
    expect_verdict("fail", NOT_DEPLOYED, stage(*lines))


def test_each_stage_has_to_be_deployed() -> None:
    expect_verdict("fail", NOT_DEPLOYED, stage("auto_deploy = true", name="live") + stage())
    both = f"{SERVED} and aws_apigatewayv2_stage.live"
    expect_verdict("pass", both, stage("auto_deploy = true") + stage("auto_deploy = true", name="live"))


@pytest.mark.parametrize("name", ["auto_deploy", "deployment_id"])
def test_an_undecided_deployment_is_unproven(name: str) -> None:
    message = f"whether {STAGE} is ever deployed is undecided: {name} is var.x, {ADVICE}"
    expect_verdict("unproven", message, VARIABLE + stage(f"{name} = var.x"))


def test_a_stage_that_certainly_is_not_deployed_goes_before_an_undecided_one() -> None:
    expect_verdict("fail", NOT_DEPLOYED, VARIABLE + stage("auto_deploy = var.x", name="live") + stage())


def test_an_api_without_a_stage_fails() -> None:
    expect_verdict("fail", NO_STAGE, "")


def test_another_apis_stage_does_not_count() -> None:
    source = marked(OTHER_API, "aws_apigatewayv2_api", "blog") + stage(
        "auto_deploy = true", api="aws_apigatewayv2_api.blog.id"
    )
    expect(
        "DEFAULT_STAGE",
        MARKED + source,
        ("fail", SHOP, NO_STAGE),
        ("pass", "aws_apigatewayv2_api.blog", SERVED),
    )


def test_a_rest_stage_does_not_count_and_a_rest_api_is_no_subject() -> None:
    rest = block("aws_api_gateway_rest_api", "old", 'name = "old"')
    rest += block("aws_api_gateway_stage", "old", "rest_api_id = aws_api_gateway_rest_api.old.id", 'stage_name = "v1"')
    expect_verdict("fail", NO_STAGE, rest)
    expect("DEFAULT_STAGE", rest, ("not_applicable", None, "the stack has no aws_apigatewayv2_api"))


def test_a_websocket_api_is_not_applicable() -> None:
    expect_verdict("not_applicable", "a WebSocket API", "", api=API.replace('"HTTP"', '«"WEBSOCKET"»'))


def test_an_undecided_protocol_is_unproven() -> None:
    message = f"whether this is an HTTP API is undecided: protocol_type is var.x, {ADVICE}"
    expect_verdict("unproven", message, "", api=VARIABLE + API.replace('"HTTP"', "«var.x»"))


def quick_create(target: str) -> str:
    return block("aws_apigatewayv2_api", "shop", 'protocol_type = "HTTP"', f"target = {target}")


@pytest.mark.parametrize("target", ["aws_lambda_function.orders.arn", '"https://example.com"'])
def test_quick_create_passes(target: str) -> None:
    function = block("aws_lambda_function", "orders", 'function_name = "orders"')
    message = "a quick-create API, whose stage $default is made and deployed by AWS"
    expect_verdict("pass", message, function, api=quick_create(f"«{target}»"))


def test_quick_create_with_a_stage_that_is_not_deployed_fails() -> None:
    api = marked(quick_create('"https://example.com"'), "aws_apigatewayv2_api", "shop")
    expect_verdict("fail", NOT_DEPLOYED, stage(), api=api)


def test_a_null_target_is_no_quick_create() -> None:
    expect_verdict("fail", NO_STAGE, "", api=marked(quick_create("null"), "aws_apigatewayv2_api", "shop"))


def test_an_undecided_target_is_unproven_unless_there_is_a_stage() -> None:
    api = VARIABLE + marked(quick_create("var.x"), "aws_apigatewayv2_api", "shop")
    expect_verdict("unproven", f"whether it has a stage is undecided: target is var.x, {ADVICE}", "", api=api)
    expect_verdict("pass", SERVED, stage("auto_deploy = true"), api=api)


def test_a_stage_of_an_undecided_api_is_unproven() -> None:
    message = "whether it has a stage is undecided: the API var.x is not declared in this stack"
    expect_verdict("unproven", message, VARIABLE + stage("auto_deploy = true", api="var.x"))


SWITCH = 'variable "create" {\n  type = bool\n}\n'
COUNT = "count = var.create ? 1 : 0"


def test_a_stage_that_may_not_exist_is_unproven() -> None:
    message = f"whether it has a stage is undecided: {STAGE}[0]: whether it exists depends on var.create ? 1 : 0"
    expect_verdict("unproven", message, SWITCH + stage("auto_deploy = true", COUNT))


def test_a_stage_that_exists_whenever_the_api_does_passes() -> None:
    api = SWITCH + block("aws_apigatewayv2_api", "«shop", COUNT, 'protocol_type = "HTTP"')
    source = api + stage("auto_deploy = true", COUNT, api=f"{SHOP}[0].id")
    expect("DEFAULT_STAGE", source, ("pass", f"{SHOP}[0]", f"{SERVED}[0]"))


def test_a_certain_stage_is_enough_beside_one_that_may_not_exist() -> None:
    source = SWITCH + stage("auto_deploy = true", COUNT, name="canary") + stage("auto_deploy = true")
    expect_verdict("pass", SERVED, source)


def test_each_instance_has_its_own_stage() -> None:
    api = block("aws_apigatewayv2_api", "«shop", 'for_each = toset(["a", "b"])', 'protocol_type = "HTTP"')
    source = api + stage('for_each = toset(["a"])', "auto_deploy = true", api=f"{SHOP}[each.key].id")
    expect(
        "DEFAULT_STAGE",
        source,
        ("pass", f'{SHOP}["a"]', f'{SERVED}["a"]'),
        ("fail", f'{SHOP}["b"]', NO_STAGE),
    )


def test_an_api_from_a_module() -> None:
    files = {
        "main.tf": 'module "api" {\n  source = "./api"\n}\n' + stage("auto_deploy = true", api="module.api.id"),
        "api/main.tf": MARKED + f'output "id" {{\n  value = {SHOP}.id\n}}\n',
    }
    expect("DEFAULT_STAGE", files, ("pass", f"module.api.{SHOP}", SERVED))


def test_a_module_that_is_not_fetched_may_declare_the_stage() -> None:
    source = 'module "stage" {\n  source = "example.com/stage"\n}\n'
    message = (
        "whether it has a stage is undecided: module.stage is not on disk "
        "(run terraform init to fetch it) and may declare it"
    )
    expect_verdict("unproven", message, source)
    expect_verdict("pass", SERVED, source + stage("auto_deploy = true"))
