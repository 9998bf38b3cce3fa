"""PERMISSION_EXPLICIT, clause by clause."""

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
from tests.unit.conventions.judging import expect, judged

ORDERS = "aws_lambda_function.orders"
SHOP = "aws_apigatewayv2_api.shop"
GRANTED = f"aws_lambda_permission.shop lets {SHOP} invoke it"
REFUSED = f"no aws_lambda_permission lets {SHOP} invoke it: every call through it ends in a 500"
UNDECIDED = f"whether {SHOP} may invoke it is undecided: "
STACK = API + marked(FUNCTION)
TARGET_UNDECIDED = "which function this calls is undecided: "


def expect_granted(source: str, *, by: str = "aws_lambda_permission.shop") -> None:
    expect("PERMISSION_EXPLICIT", source, ("pass", ORDERS, f"{by} lets {SHOP} invoke it"))


def expect_refused(source: str, why: str = "", qualifier: str = "") -> None:
    message = REFUSED.replace("it:", f"it, qualifier {qualifier}:") if qualifier else REFUSED
    message += f"; aws_lambda_permission.shop {why}" if why else ""
    expect("PERMISSION_EXPLICIT", source, ("fail", ORDERS, message))


def expect_undecided(source: str, why: str) -> None:
    expect("PERMISSION_EXPLICIT", source, ("unproven", ORDERS, UNDECIDED + why))


# The permission itself


def test_a_permission_for_the_pair_passes() -> None:
    expect_granted(STACK + integration() + permission())


def test_without_a_permission_the_function_fails() -> None:
    expect_refused(STACK + integration())


def test_a_stack_without_a_call_has_no_subject() -> None:
    message = "the stack has no API that calls a Lambda function"
    expect("PERMISSION_EXPLICIT", API + FUNCTION, ("not_applicable", None, message))


def test_the_action_lambda_star_is_enough() -> None:
    expect_granted(STACK + integration() + permission(action='"lambda:*"'))


@pytest.mark.parametrize("action", ['"lambda:GetFunction"', '"*"', '"lambda:InvokeFunctionUrl"'])
def test_another_action_is_not(action: str) -> None:
    expect_refused(STACK + integration() + permission(action=action), f"allows the action {action}")


@pytest.mark.parametrize("principal", ['"events.amazonaws.com"', '"*"', '"123456789012"'])
def test_another_principal_is_not(principal: str) -> None:
    expect_refused(STACK + integration() + permission(principal=principal), f"is for the principal {principal}")


def test_a_permission_for_another_function_does_not_count() -> None:
    expect_refused(STACK + OTHER_FUNCTION + integration() + permission(function="aws_lambda_function.items.arn"))


@pytest.mark.parametrize(
    "function", ['"items"', '"items:live"', '"arn:aws:lambda:eu-west-1:123456789012:function:items"']
)
def test_a_permission_for_a_function_of_another_name_does_not_count(function: str) -> None:
    expect_refused(STACK + integration() + permission(function=function), f"is for the function {function}")
    elsewhere = permission(function=function, source_arn='"*"').replace('"shop"', '"elsewhere"')
    expect_granted(STACK + integration() + elsewhere + permission())


def test_another_principals_permission_for_an_undecided_function_does_not_matter() -> None:
    source = STACK + 'variable "x" {}\n' + integration()
    expect_refused(source + permission(function="var.x", principal='"events.amazonaws.com"'))


def test_an_undecided_action_or_principal_is_unproven_with_advice() -> None:
    advice = "is var.x, and var.x has no value; give it one with --var-file"
    stack = STACK + 'variable "x" {}\n' + integration()
    expect_undecided(stack + permission(principal="var.x"), f"aws_lambda_permission.shop: principal {advice}")
    expect_undecided(stack + permission(action="var.x"), f"aws_lambda_permission.shop: action {advice}")


def test_the_first_of_two_undecided_attributes_is_named() -> None:
    stack = STACK + 'variable "x" {}\nvariable "y" {}\n' + integration()
    advice = "is var.x, and var.x has no value; give it one with --var-file"
    source = stack + permission(principal="var.x", action="var.y")
    expect_undecided(source, f"aws_lambda_permission.shop: principal {advice}")


def test_a_failure_points_at_the_call_and_at_permissions_that_come_near() -> None:
    source = API + FUNCTION + integration() + permission(principal='"events.amazonaws.com"')
    ((result,), _) = judged("PERMISSION_EXPLICIT", {"main.tf": source})
    assert [(item.message, item.location.line if item.location else None) for item in result.related] == [
        ("what calls it", 8),
        ('aws_lambda_permission.shop is for the principal "events.amazonaws.com"', 13),
    ]


def test_an_unproven_result_points_at_the_value_that_is_missing() -> None:
    source = API + FUNCTION + 'variable "x" {}\n' + integration("var.x")
    ((result,), _) = judged("PERMISSION_EXPLICIT", {"main.tf": source})
    assert [(item.message, item.location.line if item.location else None) for item in result.related] == [
        ("the value that is missing", 8)
    ]


def test_a_wrong_action_is_a_failure_whoever_the_principal_is() -> None:
    source = STACK + 'variable "x" {}\n' + integration() + permission(principal="var.x", action='"lambda:GetFunction"')
    expect_refused(source, "is for the principal var.x")


# Which function: matched by reference, by the same literal, or by the same expression


@pytest.mark.parametrize(
    "function",
    [
        "aws_lambda_function.orders.function_name",
        "aws_lambda_function.orders.arn",
        "aws_lambda_function.orders.id",
        '"${aws_lambda_function.orders.arn}"',
        '"orders"',
        '"arn:aws:lambda:eu-west-1:123456789012:function:orders"',
        '"123456789012:function:orders"',
        f'"arn:aws:lambda:{REGION}:{ACCOUNT}:function:orders"',
        'format("%s", aws_lambda_function.orders.function_name)',
        "local.function",
        "aws_lambda_permission.first.function_name",
    ],
)
def test_ways_to_name_the_function_in_a_permission(function: str) -> None:
    source = STACK + CALLER_DATA + integration() + permission(function=function)
    source += "locals {\n  function = aws_lambda_function.orders.function_name\n}\n"
    source += permission(name="first", principal='"events.amazonaws.com"')
    expect_granted(source)


