"""The request path: each link's ends, status and reason, for every way to write a route."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import pytest

from routeproof.catalogue import catalogue
from routeproof.links import BrokenCheck, Link, Route
from routeproof.request_path import request_path
from tests.unit.conventions.judging import loaded
from tests.unit.provider_schema import require_known

API = """\
resource "aws_apigatewayv2_api" "shop" {
  name          = "shop"
  protocol_type = "HTTP"
}
"""

FUNCTION = """\
resource "aws_lambda_function" "orders" {
  function_name = "orders"
  role          = "arn:aws:iam::123456789012:role/orders"
  image_uri     = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/orders:1"
  package_type  = "Image"
}
"""

INTEGRATION = """\
resource "aws_apigatewayv2_integration" "orders" {
  api_id                 = aws_apigatewayv2_api.shop.id
  integration_type       = "AWS_PROXY"
  integration_uri        = aws_lambda_function.orders.invoke_arn
  payload_format_version = "2.0"
}
"""

STAGE = """\
resource "aws_apigatewayv2_stage" "default" {
  api_id      = aws_apigatewayv2_api.shop.id
  name        = "$default"
  auto_deploy = true
}
"""


def route(key: str = "GET /orders", *lines: str, name: str = "orders") -> str:
    return f"""\
resource "aws_apigatewayv2_route" "{name}" {{
  api_id    = aws_apigatewayv2_api.shop.id
  route_key = "{key}"
  target    = "integrations/${{aws_apigatewayv2_integration.orders.id}}"
  {"".join(lines)}
}}
"""


def permission(source_arn: str | None = "${aws_apigatewayv2_api.shop.execution_arn}/*/*", *lines: str) -> str:
    source = "" if source_arn is None else f'\n  source_arn    = "{source_arn}"'
    return f"""\
resource "aws_lambda_permission" "shop" {{
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.orders.function_name
  principal     = "apigateway.amazonaws.com"{source}
  {"".join(lines)}
}}
"""


WIRED = API + FUNCTION + INTEGRATION


def routes(source: str | Mapping[str, str]) -> list[Route]:
    """The routes of a root module; everything in it has to exist in the AWS provider."""
    files = {"main.tf": source} if isinstance(source, str) else source
    with tempfile.TemporaryDirectory() as directory:
        stack = loaded(Path(directory).resolve(), files)
        for resource in stack.resources:
            require_known(resource)
        return list(request_path(stack))


def told(link: Link) -> tuple[str, str, str, str | None, str]:
    return (link.kind, link.status.value, link.source.name, link.target.name if link.target else None, link.why)


def links(source: str | Mapping[str, str], *kinds: str) -> list[tuple[str, str, str, str | None, str]]:
    """The links of the only route, of these kinds."""
    (found,) = routes(source)
    return [told(link) for link in found.links if link.kind in kinds]


def permission_link(source: str) -> tuple[str, str | None, str]:
    """Status, the permission and the reason."""
    ((_, status, start, target, why),) = links(source, "permission")
    assert start == "aws_apigatewayv2_route.orders"
    return status, target, why


PERMISSION = "aws_lambda_permission.shop"


# The whole of it


def test_reference_stack() -> None:
    root = Path(__file__).resolve().parents[2]
    files = {
        path.relative_to(root).as_posix(): path.read_text()
        for path in (*root.glob("terraform/*.tf"), *root.glob("lambda/hello/*.js"))
    }
    with tempfile.TemporaryDirectory() as directory:
        base = Path(directory).resolve()
        for name, text in files.items():
            (base / name).parent.mkdir(parents=True, exist_ok=True)
            (base / name).write_text(text)
        from routeproof.sources.hcl.files import Files
        from routeproof.sources.hcl.modules import load

        (found,) = request_path(load(base / "terraform", Files(base), {}))
    assert (found.end.name, found.route_key, found.status.value) == (
        "aws_apigatewayv2_route.hello",
        "GET /hello",
        "proven",
    )
    assert found.api is not None
    assert found.api.name == "aws_apigatewayv2_api.main"
    lines = dict(_declared_at(files))
    assert [(link.kind, link.source.name, link.target.name if link.target else None) for link in found.links] == [
        ("integration", "aws_apigatewayv2_route.hello", "aws_apigatewayv2_integration.hello"),
        ("function", "aws_apigatewayv2_integration.hello", "aws_lambda_function.hello"),
        ("handler", "aws_lambda_function.hello", found.links[2].target and found.links[2].target.name),
        ("package", "aws_lambda_function.hello", "data.archive_file.hello"),
        ("permission", "aws_apigatewayv2_route.hello", "aws_lambda_permission.api"),
        ("stage", "aws_apigatewayv2_api.main", "aws_apigatewayv2_stage.default"),
        ("access_log", "aws_apigatewayv2_stage.default", "aws_cloudwatch_log_group.api"),
        ("output", "aws_apigatewayv2_stage.default", "output.api_url"),
    ]
    assert str(found.links[2].target and found.links[2].target.name).endswith("lambda/hello/index.js#handler")
    for link in found.links:
        for end in (link.source, link.target):
            if end is not None and end.name in lines:
                assert end.location is not None
                assert end.location.line == lines[end.name], end.name


def _declared_at(files: Mapping[str, str]) -> list[tuple[str, int]]:
    """The resources' addresses with the lines of their headers."""
    found = []
    for text in files.values():
        for number, line in enumerate(text.splitlines(), start=1):
            if line.startswith("resource "):
                kind, name = line.split('"')[1:4:2]
                found.append((f"{kind}.{name}", number))
    return found


