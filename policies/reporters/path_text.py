"""The request path as a tree for a person at a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..links import End, Link, Route, Status
from ..report import Report
from .text import safe

_MARKS = {Status.PROVEN: "✓", Status.BROKEN: "✗", Status.UNPROVEN: "?"}
_COLOURS = {Status.PROVEN: "32", Status.BROKEN: "31", Status.UNPROVEN: "33"}


def render(report: Report, *, colour: bool = False) -> str:
    """Every route with its links below it, each with both ends' places; what is not proven says why."""
    return "".join(f"{line}\n" for line in _lines(report, colour))


def _lines(report: Report, colour: bool) -> Iterator[str]:
    for problem in report.problems:
        yield f"{safe(str(problem.location))}: {_painted('error', '31', colour)} {safe(problem.message)}"
    for root in report.roots:
        if not root.routes:
            yield f"{safe(root.root)}: no route of an HTTP API"
            yield ""
        for route in root.routes:
            yield from _route(route, colour)
            yield ""
    yield _summary(report)


def _route(route: Route, colour: bool) -> Iterator[str]:
    status = _painted(route.status.value, _COLOURS[route.status], colour)
    yield f"{safe(route.route_key)}  {status}  {_shown(route.end)}"
    starts = [route.end.name] + ([route.api.name] if route.api else [])
    targets = {link.target.name for link in route.links if link.target and link.target != link.source}
    # A custom domain leads to a stage, and nothing leads to it.
    starts += [link.source.name for link in route.links if link.source.name not in (*targets, *starts)]
    top = [link for start in dict.fromkeys(starts) for link in route.links if link.source.name == start]
    yield from _tree(top, route.links, "", colour, drawn=set())


def _tree(links: Sequence[Link], every: Sequence[Link], margin: str, colour: bool, *, drawn: set[str]) -> Iterator[str]:
    for index, link in enumerate(links):
        last = index == len(links) - 1
        mark = _painted(f"{_MARKS[link.status]} {link.kind}", _COLOURS[link.status], colour)
        yield f"{margin}{'└' if last else '├'}─ {mark}  {_target(link)}"
        below = margin + ("   " if last else "│  ")
        children: list[Link] = []
        if link.target and link.target != link.source and link.target.name not in drawn:
            drawn.add(link.target.name)
            children = [child for child in every if child.source.name == link.target.name]
        if link.status is not Status.PROVEN:
            place = f"{link.location.file}:{link.location.line}: " if link.location else ""
            yield f"{below}{'│  ' if children else '   '}{safe(place + link.why)}"
        yield from _tree(children, every, below, colour, drawn=drawn)


def _target(link: Link) -> str:
    if link.target is None:
        return "(none)"
    return safe(link.why) if link.target == link.source else _shown(link.target)


def _shown(end: End) -> str:
    place = f"  {end.location.file}:{end.location.line}" if end.location else ""
    return safe(end.name + place)


def _summary(report: Report) -> str:
    routes = report.routes
    counts = [(status, sum(route.status is status for route in routes)) for status in Status]
    parts = ", ".join(f"{number} {status.value}" for status, number in counts if number)
    return f"{len(routes)} route{'s' * (len(routes) != 1)}" + (f": {parts}" if parts else "")


def _painted(text: str, colour: str, wanted: bool) -> str:
    return f"\x1b[{colour}m{text}\x1b[0m" if wanted else text
