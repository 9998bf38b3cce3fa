"""`check --since`: what a change concerns, in a real git repository."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from routeproof.cli import main

GROUP = 'resource "aws_cloudwatch_log_group" "a" {\n  name = "a"\n}\n'
FUNCTION = """\
data "archive_file" "code" {
  type        = "zip"
  source_dir  = "${path.module}/../../code"
  output_path = "build.zip"
}

resource "aws_lambda_function" "orders" {
  function_name = "orders"
  role          = "arn:aws:iam::123456789012:role/orders"
  filename      = data.archive_file.code.output_path
  handler       = "index.handler"
  runtime       = "nodejs22.x"
}
"""


def git(directory: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", *identity, *arguments], cwd=directory, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three stacks: `plain`, `calls` with the module `shared`, and `code` that packs a folder beside them."""
    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    stacks = tmp_path / "stacks"
    for name, source in {
        "plain": GROUP,
        "calls": 'module "shared" {\n  source = "../../shared"\n}\n',
        "code": FUNCTION,
    }.items():
        (stacks / name).mkdir(parents=True)
        (stacks / name / "main.tf").write_text(source)
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "main.tf").write_text(GROUP)
    (tmp_path / "code" / "lib").mkdir(parents=True)
    (tmp_path / "code" / "index.js").write_text("exports.handler = async () => ({});\n")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "first")
    git(tmp_path, "switch", "-q", "-c", "change")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def judged(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[list[str], list[str]]:
    """The root modules that are judged, and those that are left out."""
    assert main(["check", "stacks", "--since", "main", "--format", "json", *arguments]) in (0, 1)
    found = json.loads(capsys.readouterr().out)
    return [root["root"] for root in found["roots"]], found["left_out"]


def test_nothing_has_changed(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert judged(capsys) == ([], ["stacks/calls", "stacks/code", "stacks/plain"])
    assert main(["check", "stacks", "--since", "main"]) == 0
    expected = "0 root modules: nothing judged; 3 left out, where nothing has changed\n"
    assert capsys.readouterr().out == expected


def test_a_stacks_own_file(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / "stacks" / "plain" / "main.tf").write_text(GROUP + "# changed\n")
    assert judged(capsys) == (["stacks/plain"], ["stacks/calls", "stacks/code"])


def test_a_module_concerns_its_callers(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / "shared" / "main.tf").write_text(GROUP + "# changed\n")
    git(repository, "commit", "-q", "-a", "-m", "second")
    assert judged(capsys)[0] == ["stacks/calls"]


@pytest.mark.parametrize("file", ["code/index.js", "code/lib/new.js"])
def test_code_that_a_stack_packs(file: str, repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / file).write_text("exports.handler = async () => ({ statusCode: 200 });\n")
    assert judged(capsys)[0] == ["stacks/code"]


def test_a_file_that_is_gone(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / "stacks" / "plain" / "extra.tf").write_text("# more\n")
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "second")
    git(repository, "branch", "-q", "-f", "main")
    (repository / "stacks" / "plain" / "extra.tf").unlink()
    assert judged(capsys)[0] == ["stacks/plain"]


def test_settings_concern_what_is_below_them(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / "stacks" / "calls" / "routeproof.toml").write_text('ignore = ["LAMBDA_ARM64"]\n')
    assert judged(capsys)[0] == ["stacks/calls"]
    (repository / "routeproof.toml").write_text('ignore = ["LAMBDA_ARM64"]\n')
    assert judged(capsys)[0] == ["stacks/calls", "stacks/code", "stacks/plain"]


def test_a_file_of_nobody(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / "README.md").write_text("# Shop\n")
    assert judged(capsys)[0] == []


def test_what_main_did_meanwhile_does_not_count(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git(repository, "switch", "-q", "main")
    (repository / "stacks" / "plain" / "main.tf").write_text(GROUP + "# theirs\n")
    git(repository, "commit", "-q", "-a", "-m", "theirs")
    git(repository, "switch", "-q", "change")
    (repository / "stacks" / "calls" / "more.tf").write_text("# mine\n")
    assert judged(capsys)[0] == ["stacks/calls"]


def test_findings_still_fail(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / "stacks" / "plain" / "main.tf").write_text(GROUP + "# changed\n")
    assert main(["check", "stacks", "--since", "main", "--select", "LOG_RETENTION"]) == 1
    assert "stacks/plain/main.tf:1:1: fail LOG_RETENTION" in capsys.readouterr().out


def test_a_suppression_for_a_stack_that_is_left_out_is_not_unused(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (repository / "routeproof.toml").write_text(
        '[[suppress]]\nconvention = "LOG_RETENTION"\naddress = "module.shared.*"\nreason = "old"\n'
    )
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "settings")
    git(repository, "branch", "-q", "-f", "main")
    (repository / "stacks" / "code" / "more.tf").write_text("# mine\n")
    main(["check", "stacks", "--since", "main", "--select", "LOG_RETENTION"])
    assert "SUPPRESSION" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("ref", "message"),
    [
        ("nowhere", "there is no commit nowhere; fetch it first (in GitHub's checkout action: fetch-depth: 0)"),
        ("--output=x", "there is no commit --output=x; fetch it first (in GitHub's checkout action: fetch-depth: 0)"),
    ],
)
def test_no_such_commit(ref: str, message: str, repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "stacks", f"--since={ref}"]) == 2
    assert capsys.readouterr().err == f"routeproof: {message}\n"
    assert not (repository / "x").exists()


def test_no_history_in_common(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git(repository, "switch", "-q", "--orphan", "apart")
    git(repository, "commit", "-q", "--allow-empty", "-m", "apart")
    git(repository, "checkout", "-q", "main", "--", "stacks")
    assert main(["check", "stacks", "--since", "main"]) == 2
    expected = "routeproof: HEAD and main have no commit in common; fetch the history"
    assert capsys.readouterr().err.startswith(expected)


def test_no_repository(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "main.tf").write_text(GROUP)
    assert main(["check", str(tmp_path), "--since", "main"]) == 2
    assert capsys.readouterr().err.startswith(f"routeproof: {tmp_path} is in no git repository (fatal: not a git rep")


def test_no_git(repository: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(repository / "nothing"))
    assert main(["check", "stacks", "--since", "main"]) == 2
    expected = "routeproof: --since needs git on the PATH (No such file or directory)\n"
    assert capsys.readouterr().err == expected


def test_nothing_that_the_repository_configures_is_run(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    canary = repository / "canary"
    git(repository, "config", "core.fsmonitor", f"touch {canary} #")
    git(repository, "config", "diff.external", f"touch {canary} #")
    (repository / "stacks" / "plain" / "main.tf").write_text(GROUP + "# changed\n")
    assert judged(capsys)[0] == ["stacks/plain"]
    assert not canary.exists()


def test_no_baseline_of_a_part(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "stacks", "--since", "main", "--write-baseline", "known.json"]) == 2
    expected = "routeproof: --write-baseline goes without --since and --changed: a baseline is of everything\n"
    assert capsys.readouterr().err == expected
