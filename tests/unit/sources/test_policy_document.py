"""data.aws_iam_policy_document as JSON: the text that AWS provider 5.100.0 makes of the same blocks."""

from __future__ import annotations

import json
from pathlib import Path

from routeproof.sources.hcl.files import Files
from routeproof.sources.hcl.modules import load
from routeproof.values import Call, Known, ListValue, ObjectValue, Reference, Value

DOCUMENTS = """\
data "aws_iam_policy_document" "all" {
  policy_id = "orders"
  statement {
    sid       = "Read"
    actions   = ["s3:GetObject", "s3:ListBucket"]
    resources = ["arn:aws:s3:::b/*"]
    condition {
      test     = "StringEquals"
      variable = "aws:a"
      values   = ["x", "y"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:b"
      values   = ["z"]
    }
    condition {
      test     = "Bool"
      variable = "aws:c"
      values   = ["true"]
    }
  }
  statement {
    effect        = "Deny"
    not_actions   = ["s3:*"]
    not_resources = ["a", "b"]
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com", "apigateway.amazonaws.com"]
    }
    principals {
      type        = "AWS"
      identifiers = ["<&>"]
    }
  }
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
    not_principals {
      type        = "AWS"
      identifiers = ["b", "c", "a"]
    }
    condition {
      test     = "StringLike"
      variable = "aws:b"
      values   = ["b", "a"]
    }
    condition {
      test     = "StringLike"
      variable = "aws:b"
      values   = ["c"]
    }
  }
}
data "aws_iam_policy_document" "empty" {
}
"""
# What the provider answers for `all`.
EXPECTED = {
    "Version": "2012-10-17",
    "Id": "orders",
    "Statement": [
        {
            "Sid": "Read",
            "Effect": "Allow",
            "Action": ["s3:ListBucket", "s3:GetObject"],
            "Resource": "arn:aws:s3:::b/*",
            "Condition": {"Bool": {"aws:c": "true"}, "StringEquals": {"aws:a": ["x", "y"], "aws:b": "z"}},
        },
        {
            "Effect": "Deny",
            "NotAction": "s3:*",
            "NotResource": ["b", "a"],
            "Principal": {"AWS": "<&>", "Service": ["lambda.amazonaws.com", "apigateway.amazonaws.com"]},
        },
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*"},
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"AWS": "*"},
            "NotPrincipal": {"AWS": ["c", "b", "a"]},
            "Condition": {"StringLike": {"aws:b": ["c", "b", "a"]}},
        },
    ],
}


def output(directory: Path, source: str, expression: str) -> Value:
    (directory / "main.tf").write_text(source + f'output "o" {{\n  value = {expression}\n}}\n')
    return load(directory, Files(directory.resolve()), {}).outputs[0].value


def escaped(text: str) -> str:
    """As Go writes it."""
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def test_the_text_is_the_providers(tmp_path: Path) -> None:
    value = output(tmp_path, DOCUMENTS, "data.aws_iam_policy_document.all.json")
    assert value == Known(escaped(json.dumps(EXPECTED, indent=2)))


def test_the_short_text_is_the_providers(tmp_path: Path) -> None:
    value = output(tmp_path, DOCUMENTS, "data.aws_iam_policy_document.all.minified_json")
    assert value == Known(escaped(json.dumps(EXPECTED, separators=(",", ":"))))


def test_an_empty_document(tmp_path: Path) -> None:
    value = output(tmp_path, DOCUMENTS, "data.aws_iam_policy_document.empty.json")
    assert value == Known('{\n  "Version": "2012-10-17"\n}')


