"""The JSON that `data.aws_iam_policy_document` makes of its blocks.

Everything it says is in the source, so it is no secret before apply. Its text is the AWS provider's, which sorts most
lists backwards and writes a list of one as that one:
registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from zlib import crc32

from ...values import Call, Known, ListValue, ObjectValue, Template, Unknown, Value, is_known, is_null, template
from .functions.encodings import json_text
from .policy_merging import Undecidable, joined, merged

_LISTS = {"actions": "Action", "not_actions": "NotAction", "resources": "Resource", "not_resources": "NotResource"}
_PRINCIPALS = {"principals": "Principal", "not_principals": "NotPrincipal"}
_NO_BLOCKS = ListValue(())
_OLD_VERSION = Known("2008-10-17")


def rendered(attributes: Mapping[str, Value], name: str) -> Value | None:
    """The attribute `json` or `minified_json`; a `jsonencode` call where some of it is known only after apply.

    None for another attribute, and where it is undecided what it says.
    """
    if name not in ("json", "minified_json"):
        return None
    statements = attributes.get("statement", _NO_BLOCKS)
    if isinstance(statements, Unknown):
        return statements
    try:
        own = _document(attributes, _blocks(statements))
        value = merged(
            own,
            [_listed(attributes, "source_policy_documents"), _listed(attributes, "source_json")],
            [_listed(attributes, "override_policy_documents"), _listed(attributes, "override_json")],
        )
    except Undecidable:
        return None
    if not is_known(value):
        return Call("jsonencode", (value,))
    return Known(_indented(value, "\n" if name == "json" else ""))


def _listed(attributes: Mapping[str, Value], name: str) -> Sequence[Value]:
    value = attributes.get(name, Known(None))
    if is_null(value):
        return ()
    if name.endswith("_json"):
        return (value,)
    if not isinstance(value, ListValue):
        raise Undecidable
    return value.items


def _document(attributes: Mapping[str, Value], statements: Sequence[ObjectValue]) -> ObjectValue:
    version = _or(attributes.get("version"), "2012-10-17")
    document = {"Version": version}
    if (identifier := attributes.get("policy_id", Known(None))) not in (Known(None), Known("")):
        document["Id"] = identifier
    if statements:
        document["Statement"] = ListValue(tuple(_statement(block, version) for block in statements))
    return ObjectValue(document)


def _or(value: Value | None, default: str) -> Value:
    return Known(default) if value is None or is_null(value) else value


def _blocks(value: Value) -> Sequence[ObjectValue]:
    if not isinstance(value, ListValue) or not all(isinstance(item, ObjectValue) for item in value.items):
        raise Undecidable
    return value.items  # type: ignore[return-value]


def _statement(block: ObjectValue, version: Value) -> ObjectValue:
    given = block.fields
    fields: dict[str, Value] = {}
    if given.get("sid", Known("")) not in (Known(""), Known(None)):
        fields["Sid"] = given["sid"]
    fields["Effect"] = _or(given.get("effect"), "Allow")
    for name, written in _LISTS.items():
        values = _one_or_backwards(given.get(name, Known(None)))
        if not is_null(values) and values != _NO_BLOCKS:
            fields[written] = _with_variables(values, version) if "resources" in name else values
    for name, written in _PRINCIPALS.items():
        if blocks := _blocks(given.get(name, _NO_BLOCKS)):
            fields[written] = _principals(blocks, version)
    if conditions := _blocks(given.get("condition", _NO_BLOCKS)):
        fields["Condition"] = _conditions(conditions, version)
    return ObjectValue(fields, block.location)


def _with_variables(value: Value, version: Value) -> Value:
    """`&{aws:username}` is how a document writes IAM's `${aws:username}`."""
    if isinstance(value, ListValue):
        return ListValue(tuple(_with_variables(item, version) for item in value.items), value.is_set, value.location)
    if isinstance(value, Template):
        return template([_with_variables(part, version) for part in value.parts], value.location)
    if isinstance(value, Known) and "&{" in str(value.value):
        if version == _OLD_VERSION:
            return Unknown("Terraform refuses it: &{ in a policy document of the old version", value.location)
        return Known(str(value.value).replace("&{", "${"), value.location)
    return value