def test_a_whole_chain_in_order() -> None:
    assert [link[0] for link in links(WIRED + route() + STAGE + permission(), *KINDS)] == [
        *("integration", "function", "permission", "stage", "access_log"),
    ]


KINDS = ("integration", "function", "handler", "package", "permission", "stage", "access_log", "output")


# integration


def test_the_integration_is_proven_with_its_payload_and_its_timeout() -> None:
    assert links(WIRED + route(), "integration") == [
        (
            "integration",
            "proven",
            "aws_apigatewayv2_route.orders",
            "aws_apigatewayv2_integration.orders",
            "the handler gets payload format 2.0; waits 30 s for a function that may take 3 s",
        )
    ]


def test_payload_format_1_breaks_it() -> None:
    source = WIRED.replace('"2.0"', '"1.0"') + route()
    ((_, status, _, target, why),) = links(source, "integration")
    expected = "payload_format_version is 1.0, whose event has no rawPath"
    assert (status, target, why) == ("broken", "aws_apigatewayv2_integration.orders", expected)


def test_a_function_that_may_take_longer_breaks_it() -> None:
    source = WIRED.replace('"Image"', '"Image"\n  timeout = 31') + route()
    ((_, status, _, _, why),) = links(source, "integration")
    assert (status, why) == (
        "broken",
        "aws_lambda_function.orders may take 31 s, and the API answers 503 after 30 s",
    )


def test_a_target_that_is_no_integration_breaks_it() -> None:
    source = WIRED + route().replace('"integrations/${aws_apigatewayv2_integration.orders.id}"', '"orders"')
    assert links(source, *KINDS[:5]) == [
        (
            "integration",
            "broken",
            "aws_apigatewayv2_route.orders",
            None,
            'target is "orders"; it has to be integrations/ followed by the id',
        )
    ]


def test_another_apis_integration_breaks_it() -> None:
    other = API.replace('"shop"', '"other"')
    source = API + other + FUNCTION + INTEGRATION.replace("api.shop", "api.other") + route()
    ((_, status, _, target, why),) = links(source, *KINDS[:5])
    assert (status, target) == ("broken", "aws_apigatewayv2_integration.orders")
    assert why == "aws_apigatewayv2_integration.orders belongs to aws_apigatewayv2_api.other, another API"


def test_a_target_from_a_variable_is_unproven() -> None:
    source = WIRED + 'variable "id" {\n}\n' + route().replace("aws_apigatewayv2_integration.orders.id", "var.id")
    ((_, status, _, target, why),) = links(source, *KINDS[:5])
    assert (status, target) == ("unproven", None)
    assert why.startswith('which integration the route leads to is undecided: target is "integrations/${var.id}"')


def test_an_http_proxy_calls_no_function() -> None:
    proxy = INTEGRATION.replace("AWS_PROXY", "HTTP_PROXY").replace(
        "aws_lambda_function.orders.invoke_arn", '"https://example.com"'
    )
    assert links(API + proxy + route(), *KINDS[:5]) == [
        (
            "integration",
            "proven",
            "aws_apigatewayv2_route.orders",
            "aws_apigatewayv2_integration.orders",
            "leads to aws_apigatewayv2_integration.orders, which calls no function",
        )
    ]


# function


