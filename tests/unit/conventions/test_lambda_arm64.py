"""LAMBDA_ARM64, clause by clause."""

from __future__ import annotations

import pytest

from tests.unit.conventions.judging import expect

FUNCTION = "aws_lambda_function.orders"
UNSET = "architectures is not set, and Lambda's default is x86_64"
EDGE = "a Lambda@Edge function cannot run on arm64"


def function(architectures: str = "", *more: str, header: str = 'resource "aws_lambda_function" "orders"') -> str:
    lines = [f"architectures = {architectures}"] if architectures else []
    body = "".join(f"  {line}\n" for line in [*lines, 'function_name = "orders"', *more])
    return f"{header} {{\n{body}}}\n"


def distribution(arn: str, behaviour: str = "default_cache_behavior") -> str:
    return (
        f'resource "aws_cloudfront_distribution" "site" {{\n  {behaviour} {{\n    target_origin_id = "site"\n'
        f'    lambda_function_association {{\n      event_type = "viewer-request"\n      lambda_arn = {arn}\n'
        "    }\n  }\n}\n"
    )


HEADER = '«resource "aws_lambda_function" "orders"»'
QUALIFIED = "aws_lambda_function.orders.qualified_arn"


def test_arm64_passes() -> None:
    expect("LAMBDA_ARM64", function('«["arm64"]»'), ("pass", FUNCTION, "runs on arm64"))


def test_a_set_of_arm64_passes() -> None:
    expect("LAMBDA_ARM64", function('«toset(["arm64"])»'), ("pass", FUNCTION, "runs on arm64"))


def test_absent_is_x86_64_and_fails_at_the_header() -> None:
    expect("LAMBDA_ARM64", function(header=HEADER), ("fail", FUNCTION, UNSET))


def test_null_is_absent_and_fails_at_the_expression() -> None:
    expect("LAMBDA_ARM64", function("«null»"), ("fail", FUNCTION, UNSET))


@pytest.mark.parametrize("written", ['["x86_64"]', "[]", '["arm64", "x86_64"]', '"arm64"', '["ARM64"]'])
def test_anything_else_fails(written: str) -> None:
    message = f'architectures is {written}, not ["arm64"]'
    expect("LAMBDA_ARM64", function(f"«{written}»"), ("fail", FUNCTION, message))


@pytest.mark.parametrize(("architecture", "verdict"), [("arm64", "pass"), ("x86_64", "fail")])
def test_container_images_count(architecture: str, verdict: str) -> None:
    source = function(f'«["{architecture}"]»', 'package_type = "Image"', 'image_uri = "registry/orders:1"')
    message = "runs on arm64" if verdict == "pass" else 'architectures is ["x86_64"], not ["arm64"]'
    expect("LAMBDA_ARM64", source, (verdict, FUNCTION, message))


def test_a_variable_without_default_is_unproven_with_advice() -> None:
    source = function("«[var.architecture]»") + 'variable "architecture" {}\n'
    message = (
        "the architecture is undecided: architectures is [var.architecture], and var.architecture has no value; "
        "give it one with --var-file"
    )
    expect("LAMBDA_ARM64", source, ("unproven", FUNCTION, message))


def test_a_local_and_each_value_are_followed() -> None:
    source = (
        'locals {\n  functions = { old = "x86_64", new = "arm64" }\n}\n'
        'resource "aws_lambda_function" "all" {\n  for_each      = local.functions\n'
        "  function_name = each.key\n  architectures = «[each.value]»\n}\n"
    )
    expect(
        "LAMBDA_ARM64",
        source,
        ("pass", 'aws_lambda_function.all["new"]', "runs on arm64"),
        ("fail", 'aws_lambda_function.all["old"]', 'architectures is ["x86_64"], not ["arm64"]'),
    )


def test_a_modules_variable_is_what_the_call_sets() -> None:
    files = {
        "main.tf": 'module "a" {\n  source = "./fn"\n}\nmodule "b" {\n  source = "./fn"\n  cpu    = "x86_64"\n}\n',
        "fn/main.tf": function("«[var.cpu]»") + 'variable "cpu" {\n  default = "arm64"\n}\n',
    }
    expect(
        "LAMBDA_ARM64",
        files,
        ("pass", f"module.a.{FUNCTION}", "runs on arm64"),
        ("fail", f"module.b.{FUNCTION}", 'architectures is ["x86_64"], not ["arm64"]'),
    )


@pytest.mark.parametrize("behaviour", ["default_cache_behavior", "ordered_cache_behavior"])
@pytest.mark.parametrize(
    "arn",
    [
        QUALIFIED,
        '"${aws_lambda_function.orders.arn}:${aws_lambda_function.orders.version}"',
        '"arn:aws:lambda:us-east-1:123456789012:function:orders:3"',
        "local.edge",
    ],
)
def test_lambda_at_edge_is_not_applicable(behaviour: str, arn: str) -> None:
    source = function("", "publish = true", header=HEADER) + distribution(arn, behaviour)
    source += f"locals {{\n  edge = {QUALIFIED}\n}}\n"
    expect("LAMBDA_ARM64", source, ("not_applicable", FUNCTION, EDGE))