@pytest.mark.parametrize(
    "uri",
    [
        "aws_lambda_function.orders.invoke_arn",
        "aws_lambda_function.orders.arn",
        "aws_lambda_function.orders.response_streaming_invoke_arn",
        '"orders"',
        '"arn:aws:lambda:eu-west-1:123456789012:function:orders"',
        f'"arn:aws:lambda:{REGION}:{ACCOUNT}:function:orders"',
        'join(":", ["arn:aws:lambda", data.aws_region.here.name, "123456789012", "function", "orders"])',
        f'"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/${{aws_lambda_function.orders.arn}}/invocations"',
        'format("arn:aws:apigateway:%s:lambda:path/2015-03-31/functions/%s/invocations", data.aws_region.here.name, '
        "aws_lambda_function.orders.arn)",
        '"arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/'
        'arn:aws:lambda:eu-west-1:123456789012:function:orders/invocations"',
        f'"arn:aws:apigateway:{REGION}:lambda:path/2021-11-15/functions/arn:aws:lambda:{REGION}:{ACCOUNT}:function:'
        '${aws_lambda_function.orders.function_name}/response-streaming-invocations"',
        "aws_apigatewayv2_integration.first.integration_uri",
    ],
)
def test_ways_to_name_the_function_in_an_integration(uri: str) -> None:
    source = STACK + CALLER_DATA + integration(uri) + permission()
    expect_granted(source + integration(name="first"))


def test_names_by_the_same_expression_match() -> None:
    name = '"${var.prefix}-orders"'
    function = marked(FUNCTION.replace('= "orders"', f"= {name}")) + 'variable "prefix" {}\n'
    expect_granted(API + function + integration() + permission(function=name))
    arn = f'"arn:aws:lambda:{REGION}:{ACCOUNT}:function:${{var.prefix}}-orders"'
    expect_granted(API + function + CALLER_DATA + integration(arn) + permission(function=name))


def test_a_name_that_may_be_the_same_is_unproven() -> None:
    source = STACK + integration() + permission(function="var.name") + 'variable "name" {}\n'
    why = f'whether var.name is {ORDERS}, named "orders", shows only at apply'
    expect_undecided(source, f"aws_lambda_permission.shop: {why}")


def test_a_function_may_be_called_function() -> None:
    source = (STACK + integration('"function:live"')).replace('= "orders"', '= "function"')
    expect_granted(source + permission(function='"function:live"'))
    expect_granted(source.replace('"function:live"', '"function"') + permission(function='"function"'))


def test_two_functions_of_one_name_are_told_apart_by_reference_only() -> None:
    twin = FUNCTION.replace('"aws_lambda_function" "orders"', '"aws_lambda_function" "twin"')
    stack = STACK + twin + integration()
    expect_granted(stack + permission())
    expect_refused(stack + permission(function="aws_lambda_function.twin.function_name"))
    why = f'aws_lambda_permission.shop: "orders" names both {ORDERS} and aws_lambda_function.twin'
    expect_undecided(stack + permission(function='"orders"'), why)


@pytest.mark.parametrize(
    ("uri", "why"),
    [
        (
            "data.aws_lambda_function.orders.invoke_arn",
            'the function "legacy" is not declared in this stack',
        ),
        ("var.uri", 'whether var.uri is aws_lambda_function.orders, named "orders", shows only at apply'),
        (
            '"arn:aws:lambda:eu-west-1:123456789012:function:items"',
            'the function "arn:aws:lambda:eu-west-1:123456789012:function:items" is not declared in this stack',
        ),
        ('"a:b:c"', 'the function "a:b:c" is not declared in this stack'),
        ("null", "integration_uri is not set"),
        (
            "aws_lambda_function.orders.version",
            f'whether {ORDERS}.version is {ORDERS}, named "orders", shows only at apply',
        ),
        (
            '"arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/${var.uri}"',
            'whether "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/${var.uri}" is '
            'aws_lambda_function.orders, named "orders", shows only at apply',
        ),
        (
            "module.gone.arn",
            "the function is unknown (module.gone is not on disk: run terraform init to fetch it)",
        ),
    ],
)
def test_a_function_that_is_not_in_the_stack_is_unproven_at_the_integration(uri: str, why: str) -> None:
    source = API + FUNCTION + 'variable "uri" {}\nmodule "gone" {\n  source = "example.com/gone"\n}\n'
    source += 'data "aws_lambda_function" "orders" {\n  function_name = "legacy"\n}\n'
    source += marked(integration(uri), "aws_apigatewayv2_integration")
    expected = ("unproven", "aws_apigatewayv2_integration.orders", TARGET_UNDECIDED + why)
    expect("PERMISSION_EXPLICIT", source, expected)


def test_a_function_that_a_data_source_looks_up_is_the_one_of_that_name() -> None:
    data = 'data "aws_lambda_function" "it" {\n  function_name = "orders"\n}\n'
    source = STACK + data + integration("data.aws_lambda_function.it.invoke_arn")
    expect_granted(source + permission())
    expect_refused(source)
    expect_granted(source + permission(function="data.aws_lambda_function.it.function_name"))


def test_a_circle_of_references_is_unproven() -> None:
    circle = integration("aws_apigatewayv2_integration.b.integration_uri", name="a")
    circle += integration("aws_apigatewayv2_integration.a.integration_uri", name="b")
    circle = marked(marked(circle, "aws_apigatewayv2_integration", "a"), "aws_apigatewayv2_integration", "b")
    why = TARGET_UNDECIDED + "the function is unknown (references go round in a circle)"
    expect(
        "PERMISSION_EXPLICIT",
        API + circle,
        ("unproven", "aws_apigatewayv2_integration.a", why),
        ("unproven", "aws_apigatewayv2_integration.b", why),
    )