def test_a_name_instead_of_an_arn_breaks_the_function_link() -> None:
    source = API + FUNCTION + INTEGRATION.replace("invoke_arn", "function_name") + route()
    ((_, status, start, target, why),) = links(source, "function")
    assert (status, start) == ("broken", "aws_apigatewayv2_integration.orders")
    assert target == "aws_lambda_function.orders"
    assert why == (
        "the integration_uri of aws_apigatewayv2_integration.orders is aws_lambda_function.orders.function_name, "
        "which is no ARN; take invoke_arn"
    )


def test_a_function_outside_the_stack_is_unproven() -> None:
    source = API + INTEGRATION.replace("aws_lambda_function.orders.invoke_arn", "var.arn") + route()
    ((_, status, _, target, why),) = links(source + 'variable "arn" {\n}\n', *KINDS[1:5])
    assert (status, target) == ("unproven", None)
    assert why.startswith("which function aws_apigatewayv2_integration.orders calls is undecided: ")


def test_an_alias_names_its_qualifier() -> None:
    alias = """\
resource "aws_lambda_alias" "live" {
  name             = "live"
  function_name    = aws_lambda_function.orders.function_name
  function_version = "1"
}
"""
    integration = INTEGRATION.replace("aws_lambda_function.orders.invoke_arn", "aws_lambda_alias.live.invoke_arn")
    source = API + FUNCTION + alias + integration + route()
    ((_, status, _, target, why),) = links(source, "function")
    assert (status, target) == ("proven", "aws_lambda_function.orders")
    assert why == 'aws_apigatewayv2_integration.orders calls aws_lambda_function.orders, qualifier "live"'
    assert permission_link(source + permission()) == (
        "broken",
        PERMISSION,
        'no aws_lambda_permission lets aws_apigatewayv2_api.shop invoke it, qualifier "live": every call ends in a '
        "500; aws_lambda_permission.shop is for the function without qualifier, and the qualifier "
        '"live" is called',
    )
    qualified = permission("${aws_apigatewayv2_api.shop.execution_arn}/*/*", "qualifier = aws_lambda_alias.live.name")
    assert permission_link(source + qualified)[0] == "proven"


# permission: whatever the style, whether IAM lets the route in


@pytest.mark.parametrize(
    ("key", "source_arn"),
    [
        ("GET /orders", "${aws_apigatewayv2_api.shop.execution_arn}/*/*"),
        ("GET /orders", "${aws_apigatewayv2_api.shop.execution_arn}/*/*/*"),
        ("GET /orders", "${aws_apigatewayv2_api.shop.execution_arn}/*"),
        ("GET /orders", "${aws_apigatewayv2_api.shop.execution_arn}/$default/GET/orders"),
        ("GET /orders", "${aws_apigatewayv2_stage.default.execution_arn}/*"),
        ("GET /orders", "arn:aws:execute-api:eu-west-1:123456789012:${aws_apigatewayv2_api.shop.id}/*/GET/*"),
        ("GET /orders", "arn:aws:execute-api:eu-west-1:123456789012:*/*/GET/orders"),
        ("GET /orders", None),
        ("GET /orders", "*"),
        ("$default", "${aws_apigatewayv2_api.shop.execution_arn}/*/*"),
        ("$default", "${aws_apigatewayv2_api.shop.execution_arn}/*/$default"),
        ("ANY /orders", "${aws_apigatewayv2_api.shop.execution_arn}/*/*/orders"),
        ("GET /orders/{id}", "${aws_apigatewayv2_api.shop.execution_arn}/*/GET/orders/*"),
    ],
)
def test_source_arns_that_let_the_route_in(key: str, source_arn: str | None) -> None:
    source = WIRED + STAGE + route(key) + permission(source_arn)
    assert permission_link(source) == ("proven", PERMISSION, f"aws_lambda_permission.shop lets {key} in")


@pytest.mark.parametrize(
    ("key", "suffix", "left_out"),
    [
        ("$default", "/*/*/*", "$default"),
        ("GET /orders", "/*/POST/*", "GET /orders"),
        ("GET /orders", "/*/GET/order", "GET /orders"),
        ("GET /orders", "/prod/*", "GET /orders"),
        ("ANY /orders", "/*/GET/orders", "DELETE /orders"),
    ],
)
def test_source_arns_that_leave_the_route_out(key: str, suffix: str, left_out: str) -> None:
    source = WIRED + STAGE + route(key) + permission(f"${{aws_apigatewayv2_api.shop.execution_arn}}{suffix}")
    why = f"aws_lambda_permission.shop permits {suffix}, which leaves out {left_out}: its calls end in a 500"
    assert permission_link(source) == ("broken", PERMISSION, why)


