"""Values for the root module's variables: terraform.tfvars, *.auto.tfvars, and the files that the user names."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from ...values import Location, Unknown, Value
from .blocks import read_blocks
from .expressions import evaluate
from .files import Files, display
from .functions.signatures import from_plain
from .limits import room_to_recurse
from .names import no_names
from .refused import TooDeep
from .syntax import SourceError, parse


def variable_values(root: Path, files: Files, named: Sequence[Path]) -> Mapping[str, Value]:
    """Every variable that a file sets; the later file wins, in Terraform's order.

    Raises:
        SourceError: a file that does not parse, cannot be read, or holds more than plain values.
    """
    names = files.listed(root)
    automatic = [name for name in ("terraform.tfvars", "terraform.tfvars.json") if name in names]
    automatic += sorted(name for name in names if name.endswith((".auto.tfvars", ".auto.tfvars.json")))
    values: dict[str, Value] = {}
    for name in automatic:
        values.update(_read(root / name, files))
    for path in named:
        values.update(_read(path, Files(boundary=None, notes=files.notes)))  # the user's own choice
    return values


def _read(path: Path, files: Files) -> Mapping[str, Value]:
    name = display(path)
    start = Location(name, 1, 1, 1, 1)
    try:
        content = files.read(path)
    except OSError as error:
        raise SourceError(f"the variable file cannot be read: {error.strerror or error}", start) from None
    if path.name.endswith(".json"):
        return _read_json(content, start)
    body = read_blocks(parse(content, name))
    for block in body.blocks:
        raise SourceError("a variable file holds values only, no blocks", block.location)
    values: dict[str, Value] = {}
    for attribute in body.attributes.values():
        try:
            with room_to_recurse():
                value = evaluate(attribute.expression, no_names())
        except TooDeep as error:
            raise SourceError(error.message, error.location) from None
        if isinstance(value, Unknown):
            raise SourceError(value.reason, attribute.location)
        values[attribute.name] = value
    return values


def _read_json(content: bytes, start: Location) -> Mapping[str, Value]:
    try:
        plain = json.loads(content, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        raise SourceError(f"this is not JSON: {error}", Location(start.file, line, 1, line, 1)) from None
    if not isinstance(plain, dict):
        raise SourceError("a variable file in JSON holds one object", start)
    return {name: from_plain(value, start) for name, value in plain.items()}
