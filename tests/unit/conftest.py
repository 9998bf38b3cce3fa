"""What all unit tests share: the option that has more random configurations compared with Terraform; a repository."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

from tests.unit.repository import Repository

RUNS = 2_100
# How long an example takes says how busy the machine is, and nothing of the code.
settings.register_profile("unit", deadline=None)
settings.load_profile("unit")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--runs",
        type=int,
        default=RUNS,
        metavar="N",
        help=f"random expressions to compare with Terraform (default: {RUNS})",
    )


@pytest.fixture(scope="session")
def runs(pytestconfig: pytest.Config) -> int:
    """How many random expressions are compared with Terraform."""
    return int(pytestconfig.getoption("--runs"))


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Repository:
    """An empty repository, as working directory."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return Repository(tmp_path, capsys)