def test_every_stage_is_asked() -> None:
    second = STAGE.replace('"default"', '"beta"').replace('"$default"', '"beta"')
    source = WIRED + STAGE + second + route() + permission("${aws_apigatewayv2_api.shop.execution_arn}/$default/*")
    assert permission_link(source) == (
        "broken",
        PERMISSION,
        "aws_lambda_permission.shop permits /$default/*, which leaves out GET /orders at the stage beta: its calls "
        "end in a 500",
    )


def test_several_permissions_together_let_a_route_in() -> None:
    others = "".join(
        permission(f"${{aws_apigatewayv2_api.shop.execution_arn}}/*/{method}/*").replace('"shop" {', f'"{method}" {{')
        for method in ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
    )
    status, target, why = permission_link(WIRED + STAGE + route("ANY /orders") + others)
    assert (status, target) == ("proven", "aws_lambda_permission.DELETE")
    assert why.endswith("aws_lambda_permission.PUT let ANY /orders in")


def test_a_stage_that_only_apply_names() -> None:
    stage = STAGE.replace('"$default"', "var.stage") + 'variable "stage" {\n}\n'
    narrow = permission("${aws_apigatewayv2_api.shop.execution_arn}/prod/*")
    assert permission_link(WIRED + stage + route() + narrow) == (
        "unproven",
        PERMISSION,
        "whether it may be invoked is undecided: aws_lambda_permission.shop: /prod/* names a stage, and the stage's "
        "name shows only at apply",
    )
    assert permission_link(WIRED + stage + route() + permission())[0] == "proven"


def test_no_permission() -> None:
    assert permission_link(WIRED + route()) == (
        "broken",
        None,
        "no aws_lambda_permission lets aws_apigatewayv2_api.shop invoke it: every call ends in a 500",
    )


def test_another_apis_permission() -> None:
    other = API.replace('"shop"', '"other"').replace('protocol_type = "HTTP"', 'protocol_type = "WEBSOCKET"')
    source = WIRED + other + route() + permission("${aws_apigatewayv2_api.other.execution_arn}/*/*")
    assert permission_link(source) == (
        "broken",
        PERMISSION,
        "no aws_lambda_permission lets aws_apigatewayv2_api.shop invoke it: every call ends in a 500; "
        "aws_lambda_permission.shop has a source_arn that is not of its routes",
    )


def test_a_permission_that_may_not_exist() -> None:
    maybe = permission("${aws_apigatewayv2_api.shop.execution_arn}/*/*", "count = var.open ? 1 : 0")
    status, target, why = permission_link(WIRED + route() + maybe + 'variable "open" {\n  type = bool\n}\n')
    assert (status, target) == ("unproven", "aws_lambda_permission.shop[0]")
    assert why.startswith("whether it may be invoked is undecided: aws_lambda_permission.shop[0]: ")


def test_credentials_need_no_permission() -> None:
    role = 'credentials_arn = "arn:aws:iam::123456789012:role/api"\n}'
    source = API + FUNCTION + INTEGRATION.rstrip("}\n") + "\n  " + role + "\n" + route()
    why = 'called with the role "arn:aws:iam::123456789012:role/api", which needs no permission'
    assert permission_link(source) == ("proven", None, why)


def test_a_route_key_that_only_apply_decides() -> None:
    source = WIRED + STAGE + route().replace('"GET /orders"', "var.key") + 'variable "key" {\n}\n'
    assert permission_link(source + permission())[::2] == (
        "proven",
        "aws_lambda_permission.shop lets every route in",
    )
    narrow = permission("${aws_apigatewayv2_api.shop.execution_arn}/*/GET/orders")
    status, _, why = permission_link(source + narrow)
    assert status == "unproven"
    assert why.startswith("whether it may be invoked is undecided: route_key is var.key")
    (found,) = routes(source)
    assert found.route_key == "var.key"


def test_one_function_behind_two_apis() -> None:
    other = (API + INTEGRATION + STAGE + route()).replace('"shop"', '"other"').replace("api.shop", "api.other")
    other = other.replace('"orders" {', '"other" {').replace("integration.orders", "integration.other")
    other = other.replace('"default" {', '"other" {')
    source = WIRED + STAGE + route() + permission() + other
    statuses = {found.end.name: _status(found, "permission") for found in routes(source)}
    assert statuses == {"aws_apigatewayv2_route.orders": "proven", "aws_apigatewayv2_route.other": "broken"}


