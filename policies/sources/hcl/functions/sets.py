"""Functions of sets. All take and return `Value`s; None stays symbolic."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

from ....values import ListValue, Value, is_known, is_null
from ..conversion import as_set, convert
from ..refused import Refused, Undecided
from ..types import ANY, NOTHING, Collection, TupleType, set_of, type_of, unify
from .arguments import items_of
from .signatures import Signature, on_values

MAX_PRODUCT = 20_000


def _setproduct(*sets: Value) -> Value | None:
    parts = [items_of(item) for item in sets]
    if None in parts or (any(getattr(item, "is_set", False) for item in sets) and not all(map(is_known, sets))):
        return None
    total = 1
    for part in parts:
        total *= len(part or ())
    if total * len(parts) > MAX_PRODUCT:
        raise Undecided(f"a product of more than {MAX_PRODUCT:,} elements")
    kinds = []
    for item in sets:
        kind = type_of(item)
        element = unify(kind.elements) if not isinstance(kind, Collection | str) and hasattr(kind, "elements") else None
        element = kind.element if isinstance(kind, Collection) else element
        if element is None:
            raise Refused("the elements have no type in common")
        if any(is_null(part) for part in items_of(item) or ()):
            raise Undecided("a product of nulls")
        kinds.append(element)
    rows = [
        ListValue(tuple(convert(item, kind) for item, kind in zip(row, kinds, strict=True)))
        for row in product(*(part or () for part in parts))
    ]
    element_type = TupleType(tuple(kinds))
    if any(isinstance(item, ListValue) and item.is_set for item in sets):
        return as_set(rows, element_type)
    return ListValue(tuple(rows), of=element_type)


def _set_operation(name: str, *sets: Value) -> Value | None:
    parts = [items_of(item) for item in sets]
    if None in parts or not all(map(is_known, sets)):
        return None
    types = [type_of(item) for item, part in zip(sets, parts, strict=True) if part or type_of(item) != set_of(NOTHING)]
    common = unify(types) if types else set_of(NOTHING)
    if not isinstance(common, Collection):
        raise Refused("the sets have no type in common")
    converted = [convert(item, common) for item in sets]
    items = [list(item.items) for item in converted if isinstance(item, ListValue)]
    if name == "setunion":
        kept = [item for part in items for item in part]
    elif name == "setintersection":
        kept = [item for item in items[0] if all(item in part for part in items[1:])]
    else:
        kept = [item for item in items[0] if item not in items[1]]
    return as_set(kept, common.element)


TABLE: Mapping[str, Signature] = {
    "setintersection": on_values(lambda *sets: _set_operation("setintersection", *sets), set_of(ANY), rest=set_of(ANY)),
    "setproduct": on_values(_setproduct, ANY, rest=ANY),
    "setsubtract": on_values(lambda *sets: _set_operation("setsubtract", *sets), set_of(ANY), set_of(ANY)),
    "setunion": on_values(lambda *sets: _set_operation("setunion", *sets), set_of(ANY), rest=set_of(ANY)),
}
