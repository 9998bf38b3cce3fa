"""PERMISSION_SCOPE, clause by clause."""

from __future__ import annotations

import pytest

from tests.unit.conventions.http_api import (
    ACCOUNT,
    ALIAS,
    API,
    CALLER_DATA,
    FUNCTION,
    OTHER_API,
    OTHER_FUNCTION,
    REGION,
    SHOP_ARN,
    block,
    integration,
    marked,
    permission,
)
from tests.unit.conventions.judging import expect

GRANT = "aws_lambda_permission.shop"
SHOP = "aws_apigatewayv2_api.shop"
SCOPED = f"scoped to {SHOP}, all stages and routes"
OPEN = "source_arn is not set: every API of every account may invoke the function"
NO_SUBJECT = "the stack has no aws_lambda_permission for API Gateway on a function that an API of the stack calls"
STACK = API + FUNCTION + integration()
ADVICE = "is var.x, and var.x has no value; give it one with --var-file"
VARIABLE = 'variable "x" {}\n'


def expect_scope(source_arn: str, verdict: str, message: str, *, stack: str = STACK) -> None:
    expect("PERMISSION_SCOPE", stack + permission(f"«{source_arn}»"), (verdict, GRANT, message))


def ending(suffix: str) -> str:
    return f'"${{aws_apigatewayv2_api.shop.execution_arn}}{suffix}"'


# The right scope


@pytest.mark.parametrize(
    "source_arn",
    [
        SHOP_ARN,
        'format("%s/*/*", aws_apigatewayv2_api.shop.execution_arn)',
        'join("/", [aws_apigatewayv2_api.shop.execution_arn, "*", "*"])',
        f'"arn:aws:execute-api:{REGION}:{ACCOUNT}:${{aws_apigatewayv2_api.shop.id}}/*/*"',
        '"arn:aws:execute-api:eu-west-1:123456789012:${aws_apigatewayv2_api.shop.id}/*/*"',
        'format("arn:aws:execute-api:%s:%s:%s/*/*", data.aws_region.here.name, "123456789012", '
        "aws_apigatewayv2_api.shop.id)",
        "local.arn",
        "aws_lambda_permission.first.source_arn",
    ],
)
def test_the_execution_arn_and_both_stars_pass(source_arn: str) -> None:
    first = permission(name="first", principal='"events.amazonaws.com"')
    more = CALLER_DATA + f"locals {{\n  arn = {SHOP_ARN}\n}}\n" + first
    expect_scope(source_arn, "pass", SCOPED, stack=STACK + more)


def test_the_execution_arn_through_modules_passes() -> None:
    files = {
        "main.tf": 'module "api" {\n  source = "./api"\n}\n'
        'module "fn" {\n  source = "./fn"\n  arn = module.api.arn\n}\n'
        + integration("module.fn.uri", api="module.api.id"),
        "api/main.tf": API + 'output "arn" {\n  value = aws_apigatewayv2_api.shop.execution_arn\n}\n'
        'output "id" {\n  value = aws_apigatewayv2_api.shop.id\n}\n',
        "fn/main.tf": FUNCTION
        + 'variable "arn" {}\noutput "uri" {\n  value = aws_lambda_function.orders.invoke_arn\n}\n'
        + permission('«"${var.arn}/*/*"»'),
    }
    message = "scoped to module.api.aws_apigatewayv2_api.shop, all stages and routes"
    expect("PERMISSION_SCOPE", files, ("pass", f"module.fn.{GRANT}", message))


# The wrong one


@pytest.mark.parametrize("source_arn", [None, "null"])
def test_no_source_arn_fails(source_arn: str | None) -> None:
    if source_arn:
        expect_scope(source_arn, "fail", OPEN)
    else:
        source = STACK + marked(permission(None), "aws_lambda_permission", "shop")
        expect("PERMISSION_SCOPE", source, ("fail", GRANT, OPEN))