def test_lambda_at_edge_is_not_applicable_whatever_its_architecture() -> None:
    source = function('«["arm64"]»', 'publish = "true"') + distribution(QUALIFIED)
    expect("LAMBDA_ARM64", source, ("not_applicable", FUNCTION, EDGE))


@pytest.mark.parametrize("publish", [[], ["publish = false"], ["publish = null"]])
def test_an_unpublished_function_is_not_at_the_edge(publish: list[str]) -> None:
    source = function("", *publish, header=HEADER) + distribution(QUALIFIED)
    expect("LAMBDA_ARM64", source, ("fail", FUNCTION, UNSET))


@pytest.mark.parametrize(
    "site",
    [
        "",
        'resource "aws_cloudfront_distribution" "site" {\n  default_cache_behavior {\n'
        "    target_origin_id = aws_lambda_function.orders.function_name\n  }\n}\n",
        distribution('"arn:aws:lambda:us-east-1:123456789012:function:another:3"'),
    ],
    ids=["no distribution", "its origin", "another function's distribution"],
)
def test_a_published_function_that_cloudfront_does_not_associate_fails(site: str) -> None:
    expect("LAMBDA_ARM64", function("", "publish = true", header=HEADER) + site, ("fail", FUNCTION, UNSET))


def test_an_association_of_another_function_exempts_only_that_one() -> None:
    other = function("", "publish = true").replace('"orders"', '"edge"').replace("resource", "«resource", 1)
    other = other.replace('"edge" {', '"edge"» {', 1)
    source = (
        function("", "publish = true", header=HEADER) + other + distribution("aws_lambda_function.edge.qualified_arn")
    )
    expect(
        "LAMBDA_ARM64",
        source,
        ("fail", FUNCTION, UNSET),
        ("not_applicable", "aws_lambda_function.edge", EDGE),
    )


def test_an_undecided_association_is_unproven_unless_it_runs_on_arm64() -> None:
    site = distribution("var.edge") + 'variable "edge" {}\n'
    message = (
        "whether it runs at the edge, where arm64 is not to be had, is undecided: whether var.edge is "
        'aws_lambda_function.orders, named "orders", shows only at apply'
    )
    source = function("", "publish = true", header=HEADER) + site
    expect("LAMBDA_ARM64", source, ("unproven", FUNCTION, message))
    expect("LAMBDA_ARM64", function('«["arm64"]»', "publish = true") + site, ("pass", FUNCTION, "runs on arm64"))


def test_an_undecided_publish_is_unproven_where_cloudfront_associates_it() -> None:
    message = (
        "whether it runs at the edge, where arm64 is not to be had, is undecided: publish is var.publish, and "
        "var.publish has no value; give it one with --var-file"
    )
    source = function("", "publish = var.publish", header=HEADER) + 'variable "publish" {}\n'
    expect("LAMBDA_ARM64", source + distribution(QUALIFIED), ("unproven", FUNCTION, message))
    expect("LAMBDA_ARM64", source, ("fail", FUNCTION, UNSET))


@pytest.mark.parametrize("level", ["behaviours", "associations"])
def test_undecided_dynamic_blocks_are_unproven(level: str) -> None:
    association = (
        'dynamic "lambda_function_association" {\n for_each = var.many\n content {\n'
        '  event_type = "viewer-request"\n  lambda_arn = lambda_function_association.value\n }\n}\n'
    )
    behaviours = 'dynamic "ordered_cache_behavior" {\n for_each = var.many\n content {\n  path_pattern = "*"\n }\n}\n'
    body = behaviours if level == "behaviours" else f"default_cache_behavior {{\n{association}}}\n"
    source = function("", "publish = true", header=HEADER)
    source += f'variable "many" {{}}\nresource "aws_cloudfront_distribution" "site" {{\n{body}}}\n'
    message = (
        "whether it runs at the edge, where arm64 is not to be had, is undecided: a dynamic block goes over var.many, "
        "and var.many has no value; give it one with --var-file"
    )
    expect("LAMBDA_ARM64", source, ("unproven", FUNCTION, message))


def test_with_a_missing_module_a_published_function_is_unproven_and_another_one_fails() -> None:
    missing = 'module "site" {\n  source = "example.com/site"\n}\n'
    message = (
        "whether it runs at the edge, where arm64 is not to be had, is undecided: module.site is not on disk "
        "(run terraform init to fetch it) and may declare it"
    )
    published = function("", "publish = true", header=HEADER) + missing
    expect("LAMBDA_ARM64", published, ("unproven", FUNCTION, message))
    expect("LAMBDA_ARM64", function(header=HEADER) + missing, ("fail", FUNCTION, UNSET))


def test_a_data_source_is_no_function_of_this_stack() -> None:
    source = 'data "aws_lambda_function" "orders" {\n  function_name = "orders"\n}\n'
    expect("LAMBDA_ARM64", source, ("not_applicable", None, "the stack has no aws_lambda_function"))
