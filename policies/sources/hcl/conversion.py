"""Values of one type to values of another.

Semantics: github.com/zclconf/go-cty/blob/main/docs/convert.md.
"""

from __future__ import annotations

import json
from collections.abc import Collection as Collected
from collections.abc import Sequence

from ...values import (
    Call,
    Known,
    ListValue,
    ObjectValue,
    Reference,
    Template,
    Unknown,
    Value,
    is_known,
    is_null,
    text_of,
)
from . import numbers
from .refused import Refused
from .types import (
    ANY,
    NOTHING,
    NUMBER,
    STRING,
    Collection,
    ObjectType,
    TupleType,
    Type,
    convertible,
    describe_type,
    has_any,
    parts,
    type_of,
    unify,
)


def convert(value: Value, wanted: Type) -> Value:
    """The value as the wanted type. What only apply decides stays as it is.

    Raises:
        Refused: the value does not convert.
    """
    if isinstance(value, Unknown | Reference | Call) or wanted in (ANY, NOTHING):
        return value
    if isinstance(value, Known) and value.value is None:
        if (
            isinstance(wanted, Collection)
            and wanted.element in (ANY, NOTHING)
            and isinstance(value.null_of, Collection)
        ):
            wanted = Collection(wanted.kind, value.null_of.element)
        return Known(None, value.location, wanted)
    if isinstance(value, Template):
        if not isinstance(wanted, str):
            raise Refused(f"{describe_type(wanted)} is needed, not a string")
        return value if wanted == STRING else Call(f"to{wanted}", (value,), value.location)
    if isinstance(value, Known):
        if not isinstance(wanted, str):
            raise Refused(f"{describe_type(wanted)} is needed")
        return _scalar(value, wanted)
    if isinstance(wanted, Collection):
        return _collection(value, wanted)
    if isinstance(wanted, ObjectType) and isinstance(value, ObjectValue):
        return _object(value, wanted)
    if isinstance(wanted, TupleType) and isinstance(value, ListValue) and value.of is None and not value.is_set:
        if len(value.items) == len(wanted.elements):
            items = (convert(item, kind) for item, kind in zip(value.items, wanted.elements, strict=True))
            return ListValue(tuple(items), location=value.location)
    raise Refused(f"{describe_type(wanted)} is needed")


def _scalar(value: Known, wanted: str) -> Known:
    content = value.value
    if wanted == STRING:
        return value if isinstance(content, str) else Known(text_of(content), value.location)
    if wanted == NUMBER:
        return Known(as_number(value), value.location)
    return Known(as_boolean(value), value.location)


def _collection(value: ListValue | ObjectValue, wanted: Collection) -> Value:
    if (wanted.kind == "map") != isinstance(value, ObjectValue):
        raise Refused(f"{describe_type(wanted)} is needed")
    element: Type | None = wanted.element
    if element in (ANY, NOTHING):
        inner = parts(type_of(value))
        element = unify(inner)
        if element is None or (element == NOTHING and any(part != NOTHING for part in inner)):
            raise Refused(f"{describe_type(wanted)} needs elements of one type")
    assert element is not None
    if value.of is not None and not (value.fields if isinstance(value, ObjectValue) else value.items):
        if not convertible(value.of, element):  # type: ignore[arg-type]
            raise Refused(f"{describe_type(wanted)} of other elements is needed")
    if isinstance(value, ObjectValue):
        fields = {name: convert(item, element) for name, item in value.fields.items()}
        return ObjectValue(fields, value.location, _element(element, fields.values()))
    items = tuple(convert(item, element) for item in value.items)
    if wanted.kind == "set":
        return as_set(items, _element(element, items))
    return ListValue(items, location=value.location, of=_element(element, items))


def _element(wanted: Type, items: Collected[Value]) -> Type:
    """`any` inside a wanted type is settled by the elements."""
    if not has_any(wanted):
        return wanted
    types = {kind for item in items if (kind := type_of(item)) not in (ANY, NOTHING)}
    if len(types) > 1:
        if all(is_known(item) for item in items):
            raise Refused("the elements differ in type")
        return ANY
    return next(iter(types), wanted)


def _object(value: ObjectValue, wanted: ObjectType) -> ObjectValue:
    defaults = dict(wanted.defaults)
    fields: dict[str, Value] = {}
    for name, kind in wanted.attributes:
        given = value.fields.get(name)
        if name in defaults and (given is None or is_null(given)):
            given = defaults[name]
        if given is None:
            if name not in wanted.optional:
                raise Refused(f"the attribute {name!r} is required")
            given = Known(None)
        fields[name] = convert(given, kind)
    return ObjectValue(fields, value.location)


def as_set(items: Sequence[Value], element: Type) -> ListValue:
    """Distinct items, in the order in which Terraform goes through a set."""
    distinct = list(dict.fromkeys(items))
    if all(isinstance(item, Known) for item in distinct):
        distinct.sort(key=lambda item: (item.value is None, item.value or type(item.value)()))  # type: ignore[union-attr]
    else:
        distinct.sort(key=_hash_text)
    return ListValue(tuple(distinct), is_set=True, of=element)


def _hash_text(value: Value) -> bytes:
    """What Terraform sorts a set of collections by."""
    if isinstance(value, Known):
        if value.value is None:
            return b"~"
        if isinstance(value.value, str):
            return json.dumps(value.value, ensure_ascii=False).encode()
        if isinstance(value.value, bool):
            return b"T" if value.value else b"F"
        return format(value.value, ".10g").encode()
    if isinstance(value, ListValue):
        opening, closing = (b"<", b">") if value.of is None and not value.is_set else (b"[", b"]")
        return opening + b"".join(_hash_text(item) + b";" for item in value.items) + closing
    if isinstance(value, ObjectValue):
        if value.of is None:
            return b"<" + b"".join(_hash_text(item) + b";" for _, item in sorted(value.fields.items())) + b">"
        pairs = (b'"' + name.encode() + b'":' + _hash_text(item) + b";" for name, item in sorted(value.fields.items()))
        return b"{" + b"".join(pairs) + b"}"
    return b"?"


def as_number(value: Known) -> int | numbers.Decimal:
    content = value.value
    if isinstance(content, bool) or content is None:
        raise Refused("a number is needed")
    return numbers.parse(content) if isinstance(content, str) else content


def as_integer(value: Known) -> int:
    number = as_number(value)
    if not isinstance(number, int) or abs(number) >= 1 << 63:
        raise Refused("a whole number of at most 64 bits is needed")
    return number


def as_boolean(value: Known) -> bool:
    content = value.value
    if isinstance(content, bool):
        return content
    if isinstance(content, str) and content in ("true", "false"):
        return content == "true"
    if content == "1" or content == "0":
        return content == "1"
    raise Refused("a bool is needed")
