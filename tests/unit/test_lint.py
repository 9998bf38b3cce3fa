"""The lint gate finds what it has to, and is never green when a part of it did not work."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from routeproof.catalogue import catalogue
from routeproof.report import report
from tests.lint import checkov, steps
from tests.lint.__main__ import main
from tests.lint.steps import ROOT, Untrusted

GROUP = """\
resource "aws_cloudwatch_log_group" "g" {
  retention_in_days = 14
}
"""
FUNCTIONS = """\
variable "architecture" {
  default = "arm64"
}

module "functions" {
  source       = "./functions"
  for_each     = toset(["a", "b"])
  name         = each.key
  architecture = each.key == "b" ? var.architecture : "arm64"
}
"""
FUNCTION = """\
variable "name" {}
variable "architecture" {}

resource "aws_lambda_function" "f" {
  function_name = var.name
  role          = "arn:aws:iam::123456789012:role/f"
  image_uri     = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/f:1"
  package_type  = "Image"
  architectures = [var.architecture]
  memory_size   = 256
  timeout       = 10
}

resource "aws_cloudwatch_log_group" "f" {
  name              = "/aws/lambda/${var.name}"
  retention_in_days = 14
}
"""


@pytest.fixture
def stack(tmp_path: Path) -> Path:
    directory = tmp_path.resolve() / "repository" / "stack"
    directory.mkdir(parents=True)
    (directory.parent / ".git").mkdir()
    return directory


def lines(output: str) -> list[list[str]]:
    """Each step's name and word; details are indented."""
    return [line[:25].split() for line in output.splitlines() if not line.startswith(" ")]


