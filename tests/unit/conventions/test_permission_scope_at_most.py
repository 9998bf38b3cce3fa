"""PERMISSION_SCOPE with the setting permission-scope = "at-most": narrower than the API, if every route is covered."""

from __future__ import annotations

import pytest

from tests.unit.conventions.http_api import (
    ALIAS,
    API,
    FUNCTION,
    OTHER_API,
    OTHER_FUNCTION,
    SHOP_ARN,
    block,
    integration,
    permission,
)
from tests.unit.repository import Repository

SHOP = "aws_apigatewayv2_api.shop"
STACK = API + FUNCTION + integration()
COVERED = "{} of aws_apigatewayv2_api.shop: every route to the function is covered"
UNDECIDED = "whether every route of aws_apigatewayv2_api.shop is covered is undecided: "
STAGE = block("aws_apigatewayv2_stage", "live", f"api_id = {SHOP}.id", 'name = "live"')
VARIABLE = 'variable "x" {}\n'


def route(key: str, name: str = "r", *, to: str = "orders", api: str = SHOP) -> str:
    target = f'target = "integrations/${{aws_apigatewayv2_integration.{to}.id}}"'
    return block("aws_apigatewayv2_route", name, f"api_id = {api}.id", f"route_key = {key}", target)


def ending(suffix: str) -> str:
    return f'"${{{SHOP}.execution_arn}}{suffix}"'


def judged(repository: Repository, source: str) -> dict[str, tuple[str, str]]:
    """(verdict, message) by the permission's name."""
    repository.write("routeproof.toml", 'permission-scope = "at-most"\n')
    repository.write("main.tf", source)
    document = repository.check("--select", "PERMISSION_SCOPE").document
    assert document["errors"] == []
    results = document["roots"][0]["results"]
    return {str(r["address"]).removeprefix("aws_lambda_permission."): (r["verdict"], r["message"]) for r in results}


def expect(repository: Repository, suffix: str, verdict: str, message: str, *, stack: str) -> None:
    found = judged(repository, stack + permission(ending(suffix)))
    assert found == {"shop": (verdict, message)}


@pytest.mark.parametrize(
    ("suffix", "key"),
    [
        ("/*/GET/hello", "GET /hello"),
        ("/live/GET/hello", "GET /hello"),
        ("/live/*", "GET /hello"),
        ("/*/GET/*", "GET /{proxy+}"),
        ("/*/*/hello", "ANY /hello"),
        ("/*/$default", "$default"),
        ("/*/*/*", "GET /hello"),
    ],
)
def test_narrower_passes_where_its_route_is_covered(repository: Repository, suffix: str, key: str) -> None:
    stack = STACK + STAGE + route(f'"{key}"')
    message = f"scoped to {SHOP}, which has no $default route" if suffix == "/*/*/*" else COVERED.format(suffix)
    expect(repository, suffix, "pass", message, stack=stack)


@pytest.mark.parametrize(
    ("suffix", "key", "left_out"),
    [
        ("/*/GET/hello", "GET /bye", "GET /bye at the stage live"),
        ("/*/GET/hello", "ANY /hello", "DELETE /hello at the stage live"),
        ("/test/*", "GET /hello", "GET /hello at the stage live"),
        ("/*/*/*", "$default", "$default at the stage live"),
        ("/authorizers/*", "GET /hello", "GET /hello at the stage live"),
    ],
)
def test_narrower_fails_where_its_route_is_not(repository: Repository, suffix: str, key: str, left_out: str) -> None:
    message = (
        f"aws_apigatewayv2_route.r ({key}) is not covered: aws_lambda_permission.shop permits {suffix}, which leaves "
        f"out {left_out}: its calls end in a 500"
    )
    if suffix == "/authorizers/*":
        message = f"aws_apigatewayv2_route.r ({key}) is not covered: no aws_lambda_permission lets {SHOP} invoke it"
        message += ": every call ends in a 500; aws_lambda_permission.shop has a source_arn that is not of its routes"
    expect(repository, suffix, "fail", message, stack=STACK + STAGE + route(f'"{key}"'))


