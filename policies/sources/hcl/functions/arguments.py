"""What is in a function's arguments."""

from __future__ import annotations

from collections.abc import Mapping

from ....values import Known, ListValue, ObjectValue, Template, Value, is_null
from ..refused import Refused


def items_of(value: Value) -> tuple[Value, ...] | None:
    """The elements; None where only apply knows them."""
    if isinstance(value, ListValue):
        return value.items
    if is_null(value):
        raise Refused("a collection is null")
    if isinstance(value, Known | Template | ObjectValue):
        raise Refused("a list is needed")
    return None


def sequence_of(value: Value) -> tuple[Value, ...] | None:
    if isinstance(value, ListValue) and value.is_set:
        raise Refused("a list is needed, not a set")
    return items_of(value)


def fields_of(value: Value) -> Mapping[str, Value] | None:
    if isinstance(value, ObjectValue):
        return value.fields
    if isinstance(value, Known | Template | ListValue):
        raise Refused("a map is needed")
    return None