# Aliases and versions

LIVE = 'qualifier = "live"'
ALIAS_CALLED = STACK + ALIAS + integration("aws_lambda_alias.live.invoke_arn")


@pytest.mark.parametrize(
    "granted",
    [
        permission(SHOP_ARN, LIVE),
        permission(SHOP_ARN, "qualifier = aws_lambda_alias.live.name"),
        permission(SHOP_ARN, LIVE, function="aws_lambda_alias.live.function_name"),
        permission(function="aws_lambda_alias.live.arn"),
        permission(function='"orders:live"'),
        permission(function='"${aws_lambda_function.orders.function_name}:live"'),
        permission(function='"${aws_lambda_function.orders.arn}:${aws_lambda_alias.live.name}"'),
        permission(function='"arn:aws:lambda:eu-west-1:123456789012:function:orders:live"'),
    ],
)
@pytest.mark.parametrize(
    "uri",
    [
        "aws_lambda_alias.live.invoke_arn",
        "aws_lambda_alias.live.arn",
        f'"arn:aws:lambda:{REGION}:{ACCOUNT}:function:orders:live"',
        f'"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/${{aws_lambda_alias.live.arn}}/invocations"',
        f'"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/${{aws_lambda_function.orders.arn}}:live/invocations"',
    ],
)
def test_an_alias_needs_the_permission_with_its_qualifier(granted: str, uri: str) -> None:
    expect_granted(STACK + CALLER_DATA + ALIAS + integration(uri) + granted)


def test_a_permission_without_qualifier_does_not_count_for_an_alias() -> None:
    why = 'is for the function without qualifier, and the qualifier "live" is called'
    expect_refused(ALIAS_CALLED + permission(), why, '"live"')


def test_a_permission_with_qualifier_does_not_count_for_the_function() -> None:
    why = 'is for the qualifier "live", and the function without qualifier is called'
    expect_refused(STACK + integration() + permission(SHOP_ARN, LIVE), why)


def test_a_permission_for_a_version_does_not_count_for_the_function() -> None:
    granted = permission(SHOP_ARN, "qualifier = aws_lambda_function.orders.version")
    why = "is for the qualifier aws_lambda_function.orders.version, and the function without qualifier is called"
    expect_refused(STACK + integration() + granted, why)


def test_another_qualifier_does_not_count() -> None:
    why = 'is for the qualifier "test", and the qualifier "live" is called'
    expect_refused(ALIAS_CALLED + permission(SHOP_ARN, 'qualifier = "test"'), why, '"live"')


def test_a_version_needs_the_permission_with_its_qualifier() -> None:
    stack = STACK + integration("aws_lambda_function.orders.qualified_invoke_arn")
    expect_granted(stack + permission(SHOP_ARN, "qualifier = aws_lambda_function.orders.version"))
    expect_granted(stack + permission(function="aws_lambda_function.orders.qualified_arn"))
    why = "is for the function without qualifier, and the qualifier aws_lambda_function.orders.version is called"
    expect_refused(stack + permission(), why, "aws_lambda_function.orders.version")


def test_an_undecided_qualifier_is_unproven() -> None:
    why = 'aws_lambda_permission.shop: whether qualifier var.q is "live" shows only at apply'
    expect_undecided(ALIAS_CALLED + permission(SHOP_ARN, "qualifier = var.q") + 'variable "q" {}\n', why)
    why = "aws_lambda_permission.shop: whether qualifier var.q is null shows only at apply"
    expect_undecided(STACK + integration() + permission(SHOP_ARN, "qualifier = var.q") + 'variable "q" {}\n', why)


def test_an_integration_with_an_alias_and_one_without_need_one_each() -> None:
    stack = ALIAS_CALLED + integration(name="plain")
    with_alias, plain = permission(SHOP_ARN, LIVE, name="live"), permission()
    expect_granted(stack + with_alias + plain, by="aws_lambda_permission.live")
    why = 'aws_lambda_permission.live is for the qualifier "live", and the function without qualifier is called'
    expect("PERMISSION_EXPLICIT", stack + with_alias, ("fail", ORDERS, f"{REFUSED}; {why}"))


def test_an_alias_of_a_function_outside_the_stack_is_unproven_at_the_integration() -> None:
    alias = ALIAS.replace("aws_lambda_function.orders.function_name", '"items"')
    alias = alias.replace("aws_lambda_function.orders.version", '"1"')
    source = API + alias + marked(integration("aws_lambda_alias.live.invoke_arn"), "aws_apigatewayv2_integration")
    why = "the function aws_lambda_alias.live.invoke_arn is not declared in this stack"
    expected = ("unproven", "aws_apigatewayv2_integration.orders", TARGET_UNDECIDED + why)
    expect("PERMISSION_EXPLICIT", source, expected)


# Which API


def test_one_function_behind_two_apis_needs_a_permission_for_each() -> None:
    stack = STACK + OTHER_API + integration() + integration(name="blog", api="aws_apigatewayv2_api.blog.id")
    blog_arn = SHOP_ARN.replace(".shop", ".blog")
    refused = REFUSED.replace(".shop", ".blog")
    why = "; aws_lambda_permission.shop has a source_arn that is not of its routes"
    expect(
        "PERMISSION_EXPLICIT",
        stack + permission(),
        ("pass", ORDERS, GRANTED),
        ("fail", ORDERS, refused + why),
    )
    expect(
        "PERMISSION_EXPLICIT",
        stack + permission() + permission(blog_arn, name="blog"),
        ("pass", ORDERS, "aws_lambda_permission.blog lets aws_apigatewayv2_api.blog invoke it"),
        ("pass", ORDERS, GRANTED),
    )


def test_two_integrations_of_one_api_are_one_subject() -> None:
    expect_granted(STACK + integration() + integration(name="second") + permission())


