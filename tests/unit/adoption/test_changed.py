"""`check --changed`, which the commit hook runs: of which files' change what is judged."""

from __future__ import annotations

import re

import pytest
import yaml

from routeproof.cli import main
from tests.lint.steps import ROOT
from tests.unit.repository import Repository

(HOOK,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
GROUP = 'resource "aws_cloudwatch_log_group" "a" {\n  name = "a"\n}\n'
FUNCTION = """\
data "archive_file" "code" {
  type        = "zip"
  source_dir  = "${path.module}/../code"
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


@pytest.fixture
def stacks(repository: Repository) -> Repository:
    """The stacks `plain`, `calls` with the module `shared`, and `terraform` with a handler's code beside it."""
    repository.write("plain/main.tf", GROUP)
    repository.write("calls/main.tf", 'module "shared" {\n  source = "../shared"\n}\n')
    repository.write("shared/main.tf", GROUP)
    repository.write("terraform/main.tf", FUNCTION)
    repository.write("code/index.js", "exports.handler = async () => ({});\n")
    return repository


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (["plain/main.tf"], ["plain"]),
        (["shared/main.tf"], ["calls"]),
        (["code/index.js"], ["terraform"]),
        (["plain/main.tf", "code/index.js"], ["plain", "terraform"]),
        (["plain/routeproof.toml"], ["plain"]),
        (["plain/gone.tf"], ["plain"]),
        (["README.md"], []),
    ],
)
def test_the_root_modules_that_the_files_concern(stacks: Repository, files: list[str], expected: list[str]) -> None:
    """All below the working directory, and not only terraform/."""
    document = stacks.check("--changed", *files).document
    assert [root["root"] for root in document["roots"]] == expected
    assert sorted(document["left_out"] + expected) == ["calls", "plain", "terraform"]


def test_a_failure_fails_and_what_is_left_out_does_not(stacks: Repository) -> None:
    assert (stacks.check("--changed", "plain/main.tf").code, stacks.check("--changed", "README.md").code) == (1, 0)


def test_a_teams_own_convention_concerns_everything(stacks: Repository) -> None:
    page = (ROOT / "docs" / "custom-conventions.md").read_text()
    (rule,) = re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    stacks.write("our_rules/log_group_key.py", rule)
    stacks.write("routeproof.toml", 'conventions = ["our_rules"]\n')
    assert stacks.check("--changed", "our_rules/log_group_key.py").document["left_out"] == []


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ((), "--changed needs the files that have changed"),
        (("--since", "main", "a.tf"), "--changed goes without --since: both say what has changed"),
        (
            ("--write-baseline", "known.json", "a.tf"),
            "--write-baseline goes without --since and --changed: a baseline is of everything",
        ),
    ],
)
def test_what_does_not_go_with_it(stacks: Repository, arguments: tuple[str, ...], why: str) -> None:
    assert stacks.said("--changed", *arguments) == (2, f"routeproof: {why}\n")


def test_without_terraform_there_is_nothing_to_trust(repository: Repository) -> None:
    repository.write("index.js", "")
    code, said = repository.said("--changed", "index.js")
    assert (code, said.split(":")[0]) == (2, "routeproof")


# The hook


def test_the_hook_runs_it() -> None:
    assert (HOOK["id"], HOOK["entry"], HOOK["language"]) == ("routeproof", "routeproof check --changed", "python")
    assert HOOK["require_serial"] is True
    assert HOOK.get("pass_filenames", True) is True


@pytest.mark.parametrize(
    ("file", "wanted"),
    [
        *(
            (name, True)
            for name in ("a.tf", "x/a.tf.json", "a.tofu", "a.tofu.json", "live.tfvars", "live.auto.tfvars.json")
        ),
        *((name, True) for name in ("lambda/hello/index.js", "a.mjs", "a.cjs", "a.ts", "handler.py", "build/code.zip")),
        *((name, True) for name in ("api.yaml", "api.yml", "openapi.json", "policy.tftpl", "api.yaml.tpl")),
        *((name, True) for name in ("routeproof.toml", "infra/pyproject.toml")),
        *((name, False) for name in ("README.md", "logo.png", "tf", "Cargo.toml", "main.tf.bak")),
    ],
)
def test_the_files_that_the_hook_is_for(file: str, *, wanted: bool) -> None:
    assert bool(re.search(HOOK["files"], file)) is wanted


def test_the_program_has_the_option(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["check", "--help"])
    assert "--changed" in capsys.readouterr().out
