"""The hostile report, and the directory that it was made in."""

from __future__ import annotations

from pathlib import Path

import pytest

from routeproof.report import Report
from tests.unit.reporters.hostile import hostile_report


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty repository, as working directory, and not on GitHub Actions."""
    for name in ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_SHA"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def hostile(here: Path) -> Report:
    return hostile_report()
