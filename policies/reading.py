"""Reports as JSON, read again. Whoever wrote them, what comes of it has the types that it should have."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from .baseline import Entry
from .convention import Related, Result, Suppression, Verdict
from .judging import Judged, Problem, RootReport
from .links import End, Link, Route, Status
from .report import Report
from .reporters.json import VERSION
from .shards import Part, Shard
from .suppressions import Standing, Suppressed
from .unused import Use
from .values import Location


def report_of(document: Any) -> Report:
    """The report of a document that `reporters.json` wrote.

    Raises:
        ValueError, KeyError, TypeError: it is none of this version.
    """
    if _get(document, "version", int) != VERSION:
        raise ValueError(f"it has version {document['version']}, and this program reads {VERSION}")
    shard = document["shard"]
    return Report(
        tuple(root_of(root) for root in _get(document, "roots", list)),
        tuple(problem_of(problem) for problem in _get(document, "errors", list)),
        _texts(document, "variable_files"),
        _texts(document, "left_out"),
        None if shard is None else _shard(shard),
    )


def judged_of(document: Any) -> Judged:
    """What `reporters.json.judged_as_json` made. Raises ValueError, KeyError or TypeError where it is none."""
    done = _maybe(document, "suppressed", dict)
    return Judged(
        root_of(_get(document, "report", dict)),
        tuple(problem_of(problem) for problem in _get(document, "problems", list)),
        None
        if done is None
        else Suppressed(
            tuple(
                Standing(result_of(_get(one, "unused", dict)), _get(one, "pattern", str), _get(one, "needed", bool))
                for one in _get(done, "standing", list)
            ),
            tuple(result_of(wrong) for wrong in _get(done, "complaints", list)),
            _texts(done, "read"),
        ),
    )


def root_of(document: Any) -> RootReport:
    """Raises ValueError, KeyError or TypeError where it is none."""
    return RootReport(
        _get(document, "root", str),
        tuple(result_of(result) for result in _get(document, "results", list)),
        tuple(_route(route) for route in _get(document, "routes", list)),
        _get(document, "unproven_fails", bool),
        tuple(
            Entry(*(_get(entry, name, str) for name in Entry.__dataclass_fields__))
            for entry in _get(document, "fixed", list)
        ),
    )


def problem_of(document: Any) -> Problem:
    """Raises ValueError, KeyError or TypeError where it is none."""
    return Problem(_range(document), _get(document, "message", str))


def result_of(document: Any) -> Result:
    """Raises ValueError, KeyError or TypeError where it is none."""
    suppressed = document["suppressed"]
    return Result(
        Verdict(_get(document, "verdict", str)),
        _maybe(document, "address", str),
        _get(document, "message", str),
        _range_or_none(document),
        tuple(Related(_get(one, "message", str), _range(one)) for one in _get(document, "related", list)),
        convention=_get(document, "convention", str),
        fix=_get(document, "fix", str),
        suppressed=None if suppressed is None else _suppression(suppressed),
        baseline=_get(document, "baseline", bool),
    )


def _suppression(document: Any) -> Suppression:
    until = _maybe(document, "until", str)
    day = None if until is None else date.fromisoformat(until)
    return Suppression(_get(document, "reason", str), day, _range(_get(document, "location", dict)))


def _route(document: Any) -> Route:
    api = _maybe(document, "api", str)
    return Route(
        End(_get(document, "route", str), _place(document, "route_location")),
        None if api is None else End(api, _place(document, "api_location")),
        _get(document, "route_key", str),
        tuple(_link(link) for link in _get(document, "links", list)),
    )


def _link(document: Any) -> Link:
    target = _maybe(document, "to", str)
    return Link(
        _get(document, "kind", str),
        End(_get(document, "from", str), _place(document, "from_location")),
        None if target is None else End(target, _place(document, "to_location")),
        Status(_get(document, "status", str)),
        _get(document, "why", str),
        _range_or_none(document),
    )


def _place(document: Any, name: str) -> Location | None:
    place = _maybe(document, name, dict)
    return None if place is None else _range(place)


def _shard(document: Any) -> Shard:
    part = Part(_get(document, "number", int), _get(document, "of", int))
    if not 1 <= part.number <= part.of:
        raise ValueError(f"there is no part {part}")
    uses = tuple(_use(use) for use in _get(document, "suppressions", list))
    return Shard(part, _texts(document, "roots"), _texts(document, "conventions"), _texts(document, "read"), uses)


def _use(document: Any) -> Use:
    needed = _get(document, "needed", bool)
    standing = Standing(result_of(_get(document, "unused", dict)), _get(document, "pattern", str), needed)
    unread = None if document["unread"] is None else _texts(document, "unread")
    return Use(standing, _get(document, "root", str), needed, unread)


def _range(document: Any) -> Location:
    file, *numbers = Location._fields
    return Location(_get(document, file, str), *(_get(document, name, int) for name in numbers))


def _range_or_none(document: Any) -> Location | None:
    return None if document["file"] is None else _range(document)


def _texts(document: Any, name: str) -> tuple[str, ...]:
    items = _get(document, name, list)
    if not all(type(item) is str for item in items):
        raise TypeError(f"{name} holds something else than texts")
    return tuple(items)


def _get(document: Any, name: str, kind: type) -> Any:
    """A member of an object. True is no number here."""
    if not isinstance(document, Mapping):
        raise TypeError(f"{name} is asked of something that is no object")
    value = document[name]
    if type(value) is not kind or (kind is int and value < 1):
        raise TypeError(f"{name} is not of the type that it has")
    return value


def _maybe(document: Any, name: str, kind: type) -> Any:
    return None if document[name] is None else _get(document, name, kind)
