"""Resources in Terraform's JSON syntax are those of the native syntax; errors have their place."""

from __future__ import annotations

from pathlib import Path

import pytest

from routeproof.sources.hcl.files import Files
from routeproof.sources.hcl.modules import load
from routeproof.sources.hcl.syntax import SourceError
from routeproof.stack import Stack

NATIVE = """\
variable "create" {
  type    = bool
  default = true
}
resource "aws_lambda_function" "orders" {
  count         = var.create ? 1 : 0
  function_name = "orders"
  architectures = ["arm64"]
  role          = aws_iam_role.orders.arn
  tags          = { team = "shop" }

  environment {
    variables = { TABLE = "${aws_dynamodb_table.orders.name}-x" }
  }

  dynamic "file_system_config" {
    for_each = ["a", "b"]
    content {
      arn = file_system_config.value
    }
  }

  lifecycle {
    ignore_changes = [filename, tags]
  }
}
resource "aws_iam_role" "orders" {
  name = "orders"
}
resource "aws_dynamodb_table" "orders" {
  name = "orders"
  attribute {
    name = "a"
  }
  attribute {
    name = "b"
  }
}
data "aws_region" "here" {
}
"""
JSON = """\
{
  "variable": {"create": {"type": "bool", "default": true}},
  "resource": {
    "aws_lambda_function": {
      "orders": {
        "count": "${var.create ? 1 : 0}",
        "function_name": "orders",
        "architectures": ["arm64"],
        "role": "${aws_iam_role.orders.arn}",
        "tags": {"team": "shop"},
        "environment": {"variables": {"TABLE": "${aws_dynamodb_table.orders.name}-x"}},
        "dynamic": {"file_system_config": {"for_each": ["a", "b"], "content": {"arn": "${file_system_config.value}"}}},
        "lifecycle": {"ignore_changes": ["filename", "tags"]}
      }
    },
    "aws_iam_role": {"orders": [{"name": "orders"}]},
    "aws_dynamodb_table": [{"orders": {"name": "orders", "attribute": [{"name": "a"}, {"name": "b"}]}}]
  },
  "data": {"aws_region": {"here": {}}}
}
"""


def loaded(directory: Path, name: str, content: str) -> Stack:
    directory.mkdir()
    (directory / name).write_text(content)
    return load(directory, Files(directory.resolve()), {})


def test_resources_are_the_same_in_both_syntaxes(tmp_path: Path) -> None:
    native = loaded(tmp_path / "native", "main.tf", NATIVE)
    json = loaded(tmp_path / "json", "main.tf.json", JSON)
    assert list(json.by_address) == list(native.by_address)
    for address, resource in native.by_address.items():
        other = json.by_address[address]
        assert dict(other.attributes) == dict(resource.attributes)
        assert (other.ignored_changes, other.managed) == (resource.ignored_changes, resource.managed)


def test_places_are_those_in_the_file(tmp_path: Path) -> None:
    (function, *_) = loaded(tmp_path / "json", "main.tf.json", JSON).resources
    assert (function.location.line, function.location.column) == (5, 7)
    position = function.position("architectures")
    assert (position.line, position.column) == (8, 26)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"locals": {"a": 1,}}', "main.tf.json:1:20: this is not valid JSON near '}'"),
        ('{\n  "locals": {"a": nul}}', "main.tf.json:2:19: this is not valid JSON near 'nul}}'"),
        ("", "main.tf.json:1:1: this is not valid JSON near the end of the file"),
        ('{"locals": 1}', "main.tf.json:1:12: an object is needed here"),
        ('{"nonsense": {}}', "main.tf.json:1:2: 'nonsense' is no block that Terraform knows"),
        ('{"output": {"o": {"value": "${1"}}}', "main.tf.json:1:28: this is not a valid template"),
        ("[" * 10_000, "main.tf.json:1:201: JSON nested more than 200 deep"),
        ('{"locals": {"a": 1e1000000000}}', "main.tf.json:1:18: a number with an exponent past 1,000"),
    ],
)
def test_errors_have_their_place(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(SourceError) as refused:
        loaded(tmp_path / "json", "main.tf.json", content)
    assert str(refused.value).endswith(message)
