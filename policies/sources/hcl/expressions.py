"""Expressions to values, as Terraform evaluates them before apply.

What Terraform would refuse raises `Refused` (so that `try` and `can` see it); what cannot be decided is a symbolic value
or an `Unknown`. Nothing is executed, and files are read only through the module, which keeps to its boundary.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from tree_sitter import Node

from ...values import (
    Call,
    Known,
    ListValue,
    Location,
    ObjectValue,
    Reference,
    Template,
    Unknown,
    Value,
    describe,
    first_unknown,
    is_known,
    is_null,
    text_of,
)
from . import functions, operators, templates
from .refused import Refused, TooDeep
from .syntax import SourceFile

MAX_DEPTH = 400


class Names(Protocol):
    """What a module offers to the expressions in it."""

    depth: int

    def lookup(self, root: str, path: list[str]) -> tuple[Value, int] | None:
        """The value of `root.path...`, and how many parts of the path it took; None where the module has no such name."""

    def attribute(self, reference: Reference, name: str) -> Value:
        """An attribute of something that the module declares."""

    def read_file(self, path: str) -> bytes:
        """A file that a function names, relative to the working directory of Terraform."""


class _NoNames:
    """For expressions that may name nothing: a module's source, the values in a variable file."""

    depth = 0

    def lookup(self, root: str, path: list[str]) -> None:
        return None

    def attribute(self, reference: Reference, name: str) -> Value:
        raise Refused("nothing can be named here")

    def read_file(self, path: str) -> bytes:
        raise OSError("no file can be read here")


NO_NAMES: Names = _NoNames()


@dataclass(frozen=True)
class Scope:
    """A module and the names that hold only here: `each`, `count`, iterators of `for` and `dynamic`."""

    module: Names
    file: SourceFile
    names: Mapping[str, Value] = field(default_factory=dict)

    def with_names(self, **names: Value) -> Scope:
        return Scope(self.module, self.file, {**self.names, **names})

    def location(self, node: Node) -> Location:
        return self.file.location(node)


def evaluate(node: Node, scope: Scope) -> Value:
    """The value of an expression; what Terraform would refuse is Unknown with Terraform's reason."""
    try:
        return strictly(node, scope)
    except Refused as refusal:
        return Unknown(f"Terraform refuses it: {refusal}", scope.location(node))


def strictly(node: Node, scope: Scope) -> Value:
    """The value of an expression.

    Raises:
        Refused: Terraform would stop with an error here.
        TooDeep: the expression, or the chain of definitions behind it, is nested past `MAX_DEPTH`.
    """
    scope.module.depth += 1
    try:
        if scope.module.depth > MAX_DEPTH:
            raise TooDeep(scope.location(node))
        return _EVALUATORS[node.type](node, scope)
    finally:
        scope.module.depth -= 1


def _significant(node: Node) -> list[Node]:
    return [child for child in node.children if child.type != "comment"]


def _expression(node: Node, scope: Scope) -> Value:
    children = _significant(node)
    if children[0].type == "(":
        return _postfixed(strictly(children[1], scope), children[3:], scope)
    return _term(children, scope)


def _term(children: list[Node], scope: Scope) -> Value:
    """A primary expression with what is attached to it: `.name`, `[index]`, splats."""
    first, rest = children[0], children[1:]
    if first.type == "(":
        return _postfixed(strictly(children[1], scope), children[3:], scope)
    if first.type == "variable_expr":
        return _variable(first, rest, scope)
    return _postfixed(strictly(first, scope), rest, scope)


def _variable(node: Node, rest: list[Node], scope: Scope) -> Value:
    root = scope.file.text(node)
    if root in scope.names:
        return _postfixed(scope.names[root], rest, scope)
    path = []
    for postfix in rest:
        if postfix.type != "get_attr":
            break
        path.append(scope.file.text(postfix.children[-1]))
    found = scope.module.lookup(root, path)
    if found is None:
        raise Refused(f"{'.'.join([root, *path])} is not declared")
    value, taken = found
    if isinstance(value, Reference) and value.location is None:
        value = Reference(value.address, value.attribute, scope.location(node))
    return _postfixed(value, rest[taken:], scope)


