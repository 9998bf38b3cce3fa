"""Judges Terraform source that is written in a test.

The source marks with `«` and `»` where each result has to stand, so that a test shows its exact range:

    expect(
        "LOG_RETENTION",
        'resource "aws_cloudwatch_log_group" "a" {\\n  retention_in_days = «13»\\n}\\n',
        ("fail", "aws_cloudwatch_log_group.a", "retention_in_days is 13, which CloudWatch does not accept"),
    )
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from unittest.mock import patch

from routeproof.catalogue import catalogue
from routeproof.convention import Result
from routeproof.evaluate import judge
from routeproof.sources.hcl.files import Files
from routeproof.sources.hcl.modules import load
from routeproof.sources.hcl.variable_files import variable_values
from routeproof.stack import Resource, Stack
from routeproof.values import Location, Value
from tests.unit.provider_schema import require_attribute, require_known

Place = tuple[str, int, int, int, int]
TODAY = date(2026, 11, 23)

_GET, _POSITION = Resource.get, Resource.position


def expect(
    convention: str, source: str | Mapping[str, str], *expected: tuple[str, str | None, str], today: date = TODAY
) -> None:
    """Assert a convention's results, as (verdict, address, message), and that they stand at the marked places.

    `source` is one file, or files by their paths; results at one place need one mark. Every resource type and attribute
    in the source, and every one that the convention asks for, has to exist in the AWS provider.
    """
    files = {"main.tf": source} if isinstance(source, str) else source
    unmarked = {path: re.sub("[«»]", "", text) for path, text in files.items()}
    found, places = judged(convention, unmarked, today=today)
    assert [(result.verdict.value, result.address, result.message) for result in found] == list(expected)
    marked = sorted(place for path, text in files.items() for place in marks(path, text))
    assert list(dict.fromkeys(place for place in places if place)) == marked


def judged(
    convention: str, files: Mapping[str, str], *, today: date = TODAY
) -> tuple[list[Result], list[Place | None]]:
    """The results in the order of their places, and the places, with paths from the root module's directory."""
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory).resolve()
        stack = loaded(root, files, today=today)
        for resource in stack.resources:
            require_known(resource)
        with patch.object(Resource, "get", _checked_get), patch.object(Resource, "position", _checked_position):
            results = judge(stack, catalogue()[convention])
        outputs = {output.address for output in stack.outputs}
        addresses = {result.address for result in results if result.address} - outputs
        assert {stack.by_address[address].type for address in addresses} <= set(catalogue()[convention].resource_types)
        placed = [(_place(result.location, root), result) for result in results]
        placed.sort(key=lambda item: (item[0] or ("",), item[1].address or "", item[1].message))
    return [result for _, result in placed], [place for place, _ in placed]


def loaded(root: Path, files: Mapping[str, str], *, today: date = TODAY) -> Stack:
    """The stack of files that are written to `root`."""
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return loaded_from(root, boundary=root, today=today)


def loaded_from(root: Path, *, boundary: Path | None = None, today: date = TODAY) -> Stack:
    """The stack of the root module in a directory."""
    reading = Files(boundary)
    return load(root, reading, variable_values(root, reading, ()), today=today)


def marks(path: str, text: str) -> list[Place]:
    """The places that are marked in a text, with the marks themselves not counted."""
    places: list[Place] = []
    start: tuple[int, int] | None = None
    line, column = 1, 1
    for character in text:
        if character == "«":
            start = (line, column)
        elif character == "»":
            assert start is not None
            places.append((path, *start, line, column))
        elif character == "\n":
            line, column = line + 1, 1
        else:
            column += 1
    return places


def _place(location: Location | None, root: Path) -> Place | None:
    if location is None:
        return None
    path = Path(location.file).resolve().relative_to(root).as_posix()
    return (path, location.line, location.column, location.end_line, location.end_column)


def _checked_get(resource: Resource, attribute: str) -> Value:
    require_attribute(resource.type, attribute)
    return _GET(resource, attribute)


def _checked_position(resource: Resource, attribute: str | None) -> Location | None:
    if attribute is not None and attribute != "lifecycle.ignore_changes":
        require_attribute(resource.type, attribute)
    return _POSITION(resource, attribute)