SETS = """\
data "aws_iam_policy_document" "sets" {
  policy_id = ""
  statement {
    actions   = ["s3:&{a}", "s3:&{a}"]
    resources = ["arn:aws:s3:::b/&{aws:username}", "x/$${aws:username}/*"]
    principals {
      type        = "AWS"
      identifiers = ["&{x}", "a"]
    }
    condition {
      test     = "StringLike"
      variable = "s3:&{q}"
      values   = ["&{aws:username}/*", ""]
    }
  }
  statement {
    not_actions   = []
    not_resources = ["x"]
    not_principals {
      type        = "*"
      identifiers = ["*"]
    }
  }
  statement {
    actions   = ["b", "a", "B", "a"]
    resources = null
    dynamic "principals" {
      for_each = toset(["b", "a"])
      content {
        type        = "AWS"
        identifiers = [principals.key]
      }
    }
    principals {
      type        = "Service"
      identifiers = ["b", "a", "b"]
    }
    principals {
      type        = "Service"
      identifiers = ["c"]
    }
    condition {
      test     = "A"
      variable = "x"
      values   = ["b", "a", "b"]
    }
    condition {
      test     = "A"
      variable = "x"
      values   = ["c"]
    }
    condition {
      test     = "A"
      variable = "y"
      values   = []
    }
  }
}
"""
# What the provider answers: blocks in the order of its hashes, sets backwards, IAM's own variables as IAM writes them.
SETS_TEXT = (
    r'{"Version":"2012-10-17","Statement":['
    r'{"Effect":"Allow","Action":"s3:\u0026{a}","Resource":["x/${aws:username}/*","arn:aws:s3:::b/${aws:username}"],'
    r'"Principal":{"AWS":["a","${x}"]},"Condition":{"StringLike":{"s3:\u0026{q}":["${aws:username}/*",""]}}},'
    r'{"Effect":"Allow","NotResource":"x","NotPrincipal":"*"},'
    r'{"Effect":"Allow","Action":["b","a","B"],"Principal":{"AWS":["a","b"],"Service":["c","b","a"]},'
    r'"Condition":{"A":{"x":["c","b","a","b"],"y":[]}}}]}'
)
PARTS = """\
data "aws_iam_policy_document" "base" {
  policy_id = "base"
  statement {
    sid       = "A"
    actions   = ["a:1", "a:2"]
    resources = ["*"]
    condition {
      test     = "T"
      variable = "v"
      values   = ["b", "a"]
    }
    principals {
      type        = "AWS"
      identifiers = ["b", "a"]
    }
  }
  statement {
    actions = ["nosid:1"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }
}
data "aws_iam_policy_document" "sources" {
  source_policy_documents = [data.aws_iam_policy_document.base.json, jsonencode({ Statement = [{ Sid = "B" }] }), ""]
  statement {
    sid     = "A"
    actions = ["own:1"]
  }
}
data "aws_iam_policy_document" "overrides" {
  policy_id                 = "own"
  version                   = "2008-10-17"
  override_policy_documents = [data.aws_iam_policy_document.base.json, local.handmade]
  statement {
    sid     = "A"
    actions = ["own:1"]
  }
  statement {
    sid     = "C"
    actions = ["own:2"]
  }
}
data "aws_iam_policy_document" "undecided" {
  source_policy_documents = [aws_iam_policy.other.policy]
}
resource "aws_iam_policy" "other" {
}
locals {
  handmade = jsonencode({ Version = "2012-10-17", Statement = [{
    Sid       = "C"
    Effect    = "Deny"
    Action    = ["z", "a"]
    Other     = 1
    Principal = { AWS = ["y", "z"] }
    Condition = { Q = { z = ["2", "1"], a = true } }
  }] })
}
"""
BASE_A = (
    '{"Sid":"A","Effect":"Allow","Action":["a:2","a:1"],"Resource":"*","Principal":{"AWS":["b","a"]},'
    '"Condition":{"T":{"v":["b","a"]}}}'
)
BASE_REST = '{"Effect":"Allow","Action":"nosid:1","Principal":"*"}'


def test_sets_and_variables_are_written_as_the_provider_does(tmp_path: Path) -> None:
    assert output(tmp_path, SETS, "data.aws_iam_policy_document.sets.minified_json") == Known(SETS_TEXT)


def test_a_statement_replaces_the_one_with_its_sid_in_the_sources(tmp_path: Path) -> None:
    value = output(tmp_path, PARTS, "data.aws_iam_policy_document.sources.minified_json")
    own = '{"Sid":"A","Effect":"Allow","Action":"own:1"}'
    assert value == Known(f'{{"Version":"2012-10-17","Id":"base","Statement":[{own},{BASE_REST},{{"Sid":"B"}}]}}')


def test_overrides_replace_statements_and_are_written_anew(tmp_path: Path) -> None:
    value = output(tmp_path, PARTS, "data.aws_iam_policy_document.overrides.minified_json")
    handmade = (
        '{"Sid":"C","Effect":"Deny","Action":["z","a"],"Principal":{"AWS":["z","y"]},'
        '"Condition":{"Q":{"a":"true","z":["2","1"]}}}'
    )
    statements = f"{BASE_A},{handmade},{BASE_REST}"
    assert value == Known(f'{{"Version":"2012-10-17","Id":"base","Statement":[{statements}]}}')


def test_a_document_with_a_source_that_is_not_known_stays_a_reference(tmp_path: Path) -> None:
    value = output(tmp_path, PARTS, "data.aws_iam_policy_document.undecided.json")
    assert value == Reference("data.aws_iam_policy_document.undecided", "json")


def test_what_only_apply_knows_stays_a_reference_inside(tmp_path: Path) -> None:
    source = """\
resource "aws_dynamodb_table" "orders" {
}
data "aws_iam_policy_document" "table" {
  dynamic "statement" {
    for_each = ["dynamodb:GetItem"]
    content {
      actions   = [statement.value]
      resources = [aws_dynamodb_table.orders.arn]
    }
  }
}
"""
    value = output(tmp_path, source, "data.aws_iam_policy_document.table.json")
    statement = ObjectValue(
        {
            "Effect": Known("Allow"),
            "Action": Known("dynamodb:GetItem"),
            "Resource": Reference("aws_dynamodb_table.orders", "arn"),
        }
    )
    document = ObjectValue({"Version": Known("2012-10-17"), "Statement": ListValue((statement,))})
    assert value == Call("jsonencode", (document,))


def test_its_other_attributes_are_references(tmp_path: Path) -> None:
    value = output(tmp_path, DOCUMENTS, "data.aws_iam_policy_document.all.id")
    assert value == Reference("data.aws_iam_policy_document.all", "id")


def test_a_document_of_each_instance(tmp_path: Path) -> None:
    source = """\
data "aws_iam_policy_document" "each" {
  for_each = toset(["a", "b"])
  statement {
    actions = ["s3:${each.key}"]
  }
}
"""
    value = output(tmp_path, source, 'jsondecode(data.aws_iam_policy_document.each["b"].json).Statement[0].Action')
    assert value == Known("s3:b")