@pytest.mark.parametrize(
    "written",
    [
        '"*"',
        '"arn:aws:execute-api:eu-west-1:123456789012:a1b2c3/*/*"',
        '"arn:aws:execute-api:eu-west-1:123456789012:*/*/*"',
        '"/*/*"',
        '""',
    ],
)
def test_a_literal_fails(written: str) -> None:
    message = f"source_arn is {written}, not made from the execution_arn of an API in this stack"
    expect_scope(written, "fail", message)


def test_one_star_fails_though_it_means_the_same() -> None:
    expect_scope(ending("/*"), "fail", "/* means the same to IAM as /*/*, but the convention is /*/*")


@pytest.mark.parametrize("source_arn", [ending(""), "aws_apigatewayv2_api.shop.execution_arn"])
def test_the_execution_arn_alone_fails(source_arn: str) -> None:
    expect_scope(source_arn, "fail", "the execution_arn alone matches no call: /*/* must follow it")


@pytest.mark.parametrize("suffix", ["/$default/GET/hello", "/*/GET/hello", "/prod/*", "/*/*/hello", "*", "/*/*/*/*"])
def test_anything_narrower_fails(suffix: str) -> None:
    message = f"source_arn ends in {suffix}, not in /*/*: it covers some calls only"
    expect_scope(ending(suffix), "fail", message)


STAGE = block("aws_apigatewayv2_stage", "live", f"api_id = {SHOP}.id", 'name = "live"')


@pytest.mark.parametrize(
    ("source_arn", "made_from"),
    [
        ('"${aws_apigatewayv2_stage.live.execution_arn}/*"', "aws_apigatewayv2_stage.live.execution_arn"),
        ('"${aws_apigatewayv2_stage.live.arn}/*/*"', "aws_apigatewayv2_stage.live.arn"),
        ('"${aws_apigatewayv2_api.shop.arn}/*/*"', "aws_apigatewayv2_api.shop.arn"),
        ("aws_apigatewayv2_api.shop.api_endpoint", "aws_apigatewayv2_api.shop.api_endpoint"),
    ],
)
def test_a_stages_arn_or_another_attribute_fails(source_arn: str, made_from: str) -> None:
    message = f"source_arn is made from {made_from}, not from {SHOP}.execution_arn"
    expect_scope(source_arn, "fail", message, stack=STACK + STAGE)


def test_a_rest_stages_arn_fails() -> None:
    rest = block("aws_api_gateway_rest_api", "shop", 'name = "shop"')
    stage = block("aws_api_gateway_stage", "live", "rest_api_id = aws_api_gateway_rest_api.shop.id", 'stage_name = "x"')
    made_from = "aws_api_gateway_stage.live.execution_arn"
    message = f"source_arn is made from {made_from}, not from aws_api_gateway_rest_api.shop.execution_arn"
    expect_scope(f'"${{{made_from}}}/*"', "fail", message, stack=STACK + rest + stage)


def test_another_apis_execution_arn_fails() -> None:
    message = f"source_arn is of aws_apigatewayv2_api.blog, and the function is called by {SHOP}"
    expect_scope(SHOP_ARN.replace(".shop", ".blog"), "fail", message, stack=STACK + OTHER_API)


def test_one_function_behind_two_apis_and_a_permission_for_each() -> None:
    stack = STACK + OTHER_API + integration(name="blog", api="aws_apigatewayv2_api.blog.id")
    blog = SHOP_ARN.replace(".shop", ".blog")
    expect(
        "PERMISSION_SCOPE",
        stack + permission(f"«{SHOP_ARN}»") + permission(f"«{blog}»", name="blog"),
        ("pass", GRANT, SCOPED),
        ("pass", "aws_lambda_permission.blog", SCOPED.replace(".shop", ".blog")),
    )
    third = OTHER_API.replace('"blog"', '"shop2"')
    callers = f"{SHOP} and aws_apigatewayv2_api.blog"
    message = f"source_arn is of aws_apigatewayv2_api.shop2, and the function is called by {callers}"
    expect_scope(SHOP_ARN.replace(".shop", ".shop2"), "fail", message, stack=stack + third)


