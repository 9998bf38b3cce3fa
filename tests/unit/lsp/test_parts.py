"""What a session does not show, or not every time."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from routeproof.cli import main
from routeproof.lsp.server import Server
from routeproof.lsp.workspace import place_now
from routeproof.sources.hcl.files import Files
from routeproof.values import Location
from tests.lint.steps import ROOT

PAGE = (ROOT / "docs" / "editor.md").read_text()


def python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("missing", ["pygls", "lsprotocol"])
def test_without_the_extra(missing: str) -> None:
    found = python(
        f"import sys; sys.modules[{missing!r}] = None; from routeproof.cli import main; sys.exit(main(['lsp']))"
    )
    assert (found.returncode, found.stdout, found.stderr) == (
        2,
        "",
        "routeproof: lsp needs pygls, which is not installed: python3 -m pip install 'routeproof[lsp]'\n",
    )


def test_the_command_line_does_without_it() -> None:
    """It would take longer to start."""
    found = python(
        f"import sys; from routeproof.cli import main; main(['check', {str(ROOT / 'terraform')!r}]); "
        "print(sorted({'pygls', 'lsprotocol', 'asyncio'} & sys.modules.keys()))"
    )
    assert (found.returncode, found.stderr, found.stdout.splitlines()[-1]) == (0, "", "[]")


def test_typing_is_judged_once() -> None:
    """Each change puts off what the one before it asked for."""

    async def typed() -> list[bool]:
        server = Server()
        waiting = []
        for _ in range(3):
            server.later()
            waiting.append(server.pending)
        cancelled = [timer is not None and timer.cancelled() for timer in waiting]
        server.later()
        assert server.pending is not None
        server.pending.cancel()
        return cancelled

    assert asyncio.run(typed()) == [True, True, False]


BEFORE = b"a\nb\nc\nd\n"


@pytest.mark.parametrize(
    ("after", "lines"),
    [
        (BEFORE, [1, 2, 3, 4]),
        (b"new\na\nb\nc\nd\n", [2, 3, 4, 5]),
        (b"a\nb\nx\ny\nc\nd\n", [1, 2, 5, 6]),
        (b"a\nB\nc\nd\n", [1, None, 3, 4]),
        (b"a\nd\n", [1, None, None, 2]),
        (b"a\nb\nc\nd\nd\n", [1, 2, 3, 4]),
        (b"", [None, None, None, None]),
    ],
)
def test_where_lines_are_after_a_change(after: bytes, lines: list[int | None], tmp_path: Path) -> None:
    file = str(tmp_path / "a.tf")
    found = [place_now(Location(file, line, 1, line, 2), {file: BEFORE}, {file: after}) for line in range(1, 5)]
    assert found == [None if line is None else Location(file, line, 1, line, 2) for line in lines]


def test_a_range_that_a_change_is_in_has_gone(tmp_path: Path) -> None:
    file = str(tmp_path / "a.tf")
    assert place_now(Location(file, 1, 1, 3, 1), {file: BEFORE}, {file: b"a\nB\nc\nd\n"}) is None


def test_an_unsaved_file_outside_the_boundary_is_refused(tmp_path: Path) -> None:
    inside = tmp_path.resolve() / "inside"
    inside.mkdir()
    outside = tmp_path.resolve() / "a.tf"
    for path in (outside, inside / "a.tf"):
        path.write_text("")
    files = Files(inside, unsaved={str(outside): b"secret", str(inside / "a.tf"): b"typed"})
    assert files.read(inside / "a.tf") == b"typed"
    with pytest.raises(OSError, match="it is outside"):
        files.read(outside)


def test_the_page_installs_the_extra() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert re.findall(r"^\$ (.+)$", PAGE, re.MULTILINE) == ["python3 -m pip install -e '.[lsp]'"]
    assert [re.split("[><=]", package)[0] for package in extras["lsp"]] == ["pygls"]


def test_the_page_starts_the_server_as_it_is_started(capsys: pytest.CaptureFixture[str]) -> None:
    assert re.findall(r"cmd = \{ (.+) \}", PAGE) == ['"routeproof", "lsp"']
    assert re.findall(r'"glspc\.server\.(\w+)": (.+?),?\n', PAGE) == [
        ("command", '"routeproof"'),
        ("commandArguments", '["lsp"]'),
        ("languageId", '["terraform"]'),
    ]
    with pytest.raises(SystemExit) as done:
        main(["lsp", "--help"])
    assert done.value.code == 0
    assert "stdin and stdout" in capsys.readouterr().out
