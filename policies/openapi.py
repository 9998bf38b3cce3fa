"""The Lambda integrations in an API's OpenAPI body."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from .convention import undecided
from .values import NULL, Call, Known, ListValue, ObjectValue, Unknown, Value

_EXTENSION = "x-amazon-apigateway-integration"


@dataclass(frozen=True)
class Operation:
    """An operation with an integration: `route_key` as a route has it, `integration` as the extension's object."""

    route_key: str
    integration: ObjectValue

    def get(self, name: str) -> Value:
        return self.integration.fields.get(name, NULL)


def operations(body: Value) -> tuple[Operation, ...] | Unknown:
    """The operations of a body, or why they cannot be read. `body` is resolved: no reference to a configured value."""
    document = _document(body)
    if isinstance(document, Unknown):
        return document
    found: list[Operation] = []
    for path, item in _fields(document.fields.get("paths", NULL)):
        if isinstance(item, Unknown):
            return item
        for method, operation in _fields(item):
            for name, integration in _fields(operation):
                if isinstance(integration, Unknown):
                    return integration
                if name != _EXTENSION:
                    continue
                if not isinstance(integration, ObjectValue) or "$ref" in integration.fields:
                    return Unknown(f"the {_EXTENSION} of {path} is no object in its place", body.location)
                found.append(Operation(_route_key(method, path), integration))
    return tuple(found)


def _route_key(method: str, path: str) -> str:
    if path == "/$default":
        return "$default"
    return f"{'ANY' if method == 'x-amazon-apigateway-any-method' else method.upper()} {path}"


def _document(body: Value) -> ObjectValue | Unknown:
    if isinstance(body, Call) and body.function == "jsonencode":
        body = body.arguments[0]
    if isinstance(body, Known):
        try:
            body = _from_json(json.loads(str(body.value)))
        except ValueError:
            return Unknown("the OpenAPI body is not JSON, and nothing else is read", body.location)
    return body if isinstance(body, ObjectValue) else undecided("body", body)


def _from_json(content: object) -> Value:
    if isinstance(content, dict):
        return ObjectValue({name: _from_json(item) for name, item in content.items()})
    if isinstance(content, list):
        return ListValue(tuple(_from_json(item) for item in content))
    return Known(str(content) if isinstance(content, float) else content)  # type: ignore[arg-type]


def _fields(value: Value) -> Iterator[tuple[str, Value]]:
    """The fields of an object, those of anything undecided as one Unknown, and nothing of anything else."""
    if isinstance(value, ObjectValue):
        yield from value.fields.items()
    elif not isinstance(value, Known | ListValue):
        yield "", undecided("a part of the OpenAPI body", value)