def test_a_stack_that_keeps_the_conventions_passes(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (stack / "main.tf").write_text(GROUP)
    assert main([str(stack)]) == 0
    assert lines(capsys.readouterr().out) == [
        ["terraform", "fmt", "ok"],
        ["routeproof", "check", "ok"],
        ["checkov", "ok"],
    ]


def test_a_stack_that_breaks_one_fails_in_both(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (stack / "main.tf").write_text(GROUP.replace("14", "13"))
    assert main([str(stack)]) == 1
    output = capsys.readouterr().out
    assert lines(output) == [["terraform", "fmt", "ok"], ["routeproof", "check", "FAILED"], ["checkov", "FAILED"]]
    assert "fail LOG_RETENTION aws_cloudwatch_log_group.g\n" in output
    assert "    LOG_RETENTION aws_cloudwatch_log_group.g in stack/main.tf\n" in output


def test_what_is_unproven_is_shown(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (stack / "main.tf").write_text(GROUP.replace("14", "var.days") + '\nvariable "days" {}\n')
    assert main([str(stack)]) == 0
    output = capsys.readouterr().out
    assert "1 unproven" in output
    assert "unproven LOG_RETENTION aws_cloudwatch_log_group.g\n" in output


def test_what_is_suppressed_passes_in_both_and_is_counted(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    comment = "# routeproof:skip=LOG_RETENTION: old\n"
    (stack / "main.tf").write_text(comment + GROUP.replace("14", "13") + "\n" + GROUP.replace('"g"', '"h"'))
    assert main([str(stack)]) == 0
    output = capsys.readouterr().out
    assert "1 suppressed" in output
    assert "1 passed, 0 failed, 1 skipped" in output


def test_a_suppression_that_nothing_needs_fails_the_gate(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (stack / "main.tf").write_text("# routeproof:skip=LOG_RETENTION: old\n" + GROUP)
    assert main([str(stack)]) == 1
    output = capsys.readouterr().out
    assert lines(output) == [["terraform", "fmt", "ok"], ["routeproof", "check", "FAILED"], ["checkov", "ok"]]
    assert "fail SUPPRESSION\n" in output


def test_terraform_that_is_not_formatted_fails(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (stack / "main.tf").write_text(GROUP.replace("  retention_in_days =", "retention_in_days="))
    assert main([str(stack)]) == 1
    output = capsys.readouterr().out
    assert lines(output)[0] == ["terraform", "fmt", "FAILED"]
    assert "run: terraform fmt -recursive" in output


def test_source_that_does_not_parse_is_not_trusted(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (stack / "main.tf").write_text(GROUP + "resource {\n")
    assert main([str(stack)]) == 2
    assert [line[-1] for line in lines(capsys.readouterr().out)] == ["ERROR", "ERROR", "ERROR"]


@pytest.mark.parametrize("content", [None, ""])
def test_a_path_without_terraform_is_not_trusted(
    stack: Path, content: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    path = stack if content is not None else stack / "nowhere"
    assert main([str(path)]) == 2
    words = [line[-1] for line in lines(capsys.readouterr().out)]
    assert words[1:] == ["ERROR", "ERROR"]


@pytest.mark.parametrize(("architecture", "failed"), [("arm64", []), ("x86_64", ["LAMBDA_ARM64"])])
def test_instances_of_modules_are_judged_through_checkov(
    stack: Path, architecture: str, failed: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    (stack / "functions").mkdir()
    (stack / "functions" / "main.tf").write_text(FUNCTION)
    (stack / "main.tf").write_text(FUNCTIONS.replace('"arm64"\n}\n\nmodule', f'"{architecture}"\n}}\n\nmodule'))
    outcome = checkov.check([stack])
    assert outcome.exit_code == len(failed)
    assert [line.split()[0] for line in outcome.details.splitlines()] == failed
    if failed:
        assert outcome.details == 'LAMBDA_ARM64 module.functions["b"].aws_lambda_function.f in stack/functions/main.tf'


API = """\
resource "aws_apigatewayv2_api" "shop" {
  name          = "shop"
  protocol_type = "HTTP"
  body = jsonencode({
    openapi = "3.0.1"
    paths = {
      for path, milliseconds in WAITS : "/${path}" => {
        get = {
          x-amazon-apigateway-integration = {
            type                 = "aws_proxy"
            uri                  = aws_lambda_function.f.invoke_arn
            payloadFormatVersion = "2.0"
            timeoutInMillis      = milliseconds
          }
        }
      }
    }
  })
}

variable "unknown" {}

"""


@pytest.mark.parametrize(
    ("waits", "word", "verdicts"),
    [
        ("{ a = 10000, b = 20000 }", "passed", ["pass", "pass"]),
        ("{ a = 10000, b = var.unknown }", None, ["pass", "unproven"]),
        ("{ a = 10000, b = 9999, c = var.unknown }", "failed", ["pass", "fail", "unproven"]),
    ],
)
def test_the_routes_of_a_body_have_the_worst_verdict_among_them_through_checkov(
    stack: Path, waits: str, word: str | None, verdicts: list[str]
) -> None:
    (stack / "main.tf").write_text(API.replace("WAITS", waits) + FUNCTION)
    (root,) = report([stack], [catalogue()["TIMEOUT_CHAIN"]]).roots
    assert [result.verdict.value for result in root.results] == verdicts
    assert {result.address for result in root.results} == {"aws_apigatewayv2_api.shop"}
    judged = checkov.run_checkov(stack)
    assert judged.get(("TIMEOUT_CHAIN", "/main.tf", "aws_apigatewayv2_api.shop")) == word
    checkov.check([stack])  # it raises where the engine and Checkov differ


OUTER = 'module "inner" {\n  source = "../functions"\n  count  = 2\n}\n'


def test_module_calls_are_judged_through_checkov(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    calls = 'module "outer" {\n  source   = "./outer"\n  for_each = toset(["a.b", "c[0]"])\n}\n'
    for name, text in (("outer", OUTER), ("functions", GROUP)):
        (stack / name).mkdir()
        (stack / name / "main.tf").write_text(text)
    (stack / "main.tf").write_text(calls)
    assert checkov.check([stack]).exit_code == 0
    judged = checkov.run_checkov(stack)
    assert {address: word for (name, _, address), word in judged.items() if name == "MODULE_FETCHED"} == {
        'module.outer["a.b"]': "passed",
        'module.outer["c[0]"]': "passed",
        'module.outer["a.b"].module.inner[0]': "passed",
        'module.outer["a.b"].module.inner[1]': "passed",
        'module.outer["c[0]"].module.inner[0]': "passed",
        'module.outer["c[0]"].module.inner[1]': "passed",
    }


def test_a_module_that_is_not_on_disk_is_shown(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (stack / "main.tf").write_text('module "gone" {\n  source = "terraform-aws-modules/lambda/aws"\n}\n')
    assert main([str(stack)]) == 0
    output = capsys.readouterr().out
    assert "1 unproven" in output
    assert (
        "unproven MODULE_FETCHED module.gone\n        what the module declares is not judged: run terraform init"
        in output
    )
    assert "checkov           ok" in output
    assert "0 passed, 0 failed" in output


@pytest.fixture
def policies(tmp_path: Path) -> Path:
    """A copy of the engine with its Checkov policies, to break."""
    shutil.copytree(ROOT / "policies", tmp_path / "policies", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "policies" / "checkov_checks"


BROKEN_CHECKS = [
    pytest.param("_CHECK_RESULT.get(results[0].verdict, CheckResult.UNKNOWN)", "CheckResult.PASSED", id="passes all"),
    pytest.param(
        "_CHECK_RESULT.get(results[0].verdict, CheckResult.UNKNOWN)", "CheckResult.UNKNOWN", id="says nothing"
    ),
    pytest.param("        self.entity_type = entity_type\n", "        raise ValueError\n", id="raises"),
]


@pytest.mark.parametrize(("written", "broken"), BROKEN_CHECKS)
def test_policies_that_do_not_work_are_found_by_the_canary(
    policies: Path, stack: Path, written: str, broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (stack / "main.tf").write_text(GROUP)
    file = policies / "routeproof_checks.py"
    source = file.read_text()
    assert source.count(written) == 1
    file.write_text(source.replace(written, broken))
    monkeypatch.setattr(checkov, "CHECKS", policies)
    with pytest.raises(
        Untrusted,
        match=r"these policies did not judge their examples right under Checkov: ACCESS_LOGS, .*MODULE_FETCHED",
    ):
        checkov.check([stack])


def test_a_missing_init_file_is_found_by_the_canary(
    policies: Path, stack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (stack / "main.tf").write_text(GROUP)
    (policies / "__init__.py").unlink()
    monkeypatch.setattr(checkov, "CHECKS", policies)
    with pytest.raises(Untrusted, match="these policies did not judge their examples right"):
        checkov.check([stack])


def test_a_policy_whose_convention_breaks_fails_through_checkov(
    policies: Path, stack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (stack / "main.tf").write_text(GROUP)
    file = policies.parent / "conventions" / "logs" / "log_retention.py"
    header = "def check(stack: Stack, group: Resource) -> Result:\n"
    file.write_text(file.read_text().replace(header, f"{header}    raise ValueError\n"))
    reported = checkov.run_checkov(stack, policies)
    assert reported["LOG_RETENTION", "/main.tf", "aws_cloudwatch_log_group.g"] == "failed"


def test_a_program_that_is_missing_is_named() -> None:
    with pytest.raises(Untrusted, match="no-such-program is not there"):
        steps.run("no-such-program")


# Checkov itself would take longer.
SLOW_GATE = """
import runpy, sys, time
from tests.lint import checkov

def slow(directory):
    print("judging", directory, flush=True)
    time.sleep(1)
    return {}

checkov.run_checkov = slow
sys.argv = ["lint", "terraform"]
runpy.run_module("tests.lint", run_name="__main__")
"""


def test_a_run_that_is_terminated_leaves_nothing(tmp_path: Path) -> None:
    """`kill`, `timeout` and continuous integration servers ask so."""
    variables = {**os.environ, "TMPDIR": str(tmp_path)}
    command, pipe = [sys.executable, "-c", SLOW_GATE], subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, env=variables, stdout=pipe, stderr=pipe, text=True) as gate:
        judging = next(line for line in gate.stdout if line.startswith("judging"))
        gate.terminate()
        gate.communicate()
    place = Path(judging.split()[1])
    assert (place.parent, place.name[:16]) == (tmp_path, "routeproof-lint-")
    assert gate.returncode == -signal.SIGINT
    assert list(tmp_path.iterdir()) == []
