"""The request path in Markdown, for a pull request or a job summary: a diagram, and a table of what is not proven."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..links import Route, Status
from ..report import Report
from .escape import in_markdown as escaped
from .mermaid import diagram

_ICONS = {Status.PROVEN: "✅", Status.BROKEN: "❌", Status.UNPROVEN: "❔"}


def render(report: Report) -> str:
    return "".join(f"{line}\n" for line in _lines(report))


def _lines(report: Report) -> Iterator[str]:
    yield "## Request path"
    for problem in report.problems:
        yield ""
        yield f"**{escaped(str(problem.location))}**: {escaped(problem.message)}"
    for root in report.roots:
        yield ""
        yield f"### {escaped(root.root)}"
        yield ""
        yield from section(root.routes)


def section(routes: Sequence[Route]) -> Iterator[str]:
    """The routes of one root module: how each stands, what is not proven and why, and the diagram."""
    if not routes:
        yield "No route of an HTTP API."
        return
    yield "| route | links | |"
    yield "|---|---|---|"
    for route in routes:
        proven = sum(link.status is Status.PROVEN for link in route.links)
        status = f"{_ICONS[route.status]} {route.status.value}"
        yield f"| {escaped(route.route_key)} | {proven} of {len(route.links)} proven | {status} |"
    # Links that routes share are told once.
    open_links = dict.fromkeys(link for route in routes for link in route.links if link.status is not Status.PROVEN)
    if open_links:
        yield ""
        yield "| | link | why | where |"
        yield "|---|---|---|---|"
    for link in open_links:
        target = escaped(link.target.name) if link.target else "nothing"
        where = escaped(f"{link.location.file}:{link.location.line}") if link.location else ""
        ends = f"{link.kind}: {escaped(link.source.name)} → {target}"
        yield f"| {_ICONS[link.status]} | {ends} | {escaped(link.why)} | {where} |"
    yield ""
    yield "```mermaid"
    yield diagram(routes).rstrip("\n")
    yield "```"
