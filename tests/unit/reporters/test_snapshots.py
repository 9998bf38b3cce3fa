"""The hostile report in each format, compared with what somebody has looked at.

After a change that is meant: `python -m pytest tests/unit/reporters --snapshot-update`, and look at the difference.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from routeproof import __version__
from routeproof.output import FORMATS, render_report
from routeproof.report import Report
from tests.unit.reporters.hostile import CONVENTIONS, NAMES

ENDINGS = {"text": "txt", "json": "json", "sarif": "sarif", "junit": "xml", "github": "log", "markdown": "md"}
# The runner of GitHub Actions: github.com/actions/runner, src/Runner.Common/ActionCommand.cs.
COMMAND = re.compile(r"^\s*::|##\[", re.MULTILINE)


class AsText(SingleFileSnapshotExtension):
    _write_mode = WriteMode.TEXT


def rendered(name: str, report: Report, here: Path) -> str:
    text = render_report(name, report, CONVENTIONS)
    return text.replace(here.as_uri(), "file:///repository").replace(f'"{__version__}"', '"VERSION"')


@pytest.mark.parametrize("name", FORMATS)
def test_the_hostile_report(name: str, hostile: Report, here: Path, snapshot: SnapshotAssertion) -> None:
    ending = type("WithEnding", (AsText,), {"file_extension": ENDINGS[name]})
    assert rendered(name, hostile, here) == snapshot(extension_class=ending)


@pytest.mark.parametrize("name", FORMATS)
def test_no_character_drives_what_shows_it(name: str, hostile: Report) -> None:
    """Not a terminal, nor what reads a right-to-left mark; and UTF-8 and XML have every character."""
    text = render_report(name, hostile, CONVENTIONS)
    assert {character for character in text if not character.isprintable()} == {"\n"}
    assert text.encode()


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "github"])
def test_no_line_is_a_command_to_the_runner_of_github_actions(name: str, hostile: Report) -> None:
    text = render_report(name, hostile, CONVENTIONS)
    assert not COMMAND.search(text)
    assert COMMAND.search("\n".join(NAMES)), "the names hold none, so this shows nothing"


def test_colours_are_all_that_a_terminal_gets_more(hostile: Report) -> None:
    coloured = render_report("text", hostile, CONVENTIONS, colour=True)
    assert re.sub("\x1b\\[[0-9]+m", "", coloured) == render_report("text", hostile, CONVENTIONS)
    assert "\x1b[31mfail\x1b[0m" in coloured


def test_a_format_that_does_not_exist(hostile: Report) -> None:
    with pytest.raises(ValueError, match="there is no format yaml"):
        render_report("yaml", hostile, CONVENTIONS)
