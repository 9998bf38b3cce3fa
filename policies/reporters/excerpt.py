"""The line of source that a finding is about, with a caret under the exact range."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from ..values import Location
from .escape import COMMAND, escape, is_unsafe

Cell: TypeAlias = tuple[str, int]
"""How a character is shown, and how many columns of a terminal that takes."""

MAX_BYTES = 5_000_000
MAX_WIDTH = 110
"""How many columns of a terminal the source takes."""


@dataclass(frozen=True)
class Excerpt:
    """A line with its number, and what stands below it: a margin of blanks, then carets."""

    number: str
    line: str
    margin: str
    carets: str


class Excerpts:
    """Reads each file once. What has changed or gone since it was judged has no excerpt."""

    def __init__(self) -> None:
        self._lines: dict[str, list[str] | None] = {}

    def of(self, place: Location) -> Excerpt | None:
        """The range's first line, made safe and short; None where the file no longer has the range."""
        lines = self._read(place.file)
        if lines is None or not 1 <= place.line <= len(lines):
            return None
        line = lines[place.line - 1]
        end = place.end_column - 1 if place.end_line == place.line else len(line.rstrip())
        start = place.column - 1
        if not 0 <= start <= len(line) or end > len(line):
            return None
        return Excerpt(str(place.line), *_drawn(line, start, end))

    def _read(self, file: str) -> list[str] | None:
        if file not in self._lines:
            self._lines[file] = _lines_of(Path(file))
        return self._lines[file]


def _lines_of(path: Path) -> list[str] | None:
    """As the engine counts them: a line ends in a line feed, and a byte order mark has no column."""
    try:
        if not path.is_file() or path.stat().st_size > MAX_BYTES:
            return None
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, ValueError):  # it was readable when it was judged: an excerpt is no reason to fail
        return None
    return [line.removesuffix("\r") for line in text.split("\n")]


def _drawn(line: str, start: int, end: int) -> tuple[str, str, str]:
    near = max(start - MAX_WIDTH, 0)
    cells = _cells(line[near : start + MAX_WIDTH])
    before, after = cells[: start - near], cells[start - near :]
    if len(line) > MAX_WIDTH or _width(before + after) > MAX_WIDTH:
        before = _fitting(before[::-1], MAX_WIDTH // 3)[::-1]
        after = _fitting(after, MAX_WIDTH * 2 // 3)
    left = "..." * (len(before) < start)
    right = "..." * (start + len(after) < len(line))
    shown = left + "".join(text for text, _ in before + after) + right
    margin = " " * (len(left) + _width(before))
    return shown.rstrip(), margin, "^" * max(_width(after[: max(end - start, 0)]), 1)


def _fitting(cells: list[Cell], room: int) -> list[Cell]:
    """As many of the first cells as have room."""
    fitting: list[Cell] = []
    for cell in cells:
        room -= cell[1]
        if room < 0:
            break
        fitting.append(cell)
    return fitting


def _width(cells: Iterable[Cell]) -> int:
    return sum(width for _, width in cells)


def _cells(text: str) -> list[Cell]:
    commands = {match.start() for match in re.finditer(re.escape(COMMAND), text)}
    return [
        _escaped(character) if index in commands or is_unsafe(character) else _cell(character)
        for index, character in enumerate(text)
    ]


def _escaped(character: str) -> Cell:
    return escape(character), len(escape(character))


def _cell(character: str) -> Cell:
    if character == "\t":
        return "    ", 4
    if unicodedata.combining(character):
        return character, 0
    return character, 2 if unicodedata.east_asian_width(character) in "WF" else 1
