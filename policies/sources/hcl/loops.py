"""`for` expressions and splats. Each is given what evaluates the expressions inside it."""

from __future__ import annotations

from ...values import Call, Known, ListValue, ObjectValue, Reference, Unknown, Value, first_unknown, is_null
from .access import elements, key_of
from .conversion import as_boolean, convert
from .names import Evaluator, Scope
from .nodes import ELEMENT, For, GetAttribute, Splat, Traversal
from .refused import Refused
from .refused_types import type_of_refused
from .types import ANY, BOOL, ObjectType, Type, convertible, list_of


def loop(node: For, scope: Scope, value_of: Evaluator) -> Value:
    pairs = elements(value_of(node.source, scope), "for")
    if isinstance(pairs, Unknown):
        return pairs
    if not pairs and node.condition is not None:
        # Terraform tries the condition before it has an element.
        nowhere = dict.fromkeys(node.names, Unknown("there are no elements"))
        here = scope.with_names(**nowhere)
        if is_null(convert(value_of(node.condition, here), BOOL)):
            raise Refused("a condition is null")
        if not convertible(type_of_refused(node.condition, here, value_of), BOOL):
            raise Refused("a condition is no bool")
    items: list[Value] = []
    fields: dict[str, Value] = {}
    groups: dict[str, list[Value]] = {}
    for key, item in pairs:
        here = scope.with_element(node.names, key, item)
        if node.condition is not None:
            wanted = value_of(node.condition, here)
            if not isinstance(wanted, Known):
                return first_unknown(wanted) or Unknown(
                    "a condition is known only after apply", node.condition.location
                )
            if not as_boolean(wanted):
                continue
        if node.key is None:
            items.append(value_of(node.result, here))
            continue
        name = key_of(value_of(node.key, here), node.key)
        if isinstance(name, Unknown):
            return name
        value = value_of(node.result, here)
        if node.grouped:
            groups.setdefault(name, []).append(value)
        elif name in fields:
            raise Refused(f"two elements have the key {name!r}")
        else:
            fields[name] = value
    if node.key is None:
        return ListValue(tuple(items), location=node.location)
    if node.grouped:
        fields = {name: ListValue(tuple(values)) for name, values in groups.items()}
    return ObjectValue(dict(sorted(fields.items())), node.location)


def splat(node: Splat, scope: Scope, value_of: Evaluator) -> Value:
    value = value_of(node.source, scope)
    if isinstance(value, Unknown):
        return value
    if is_null(value):
        return ListValue((), location=node.location)
    if isinstance(value, Call) or (isinstance(value, Reference) and value.attribute):
        # Whether an attribute is a list is the provider's to say.
        return Call("splat", (value, Known(node.text)), value.location)
    items = value.items if isinstance(value, ListValue) else (value,)
    results = tuple(value_of(node.body, scope.with_names(**{ELEMENT: item})) for item in items)
    plain = ListValue(results, location=node.location)
    if not isinstance(value, ListValue) or value.of is None:
        return plain
    return (
        convert(plain, list_of(ANY))
        if results
        else ListValue((), location=node.location, of=_type_of_body(node, value))
    )


def _type_of_body(node: Splat, value: ListValue) -> Type:
    """What a splat over no elements is a list of."""
    kind: Type = value.of  # type: ignore[assignment]
    path = []
    body = node.body
    while isinstance(body, GetAttribute):
        path.append(body.name)
        body = body.source
    if isinstance(body, Traversal):
        path += reversed(body.names[1:])
    for name in reversed(path):
        kind = dict(kind.attributes).get(name, ANY) if isinstance(kind, ObjectType) else ANY
    return kind if isinstance(body, Traversal) else ANY