def _postfixed(value: Value, postfixes: list[Node], scope: Scope) -> Value:
    for postfix in postfixes:
        if postfix.type == "get_attr":
            value = get_attribute(value, scope.file.text(postfix.children[-1]), scope)
        elif postfix.type == "index":
            value = get_index(value, _index_key(postfix, scope), scope)
        elif postfix.type == "splat":
            value = _splat(value, postfix, scope)
        else:
            raise Refused(f"{scope.file.text(postfix)!r} cannot follow a value")
    return value


def _index_key(node: Node, scope: Scope) -> Value:
    inner = node.children[0]
    if inner.type == "legacy_index":  # `.0`: the digit is no node
        return Known(int(scope.file.text(inner).lstrip(".")))
    return strictly(next(child for child in inner.children if child.type == "expression"), scope)


def get_attribute(value: Value, name: str, scope: Scope) -> Value:
    if isinstance(value, Unknown):
        return value
    if isinstance(value, ObjectValue):
        if name in value.fields:
            return value.fields[name]
        raise Refused(f"there is no attribute {name!r}")
    if isinstance(value, Reference):
        found = scope.module.attribute(value, name)
        return Reference(found.address, found.attribute, value.location) if isinstance(found, Reference) else found
    if isinstance(value, Call) and value.function == "instances":
        return _instance(value, Known(name))
    if isinstance(value, Call):
        return Call(f".{name}", (value,), value.location)
    raise Refused(f"a value without attributes is asked for {name!r}")


def _instance(value: Call, key: Value) -> Value:
    """One of instances that only apply can count: decided where the key runs over the same collection."""
    reference, existence = value.arguments
    if isinstance(key, Call) and key.function in ("each.key", "count.index") and key.arguments == (existence,):
        return reference
    return first_unknown(existence) or Unknown(f"which instances there are depends on {describe(existence)}", value.location)


def get_index(value: Value, key: Value, scope: Scope) -> Value:
    if isinstance(value, Unknown) or isinstance(key, Unknown):
        return value if isinstance(value, Unknown) else key
    if isinstance(value, Call) and value.function == "instances":
        return _instance(value, key)
    if not isinstance(key, Known):
        return Call("index", (value, key), value.location)
    if is_null(key):
        raise Refused("an index is null")
    if isinstance(value, ListValue):
        position = operators.as_integer(key)
        if value.is_set:
            raise Refused("a set has no indexes")
        if not 0 <= position < len(value.items):
            raise Refused(f"there is no element {position}")
        return value.items[position]
    if isinstance(value, ObjectValue):
        return get_attribute(value, str(text_of(key.value)), scope)
    if isinstance(value, Reference):
        if isinstance(key.value, str) and not value.attribute:
            return get_attribute(value, key.value, scope)
        written = f'["{key.value}"]' if isinstance(key.value, str) else f"[{text_of(key.value)}]"
        return Reference(value.address, value.attribute + written, value.location)
    if isinstance(value, Call):
        return Call("index", (value, key), value.location)
    raise Refused("a value without elements is indexed")


def _splat(value: Value, node: Node, scope: Scope) -> Value:
    if isinstance(value, Unknown):
        return value
    inner = node.children[0]
    postfixes = _significant(inner)[1:]
    if isinstance(value, ListValue):
        return ListValue(tuple(_postfixed(item, postfixes, scope) for item in value.items), location=value.location)
    if is_null(value):
        return ListValue(())
    if isinstance(value, Reference) and value.attribute:
        # Whether the attribute is a list is the provider's to say.
        return Call("splat", (value, Known(scope.file.text(inner))), value.location)
    if isinstance(value, Call):
        return Call("splat", (value, Known(scope.file.text(inner))), value.location)
    return ListValue((_postfixed(value, postfixes, scope),))