def test_each_permission_of_a_function_is_judged() -> None:
    source = STACK + permission(f"«{SHOP_ARN}»") + permission('«"*"»', name="wide")
    message = 'source_arn is "*", not made from the execution_arn of an API in this stack'
    expect("PERMISSION_SCOPE", source, ("pass", GRANT, SCOPED), ("fail", "aws_lambda_permission.wide", message))


def test_a_permission_for_an_alias_is_judged() -> None:
    stack = API + FUNCTION + ALIAS + integration("aws_lambda_alias.live.invoke_arn")
    source = stack + permission('«"*"»', 'qualifier = "live"')
    message = 'source_arn is "*", not made from the execution_arn of an API in this stack'
    expect("PERMISSION_SCOPE", source, ("fail", GRANT, message))


def test_instances_are_judged_at_their_own_addresses() -> None:
    source = STACK + permission(
        '«"${aws_apigatewayv2_api.shop.execution_arn}${each.key}"»', 'for_each = toset(["/*", "/*/*"])'
    )
    message = "/* means the same to IAM as /*/*, but the convention is /*/*"
    expect("PERMISSION_SCOPE", source, ("fail", f'{GRANT}["/*"]', message), ("pass", f'{GRANT}["/*/*"]', SCOPED))


# /*/*/*


def route(key: str, *more: str, api: str = "aws_apigatewayv2_api.shop.id") -> str:
    return block("aws_apigatewayv2_route", "r", f"api_id = {api}", f"route_key = {key}", *more)


THREE = ending("/*/*/*")
NOT_COVERED = "/*/*/* does not cover {}, whose calls end in a 500; /*/* does"
COVERED = f"scoped to {SHOP}, which has no $default route"
UNCLEAR = f"whether /*/*/* covers every route of {SHOP} is undecided: "


@pytest.mark.parametrize("key", ['"GET /hello"', '"ANY /{proxy+}"', '"$default2"', '"GET ${var.x}"'])
def test_three_stars_pass_without_a_default_route(key: str) -> None:
    expect_scope(THREE, "pass", COVERED, stack=STACK + VARIABLE + route(key))


def test_three_stars_fail_with_a_default_route() -> None:
    message = NOT_COVERED.format("the route $default (aws_apigatewayv2_route.r)")
    expect_scope(THREE, "fail", message, stack=STACK + route('"$default"'))
    both = STACK + VARIABLE + route("var.x") + route('"$default"').replace('"r"', '"s"')
    expect_scope(THREE, "fail", message.replace("route.r", "route.s"), stack=both)


def test_another_apis_default_route_does_not_matter() -> None:
    stack = STACK + OTHER_API + route('"$default"', api="aws_apigatewayv2_api.blog.id")
    expect_scope(THREE, "pass", COVERED, stack=stack)


def test_three_stars_are_unproven_with_an_undecided_route() -> None:
    expect_scope(THREE, "unproven", f"{UNCLEAR}route_key {ADVICE}", stack=STACK + VARIABLE + route("var.x"))
    why = 'the API "a1b2c3" is not declared in this stack'
    expect_scope(THREE, "unproven", UNCLEAR + why, stack=STACK + route('"$default"', api='"a1b2c3"'))


def test_three_stars_are_unproven_with_a_missing_module() -> None:
    why = "module.m is not on disk (run terraform init to fetch it) and may declare it"
    module = 'module "m" {\n  source = "example.com/m"\n}\n'
    expect_scope(THREE, "unproven", UNCLEAR + why, stack=STACK + module)


