"""What a test leaves behind for a reader, each piece bounded: a call of an API, a command, a log group that was read.

The pieces travel between processes as what JSON can say, in `plain` form.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

BODY = 2_000  # characters, as all of these
HEADER = 400
URL = 1_000
COMMAND_LINE = 1_000
OUTPUT = 3_000
LOG_LINE = 1_000
HEADERS = 30
LOG_LINES = 12


class Excerpt(NamedTuple):
    """A text, or the part of it that is shown; `left_out` counts the characters that are not."""

    text: str = ""
    left_out: int = 0


NOTHING = Excerpt()


def beginning(text: str, limit: int) -> Excerpt:
    return Excerpt(text[:limit], max(0, len(text) - limit))


def end(text: str, limit: int) -> Excerpt:
    return Excerpt(text[-limit:], max(0, len(text) - limit))


Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Call:
    """A request, and its response; `problem` says why there is none, and `status` is None then."""

    method: str
    url: Excerpt
    sent: Headers
    sent_body: Excerpt
    status: int | None
    reason: str
    received: Headers
    body: Excerpt
    problem: str
    seconds: float

    @property
    def path(self) -> str:
        """The URL without its host."""
        return re.sub(r"^\w+://[^/?#]*", "", self.url.text) or "/"

    @property
    def summary(self) -> str:
        return f"{self.method} → {self.answer}"

    @property
    def answer(self) -> str:
        return str(self.status or "no response")


@dataclass(frozen=True)
class Command:
    """A program that ran; `failure` says how it failed, and is empty where it succeeded."""

    line: str
    failure: str
    output: Excerpt
    seconds: float

    @property
    def summary(self) -> str:
        return self.line


@dataclass(frozen=True)
class LogRead:
    """A log group as it was read last: `lines` are those shown of `total` events; `times` it was read.

    `chosen`: they belong to the calls that are shown. Else they are the last ones.
    """

    group: str
    lines: tuple[Excerpt, ...]
    total: int
    times: int
    chosen: bool

    @property
    def summary(self) -> str:
        return f"events of {self.group}"


Piece = Call | Command | LogRead
_KINDS = {kind.__name__: kind for kind in (Call, Command, LogRead)}


@dataclass(frozen=True)
class Evidence:
    """The pieces of one phase of a test, in order; what was left out and how often; tools with their versions."""

    pieces: tuple[Piece, ...] = ()
    left_out: Mapping[str, int] = field(default_factory=dict)
    versions: tuple[tuple[str, str], ...] = ()

    def size(self) -> int:
        """About how many characters it takes on a page."""
        return len(json.dumps(plain(self)))


def plain(evidence: Evidence) -> dict[str, Any]:
    """With lists and dictionaries alone, which every way between processes takes."""
    return {
        "pieces": [[type(piece).__name__, json.loads(json.dumps(asdict(piece)))] for piece in evidence.pieces],
        "left_out": dict(evidence.left_out),
        "versions": [list(version) for version in evidence.versions],
    }


def from_plain(found: Mapping[str, Any]) -> Evidence:
    pieces = (
        _KINDS[kind](**{name: _rebuilt(name, value) for name, value in fields.items()})
        for kind, fields in found["pieces"]
    )
    return Evidence(tuple(pieces), found["left_out"], tuple((tool, version) for tool, version in found["versions"]))


def _rebuilt(name: str, value: Any) -> Any:
    if name in ("url", "sent_body", "body", "output"):
        return Excerpt(*value)
    if name == "lines":
        return tuple(Excerpt(*line) for line in value)
    return tuple((one, other) for one, other in value) if name in ("sent", "received") else value


def headers(pairs: Sequence[tuple[str, str]]) -> Headers:
    """Bounded in number and length. What grants access is not shown."""
    shown = [(name, "(not shown)" if name.lower() in SECRET else _short(value)) for name, value in pairs[:HEADERS]]
    more = len(pairs) - len(shown)
    return (*shown, *([("…", f"{more} more headers")] if more else []))


SECRET = {"authorization", "cookie", "proxy-authorization", "set-cookie", "x-amz-security-token", "x-api-key"}


def _short(value: str) -> str:
    return value if len(value) <= HEADER else f"{value[:HEADER]}… ({len(value) - HEADER:,} more characters)"
