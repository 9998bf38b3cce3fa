"""What the test that runs does is written down here, by whatever does it, in any thread: the tests need not know.

A test that calls ten thousand times leaves the first and the last of its calls, and the count of the others.
"""

from __future__ import annotations

import re
import threading
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from urllib.parse import urlsplit

import requests

from tests.e2e.report import evidence
from tests.e2e.report.evidence import Call, Command, Evidence, Excerpt, LogRead, Piece
from tests.tools.terraform import Ended

FIRST = LAST = 6  # calls, and as many commands
LOG_GROUPS = 8
# What requests sends by itself, whoever calls.
USUAL = {"user-agent", "accept-encoding", "accept", "connection", "content-length"}
# Terraform hides sensitive values in what these print. Others print outputs and state as they are.
SHOWN = {"init", "plan", "apply", "destroy", "validate"}
LOCKED = re.compile(r'^provider "[^/"]+/([^"]+)" \{\n  version += "([^"]+)"', re.MULTILINE)


@dataclass
class _Kept:
    """The first and the last pieces of one kind, each with its place among all; the others are counted."""

    first: list[tuple[int, Call | Command]] = field(default_factory=list)
    last: deque[tuple[int, Call | Command]] = field(default_factory=deque)
    left_out: Counter[str] = field(default_factory=Counter)

    def add(self, number: int, piece: Call | Command) -> None:
        if len(self.first) < FIRST:
            self.first.append((number, piece))
            return
        self.last.append((number, piece))
        if len(self.last) > LAST:
            self.left_out[self.last.popleft()[1].summary] += 1


class Recorder:
    """Evidence since `begin`, until it is taken."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers = count()
        self._clear()

    def _clear(self) -> None:
        self._kept: dict[type, _Kept] = {Call: _Kept(), Command: _Kept()}
        self._logs: dict[str, tuple[int, Sequence[str], int]] = {}  # by group: the place, the events, times read
        self._versions: dict[tuple[str, str], None] = {}

    def begin(self) -> None:
        with self._lock:
            self._clear()

    def add(self, piece: Call | Command) -> None:
        with self._lock:
            self._kept[type(piece)].add(next(self._numbers), piece)

    def read(self, group: str, messages: Sequence[str]) -> None:
        """A log group's events, oldest first. Waiting for a line reads them again and again: the last time counts."""
        with self._lock:
            times = self._logs.pop(group)[2] if group in self._logs else 0
            self._logs[group] = (next(self._numbers), messages, times + 1)

    def uses(self, tool: str, version: str) -> None:
        with self._lock:
            self._versions[tool, version] = None

    def take(self) -> Evidence:
        """What there is, and begins anew."""
        with self._lock:
            kept, logs, versions = self._kept, self._logs, self._versions
            self._clear()
        found: list[tuple[int, Piece]] = [item for of_kind in kept.values() for item in (*of_kind.first, *of_kind.last)]
        left_out = sum((of_kind.left_out for of_kind in kept.values()), Counter[str]())
        request_ids = [_request_id(piece) for _, piece in found if isinstance(piece, Call)]
        for group, (number, messages, times) in [*logs.items()][:LOG_GROUPS]:
            found.append((number, _log_read(group, messages, times, [*filter(None, request_ids)])))
        for group in [*logs][LOG_GROUPS:]:
            left_out[f"log group {group}"] += 1
        ordered = tuple(piece for _, piece in sorted(found, key=lambda item: item[0]))
        return Evidence(ordered, dict(left_out), tuple(versions))


RECORDER = Recorder()


def _request_id(call: Call) -> str:
    return next((value for name, value in call.received if name.lower() == "apigw-requestid"), "")


def _log_read(group: str, messages: Sequence[str], times: int, request_ids: Sequence[str]) -> LogRead:
    """The events of the calls that are shown; where a group has none, its last ones."""
    mine = [message for message in messages if any(request_id in message for request_id in request_ids)]
    chosen = (mine or messages)[-evidence.LOG_LINES :]
    lines = tuple(evidence.beginning(message.rstrip(), evidence.LOG_LINE) for message in chosen)
    return LogRead(group, lines, len(messages), times, chosen=bool(mine))


class RecordedSession(requests.Session):
    """A session that writes down what it sends and gets."""

    def send(self, request: requests.PreparedRequest, **arguments: object) -> requests.Response:
        began = time.monotonic()
        try:
            response = super().send(request, **arguments)
        except requests.RequestException as problem:
            said = f"{type(problem).__name__}: {problem}"
            RECORDER.add(_call(request, None, seconds=time.monotonic() - began, problem=said))
            raise
        first = (response.history or [response])[0]  # what a redirect leads to is sent, and written down, by itself
        is_read = not arguments.get("stream")
        RECORDER.add(_call(request, first, seconds=time.monotonic() - began, is_read=is_read))
        return response


def _call(
    request: requests.PreparedRequest,
    response: requests.Response | None,
    *,
    seconds: float,
    is_read: bool = True,
    problem: str = "",
) -> Call:
    host = urlsplit(request.url or "").netloc
    sent = [
        (name, str(value))
        for name, value in request.headers.items()
        if name.lower() not in USUAL and (name.lower(), value) != ("host", host)
    ]
    return Call(
        method=str(request.method),
        url=evidence.beginning(str(request.url), evidence.URL),
        sent=evidence.headers(sent),
        sent_body=_body(request.body),
        status=response.status_code if response is not None else None,
        reason=response.reason or "" if response is not None else "",
        received=evidence.headers([*response.headers.items()] if response is not None else []),
        body=_body(response.content if response is not None and is_read else None),
        problem=problem[: evidence.BODY],
        seconds=seconds,
    )


def _body(content: object) -> Excerpt:
    if isinstance(content, bytes):
        content = content.decode(errors="replace")
    return evidence.beginning(content, evidence.BODY) if isinstance(content, str) else Excerpt()


def command(line: str, *, printed: str, seconds: float, failure: str = "") -> None:
    """A command that has ended."""
    output = evidence.end(printed.rstrip(), evidence.OUTPUT)
    RECORDER.add(Command(line[: evidence.COMMAND_LINE], failure, output, seconds))


def terraform_ended(ended: Ended) -> None:
    """A Terraform command that has ended; `terraform init` tells which providers it uses."""
    line = f"terraform {' '.join(ended.arguments)}"
    shown = SHOWN & set(ended.arguments[:1]) and "-json" not in ended.arguments
    printed = ended.printed if shown else "(not shown: there may be sensitive values in it)"
    command(line, printed=printed, seconds=ended.seconds, failure=ended.failure)
    RECORDER.uses("Terraform", ended.version)
    lock = ended.directory / ".terraform.lock.hcl"
    if ended.arguments[:1] == ("init",) and lock.exists():
        for provider, version in LOCKED.findall(lock.read_text()):
            RECORDER.uses(provider, version)
