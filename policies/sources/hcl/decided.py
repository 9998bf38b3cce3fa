"""What is known beside the source before it is evaluated: what a plan has read and counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ...values import Call, Known, ListValue, ObjectValue, Unknown, Value, first_unknown
from .blocks import Block
from .expressions import evaluate
from .instances import Instance, escape_key
from .names import Scope


@dataclass(frozen=True)
class Decided:
    """`attributes` are of data sources that were read, by address and name. `keys` are the instance keys that there are
    of each block with count or for_each, by its address without its own key; None where nobody has counted.
    """

    attributes: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    keys: Mapping[str, Sequence[str | int]] | None = None

    def attribute(self, address: str, name: str) -> Value | None:
        return self.attributes.get(address, {}).get(name)

    def instances(self, address: str, block: Block, scope: Scope) -> tuple[Instance, ...] | None:
        """The instances of a block whose count or for_each the source leaves open; None where it stays open."""
        if self.keys is None:
            return None
        return tuple(_instance(key, block, scope) for key in self.keys.get(address, ()))


def _instance(key: str | int, block: Block, scope: Scope) -> Instance:
    if isinstance(key, int):
        return Instance(f"[{key}]", scope.with_names(count=ObjectValue({"index": Known(key)})))
    each = ObjectValue({"key": Known(key), "value": _value(key, block, scope)})
    return Instance(f'["{escape_key(Known(key))}"]', scope.with_names(each=each))


def _value(key: str, block: Block, scope: Scope) -> Value:
    """`each.value`: of a set it is the key."""
    attribute = block.attributes.get("for_each")
    collection = evaluate(attribute.expression, scope) if attribute is not None else Unknown("there is no for_each")
    if isinstance(collection, ListValue) or (isinstance(collection, Call) and collection.function == "toset"):
        return Known(key)
    if isinstance(collection, ObjectValue) and key in collection.fields:
        return collection.fields[key]
    return first_unknown(collection) or Call("each.value", (collection, Known(key)), collection.location)
