"""The text report: the source under each finding, and what is said about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from routeproof.catalogue import catalogue
from routeproof.cli import main
from routeproof.report import Report
from routeproof.reporters import text
from routeproof.reporters.escape import MAX_LENGTH, safe
from routeproof.reporters.excerpt import MAX_WIDTH, Excerpts
from routeproof.values import Location
from tests.unit.reporters.hostile import CONVENTIONS


def excerpt(content: str | bytes, line: int, column: int, end_line: int, end_column: int) -> list[str]:
    """Line and carets."""
    Path("f.tf").write_bytes(content.encode() if isinstance(content, str) else content)
    found = Excerpts().of(Location("f.tf", line, column, end_line, end_column))
    return [] if found is None else [found.line, found.margin + found.carets]


@pytest.mark.parametrize(
    ("content", "place", "line", "carets"),
    [
        ("a = 1\nbb = 22\n", (2, 6, 2, 8), "bb = 22", "     ^^"),
        ("\tname = 1\n", (1, 9, 1, 10), "    name = 1", "           ^"),
        ("日本 = 1\n", (1, 6, 1, 7), "日本 = 1", "       ^"),
        ("e\u0301 = 1\n", (1, 6, 1, 7), "e\u0301 = 1", "    ^"),
        ("a = [\n  1,\n]\n", (1, 5, 3, 2), "a = [", "    ^"),
        ("a = {  \n}\n", (1, 1, 2, 2), "a = {", "^^^^^"),
        ("a = 1\r\nb = 2\r\n", (2, 5, 2, 6), "b = 2", "    ^"),
        ("\ufeffa = 1\n", (1, 5, 1, 6), "a = 1", "    ^"),
        ("a = \x1b[31m\u202e7\n", (1, 11, 1, 12), r"a = \u001b[31m\u202e7", "                    ^"),
        ("a = ##[error]x\n", (1, 6, 1, 15), r"a = \u0023#[error]x", "          ^^^^^^^^^"),
        ("a =\n", (1, 4, 1, 4), "a =", "   ^"),
    ],
)
def test_carets_stand_under_the_range(
    content: str, place: tuple[int, int, int, int], line: str, carets: str, here: Path
) -> None:
    assert excerpt(content, *place) == [line, carets]


def test_a_long_line_is_cut_around_the_range(here: Path) -> None:
    line, carets = excerpt(f"a = [{'x' * 300}, 1234, {'y' * 300}]", 1, 308, 1, 312)
    assert carets.strip() == "^^^^"
    assert line[carets.index("^") :].startswith("1234, yyy")
    assert line.startswith("...xxx")
    assert line.endswith("yyy...")
    assert len(line) <= MAX_WIDTH + 6
    line, carets = excerpt(f"a = {'x' * 300}", 1, 5, 1, 305)
    assert line[: carets.index("^")] == "a = "
    assert len(carets) < len(line) <= MAX_WIDTH + 3


@pytest.mark.parametrize(
    "content",
    ["", "a", "a = 1", b"\xff = 1234567890\n", None],
    ids=["emptied", "shorter", "a shorter line", "no UTF-8", "gone"],
)
def test_a_file_that_has_changed_has_no_excerpt(content: str | bytes | None, here: Path) -> None:
    if content is None:
        assert Excerpts().of(Location("f.tf", 1, 1, 1, 3)) is None
    else:
        assert excerpt(content, 1, 8, 1, 12) == []


@pytest.mark.parametrize("file", ["", ".", "/dev/null"])
def test_what_is_no_file_is_not_read(file: str, here: Path) -> None:
    assert Excerpts().of(Location(file, 1, 1, 1, 1)) is None


def test_why_is_said_once_and_the_fix_each_time(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    group = 'resource "aws_cloudwatch_log_group" "{}" {{}}\n'
    Path("main.tf").write_text(group.format("a") + group.format("b"))
    assert main(["check", "--select", "LOG_RETENTION"]) == 1
    said = capsys.readouterr().out
    convention = catalogue()["LOG_RETENTION"]
    assert said.count(f"    why: {convention.why}\n") == 1
    assert said.index("why:") < said.index("group.b")
    assert said.count(f"    fix: {convention.fix}\n") == 2


def test_what_is_accepted_is_counted_and_not_shown(hostile: Report) -> None:
    said = text.render(hostile, CONVENTIONS)
    assert said.count(": fail ") == 9
    assert '"\\u0023#[error]x"' not in said
    assert said.splitlines()[-2] == (
        "1 root module: 1 pass, 9 fail, 1 not applicable, 1 unproven, 1 error, 2 suppressed, 1 in the baseline"
    )


@pytest.mark.parametrize(
    ("hostile_text", "expected"),
    [
        ("plain 日本語", "plain 日本語"),
        ("a\nb\r\tc", r"a\nb\u000d\tc"),
        ("\x00\x1b\x7f\x9b", r"\u0000\u001b\u007f\u009b"),
        ("\u200b\u202e\u2066\ufeff\U000e0041", r"\u200b\u202e\u2066\ufeff\U000e0041"),
        ("\udcff\ufffe", r"\udcff\ufffe"),
        ("  ::set-output name=a::b", r"\  ::set-output name=a::b"),
        ("a ::b", "a ::b"),
        ("x##[error]###[b]", r"x\u0023#[error]#\u0023#[b]"),
    ],
)
def test_safe(hostile_text: str, expected: str) -> None:
    assert safe(hostile_text) == expected


def test_a_very_long_text_is_cut_and_says_so() -> None:
    assert safe("x" * MAX_LENGTH) == "x" * MAX_LENGTH
    assert safe("x" * (MAX_LENGTH + 12_345)) == "x" * MAX_LENGTH + "... (12,345 more characters)"
