"""Two views of one value: what the source writes, and what the plan knows of it."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace
from typing import TypeGuard

from ...values import (
    Call,
    Known,
    ListValue,
    ObjectValue,
    Reference,
    Unknown,
    Value,
    is_known,
    walk,
)
from .values import AFTER_APPLY, has_secret

# Calls that the engine leaves because it cannot decide them, not because they say where a value comes from.
_PENDING = {"conditional", "instances", "splat", "index", "each.key", "each.value", "count.index", "try", "can"}


def is_decided(written: Value) -> bool:
    """Whether the source says what a value is or what it is made from."""
    return not any(isinstance(p, Unknown) or (isinstance(p, Call) and p.function in _PENDING) for p in walk(written))


def joined(written: Value, planned: Value, otherwise: Value, *, linked: Set[str]) -> Value:
    """The plan's value, but the source's where that is a text made from a resource or from the content of a file.

    A text that is known already does not show what it was made from. `otherwise` is taken where neither the source nor
    the plan decides it; `linked` are the addresses of the resources that a text may be made from.
    """
    if isinstance(written, ObjectValue) and isinstance(planned, ObjectValue):
        fields = {
            name: joined(item, _field(planned, name), _field(otherwise, name), linked=linked)
            for name, item in written.fields.items()
        }
        return replace(written, fields=fields)
    if _is_single(written) and _is_single(planned):
        other = otherwise.items[0] if _is_single(otherwise) else otherwise
        return replace(written, items=(joined(written.items[0], planned.items[0], other, linked=linked),))
    if has_secret(planned):
        return _placed(planned, written)
    decided = is_decided(written)
    if decided and _may_be_text(planned) and any(_is_link(part, linked) for part in walk(written)):
        return written
    if is_known(planned):
        return _placed(planned, written)
    return written if decided else _placed(otherwise, written)


def _field(value: Value, name: str) -> Value:
    return value.fields.get(name, Unknown(AFTER_APPLY)) if isinstance(value, ObjectValue) else value


def _is_single(value: Value) -> TypeGuard[ListValue]:
    return isinstance(value, ListValue) and len(value.items) == 1


def _may_be_text(value: Value) -> bool:
    return not isinstance(value, Known) or isinstance(value.value, str)


def _placed(value: Value, written: Value) -> Value:
    return value if value.location is not None else replace(value, location=written.location)


def _is_link(part: Value, linked: Set[str]) -> bool:
    return isinstance(part, Call) or (isinstance(part, Reference) and part.address in linked)
