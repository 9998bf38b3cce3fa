"""docs/suppressions.md: its commands do what it says, and its examples suppress."""

from __future__ import annotations

import re

import pytest

from routeproof.cli import main
from tests.lint.steps import ROOT
from tests.unit.repository import Repository

PAGE = (ROOT / "docs" / "suppressions.md").read_text()
COMMANDS = re.findall(r"^\$ routeproof (.+)$", PAGE, re.MULTILINE)
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
SOURCES = [text for language, text in BLOCKS if language == "hcl"]
(SETTINGS,) = [text for language, text in BLOCKS if language == "toml"]
AUDIT = 'resource "aws_cloudwatch_log_group" "audit" {\n}\n'


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)#:]+)\)", PAGE))
def test_every_link_leads_somewhere(link: str) -> None:
    assert (ROOT / "docs" / link).exists()


@pytest.mark.parametrize("source", SOURCES)
def test_the_examples_suppress_until_their_day(repository: Repository, source: str) -> None:
    repository.write("main.tf", source)
    found = repository.check("--today", "2027-01-31")
    assert (found.code, found.document["summary"]["suppressed"]) == (0, 1)
    assert repository.check("--today", "2027-02-01").code == (1 if "until" in source else 0)


def test_the_settings_suppress(repository: Repository) -> None:
    repository.write("routeproof.toml", SETTINGS)
    repository.write("main.tf", 'module "audit" {\n  source = "./audit"\n  for_each = toset(["eu"])\n}\n')
    repository.write("audit/main.tf", AUDIT)
    found = repository.check("--today", "2027-01-31")
    assert (found.code, found.document["summary"]["suppressed"]) == (0, 1)


def test_the_commands(repository: Repository) -> None:
    assert COMMANDS == [
        "check --no-suppressions",
        "check --write-baseline known-failures.json",
        "check --baseline known-failures.json",
    ]
    repository.write("main.tf", SOURCES[0])
    audit, write, compare = (command.split() for command in COMMANDS)
    assert (main(["check", "--today", "2026-11-23"]), main(audit)) == (0, 1)
    repository.write("main.tf", AUDIT)
    assert (main(write), main(compare)) == (0, 0)
    repository.write("more.tf", AUDIT.replace("audit", "other"))
    assert main(compare) == 1