def _status(found: Route, kind: str) -> str:
    (status,) = {link.status.value for link in found.links if link.kind == kind}
    return status


# Authorizers


AUTHORIZER = """\
resource "aws_apigatewayv2_authorizer" "guard" {
  api_id                            = aws_apigatewayv2_api.shop.id
  name                              = "guard"
  authorizer_type                   = "REQUEST"
  authorizer_uri                    = aws_lambda_function.guard.invoke_arn
  authorizer_payload_format_version = "2.0"
}
"""
GUARD = FUNCTION.replace('"orders"', '"guard"')
GUARDED = route("GET /orders", 'authorization_type = "CUSTOM"\n  authorizer_id = aws_apigatewayv2_authorizer.guard.id')


def test_a_lambda_authorizer_needs_a_permission_too() -> None:
    source = WIRED + AUTHORIZER + GUARD + GUARDED + permission()
    assert links(source, "function", "permission")[2:] == [
        (
            "function",
            "proven",
            "aws_apigatewayv2_route.orders",
            "aws_lambda_function.guard",
            "aws_apigatewayv2_authorizer.guard calls aws_lambda_function.guard",
        ),
        (
            "permission",
            "broken",
            "aws_apigatewayv2_route.orders",
            None,
            "no aws_lambda_permission lets aws_apigatewayv2_api.shop invoke it: every call ends in a 500",
        ),
    ]
    own = permission("${aws_apigatewayv2_api.shop.execution_arn}/authorizers/*").replace('"shop" {', '"guard" {')
    own = own.replace("function.orders", "function.guard")
    assert links(source + own, "permission")[1][1:] == (
        "proven",
        "aws_apigatewayv2_route.orders",
        "aws_lambda_permission.guard",
        "aws_lambda_permission.guard lets the authorizer call it",
    )


def test_a_jwt_authorizer_calls_no_function() -> None:
    jwt = """\
resource "aws_apigatewayv2_authorizer" "guard" {
  api_id           = aws_apigatewayv2_api.shop.id
  name             = "guard"
  authorizer_type  = "JWT"
  identity_sources = ["$request.header.Authorization"]
}
"""
    guarded = GUARDED.replace("CUSTOM", "JWT")
    assert [link[3] for link in links(WIRED + jwt + guarded, "function")] == ["aws_lambda_function.orders"]


def test_another_apis_authorizer_breaks_it() -> None:
    other = API.replace('"shop"', '"other"')
    source = WIRED + other + AUTHORIZER.replace("api.shop", "api.other") + GUARD + GUARDED
    assert links(source, "function")[1] == (
        "function",
        "broken",
        "aws_apigatewayv2_route.orders",
        None,
        "aws_apigatewayv2_authorizer.guard is an authorizer of aws_apigatewayv2_api.other, another API",
    )


def test_an_authorizer_from_a_variable_is_unproven() -> None:
    guarded = GUARDED.replace("aws_apigatewayv2_authorizer.guard.id", "var.guard") + 'variable "guard" {\n}\n'
    _, status, _, target, why = links(WIRED + guarded, "function")[1]
    assert (status, target) == ("unproven", None)
    assert why.startswith("which authorizer is asked first is undecided: authorizer_id is var.guard")


# stage, access log, output, custom domain


def test_no_stage() -> None:
    assert links(WIRED + route(), "stage", "access_log", "output") == [
        (
            "stage",
            "broken",
            "aws_apigatewayv2_api.shop",
            None,
            "no aws_apigatewayv2_stage: the API is deployed nowhere, and every call ends in a 404",
        )
    ]


def test_a_stage_that_never_serves_a_change() -> None:
    source = WIRED + route() + STAGE.replace("true", "false")
    ((_, status, _, target, why),) = links(source, "stage")
    assert (status, target) == ("broken", "aws_apigatewayv2_stage.default")
    expected = "aws_apigatewayv2_stage.default has neither auto_deploy = true nor a deployment_id"
    assert why == f"{expected}: it never serves a change"


def test_a_stage_whose_deployment_is_undecided() -> None:
    source = WIRED + route() + STAGE.replace("true", "var.auto") + 'variable "auto" {\n}\n'
    ((_, status, _, target, why),) = links(source, "stage")
    assert (status, target) == ("unproven", "aws_apigatewayv2_stage.default")
    assert why.startswith("auto_deploy is var.auto")


