"""Dynamic blocks become the blocks that they stand for. The texts are what AWS provider 5.100.0 makes of the source."""

from __future__ import annotations

from pathlib import Path

import pytest

from routeproof.sources.hcl.files import Files
from routeproof.sources.hcl.modules import load
from routeproof.stack import Resource
from routeproof.values import Known, ListValue, ObjectValue, Unknown, Value, first_unknown

NESTED = """\
locals {
  statements = {
    read = { conditions = [{ test = "StringEquals", value = "x" }, { test = "Bool", value = "true" }] }
    none = { conditions = [] }
    null = { conditions = null }
  }
}
data "aws_iam_policy_document" "a" {
  dynamic "statement" {
    for_each = local.statements
    iterator = each_statement
    content {
      sid     = each_statement.key
      actions = ["s3:Get*"]
      dynamic "condition" {
        for_each = each_statement.value.conditions == null ? [] : each_statement.value.conditions
        content {
          test     = condition.value.test
          variable = "v"
          values   = ["${each_statement.key}-${condition.value.value}-${condition.key}"]
        }
      }
    }
  }
  statement {
    actions = ["last:One"]
  }
}
output "o" {
  value = data.aws_iam_policy_document.a.minified_json
}
"""
NESTED_TEXT = (
    '{"Version":"2012-10-17","Statement":[{"Sid":"none","Effect":"Allow","Action":"s3:Get*"},'
    '{"Sid":"null","Effect":"Allow","Action":"s3:Get*"},'
    '{"Sid":"read","Effect":"Allow","Action":"s3:Get*",'
    '"Condition":{"Bool":{"v":"read-true-1"},"StringEquals":{"v":"read-x-0"}}},'
    '{"Effect":"Allow","Action":"last:One"}]}'
)


def resource(directory: Path, body: str) -> Resource:
    source = f'resource "aws_apigatewayv2_api" "a" {{\n{body}}}\nvariable "given" {{\n}}\n'
    (directory / "main.tf").write_text(source)
    return load(directory, Files(directory.resolve()), {}).resources[0]


def blocks(value: Value) -> list[dict[str, Value]]:
    assert isinstance(value, ListValue)
    return [dict(item.fields) for item in value.items if isinstance(item, ObjectValue)]


def dynamic(for_each: str) -> str:
    content = "  content {\n    allow_origins = [cors_configuration.key, cors_configuration.value]\n  }\n"
    return f'dynamic "cors_configuration" {{\n  for_each = {for_each}\n{content}}}\n'


def test_blocks_in_blocks_over_maps_lists_and_nothing(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(NESTED)
    (output,) = load(tmp_path, Files(tmp_path.resolve()), {}).outputs
    assert output.value == Known(NESTED_TEXT)


@pytest.mark.parametrize(
    ("for_each", "pairs"),
    [
        ("[]", []),
        ("{}", []),
        ("toset([])", []),
        ('["x"]', [(0, "x")]),
        ('{ b = 1, a = "y" }', [("a", "y"), ("b", 1)]),
        ('toset(["q", "p"])', [("p", "p"), ("q", "q")]),
        ("true ? [5] : []", [(0, 5)]),
        ('[for name in ["x", "y"] : upper(name) if name != "x"]', [(0, "Y")]),
    ],
)
def test_each_element_is_a_block(tmp_path: Path, for_each: str, pairs: list[tuple[object, object]]) -> None:
    found = blocks(resource(tmp_path, dynamic(for_each)).get("cors_configuration"))
    expected = [ListValue((Known(key), Known(value))) for key, value in pairs]  # type: ignore[arg-type]
    assert [block["allow_origins"] for block in found] == expected


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (dynamic("null"), "Terraform refuses it: for_each of a dynamic block is null"),
        (dynamic('"text"'), "Terraform refuses it: a dynamic block needs a collection"),
        (dynamic("var.given"), "a dynamic block goes over var.given"),
        (dynamic("var.given ? [1] : []"), "a dynamic block goes over var.given ? [1] : []"),
        (dynamic("nonsense"), "Terraform refuses it: nonsense is not declared"),
        ('dynamic "cors_configuration" {\n  for_each = []\n}\n', "the dynamic block 'cors_configuration' lacks"),
    ],
)
def test_what_is_undecided_says_why(tmp_path: Path, body: str, reason: str) -> None:
    value = resource(tmp_path, body).get("cors_configuration")
    unknown = first_unknown(value)
    assert isinstance(unknown, Unknown)
    assert unknown.reason.startswith(reason)


def test_static_and_dynamic_blocks_keep_their_order(tmp_path: Path) -> None:
    static = 'cors_configuration {\n  allow_origins = ["static"]\n}\n'
    found = blocks(resource(tmp_path, static + dynamic('["x"]') + static).get("cors_configuration"))
    texts = [block["allow_origins"].items[-1] for block in found]  # type: ignore[union-attr]
    assert texts == [Known("static"), Known("x"), Known("static")]


@pytest.mark.parametrize("swapped", [False, True])
def test_an_override_replaces_blocks_by_dynamic_ones_and_the_other_way_round(tmp_path: Path, swapped: bool) -> None:
    static = 'cors_configuration {\n  allow_origins = ["static"]\n}\n'
    bodies = [static, dynamic('["x"]')]
    (tmp_path / "override.tf").write_text(f'resource "aws_apigatewayv2_api" "a" {{\n{bodies[not swapped]}}}\n')
    found = blocks(resource(tmp_path, bodies[swapped]).get("cors_configuration"))
    texts = [block["allow_origins"].items[-1] for block in found]  # type: ignore[union-attr]
    assert texts == [Known("static") if swapped else Known("x")]
