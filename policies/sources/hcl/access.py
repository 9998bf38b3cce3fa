"""What stands behind a value: `.name`, `[index]`, its elements."""

from __future__ import annotations

from ...values import (
    Call,
    Known,
    ListValue,
    ObjectValue,
    Reference,
    Template,
    Unknown,
    Value,
    describe,
    first_unknown,
    is_null,
    text_of,
    what_decides,
)
from .conversion import as_integer
from .names import Names
from .nodes import Expression
from .refused import Refused


def get_attribute(value: Value, name: str, module: Names) -> Value:
    if isinstance(value, Unknown):
        return value
    if isinstance(value, ObjectValue):
        if name in value.fields:
            return value.fields[name]
        raise Refused(f"there is no attribute {name!r}")
    if isinstance(value, Reference):
        found = module.attribute(value, name)
        return Reference(found.address, found.attribute, value.location) if isinstance(found, Reference) else found
    if isinstance(value, Call):
        return (
            _instance(value, Known(name))
            if value.function == "instances"
            else Call(f".{name}", (value,), value.location)
        )
    raise Refused(f"a value without attributes is asked for {name!r}")


def get_index(value: Value, key: Value, module: Names) -> Value:
    if isinstance(value, Unknown) or isinstance(key, Unknown):
        return value if isinstance(value, Unknown) else key
    if isinstance(value, Call) and value.function == "instances":
        return _instance(value, key)
    if isinstance(key, ListValue | ObjectValue):
        raise Refused("an index is a list or an object")
    if not isinstance(key, Known):
        return first_unknown(value) or Call("index", (value, key), value.location)
    if is_null(key):
        raise Refused("an index is null")
    if isinstance(value, ListValue):
        if value.is_set:
            raise Refused("a set has no indexes")
        position = as_integer(key)
        if not 0 <= position < len(value.items):
            raise Refused(f"there is no element {position}")
        return value.items[position]
    if isinstance(value, ObjectValue):
        return get_attribute(value, str(text_of(key.value)), module)
    if isinstance(value, Reference):
        if isinstance(key.value, str) and not value.attribute:
            return get_attribute(value, key.value, module)
        written = f'["{key.value}"]' if isinstance(key.value, str) else f"[{text_of(key.value)}]"
        return Reference(value.address, value.attribute + written, value.location)
    if isinstance(value, Call):
        return Call("index", (value, key), value.location)
    raise Refused("a value without elements is indexed")


def _instance(value: Call, key: Value) -> Value:
    """One of instances that only apply can count: decided where the key runs over the same collection."""
    reference, existence = value.arguments
    if isinstance(key, Call) and key.function in ("each.key", "count.index") and key.arguments == (existence,):
        return reference
    return first_unknown(existence) or Unknown(
        f"which instances there are depends on {describe(existence)}", value.location
    )


def key_of(value: Value, node: Expression) -> str | Unknown:
    """The name that an object's key evaluates to."""
    if isinstance(value, Known):
        name = text_of(value.value)
        if name is None:
            raise Refused("a key is null")
        return name
    if isinstance(value, ListValue | ObjectValue):
        raise Refused("a key is no string")
    return first_unknown(value) or Unknown("a key is known only after apply", node.location)


def elements(value: Value, what: str) -> list[tuple[Value, Value]] | Unknown:
    """Key and value of each element, in Terraform's order.

    Raises:
        Refused: the value has no elements.
    """
    if isinstance(value, Unknown):
        return value
    if isinstance(value, ListValue):
        if value.is_set:
            return [(item, item) for item in value.items]
        return [(Known(position), item) for position, item in enumerate(value.items)]
    if isinstance(value, ObjectValue):
        return [(Known(name), item) for name, item in sorted(value.fields.items())]
    if isinstance(value, Known | Template):
        raise Refused(f"{what} needs a collection")
    return first_unknown(value) or Unknown(f"{what} goes over {describe(value)}, {what_decides(value)}", value.location)
