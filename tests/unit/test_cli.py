"""The command line as users and other programs meet it: output, exit codes, errors."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import textwrap
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from routeproof import __version__, cli
from routeproof.catalogue import catalogue
from routeproof.cli import main
from routeproof.convention import Example, Verdict
from routeproof.reporters.explain import marked

ROOT = Path(__file__).resolve().parents[2]
OTHERS = len(catalogue()) - 1
FAILING = """\
resource "aws_cloudwatch_log_group" "forever" {
  name = "forever"
}
"""
PASSING = FAILING.replace('"forever"\n', '"forever"\n  retention_in_days = 14\n')
UNPROVEN = FAILING.replace('"forever"\n', '"forever"\n  retention_in_days = var.days\n') + 'variable "days" {}\n'


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty repository, as working directory."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(directory: Path, content: str, name: str = "main.tf") -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    (directory / name).write_text(content)
    return directory / name


def run_json(*arguments: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    code = main(["check", "--format", "json", *arguments])
    return code, json.loads(capsys.readouterr().out)


def test_the_reference_stack_passes(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    assert main(["check"]) == 0
    # It has two log groups, and calls no modules.
    assert capsys.readouterr().out == f"1 root module: {len(catalogue())} pass, 1 not applicable\n"


def test_a_failure_in_text(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(here, FAILING)
    assert main(["check"]) == 1
    assert capsys.readouterr().out == (
        "main.tf:1:1: fail LOG_RETENTION aws_cloudwatch_log_group.forever\n"
        "    retention_in_days is not set, so the events never expire\n"
        "      |\n"
        '    1 | resource "aws_cloudwatch_log_group" "forever" {\n'
        "      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n"
        f"    why: {catalogue()['LOG_RETENTION'].why}\n"
        "    fix: Set retention_in_days to a number of days that CloudWatch accepts, for example 14.\n"
        "\n"
        f"1 root module: 1 fail, {OTHERS} not applicable\n"
        "More about a convention: routeproof explain LOG_RETENTION\n"
    )


def test_a_failure_in_json(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(here / "infra", FAILING)
    code, document = run_json("--select", "LOG_RETENTION", capsys=capsys)
    assert code == 1
    assert document == {
        "version": 1,
        "roots": [
            {
                "root": "infra",
                "results": [
                    {
                        "convention": "LOG_RETENTION",
                        "verdict": "fail",
                        "address": "aws_cloudwatch_log_group.forever",
                        "message": "retention_in_days is not set, so the events never expire",
                        "fix": "Set retention_in_days to a number of days that CloudWatch accepts, for example 14.",
                        "file": "infra/main.tf",
                        "line": 1,
                        "column": 1,
                        "end_line": 1,
                        "end_column": 46,
                        "related": [],
                        "suppressed": None,
                        "baseline": False,
                    }
                ],
                "routes": [],
                "unproven_fails": False,
                "fixed": [],
            }
        ],
        "errors": [],
        "summary": {
            "pass": 0,
            "fail": 1,
            "not_applicable": 0,
            "unproven": 0,
            "error": 0,
            "suppressed": 0,
            "baseline": 0,
        },
        "left_out": [],
        "variable_files": [],
        "shard": None,
    }


def test_a_convention_without_a_subject_has_one_result_without_a_place(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(here, FAILING)
    code, document = run_json("--select", "LAMBDA_ARM64", capsys=capsys)
    assert code == 0
    (result,) = document["roots"][0]["results"]
    assert (result["verdict"], result["message"]) == ("not_applicable", "the stack has no aws_lambda_function")
    assert [result[name] for name in ("address", "file", "line", "column", "end_line", "end_column")] == [None] * 6


def test_columns_count_code_points(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(here, 'resource "aws_cloudwatch_log_group" "g" {\n  /* 日本語 */ retention_in_days = 13\n}\n')
    _, document = run_json("--select", "LOG_RETENTION", capsys=capsys)
    (result,) = document["roots"][0]["results"]
    assert (result["line"], result["column"], result["end_line"], result["end_column"]) == (2, 33, 2, 35)


def test_without_a_path_terraform_is_taken_where_it_exists(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(here / "elsewhere", FAILING)
    write(here / "terraform", PASSING)
    code, document = run_json(capsys=capsys)
    assert (code, [root["root"] for root in document["roots"]]) == (0, ["terraform"])


def test_every_root_module_below_a_path_and_no_called_module(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(here / "a", PASSING + 'module "m" {\n  source = "../modules/m"\n}\n')
    write(here / "b", PASSING)
    write(here / "modules" / "m", PASSING)
    write(here / ".hidden", FAILING)
    write(here / "node_modules" / "x", FAILING)
    code, document = run_json(".", capsys=capsys)
    assert (code, [root["root"] for root in document["roots"]]) == (0, ["a", "b"])
    addresses = [result["address"] for result in document["roots"][0]["results"] if result["address"]]
    assert addresses == [
        "aws_cloudwatch_log_group.forever",
        "module.m",
        "module.m.aws_cloudwatch_log_group.forever",
    ]


def test_a_file_stands_for_the_root_modules_it_belongs_to(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(here / "a", 'module "m" {\n  source = "../modules/m"\n}\n')
    write(here / "b", PASSING)
    file = write(here / "modules" / "m", FAILING)
    code, document = run_json(str(file), capsys=capsys)
    assert (code, [root["root"] for root in document["roots"]]) == (1, ["a"])


@pytest.mark.parametrize("arguments", [["check", "nowhere"], ["check"], ["check", "README.md"]])
def test_a_path_without_terraform_is_not_trusted(
    here: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "README.md").write_text("no Terraform\n")
    assert main(arguments) == 2
    streams = capsys.readouterr()
    expected = {
        "nowhere": "routeproof: nowhere: there is no such file or directory\n",
        "README.md": "routeproof: README.md: this is no Terraform file (.tf, .tf.json, .tofu)\n",
        "check": "routeproof: .: no Terraform files (.tf, .tf.json, .tofu) in it or below it\n",
    }
    assert (streams.out, streams.err) == ("", expected[arguments[-1]])


def test_a_file_that_does_not_parse_leaves_the_other_roots_judged(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(here / "broken", 'resource "aws_lambda_function" "f" {\n  a = 1 b = 2\n}\n')
    write(here / "whole", FAILING)
    code, document = run_json(".", capsys=capsys)
    assert code == 2, "2 wins over 1"
    assert [root["root"] for root in document["roots"]] == ["whole"]
    assert document["errors"] == [
        {
            "file": "broken/main.tf",
            "line": 2,
            "column": 9,
            "end_line": 2,
            "end_column": 14,
            "message": "a line break is missing before this: one argument or block on a line",
        }
    ]


def test_unproven_warns_and_fails_when_asked(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(here, UNPROVEN)
    assert main(["check"]) == 0
    assert capsys.readouterr().out == (
        "main.tf:3:23: unproven LOG_RETENTION aws_cloudwatch_log_group.forever\n"
        "    the retention is undecided: retention_in_days is var.days, and var.days has no value; "
        "give it one with --var-file\n"
        "      |\n"
        "    3 |   retention_in_days = var.days\n"
        "      |                       ^^^^^^^^\n"
        "    main.tf:5:1: the value that is missing\n"
        f"    why: {catalogue()['LOG_RETENTION'].why}\n"
        "\n"
        f"1 root module: {OTHERS} not applicable, 1 unproven\n"
        "More about a convention: routeproof explain LOG_RETENTION\n"
    )
    assert main(["check", "--unproven", "fail"]) == 1


@pytest.mark.parametrize(("days", "code"), [(14, 0), (13, 1)])
def test_a_variable_file_decides(here: Path, days: int, code: int) -> None:
    write(here, UNPROVEN)
    write(here, f"days = {days}\n", "live.tfvars")
    assert main(["check", "--unproven", "fail", "--var-file", "live.tfvars"]) == code


def test_a_variable_file_that_is_missing_is_an_error(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(here, UNPROVEN)
    assert main(["check", "--var-file", "missing.tfvars"]) == 2
    message = "missing.tfvars:1:1: error\n    the variable file cannot be read: there is no such file\n\n"
    assert capsys.readouterr().out == message + "0 root modules: nothing judged\n"


def test_select_and_ignore(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(here, FAILING)
    assert main(["check", "--ignore", "LOG_RETENTION"]) == 0
    assert main(["check", "--select", "LAMBDA_ARM64,LOG_RETENTION"]) == 1
    capsys.readouterr()
    assert main(["check", "--select", "log_retention"]) == 2
    assert capsys.readouterr().err == "routeproof: there is no convention log_retention; did you mean LOG_RETENTION?\n"
    assert main(["check", "--select", "LOG_RETENTION", "--ignore", "LOG_RETENTION"]) == 2
    assert capsys.readouterr().err == "routeproof: --select and --ignore leave no convention to judge\n"


def test_roots_without_a_subject_say_so(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(here, 'resource "aws_sqs_queue" "q" {}\n')
    assert main(["check"]) == 0
    expected = f".: no convention is applicable here\n1 root module: {len(catalogue())} not applicable\n"
    assert capsys.readouterr().out == expected


def test_nothing_is_read_out_of_the_repository(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(here.parent / f"{here.name}-outside", FAILING)
    write(here, f'module "m" {{\n  source = "../{here.name}-outside"\n}}\n')
    _, document = run_json("--select", "LOG_RETENTION", capsys=capsys)
    assert document["summary"]["fail"] == 0
    code, document = run_json("--select", "LOG_RETENTION", "--allow-outside", capsys=capsys)
    assert (code, document["summary"]["fail"]) == (1, 1)


def test_control_characters_of_the_source_never_reach_the_terminal(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(here, 'resource "aws_cloudwatch_log_group" "g" {\n  retention_in_days = "\x1b[31m\u202e7"\n}\n')
    assert main(["check"]) == 1
    output = capsys.readouterr().out
    assert "retention_in_days is \\u001b[31m\\u202e7, which CloudWatch does not accept" in output
    assert not {"\x1b", "\u202e"} & set(output)


@pytest.mark.parametrize(
    ("environment", "coloured"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
)
def test_colours_only_on_a_terminal_that_wants_them(here: Path, environment: dict[str, str], coloured: bool) -> None:
    write(here, FAILING)
    master, slave = pty.openpty()
    clean = {name: value for name, value in os.environ.items() if name != "NO_COLOR"} | {"TERM": "xterm"}
    command = [sys.executable, "-m", "routeproof", "check"]
    subprocess.run(command, stdout=slave, env={**clean, **environment}, check=False)
    os.close(slave)
    output = os.read(master, 10_000).decode()
    os.close(master)
    assert ("\x1b[31mfail\x1b[0m LOG_RETENTION" in output) is coloured
    assert "fail" in output
    piped = subprocess.run(command, capture_output=True, text=True, env={**clean, **environment}, check=False)
    assert (piped.returncode, "\x1b" in piped.stdout) == (1, False)


def test_a_reader_that_goes_away_is_no_traceback(here: Path) -> None:
    for number in range(300):
        write(here, FAILING.replace('"forever" {', f'"forever{number}" {{'), f"file{number}.tf")
    command = f"{sys.executable} -m routeproof check | head -1"
    found = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert (found.stderr, found.stdout.count("\n")) == ("", 1)


def test_explain_lists_every_convention(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[: len(catalogue())]] == list(catalogue())


@pytest.mark.parametrize("convention", catalogue().values(), ids=list(catalogue()))
def test_explain_shows_a_convention_in_full(convention: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", convention.id]) == 0
    text = capsys.readouterr().out
    assert text.startswith(f"{convention.id}: {convention.title}\n")
    folded = " ".join(text.split())
    for part in (convention.why, convention.fix, *convention.explains, *convention.exemptions, *convention.sources):
        assert " ".join(part.split()) in folded
    for rule in convention.elsewhere:
        assert " ".join(f"- {rule.tool} {rule.id}: {rule.differs}".split()) in folded
    for example in (convention.good, convention.bad):
        assert textwrap.indent(marked(example).rstrip(), "    ").replace("\n    \n", "\n\n") in text
    for part in convention.not_shown:
        assert " ".join(f"- {part.surface}, {part.verdict.value.replace('_', ' ')}".split()) in folded
        assert part.reason in folded
    assert ("What it does not apply to" in text) == bool(convention.exemptions)
    assert ("Where it does not show" in text) == bool(convention.not_shown)
    assert ("The nearest rules of other tools" in text) == bool(convention.elsewhere)
    assert main(["explain", convention.id, "--format", "json"]) == 0
    (document,) = json.loads(capsys.readouterr().out)["conventions"]
    assert document["id"] == convention.id
    assert document["bad"] == convention.bad.source
    assert document["bad_verdict"] == convention.bad.verdict.value
    assert document["good_files"] == dict(convention.good.files)
    assert document["exemptions"] == list(convention.exemptions)
    assert document["not_shown"] == [
        {
            "surface": part.surface.value,
            "verdict": part.verdict.value,
            "examples": list(part.examples),
            "reason": part.reason,
        }
        for part in convention.not_shown
    ]
    assert [tuple(rule.values()) for rule in document["elsewhere"]] == [
        (rule.tool, rule.id, rule.differs) for rule in convention.elsewhere
    ]


def test_explain_marks_where_an_example_fails() -> None:
    example = Example("a\nb\n\nc\n", fails_at=(("x", 2), ("y", 4)))
    assert marked(example) == "a\nb # fails\n\nc # fails\n"
    assert marked(replace(example, verdict=Verdict.UNPROVEN)) == "a\nb # unproven\n\nc # unproven\n"


def test_explain_of_an_unknown_id(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "PERMISSION_EXPLICT"]) == 2
    expected = "routeproof: there is no convention PERMISSION_EXPLICT; did you mean PERMISSION_EXPLICIT?\n"
    assert capsys.readouterr().err == expected


def test_the_version_is_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["--version"])
    assert (stop.value.code, capsys.readouterr().out) == (0, f"routeproof {__version__}\n")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project.get("version", __version__) == __version__


@pytest.mark.parametrize("arguments", [[], ["frobnicate"], ["check", "--format", "yaml"]])
def test_bad_usage_exits_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    assert "usage: routeproof" in capsys.readouterr().err


def test_a_defect_of_the_program_is_no_finding(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Python itself would end with 1, as a run does in which a convention fails."""

    def broken(_: object) -> int:
        raise IndexError("no \x1b[31mitem")

    monkeypatch.setitem(cli._COMMANDS, "schema", broken)
    assert main(["schema"]) == 2
    printed = capsys.readouterr().err.splitlines()
    assert printed[0] == "Traceback (most recent call last):"
    assert not any("\x1b" in line for line in printed)
    assert printed[-1] == "routeproof: a defect of this program, please report it: IndexError: no \\u001b[31mitem"
