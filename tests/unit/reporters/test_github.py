"""Workflow commands, read back as the runner of GitHub Actions reads them."""

from __future__ import annotations

from pathlib import Path

import pytest

from routeproof.cli import main
from routeproof.report import Report
from routeproof.reporters import github
from tests.unit.reporters.hostile import NAMES


def parsed(line: str) -> tuple[str, dict[str, str], str]:
    """Command, properties and message: github.com/actions/runner, src/Runner.Common/ActionCommand.cs."""
    assert line.startswith("::")
    head, message = line[2:].split("::", 1)
    command, _, written = head.partition(" ")
    properties = dict(pair.split("=", 1) for pair in written.split(","))
    unescaped = {name: _unescaped(value, ("%3A", ":"), ("%2C", ",")) for name, value in properties.items()}
    return command, unescaped, _unescaped(message)


def _unescaped(text: str, *more: tuple[str, str]) -> str:
    for escape, character in (("%0D", "\r"), ("%0A", "\n"), *more, ("%25", "%")):
        text = text.replace(escape, character)
    return text


def commands(report: Report) -> list[tuple[str, dict[str, str], str]]:
    *lines, last = github.render(report).splitlines()
    assert last.startswith("1 root module: ")
    return [parsed(line) for line in lines]


def test_each_open_result_is_one_command(hostile: Report) -> None:
    found = commands(hostile)
    levels = [level for level, _, _ in found]
    assert (levels.count("error"), levels.count("warning")) == (len(NAMES) - 3 + 2, 1)
    assert {properties["title"] for _, properties, _ in found} == {
        "cannot be read",
        "fail RETENTION",
        "unproven RETENTION",
        "error BROKEN",
    }


def test_a_failure(hostile: Report) -> None:
    (found,) = [command for command in commands(hostile) if '"plain"' in command[2]]
    position = {"file": "infra/main.tf", "line": "10", "endLine": "10", "col": "23", "endColumn": "24"}
    message = 'aws_cloudwatch_log_group.each["plain"]: "plain" has 13 days\nfix: Write 14.'
    assert found == ("error", position | {"title": "fail RETENTION"}, message)


def test_names_come_back_as_they_are_and_break_out_of_nothing(hostile: Report) -> None:
    (unread,) = [command for command in commands(hostile) if command[1]["title"] == "cannot be read"]
    assert unread[1]["file"] == "unread/::error file=b::`<b>|*\\u202e*\\n.tf"
    (title,) = [message for _, _, message in commands(hostile) if "::error file=a" in message]
    assert title.startswith('aws_cloudwatch_log_group.each["::error file=a,line=1::x"]: ')


def test_percent_signs_are_no_escapes() -> None:
    line = github._command("error", "100%, a:b", ["50%0A", "next"], None, github.working_repository())
    assert line == "::error title=100%25%2C a%3Ab::50%250A%0Anext"
    assert parsed(line) == ("error", {"title": "100%, a:b"}, "50%0A\nnext")


def test_a_range_of_several_lines_has_no_columns(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("main.tf").write_text('resource "aws_lambda_function" "f" {\n  architectures = [\n    "x86_64",\n  ]\n}\n')
    assert main(["check", "--select", "LAMBDA_ARM64", "--format", "github"]) == 1
    _, properties, _ = parsed(capsys.readouterr().out.splitlines()[0])
    assert properties == {"file": "main.tf", "line": "2", "endLine": "4", "title": "fail LAMBDA_ARM64"}


def test_files_are_named_from_the_top_of_the_repository(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "infra").mkdir()
    monkeypatch.chdir("infra")
    Path("main.tf").write_text('resource "aws_cloudwatch_log_group" "a" {}\n')
    main(["check", "--format", "github"])
    assert parsed(capsys.readouterr().out.splitlines()[0])[1]["file"] == "infra/main.tf"
