"""Undecided values are described as a person would write them, and with what would decide them."""

from __future__ import annotations

from pathlib import Path

import pytest

from routeproof.sources.hcl.files import Files
from routeproof.sources.hcl.modules import load
from routeproof.values import describe, what_decides

DECLARED = """\
variable "a" {
}
variable "b" {
}
variable "many" {
}
resource "aws_x" "x" {
}
resource "aws_x" "each" {
  for_each = var.many
  name     = each.key
  value    = each.value
}
resource "aws_x" "counted" {
  count = var.a
  name  = count.index
}
"""
APPLY = "which only apply decides"
BOTH = "and var.a and var.b have no value; give them one with --var-file"
A = "and var.a has no value; give it one with --var-file"


@pytest.mark.parametrize(
    ("expression", "shown", "decided_by"),
    [
        ("var.a", "var.a", A),
        ('"${var.a}-x"', '"${var.a}-x"', A),
        ("var.a ? 1 : 2", "var.a ? 1 : 2", A),
        ("var.a ? 1 : var.b ? 2 : 3", "var.a ? 1 : (var.b ? 2 : 3)", BOTH),
        ('var.a == "" ? null : var.a', 'var.a == "" ? null : var.a', A),
        ("(var.a + 1) * 2", "(var.a + 1) * 2", A),
        ("!var.a", "!var.a", A),
        ("!(var.a == 1)", "!(var.a == 1)", A),
        ("-var.a", "-var.a", A),
        ("{ k = 1 }[var.a]", "{k = 1}[var.a]", A),
        ("upper(var.a)", "upper(var.a)", A),
        ("var.a[0].b", "var.a[0].b", A),
        ("upper(var.a).b", "upper(var.a).b", A),
        ("aws_x.x.list[*].id", "aws_x.x.list[*].id", APPLY),
        ("aws_x.x.arn", "aws_x.x.arn", APPLY),
        ("[var.a, aws_x.x.arn]", "[var.a, aws_x.x.arn]", APPLY + "; give var.a a value with --var-file"),
        ("[var.a, var.b]", "[var.a, var.b]", BOTH),
        ("terraform.workspace", "terraform.workspace", APPLY),
    ],
)
def test_expressions(tmp_path: Path, expression: str, shown: str, decided_by: str) -> None:
    (tmp_path / "main.tf").write_text(DECLARED + f'output "o" {{\n  value = {expression}\n}}\n')
    (output,) = load(tmp_path, Files(tmp_path.resolve()), {}).outputs
    assert describe(output.value) == shown
    assert what_decides(output.value) == decided_by


@pytest.mark.parametrize(
    ("address", "attribute", "shown"),
    [
        ("aws_x.each", "name", "each.key"),
        ("aws_x.each", "value", "each.value"),
        ("aws_x.counted", "name", "count.index"),
    ],
)
def test_names_of_instances_that_only_apply_counts(tmp_path: Path, address: str, attribute: str, shown: str) -> None:
    (tmp_path / "main.tf").write_text(DECLARED)
    resource = load(tmp_path, Files(tmp_path.resolve()), {}).by_address[address]
    assert describe(resource.get(attribute)) == shown
