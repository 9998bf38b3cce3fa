"""The catalogue, and one convention in full."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Iterator

from ..convention import Convention, Example, Verdict

_SAYS = {Verdict.FAIL: "fails", Verdict.UNPROVEN: "unproven"}


def listing(conventions: Iterable[Convention]) -> str:
    conventions = list(conventions)
    width = max(len(convention.id) for convention in conventions)
    lines = [f"{convention.id:<{width}}  {convention.title}" for convention in conventions]
    return "\n".join([*lines, "", "One in full: routeproof explain ID"]) + "\n"


def marked(example: Example) -> str:
    """The example's main.tf, with a comment at the end of each line where the convention is not kept."""
    lines = example.source.rstrip().split("\n")
    for _, line in example.fails_at:
        lines[line - 1] += f" # {_SAYS[example.verdict]}"
    return "\n".join(lines) + "\n"


def full(convention: Convention) -> str:
    return "\n".join(_full(convention)) + "\n"


def _full(convention: Convention) -> Iterator[str]:
    yield f"{convention.id}: {convention.title}"
    yield ""
    yield from textwrap.wrap(convention.why, 100)
    yield from _items("What it demands", convention.explains)
    yield from _items("What it does not apply to", convention.exemptions)
    yield from _items("Where it does not show", map(str, convention.not_shown))
    yield ""
    yield from textwrap.wrap(f"How to fix it: {convention.fix}", 100, break_on_hyphens=False)
    addresses = ", ".join(address for address, _ in convention.bad.fails_at)
    yield from _example(f"{_SAYS[convention.bad.verdict].capitalize()}, at {addresses}", convention.bad)
    yield from _example("Passes", convention.good)
    rules = [f"{rule.tool} {rule.id}: {rule.differs}" for rule in convention.elsewhere]
    yield from _items("The nearest rules of other tools", rules)
    yield from _items("Sources", convention.sources)


def _items(heading: str, texts: Iterable[str]) -> Iterator[str]:
    """A list under its heading; nothing where it is empty."""
    items = [
        line
        for text in texts
        for line in textwrap.wrap(
            text, 100, initial_indent="  - ", subsequent_indent="    ", break_on_hyphens=False, break_long_words=False
        )
    ]
    if items:
        yield from ("", heading, *items)


def _example(heading: str, example: Example) -> Iterator[str]:
    yield from ("", heading, "", textwrap.indent(marked(example).rstrip(), "    "))
    for path, text in example.files:
        yield from ("", f"  with {path}", "", textwrap.indent(text.rstrip(), "    "))


def as_json(conventions: Iterable[Convention]) -> str:
    documents = [
        {
            "id": convention.id,
            "title": convention.title,
            "why": convention.why,
            "demands": list(convention.explains),
            "exemptions": list(convention.exemptions),
            "not_shown": [
                {
                    "surface": part.surface.value,
                    "verdict": part.verdict.value,
                    "examples": list(part.examples),
                    "reason": part.reason,
                }
                for part in convention.not_shown
            ],
            "fix": convention.fix,
            "good": convention.good.source,
            "good_files": dict(convention.good.files),
            "bad": convention.bad.source,
            "bad_files": dict(convention.bad.files),
            "bad_verdict": convention.bad.verdict.value,
            "bad_fails_at": [{"address": address, "line": line} for address, line in convention.bad.fails_at],
            "elsewhere": [{"tool": rule.tool, "id": rule.id, "differs": rule.differs} for rule in convention.elsewhere],
            "sources": list(convention.sources),
        }
        for convention in conventions
    ]
    return json.dumps({"version": 1, "conventions": documents}, indent=2) + "\n"
