"""How a function is declared: the types of its arguments, and whether it works on Python's own values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ....values import Known, ListValue, Location, ObjectValue, Value
from ..types import ANY, Type


@dataclass(frozen=True, slots=True)
class Signature:
    """One function.

    A plain body takes and returns Python's values, and is called only where all arguments are known; its `result` says
    what a list that it returns is. Another takes and returns `Value`s, and returns None to stay symbolic. ValueError
    from a body means that Terraform refuses the arguments.
    """

    body: Callable[..., Any]
    parameters: tuple[Type, ...]
    rest: Type | None = None
    optional: int = 0
    nulls: bool = False
    plain: bool = True
    result: Type = ANY


def on_values(
    body: Callable[..., Value | None],
    *parameters: Type,
    rest: Type | None = None,
    optional: int = 0,
    nulls: bool = False,
) -> Signature:
    """A function that copes with symbolic values among its arguments."""
    return Signature(body, parameters, rest, optional, nulls, plain=False)


def to_plain(value: Value) -> object:
    """A known value as Python's own: str, int, Decimal, bool, None, list, dict. Sets become sorted lists."""
    if isinstance(value, Known):
        return value.value
    if isinstance(value, ListValue):
        return [to_plain(item) for item in value.items]
    if isinstance(value, ObjectValue):
        return {name: to_plain(item) for name, item in value.fields.items()}
    raise TypeError("not known before apply")


def from_plain(content: object, location: Location | None = None) -> Value:
    """Python's value as a tuple, an object or a scalar."""
    if isinstance(content, list | tuple):
        return ListValue(tuple(from_plain(item, location) for item in content), location=location)
    if isinstance(content, Mapping):
        return ObjectValue({str(name): from_plain(item, location) for name, item in content.items()}, location)
    if content is None or isinstance(content, str | bool | int | Decimal):
        return Known(content, location)
    raise TypeError(f"{type(content).__name__} is no value")