def test_every_route_to_the_function_counts_and_no_other(repository: Repository) -> None:
    others = OTHER_FUNCTION + integration("aws_lambda_function.items.invoke_arn", name="items")
    others += route('"GET /items"', "items", to="items")
    others += OTHER_API + integration(name="blog", api="aws_apigatewayv2_api.blog.id")
    others += route('"GET /blog"', "blog", to="blog", api="aws_apigatewayv2_api.blog")
    stack = STACK + others + route('"GET /hello"')
    expect(repository, "/*/GET/hello", "pass", COVERED.format("/*/GET/hello"), stack=stack)
    found = judged(repository, stack + route('"GET /more"', "more") + permission(ending("/*/GET/hello")))
    assert found["shop"][0] == "fail"
    assert found["shop"][1].startswith("aws_apigatewayv2_route.more (GET /more) is not covered: ")


def test_several_permissions_cover_together(repository: Repository) -> None:
    stack = STACK + route('"GET /a"', "a") + route('"$default"', "b")
    source = stack + permission(ending("/*/GET/a")) + permission(ending("/*/$default"), name="rest")
    assert judged(repository, source) == {
        "shop": ("pass", COVERED.format("/*/GET/a")),
        "rest": ("pass", COVERED.format("/*/$default")),
    }
    wide = stack + permission(ending("/*/GET/a")) + permission(SHOP_ARN, name="rest")
    assert {verdict for verdict, _ in judged(repository, wide).values()} == {"pass"}


def test_the_wrong_action_covers_nothing(repository: Repository) -> None:
    source = STACK + route('"GET /a"') + permission(ending("/*/GET/a"), action='"lambda:GetFunction"')
    assert judged(repository, source)["shop"][0] == "fail"


def test_an_alias_and_the_function_are_two(repository: Repository) -> None:
    aliased = ALIAS + integration("aws_lambda_alias.live.invoke_arn", name="aliased")
    stack = STACK + aliased + route('"GET /a"', "a") + route('"GET /b"', "b", to="aliased")
    source = stack + permission(ending("/*/GET/a")) + permission(ending("/*/GET/x"), 'qualifier = "live"', name="live")
    found = judged(repository, source)
    assert found["shop"] == ("pass", COVERED.format("/*/GET/a"))
    assert found["live"][0] == "fail"
    assert found["live"][1].startswith("aws_apigatewayv2_route.b (GET /b) is not covered: ")


@pytest.mark.parametrize(("suffix", "verdict"), [("/*/$default", "pass"), ("/*/GET/orders", "fail")])
def test_quick_create(repository: Repository, suffix: str, verdict: str) -> None:
    stack = API.replace("}\n", "  target = aws_lambda_function.orders.arn\n}\n") + FUNCTION
    assert judged(repository, stack + permission(ending(suffix)))["shop"][0] == verdict
    keyed = stack.replace("orders.arn\n", 'orders.arn\n  route_key = "GET /orders"\n')
    assert judged(repository, keyed + permission(ending("/*/GET/orders")))["shop"][0] == "pass"


def test_operations_of_a_body(repository: Repository) -> None:
    extension = 'x-amazon-apigateway-integration = { type = "aws_proxy", uri = aws_lambda_function.orders.arn }'
    paths = f'"/a" = {{ get = {{ {extension} }} }}, "/$default" = {{ get = {{ {extension} }} }}'
    stack = API.replace("}\n", f"  body = jsonencode({{ paths = {{ {paths} }} }})\n}}\n") + FUNCTION
    source = stack + permission(ending("/*/GET/a"))
    verdict, message = judged(repository, source)["shop"]
    assert verdict == "fail"
    assert message.startswith(f"{SHOP} ($default) is not covered: ")
    both = judged(repository, source + permission(ending("/*/$default"), name="rest"))
    assert {verdict for verdict, _ in both.values()} == {"pass"}


def test_a_websocket_apis_routes(repository: Repository) -> None:
    stack = STACK.replace('"HTTP"', '"WEBSOCKET"') + route('"$connect"')
    expect(repository, "/*/$connect", "pass", COVERED.format("/*/$connect"), stack=stack)
    expect_fail = judged(repository, stack + permission(ending("/*/*/*")))["shop"]
    assert expect_fail[0] == "fail"


