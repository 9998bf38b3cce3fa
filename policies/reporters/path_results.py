"""The request path for the formats that know findings and no paths: each link is a result."""

from __future__ import annotations

from dataclasses import replace

from ..convention import Related, Result, Verdict
from ..links import Link, Status
from ..report import Report

ID = "REQUEST_PATH"
_VERDICTS = {Status.PROVEN: Verdict.PASS, Status.BROKEN: Verdict.FAIL, Status.UNPROVEN: Verdict.UNPROVEN}


def as_results(report: Report) -> Report:
    """The report with a result for each link, at the address where the link begins; routes share some links."""
    roots = []
    for root in report.roots:
        links = dict.fromkeys(link for route in root.routes for link in route.links)
        roots.append(replace(root, results=tuple(_result(link) for link in links)))
    return replace(report, roots=tuple(roots))


def _result(link: Link) -> Result:
    related = (Related(f"to {link.target.name}", link.target.location),) if link.target else ()
    verdict = _VERDICTS[link.status]
    message = f"{link.kind}: {link.why}"
    return Result(verdict, link.source.name, message, link.location, related, convention=ID)
