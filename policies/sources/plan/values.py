"""A plan's values: known, known only after apply, or sensitive and therefore not looked at."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Protocol

from ...values import NULL, Known, ListValue, ObjectValue, Unknown, Value, walk
from .reading import Change

AFTER_APPLY = "it is known only after apply"
SENSITIVE = "it is sensitive, and so is not looked at"


class Links(Protocol):
    """What the plan's configuration tells of a value in one module. `expression` is what stands for the attribute."""

    def unknown(self, attribute: str, expression: Any) -> Value: ...

    def known(self, attribute: str, text: str, expression: Any) -> Value: ...


class _Unlinked:
    def unknown(self, attribute: str, expression: Any) -> Value:
        return Unknown(AFTER_APPLY)

    def known(self, attribute: str, text: str, expression: Any) -> Value:
        return Known(text)


UNLINKED: Links = _Unlinked()


def planned(
    change: Change, *, attribute: str = "", expression: Any = None, links: Links = UNLINKED, keep_empty: bool = False
) -> Value:
    """The value that is planned. A sensitive part is an `Unknown`, so that nothing can print it.

    An empty list is null, as an absent block is, unless `keep_empty`.
    """
    if change.sensitive is True:
        return Unknown(SENSITIVE)
    if change.unknown is True:
        return links.unknown(attribute, expression)
    parts = dict(_parts(change))
    if isinstance(change.after, dict) or (change.after is None and isinstance(change.unknown, dict)):
        inner = {
            name: planned(
                part,
                attribute=str(name) if _is_block(expression) else "",
                expression=expression.get(name) if _is_block(expression) else expression,
                links=links,
                keep_empty=keep_empty,
            )
            for name, part in parts.items()
        }
        return ObjectValue({str(name): value for name, value in inner.items()})
    if isinstance(change.after, list) or (change.after is None and isinstance(change.unknown, list)):
        if not parts and not keep_empty:
            return NULL
        blocks = isinstance(expression, list)
        # Blocks of a set stand in another order in the plan than in the configuration.
        written = (expression[0] if len(expression) == len(parts) == 1 else None) if blocks else expression
        items = (
            planned(part, attribute=attribute, expression=written, links=links, keep_empty=keep_empty)
            for part in parts.values()
        )
        return ListValue(tuple(items))
    if isinstance(change.after, str):
        return links.known(attribute, change.after, expression)
    if change.after is None or isinstance(change.after, bool | int | Decimal):
        return Known(change.after)
    raise TypeError(f"{type(change.after).__name__} is no value")


def _parts(change: Change) -> Iterator[tuple[Any, Change]]:
    """The members of an object or a list, whichever of the three knows them."""
    all_three = (change.after, change.unknown, change.sensitive)
    if any(isinstance(one, dict) for one in all_three[:2]):
        names = dict.fromkeys(name for one in all_three if isinstance(one, dict) for name in one)
        for name in names:
            yield name, Change(*(one.get(name) if isinstance(one, dict) else None for one in all_three))
    elif any(isinstance(one, list) for one in all_three[:2]):
        for index in range(max(len(one) for one in all_three if isinstance(one, list))):
            yield index, Change(*(_item(one, index) for one in all_three))


def _item(items: Any, index: int) -> Any:
    return items[index] if isinstance(items, list) and index < len(items) else None


def _is_block(expression: Any) -> bool:
    """Whether it stands for a nested block: an expression has only what it refers to, or its constant value."""
    return isinstance(expression, dict) and not expression.keys() <= {"references", "constant_value"}


def has_secret(value: Value) -> bool:
    """Whether a part of it is sensitive."""
    return any(isinstance(part, Unknown) and part.reason == SENSITIVE for part in walk(value))
