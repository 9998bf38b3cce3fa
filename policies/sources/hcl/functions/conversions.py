"""The conversions between types, and `coalesce`. All take and return `Value`s; None stays symbolic."""

from __future__ import annotations

from collections.abc import Mapping

from ....values import Call, Known, ListValue, ObjectValue, Reference, Template, Unknown, Value
from ..conversion import convert
from ..refused import Refused, Undecided
from ..types import ANY, BOOL, NOTHING, NUMBER, STRING, Type, has_any, list_of, map_of, set_of, type_of, unify
from .signatures import Signature, on_values


def _coalesce(*values: Value) -> Value | None:
    common = unify([type_of(value) for value in values])
    if common is None:
        raise Refused("the arguments of coalesce have no type in common")
    if has_any(common) and common not in (ANY, NOTHING) and len({type_of(value) for value in values}) > 1:
        raise Undecided("coalesce of values in which something is null")
    for value in values:
        if isinstance(value, Known):
            if value.value is not None and (common != STRING or value.value != ""):
                return convert(value, common)
        elif isinstance(value, Template) and any(isinstance(part, Known) and part.value for part in value.parts):
            return value
        elif isinstance(value, ListValue | ObjectValue):
            return convert(value, common)
        else:
            return None
    raise Refused("no argument of coalesce has a value")


def _same_value(value: Value) -> Value:
    return value


def _to(kind: Type) -> Signature:
    def body(value: Value) -> Value | None:
        if isinstance(value, Unknown):
            return value
        return None if isinstance(value, Reference | Call) else convert(value, kind)

    return on_values(body, ANY, nulls=True)


TABLE: Mapping[str, Signature] = {
    "coalesce": on_values(_coalesce, ANY, rest=ANY, nulls=True),
    "ephemeralasnull": on_values(_same_value, ANY, nulls=True),
    "nonsensitive": on_values(_same_value, ANY, nulls=True),
    "sensitive": on_values(_same_value, ANY, nulls=True),
    "tobool": _to(BOOL),
    "tolist": _to(list_of(ANY)),
    "tomap": _to(map_of(ANY)),
    "tonumber": _to(NUMBER),
    "toset": _to(set_of(ANY)),
    "tostring": _to(STRING),
}
