"""The report as JSON, version 1: members are added, never renamed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..convention import Result, Suppression, Verdict
from ..judging import Judged, Problem, RootReport
from ..links import End, Link, Route
from ..report import Report
from ..values import Location
from .escape import safe_json

if TYPE_CHECKING:
    from ..shards import Shard

VERSION = 1

SCHEMA = Path(__file__).parent.parent / "data" / "report.schema.json"
"""What `render` writes, as JSON Schema: published, so that other programs can check what they rely on."""


def render(report: Report) -> str:
    count = report.count()
    summary = {name: count[name] for name in (*Verdict, "suppressed", "baseline")}
    document = {
        "version": VERSION,
        "roots": [root_as_json(root) for root in report.roots],
        "errors": [problem_as_json(problem) for problem in report.problems],
        "summary": summary,
        "left_out": list(report.left_out),
        "variable_files": list(report.variable_files),
        "shard": _shard(report.shard),
    }
    return safe_json(json.dumps(document, indent=2)) + "\n"


def root_as_json(root: RootReport) -> dict[str, Any]:
    return {
        "root": root.root,
        "results": [result_as_json(result) for result in root.results],
        "routes": [_route(route) for route in root.routes],
        "unproven_fails": root.unproven_fails,
        "fixed": [dict(vars(entry)) for entry in root.fixed],
    }


def problem_as_json(problem: Problem) -> dict[str, Any]:
    return {**_range(problem.location), "message": problem.message}


def judged_as_json(judged: Judged) -> dict[str, Any]:
    """What is judged of one root module, for `reading.judged_of`. It has a report."""
    done = judged.suppressed
    assert judged.report is not None, "only what was judged is kept"
    return {
        "report": root_as_json(judged.report),
        "problems": [problem_as_json(problem) for problem in judged.problems],
        "suppressed": done
        and {
            "standing": [
                {"unused": result_as_json(one.unused), "pattern": one.pattern, "needed": one.needed}
                for one in done.standing
            ],
            "complaints": [result_as_json(wrong) for wrong in done.complaints],
            "read": list(done.read),
        },
    }


def result_as_json(result: Result) -> dict[str, Any]:
    return {
        "convention": result.convention,
        "verdict": result.verdict.value,
        "address": result.address,
        "message": result.message,
        "fix": result.fix,
        **(_range(result.location) if result.location else dict.fromkeys(Location._fields)),
        "related": [
            {**_range(related.location), "message": related.message}
            for related in result.related
            if related.location is not None
        ],
        "suppressed": _suppression(result.suppressed),
        "baseline": result.baseline,
    }


def _range(place: Location) -> dict[str, Any]:
    return place._asdict()


def _suppression(suppression: Suppression | None) -> dict[str, Any] | None:
    if suppression is None:
        return None
    until = suppression.until.isoformat() if suppression.until else None
    where = f"{suppression.where.file}:{suppression.where.line}"
    return {"reason": suppression.reason, "until": until, "where": where, "location": _range(suppression.where)}


def _route(route: Route) -> dict[str, Any]:
    return {
        "api": route.api.name if route.api else None,
        "api_location": _place(route.api),
        "route": route.end.name,
        "route_location": _place(route.end),
        "route_key": route.route_key,
        "status": route.status.value,
        "links": [_link(link) for link in route.links],
    }


def _link(link: Link) -> dict[str, Any]:
    return {
        "from": link.source.name,
        "to": link.target.name if link.target else None,
        "kind": link.kind,
        "status": link.status.value,
        "why": link.why,
        **(_range(link.location) if link.location else dict.fromkeys(Location._fields)),
        "from_location": _place(link.source),
        "to_location": _place(link.target),
    }


def _place(end: End | None) -> dict[str, Any] | None:
    return None if end is None or end.location is None else _range(end.location)


def _shard(shard: Shard | None) -> dict[str, Any] | None:
    if shard is None:
        return None
    return {
        "number": shard.part.number,
        "of": shard.part.of,
        "roots": list(shard.roots),
        "conventions": list(shard.conventions),
        "read": list(shard.read),
        "suppressions": [
            {
                "root": use.root,
                "needed": use.needed,
                "unread": None if use.unread is None else list(use.unread),
                "pattern": use.standing.pattern,
                "unused": result_as_json(use.standing.unused),
            }
            for use in shard.uses
        ],
    }
