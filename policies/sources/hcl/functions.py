"""Terraform's functions on values.

A function of something that is known only after apply stays a `Call`; one that is not in the tables is Unknown with its
name. Semantics: developer.hashicorp.com/terraform/language/functions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from ...values import (
    Call,
    Known,
    ListValue,
    Location,
    ObjectValue,
    Template,
    Unknown,
    Value,
    first_unknown,
    is_known,
    is_null,
    same,
    template,
    text_of,
)
from . import operators, scalar_functions
from .refused import Refused

if TYPE_CHECKING:
    from .expressions import Names

# Hashes of files stay symbolic: a convention wants to see of which path.
_KEPT = {
    "filebase64sha256",
    "filebase64sha512",
    "filemd5",
    "filesha1",
    "filesha256",
    "filesha512",
    "base64sha256",
    "base64sha512",
}


def call(name: str, arguments: Sequence[Value], module: Names, location: Location) -> Value:
    """The value of `name(arguments...)`.

    Raises:
        Refused: Terraform would stop with an error here.
    """
    name = name.removeprefix("core::")
    if name in _KEPT:
        return first_unknown(ListValue(tuple(arguments))) or Call(name, tuple(arguments), location)
    if name == "file":
        return _file(arguments, module, location)
    try:
        if name in _STRUCTURAL:
            result = _STRUCTURAL[name](*arguments)
            return result if result is not None else _symbolic(name, arguments, location)
        if name in scalar_functions.TABLE:
            if not all(is_known(argument) for argument in arguments):
                return _symbolic(name, arguments, location)
            plain = [to_plain(argument) for argument in arguments]
            return from_plain(scalar_functions.TABLE[name](*plain), location)
    except (TypeError, ValueError, AttributeError, KeyError, IndexError, ArithmeticError) as error:
        raise Refused(f"{name} does not accept these arguments ({error})") from None
    except NotImplementedError as error:
        return Unknown(f"{error} is not supported", location)
    return Unknown(f"the function {name} is not supported", location)


def _symbolic(name: str, arguments: Sequence[Value], location: Location) -> Value:
    return first_unknown(ListValue(tuple(arguments))) or Call(name, tuple(arguments), location)


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
    if isinstance(content, list | tuple):
        return ListValue(tuple(from_plain(item, location) for item in content), location=location)
    if isinstance(content, Mapping):
        return ObjectValue({str(name): from_plain(item, location) for name, item in content.items()}, location)
    if content is None or isinstance(content, str | bool):
        return Known(content, location)
    return Known(operators.normal(content), location)  # type: ignore[arg-type]


def _file(arguments: Sequence[Value], module: Names, location: Location) -> Value:
    (path,) = arguments
    if not isinstance(path, Known):
        return _symbolic("file", arguments, location)
    try:
        return Known(module.read_file(str(path.value)).decode(), location)
    except OSError as error:
        return Unknown(f"the file {path.value} cannot be read ({error.strerror or error})", location)
    except UnicodeDecodeError:
        raise Refused(f"{path.value} is not UTF-8") from None


def as_set(items: Sequence[Value]) -> ListValue:
    distinct: list[Value] = []
    for item in items:
        if item not in distinct:
            distinct.append(item)
    if all(isinstance(item, Known) for item in distinct):
        distinct.sort(key=lambda item: str(text_of(item.value)))  # type: ignore[union-attr]
    return ListValue(tuple(distinct), is_set=True)


def _items(value: Value) -> tuple[Value, ...] | None:
    if isinstance(value, ListValue):
        return value.items
    if is_null(value):
        raise Refused("a collection is null")
    if isinstance(value, Known | Template | ObjectValue):
        raise Refused("a list is needed")
    return None


def _fields(value: Value) -> Mapping[str, Value] | None:
    if isinstance(value, ObjectValue):
        return value.fields
    if isinstance(value, Known | Template | ListValue):
        raise Refused("a map is needed")
    return None


def _concat(*lists: Value) -> Value | None:
    parts = [_items(item) for item in lists]
    return None if None in parts else ListValue(tuple(item for part in parts for item in part or ()))


def _merge(*maps: Value) -> Value | None:
    merged: dict[str, Value] = {}
    for item in maps:
        if is_null(item):
            continue
        fields = _fields(item)
        if fields is None:
            return None
        merged.update(fields)
    return ObjectValue(merged)


def _flatten(value: Value) -> Value | None:
    items = _items(value)
    if items is None:
        return None
    flat: list[Value] = []
    for item in items:
        if isinstance(item, ListValue):
            inner = _flatten(item)
            flat.extend(inner.items if isinstance(inner, ListValue) else ())
        elif isinstance(item, Known | ObjectValue | Template):
            flat.append(item)
        else:
            return None
    return ListValue(tuple(flat))


def _length(value: Value) -> Value | None:
    if isinstance(value, ListValue):
        return Known(len(value.items))
    if isinstance(value, ObjectValue):
        return Known(len(value.fields))
    if isinstance(value, Known) and isinstance(value.value, str):
        return Known(len(value.value))
    if isinstance(value, Known):
        raise Refused("length needs a collection or a string")
    return None


def _lookup(source: Value, key: Value, *default: Value) -> Value | None:
    fields = _fields(source)
    if fields is None or not isinstance(key, Known):
        return None
    name = str(text_of(key.value))
    if name in fields:
        return fields[name]
    if not default:
        raise Refused(f"there is no element {name!r}")
    return default[0]


def _coalesce(*values: Value) -> Value | None:
    for value in values:
        if isinstance(value, Known):
            if value.value is not None and value.value != "":
                return value
        elif isinstance(value, Template) and any(isinstance(part, Known) and part.value for part in value.parts):
            return value
        elif isinstance(value, ListValue | ObjectValue):
            return value
        else:
            return None
    raise Refused("no argument of coalesce has a value")


def _element(source: Value, position: Value) -> Value | None:
    items = _items(source)
    if items is None or not isinstance(position, Known):
        return None
    if not items:
        raise Refused("element of an empty list")
    return items[operators.as_integer(position) % len(items)]


def _one(source: Value) -> Value | None:
    items = _items(source)
    if items is None:
        return None
    if len(items) > 1:
        raise Refused("one needs a list of at most one element")
    return items[0] if items else Known(None)


def _contains(source: Value, wanted: Value) -> Value | None:
    items = _items(source)
    if items is None:
        return None
    found = [same(item, wanted) for item in items]
    return Known(True) if True in found else None if None in found else Known(False)


def _keys(source: Value) -> Value | None:
    fields = _fields(source)
    return None if fields is None else ListValue(tuple(Known(name) for name in sorted(fields)))


def _values(source: Value) -> Value | None:
    fields = _fields(source)
    return None if fields is None else ListValue(tuple(item for _, item in sorted(fields.items())))


def _to_set(source: Value) -> Value | None:
    items = _items(source)
    return None if items is None else as_set(items)


def _to_list(source: Value) -> Value | None:
    items = _items(source)
    return None if items is None else ListValue(items)


def _compact(source: Value) -> Value | None:
    items = _items(source)
    if items is None or not all(isinstance(item, Known) for item in items):
        return None
    return ListValue(tuple(item for item in items if item not in (Known(None), Known(""))))


def _join(separator: Value, *lists: Value) -> Value | None:
    parts = [_items(item) for item in lists]
    if None in parts or not isinstance(separator, Known):
        return None
    pieces: list[Value] = []
    for item in (item for part in parts for item in part or ()):
        pieces.extend([separator, item] if pieces else [item])
    return template(pieces)


def _format(pattern: Value, *arguments: Value) -> Value | None:
    """Symbolic arguments stay parts of a template where the verb is %s or %v."""
    if not isinstance(pattern, Known):
        return None
    pieces: list[Value] = []
    waiting = list(arguments)
    for literal, verb in scalar_functions.format_verbs(str(pattern.value)):
        pieces.append(Known(literal))
        if not verb:
            continue
        if not waiting:
            raise Refused("format has too few arguments")
        argument = waiting.pop(0)
        if isinstance(argument, Known):
            pieces.append(Known(scalar_functions.format_one(verb, argument.value)))
        elif verb in ("%s", "%v") and not isinstance(argument, ListValue | ObjectValue):
            pieces.append(argument)
        else:
            return None
    if waiting:
        raise Refused("format has too many arguments")
    return template(pieces)


def _to_string(value: Value) -> Value | None:
    if isinstance(value, Known):
        return Known(text_of(value.value), value.location)
    return value if isinstance(value, Template) else None


def _zipmap(names: Value, values: Value) -> Value | None:
    keys, items = _items(names), _items(values)
    if keys is None or items is None or not all(isinstance(key, Known) for key in keys):
        return None
    if len(keys) != len(items):
        raise Refused("zipmap needs as many keys as values")
    return ObjectValue({str(text_of(key.value)): item for key, item in zip(keys, items, strict=True)})  # type: ignore[union-attr]


def _same_value(value: Value) -> Value:
    return value


_STRUCTURAL: Mapping[str, Callable[..., Value | None]] = {
    "coalesce": _coalesce,
    "compact": _compact,
    "concat": _concat,
    "contains": _contains,
    "element": _element,
    "flatten": _flatten,
    "format": _format,
    "join": _join,
    "keys": _keys,
    "length": _length,
    "lookup": _lookup,
    "merge": _merge,
    "nonsensitive": _same_value,
    "one": _one,
    "sensitive": _same_value,
    "tolist": _to_list,
    "tomap": _same_value,
    "toset": _to_set,
    "tostring": _to_string,
    "values": _values,
    "zipmap": _zipmap,
}
