"""Terraform for the tests of the permission conventions: an API `shop`, a function `orders`, and what joins them."""

from __future__ import annotations

API = 'resource "aws_apigatewayv2_api" "shop" {\n  name          = "shop"\n  protocol_type = "HTTP"\n}\n'
OTHER_API = API.replace('"shop"', '"blog"')
FUNCTION = 'resource "aws_lambda_function" "orders" {\n  function_name = "orders"\n}\n'
OTHER_FUNCTION = FUNCTION.replace('"orders"', '"items"')
ALIAS = (
    'resource "aws_lambda_alias" "live" {\n  name             = "live"\n'
    "  function_name    = aws_lambda_function.orders.function_name\n"
    "  function_version = aws_lambda_function.orders.version\n}\n"
)
CALLER_DATA = 'data "aws_region" "here" {}\ndata "aws_caller_identity" "me" {}\n'

SHOP_ARN = '"${aws_apigatewayv2_api.shop.execution_arn}/*/*"'
REGION, ACCOUNT = "${data.aws_region.here.name}", "${data.aws_caller_identity.me.account_id}"


def block(type_name: str, name: str, *lines: str) -> str:
    """A resource. A name that starts with `«` has its header marked."""
    mark, name = ("«", name[1:]) if name.startswith("«") else ("", name)
    body = "".join(f"  {line}\n" for line in lines)
    return f'{mark}resource "{type_name}" "{name}"{"»" if mark else ""} {{\n{body}}}\n'


def marked(source: str, type_name: str = "aws_lambda_function", name: str = "orders") -> str:
    """The source with a resource's header marked."""
    header = f'resource "{type_name}" "{name}"'
    assert source.count(header) == 1
    return source.replace(header, f"«{header}»")


def integration(
    uri: str = "aws_lambda_function.orders.invoke_arn",
    *more: str,
    name: str = "orders",
    api: str = "aws_apigatewayv2_api.shop.id",
) -> str:
    lines = (f"api_id = {api}", 'integration_type = "AWS_PROXY"', f"integration_uri = {uri}")
    return block("aws_apigatewayv2_integration", name, *lines, *more)


def permission(
    source_arn: str | None = SHOP_ARN,
    *more: str,
    name: str = "shop",
    function: str = "aws_lambda_function.orders.function_name",
    principal: str = '"apigateway.amazonaws.com"',
    action: str = '"lambda:InvokeFunction"',
) -> str:
    lines = [f"action = {action}", f"function_name = {function}", f"principal = {principal}"]
    lines += [f"source_arn = {source_arn}"] if source_arn else []
    return block("aws_lambda_permission", name, *lines, *more)