def test_three_stars_miss_every_route_of_a_websocket_api() -> None:
    stack = STACK.replace('"HTTP"', '"WEBSOCKET"')
    expect_scope(THREE, "fail", NOT_COVERED.format(f"the routes of {SHOP}, a WebSocket API"), stack=stack)
    expect_scope(SHOP_ARN, "pass", SCOPED, stack=stack)


def test_three_stars_are_unproven_with_an_undecided_protocol() -> None:
    expect_scope(
        THREE, "unproven", f"{UNCLEAR}protocol_type {ADVICE}", stack=STACK.replace('"HTTP"', "var.x") + VARIABLE
    )


def test_three_stars_pass_for_a_rest_api() -> None:
    rest = block("aws_api_gateway_rest_api", "shop", 'name = "shop"')
    lines = ("rest_api_id = aws_api_gateway_rest_api.shop.id", 'type = "AWS_PROXY"')
    calls = block("aws_api_gateway_integration", "orders", *lines, "uri = aws_lambda_function.orders.invoke_arn")
    arn = THREE.replace("apigatewayv2_api", "api_gateway_rest_api")
    message = COVERED.replace("apigatewayv2_api", "api_gateway_rest_api")
    expect_scope(arn, "pass", message, stack=rest + FUNCTION + calls)


@pytest.mark.parametrize("key", [None, "null", '"$default"'])
def test_three_stars_miss_the_route_of_a_quick_create_api(key: str | None) -> None:
    lines = "  target = aws_lambda_function.orders.arn\n" + (f"  route_key = {key}\n" if key else "")
    message = NOT_COVERED.format(f"the route $default that AWS makes for {SHOP}")
    expect_scope(THREE, "fail", message, stack=API.replace("}\n", lines + "}\n") + FUNCTION)


def test_three_stars_and_a_quick_create_api_with_another_route() -> None:
    lines = "  target = aws_lambda_function.orders.arn\n  route_key = {}\n}}\n"
    stack = API.replace("}\n", lines.format('"GET /orders"')) + FUNCTION
    expect_scope(THREE, "pass", COVERED, stack=stack)
    stack = API.replace("}\n", lines.format("var.x")) + FUNCTION + VARIABLE
    expect_scope(THREE, "unproven", f"{UNCLEAR}route_key {ADVICE}", stack=stack)


@pytest.mark.parametrize(("path", "verdict"), [("/$default", "fail"), ("/orders", "pass")])
def test_three_stars_and_the_routes_of_an_openapi_body(path: str, verdict: str) -> None:
    extension = 'x-amazon-apigateway-integration = { type = "aws_proxy", uri = aws_lambda_function.orders.arn }'
    body = f'jsonencode({{ paths = {{ "{path}" = {{ get = {{ {extension} }} }} }} }})'
    stack = API.replace("}\n", f"  body = {body}\n}}\n") + FUNCTION
    message = COVERED if verdict == "pass" else NOT_COVERED.format(f"the route $default in the body of {SHOP}")
    expect_scope(THREE, verdict, message, stack=stack)


def test_three_stars_are_unproven_with_a_body_that_is_not_read() -> None:
    stack = STACK.replace('"HTTP"\n', '"HTTP"\n  body = "openapi.yaml"\n')
    expect_scope(THREE, "unproven", f"{UNCLEAR}the OpenAPI body is no object", stack=stack)


# Authorizers

GUARD = block(
    "aws_apigatewayv2_authorizer",
    "guard",
    f"api_id = {SHOP}.id",
    'authorizer_type = "REQUEST"',
    'name = "guard"',
    "authorizer_uri = aws_lambda_function.orders.invoke_arn",
)
AUTHORIZERS = ending("/authorizers/*")


ONE = "/authorizers/${aws_apigatewayv2_authorizer.guard.id}"


@pytest.mark.parametrize("suffix", ["/authorizers/*", "/authorizers/a1b2c3", ONE])
@pytest.mark.parametrize("stack", [API + FUNCTION + GUARD, STACK + GUARD], ids=["authorizes", "serves too"])
def test_an_authorizers_scope_passes_for_its_function(suffix: str, stack: str) -> None:
    expect_scope(ending(suffix), "pass", f"scoped to the authorizers of {SHOP}", stack=stack)


