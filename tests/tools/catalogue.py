"""Writes docs/catalogue.md anew: `python -m tests.tools.catalogue`.

Run it when a convention's own file has changed; `tox -e lint` compares.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from routeproof.catalogue import catalogue
from routeproof.convention import Convention, Example
from routeproof.reporters.explain import marked

PAGE = Path(__file__).resolve().parents[2] / "docs" / "catalogue.md"
COMMAND = "python -m tests.tools.catalogue"
_HEAD = f"""\
<!-- Generated from policies/conventions/ by `{COMMAND}`. -->

# The catalogue

What each convention demands, and why, with an example that does not keep it and one that does. `routeproof explain ID`
shows the same. A convention is in one file below [policies/conventions](../policies/conventions).

Its verdict is *pass* or *fail*; *not applicable* where it does not apply; or *unproven*, where the source alone does
not decide it, with the value that is missing. A plan beside its source, what is live and Checkov come to the same
verdict on the examples, except where a convention says that it does not show there.
"""
# What Markdown, or GitHub's formulas between dollar signs, would take for its own.
_MARKUP = re.compile(r"[\\`*<>|$\[\]]")
_OTHER_TOOLS = "docs/other-tools.md"


def page() -> str:
    return "\n".join(_page(catalogue().values()))


def _page(conventions: Iterable[Convention]) -> Iterator[str]:
    conventions = list(conventions)
    yield _HEAD
    yield "| convention | what it demands |"
    yield "|---|---|"
    for convention in conventions:
        yield f"| [`{convention.id}`](#{convention.id.lower()}) | {_plain(convention.title)} |"
    yield ""
    for convention in conventions:
        yield from _section(convention)


def _section(convention: Convention) -> Iterator[str]:
    yield f"## {convention.id}\n"
    yield f"**{_plain(convention.title)}.** {_plain(convention.why)}\n"
    yield from _items("What it demands:", map(_plain, convention.explains))
    yield from _items("What it does not apply to:", map(_plain, convention.exemptions))
    yield from _items("Where it does not show:", (_plain(str(part)) for part in convention.not_shown))
    addresses = " and ".join(f"`{address}`" for address, _ in convention.bad.fails_at)
    yield from _example(f"Does not keep it, at {addresses}:", convention.bad)
    yield from _example("Keeps it:", convention.good)
    yield f"How to fix it: {_plain(convention.fix)}\n"
    if convention.elsewhere:
        yield "| nearest rule elsewhere | how it differs |"
        yield "|---|---|"
        for rule in convention.elsewhere:
            differs = _plain(rule.differs).replace(_OTHER_TOOLS, f"[{_OTHER_TOOLS}](other-tools.md)")
            yield f"| {rule.tool}, `{rule.id}` | {differs} |"
        yield ""
    yield from _items("Sources:", (f"<{source}>" for source in convention.sources))


def _items(heading: str, items: Iterable[str]) -> Iterator[str]:
    """A list under its heading; nothing where it is empty."""
    lines = [f"- {item}" for item in items]
    if lines:
        yield from (heading, "", *lines, "")


def _example(heading: str, example: Example) -> Iterator[str]:
    yield f"{heading}\n"
    yield f"```hcl\n{marked(example)}```\n"
    for path, text in example.files:
        yield f"with `{path}`:\n"
        yield f"```{'json' if path.endswith('.json') else 'hcl'}\n{text}```\n"


def _plain(text: str) -> str:
    """A text that Markdown shows as it is."""
    return _MARKUP.sub(lambda match: f"\\{match[0]}", text)


def main() -> None:
    PAGE.write_text(page())
    print(f"{PAGE}: {len(catalogue())} conventions")


if __name__ == "__main__":
    main()
