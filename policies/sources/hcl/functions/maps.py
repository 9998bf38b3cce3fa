"""Functions of maps and objects. All take and return `Value`s; None stays symbolic."""

from __future__ import annotations

from collections.abc import Mapping

from ....values import Known, ListValue, ObjectValue, Value, is_known, is_null, text_of
from ..conversion import convert
from ..refused import Refused, Undecided
from ..types import ANY, NOTHING, STRING, Collection, list_of, map_of, type_of
from .arguments import fields_of, items_of, sequence_of
from .signatures import Signature, on_values


def _keys(source: Value) -> Value | None:
    fields = fields_of(source)
    if fields is None or not isinstance(source, ObjectValue):
        return None
    names = tuple(Known(name) for name in sorted(fields))
    return ListValue(names, of=STRING if source.of is not None else None)


def _lookup(source: Value, key: Value, *default: Value) -> Value | None:
    fields = fields_of(source)
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


def _merge(*maps: Value) -> Value | None:
    merged: dict[str, Value] = {}
    if any(type_of(item) == NOTHING for item in maps) and any(isinstance(item, ListValue) for item in maps):
        raise Undecided("merge of a null and a list")
    for item in maps:
        if is_null(item):
            continue
        fields = fields_of(item)
        if fields is None:
            return None
        merged.update(fields)
    types = {type_of(item) for item in maps}
    kind = next(iter(types)) if len(types) == 1 else None
    return ObjectValue(merged, of=kind.element if isinstance(kind, Collection) else None)


def _transpose(source: Value) -> Value | None:
    if not isinstance(source, ObjectValue) or not is_known(source):
        return None
    turned: dict[str, list[Value]] = {}
    for name, names in sorted(source.fields.items()):
        for item in items_of(names) or ():
            if is_null(item):
                raise Refused("transpose of null")
            turned.setdefault(str(item.value), []).append(Known(name))  # type: ignore[union-attr]
    fields = {name: ListValue(tuple(turned[name]), of=STRING) for name in sorted(turned)}
    return ObjectValue(fields, of=list_of(STRING))


def _values(source: Value) -> Value | None:
    fields = fields_of(source)
    if fields is None or not isinstance(source, ObjectValue):
        return None
    return ListValue(tuple(item for _, item in sorted(fields.items())), of=source.of)


def _zipmap(names: Value, values: Value) -> Value | None:
    keys, items = items_of(names), sequence_of(values)
    if keys is None or items is None or not all(isinstance(key, Known) for key in keys):
        return None
    if any(is_null(key) for key in keys):
        raise Refused("a key is null")
    if len(keys) != len(items):
        raise Refused("zipmap needs as many keys as values")
    fields = {str(text_of(key.value)): item for key, item in zip(keys, items, strict=True)}  # type: ignore[union-attr]
    return ObjectValue(fields, of=values.of if isinstance(values, ListValue) else None)


TABLE: Mapping[str, Signature] = {
    "keys": on_values(_keys, ANY),
    "lookup": on_values(_lookup, ANY, STRING, ANY, optional=1, nulls=True),
    "merge": on_values(_merge, rest=ANY, nulls=True),
    "transpose": on_values(_transpose, map_of(list_of(STRING))),
    "values": on_values(_values, ANY),
    "zipmap": on_values(_zipmap, list_of(STRING), ANY),
}