def test_an_authorizers_scope_fails_for_a_function_that_authorizes_nothing() -> None:
    message = "source_arn ends in /authorizers/*, not in /*/*: it covers some calls only"
    expect_scope(AUTHORIZERS, "fail", message)
    guard = GUARD.replace("function.orders", "function.items")
    expect_scope(AUTHORIZERS, "fail", message, stack=STACK + OTHER_FUNCTION + guard)


def test_the_scope_of_an_authorizer_fails_where_another_one_calls() -> None:
    other = GUARD.replace('"guard"', '"other"').replace("function.orders", "function.items")
    message = "source_arn ends in /authorizers/${aws_apigatewayv2_authorizer.other.id}, which is another authorizer "
    stack = API + FUNCTION + OTHER_FUNCTION + GUARD + other
    expect_scope(ending(ONE.replace("guard", "other")), "fail", f"{message}than calls it", stack=stack)


@pytest.mark.parametrize("suffix", ["/authorizers/${aws_apigatewayv2_authorizer.guard.arn}", "/x/" + ONE, ONE + "/x"])
def test_what_is_no_authorizers_id_is_unproven(suffix: str) -> None:
    arn = ending(suffix)
    message = f"the scope is undecided: source_arn is {arn}, which only apply decides"
    expect_scope(arn, "unproven", message, stack=API + FUNCTION + GUARD)


def test_the_whole_api_passes_for_an_authorizers_function() -> None:
    expect_scope(SHOP_ARN, "pass", SCOPED, stack=API + FUNCTION + GUARD)


def test_three_stars_fail_for_a_function_that_only_authorizes() -> None:
    message = "source_arn ends in /*/*/*, not in /*/*: it covers some calls only"
    expect_scope(THREE, "fail", message, stack=API + FUNCTION + GUARD)


# What is no subject


@pytest.mark.parametrize("principal", ['"events.amazonaws.com"', '"*"'])
def test_a_permission_for_another_principal_is_no_subject(principal: str) -> None:
    source = STACK + permission('"*"', principal=principal)
    expect("PERMISSION_SCOPE", source, ("not_applicable", None, NO_SUBJECT))


def test_a_permission_for_a_function_that_no_api_calls_is_no_subject() -> None:
    source = STACK + OTHER_FUNCTION + permission('"*"', function="aws_lambda_function.items.arn")
    expect("PERMISSION_SCOPE", source, ("not_applicable", None, NO_SUBJECT))


def test_a_stack_in_which_no_api_calls_a_function_has_no_subject() -> None:
    source = API + FUNCTION + permission('"*"')
    expect("PERMISSION_SCOPE", source, ("not_applicable", None, NO_SUBJECT))


def test_a_permission_for_an_undecided_function_is_no_subject_where_no_api_calls_one() -> None:
    source = API + FUNCTION + VARIABLE + permission('"*"', function="var.x")
    expect("PERMISSION_SCOPE", source, ("not_applicable", None, NO_SUBJECT))


def test_no_permission_is_no_subject() -> None:
    expect("PERMISSION_SCOPE", STACK, ("not_applicable", None, NO_SUBJECT))


# What cannot be decided