def test_no_access_logs() -> None:
    assert links(WIRED + route() + STAGE, "access_log") == [
        (
            "access_log",
            "broken",
            "aws_apigatewayv2_stage.default",
            None,
            "access_log_settings is not set: nobody can tell who called the API",
        )
    ]


def test_an_output_with_two_slashes() -> None:
    output = 'output "url" {\n  value = aws_apigatewayv2_stage.default.invoke_url\n}\n'
    ((_, status, start, target, why),) = links(WIRED + route() + STAGE + output, "output")
    assert (status, start, target) == ("broken", "aws_apigatewayv2_stage.default", "output.url")
    assert why.startswith("aws_apigatewayv2_stage.default.invoke_url ends in a slash already")


def test_an_output_of_an_api_whose_own_address_is_closed() -> None:
    closed = API.replace('"HTTP"', '"HTTP"\n  disable_execute_api_endpoint = true')
    output = 'output "url" {\n  value = aws_apigatewayv2_api.shop.api_endpoint\n}\n'
    assert links(closed + FUNCTION + INTEGRATION + route() + STAGE + output, "output") == [
        (
            "output",
            "broken",
            "aws_apigatewayv2_api.shop",
            "output.url",
            "disable_execute_api_endpoint of aws_apigatewayv2_api.shop is true: this URL answers nothing",
        )
    ]


def mapping(stage: str) -> str:
    return f"""\
resource "aws_apigatewayv2_api_mapping" "shop" {{
  api_id      = aws_apigatewayv2_api.shop.id
  domain_name = "shop.example.com"
  stage       = {stage}
}}
"""


@pytest.mark.parametrize("stage", ["aws_apigatewayv2_stage.default.id", "aws_apigatewayv2_stage.default.name"])
def test_a_custom_domain_leads_to_a_stage(stage: str) -> None:
    assert links(WIRED + route() + STAGE + mapping(stage), "stage")[1] == (
        "stage",
        "proven",
        "aws_apigatewayv2_api_mapping.shop",
        "aws_apigatewayv2_stage.default",
        "the custom domain leads to aws_apigatewayv2_stage.default",
    )


def test_a_custom_domain_that_leads_nowhere() -> None:
    assert links(WIRED + route() + STAGE + mapping('"prod"'), "stage")[1] == (
        "stage",
        "broken",
        "aws_apigatewayv2_api_mapping.shop",
        None,
        'stage is "prod", which is no stage of aws_apigatewayv2_api.shop',
    )


def test_a_custom_domain_from_a_variable_is_unproven() -> None:
    source = WIRED + route() + STAGE + mapping("var.stage") + 'variable "stage" {\n}\n'
    _, status, _, target, why = links(source, "stage")[1]
    assert (status, target) == ("unproven", None)
    assert why.startswith("which stage the custom domain leads to is undecided: stage is var.stage")


# The other ways to write a route


QUICK = """\
resource "aws_apigatewayv2_api" "shop" {
  name          = "shop"
  protocol_type = "HTTP"
  target        = aws_lambda_function.orders.arn
}
"""


def test_quick_create() -> None:
    (found,) = routes(QUICK + FUNCTION + permission())
    start = "aws_apigatewayv2_api.shop#$default"
    assert (found.end.name, found.route_key) == (start, "$default")
    assert [told(link) for link in found.links] == [
        ("integration", "proven", start, start, "AWS makes the integration from target"),
        (
            "function",
            "proven",
            start,
            "aws_lambda_function.orders",
            "aws_apigatewayv2_api.shop (target) calls aws_lambda_function.orders",
        ),
        ("permission", "proven", start, PERMISSION, "aws_lambda_permission.shop lets $default in"),
        (
            "stage",
            "proven",
            "aws_apigatewayv2_api.shop",
            "aws_apigatewayv2_api.shop",
            "a quick-create API, whose stage $default is made and deployed by AWS",
        ),
        (
            "access_log",
            "broken",
            "aws_apigatewayv2_api.shop",
            None,
            "the stage $default that AWS makes for target has no access logs",
        ),
    ]


def test_quick_create_with_a_route_key() -> None:
    keyed = QUICK.replace('"HTTP"', '"HTTP"\n  route_key     = "GET /orders"')
    narrow = permission("${aws_apigatewayv2_api.shop.execution_arn}/$default/GET/orders")
    (found,) = routes(keyed + FUNCTION + narrow)
    assert found.end.name == "aws_apigatewayv2_api.shop#GET /orders"
    assert _status(found, "permission") == "proven"


