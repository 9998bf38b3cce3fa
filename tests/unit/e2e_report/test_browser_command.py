"""`tox -e browser` where it cannot look at anything. What it sees when it can is its own business: it has a canary."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.browser import chromium
from tests.browser.__main__ import main
from tests.e2e.report import DIRECTORY, PAGE


def test_without_a_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    missing = tmp_path / "none.html"
    assert main([str(missing)]) == 2
    said = f"there is no {os.path.relpath(missing)}: run `tox -e e2e` first, or name a page: tox -e browser -- FILE"
    assert capsys.readouterr().err == f"ERROR: {said}\n"


def test_the_usual_report_is_that_of_the_last_run(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        main(["--help"])
    assert f"default: {os.path.relpath(DIRECTORY / PAGE)}" in " ".join(capsys.readouterr().out.split())


def test_without_a_browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    page = tmp_path / "page.html"
    page.write_text("")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main([str(page)]) == 2
    assert capsys.readouterr().err == (
        "ERROR: no Chromium on PATH: looked for chromium, chromium-browser, google-chrome, google-chrome-stable, "
        "chrome. On Debian and Ubuntu: sudo apt-get install chromium\n"
    )


@pytest.mark.parametrize("names", [["chromium"], ["google-chrome", "chromium-browser"]])
def test_any_of_the_names_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, names: list[str]):
    for name in names:
        (tmp_path / name).write_text("")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert chromium.find() == str(tmp_path / names[-1])
