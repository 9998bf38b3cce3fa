"""docs/other-tools.md: its suppressions are what the tools read, and none is missing."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import hcl2
import pytest

from routeproof.catalogue import catalogue
from tests.lint.steps import ROOT, run
from tests.tools.environments import environment

PAGE = (ROOT / "docs" / "other-tools.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
ROUTE = """\
resource "aws_apigatewayv2_api" "shop" {
  name          = "shop"
  protocol_type = "HTTP"
}

resource "aws_apigatewayv2_integration" "hello" {
  api_id           = aws_apigatewayv2_api.shop.id
  integration_type = "HTTP_PROXY"
}

"""


def block(language: str, beginning: str) -> str:
    (text,) = [text for found, text in BLOCKS if found == language and text.startswith(beginning)]
    return text


def checkov(directory: Path, *options: str) -> dict[str, list[dict[str, Any]]]:
    """What Checkov's own policies report: records by `passed_checks`, `failed_checks` and `skipped_checks`."""
    program = environment("checkov") / "bin" / "checkov"
    found = run(program, "-d", directory, "--framework", "terraform", "--skip-download", "--output", "json", *options)
    return json.loads(found.stdout)["results"]


def test_every_block_is_tested_here() -> None:
    assert [(language, text.split(None, 1)[0]) for language, text in BLOCKS] == [
        ("toml", "exclude-queries"),
        ("yaml", "skip-check:"),
        ("hcl", "resource"),
        ("hcl", "rule"),
    ]


def test_checkov_finds_in_the_reference_stack_what_the_page_lists_and_nothing_else(tmp_path: Path) -> None:
    listed = re.findall(r"^  - (CKV_AWS_\d+) # \w", block("yaml", "skip-check:"), re.MULTILINE)
    found = checkov(ROOT / "terraform")["failed_checks"]
    assert sorted({record["check_id"] for record in found}) == sorted(listed)
    table = re.findall(r"^\| `(CKV_AWS_\d+)` \| .+ \| .+ \|$", PAGE, re.MULTILINE)
    assert table == listed


def test_with_the_configuration_checkov_finds_nothing(tmp_path: Path) -> None:
    configuration = tmp_path / ".checkov.yaml"
    configuration.write_text(block("yaml", "skip-check:"))
    found = checkov(ROOT / "terraform", "--config-file", str(configuration))
    assert found["failed_checks"] == []
    assert found["passed_checks"] != []


def test_checkov_takes_the_comment_inside_the_block(tmp_path: Path) -> None:
    example = block("hcl", "resource")
    (tmp_path / "main.tf").write_text(ROUTE + example)
    found = checkov(tmp_path, "--check", "CKV_AWS_309")
    assert [record["resource"] for record in found["skipped_checks"]] == ["aws_apigatewayv2_route.hello"]
    assert found["skipped_checks"][0]["check_result"]["suppress_comment"] == "anybody may ask"
    assert found["failed_checks"] == []


def test_kics_is_told_to_leave_out_queries_that_the_catalogue_names() -> None:
    configuration = tomllib.loads(block("toml", "exclude-queries"))
    known = {rule.id for convention in catalogue().values() for rule in convention.elsewhere if rule.tool == "KICS"}
    assert set(configuration) == {"exclude-queries"}
    assert set(configuration["exclude-queries"]) <= known
    for query in configuration["exclude-queries"]:
        assert PAGE.count(query) == 2  # there, and where it is explained


def test_tflint_is_told_to_switch_a_rule_off_that_the_catalogue_names() -> None:
    (rule,) = hcl2.loads(block("hcl", "rule"))["rule"]
    ((name, body),) = rule.items()
    known = {rule.id for convention in catalogue().values() for rule in convention.elsewhere}
    assert name.strip('"') in known
    assert body["enabled"] is False


@pytest.mark.parametrize(
    ("convention", "rule"),
    [(c.id, rule.id) for c in catalogue().values() for rule in c.elsewhere if "docs/other-tools.md" in rule.differs],
)
def test_what_the_catalogue_sends_here_is_here(convention: str, rule: str) -> None:
    assert f"`{rule}`" in PAGE
    assert f"`{convention}`" in PAGE


def test_links_lead_somewhere() -> None:
    links = [link for link in re.findall(r"\]\(([^)]+)\)", PAGE) if not link.startswith("https:")]
    assert links == ["../terraform", "catalogue.md"]
    assert all((ROOT / "docs" / link).exists() for link in links)