def test_a_permission_for_the_other_api_does_not_count() -> None:
    source = STACK + OTHER_API + integration() + permission(SHOP_ARN.replace(".shop", ".blog"))
    expect_refused(source, "has a source_arn that is not of its routes")


@pytest.mark.parametrize(
    "source_arn",
    [
        None,
        "null",
        '"*"',
        '"arn:aws:execute-api:eu-west-1:123456789012:*/*/*"',
        '"${aws_apigatewayv2_api.shop.execution_arn}/*"',
        '"${aws_apigatewayv2_api.shop.execution_arn}/*/GET/orders"',
        '"${aws_apigatewayv2_stage.live.execution_arn}/*"',
        f'"arn:aws:execute-api:{REGION}:{ACCOUNT}:${{aws_apigatewayv2_api.shop.id}}/*/*"',
        'format("%s/*/*", aws_apigatewayv2_api.shop.execution_arn)',
        'join("/", [aws_apigatewayv2_api.shop.execution_arn, "*", "*"])',
        "local.arn",
    ],
)
def test_every_source_arn_that_lets_this_api_in_counts_here(source_arn: str | None) -> None:
    stage = block("aws_apigatewayv2_stage", "live", "api_id = aws_apigatewayv2_api.shop.id", 'name = "live"')
    source = STACK + CALLER_DATA + stage + integration() + permission(source_arn)
    expect_granted(source + f"locals {{\n  arn = {SHOP_ARN}\n}}\n")


@pytest.mark.parametrize(
    "source_arn",
    [
        '"${aws_apigatewayv2_api.shop.arn}/*/*"',
        "aws_apigatewayv2_api.shop.api_endpoint",
        '"${aws_apigatewayv2_stage.live.arn}/*"',
        '"arn:aws:s3:::bucket"',
        '"${aws_apigatewayv2_api.shop.execution_arn}/authorizers/*"',
    ],
)
def test_a_source_arn_that_is_of_no_route_does_not_count(source_arn: str) -> None:
    stage = block("aws_apigatewayv2_stage", "live", "api_id = aws_apigatewayv2_api.shop.id", 'name = "live"')
    source = STACK + stage + integration() + permission(source_arn)
    expect_refused(source, "has a source_arn that is not of its routes")


def test_an_api_by_its_literal_id_is_unproven() -> None:
    source = STACK + integration() + permission('"arn:aws:execute-api:eu-west-1:123456789012:a1b2c3/*/*"')
    why = 'source_arn names an API by the id "a1b2c3", and AWS gives aws_apigatewayv2_api.shop its id at apply'
    expect_undecided(source, f"aws_lambda_permission.shop: {why}")


APPLY = "which only apply decides"


@pytest.mark.parametrize(
    ("source_arn", "decided_by"),
    [
        ("var.arn", "and var.arn has no value; give it one with --var-file"),
        ('"${var.arn}/*/*"', "and var.arn has no value; give it one with --var-file"),
        ('"${data.aws_apigatewayv2_api.shop.execution_arn}/*/*"', APPLY),
        ('"x${aws_apigatewayv2_api.shop.execution_arn}/*/*"', APPLY),
        ('"${aws_apigatewayv2_api.shop.execution_arn}/${data.aws_region.here.name}/*"', APPLY),
        ('"arn:aws:apigateway:::${aws_apigatewayv2_api.shop.id}/*/*"', APPLY),
        ('"arn:aws:execute-api:eu-west-1:123456789012:${aws_lambda_function.orders.id}/*/*"', APPLY),
        ('"${aws_lambda_function.orders.arn}/*/*"', APPLY),
    ],
)
def test_a_source_arn_that_only_apply_decides_is_unproven(source_arn: str, decided_by: str) -> None:
    source = STACK + CALLER_DATA + 'variable "arn" {}\ndata "aws_apigatewayv2_api" "shop" {\n  api_id = "a1b2c3"\n}\n'
    why = f"aws_lambda_permission.shop: source_arn is {source_arn}, {decided_by}"
    expect_undecided(source + integration() + permission(source_arn), why)


def test_the_arn_of_a_stage_of_an_undecided_api_is_unproven() -> None:
    stage = block("aws_apigatewayv2_stage", "live", 'api_id = "a1b2c3"', 'name = "live"')
    source = STACK + stage + integration() + permission('"${aws_apigatewayv2_stage.live.execution_arn}/*"')
    expect_undecided(source, 'aws_lambda_permission.shop: the API "a1b2c3" is not declared in this stack')


@pytest.mark.parametrize(
    ("api", "why"),
    [
        (
            "data.aws_apigatewayv2_api.shop.id",
            "the API data.aws_apigatewayv2_api.shop.id is not declared in this stack",
        ),
        ('"a1b2c3"', 'the API "a1b2c3" is not declared in this stack'),
        ("var.api", "the API var.api is not declared in this stack"),
        (f"{SHOP}.api_endpoint", f"the API {SHOP}.api_endpoint is not declared in this stack"),
        ("aws_apigatewayv2_api.shop.name", 'the API "shop" is not declared in this stack'),
        ("module.gone.id", "the API is unknown (module.gone is not on disk: run terraform init to fetch it)"),
    ],
)
def test_an_api_that_is_not_in_the_stack_is_unproven(api: str, why: str) -> None:
    source = STACK + 'variable "api" {}\ndata "aws_apigatewayv2_api" "shop" {\n  api_id = "a1b2c3"\n}\n'
    source += 'module "gone" {\n  source = "example.com/gone"\n}\n' + integration(api=api) + permission()
    message = f"which API calls it through aws_apigatewayv2_integration.orders is undecided: {why}"
    expect("PERMISSION_EXPLICIT", source, ("unproven", ORDERS, message))


# Modules, count and for_each


