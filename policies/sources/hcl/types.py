"""Terraform's types: of a value, in common between several, which converts to which.

Semantics: github.com/zclconf/go-cty/blob/main/docs/convert.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from ...values import Known, ListValue, ObjectValue, Template, Value
from .refused import Undecided

STRING, NUMBER, BOOL, ANY = "string", "number", "bool", "any"
NOTHING = "null"
"""Terraform's type of a null that nothing has converted, and of the elements of an empty list."""


@dataclass(frozen=True, slots=True)
class Collection:
    """`list(element)`, `set(element)` or `map(element)`, by `kind`."""

    kind: str
    element: Type


@dataclass(frozen=True, slots=True)
class TupleType:
    elements: tuple[Type, ...]


@dataclass(frozen=True, slots=True)
class ObjectType:
    """`attributes` are sorted by name. `optional` and `defaults` are for what is converted to it."""

    attributes: tuple[tuple[str, Type], ...]
    optional: frozenset[str] = field(default=frozenset(), compare=False)
    defaults: tuple[tuple[str, Value], ...] = field(default=(), compare=False)


Type: TypeAlias = "str | Collection | TupleType | ObjectType"


def list_of(element: Type) -> Collection:
    return Collection("list", element)


def set_of(element: Type) -> Collection:
    return Collection("set", element)


def map_of(element: Type) -> Collection:
    return Collection("map", element)


def type_of(value: Value) -> Type:
    """A value's type; `any` for a null without a type and for what only apply decides."""
    if isinstance(value, Known):
        content = value.value
        if content is None:
            return value.null_of or NOTHING  # type: ignore[return-value]
        return BOOL if isinstance(content, bool) else STRING if isinstance(content, str) else NUMBER
    if isinstance(value, ListValue):
        if value.of is not None:
            return Collection("set" if value.is_set else "list", value.of)  # type: ignore[arg-type]
        types = tuple(type_of(item) for item in value.items)
        return set_of(unify(types) or NOTHING) if value.is_set else TupleType(types)
    if isinstance(value, ObjectValue):
        if value.of is not None:
            return map_of(value.of)  # type: ignore[arg-type]
        return ObjectType(tuple((name, type_of(item)) for name, item in sorted(value.fields.items())))
    return STRING if isinstance(value, Template) else ANY


def describe_type(wanted: Type) -> str:
    if isinstance(wanted, Collection):
        return f"a {wanted.kind}"
    if isinstance(wanted, TupleType):
        return f"a tuple of {len(wanted.elements)}"
    return "an object" if isinstance(wanted, ObjectType) else f"a {wanted}"


def unify(types: Sequence[Type]) -> Type | None:
    """The type that values of all these types convert to; None if there is none.

    What is known only after apply has the type `any` and asks for nothing.

    Raises:
        Undecided: it depends on what only apply knows.
    """
    decided = list(dict.fromkeys(kind for kind in types if kind not in (ANY, NOTHING)))
    if not decided:
        return ANY if ANY in types else NOTHING
    kinds = {_kind(kind) for kind in decided}
    if NOTHING in types:
        if len(kinds) == 1 and kinds != {"scalar"}:
            return NOTHING
        found = _unify(decided, kinds)
        if found is None and not {"object", "tuple"} <= kinds:
            raise Undecided("the common type of values of which one is null")
        return found
    if len(decided) == 1:
        return decided[0]
    found = _unify(decided, kinds)
    if found is None and ANY in types and not {"object", "tuple"} <= kinds:
        raise Undecided("the common type of values of which one is known only after apply")
    return found


