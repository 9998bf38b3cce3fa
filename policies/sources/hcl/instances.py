"""The instances of a block with count or for_each, and their attributes, evaluated when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ...values import (
    Call,
    Known,
    ListValue,
    Location,
    ObjectValue,
    Reference,
    Unknown,
    Value,
    first_unknown,
    is_null,
    text_of,
)
from .access import elements
from .blocks import Block
from .conversion import as_integer
from .expressions import evaluate
from .names import Scope
from .nodes import Expression, GetAttribute, GetIndex, Literal, Traversal, Tuple, bare_name
from .refused import Refused

Resolve: TypeAlias = Callable[[Value], Value]
MAX_INSTANCES = 10_000
_META_ARGUMENTS = {"count", "for_each", "provider", "providers", "depends_on"}
_META_BLOCKS = {"lifecycle", "provisioner", "connection", "timeouts"}


@dataclass(frozen=True)
class Instance:
    """One instance of a block: the key as it stands in an address, and the scope that its expressions see.

    `existence` is the count or for_each that leaves it open whether there is such an instance; None where that is
    certain.
    """

    key: str
    scope: Scope
    existence: Value | None = None


def expand(block: Block, scope: Scope, resolve: Resolve) -> tuple[Instance, ...]:
    """All instances of a block; one without a key where their number is known only after apply."""
    if {"count", "for_each"} <= block.attributes.keys():
        raise Refused("a block has count or for_each, not both")
    if "count" in block.attributes:
        return _by_count(block, scope, resolve)
    if "for_each" in block.attributes:
        return _by_for_each(block, scope, resolve)
    return (Instance("", scope),)


def _by_count(block: Block, scope: Scope, resolve: Resolve) -> tuple[Instance, ...]:
    attribute = block.attributes["count"]
    value = resolve(evaluate(attribute.expression, scope))
    certain = most = _count(value, attribute.location)
    if most is None and isinstance(value, Call) and value.function == "conditional":
        # `var.create ? 1 : 0`: instance 0 is the only one there can be.
        branches = [_count(branch, attribute.location) for branch in value.arguments[1:]]
        numbers = [branch for branch in branches if branch is not None]
        if len(numbers) == 2:
            certain, most = min(numbers), max(numbers)
    if most is None or certain is None:
        index = first_unknown(value) or Call("count.index", (value,), attribute.location)
        names = scope.with_names(count=ObjectValue({"index": index}))
        return (Instance("", names, value),)
    return tuple(
        Instance(
            f"[{number}]",
            scope.with_names(count=ObjectValue({"index": Known(number)})),
            None if number < certain else value,
        )
        for number in range(most)
    )


def _count(value: Value, location: Location) -> int | None:
    if not isinstance(value, Known):
        return None
    number = as_integer(value)
    if not 0 <= number <= MAX_INSTANCES:
        raise Refused(f"count is {number}, outside 0 to {MAX_INSTANCES:,}")
    return number


def _by_for_each(block: Block, scope: Scope, resolve: Resolve) -> tuple[Instance, ...]:
    attribute = block.attributes["for_each"]
    value = evaluate(attribute.expression, scope)
    if is_null(value) or (isinstance(value, ListValue) and not value.is_set):
        raise Refused("for_each needs a map or a set of strings")
    if isinstance(value, ListValue):
        value = ListValue(tuple(resolve(item) for item in value.items), is_set=True, location=value.location)
    pairs = elements(value, "for_each")
    if isinstance(pairs, Unknown) or not all(isinstance(key, Known) for key, _ in pairs):
        return (_undecided(scope, value, attribute.location),)
    if isinstance(value, ListValue) and not all(isinstance(key.value, str) for key, _ in pairs):  # type: ignore[union-attr]
        raise Refused("for_each needs a map or a set of strings, none of them null")
    if len(pairs) > MAX_INSTANCES:
        raise Refused(f"for_each has more than {MAX_INSTANCES:,} elements")
    return tuple(
        Instance(f'["{escape_key(key)}"]', scope.with_names(each=ObjectValue({"key": key, "value": item})))
        for key, item in pairs
        if isinstance(key, Known)
    )


def _undecided(scope: Scope, collection: Value, location: Location) -> Instance:
    """`each.key` of the same collection is the same on both sides, whatever it will be."""
    unknown = first_unknown(collection)
    each = {
        "key": unknown or Call("each.key", (collection,), location),
        "value": unknown or Call("each.value", (collection,), location),
    }
    return Instance("", scope.with_names(each=ObjectValue(each)), collection)


def references(block: Block, address: str, instances: Sequence[Instance]) -> Value:
    """What names a block's instances: one, a list of them or a map of them."""
    found = [Reference(address + instance.key) for instance in instances]
    if "count" not in block.attributes and "for_each" not in block.attributes:
        return found[0]
    if len(instances) == 1 and not instances[0].key:
        return Call("instances", (found[0], instances[0].existence or Known(None)))
    if "count" in block.attributes:
        return ListValue(tuple(found))
    keys = [instance.scope.names["each"].fields["key"] for instance in instances]  # type: ignore[union-attr]
    return ObjectValue({str(key.value): reference for key, reference in zip(keys, found, strict=True)})