def test_api_function_and_permission_in_three_modules() -> None:
    files = {
        "main.tf": 'module "api" {\n  source = "./api"\n  uri = module.fn.uri\n}\nmodule "fn" {\n  source = "./fn"\n}\n'
        'module "grant" {\n  source = "./grant"\n  name = module.fn.name\n  arn = module.api.arn\n}\n',
        "api/main.tf": API + integration("var.uri") + 'variable "uri" {}\n'
        'output "arn" {\n  value = aws_apigatewayv2_api.shop.execution_arn\n}\n',
        "fn/main.tf": marked(FUNCTION) + 'output "uri" {\n  value = aws_lambda_function.orders.invoke_arn\n}\n'
        'output "name" {\n  value = aws_lambda_function.orders.function_name\n}\n',
        "grant/main.tf": permission('"${var.arn}/*/*"', function="var.name")
        + 'variable "arn" {}\nvariable "name" {}\n',
    }
    message = "module.grant.aws_lambda_permission.shop lets module.api.aws_apigatewayv2_api.shop invoke it"
    expect("PERMISSION_EXPLICIT", files, ("pass", f"module.fn.{ORDERS}", message))
    del files["grant/main.tf"]
    files["main.tf"] = files["main.tf"].partition('module "grant"')[0]
    message = REFUSED.replace(SHOP, f"module.api.{SHOP}")
    expect("PERMISSION_EXPLICIT", files, ("fail", f"module.fn.{ORDERS}", message))


def test_a_module_that_is_not_fetched_leaves_a_missing_permission_unproven() -> None:
    source = STACK + integration() + 'module "grant" {\n  source  = "example.com/grant"\n  version = "1.0.0"\n}\n'
    expect_undecided(source, "module.grant is not on disk (run terraform init to fetch it) and may declare it")


def each(collection: str, *, permitted: str | None) -> str:
    """A function and an integration for each element; permissions over `permitted`."""
    source = API + block("aws_lambda_function", "«all", f"for_each = {collection}", "function_name = each.key")
    source += integration("aws_lambda_function.all[each.key].invoke_arn", f"for_each = {collection}")
    if permitted:
        source += permission(
            SHOP_ARN, f"for_each = {permitted}", function="aws_lambda_function.all[each.key].function_name"
        )
    return source


def test_for_each_over_a_known_collection_on_both_sides() -> None:
    names = 'toset(["a", "b"])'
    expect(
        "PERMISSION_EXPLICIT",
        each(names, permitted=names),
        ("pass", 'aws_lambda_function.all["a"]', f'aws_lambda_permission.shop["a"] lets {SHOP} invoke it'),
        ("pass", 'aws_lambda_function.all["b"]', f'aws_lambda_permission.shop["b"] lets {SHOP} invoke it'),
    )


def test_for_each_that_leaves_one_function_without_permission() -> None:
    expect(
        "PERMISSION_EXPLICIT",
        each('{ a = "1", b = "2" }', permitted='{ b = "2" }'),
        ("fail", 'aws_lambda_function.all["a"]', REFUSED),
        ("pass", 'aws_lambda_function.all["b"]', f'aws_lambda_permission.shop["b"] lets {SHOP} invoke it'),
    )


def test_for_each_over_the_same_undecided_collection_on_both_sides_passes() -> None:
    source = each("var.functions", permitted="var.functions") + 'variable "functions" {}\n'
    expect("PERMISSION_EXPLICIT", source, ("pass", "aws_lambda_function.all", GRANTED))


def test_for_each_over_an_undecided_collection_without_permission_fails() -> None:
    source = each("var.functions", permitted=None) + 'variable "functions" {}\n'
    expect("PERMISSION_EXPLICIT", source, ("fail", "aws_lambda_function.all", REFUSED))


def test_each_key_in_names_matches_over_the_same_collection() -> None:
    source = each("var.functions", permitted="var.functions") + 'variable "functions" {}\n'
    source = source.replace("aws_lambda_function.all[each.key].function_name", "each.key")
    expect("PERMISSION_EXPLICIT", source, ("pass", "aws_lambda_function.all", GRANTED))


COUNT = "count = var.create ? 1 : 0"
CREATE = 'variable "create" {}\n'


def counted(*, granted: str) -> str:
    api = API.replace("{\n", f"{{\n  {COUNT}\n", 1)
    function = marked(FUNCTION.replace("{\n", f"{{\n  {COUNT}\n", 1))
    calls = integration("aws_lambda_function.orders[0].invoke_arn", COUNT, api="aws_apigatewayv2_api.shop[0].id")
    grants = permission(
        SHOP_ARN.replace(".shop", ".shop[0]"), granted, function="aws_lambda_function.orders[0].function_name"
    )
    return CREATE + api + function + calls + grants


def test_the_same_count_on_both_sides_passes() -> None:
    message = f"aws_lambda_permission.shop[0] lets {SHOP}[0] invoke it"
    expect("PERMISSION_EXPLICIT", counted(granted=COUNT), ("pass", f"{ORDERS}[0]", message))


def test_another_count_for_the_permission_is_unproven() -> None:
    source = counted(granted="count = var.grant ? 1 : 0") + 'variable "grant" {}\n'
    message = (
        f"whether {SHOP}[0] may invoke it is undecided: aws_lambda_permission.shop[0]: "
        "whether it exists depends on var.grant ? 1 : 0"
    )
    expect("PERMISSION_EXPLICIT", source, ("unproven", f"{ORDERS}[0]", message))


def test_a_count_for_the_permission_alone_is_unproven() -> None:
    source = CREATE + STACK + integration() + permission(SHOP_ARN, COUNT)
    why = "aws_lambda_permission.shop[0]: whether it exists depends on var.create ? 1 : 0"
    expect_undecided(source, why)


def test_a_count_for_the_call_alone_passes() -> None:
    expect_granted(CREATE + STACK + integration("aws_lambda_function.orders.invoke_arn", COUNT) + permission())


def test_count_0_is_no_permission() -> None:
    expect_refused(STACK + integration() + permission(SHOP_ARN, "count = 0"))


# What needs none, and what else calls a function


