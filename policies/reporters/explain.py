"""The catalogue, and one convention in full."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Iterator

from ..convention import Convention


def listing(conventions: Iterable[Convention]) -> str:
    conventions = list(conventions)
    width = max(len(convention.id) for convention in conventions)
    lines = [f"{convention.id:<{width}}  {convention.title}" for convention in conventions]
    return "\n".join([*lines, "", "One in full: routeproof explain ID"]) + "\n"


def full(convention: Convention) -> str:
    return "\n".join(_full(convention)) + "\n"


def _full(convention: Convention) -> Iterator[str]:
    yield f"{convention.id}: {convention.title}"
    yield ""
    yield from textwrap.wrap(convention.why, 100)
    yield ""
    yield "What it demands"
    for clause in convention.explains:
        yield from textwrap.wrap(clause, 100, initial_indent="  - ", subsequent_indent="    ", break_on_hyphens=False)
    yield ""
    yield from textwrap.wrap(f"How to fix it: {convention.fix}", 100, break_on_hyphens=False)
    lines = ", ".join(f"line {line}, {address}" for address, line in convention.bad.fails_at)
    for heading, example in ((f"Fails ({lines})", convention.bad), ("Passes", convention.good)):
        yield ""
        yield heading
        yield ""
        yield textwrap.indent(example.source.rstrip(), "    ")
    yield ""
    yield "Sources"
    for source in convention.sources:
        yield f"  {source}"


def as_json(conventions: Iterable[Convention]) -> str:
    documents = [
        {
            "id": convention.id,
            "title": convention.title,
            "why": convention.why,
            "demands": list(convention.explains),
            "fix": convention.fix,
            "good": convention.good.source,
            "bad": convention.bad.source,
            "bad_fails_at": [{"address": address, "line": line} for address, line in convention.bad.fails_at],
            "sources": list(convention.sources),
        }
        for convention in conventions
    ]
    return json.dumps({"version": 1, "conventions": documents}, indent=2) + "\n"
