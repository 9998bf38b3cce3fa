"""Markdown for a job summary or a comment on a pull request, as GitHub renders it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..convention import Convention, Result, Verdict
from ..report import Report
from ..values import Location
from . import path_markdown
from .escape import in_markdown
from .places import Repository, url_path, working_repository
from .text import counted, is_open

LIMIT = 65_536
"""How many bytes there are at most: as many characters as a comment takes; a job summary takes a MiB."""

_RESERVED = 100  # for the line that says what has no room
_MAX_CELL = 400
_URGENCY = (Verdict.FAIL, Verdict.ERROR, Verdict.UNPROVEN)


def render(
    report: Report,
    conventions: Mapping[str, Convention],
    *,
    environment: Mapping[str, str] = os.environ,
    limit: int = LIMIT,
) -> str:
    """The counts, what could not be read, the findings with the failures first, and the request paths.

    What has no room is counted. On GitHub Actions, as the environment says, places are links into the repository at the
    commit that was judged.
    """
    writer = _Writer(working_repository(), _blob(environment))
    page = _Page(limit)
    page.add(_heading(report))
    page.add(_counts(report))
    found = [r for root in report.roots for r in root.results if is_open(r)]
    explained = [result.convention for result in found if result.convention in conventions]
    if explained:
        page.add(f"Why a convention, and how to keep it: `routeproof explain {explained[0]}`")
    unread = [writer.unread(problem.location, problem.message) for problem in report.problems]
    page.add_table("| not judged | why |\n|---|---|", unread)
    rows = [writer.row(result) for result in sorted(found, key=lambda result: _URGENCY.index(result.verdict))]
    page.add_table("| | convention | resource | place | finding |\n|---|---|---|---|---|", rows)
    for root in report.roots:
        if root.routes:
            page.add(
                "\n".join([f"### Request path of {in_markdown(root.root)}", "", *path_markdown.section(root.routes)])
            )
    return page.text()


@dataclass
class _Page:
    """Sections, as many as have room; the last line counts what has none."""

    limit: int
    sections: list[str] = field(default_factory=list)
    left_out: int = 0

    def _room(self) -> int:
        return self.limit - _RESERVED - sum(len(section.encode()) + 2 for section in self.sections)

    def add(self, section: str) -> None:
        if len(section.encode()) <= self._room():
            self.sections.append(section)
        else:
            self.left_out += 1

    def add_table(self, head: str, rows: Sequence[str]) -> None:
        """The rows that have room. No table without rows."""
        room = self._room() - len(head.encode())
        shown: list[str] = []
        for row in rows:
            room -= len(row.encode()) + 1
            if room < 0:
                break
            shown.append(row)
        self.left_out += len(rows) - len(shown)
        if shown:
            self.sections.append("\n".join([head, *shown]))

    def text(self) -> str:
        rest = [f"**{self.left_out} more had no room here.**"] if self.left_out else []
        return "\n\n".join([*self.sections, *rest]) + "\n"


def _heading(report: Report) -> str:
    count = report.count()
    if report.exit_code() == 2:
        said = "not to be trusted: not everything was judged"
    elif count["fail"]:
        said = "1 failure" if count["fail"] == 1 else f"{count['fail']} failures"
    else:
        said = "nothing fails"
    return f"## Routeproof: {said}"


def _counts(report: Report) -> str:
    counts = {"root modules": len(report.roots), **{word: n for word, n in counted(report).items() if n}}
    return "\n".join(
        ["| " + " | ".join(counts) + " |", "|" + "---:|" * len(counts), f"| {' | '.join(map(str, counts.values()))} |"]
    )


def _blob(environment: Mapping[str, str]) -> str | None:
    """Where GitHub shows the files of the commit that a workflow runs on; None elsewhere."""
    names = ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_SHA")
    if not all(environment.get(name) for name in names):
        return None
    server, repository, commit = (environment[name] for name in names)
    return f"{server}/{repository}/blob/{commit}"


@dataclass(frozen=True)
class _Writer:
    repository: Repository
    blob: str | None

    def unread(self, place: Location, message: str) -> str:
        return f"| {self._place(place)} | {in_markdown(message, limit=_MAX_CELL)} |"

    def row(self, result: Result) -> str:
        place = self._place(result.location) if result.location else ""
        address = f"<code>{in_markdown(result.address, limit=_MAX_CELL)}</code>" if result.address else ""
        fix = f"<br>**Fix:** {in_markdown(result.fix, limit=_MAX_CELL)}" if result.fix else ""
        verdict = result.verdict.value
        finding = f"{in_markdown(result.message, limit=_MAX_CELL)}{fix}"
        return f"| {verdict} | {in_markdown(result.convention)} | {address} | {place} | {finding} |"

    def _place(self, place: Location) -> str:
        """A file and a line; a link where it is known where the file is shown."""
        text = in_markdown(f"{place.file}:{place.line}")
        path = self.repository.path(place.file)
        if self.blob is None or path is None:
            return text
        return f"[{text}]({self.blob}/{url_path(path)}#L{place.line})"