def escape_key(key: Known) -> str:
    text = str(text_of(key.value))
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("${", "$${").replace("%{", "%%{")


class Attributes(Mapping[str, Value]):
    """A block's attributes; a nested block is a list of objects, `dynamic` ones expanded."""

    def __init__(self, block: Block, scope: Scope) -> None:
        self._block = block
        self._scope = scope
        self._values: dict[str, Value] = {}
        names = [name for name in block.attributes if name not in _META_ARGUMENTS]
        names += [nested.name_of_blocks for nested in block.blocks if nested.type not in _META_BLOCKS]
        self._names = dict.fromkeys(names)

    def __getitem__(self, name: str) -> Value:
        if name not in self._names:
            raise KeyError(name)
        if name not in self._values:
            attribute = self._block.attributes.get(name)
            if attribute is not None:
                self._values[name] = evaluate(attribute.expression, self._scope)
            else:
                self._values[name] = self._nested(name)
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def _nested(self, name: str) -> Value:
        objects: list[Value] = []
        first: Block | None = None
        for block in self._block.blocks:
            if block.name_of_blocks != name:
                continue
            first = first or block
            if block.type == "dynamic":
                made = _dynamic(block, name, self._scope)
                if isinstance(made, Unknown):
                    return made
                objects.extend(made)
            else:
                objects.append(_object(block, self._scope))
        return ListValue(tuple(objects), location=first.location if first else None)


def _object(block: Block, scope: Scope) -> ObjectValue:
    return ObjectValue(dict(Attributes(block, scope)), block.location)


def _dynamic(block: Block, name: str, scope: Scope) -> list[ObjectValue] | Unknown:
    content = next(iter(block.of_type("content")), None)
    if content is None or "for_each" not in block.attributes:
        return Unknown(f"the dynamic block {name!r} lacks for_each or content", block.location)
    iterator = block.attributes.get("iterator")
    variable = (bare_name(iterator.expression) if iterator else None) or name
    source = evaluate(block.attributes["for_each"].expression, scope)
    if is_null(source):
        return Unknown("Terraform refuses it: for_each of a dynamic block is null", block.location)
    try:
        pairs = elements(source, "a dynamic block")
    except Refused as refusal:
        return Unknown(f"Terraform refuses it: {refusal}", block.location)
    if isinstance(pairs, Unknown):
        return pairs
    scope.module.effort.steps += 5 * len(pairs)
    return [
        _object(content, scope.with_names(**{variable: ObjectValue({"key": key, "value": item})}))
        for key, item in pairs
    ]


class Positions(Mapping[str, Location]):
    """Where each attribute's expression stands; a nested block's header.

    `block.name` is the first such block's attribute.
    """

    def __init__(self, block: Block) -> None:
        self._block = block

    def __getitem__(self, name: str) -> Location:
        outer, _, inner = name.partition(".")
        if not inner and outer in self._block.attributes:
            return self._block.attributes[outer].location
        for block in self._block.blocks:
            if block.name_of_blocks == outer:
                body = next(iter(block.of_type("content")), block) if block.type == "dynamic" else block
                return Positions(body)[inner] if inner and inner in body.attributes else block.location
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        yield from self._block.attributes
        yield from (block.name_of_blocks for block in self._block.blocks)

    def __len__(self) -> int:
        return len(list(iter(self)))


def ignored_changes(block: Block) -> tuple[str, ...]:
    """The attributes in `lifecycle { ignore_changes = [...] }`; `all` for all."""
    for lifecycle in block.of_type("lifecycle"):
        attribute = lifecycle.attributes.get("ignore_changes")
        if attribute is not None:
            items = attribute.expression.items if isinstance(attribute.expression, Tuple) else (attribute.expression,)
            return tuple(_written(item) for item in items)
    return ()


def _written(expression: Expression) -> str:
    """An attribute's path as it stands in the list."""
    if isinstance(expression, Literal):  # the old form, in quotes; or an index
        return str(text_of(expression.value.value))
    if isinstance(expression, GetAttribute):
        return f"{_written(expression.source)}.{expression.name}"
    if isinstance(expression, GetIndex):
        return f"{_written(expression.source)}[{_written(expression.key)}]"
    return ".".join(expression.names) if isinstance(expression, Traversal) else ""