def _unify(decided: list[Type], kinds: set[str]) -> Type | None:
    if len(kinds) == 1 and (kind := next(iter(kinds))) in ("list", "set", "map"):
        element = unify([item.element for item in decided])  # type: ignore[union-attr]
        return None if element is None else Collection(kind, element)
    for collection, structure in (("map", "object"), ("list", "tuple")):
        if kinds == {collection, structure} and (common := _as_one_collection(collection, decided)) is not None:
            return common
    if kinds == {"set", "tuple"} and set_of(NOTHING) in decided:
        return _as_one_collection("set", decided)
    if kinds == {"object"}:
        return _unify_objects(decided)  # type: ignore[arg-type]
    if kinds == {"tuple"}:
        return _unify_tuples(decided)  # type: ignore[arg-type]
    if {"object", "tuple"} <= kinds:
        return None
    # A string is what numbers and bools become; a list is preferred to a set.
    for wanted in sorted(decided, key=lambda kind: 0 if kind == STRING else 2 if _kind(kind) == "set" else 1):
        if all(convertible(kind, wanted) for kind in decided):
            return wanted
    return None


def _kind(kind: Type) -> str:
    if isinstance(kind, Collection):
        return kind.kind
    return "tuple" if isinstance(kind, TupleType) else "object" if isinstance(kind, ObjectType) else "scalar"


def parts(kind: Type) -> list[Type]:
    """The types that a type is made of."""
    if isinstance(kind, Collection):
        return [kind.element]
    if isinstance(kind, TupleType):
        return list(kind.elements)
    return [item for _, item in kind.attributes] if isinstance(kind, ObjectType) else []


def _as_one_collection(kind: str, types: Sequence[Type]) -> Type | None:
    try:
        element = unify([part for item in types for part in parts(item)])
    except Undecided:
        if any(unify(parts(item)) is None for item in types):
            return None
        raise
    return None if element is None else Collection(kind, element)


def _unify_objects(types: Sequence[ObjectType]) -> Type | None:
    names = [tuple(name for name, _ in item.attributes) for item in types]
    if len(set(names)) == 1:
        unified = [unify([item.attributes[i][1] for item in types]) for i in range(len(names[0]))]
        if None not in unified:
            return ObjectType(tuple(zip(names[0], unified, strict=True)))  # type: ignore[arg-type]
    return _as_one_collection("map", types)


def _unify_tuples(types: Sequence[TupleType]) -> Type | None:
    if len({len(item.elements) for item in types}) == 1:
        unified = [unify(column) for column in zip(*(item.elements for item in types), strict=True)]
        if None not in unified:
            return TupleType(tuple(unified))  # type: ignore[arg-type]
    return _as_one_collection("list", types)


def has_any(kind: Type) -> bool:
    """Whether some of it is undecided, or the type of a null."""
    return kind in (ANY, NOTHING) or any(has_any(part) for part in parts(kind))


def convertible(source: Type, wanted: Type) -> bool:
    """Whether some value of the one type converts to the other."""
    if source == wanted or {source, wanted} & {ANY, NOTHING}:
        return True
    if isinstance(source, str) or isinstance(wanted, str):
        return STRING in (source, wanted) and isinstance(source, str) and isinstance(wanted, str)
    if isinstance(wanted, Collection):
        sources = {"list": ("list", "set", "tuple"), "set": ("list", "set", "tuple"), "map": ("map", "object")}
        if _kind(source) not in sources[wanted.kind]:
            return False
        if wanted.element in (ANY, NOTHING):
            return unify(parts(source)) is not None
        return all(convertible(part, wanted.element) for part in parts(source))
    if isinstance(wanted, TupleType):
        return (
            isinstance(source, TupleType)
            and len(source.elements) == len(wanted.elements)
            and all(convertible(*pair) for pair in zip(source.elements, wanted.elements, strict=True))
        )
    if isinstance(source, Collection):
        return source.kind == "map" and all(convertible(source.element, kind) for _, kind in wanted.attributes)
    given = dict(source.attributes) if isinstance(source, ObjectType) else {}
    required = (name for name, _ in wanted.attributes if name not in wanted.optional)
    return (
        isinstance(source, ObjectType)
        and all(name in given for name in required)
        and all(convertible(given[name], kind) for name, kind in wanted.attributes if name in given)
    )