@pytest.mark.parametrize(
    ("source_arn", "why"),
    [
        ("var.x", f"source_arn {ADVICE}"),
        (
            '"${data.aws_region.here.name}/*/*"',
            'source_arn is "${data.aws_region.here.name}/*/*", which only apply decides',
        ),
        (
            '"${aws_apigatewayv2_api.shop.execution_arn}/${var.x}/*"',
            'source_arn is "${aws_apigatewayv2_api.shop.execution_arn}/${var.x}/*", which only apply decides; '
            "give var.x a value with --var-file",
        ),
        (
            '"${data.aws_apigatewayv2_api.shop.execution_arn}/*/*"',
            'source_arn is "${data.aws_apigatewayv2_api.shop.execution_arn}/*/*", which only apply decides',
        ),
        ('"${module.gone.arn}/*/*"', "module.gone is not on disk: run terraform init to fetch it"),
    ],
)
def test_a_source_arn_that_only_apply_decides_is_unproven(source_arn: str, why: str) -> None:
    more = CALLER_DATA + VARIABLE + 'data "aws_apigatewayv2_api" "shop" {\n  api_id = "a1b2c3"\n}\n'
    more += 'module "gone" {\n  source = "example.com/gone"\n}\n'
    expect_scope(source_arn, "unproven", f"the scope is undecided: {why}", stack=STACK + more)


def test_an_undecided_function_is_unproven() -> None:
    source = STACK + VARIABLE + permission(SHOP_ARN, function="«var.x»")
    why = 'whether var.x is aws_lambda_function.orders, named "orders", shows only at apply'
    expect("PERMISSION_SCOPE", source, ("unproven", GRANT, f"which function this is for is undecided: {why}"))


def test_an_undecided_principal_is_unproven() -> None:
    source = STACK + VARIABLE + permission(None, principal="«var.x»")
    expect("PERMISSION_SCOPE", source, ("unproven", GRANT, f"whom this lets in is undecided: principal {ADVICE}"))


def test_an_undecided_integration_leaves_the_subject_undecided() -> None:
    stack = API + FUNCTION + VARIABLE + integration("var.x")
    source = stack + permission('"*"', function="«aws_lambda_function.orders.arn»")
    why = 'whether var.x is aws_lambda_function.orders, named "orders", shows only at apply'
    expect("PERMISSION_SCOPE", source, ("unproven", GRANT, f"whether an API calls the function is undecided: {why}"))


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (integration(name="x", api='"a1b2c3"'), 'the API "a1b2c3" is not declared in this stack'),
        (
            integration("var.x", name="x", api="aws_apigatewayv2_api.blog.id"),
            'whether var.x is aws_lambda_function.orders, named "orders", shows only at apply',
        ),
        (
            integration("var.x", name="x", api="var.x"),
            'whether var.x is aws_lambda_function.orders, named "orders", shows only at apply',
        ),
        (
            'module "m" {\n  source = "example.com/m"\n}\n',
            "module.m is not on disk (run terraform init to fetch it) and may declare it",
        ),
    ],
)
def test_another_apis_arn_is_unproven_where_that_api_may_call_the_function(more: str, why: str) -> None:
    message = f"whether aws_apigatewayv2_api.blog calls the function is undecided: {why}"
    stack = STACK + OTHER_API + VARIABLE + more
    expect_scope(SHOP_ARN.replace(".shop", ".blog"), "unproven", message, stack=stack)


@pytest.mark.parametrize(
    "more",
    [
        integration("var.x", name="x"),
        OTHER_FUNCTION + integration("aws_lambda_function.items.arn", name="x", api='"a1b2c3"'),
    ],
    ids=["an undecided call of this API", "another function's call"],
)
def test_another_apis_arn_fails_where_only_this_api_may_call_the_function(more: str) -> None:
    stack = STACK + OTHER_API + VARIABLE + more
    message = f"source_arn is of aws_apigatewayv2_api.blog, and the function is called by {SHOP}"
    expect_scope(SHOP_ARN.replace(".shop", ".blog"), "fail", message, stack=stack)


def test_the_arn_of_a_stage_of_an_undecided_api_is_unproven() -> None:
    stage = STAGE.replace(f"{SHOP}.id", '"a1b2c3"')
    message = 'the scope is undecided: the API "a1b2c3" is not declared in this stack'
    expect_scope('"${aws_apigatewayv2_stage.live.execution_arn}/*"', "unproven", message, stack=STACK + stage)