@pytest.mark.parametrize(
    "role", ["aws_iam_role.api.arn", '"arn:aws:iam::123456789012:role/api"', '"${aws_iam_role.api.arn}/x"']
)
def test_an_integration_with_credentials_needs_none(role: str) -> None:
    source = STACK + integration("aws_lambda_function.orders.arn", f"credentials_arn = {role}")
    source += block("aws_iam_role", "api", 'name = "api"', 'assume_role_policy = "{}"')
    message = "aws_apigatewayv2_integration.orders calls it with a role of its own"
    expect("PERMISSION_EXPLICIT", source, ("not_applicable", ORDERS, message))


def test_undecided_credentials_are_unproven_without_a_permission() -> None:
    calls = integration("aws_lambda_function.orders.arn", "credentials_arn = var.role") + 'variable "role" {}\n'
    why = (
        "the role that aws_apigatewayv2_integration.orders calls with is var.role, and var.role has no value; "
        "give it one with --var-file"
    )
    expect_undecided(STACK + calls, why)
    expect_granted(STACK + calls + permission())


def test_credentials_that_are_conditional_or_unknown_are_unproven_without_a_permission() -> None:
    stack = STACK + 'variable "x" {}\nmodule "gone" {\n  source = "example.com/gone"\n}\n'
    calls = integration("aws_lambda_function.orders.arn", 'credentials_arn = var.x == "" ? null : var.x')
    why = (
        "the role that aws_apigatewayv2_integration.orders calls with is "
        'var.x == "" ? null : var.x, and var.x has no value; give it one with --var-file'
    )
    expect_undecided(stack + calls, why)
    calls = integration("aws_lambda_function.orders.arn", "credentials_arn = module.gone.role")
    expect_undecided(stack + calls, "module.gone is not on disk: run terraform init to fetch it")


def test_null_credentials_are_none() -> None:
    expect_refused(STACK + integration("aws_lambda_function.orders.arn", "credentials_arn = null"))


def test_the_worst_integration_of_an_api_counts() -> None:
    role = 'credentials_arn = "arn:aws:iam::123456789012:role/api"'
    source = STACK + integration("aws_lambda_function.orders.arn", role) + integration(name="second")
    expect_refused(source)
    expect_granted(source + permission())


@pytest.mark.parametrize(
    "lines",
    [
        ('integration_type = "HTTP_PROXY"', 'integration_uri = "https://example.com"'),
        ('integration_type = "AWS_PROXY"', 'integration_subtype = "SQS-SendMessage"'),
        ('integration_type = "MOCK"',),
        ('integration_type = "AWS"', 'integration_uri = "arn:aws:apigateway:eu-west-1:sqs:path/123456789012/q"'),
        ('integration_type = "AWS"', f'integration_uri = "arn:aws:apigateway:{REGION}:states:action/StartExecution"'),
    ],
)
def test_integrations_without_a_function_are_no_subject(lines: tuple[str, ...]) -> None:
    source = (
        API + CALLER_DATA + block("aws_apigatewayv2_integration", "x", "api_id = aws_apigatewayv2_api.shop.id", *lines)
    )
    message = "the stack has no API that calls a Lambda function"
    expect("PERMISSION_EXPLICIT", source, ("not_applicable", None, message))


def test_an_undecided_kind_of_integration_is_unproven_unless_its_function_is_known() -> None:
    stack = API + FUNCTION + 'variable "x" {}\n'
    by_type = block(
        "aws_apigatewayv2_integration",
        "«a",
        f"api_id = {SHOP}.id",
        "integration_type = var.x",
        'integration_uri = "items"',
    )
    advice = "is var.x, and var.x has no value; give it one with --var-file"
    expected = ("unproven", "aws_apigatewayv2_integration.a", f"{TARGET_UNDECIDED}integration_type {advice}")
    expect("PERMISSION_EXPLICIT", stack + by_type, expected)
    by_subtype = block(
        "aws_apigatewayv2_integration",
        "«a",
        f"api_id = {SHOP}.id",
        'integration_type = "AWS_PROXY"',
        "integration_subtype = var.x",
    )
    expected = ("unproven", "aws_apigatewayv2_integration.a", f"{TARGET_UNDECIDED}integration_subtype {advice}")
    expect("PERMISSION_EXPLICIT", stack + by_subtype, expected)
    known = by_type.replace('"items"', "aws_lambda_function.orders.arn").replace("«", "").replace("»", "")
    expect_refused(marked(stack) + known)


def test_a_websocket_api_counts() -> None:
    source = (STACK + integration()).replace('"HTTP"', '"WEBSOCKET"').replace('"AWS_PROXY"', '"AWS"')
    expect_refused(source)
    expect_granted(source + permission())


REST = block("aws_api_gateway_rest_api", "shop", 'name = "shop"')


def rest_integration(*more: str, uri: str = "aws_lambda_function.orders.invoke_arn", kind: str = "AWS_PROXY") -> str:
    lines = ("rest_api_id = aws_api_gateway_rest_api.shop.id", 'resource_id = "r"', 'http_method = "GET"')
    return block("aws_api_gateway_integration", "orders", *lines, f'type = "{kind}"', f"uri = {uri}", *more)


def test_a_rest_api_counts() -> None:
    stack = REST + marked(FUNCTION) + rest_integration()
    refused = REFUSED.replace(SHOP, "aws_api_gateway_rest_api.shop")
    expect("PERMISSION_EXPLICIT", stack, ("fail", ORDERS, refused))
    granted = permission('"${aws_api_gateway_rest_api.shop.execution_arn}/*/*"')
    message = "aws_lambda_permission.shop lets aws_api_gateway_rest_api.shop invoke it"
    expect("PERMISSION_EXPLICIT", stack + granted, ("pass", ORDERS, message))


def test_a_rest_integration_with_credentials_needs_none() -> None:
    source = REST + marked(FUNCTION) + rest_integration('credentials = "arn:aws:iam::123456789012:role/api"')
    message = "aws_api_gateway_integration.orders calls it with a role of its own"
    expect("PERMISSION_EXPLICIT", source, ("not_applicable", ORDERS, message))


