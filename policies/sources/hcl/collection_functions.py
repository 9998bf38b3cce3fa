"""Functions of collections, and the conversions. All take and return `Value`s; None stays symbolic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

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
from . import operators
from .refused import Refused, Undecided
from .signatures import Signature, on_values
from .text_functions import graphemes
from .types import (
    ANY,
    BOOL,
    NOTHING,
    NUMBER,
    STRING,
    Collection,
    TupleType,
    Type,
    as_integer,
    as_set,
    convert,
    has_any,
    list_of,
    map_of,
    set_of,
    type_of,
    unify,
)

MAX_PRODUCT = 20_000


def _items(value: Value) -> tuple[Value, ...] | None:
    """The elements; None where only apply knows them."""
    if isinstance(value, ListValue):
        return value.items
    if is_null(value):
        raise Refused("a collection is null")
    if isinstance(value, Known | Template | ObjectValue):
        raise Refused("a list is needed")
    return None


def _sequence(value: Value) -> tuple[Value, ...] | None:
    if isinstance(value, ListValue) and value.is_set:
        raise Refused("a list is needed, not a set")
    return _items(value)


def _fields(value: Value) -> Mapping[str, Value] | None:
    if isinstance(value, ObjectValue):
        return value.fields
    if isinstance(value, Known | Template | ListValue):
        raise Refused("a map is needed")
    return None


def _like(source: Value, items: Sequence[Value]) -> ListValue:
    """A list of the source's type, or a tuple where it is one."""
    return ListValue(tuple(items), of=source.of if isinstance(source, ListValue) else None)


def _is_list(value: Value) -> bool:
    return isinstance(value, ListValue) and value.of is not None and not value.is_set


def _chunklist(source: Value, size: Value) -> Value | None:
    items = _items(source)
    if items is None or not isinstance(size, Known) or not isinstance(source, ListValue):
        return None
    width = as_integer(size)
    if width < 0:
        raise Refused("the size of a chunk is negative")
    chunks = [items[i : i + width] for i in range(0, len(items), width)] if width else [items]
    element = list_of(source.of)  # type: ignore[arg-type]
    return ListValue(tuple(ListValue(chunk, of=source.of) for chunk in chunks if chunk), of=element)


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


def _coalescelist(*values: Value) -> Value | None:
    for value in values:
        items = _sequence(value)
        if items is None:
            return None
        if items:
            return value
    raise Refused("no argument of coalescelist has elements")


def _compact(source: Value) -> Value | None:
    items = _items(source)
    if items is None or not all(isinstance(item, Known | Template) for item in items):
        return None
    return ListValue(tuple(item for item in items if item not in (Known(None), Known(""))), of=STRING)


def _concat(*lists: Value) -> Value | None:
    parts = [_sequence(item) for item in lists]
    if None in parts:
        return None
    items = tuple(item for part in parts for item in part or ())
    if all(_is_list(item) for item in lists):
        common = unify([type_of(item) for item in lists])
        if common is not None:
            return convert(ListValue(items), common)
    return ListValue(items)


def _contains(source: Value, wanted: Value) -> Value | None:
    items = _items(source)
    if items is None:
        return None
    found = [operators.equals(item, wanted) for item in items]
    return Known(True) if True in found else None if None in found else Known(False)


def _distinct(source: Value) -> Value | None:
    items = _items(source)
    if items is None or not is_known(source):
        return None
    return _like(source, list(dict.fromkeys(items)))


def _element(source: Value, position: Value) -> Value | None:
    items = _sequence(source)
    if items is None or not isinstance(position, Known):
        return None
    index = as_integer(position)
    if not items:
        raise Refused("element of an empty list")
    return items[index % len(items)]


def _flatten(source: Value) -> Value | None:
    items = _items(source)
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
    items = _sequence(source)
    if items is None or not is_known(source) or not is_known(wanted):
        return None
    for position, item in enumerate(items):
        if operators.equals(item, wanted):
            return Known(position)
    raise Refused("index finds no such element")


def _keys(source: Value) -> Value | None:
    fields = _fields(source)
    if fields is None or not isinstance(source, ObjectValue):
        return None
    names = tuple(Known(name) for name in sorted(fields))
    return ListValue(names, of=STRING if source.of is not None else None)


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


def _lookup(source: Value, key: Value, *default: Value) -> Value | None:
    fields = _fields(source)
    if fields is None or not isinstance(key, Known) or not isinstance(source, ObjectValue):
        return None
    fallback = default[0] if default else None
    if source.of is not None and fallback is not None:
        fallback = convert(fallback, source.of)  # type: ignore[arg-type]
    if is_null(key):
        raise Refused("a key is null")
    name = str(text_of(key.value))
    if name in fields:
        return fields[name]
    if fallback is None:
        raise Refused(f"there is no element {name!r}")
    return fallback


def _matchkeys(values: Value, keys: Value, wanted: Value) -> Value | None:
    items, names, searched = _items(values), _items(keys), _items(wanted)
    if items is None or names is None or searched is None or not is_known(keys) or not is_known(wanted):
        return None
    if len(items) != len(names):
        raise Refused("matchkeys needs as many keys as values")
    if names and searched and unify([type_of(keys), type_of(wanted)]) is None:
        raise Refused("the keys have no type in common")
    return _like(values, [item for item, name in zip(items, names, strict=True) if name in searched])


