"""Request paths as a Mermaid diagram, which GitHub and GitLab draw."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..links import End, Route, Status
from .text import safe

MAX_LINKS = 300  # GitHub draws 500 edges at most, and nobody reads so many

_ARROWS = {Status.PROVEN: "-->", Status.BROKEN: "-.->", Status.UNPROVEN: "-.->"}
_STYLES = {
    Status.BROKEN: "stroke:#d1242f,stroke-width:3px,color:#d1242f",
    Status.UNPROVEN: "stroke:#9a6700,stroke-width:2px,color:#9a6700",
}
_MARKS = {Status.PROVEN: "", Status.BROKEN: "✗ ", Status.UNPROVEN: "? "}
_NOTHING = "nothing"


def diagram(routes: Sequence[Route]) -> str:
    """A flowchart of the routes, each link once: broken ones red, unproven ones amber, both dashed and marked.

    Past `MAX_LINKS` links the rest is left out, and a node says how many.
    """
    return "\n".join(_lines(routes)) + "\n"


def _lines(routes: Sequence[Route]) -> Iterator[str]:
    told = (link for route in routes for link in route.links)
    links = list(dict.fromkeys(link for link in told if link.target != link.source or link.status is not Status.PROVEN))
    shown = links[:MAX_LINKS]
    numbers: dict[str, str] = {}
    keys = {route.end.name: route.route_key for route in routes}
    yield "flowchart LR"
    styled: dict[Status, list[int]] = {}
    for index, link in enumerate(shown):
        for end in (link.source, link.target):
            if end is not None and end.name not in numbers:
                numbers[end.name] = f"n{len(numbers)}"
                yield f'    {numbers[end.name]}["{_label(end, keys)}"]'
        source = numbers[link.source.name]
        target = numbers[link.target.name] if link.target else f"none{index}"
        if link.target is None:
            yield f'    {target}(("{_NOTHING}"))'
        yield f'    {source} {_ARROWS[link.status]}|"{_MARKS[link.status]}{link.kind}"| {target}'
        styled.setdefault(link.status, []).append(index)
    for route in routes:
        if route.api is not None and route.end.name in numbers and route.api.name in numbers:
            yield f"    {numbers[route.end.name]} -.- {numbers[route.api.name]}"
    for status, style in _STYLES.items():
        if status in styled:
            yield f"    linkStyle {','.join(map(str, styled[status]))} {style}"
    if len(links) > len(shown):
        yield f'    more["and {len(links) - len(shown)} more links"]'


def _label(end: End, keys: dict[str, str]) -> str:
    """The route key above a route's name. What could end the label, or be taken for markup, is an entity."""
    lines = [keys[end.name], end.name] if end.name in keys else [end.name]
    return "<br/>".join(_escaped(line) for line in lines)


def _escaped(text: str) -> str:
    return "".join(letter if letter.isalnum() or letter in " ._-/" else f"#{ord(letter)};" for letter in safe(text))
