"""Yesterday's failures: a file that remembers them, so that only new ones fail.

It is JSON, sorted, a failure on each line, so that its diffs can be read:

    {
      "version": 1,
      "failures": [
        {"root": "live", "convention": "LAMBDA_ARM64", "address": "...", "message": "...", "fingerprint": "...:1"}
      ]
    }

`root` is relative to the file's own directory, so that it does not matter where the program is started.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from .convention import Result, Verdict
from .fingerprints import fingerprints
from .settings import Unusable, unknown_convention
from .skips import SUPPRESSION
from .sources.hcl.files import display
from .values import Location

VERSION = 1
MAX_BYTES = 50_000_000


@dataclass(frozen=True)
class Entry:
    """A failure of the past. The fingerprint is what counts; the rest is for people."""

    root: str
    convention: str
    address: str
    message: str
    fingerprint: str


def read_baseline(path: Path, known: Collection[str]) -> tuple[Entry, ...]:
    """A baseline's failures. `known` are the ids of the conventions that there are.

    Raises:
        Unusable: it cannot be read, is no baseline of this version, or names a convention that there is not.
    """
    text, entries = _read(path)
    for entry in entries:
        if entry.convention not in known:
            place = _line_with(path, text, f'"convention": {json.dumps(entry.convention)}')
            message = f"{unknown_convention(entry.convention, known)} (writing the baseline again takes it out)"
            raise Unusable(message, place)
    return entries


def compared(entries: Sequence[Entry], root: str, results: Sequence[Result]) -> tuple[list[Result], tuple[Entry, ...]]:
    """The results of a root module, the ones in the baseline marked, and the entries that no result needs any more.

    `root` is as the baseline names it. Entries of conventions that were not judged stay out of it.
    """
    mine = {entry.fingerprint: entry for entry in entries if entry.root == root}
    if not mine:
        return list(results), ()
    marked: list[Result] = []
    for result, name in zip(results, fingerprints(root, results), strict=True):
        if name in mine and result.verdict in (Verdict.FAIL, Verdict.UNPROVEN):
            del mine[name]
            result = replace(result, baseline=True)
        marked.append(result)
    judged = {result.convention for result in results}
    return marked, tuple(entry for entry in mine.values() if entry.convention in judged)


def updated(
    path: Path, judged: Mapping[Path, Sequence[Result]], *, unproven: Collection[Path], known: Collection[str]
) -> tuple[Entry, ...]:
    """What a baseline holds after a run: its failures, and of the old entries those that the run did not judge.

    `judged` has every root module's results, all of a convention that was judged; `unproven` are the root modules in
    which the unproven fails too.

    Raises:
        Unusable: there is a file in its place that is no baseline.
    """
    entries: list[Entry] = []
    conventions: dict[str, set[str]] = {}
    for root, results in judged.items():
        name = root_name(path, root)
        conventions[name] = {result.convention for result in results}
        failing = (Verdict.FAIL, Verdict.UNPROVEN) if root in unproven else (Verdict.FAIL,)
        for result, mark in zip(results, fingerprints(name, results), strict=True):
            if result.verdict in failing and result.suppressed is None and result.convention != SUPPRESSION:
                entries.append(Entry(name, result.convention, str(result.address), result.message, mark))
    for entry in _read(path)[1] if path.exists() else ():
        was_judged = entry.convention in conventions.get(entry.root, set())
        if not was_judged and entry.convention in known and (path.parent / entry.root).is_dir():
            entries.append(entry)
    return tuple(sorted(entries, key=lambda entry: tuple(vars(entry).values())))


def root_name(path: Path, root: Path) -> str:
    """What a baseline calls a root module."""
    return Path(os.path.relpath(root.resolve(), path.resolve().parent)).as_posix()


def as_text(entries: Sequence[Entry]) -> str:
    """The file's content."""
    lines = ",".join(f"\n    {json.dumps(vars(entry))}" for entry in entries)
    return f'{{\n  "version": {VERSION},\n  "failures": [{lines}{chr(10) + "  " if lines else ""}]\n}}\n'


def _read(path: Path) -> tuple[str, tuple[Entry, ...]]:
    place = Location(display(path), 1, 1, 1, 1)
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
        text = content.decode()
    except FileNotFoundError:
        advice = f"routeproof check --write-baseline {display(path)} writes it"
        raise Unusable(f"there is no such baseline; {advice}", place) from None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise Unusable(f"the baseline cannot be read: {reason}", place) from None
    if len(content) > MAX_BYTES:
        raise Unusable(f"the baseline is larger than {MAX_BYTES:,} bytes", place)
    try:
        document = json.loads(text)
        version, failures = document["version"], document["failures"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Unusable("this is no baseline: it has no version and failures in JSON", place) from None
    if version != VERSION:
        raise Unusable(f"the baseline has version {version}, and this program reads {VERSION}", place)
    try:
        entries = tuple(Entry(**failure) for failure in failures)
    except TypeError:
        entries = None
    texts = entries is not None and all(isinstance(item, str) for entry in entries for item in vars(entry).values())
    if entries is None or not texts:
        raise Unusable("this is no baseline: a failure has root, convention, address, message and fingerprint", place)
    return text, entries


def _line_with(path: Path, text: str, part: str) -> Location:
    number = next((number for number, line in enumerate(text.splitlines(), 1) if part in line), 1)
    return Location(display(path), number, 1, number, 1)
