"""Type constraints of variables, and the conversion of values to them."""

from __future__ import annotations

from tree_sitter import Node

from ...values import Call, Known, ListValue, ObjectValue, Reference, Template, Unknown, Value, is_null, text_of
from . import operators
from .expressions import Scope, strictly
from .functions import as_set
from .refused import Refused


def convert(value: Value, constraint: Node, scope: Scope) -> Value:
    """The value converted as Terraform converts a variable's.

    Raises:
        Refused: the value does not fit the type.
    """
    if is_null(value) or isinstance(value, Unknown | Reference | Call):
        return value
    node = _inner(constraint)
    if node.type == "variable_expr":
        return _primitive(value, scope.file.text(node))
    if node.type != "function_call":
        raise Refused("the type is not one that Terraform knows")
    kind = scope.file.text(node.children[0])
    arguments = next((child for child in node.children if child.type == "function_arguments"), None)
    inner = next((child for child in arguments.children if child.type == "expression"), None) if arguments else None
    if inner is None:
        raise Refused(f"the type {kind} lacks its argument")
    if kind in ("list", "set"):
        return _sequence(value, inner, scope, is_set=kind == "set")
    if kind == "map":
        if not isinstance(value, ObjectValue):
            raise Refused("a map is needed")
        fields = {name: convert(item, inner, scope) for name, item in value.fields.items()}
        return ObjectValue(fields, value.location)
    if kind == "object":
        return _object(value, inner, scope)
    if kind == "tuple":
        return _tuple(value, inner, scope)
    raise Refused(f"{kind} is no type")


def _inner(node: Node) -> Node:
    while node.type == "expression" and len(node.children) == 1:
        node = node.children[0]
    return node


def _primitive(value: Value, kind: str) -> Value:
    if kind == "any" or isinstance(value, Template):
        return value
    if kind in ("list", "set", "map"):  # the old form without an element type
        return value
    if not isinstance(value, Known):
        raise Refused(f"a {kind} is needed")
    if kind == "string":
        return Known(text_of(value.value), value.location)
    if kind == "number":
        return Known(operators.as_number(value), value.location)
    if kind == "bool":
        return Known(operators.as_boolean(value), value.location)
    raise Refused(f"{kind} is no type")


def _sequence(value: Value, inner: Node, scope: Scope, *, is_set: bool) -> Value:
    if not isinstance(value, ListValue):
        raise Refused("a list is needed")
    items = [convert(item, inner, scope) for item in value.items]
    return as_set(items) if is_set else ListValue(tuple(items), location=value.location)


def _tuple(value: Value, inner: Node, scope: Scope) -> Value:
    kinds = [child for child in _inner(_inner(inner).children[0]).children if child.type == "expression"]
    if not isinstance(value, ListValue) or len(kinds) != len(value.items):
        raise Refused(f"a tuple of {len(kinds)} is needed")
    items = (convert(item, kind, scope) for item, kind in zip(value.items, kinds, strict=True))
    return ListValue(tuple(items), location=value.location)


def _object(value: Value, inner: Node, scope: Scope) -> Value:
    if not isinstance(value, ObjectValue):
        raise Refused("an object is needed")
    body = _inner(inner)
    elements = body.children[0].children if body.type == "collection_value" else ()
    fields: dict[str, Value] = {}
    for element in elements:
        if element.type != "object_elem":
            continue
        key, kind = (child for child in element.children if child.type == "expression")
        name = scope.file.text(key).strip('"')
        constraint, default, optional = _optional(kind, scope)
        if name in value.fields and not (is_null(value.fields[name]) and default is not None):
            fields[name] = convert(value.fields[name], constraint, scope)
        elif optional:
            fields[name] = convert(strictly(default, scope), constraint, scope) if default is not None else Known(None)
        else:
            raise Refused(f"the attribute {name!r} is required")
    return ObjectValue(fields, value.location)


def _optional(node: Node, scope: Scope) -> tuple[Node, Node | None, bool]:
    """Type, default and whether it is `optional(type, default)`."""
    inner = _inner(node)
    if inner.type != "function_call" or scope.file.text(inner.children[0]) != "optional":
        return node, None, False
    arguments = next(child for child in inner.children if child.type == "function_arguments")
    parts = [child for child in arguments.children if child.type == "expression"]
    return parts[0], parts[1] if len(parts) > 1 else None, True