def test_a_rest_integration_with_another_service_is_no_subject() -> None:
    source = REST + rest_integration(uri='"arn:aws:apigateway:eu-west-1:dynamodb:action/GetItem"', kind="AWS")
    message = "the stack has no API that calls a Lambda function"
    expect("PERMISSION_EXPLICIT", source, ("not_applicable", None, message))


def test_a_rest_api_beside_an_http_api_is_another_api() -> None:
    stack = REST + STACK + integration() + rest_integration()
    refused = REFUSED.replace(SHOP, "aws_api_gateway_rest_api.shop")
    why = "; aws_lambda_permission.shop has a source_arn that is not of its routes"
    expect("PERMISSION_EXPLICIT", stack + permission(), ("pass", ORDERS, GRANTED), ("fail", ORDERS, refused + why))


def test_a_quick_create_api_counts() -> None:
    api = API.replace("}\n", "  target = aws_lambda_function.orders.arn\n}\n")
    expect_refused(api + marked(FUNCTION))
    expect_granted(api + marked(FUNCTION) + permission())
    with_role = api.replace("}\n", '  credentials_arn = "arn:aws:iam::123456789012:role/api"\n}\n')
    message = f"{SHOP} (target) calls it with a role of its own"
    expect("PERMISSION_EXPLICIT", with_role + marked(FUNCTION), ("not_applicable", ORDERS, message))


@pytest.mark.parametrize("url", ['"https://example.com"', '"http://${var.host}"'])
def test_a_quick_create_api_for_a_url_is_no_subject(url: str) -> None:
    source = API.replace("}\n", f"  target = {url}\n}}\n") + 'variable "host" {}\n'
    message = "the stack has no API that calls a Lambda function"
    expect("PERMISSION_EXPLICIT", source, ("not_applicable", None, message))


def test_a_quick_create_api_with_an_undecided_target_is_unproven_at_the_api() -> None:
    source = marked(API, "aws_apigatewayv2_api", "shop").replace("}\n", "  target = var.t\n}\n") + 'variable "t" {}\n'
    message = f"{TARGET_UNDECIDED}the function var.t is not declared in this stack"
    expect("PERMISSION_EXPLICIT", source, ("unproven", SHOP, message))


# Authorizers are judged apart


def authorizer(*more: str, uri: str = "aws_lambda_function.orders.invoke_arn") -> str:
    lines = (f"api_id = {SHOP}.id", 'authorizer_type = "REQUEST"', 'name = "a"', f"authorizer_uri = {uri}")
    return block("aws_apigatewayv2_authorizer", "guard", *lines, *more)


AUTHORIZER_REFUSED = REFUSED.replace(SHOP, f"an authorizer of {SHOP}")
AUTHORIZER_GRANTED = GRANTED.replace(SHOP, f"an authorizer of {SHOP}")


@pytest.mark.parametrize("suffix", ["/authorizers/*", "/authorizers/abc", "/*/*", "/*"])
def test_an_authorizers_function_needs_a_permission_for_authorizers(suffix: str) -> None:
    source = STACK + authorizer() + permission(SHOP_ARN.replace("/*/*", suffix))
    expect("PERMISSION_EXPLICIT", source, ("pass", ORDERS, AUTHORIZER_GRANTED))


def test_an_authorizers_function_without_one_fails() -> None:
    expect("PERMISSION_EXPLICIT", STACK + authorizer(), ("fail", ORDERS, AUTHORIZER_REFUSED))
    for suffix in ("/*/*/*", "/*/GET/orders", ""):
        source = STACK + authorizer() + permission(SHOP_ARN.replace("/*/*", suffix))
        why = "; aws_lambda_permission.shop has a source_arn that is not of its authorizers"
        expect("PERMISSION_EXPLICIT", source, ("fail", ORDERS, AUTHORIZER_REFUSED + why))


def test_a_permission_for_one_authorizer_is_for_no_other() -> None:
    suffix = "/authorizers/${aws_apigatewayv2_authorizer.guard.id}"
    mine = STACK + authorizer() + permission(SHOP_ARN.replace("/*/*", suffix))
    expect("PERMISSION_EXPLICIT", mine, ("pass", ORDERS, AUTHORIZER_GRANTED))
    other = authorizer(uri="aws_lambda_function.items.invoke_arn").replace('"guard"', '"other"')
    theirs = STACK + OTHER_FUNCTION + authorizer() + other + permission(SHOP_ARN.replace("/*/*", suffix))
    items = ("fail", "aws_lambda_function.items", AUTHORIZER_REFUSED)
    source = marked(theirs.replace("guard.id", "other.id"), name="items")
    why = "; aws_lambda_permission.shop has a source_arn that is not of its authorizers"
    expect("PERMISSION_EXPLICIT", source, ("fail", ORDERS, AUTHORIZER_REFUSED + why), items)


def test_a_permission_for_an_authorizer_is_for_no_integration() -> None:
    suffix = "/authorizers/${aws_apigatewayv2_authorizer.guard.id}"
    elsewhere = authorizer(uri="aws_lambda_function.items.invoke_arn")
    items = ("fail", "aws_lambda_function.items", AUTHORIZER_REFUSED)
    source = STACK + marked(OTHER_FUNCTION, name="items") + elsewhere + integration()
    why = "; aws_lambda_permission.shop has a source_arn that is not of its routes"
    source += permission(SHOP_ARN.replace("/*/*", suffix))
    expect("PERMISSION_EXPLICIT", source, ("fail", ORDERS, REFUSED + why), items)


def test_a_function_that_serves_and_authorizes_has_two_results() -> None:
    stack = STACK + integration() + authorizer()
    why = "; aws_lambda_permission.shop has a source_arn that is not of its routes"
    expect(
        "PERMISSION_EXPLICIT",
        stack + permission(SHOP_ARN.replace("/*/*", "/authorizers/*")),
        ("pass", ORDERS, AUTHORIZER_GRANTED),
        ("fail", ORDERS, REFUSED + why),
    )
    expect("PERMISSION_EXPLICIT", stack + permission(), ("pass", ORDERS, AUTHORIZER_GRANTED), ("pass", ORDERS, GRANTED))