def _literal(node: Node, scope: Scope) -> Value:
    return strictly(node.children[0], scope)


def _number(node: Node, scope: Scope) -> Value:
    return Known(operators.normal(Decimal(scope.file.text(node))), scope.location(node))


def _boolean(node: Node, scope: Scope) -> Value:
    return Known(scope.file.text(node) == "true", scope.location(node))


def _null(node: Node, scope: Scope) -> Value:
    return Known(None, scope.location(node))


def _tuple(node: Node, scope: Scope) -> Value:
    items = (strictly(child, scope) for child in node.children if child.type == "expression")
    return ListValue(tuple(items), location=scope.location(node))


def _object(node: Node, scope: Scope) -> Value:
    fields: dict[str, Value] = {}
    for element in node.children:
        if element.type != "object_elem":
            continue
        expressions = [child for child in element.children if child.type == "expression"]
        key = _object_key(expressions[0], scope)
        if isinstance(key, Unknown):
            return key
        if not isinstance(key, Known):
            return Unknown("an object's key is known only after apply", scope.location(expressions[0]))
        name = text_of(key.value)
        if name is None:
            raise Refused("an object's key is null")
        fields[name] = strictly(expressions[1], scope)
    return ObjectValue(fields, scope.location(node))


def _object_key(node: Node, scope: Scope) -> Value:
    """A bare word is a name, not a variable."""
    children = _significant(node)
    if len(children) == 1 and children[0].type == "variable_expr":
        return Known(scope.file.text(children[0]))
    return strictly(node, scope)


def _operation(node: Node, scope: Scope) -> Value:
    return strictly(node.children[0], scope)


def _unary(node: Node, scope: Scope) -> Value:
    children = _significant(node)
    return operators.unary(children[0].type, _term(children[1:], scope), scope.location(node))


def _binary(node: Node, scope: Scope) -> Value:
    children = _significant(node)
    position = next(i for i, child in enumerate(children) if not child.is_named and child.type in operators.BINARY)
    left = _term(children[:position], scope)
    right = _term(children[position + 1 :], scope)
    return operators.binary(children[position].type, left, right, scope.location(node))


def _conditional(node: Node, scope: Scope) -> Value:
    condition, when_true, when_false = (child for child in node.children if child.type == "expression")
    decided = strictly(condition, scope)
    if isinstance(decided, Unknown):
        return decided
    branches: list[Value | Refused] = []
    for branch in (when_true, when_false):
        try:
            branches.append(strictly(branch, scope))
        except Refused as refusal:
            branches.append(refusal)
    if isinstance(decided, Known):
        truth = operators.as_boolean(decided)
        chosen, other = branches if truth else reversed(branches)
        if isinstance(chosen, Refused):
            raise chosen
        return chosen if isinstance(other, Refused) else operators.converted_like(chosen, other)
    for branch in branches:
        if isinstance(branch, Refused):
            raise branch
    first, second = (branch for branch in branches if not isinstance(branch, Refused))
    if not first_unknown(first) and first == second:
        return first
    return Call("conditional", (decided, first, second), scope.location(node))


