"""The report as JSON, version 1: members are added, never renamed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ..convention import Result, Suppression, Verdict
from ..links import End, Link, Route
from ..report import Report
from .escape import safe_json

SCHEMA = Path(__file__).parent.parent / "data" / "report.schema.json"
"""What `render` writes, as JSON Schema: published, so that other programs can check what they rely on."""


def render(report: Report) -> str:
    count = report.count()
    summary = {name: count[name] for name in (*Verdict, "suppressed", "baseline")}
    document = {
        "version": 1,
        "roots": [
            {
                "root": root.root,
                "results": [_result(result) for result in root.results],
                "routes": [_route(route) for route in root.routes],
                "fixed": [
                    {"convention": entry.convention, "address": entry.address, "message": entry.message}
                    for entry in root.fixed
                ],
            }
            for root in report.roots
        ],
        "errors": [
            {
                "file": problem.location.file,
                "line": problem.location.line,
                "column": problem.location.column,
                "message": problem.message,
            }
            for problem in report.problems
        ],
        "summary": summary,
        "left_out": list(report.left_out),
    }
    return safe_json(json.dumps(document, indent=2)) + "\n"


def _result(result: Result) -> dict[str, Any]:
    place = result.location
    return {
        "convention": result.convention,
        "verdict": result.verdict.value,
        "address": result.address,
        "message": result.message,
        "fix": result.fix,
        "file": place.file if place else None,
        "line": place.line if place else None,
        "column": place.column if place else None,
        "end_line": place.end_line if place else None,
        "end_column": place.end_column if place else None,
        "related": [
            {"file": related.location.file, "line": related.location.line, "message": related.message}
            for related in result.related
            if related.location is not None
        ],
        "suppressed": _suppression(result.suppressed),
        "baseline": result.baseline,
    }


def _suppression(suppression: Suppression | None) -> dict[str, Any] | None:
    if suppression is None:
        return None
    until = suppression.until.isoformat() if suppression.until else None
    where = f"{suppression.where.file}:{suppression.where.line}"
    return {"reason": suppression.reason, "until": until, "where": where}


def _route(route: Route) -> dict[str, Any]:
    return {
        "api": route.api.name if route.api else None,
        "route": route.end.name,
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
        "file": link.location.file if link.location else None,
        "line": link.location.line if link.location else None,
        "from_location": _place(link.source),
        "to_location": _place(link.target),
    }


def _place(end: End | None) -> dict[str, Any] | None:
    if end is None or end.location is None:
        return None
    return {"file": end.location.file, "line": end.location.line}