BODY = """\
resource "aws_apigatewayv2_api" "shop" {
  name          = "shop"
  protocol_type = "HTTP"
  body = jsonencode({
    openapi = "3.0.1"
    paths = {
      "/orders" = {
        get = {
          x-amazon-apigateway-integration = {
            type                 = "AWS_PROXY"
            uri                  = aws_lambda_function.orders.invoke_arn
            payloadFormatVersion = "2.0"
          }
        }
        post = {
          x-amazon-apigateway-integration = {
            type                 = "AWS_PROXY"
            uri                  = aws_lambda_function.orders.invoke_arn
            payloadFormatVersion = "1.0"
          }
        }
      }
    }
  })
}
"""


def test_an_openapi_body_has_its_routes() -> None:
    narrow = permission("${aws_apigatewayv2_api.shop.execution_arn}/*/GET/*")
    found = {one.route_key: one for one in routes(BODY + FUNCTION + STAGE + narrow)}
    assert list(found) == ["GET /orders", "POST /orders"]
    get, post = found.values()
    start = "aws_apigatewayv2_api.shop#GET /orders"
    assert [told(link) for link in get.links][:3] == [
        ("integration", "proven", start, start, "the OpenAPI body has its integration"),
        (
            "function",
            "proven",
            start,
            "aws_lambda_function.orders",
            "aws_apigatewayv2_api.shop (GET /orders) calls aws_lambda_function.orders",
        ),
        ("permission", "proven", start, PERMISSION, "aws_lambda_permission.shop lets GET /orders in"),
    ]
    start = "aws_apigatewayv2_api.shop#POST /orders"
    assert [told(link) for link in post.links][::2][:2] == [
        (
            "integration",
            "broken",
            start,
            start,
            "POST /orders: payloadFormatVersion is 1.0, whose event has no rawPath",
        ),
        (
            "permission",
            "broken",
            start,
            PERMISSION,
            "aws_lambda_permission.shop permits /*/GET/*, which leaves out POST /orders: its calls end in a 500",
        ),
    ]


def test_a_route_whose_key_another_one_begins_with_has_its_own_integration() -> None:
    longer = BODY.replace("post = {", '}\n      "/orders/{id}" = {\n        get = {')
    found = {one.route_key: one.links[0].status.value for one in routes(longer + FUNCTION + STAGE + permission())}
    assert found == {"GET /orders": "proven", "GET /orders/{id}": "broken"}


GUARDED_BODY = BODY.replace(
    'openapi = "3.0.1"',
    """openapi = "3.0.1"
    components = {
      securitySchemes = {
        guard = {
          x-amazon-apigateway-authorizer = {
            type          = "request"
            authorizerUri = aws_lambda_function.guard.invoke_arn
          }
        }
        token = { x-amazon-apigateway-authorizer = { type = "jwt" } }
      }
    }""",
)
ASKED_FIRST = (
    "function",
    "proven",
    "aws_apigatewayv2_api.shop#POST /orders",
    "aws_lambda_function.guard",
    "aws_apigatewayv2_api.shop (authorizer guard) calls aws_lambda_function.guard",
)


def functions_of_bodies_routes(source: str) -> list[list[tuple[str, str, str, str | None, str]]]:
    found = routes(source + FUNCTION + GUARD + STAGE + permission())
    return [[told(link) for link in one.links if link.kind == "function"] for one in found]


@pytest.mark.parametrize(
    ("security", "calls"),
    [
        ("post = {", []),
        ("post = {\n security = []", []),
        ("post = {\n security = [{}]", []),
        ("post = {\n security = [{ token = [] }]", []),
        ("post = {\n security = [{ guard = [] }]", [ASKED_FIRST]),
    ],
)
def test_an_operation_asks_the_authorizer_of_its_security_scheme(security: str, calls: list[object]) -> None:
    get, post = functions_of_bodies_routes(GUARDED_BODY.replace("post = {", security))
    assert (len(get), post[1:]) == (1, calls)


def test_an_operation_without_security_has_the_documents() -> None:
    source = GUARDED_BODY.replace("paths = {", "security = [{ guard = [] }]\n    paths = {")
    get, post = functions_of_bodies_routes(source.replace("get = {", "get = {\n security = []"))
    assert (len(get), post[1:]) == (1, [ASKED_FIRST])


