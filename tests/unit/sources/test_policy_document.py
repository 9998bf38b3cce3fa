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
data "aws_iam_policy_document" "merged" {
  source_policy_documents = [data.aws_iam_policy_document.all.json]
  version = "2008-10-17"
  statement {
    sid = "Read"
    actions = ["x:y"]
  }
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


def test_a_document_that_others_are_merged_into_stays_a_reference(tmp_path: Path) -> None:
    value = output(tmp_path, DOCUMENTS, "data.aws_iam_policy_document.merged.json")
    assert value == Reference("data.aws_iam_policy_document.merged", "json")


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