def _merge(*maps: Value) -> Value | None:
    merged: dict[str, Value] = {}
    if any(type_of(item) == NOTHING for item in maps) and any(isinstance(item, ListValue) for item in maps):
        raise Undecided("merge of a null and a list")
    for item in maps:
        if is_null(item):
            continue
        fields = _fields(item)
        if fields is None:
            return None
        merged.update(fields)
    types = {type_of(item) for item in maps}
    kind = next(iter(types)) if len(types) == 1 else None
    return ObjectValue(merged, of=kind.element if isinstance(kind, Collection) else None)


def _one(source: Value) -> Value | None:
    items = _items(source)
    if items is None:
        return None
    if len(items) > 1:
        raise Refused("one needs a list of at most one element")
    return items[0] if items else Known(None)


def _reverse(source: Value) -> Value | None:
    items = _items(source)
    if items is None or not isinstance(source, ListValue):
        return None
    of: Type | None = source.of  # type: ignore[assignment]
    return ListValue(tuple(reversed(items)), of=of)


def _setproduct(*sets: Value) -> Value | None:
    parts = [_items(item) for item in sets]
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
        if any(is_null(part) for part in _items(item) or ()):
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
    parts = [_items(item) for item in sets]
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


def _slice(source: Value, start: Value, end: Value) -> Value | None:
    items = _sequence(source)
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


def _to(kind: Type) -> Signature:
    def body(value: Value) -> Value | None:
        if isinstance(value, Unknown):
            return value
        return None if isinstance(value, Reference | Call) else convert(value, kind)

    return on_values(body, ANY, nulls=True)


def _transpose(source: Value) -> Value | None:
    if not isinstance(source, ObjectValue) or not is_known(source):
        return None
    turned: dict[str, list[Value]] = {}
    for name, names in sorted(source.fields.items()):
        for item in _items(names) or ():
            if is_null(item):
                raise Refused("transpose of null")
            turned.setdefault(str(item.value), []).append(Known(name))  # type: ignore[union-attr]
    fields = {name: ListValue(tuple(turned[name]), of=STRING) for name in sorted(turned)}
    return ObjectValue(fields, of=list_of(STRING))


def _values(source: Value) -> Value | None:
    fields = _fields(source)
    if fields is None or not isinstance(source, ObjectValue):
        return None
    return ListValue(tuple(item for _, item in sorted(fields.items())), of=source.of)


def _zipmap(names: Value, values: Value) -> Value | None:
    keys, items = _items(names), _sequence(values)
    if keys is None or items is None or not all(isinstance(key, Known) for key in keys):
        return None
    if any(is_null(key) for key in keys):
        raise Refused("a key is null")
    if len(keys) != len(items):
        raise Refused("zipmap needs as many keys as values")
    fields = {str(text_of(key.value)): item for key, item in zip(keys, items, strict=True)}  # type: ignore[union-attr]
    return ObjectValue(fields, of=values.of if isinstance(values, ListValue) else None)


def _same_value(value: Value) -> Value:
    return value


_LIST = list_of(ANY)
TABLE: Mapping[str, Signature] = {
    "chunklist": on_values(_chunklist, _LIST, NUMBER),
    "coalesce": on_values(_coalesce, ANY, rest=ANY, nulls=True),
    "coalescelist": on_values(_coalescelist, ANY, rest=ANY),
    "compact": on_values(_compact, list_of(STRING)),
    "concat": on_values(_concat, rest=ANY),
    "contains": on_values(_contains, ANY, ANY),
    "distinct": on_values(_distinct, _LIST),
    "element": on_values(_element, ANY, NUMBER),
    "flatten": on_values(_flatten, ANY),
    "index": on_values(_index, ANY, ANY),
    "keys": on_values(_keys, ANY),
    "length": on_values(_length, ANY),
    "lookup": on_values(_lookup, ANY, STRING, ANY, optional=1, nulls=True),
    "matchkeys": on_values(_matchkeys, _LIST, _LIST, _LIST),
    "merge": on_values(_merge, rest=ANY, nulls=True),
    "nonsensitive": on_values(_same_value, ANY, nulls=True),
    "one": on_values(_one, ANY),
    "reverse": on_values(_reverse, ANY),
    "sensitive": on_values(_same_value, ANY, nulls=True),
    "setintersection": on_values(lambda *sets: _set_operation("setintersection", *sets), set_of(ANY), rest=set_of(ANY)),
    "setproduct": on_values(_setproduct, ANY, rest=ANY),
    "setsubtract": on_values(lambda *sets: _set_operation("setsubtract", *sets), set_of(ANY), set_of(ANY)),
    "setunion": on_values(lambda *sets: _set_operation("setunion", *sets), set_of(ANY), rest=set_of(ANY)),
    "slice": on_values(_slice, ANY, NUMBER, NUMBER),
    "sort": on_values(_sort, list_of(STRING)),
    "tobool": _to(BOOL),
    "tolist": _to(_LIST),
    "tomap": _to(map_of(ANY)),
    "tonumber": _to(NUMBER),
    "toset": _to(set_of(ANY)),
    "tostring": _to(STRING),
    "transpose": on_values(_transpose, map_of(list_of(STRING))),
    "values": on_values(_values, ANY),
    "zipmap": on_values(_zipmap, list_of(STRING), ANY),
}
