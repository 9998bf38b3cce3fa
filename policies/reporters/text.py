"""The report for a person at a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..convention import Result, Verdict
from ..report import Report
from ..skips import SUPPRESSION

_ACCEPTED = (("suppressed", "suppressed"), ("baseline", "in the baseline"))
_COLOURS = {Verdict.FAIL: "31", Verdict.ERROR: "31", Verdict.UNPROVEN: "33", Verdict.PASS: "32"}
# Control characters, and the marks that reorder text: what is scanned may hold any of them.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def safe(text: str) -> str:
    """The text with everything that could drive a terminal written as an escape; one line stays one line."""
    text = text.replace("\n", "\\n").replace("\t", "\\t")
    return _UNSAFE.sub(lambda match: f"\\u{ord(match.group()):04x}", text)


def render(report: Report, *, colour: bool = False) -> str:
    """Every result that is not a pass, and what was judged in all."""
    return "".join(f"{line}\n" for line in _lines(report, colour))


def _lines(report: Report, colour: bool) -> Iterator[str]:
    for problem in report.problems:
        yield f"{safe(str(problem.location))}: {_painted('error', Verdict.ERROR, colour)} {safe(problem.message)}"
    for root in report.roots:
        worth = (Verdict.FAIL, Verdict.UNPROVEN, Verdict.ERROR)
        shown = [r for r in root.results if r.verdict in worth and not r.accepted]
        for result in shown:
            yield from _result(result, colour)
        if all(result.verdict is Verdict.NOT_APPLICABLE for result in root.results):
            yield f"{safe(root.root)}: no convention is applicable here"
    count = report.count()
    judged = "1 root module" if len(report.roots) == 1 else f"{len(report.roots)} root modules"
    parts = [f"{count[verdict]} {verdict.value.replace('_', ' ')}" for verdict in Verdict if count[verdict]]
    parts += [f"{count[name]} {words}" for name, words in _ACCEPTED if count[name]]
    yield f"{judged}: {', '.join(parts) or 'nothing judged'}"
    if count[Verdict.FAIL] or count[Verdict.UNPROVEN]:
        found = (r for root in report.roots for r in root.results if r.verdict in (Verdict.FAIL, Verdict.UNPROVEN))
        first = next((r for r in found if not r.accepted and r.convention != SUPPRESSION), None)
        if first is not None:
            yield f"Why a convention, and how to keep it: routeproof explain {first.convention}"


def _result(result: Result, colour: bool) -> Iterator[str]:
    place = f"{safe(str(result.location))}: " if result.location else ""
    address = f" {safe(result.address)}" if result.address else ""
    yield f"{place}{_painted(result.verdict.value, result.verdict, colour)} {result.convention}{address}"
    yield f"    {safe(result.message)}"
    for related in result.related:
        if related.location is not None:
            yield f"    {safe(str(related.location))}: {safe(related.message)}"
    if result.fix:
        yield f"    fix: {safe(result.fix)}"


def _painted(text: str, verdict: Verdict, colour: bool) -> str:
    return f"\x1b[{_COLOURS[verdict]}m{text}\x1b[0m" if colour else text
