"""Stacks as people write them, in stacks/: everything the engine says of each is what a careful reader says.

`expected.txt` beside a stack is that reader's opinion, a command and what it has to find:

    $ routeproof check --var-file prod.tfvars
    root envs/prod
    fail           LOG_RETENTION       main.tf:12 aws_cloudwatch_log_group.api  # retention_in_days is 0
    not_applicable CORS

A result stands in a line of its own; one without an address is of a convention that has no subject there. After `#`
come words of the message: that it is right for the right reason.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field
from difflib import ndiff
from pathlib import Path
from typing import Any

import pytest

from routeproof.cli import main
from tests.unit.conventions.judging import TODAY, loaded_from
from tests.unit.provider_schema import require_known

STACKS = Path(__file__).with_name("stacks")
KINDS = sorted(path.name for path in STACKS.iterdir())
# Terraform's own, of no provider.
BUILT_IN = {"terraform_data"}


@dataclass
class Run:
    """One command: its arguments, and by root each result as it stands in expected.txt, with words of the message."""

    arguments: list[str]
    roots: dict[str, list[tuple[str, str]]] = field(default_factory=dict)


def runs(kind: str) -> list[Run]:
    found: list[Run] = []
    for line in (STACKS / kind / "expected.txt").read_text().splitlines():
        result, _, words = line.partition("  # ")
        if line.startswith("$ routeproof check"):
            found.append(Run(line.split()[3:]))
        elif line.startswith("root "):
            lines = found[-1].roots.setdefault(line.removeprefix("root "), [])
        else:
            lines.append((result, words))
    return found


def written(result: dict[str, Any]) -> str:
    """A result of the JSON report as it stands in expected.txt."""
    text = f"{result['verdict']:<14} {result['convention']}"
    if result["address"] is None:
        return text
    return f"{text:<34} {result['file']}:{result['line']} {result['address']}"


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a stack is copied to: a repository of its own, and the working directory."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("kind", KINDS)
def test_the_engine_says_what_a_careful_reader_says(
    kind: str, copied: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(STACKS / kind, copied, dirs_exist_ok=True)
    for run in runs(kind):
        code = main(["check", "--format", "json", "--today", TODAY.isoformat(), *run.arguments])
        document = json.loads(capsys.readouterr().out)
        assert document["errors"] == []
        found = {root["root"]: root["results"] for root in document["roots"]}
        assert found.keys() == run.roots.keys()
        for root, lines in run.roots.items():
            compared = ndiff(sorted(line for line, _ in lines), sorted(written(result) for result in found[root]))
            assert [line for line in compared if line.startswith(("-", "+"))] == []
        for root, lines in run.roots.items():
            for line, words in lines:
                messages = [result["message"] for result in found[root] if written(result) == line]
                assert any(words in message for message in messages), (line, messages)
        fails = any(line.startswith("fail ") for lines in run.roots.values() for line, _ in lines)
        assert code == (1 if fails else 0)


@pytest.mark.parametrize("kind", KINDS)
def test_each_failure_and_each_doubt_has_its_reason(kind: str) -> None:
    for run in runs(kind):
        for lines in run.roots.values():
            assert lines
            assert all(bool(words) == line.startswith(("fail ", "unproven ")) for line, words in lines)


@pytest.mark.parametrize("kind", KINDS)
def test_the_provider_knows_all_that_a_stack_sets(kind: str) -> None:
    for root in {root for run in runs(kind) for root in run.roots}:
        stack = loaded_from(STACKS / kind / root)
        assert stack.resources
        for resource in stack.resources:
            if resource.type not in BUILT_IN:
                require_known(resource)
