"""SARIF 2.1.0, for code scanning: docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os.html.

A run is one run of the program over all its root modules. Where several environments are judged, each by a run of its
own with its variable files, `automationDetails` tells them apart, so that none replaces the other's alerts.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .. import __version__
from ..convention import Convention, Result, Suppression, Verdict
from ..fingerprints import fingerprints
from ..report import Problem, Report, RootReport
from ..values import Location
from .escape import in_markdown, safe, safe_json
from .explain import full, marked
from .places import Repository, url_path, working_repository
from .text import counted

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_TOP = "%SRCROOT%"
_NOTIFICATIONS = {
    "SOURCE": "A file cannot be read, so its root module is not judged.",
    "CHECK": "The check of a convention broke: its verdict is missing.",
}


def render(report: Report, conventions: Mapping[str, Convention]) -> str:
    """Failures are errors, what is unproven a warning where it does not fail too.

    Passes and what is not applicable are only counted.

    `conventions` are the rules; there is one more for each other id that a result has.
    """
    document = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [_run(report, conventions, working_repository())]}
    return safe_json(json.dumps(document, indent=2)) + "\n"


def _run(report: Report, conventions: Mapping[str, Convention], repository: Repository) -> dict[str, Any]:
    results = [result for root in report.roots for result in root.results]
    others = sorted({result.convention for result in results} - conventions.keys())
    rules = [*map(_rule, conventions.values()), *map(_own_rule, others)]
    ids = [rule["id"] for rule in rules]
    compared = any(result.baseline for result in results)
    return {
        "tool": {
            "driver": {
                "name": "Routeproof",
                "version": __version__,
                "semanticVersion": __version__,
                "rules": rules,
                "notifications": [
                    {"id": name, "shortDescription": {"text": text}} for name, text in _NOTIFICATIONS.items()
                ],
            }
        },
        "automationDetails": {"id": f"routeproof/{','.join(map(safe, report.variable_files))}/".replace("//", "/")},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_TOP: {"uri": f"{repository.top.as_uri().rstrip('/')}/"}},
        "invocations": [_invocation(report, ids, repository)],
        "results": [
            found
            for root in report.roots
            for result, name in zip(root.results, fingerprints(root.root, root.results), strict=True)
            for found in _result(root, result, name, ids, compared, repository)
        ],
        "properties": {"counts": counted(report)},
    }


def _rule(convention: Convention) -> dict[str, Any]:
    return {
        "id": convention.id,
        "shortDescription": {"text": convention.title},
        "fullDescription": {"text": convention.why},
        "help": {"text": full(convention), "markdown": _help(convention)},
        "helpUri": convention.sources[0],
        "defaultConfiguration": {"level": "error"},
        "properties": {"tags": ["aws", "terraform"], "precision": "very-high"},
    }


def _own_rule(name: str) -> dict[str, Any]:
    """The rule of a finding that no convention makes, such as a suppression without a reason."""
    text = {"text": f"{name}: {_OWN.get(name, 'what Routeproof finds about its own settings, comments and files')}"}
    return {"id": name, "shortDescription": text, "fullDescription": text, "help": text}


_OWN = {
    "DRIFT": "what is live differs from the source",
    "REQUEST_PATH": "a link between a route and the function that answers it, or between the two and the caller",
}


def _help(convention: Convention) -> str:
    parts = [
        in_markdown(convention.why),
        "**What it demands**",
        "\n".join(f"- {in_markdown(clause)}" for clause in convention.explains),
        f"**How to fix it:** {in_markdown(convention.fix)}",
        f"**Does not keep it**\n\n```terraform\n{marked(convention.bad)}```",
        f"**Keeps it**\n\n```terraform\n{marked(convention.good)}```",
        "\n".join(f"- <{source}>" for source in convention.sources),
    ]
    return "\n\n".join(parts) + "\n"


def _invocation(report: Report, ids: list[str], repository: Repository) -> dict[str, Any]:
    broken = [r for root in report.roots for r in root.results if r.verdict is Verdict.ERROR]
    return {
        "executionSuccessful": not (report.is_empty or broken or report.problems),
        "toolExecutionNotifications": [_broken_check(result, ids, repository) for result in broken],
        "toolConfigurationNotifications": [_unread(problem, repository) for problem in report.problems],
    }


def _broken_check(result: Result, ids: list[str], repository: Repository) -> dict[str, Any]:
    return {
        "descriptor": {"id": "CHECK", "index": 1},
        "associatedRule": {"id": result.convention, "index": ids.index(result.convention)},
        "level": "error",
        "message": _message(result.message),
        "locations": [_location(result.location, repository, address=result.address)],
    }


def _unread(problem: Problem, repository: Repository) -> dict[str, Any]:
    return {
        "descriptor": {"id": "SOURCE", "index": 0},
        "level": "error",
        "message": _message(problem.message),
        "locations": [_location(problem.location, repository)],
    }


def _result(
    root: RootReport, result: Result, name: str, ids: list[str], compared: bool, repository: Repository
) -> Iterator[dict[str, Any]]:
    if result.verdict not in (Verdict.FAIL, Verdict.UNPROVEN):
        return
    found: dict[str, Any] = {
        "ruleId": result.convention,
        "ruleIndex": ids.index(result.convention),
        "level": "error" if result.verdict is Verdict.FAIL or root.fails(result) else "warning",
        "message": _message(result.message, f"Fix: {result.fix}" if result.fix else ""),
        "locations": [_location(result.location, repository, address=result.address)],
        "relatedLocations": [
            {"id": number, **_location(related.location, repository, message=related.message)}
            for number, related in enumerate((one for one in result.related if one.location is not None), start=1)
        ],
        "partialFingerprints": {"routeproof/v1": name},
        "suppressions": [_suppression(result.suppressed, repository)] if result.suppressed else [],
        "properties": {"root": safe(root.root), "verdict": result.verdict.value},
    }
    if compared:
        found["baselineState"] = "unchanged" if result.baseline else "new"
    yield found


def _suppression(suppression: Suppression, repository: Repository) -> dict[str, Any]:
    """A suppression in a settings file is not in the source that it is about."""
    until = f" (until {suppression.until.isoformat()})" if suppression.until else ""
    return {
        "kind": "external" if suppression.where.file.endswith(".toml") else "inSource",
        "status": "accepted",
        "justification": safe(suppression.reason + until),
        "location": _location(suppression.where, repository),
    }


def _location(
    place: Location | None, repository: Repository, *, address: str | None = None, message: str = ""
) -> dict[str, Any]:
    location: dict[str, Any] = {}
    if place is not None and place.file:
        region = {
            "startLine": place.line,
            "startColumn": place.column,
            "endLine": place.end_line,
            "endColumn": place.end_column,
        }
        location["physicalLocation"] = {"artifactLocation": _artifact(place.file, repository), "region": region}
    if address is not None:
        location["logicalLocations"] = [{"fullyQualifiedName": safe(address), "kind": "resource"}]
    if message:
        location["message"] = _message(message)
    return location


def _artifact(file: str, repository: Repository) -> dict[str, str]:
    path = repository.path(file)
    if path is None:
        return {"uri": Path(os.path.normpath(Path(file).absolute())).as_uri()}
    return {"uri": url_path(path), "uriBaseId": _TOP}


def _message(*paragraphs: str) -> dict[str, str]:
    """A message of plain text. Braces are doubled, as §3.11.5 demands; what could be read as a link is escaped."""
    text = "\n\n".join(safe(paragraph) for paragraph in paragraphs if paragraph)
    text = text.replace("{", "{{").replace("}", "}}")
    if "](" in text:
        for character in "\\[]":
            text = text.replace(character, f"\\{character}")
    return {"text": text}
