"""Functions of lists, tuples and sets as sequences. All take and return `Value`s; None stays symbolic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ....values import Known, ListValue, ObjectValue, Template, Value, is_known, is_null
from .. import operators
from ..conversion import as_integer, convert
from ..refused import Refused
from ..types import ANY, NUMBER, STRING, Type, list_of, type_of, unify
from .arguments import items_of, sequence_of
from .graphemes import graphemes
from .signatures import Signature, on_values


def _like(source: Value, items: Sequence[Value]) -> ListValue:
    """A list of the source's type, or a tuple where it is one."""
    return ListValue(tuple(items), of=source.of if isinstance(source, ListValue) else None)


def _is_list(value: Value) -> bool:
    return isinstance(value, ListValue) and value.of is not None and not value.is_set


def _chunklist(source: Value, size: Value) -> Value | None:
    items = items_of(source)
    if items is None or not isinstance(size, Known) or not isinstance(source, ListValue):
        return None
    width = as_integer(size)
    if width < 0:
        raise Refused("the size of a chunk is negative")
    chunks = [items[i : i + width] for i in range(0, len(items), width)] if width else [items]
    element = list_of(source.of)  # type: ignore[arg-type]
    return ListValue(tuple(ListValue(chunk, of=source.of) for chunk in chunks if chunk), of=element)


def _coalescelist(*values: Value) -> Value | None:
    for value in values:
        items = sequence_of(value)
        if items is None:
            return None
        if items:
            return value
    raise Refused("no argument of coalescelist has elements")


def _compact(source: Value) -> Value | None:
    items = items_of(source)
    if items is None or not all(isinstance(item, Known | Template) for item in items):
        return None
    return ListValue(tuple(item for item in items if item not in (Known(None), Known(""))), of=STRING)


def _concat(*lists: Value) -> Value | None:
    parts = [sequence_of(item) for item in lists]
    if None in parts:
        return None
    items = tuple(item for part in parts for item in part or ())
    if all(_is_list(item) for item in lists):
        common = unify([type_of(item) for item in lists])
        if common is not None:
            return convert(ListValue(items), common)
    return ListValue(items)


def _contains(source: Value, wanted: Value) -> Value | None:
    items = items_of(source)
    if items is None:
        return None
    found = [operators.equals(item, wanted) for item in items]
    return Known(True) if True in found else None if None in found else Known(False)


def _distinct(source: Value) -> Value | None:
    items = items_of(source)
    if items is None or not is_known(source):
        return None
    return _like(source, list(dict.fromkeys(items)))


def _element(source: Value, position: Value) -> Value | None:
    items = sequence_of(source)
    if items is None or not isinstance(position, Known):
        return None
    index = as_integer(position)
    if not items:
        raise Refused("element of an empty list")
    return items[index % len(items)]


def _flatten(source: Value) -> Value | None:
    items = items_of(source)
    if items is None:
        return None
    flat: list[Value] = []
    for item in items:
        if isinstance(item, ListValue):
            inner = _flatten(item)
            if not isinstance(inner, ListValue):
                return None
            flat.extend(inner.items)
        elif isinstance(item, Known | ObjectValue | Template):
            flat.append(item)
        else:
            return None
    return ListValue(tuple(flat))


def _index(source: Value, wanted: Value) -> Value | None:
    items = sequence_of(source)
    if items is None or not is_known(source) or not is_known(wanted):
        return None
    for position, item in enumerate(items):
        if operators.equals(item, wanted):
            return Known(position)
    raise Refused("index finds no such element")


def _length(value: Value) -> Value | None:
    if isinstance(value, ListValue):
        return Known(len(value.items))
    if isinstance(value, ObjectValue):
        return Known(len(value.fields))
    if isinstance(value, Known) and isinstance(value.value, str):
        return Known(len(graphemes(value.value)))
    if isinstance(value, Known):
        raise Refused("length needs a collection or a string")
    return None


def _matchkeys(values: Value, keys: Value, wanted: Value) -> Value | None:
    items, names, searched = items_of(values), items_of(keys), items_of(wanted)
    if items is None or names is None or searched is None or not is_known(keys) or not is_known(wanted):
        return None
    if len(items) != len(names):
        raise Refused("matchkeys needs as many keys as values")
    if names and searched and unify([type_of(keys), type_of(wanted)]) is None:
        raise Refused("the keys have no type in common")
    return _like(values, [item for item, name in zip(items, names, strict=True) if name in searched])


def _one(source: Value) -> Value | None:
    items = items_of(source)
    if items is None:
        return None
    if len(items) > 1:
        raise Refused("one needs a list of at most one element")
    return items[0] if items else Known(None)


def _reverse(source: Value) -> Value | None:
    items = items_of(source)
    if items is None or not isinstance(source, ListValue):
        return None
    of: Type | None = source.of  # type: ignore[assignment]
    return ListValue(tuple(reversed(items)), of=of)


def _slice(source: Value, start: Value, end: Value) -> Value | None:
    items = sequence_of(source)
    if items is None or not isinstance(start, Known) or not isinstance(end, Known):
        return None
    first, last = as_integer(start), as_integer(end)
    if not 0 <= first <= last <= len(items):
        raise Refused("slice is out of range")
    return _like(source, items[first:last])


def _sort(source: Value) -> Value | None:
    if not isinstance(source, ListValue) or not is_known(source):
        return None
    if any(is_null(item) for item in source.items):
        raise Refused("sort of null")
    return ListValue(tuple(sorted(source.items, key=lambda item: str(item.value))), of=STRING)  # type: ignore[union-attr]


_LIST = list_of(ANY)


TABLE: Mapping[str, Signature] = {
    "chunklist": on_values(_chunklist, _LIST, NUMBER),
    "coalescelist": on_values(_coalescelist, ANY, rest=ANY),
    "compact": on_values(_compact, list_of(STRING)),
    "concat": on_values(_concat, rest=ANY),
    "contains": on_values(_contains, ANY, ANY),
    "distinct": on_values(_distinct, _LIST),
    "element": on_values(_element, ANY, NUMBER),
    "flatten": on_values(_flatten, ANY),
    "index": on_values(_index, ANY, ANY),
    "length": on_values(_length, ANY),
    "matchkeys": on_values(_matchkeys, _LIST, _LIST, _LIST),
    "one": on_values(_one, ANY),
    "reverse": on_values(_reverse, ANY),
    "slice": on_values(_slice, ANY, NUMBER, NUMBER),
    "sort": on_values(_sort, list_of(STRING)),
}