def test_no_route_leads_to_the_function(repository: Repository) -> None:
    message = f"/*/GET/a of {SHOP}: no route leads to the function"
    expect(repository, "/*/GET/a", "pass", message, stack=STACK)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (route("var.x"), "aws_apigatewayv2_route.r: "),
        ('module "m" {\n  source = "example.com/m"\n}\n', "module.m is not on disk"),
        (route('"GET /a"').replace(f"{SHOP}.id", '"a1b2c3"'), 'the API "a1b2c3" is not declared in this stack'),
        (
            block("aws_apigatewayv2_route", "r", f"api_id = {SHOP}.id", 'route_key = "GET /a"', "target = var.x"),
            "target",
        ),
        (integration("var.x", name="x") + route('"GET /b"', to="x"), "whether var.x is aws_lambda_function.orders"),
    ],
)
def test_what_is_undecided_is_unproven(repository: Repository, more: str, why: str) -> None:
    verdict, message = judged(repository, STACK + VARIABLE + more + permission(ending("/*/GET/a")))["shop"]
    assert verdict == "unproven"
    assert message.startswith(UNDECIDED + why)


def test_a_stage_that_only_apply_names_is_unproven(repository: Repository) -> None:
    stack = STACK + VARIABLE + STAGE.replace('"live"\n}', "var.x\n}") + route('"GET /a"')
    verdict, message = judged(repository, stack + permission(ending("/live/GET/a")))["shop"]
    assert (verdict, message.startswith(UNDECIDED)) == ("unproven", True)


def test_a_rest_api_is_not_followed(repository: Repository) -> None:
    rest = block("aws_api_gateway_rest_api", "shop", 'name = "shop"')
    lines = ("rest_api_id = aws_api_gateway_rest_api.shop.id", 'type = "AWS_PROXY"')
    calls = block("aws_api_gateway_integration", "orders", *lines, "uri = aws_lambda_function.orders.invoke_arn")
    arn = ending("/*/GET/a").replace("apigatewayv2_api", "api_gateway_rest_api")
    verdict, message = judged(repository, rest + FUNCTION + calls + permission(arn))["shop"]
    assert verdict == "unproven"
    assert message.endswith("is undecided: the methods and paths of a REST API are not followed")


@pytest.mark.parametrize(
    ("source_arn", "message"),
    [
        (None, "source_arn is not set: every API of every account may invoke the function"),
        ('"*"', 'source_arn is "*", not made from the execution_arn of an API in this stack'),
        (ending("*"), "source_arn ends in *, not in /*/*: it covers some calls only"),
        (ending("/*"), "/* means the same to IAM as /*/*, but the convention is /*/*"),
        (ending(""), "the execution_arn alone matches no call: /*/* must follow it"),
        (
            '"${aws_apigatewayv2_stage.live.execution_arn}/*"',
            f"source_arn is made from aws_apigatewayv2_stage.live.execution_arn, not from {SHOP}.execution_arn",
        ),
    ],
)
def test_what_is_not_narrower_fails_as_ever(repository: Repository, source_arn: str | None, message: str) -> None:
    source = STACK + STAGE + route('"GET /a"') + permission(source_arn)
    assert judged(repository, source) == {"shop": ("fail", message)}


def test_an_authorizers_function_needs_its_scope(repository: Repository) -> None:
    guard = block(
        "aws_apigatewayv2_authorizer",
        "guard",
        f"api_id = {SHOP}.id",
        'authorizer_type = "REQUEST"',
        'name = "guard"',
        "authorizer_uri = aws_lambda_function.orders.invoke_arn",
    )
    message = "source_arn ends in /*/GET/a, not in /*/*: it covers some calls only"
    expect(repository, "/*/GET/a", "fail", message, stack=API + FUNCTION + guard)
    expect(repository, "/authorizers/*", "pass", f"scoped to the authorizers of {SHOP}", stack=API + FUNCTION + guard)


def test_the_default_is_exact(repository: Repository) -> None:
    found = judged(repository, STACK + route('"GET /a"') + permission(ending("/*/GET/a")))
    assert found["shop"][0] == "pass"
    (repository.directory / "routeproof.toml").unlink()
    result = repository.check("--select", "PERMISSION_SCOPE").document["roots"][0]["results"][0]
    assert (result["verdict"], result["message"]) == (
        "fail",
        "source_arn ends in /*/GET/a, not in /*/*: it covers some calls only",
    )
