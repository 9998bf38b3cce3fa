"""Findings as the Language Server Protocol has them: microsoft.github.io/language-server-protocol/specification.

Its columns count in units that client and server agree on, UTF-16's where they do not; ours in code points.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lsprotocol import types
from pygls.workspace import PositionCodec

from ..convention import Convention, Result, Verdict
from ..fixes import Rewritten
from ..reporters.escape import safe
from ..sources.hcl.comments import MARK
from ..values import Location
from .workspace import Found

_SOURCE = "routeproof"
_NAME = re.compile(r"\b[A-Z][A-Z0-9_]+\b")


@dataclass(frozen=True)
class Messages:
    """`codec` counts as the client does, `read` gives a file as it is now, `uri` what the client calls a path.

    `conventions` are what was judged by.
    """

    codec: PositionCodec
    read: Callable[[str], bytes]
    uri: Callable[[str], str]
    conventions: Mapping[str, Convention]

    def lines(self, file: str) -> list[str]:
        """A file's lines with their ends. Terraform ends a line with a line feed only."""
        try:
            content = self.read(file)
        except OSError:  # it has gone since it was judged
            return []
        return _lines(content)

    def range(self, place: Location) -> types.Range:
        """A place as the client counts."""
        return self._range(self.lines(place.file), place)

    def _range(self, lines: Sequence[str], place: Location) -> types.Range:
        start = types.Position(place.line - 1, place.column - 1)
        end = types.Position(place.end_line - 1, place.end_column - 1)
        return self.codec.range_to_client_units(lines, types.Range(start, end))

    def diagnostic(self, found: Found) -> types.Diagnostic:
        """What fails is an error, and so is what is unproven where that fails too."""
        result = found.result
        warns = result.verdict is Verdict.UNPROVEN and not found.root.unproven_fails
        page = self._page(result.convention)
        return types.Diagnostic(
            range=self.range(found.place),
            message="\n".join(_said(result)),
            severity=types.DiagnosticSeverity.Warning if warns else types.DiagnosticSeverity.Error,
            code=result.convention,
            code_description=types.CodeDescription(href=page) if page else None,
            source=_SOURCE,
            related_information=[
                types.DiagnosticRelatedInformation(
                    types.Location(self.uri(related.location.file), self.range(related.location)), safe(related.message)
                )
                for related in result.related
                if related.location is not None
            ],
        )

    def unreadable(self, place: Location, message: str) -> types.Diagnostic:
        """A file that Terraform would refuse. Of an error that goes on over several lines its first is shown."""
        if place.end_line > place.line:
            line = self.lines(place.file)[place.line - 1 : place.line]
            place = place._replace(end_line=place.line, end_column=len("".join(line).rstrip()) + 1)
        return types.Diagnostic(
            self.range(place), safe(message), severity=types.DiagnosticSeverity.Error, source=_SOURCE
        )

    def edit(self, files: Iterable[Rewritten], version: Callable[[str], int | None]) -> types.WorkspaceEdit:
        """The changed lines of some files; `version` is None for a file that is not open."""
        return types.WorkspaceEdit(
            document_changes=[
                types.TextDocumentEdit(
                    types.OptionalVersionedTextDocumentIdentifier(self.uri(file.name), version(file.name)),
                    list(self._edits(_lines(file.before), _lines(file.after))),
                )
                for file in files
            ]
        )

    def _edits(self, before: list[str], after: list[str]) -> Iterator[types.TextEdit]:
        for kind, start, end, new_start, new_end in difflib.SequenceMatcher(None, before, after).get_opcodes():
            if kind != "equal":
                place = types.Range(self._start_of(before, start), self._start_of(before, end))
                yield types.TextEdit(place, "".join(after[new_start:new_end]))

    def _start_of(self, lines: Sequence[str], row: int) -> types.Position:
        """A row's start; behind a last line without an end, that line's end."""
        if row and row == len(lines) and not lines[-1].endswith("\n"):
            return types.Position(row - 1, self.codec.client_num_units(lines[-1]))
        return types.Position(row, 0)

    def links(self, file: str) -> Iterator[types.DocumentLink]:
        """From each convention in a suppressing comment to its page."""
        lines = self.lines(file)
        for number, line in enumerate(lines, start=1):
            mark = MARK.search(line)
            for match in _NAME.finditer(line, mark.end()) if mark else ():
                page = self._page(match[0])
                if page is not None:
                    place = Location(file, number, match.start() + 1, number, match.end() + 1)
                    yield types.DocumentLink(self._range(lines, place), page, self.conventions[match[0]].title)

    def hover(self, found: Iterable[Found]) -> str:
        """Markdown: what is said of a place, and why it matters. What may be of the source is in a block of code."""
        return "\n\n---\n\n".join(self._explained(one.result) for one in found)

    def _explained(self, result: Result) -> str:
        convention = self.conventions.get(result.convention)
        said, *advice = _said(result)
        verdict = [f"{result.verdict.value}: {said}", *advice, *_accepted(result)]
        parts = [
            f"**{result.convention}**" + (f": {convention.title}" if convention else ""),
            "```text\n" + "\n".join(verdict) + "\n```",
        ]
        if convention:
            parts += [convention.why, "  \n".join(f"<{source}>" for source in convention.sources)]
        return "\n\n".join(parts)

    def _page(self, name: str) -> str | None:
        """The page that explains a convention; None for what Routeproof says of its own settings and comments."""
        convention = self.conventions.get(name)
        return convention.sources[0] if convention else None


def _said(result: Result) -> list[str]:
    return [safe(result.message), *([f"Fix: {safe(result.fix)}"] if result.fix else [])]


def _accepted(result: Result) -> list[str]:
    if result.suppressed is not None:
        until = f" (until {result.suppressed.until})" if result.suppressed.until else ""
        return [f"Suppressed: {safe(result.suppressed.reason)}{until}"]
    return ["In the baseline"] if result.baseline else []


def path_of(file: str) -> str:
    """The URI of a file that the client has not named itself."""
    return Path(os.path.normpath(Path(file).absolute())).as_uri()


def _lines(content: bytes) -> list[str]:
    return re.findall(r"[^\n]*\n|[^\n]+", content.decode("utf-8-sig", errors="replace"))
