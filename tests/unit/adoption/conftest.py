"""What the tests of adoption share: the project as a repository, and an environment that its action has installed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.lint.steps import ROOT
from tests.unit.adoption.project import Published, publish


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """This project behind its URL."""
    return publish(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="session")
def runner_temporary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The runner's directory, in which the action's environment is kept, as the cache keeps it."""
    return tmp_path_factory.mktemp("runner") / "temporary files"


@pytest.fixture
def adopter(tmp_path: Path) -> Path:
    """A repository to be: the reference stack, with two log groups that never expire."""
    top = tmp_path / "adopter"
    for name in ("terraform", "lambda"):
        shutil.copytree(ROOT / name, top / name, ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*"))
    (top / "terraform" / "audit.tf").write_text(
        'variable "days" {\n  type    = number\n  default = 0\n}\n\n'
        'resource "aws_cloudwatch_log_group" "audit" {\n  name              = "audit"\n'
        "  retention_in_days = var.days\n}\n\n"
        'resource "aws_cloudwatch_log_group" "jobs" {\n  name = "jobs"\n}\n'
    )
    return top