def _one_or_backwards(value: Value) -> Value:
    """A set as the provider writes it."""
    if not isinstance(value, ListValue):
        return value
    items = tuple(dict.fromkeys(value.items))
    if len(items) == 1:
        return items[0]
    if is_known(value):
        items = tuple(sorted(items, key=_text, reverse=True))
    return ListValue(items, location=value.location)


def _text(value: Value) -> str:
    return str(value.value) if isinstance(value, Known) and value.value is not None else ""


def _principals(blocks: Sequence[ObjectValue], version: Value) -> Value:
    by_type: dict[str, Value] = {}
    for block in _in_order_of_hash(blocks, _principal_hash):
        kind = block.fields.get("type", Known(""))
        if not isinstance(kind, Known):
            raise Undecidable
        identifiers = _one_or_backwards(_with_variables(block.fields.get("identifiers", _NO_BLOCKS), version))
        by_type[_text(kind)] = joined(by_type.get(_text(kind)), identifiers)
    if by_type == {"*": Known("*")}:
        return Known("*")
    return ObjectValue(dict(sorted(by_type.items())))


def _conditions(blocks: Sequence[ObjectValue], version: Value) -> ObjectValue:
    tests: dict[str, dict[str, Value]] = {}
    for block in _in_order_of_hash(blocks, _condition_hash):
        test, variable = block.fields.get("test"), block.fields.get("variable")
        if not isinstance(test, Known) or not isinstance(variable, Known):
            raise Undecidable
        values = _with_variables(block.fields.get("values", _NO_BLOCKS), version)
        variables = tests.setdefault(_text(test), {})
        values = joined(variables.get(_text(variable)), values)
        variables[_text(variable)] = values.items[0] if _is_one(values) else values  # type: ignore[union-attr]
    return ObjectValue({test: ObjectValue(dict(sorted(found.items()))) for test, found in sorted(tests.items())})


def _is_one(values: Value) -> bool:
    return isinstance(values, ListValue) and len(values.items) == 1


def _in_order_of_hash(blocks: Sequence[ObjectValue], serialized: Callable[[ObjectValue], str]) -> Sequence[ObjectValue]:
    """Such blocks are a set for the provider, which goes through it in the order of its hashes' digits."""
    if not all(map(is_known, blocks)):
        return blocks
    by_hash = {_hash(serialized(block)): block for block in blocks}
    return [block for _, block in sorted(by_hash.items())]


def _hash(text: str) -> str:
    return str(crc32(text.encode()))


def _principal_hash(block: ObjectValue) -> str:
    identifiers = block.fields.get("identifiers")
    texts = {_text(item) + ";" for item in identifiers.items} if isinstance(identifiers, ListValue) else set()
    return f"identifiers:{{{''.join(sorted(texts, key=_hash))}}};type:{_text(block.fields.get('type', Known('')))};"


def _condition_hash(block: ObjectValue) -> str:
    values = block.fields.get("values")
    texts = [_text(item) + ";" for item in values.items] if isinstance(values, ListValue) else []
    test, variable = (_text(block.fields.get(name, Known(""))) for name in ("test", "variable"))
    return f"test:{test};values:({''.join(texts)});variable:{variable};"


def _indented(value: Value, line_break: str) -> str:
    """JSON in the order of the fields, over several lines where `line_break` is one."""
    deeper = line_break + "  " if line_break else ""
    if isinstance(value, ObjectValue):
        colon = ": " if line_break else ":"
        parts = [json_text(Known(name)) + colon + _indented(item, deeper) for name, item in value.fields.items()]
        return "{" + ",".join(deeper + part for part in parts) + line_break + "}"
    if isinstance(value, ListValue):
        items = ",".join(deeper + _indented(item, deeper) for item in value.items)
        return f"[{items}{line_break}]" if value.items else "[]"
    return json_text(value)