def test_an_authorizer_with_credentials_needs_none() -> None:
    source = STACK + authorizer('authorizer_credentials_arn = "arn:aws:iam::123456789012:role/api"')
    message = "aws_apigatewayv2_authorizer.guard calls it with a role of its own"
    expect("PERMISSION_EXPLICIT", source, ("not_applicable", ORDERS, message))


def test_an_authorizer_without_a_function_is_no_subject() -> None:
    source = API + authorizer(uri="null").replace("REQUEST", "JWT")
    message = "the stack has no API that calls a Lambda function"
    expect("PERMISSION_EXPLICIT", source, ("not_applicable", None, message))


def test_a_rest_authorizer_counts() -> None:
    lines = ("rest_api_id = aws_api_gateway_rest_api.shop.id", 'name = "a"', f"authorizer_uri = {ORDERS}.invoke_arn")
    source = REST + marked(FUNCTION) + block("aws_api_gateway_authorizer", "guard", *lines)
    refused = AUTHORIZER_REFUSED.replace(SHOP, "aws_api_gateway_rest_api.shop")
    expect("PERMISSION_EXPLICIT", source, ("fail", ORDERS, refused))


# OpenAPI bodies

BODY = """\
  body = jsonencode({
    openapi = "3.0.1"
    paths = {
      "/orders" = {
        parameters = []
        get = {
          operationId = "orders"
          x-amazon-apigateway-integration = {
            type = "aws_proxy"
            uri  = aws_lambda_function.orders.invoke_arn
            payloadFormatVersion = "2.0"
          }
        }
      }
    }
  })
}
"""


@pytest.mark.parametrize("kind", ["aws_apigatewayv2_api", "aws_api_gateway_rest_api"])
def test_an_openapi_body_counts(kind: str) -> None:
    api = block(kind, "shop", 'name = "shop"').replace("}\n", BODY)
    source = marked(FUNCTION) + api
    expect("PERMISSION_EXPLICIT", source, ("fail", ORDERS, REFUSED.replace(SHOP, f"{kind}.shop")))
    granted = source + permission(f'"${{{kind}.shop.execution_arn}}/*/*"')
    expect("PERMISSION_EXPLICIT", granted, ("pass", ORDERS, GRANTED.replace(SHOP, f"{kind}.shop")))


def test_an_openapi_integration_with_credentials_needs_none() -> None:
    body = BODY.replace('payloadFormatVersion = "2.0"', 'credentials = "arn:aws:iam::123456789012:role/api"')
    message = f"{SHOP} (GET /orders) calls it with a role of its own"
    source = API.replace("}\n", body) + marked(FUNCTION)
    expect("PERMISSION_EXPLICIT", source, ("not_applicable", ORDERS, message))


def test_an_openapi_body_as_json_text_counts() -> None:
    body = (
        '  body = <<-JSON\n  {"openapi": "3.0.1", "info": {"version": 1.0}, "tags": ["a"], "paths": {"/$default": {'
        '"x-amazon-apigateway-any-method": {"x-amazon-apigateway-integration": {"type": "AWS_PROXY", '
        '"uri": "arn:aws:lambda:eu-west-1:123456789012:function:orders"}}}}}\n  JSON\n}\n'
    )
    expect_refused(API.replace("}\n", body) + marked(FUNCTION))


@pytest.mark.parametrize(
    "change",
    [
        ('"aws_proxy"', '"http_proxy"'),
        ('"aws_proxy"', '"aws_proxy"\n            integrationSubtype = "SQS-SendMessage"'),
        ("aws_lambda_function.orders.invoke_arn", '"arn:aws:apigateway:eu-west-1:sqs:path/q"'),
        ("x-amazon-apigateway-integration", "x-other"),
    ],
)
def test_openapi_integrations_without_a_function_are_no_subject(change: tuple[str, str]) -> None:
    message = "the stack has no API that calls a Lambda function"
    source = API.replace("}\n", BODY.replace(*change)) + FUNCTION
    expect("PERMISSION_EXPLICIT", source, ("not_applicable", None, message))


REF = 'x-amazon-apigateway-integration = { "$ref" = "#/components/x-amazon-apigateway-integrations/orders"\n'


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("  body = var.body\n}\n", "body is var.body, and var.body has no value; give it one with --var-file"),
        ('  body = "openapi.yaml"\n}\n', "the OpenAPI body is no object"),
        ('  body = "[]"\n}\n', "the OpenAPI body is no object"),
        (
            BODY.replace("aws_lambda_function.orders.invoke_arn", '"items"'),
            'the function "items" is not declared in this stack',
        ),
        (
            BODY.replace("x-amazon-apigateway-integration = {\n", REF),
            'the $ref "#/components/x-amazon-apigateway-integrations/orders" stands beside payloadFormatVersion: keep '
            "one of the two",
        ),
        (
            BODY.replace('openapi = "3.0.1"', "").replace("paths = {", "paths = var.body\n other = {"),
            "a part of the OpenAPI body is var.body, and var.body has no value; give it one with --var-file",
        ),
        (
            BODY.replace("get = {", "get = var.body\n other = {"),
            "a part of the OpenAPI body is var.body, and var.body has no value; give it one with --var-file",
        ),
    ],
)
def test_an_openapi_body_that_cannot_be_read_is_unproven_at_the_api(body: str, why: str) -> None:
    source = marked(API, "aws_apigatewayv2_api", "shop").replace("}\n", body) + 'variable "body" {}\n'
    source += OTHER_FUNCTION.replace('"items"\n', '"stock"\n') + FUNCTION.replace('name = "orders"', 'name = "stock2"')
    expect("PERMISSION_EXPLICIT", source, ("unproven", SHOP, TARGET_UNDECIDED + why))