def _for(node: Node, scope: Scope) -> Value:
    inner = node.children[0]
    into_object = inner.type == "for_object_expr"
    intro = next(child for child in inner.children if child.type == "for_intro")
    names = [scope.file.text(child) for child in intro.children if child.type == "identifier"]
    source = strictly(next(child for child in intro.children if child.type == "expression"), scope)
    results = [child for child in inner.children if child.type == "expression"]
    condition = next((child for child in inner.children if child.type == "for_cond"), None)
    grouped = any(child.type == "ellipsis" for child in inner.children)

    pairs = elements(source, "for")
    if isinstance(pairs, Unknown):
        return pairs
    items: list[Value] = []
    fields: dict[str, Value] = {}
    groups: dict[str, list[Value]] = {}
    for key, item in pairs:
        here = scope.with_names(**dict(zip(names, (key, item) if len(names) == 2 else (item,), strict=True)))
        if condition is not None:
            wanted = strictly(next(child for child in condition.children if child.type == "expression"), here)
            if not isinstance(wanted, Known):
                return first_unknown(wanted) or Unknown("a condition is known only after apply", scope.location(condition))
            if not operators.as_boolean(wanted):
                continue
        if not into_object:
            items.append(strictly(results[0], here))
            continue
        name = strictly(results[0], here)
        if not isinstance(name, Known):
            return first_unknown(name) or Unknown("a key is known only after apply", scope.location(results[0]))
        text = text_of(name.value)
        if text is None:
            raise Refused("a key is null")
        if grouped:
            groups.setdefault(text, []).append(strictly(results[1], here))
        elif text in fields:
            raise Refused(f"two elements have the key {text!r}")
        else:
            fields[text] = strictly(results[1], here)
    location = scope.location(node)
    if not into_object:
        return ListValue(tuple(items), location=location)
    if grouped:
        fields = {name: ListValue(tuple(values)) for name, values in groups.items()}
    return ObjectValue(dict(sorted(fields.items())), location)


def elements(value: Value, what: str) -> list[tuple[Value, Value]] | Unknown:
    """Key and value of each element, in Terraform's order.

    Raises:
        Refused: the value has no elements.
    """
    if isinstance(value, Unknown):
        return value
    if isinstance(value, ListValue):
        if value.is_set:
            return [(item, item) for item in value.items]
        return [(Known(position), item) for position, item in enumerate(value.items)]
    if isinstance(value, ObjectValue):
        return [(Known(name), item) for name, item in sorted(value.fields.items())]
    if isinstance(value, Known | Template):
        raise Refused(f"{what} needs a collection")
    return Unknown(f"{what} goes over a collection that is known only after apply", value.location)


def _function(node: Node, scope: Scope) -> Value:
    children = _significant(node)
    name = scope.file.text(children[0])
    arguments = next((child for child in children if child.type == "function_arguments"), None)
    nodes = [child for child in arguments.children if child.type == "expression"] if arguments is not None else []
    location = scope.location(node)
    if name in ("try", "can"):
        return _try_or_can(name, nodes, scope, location)
    values = [strictly(child, scope) for child in nodes]
    if arguments is not None and any(child.type == "ellipsis" for child in arguments.children):
        last = values.pop()
        spread = elements(last, "an expanded argument") if not is_null(last) else []
        if isinstance(spread, Unknown):
            return spread
        if not isinstance(last, ListValue):
            raise Refused("only a list can be expanded into arguments")
        values.extend(item for _, item in spread)
    return functions.call(name, values, scope.module, location)


def _try_or_can(name: str, nodes: list[Node], scope: Scope, location: Location) -> Value:
    for node in nodes:
        try:
            value = strictly(node, scope)
        except Refused:
            continue
        if not is_known(value):
            # Whether it fails shows only at apply.
            return value if name == "try" and not first_unknown(value) else Call(name, (value,), location)
        return value if name == "try" else Known(True, location)
    if name == "can":
        return Known(False, location)
    raise Refused("no argument of try succeeds")


def _template(node: Node, scope: Scope) -> Value:
    return templates.quoted(node, scope) if node.type != "heredoc_template" else templates.heredoc(node, scope)


_EVALUATORS: Mapping[str, Callable[[Node, Scope], Value]] = {
    "expression": _expression,
    "literal_value": _literal,
    "numeric_lit": _number,
    "bool_lit": _boolean,
    "null_lit": _null,
    "string_lit": _template,
    "template_expr": _literal,
    "quoted_template": _template,
    "heredoc_template": _template,
    "collection_value": _literal,
    "tuple": _tuple,
    "object": _object,
    "operation": _operation,
    "unary_operation": _unary,
    "binary_operation": _binary,
    "conditional": _conditional,
    "for_expr": _for,
    "function_call": _function,
    "variable_expr": lambda node, scope: _variable(node, [], scope),
}