def test_an_authorizer_in_a_body_needs_a_permission_too() -> None:
    source = GUARDED_BODY.replace("post = {", "post = {\n security = [{ guard = [] }]") + FUNCTION + GUARD + STAGE
    _, post = routes(source + permission())
    assert [told(link)[1:] for link in post.links if link.kind == "permission"][1] == (
        "broken",
        "aws_apigatewayv2_api.shop#POST /orders",
        None,
        "no aws_lambda_permission lets aws_apigatewayv2_api.shop invoke it: every call ends in a 500",
    )


@pytest.mark.parametrize("security", ["var.guard", "[var.guard]"])
def test_a_security_requirement_from_a_variable_is_unproven(security: str) -> None:
    source = GUARDED_BODY.replace("post = {", f"post = {{\n security = {security}") + 'variable "guard" {\n}\n'
    _, post = functions_of_bodies_routes(source)
    assert post[1] == (
        "function",
        "unproven",
        "aws_apigatewayv2_api.shop#POST /orders",
        None,
        "which function aws_apigatewayv2_api.shop (POST /orders, authorizer) calls is undecided: a security "
        "requirement in the OpenAPI body is var.guard, and var.guard has no value; give it one with "
        "--var-file",
    )


def test_security_schemes_from_a_variable_are_unproven() -> None:
    schemes = "components = var.guard\n    security = [{ guard = [] }]"
    source = BODY.replace('openapi = "3.0.1"', schemes) + 'variable "guard" {\n}\n'
    get, _ = functions_of_bodies_routes(source)
    assert get[1][1] == "unproven"
    assert "a part of the OpenAPI body is var.guard" in get[1][4]


def test_a_body_from_a_variable_is_unproven() -> None:
    source = API.replace('"HTTP"', '"HTTP"\n  body = var.body') + STAGE + 'variable "body" {\n}\n'
    (found,) = routes(source)
    assert (found.end.name, found.links[0].status.value) == ("aws_apigatewayv2_api.shop#body", "unproven")
    assert found.links[0].why.startswith("the routes in the OpenAPI body are undecided: body is var.body")


def test_websocket_and_rest_apis_have_no_routes_here() -> None:
    websocket = API.replace('"HTTP"', '"WEBSOCKET"') + INTEGRATION + FUNCTION + route("$connect")
    assert routes(websocket + 'resource "aws_api_gateway_rest_api" "old" {\n  name = "old"\n}\n') == []


def test_modules_and_for_each() -> None:
    module = 'variable "name" {\n}\nvariable "api" {\n}\n' + (
        FUNCTION + INTEGRATION + route() + permission("${var.api.execution_arn}/*/*")
    ).replace('= "orders"', "= var.name").replace("aws_apigatewayv2_api.shop.id", "var.api.id").replace(
        '"GET /orders"', '"GET /${var.name}"'
    )
    call = """\
module "part" {
  source   = "./part"
  for_each = toset(["a", "b"])
  name     = each.key
  api      = aws_apigatewayv2_api.shop
}
"""
    found = routes({"main.tf": API + STAGE + call, "part/main.tf": module})
    assert [(one.end.name, one.route_key, _status(one, "permission")) for one in found] == [
        ('module.part["a"].aws_apigatewayv2_route.orders', "GET /a", "proven"),
        ('module.part["b"].aws_apigatewayv2_route.orders', "GET /b", "proven"),
    ]


def test_an_api_outside_the_stack_is_unproven() -> None:
    source = FUNCTION + INTEGRATION + route() + permission() + 'variable "api" {\n}\n'
    source = source.replace("aws_apigatewayv2_api.shop.id", "var.api").replace(
        "aws_apigatewayv2_api.shop.execution_arn", "var.api"
    )
    (found,) = routes(source)
    assert found.api is None
    assert [link.status.value for link in found.links if link.kind in ("permission", "stage")] == ["unproven"] * 2


# A check that breaks


def test_a_broken_check_is_no_proof() -> None:
    def broken(stack: object, resource: object) -> None:
        raise RuntimeError("oops")

    convention = catalogue()["PAYLOAD_V2"]
    with (
        patch.dict(catalogue(), {"PAYLOAD_V2": replace(convention, check=broken)}),
        pytest.raises(BrokenCheck, match="the check of PAYLOAD_V2 broke: RuntimeError: oops"),
    ):
        routes(WIRED + route())
