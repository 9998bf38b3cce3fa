"""The report for a person at a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ..convention import Convention, Result, Verdict
from ..report import Report
from ..values import Location
from .escape import safe
from .excerpt import Excerpts

_COLOURS = {Verdict.FAIL: "31", Verdict.ERROR: "31", Verdict.UNPROVEN: "33", Verdict.PASS: "32"}
_BOLD, _FAINT = "1", "2"


def render(report: Report, conventions: Mapping[str, Convention], *, colour: bool = False) -> str:
    """Every result that is not a pass and neither suppressed nor in the baseline, and what was judged in all.

    `conventions` say by their ids why each matters, which is told at its first finding.
    """
    lines = _Writer(conventions, colour).lines(report)
    return "".join(f"{line}\n" for line in lines)


@dataclass
class _Writer:
    conventions: Mapping[str, Convention]
    colour: bool
    excerpts: Excerpts = field(default_factory=Excerpts)
    explained: set[str] = field(default_factory=set)

    def lines(self, report: Report) -> Iterator[str]:
        for problem in report.problems:
            yield f"{self._place(problem.location)}: {self._painted('error', _COLOURS[Verdict.ERROR])}"
            yield f"    {safe(problem.message)}"
            yield from self._excerpt(problem.location, Verdict.ERROR)
            yield ""
        for root in report.roots:
            for result in root.results:
                if is_open(result):
                    yield from self._result(result)
                    yield ""
            if all(result.verdict is Verdict.NOT_APPLICABLE for result in root.results):
                yield f"{safe(root.root)}: no convention is applicable here"
        yield summary(report)
        shown = (r.convention for root in report.roots for r in root.results if is_open(r))
        first = next((name for name in shown if name in self.conventions), None)
        if first is not None:
            yield f"More about a convention: routeproof explain {first}"

    def _result(self, result: Result) -> Iterator[str]:
        place = f"{self._place(result.location)}: " if result.location else ""
        address = f" {safe(result.address)}" if result.address else ""
        verdict = self._painted(result.verdict.value, _COLOURS[result.verdict])
        yield f"{place}{verdict} {result.convention}{address}"
        yield f"    {safe(result.message)}"
        if result.location is not None:
            yield from self._excerpt(result.location, result.verdict)
        for related in result.related:
            if related.location is not None:
                yield f"    {safe(str(related.location))}: {safe(related.message)}"
        if result.convention in self.conventions and result.convention not in self.explained:
            self.explained.add(result.convention)
            yield f"    {self._painted('why:', _BOLD)} {self.conventions[result.convention].why}"
        if result.fix:
            yield f"    {self._painted('fix:', _BOLD)} {safe(result.fix)}"

    def _place(self, location: Location) -> str:
        return self._painted(safe(str(location)), _BOLD)

    def _excerpt(self, place: Location, verdict: Verdict) -> Iterator[str]:
        excerpt = self.excerpts.of(place)
        if excerpt is not None:
            bar = self._painted("|", _FAINT)
            margin = " " * len(excerpt.number)
            yield f"    {margin} {bar}"
            yield f"    {self._painted(excerpt.number, _FAINT)} {bar} {excerpt.line}".rstrip()
            yield f"    {margin} {bar} {excerpt.margin}{self._painted(excerpt.carets, _COLOURS[verdict])}"

    def _painted(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour else text


def is_open(result: Result) -> bool:
    """Whether somebody has to look at it: it is not accepted as it is, by a suppression or a baseline."""
    return not result.accepted and result.verdict in (Verdict.FAIL, Verdict.UNPROVEN, Verdict.ERROR)


def summary(report: Report) -> str:
    """How many root modules were judged, and how many results there are of each kind."""
    judged = "1 root module" if len(report.roots) == 1 else f"{len(report.roots)} root modules"
    parts = [f"{number} {name}" for name, number in counted(report).items() if number]
    left_out = f"; {len(report.left_out)} left out, where nothing has changed" if report.left_out else ""
    shard = report.shard
    part = f"; part {shard.part} of {len(shard.roots)} in all" if shard else ""
    return f"{judged}: {', '.join(parts) or 'nothing judged'}{left_out}{part}"


def counted(report: Report) -> dict[str, int]:
    """How many results there are of each kind, by the words that a person reads."""
    count = report.count()
    words = {verdict.value: verdict.value.replace("_", " ") for verdict in Verdict}
    words |= {"suppressed": "suppressed", "baseline": "in the baseline"}
    return {word: count[name] for name, word in words.items()}
