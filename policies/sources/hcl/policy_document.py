"""The JSON that `data.aws_iam_policy_document` makes of its blocks.

Everything it says is in the source, so it is no secret before apply. Its text is the AWS provider's, which sorts most
lists backwards and writes a list of one as that one:
registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document
"""

from __future__ import annotations

from collections.abc import Mapping

from ...values import Call, Known, ListValue, ObjectValue, Unknown, Value, is_known, is_null
from .functions.encodings import json_text

TYPE = "aws_iam_policy_document"
_LISTS = {"actions": "Action", "not_actions": "NotAction", "resources": "Resource", "not_resources": "NotResource"}
_PRINCIPALS = {"principals": "Principal", "not_principals": "NotPrincipal"}
_MERGED = ("source_policy_documents", "override_policy_documents", "source_json", "override_json")


def rendered(attributes: Mapping[str, Value], name: str) -> Value | None:
    """The attribute `json` or `minified_json`; a `jsonencode` call where some of it is known only after apply.

    None where other documents are merged into it, or its blocks are undecided.
    """
    if name not in ("json", "minified_json") or any(not is_null(attributes.get(m, Known(None))) for m in _MERGED):
        return None
    statements = attributes.get("statement", ListValue(()))
    if not isinstance(statements, ListValue):
        return statements if isinstance(statements, Unknown) else None
    document: dict[str, Value] = {"Version": _or(attributes.get("version"), "2012-10-17")}
    if not is_null(identifier := attributes.get("policy_id", Known(None))):
        document["Id"] = identifier
    written = [_statement(item) for item in statements.items if isinstance(item, ObjectValue)]
    if None in written:
        return None
    if written:
        document["Statement"] = ListValue(tuple(item for item in written if item is not None))
    value = ObjectValue(document)
    if not is_known(value):
        return Call("jsonencode", (value,))
    return Known(_indented(value, "\n") if name == "json" else _indented(value, ""))


def _or(value: Value | None, default: str) -> Value:
    return Known(default) if value is None or is_null(value) else value


def _statement(block: ObjectValue) -> ObjectValue | None:
    given = block.fields
    fields: dict[str, Value] = {}
    if given.get("sid", Known("")) not in (Known(""), Known(None)):
        fields["Sid"] = given["sid"]
    fields["Effect"] = _or(given.get("effect"), "Allow")
    for name, written in _LISTS.items():
        if (values := _backwards(given.get(name))) is not None:
            fields[written] = values
    for name, written in _PRINCIPALS.items():
        blocks = given.get(name, ListValue(()))
        if not isinstance(blocks, ListValue):
            return None
        if blocks.items:
            found = _principals(blocks)
            if found is None:
                return None
            fields[written] = found
    conditions = given.get("condition", ListValue(()))
    if not isinstance(conditions, ListValue):
        return None
    if conditions.items:
        by_test = _conditions(conditions)
        if by_test is None:
            return None
        fields["Condition"] = by_test
    return ObjectValue(fields, block.location)


def _backwards(value: Value | None) -> Value | None:
    """A list as the provider writes it; None where there is nothing in it."""
    if value is None or is_null(value):
        return None
    if not isinstance(value, ListValue):
        return value
    if not value.items:
        return None
    if len(value.items) == 1:
        return value.items[0]
    if not is_known(value):
        return value
    return ListValue(tuple(sorted(value.items, key=_text, reverse=True)), location=value.location)


def _text(value: Value) -> str:
    return str(value.value) if isinstance(value, Known) else ""


def _principals(blocks: ListValue) -> Value | None:
    by_type: dict[str, Value] = {}
    for block in blocks.items:
        kind = block.fields.get("type", Known("")) if isinstance(block, ObjectValue) else block
        identifiers = block.fields.get("identifiers", ListValue(())) if isinstance(block, ObjectValue) else block
        if not isinstance(kind, Known):
            return None
        earlier = by_type.get(str(kind.value))
        found = [item for part in (earlier, identifiers) if part is not None for item in _items(part)]
        by_type[str(kind.value)] = _backwards(ListValue(tuple(dict.fromkeys(found)))) or ListValue(())
    if by_type == {"*": Known("*")}:
        return Known("*")
    return ObjectValue(dict(sorted(by_type.items())))


def _items(value: Value) -> tuple[Value, ...]:
    return value.items if isinstance(value, ListValue) else (value,)


def _conditions(blocks: ListValue) -> ObjectValue | None:
    tests: dict[str, dict[str, Value]] = {}
    for block in blocks.items:
        given = block.fields if isinstance(block, ObjectValue) else {}
        test, variable = given.get("test"), given.get("variable")
        if not isinstance(test, Known) or not isinstance(variable, Known):
            return None
        values = given.get("values", ListValue(()))
        variables = tests.setdefault(str(test.value), {})
        earlier = variables.get(str(variable.value))
        if earlier is not None:
            joined = ListValue((*_items(earlier), *_items(values)))
            variables[str(variable.value)] = _backwards(joined) or joined
        else:
            alone = isinstance(values, ListValue) and len(values.items) == 1
            variables[str(variable.value)] = _items(values)[0] if alone else values
    return ObjectValue({test: ObjectValue(dict(sorted(found.items()))) for test, found in sorted(tests.items())})


def _indented(value: Value, line_break: str) -> str:
    """JSON in the order of the fields, over several lines where `line_break` is one."""
    deeper = line_break + "  " if line_break else ""
    if isinstance(value, ObjectValue):
        colon = ": " if line_break else ":"
        parts = [json_text(Known(name)) + colon + _indented(item, deeper) for name, item in value.fields.items()]
        return "{" + ",".join(deeper + part for part in parts) + line_break + "}"
    if isinstance(value, ListValue):
        return "[" + ",".join(deeper + _indented(item, deeper) for item in value.items) + line_break + "]"
    return json_text(value)
