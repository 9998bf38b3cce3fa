"""IAM policies merged into one, as `source_policy_documents` and `override_policy_documents` have it."""

from __future__ import annotations

import json
from collections.abc import Sequence

from ...values import Call, Known, ListValue, ObjectValue, Value, text_of
from .functions.signatures import from_plain

# In the order in which the provider writes them.
_FIELDS = ("Sid", "Effect", "Action", "NotAction", "Resource", "NotResource")
_PRINCIPALS = ("Principal", "NotPrincipal")


class Undecidable(Exception):
    """What a document says is not decided."""


def joined(earlier: Value | None, more: Value) -> Value:
    """The values of two blocks about the same."""
    if earlier is None:
        return more
    parts = (part.items if isinstance(part, ListValue) else (part,) for part in (earlier, more))
    return ListValue(tuple(item for part in parts for item in part))


def merged(own: ObjectValue, sources: Sequence[Sequence[Value]], overrides: Sequence[Sequence[Value]]) -> ObjectValue:
    """The document with those merged in that come before it and after it.

    Raises:
        Undecidable: one of them cannot be read, or only apply knows which statements replace others.
    """
    before = [_read(text) for group in sources for text in group if text != Known("")]
    after = [_read(text) for group in overrides for text in group if text != Known("")]
    if not before and not after:
        return own
    fields: dict[str, Value] = {}
    statements: list[ObjectValue] = []
    for document in (*before, own, *after):
        if (identifier := document.fields.get("Id", Known(""))) != Known(""):
            fields["Id"] = identifier
        versions = [found.get("Version", Known("")) for found in (fields, document.fields)]
        if not all(isinstance(version, Known) for version in versions):
            raise Undecidable
        fields["Version"] = max(versions, key=lambda version: str(version.value))  # type: ignore[union-attr]
        _replace_or_append(statements, _statements(document))
    document = {name: fields[name] for name in ("Version", "Id") if name in fields}
    return ObjectValue(document | {"Statement": ListValue(tuple(statements))} if statements else document)


def _read(text: Value) -> ObjectValue:
    """A document from its text, as the provider would write it again."""
    value = text.arguments[0] if isinstance(text, Call) and text.function == "jsonencode" else None
    if isinstance(text, Known):
        try:
            value = from_plain(json.loads(str(text.value)))
        except (ValueError, TypeError, RecursionError):
            raise Undecidable from None
    if not isinstance(value, ObjectValue):
        raise Undecidable
    statements = ListValue(tuple(_statement(statement) for statement in _statements(value)))
    return ObjectValue({**value.fields, "Statement": statements})


def _statements(document: ObjectValue) -> Sequence[ObjectValue]:
    written = document.fields.get("Statement", ListValue(()))
    if not isinstance(written, ListValue) or not all(isinstance(item, ObjectValue) for item in written.items):
        raise Undecidable
    return written.items  # type: ignore[return-value]


def _replace_or_append(statements: list[ObjectValue], more: Sequence[ObjectValue]) -> None:
    """A statement takes the place of the one with its Sid."""
    for statement in more:
        sids = [found.fields.get("Sid") for found in (statement, *statements)]
        if not all(isinstance(sid, Known | None) for sid in sids):
            raise Undecidable
        places = [place for place, sid in enumerate(sids[1:]) if sid is not None and sid == sids[0]]
        for place in places:
            statements[place] = statement
        if not places:
            statements.append(statement)


def _statement(statement: ObjectValue) -> ObjectValue:
    given = statement.fields
    fields = {name: given[name] for name in _FIELDS if given.get(name, Known("")) != Known("")}
    fields |= {name: _principals(given[name]) for name in _PRINCIPALS if name in given}
    if "Condition" in given:
        fields["Condition"] = _conditions(given["Condition"])
    return ObjectValue(fields, statement.location)


def _principals(value: Value) -> Value:
    if not isinstance(value, ObjectValue):
        return value
    return ObjectValue({kind: _backwards(identifiers) for kind, identifiers in sorted(value.fields.items())})


def _backwards(value: Value) -> Value:
    if isinstance(value, ListValue) and all(isinstance(item, Known) for item in value.items):
        return ListValue(tuple(sorted(value.items, key=lambda item: str(item.value), reverse=True)))  # type: ignore[union-attr]
    return value


def _conditions(value: Value) -> Value:
    tests: dict[str, Value] = {}
    for test, variables in sorted(value.fields.items()) if isinstance(value, ObjectValue) else ():
        if not isinstance(variables, ObjectValue):
            raise Undecidable
        tests[test] = ObjectValue({name: _values(values) for name, values in sorted(variables.fields.items())})
    return ObjectValue(tests)


def _values(value: Value) -> Value:
    if isinstance(value, ListValue) and len(value.items) == 1:
        value = value.items[0]
    return Known(text_of(value.value)) if isinstance(value, Known) else value
