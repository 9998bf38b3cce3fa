"""What the README shows is what there is."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from routeproof.catalogue import catalogue
from routeproof.cli import main
from tests.lint import checkov
from tests.lint.__main__ import planned
from tests.lint.checkov import CHECKS, run_checkov
from tests.lint.steps import ROOT, routeproof_check

README = (ROOT / "README.md").read_text()
COMMANDS = re.findall(r"^\$ (.+)$", README, re.MULTILINE)
# Where each command is run: here, or by the named part of the project.
RUN_BY = {
    "./toxw -e e2e": "the test command, .ci/run",
    "./toxw": "the test command, .ci/run",
    "python3 -m pip install -e .": "test_the_installed_program",
    "routeproof check path/to/infrastructure": "test_the_installed_program",
    "routeproof path path/to/infrastructure": "test_the_installed_program",
    "routeproof explain PERMISSION_EXPLICIT": "test_the_installed_program",
    "routeproof check --format github --output sarif=out/routeproof.sarif --output markdown=out/summary.md": (
        "test_several_reports_of_one_run"
    ),
    "routeproof check --aws --api hello-api": "tests/e2e/test_live_stack.py",
    "routeproof check terraform --aws": "tests/e2e/test_live_stack.py",
    "checkov -d path/to/infrastructure --framework terraform --skip-download "
    "--external-checks-dir policies/checkov_checks": "test_checkov_alone",
    "terraform -chdir=terraform plan -out plan.bin": "tests/e2e/test_plan.py",
    "terraform -chdir=terraform show -json plan.bin > plan.json": "tests/e2e/test_plan.py",
    "routeproof check terraform --plan plan.json": "tests/e2e/test_plan.py",
    "terraform -chdir=terraform init": "tests/e2e/test_hello.py",
    "terraform -chdir=terraform apply": "tests/e2e/test_hello.py",
    'curl "$(terraform -chdir=terraform output -raw api_url)/hello"': "tests/e2e/test_hello.py",
}


def test_every_command_is_run_somewhere() -> None:
    assert sorted(COMMANDS) == sorted(RUN_BY)


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)#:]+)\)", README))
def test_every_link_leads_somewhere(link: str) -> None:
    assert (ROOT / link).exists()


def test_the_table_of_conventions_is_the_catalogue() -> None:
    rows = re.findall(r"^\| \[`(\w+)`\]\(docs/catalogue\.md#(\w+)\) \| (.+) \|$", README, re.MULTILINE)
    assert sorted(rows) == [(c.id, c.id.lower(), c.title) for c in catalogue().values()]


def test_the_installed_program() -> None:
    """In the environment that runs the tests the project is installed in place, as the README has it."""
    program = Path(sys.executable).parent / "routeproof"
    stack = str(ROOT / "terraform")
    for arguments in (["check", stack], ["path", stack], ["explain", "PERMISSION_EXPLICIT"]):
        found = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
        assert (found.returncode, found.stderr) == (0, "")


def test_several_reports_of_one_run(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('resource "aws_cloudwatch_log_group" "a" {}\n')
    (command,) = [command for command in COMMANDS if "--output" in command]
    program = Path(sys.executable).parent / "routeproof"
    arguments = command.split()[1:]
    found = subprocess.run([program, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout[:9]) == (1, "::error f")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["routeproof.sarif", "summary.md"]


def test_the_extra_for_live_accounts() -> None:
    """boto3, as the environments of the unit tests and of the end-to-end tests have it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    (wanted,) = project["optional-dependencies"]["aws"]
    assert Requirement(wanted).specifier.contains(version("boto3"))


def test_checkov_alone() -> None:
    """The environment of `requirements/checkov.txt`: Checkov and the parsers, without this project."""
    assert CHECKS == ROOT / "policies" / "checkov_checks"
    reported = run_checkov(ROOT / "terraform")
    assert set(reported.values()) == {"passed"}
    assert {name for name, _, _ in reported} == set(catalogue()) - {"MODULE_FETCHED"}  # the stack calls no modules


def test_the_lint_output_that_it_shows() -> None:
    (shown,) = re.findall(r"```text\n(ruff format .*?)```", README, re.DOTALL)
    lines = [re.split(r"\s{2,}", line, maxsplit=2) for line in shown.splitlines()]
    assert [line[0] for line in lines] == [name for name, _ in planned([])]
    assert {line[1] for line in lines} == {"ok"}
    summaries = {line[0]: line[2] for line in lines if len(line) > 2}
    stack = [ROOT / "terraform"]
    outcomes = {"routeproof check": routeproof_check(stack), "checkov": checkov.check(stack)}
    assert summaries == {name: outcome.summary for name, outcome in outcomes.items()}


@pytest.fixture
def without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy of the reference stack with its permission forgotten, in the working directory."""
    for name in ("terraform", "lambda"):
        shutil.copytree(ROOT / name, tmp_path / name)
    api = tmp_path / "terraform" / "api.tf"
    api.write_text(api.read_text().split("# Without this the stack deploys")[0])
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("without_permission")
def test_the_failure_that_it_shows(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--select", "PERMISSION_EXPLICIT"]) == 1
    shown = re.search(r"```text\n(terraform/function\.tf.*?)\n```", README, re.DOTALL)
    assert shown is not None
    said = capsys.readouterr().out.split("\n\n")[0].splitlines()
    for line, wanted in zip(said, shown[1].splitlines(), strict=True):
        assert line == wanted or (wanted.endswith("...") and line.startswith(wanted.removesuffix("...")))


@pytest.mark.usefixtures("without_permission")
def test_the_request_path_that_it_shows(capsys: pytest.CaptureFixture[str]) -> None:
    (shown,) = re.findall(r"```text\n(GET /hello.*?)```", README, re.DOTALL)
    main(["path"])
    assert capsys.readouterr().out.startswith(shown)
