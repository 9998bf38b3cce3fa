"""Annotations on a pull request's lines: workflow commands for the runner of GitHub Actions.

The runner reads them from the output; how they are escaped: github.com/actions/toolkit, packages/core/src/command.ts.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..convention import Result, Verdict
from ..report import Report, RootReport
from ..values import Location
from .escape import safe
from .places import Repository, working_repository
from .text import is_open, summary

_DATA = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY = {**_DATA, ":": "%3A", ",": "%2C"}


def render(report: Report) -> str:
    """A command in each line, and in the last one, for the log, what was judged in all."""
    repository = working_repository()
    return "".join(f"{line}\n" for line in _lines(report, repository))


def _lines(report: Report, repository: Repository) -> Iterator[str]:
    for problem in report.problems:
        yield _command("error", "cannot be read", [problem.message], problem.location, repository)
    for root in report.roots:
        for result in root.results:
            if is_open(result):
                yield _annotation(root, result, repository)
    yield summary(report)


def _annotation(root: RootReport, result: Result, repository: Repository) -> str:
    subject = f"{result.address}: " if result.address else ""
    lines = [f"{subject}{result.message}"]
    lines += [f"{related.location}: {related.message}" for related in result.related if related.location]
    lines += [f"fix: {result.fix}"] if result.fix else []
    level = "warning" if result.verdict is Verdict.UNPROVEN and not root.fails(result) else "error"
    return _command(level, f"{result.verdict.value} {result.convention}", lines, result.location, repository)


def _command(level: str, title: str, lines: list[str], place: Location | None, repository: Repository) -> str:
    properties = {**_position(place, repository), "title": title}
    written = ",".join(f"{name}={_escaped(safe(value), _PROPERTY)}" for name, value in properties.items())
    return f"::{level} {written}::{_escaped(chr(10).join(safe(line) for line in lines), _DATA)}"


def _position(place: Location | None, repository: Repository) -> dict[str, str]:
    """Columns only of a range in one line, as GitHub has it; there the end is inclusive."""
    if place is None:
        return {}
    position = {"file": repository.path(place.file) or place.file, "line": str(place.line)}
    position["endLine"] = str(place.end_line)
    if place.line == place.end_line:
        position |= {"col": str(place.column), "endColumn": str(max(place.end_column - 1, place.column))}
    return position


def _escaped(text: str, replacements: dict[str, str]) -> str:
    return "".join(replacements.get(character, character) for character in text)
