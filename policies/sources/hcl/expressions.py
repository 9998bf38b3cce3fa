"""Expressions to values, as Terraform evaluates them before apply.

What Terraform would refuse raises `Refused` (so that `try` and `can` see it); what cannot be decided is a symbolic
value or an `Unknown`. Nothing is executed, and files are read only through the module, which keeps to its boundary.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from ...values import (
    Call,
    Known,
    ListValue,
    Location,
    ObjectValue,
    Reference,
    Template,
    TooLarge,
    Unknown,
    Value,
    first_unknown,
    is_known,
    is_null,
    template,
    text_of,
)
from . import functions, operators
from .access import get_attribute, get_index
from .limits import MAX_DEPTH, MAX_STEPS, Effort
from .nodes import (
    ELEMENT,
    Binary,
    Conditional,
    Expression,
    For,
    Function,
    GetAttribute,
    GetIndex,
    Invalid,
    Literal,
    Object,
    Splat,
    TemplateFor,
    TemplateText,
    Traversal,
    Tuple,
    Unary,
)
from .refused import Refused, TooDeep, Undecided
from .types import (
    ANY,
    BOOL,
    NOTHING,
    NUMBER,
    STRING,
    Collection,
    ObjectType,
    TupleType,
    Type,
    as_boolean,
    convert,
    convertible,
    list_of,
    type_of,
    unify,
)


class Names(Protocol):
    """What a module offers to the expressions in it."""

    effort: Effort

    def lookup(self, root: str, path: tuple[str, ...]) -> tuple[Value, int] | None:
        """The value of `root.path...`, and how many parts of the path it took; None where there is no such name."""

    def attribute(self, reference: Reference, name: str) -> Value:
        """An attribute of something that the module declares."""

    def read_file(self, path: str) -> bytes:
        """A file that a function names, relative to the working directory of Terraform."""

    def files_in(self, path: str) -> Iterable[str]:
        """The files in a directory and below it, as paths relative to it."""

    def without_names(self) -> Names:
        """The same for a template in a file of its own, which sees nothing of the module."""


class _NoNames:
    """For expressions that may name nothing: a module's source, the values in a variable file."""

    def __init__(self) -> None:
        self.effort = Effort()

    def lookup(self, root: str, path: tuple[str, ...]) -> None:
        return None

    def attribute(self, reference: Reference, name: str) -> Value:
        raise Refused("nothing can be named here")

    def read_file(self, path: str) -> bytes:
        raise OSError("no file can be read here")

    def files_in(self, path: str) -> Iterable[str]:
        raise OSError("no file can be read here")

    def without_names(self) -> Names:
        return self


@dataclass(frozen=True, slots=True)
class Scope:
    """A module and the names that hold only here: `each`, `count`, iterators of `for` and `dynamic`."""

    module: Names
    names: Mapping[str, Value] = field(default_factory=dict)

    def with_names(self, **names: Value) -> Scope:
        return Scope(self.module, {**self.names, **names})


def no_names() -> Scope:
    """Where nothing can be named."""
    return Scope(_NoNames())


def evaluate(expression: Expression, scope: Scope) -> Value:
    """The value of an expression; what Terraform would refuse is Unknown with Terraform's reason."""
    try:
        return strictly(expression, scope)
    except Refused as refusal:
        return Unknown(f"Terraform refuses it: {refusal}", expression.location)


def strictly(expression: Expression, scope: Scope) -> Value:
    """The value of an expression.

    Raises:
        Refused: Terraform would stop with an error here.
        TooDeep: the expression, or the chain of definitions behind it, is past a bound.
    """
    effort = scope.module.effort
    effort.depth += 1
    effort.steps += 1
    try:
        if effort.depth > MAX_DEPTH or effort.steps > MAX_STEPS:
            effort.check(expression.location)
        return _EVALUATORS[type(expression)](expression, scope)
    except Undecided as undecided:
        return Unknown(str(undecided), expression.location)
    except TooLarge as error:
        raise TooDeep(expression.location, str(error)) from None
    finally:
        effort.depth -= 1


def _literal(node: Literal, scope: Scope) -> Value:
    return node.value


def _traversal(node: Traversal, scope: Scope) -> Value:
    root, *path = node.names
    if root in scope.names:
        value = scope.names[root]
    else:
        found = scope.module.lookup(root, tuple(path))
        if found is None:
            raise Refused(f"{'.'.join(node.names)} is not declared")
        value, taken = found
        path = path[taken:]
        if isinstance(value, Reference) and value.location is None:  # a variable's place is its declaration
            value = Reference(value.address, value.attribute, node.location)
    for name in path:
        value = get_attribute(value, name, scope.module)
    return value


def _splat(node: Splat, scope: Scope) -> Value:
    value = strictly(node.source, scope)
    if isinstance(value, Unknown):
        return value
    if is_null(value):
        return ListValue((), location=node.location)
    if isinstance(value, Call) or (isinstance(value, Reference) and value.attribute):
        # Whether an attribute is a list is the provider's to say.
        return Call("splat", (value, Known(node.text)), value.location)
    items = value.items if isinstance(value, ListValue) else (value,)
    results = tuple(strictly(node.body, scope.with_names(**{ELEMENT: item})) for item in items)
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


def _tuple(node: Tuple, scope: Scope) -> Value:
    return ListValue(tuple(strictly(item, scope) for item in node.items), location=node.location)


def _object(node: Object, scope: Scope) -> Value:
    fields: dict[str, Value] = {}
    for key_node, value_node in node.elements:
        key = _key(strictly(key_node, scope), key_node)
        if isinstance(key, Unknown):
            return key
        fields[key] = strictly(value_node, scope)
    return ObjectValue(fields, node.location)


def _key(value: Value, node: Expression) -> str | Unknown:
    if isinstance(value, Known):
        name = text_of(value.value)
        if name is None:
            raise Refused("a key is null")
        return name
    if isinstance(value, ListValue | ObjectValue):
        raise Refused("a key is no string")
    return first_unknown(value) or Unknown("a key is known only after apply", node.location)


def _conditional(node: Conditional, scope: Scope) -> Value:
    decided = strictly(node.condition, scope)
    if isinstance(decided, Unknown):
        return decided
    decided = convert(decided, BOOL)
    branches: list[Value | Refused] = []
    for branch in (node.when_true, node.when_false):
        try:
            branches.append(strictly(branch, scope))
        except Refused as refusal:
            branches.append(refusal)
    if isinstance(decided, Known):
        truth = as_boolean(decided)
        chosen, other = branches if truth else reversed(branches)
        if isinstance(chosen, Refused):
            raise chosen
        scope.module.effort.spend(*(branch for branch in branches if not isinstance(branch, Refused)))
        if not isinstance(other, Refused):
            return operators.unified(chosen, type_of(other))
        return operators.unified(chosen, _type_of_refused(node.when_false if truth else node.when_true, scope))
    for result in branches:
        if isinstance(result, Refused):
            raise result
    first, second = (result for result in branches if not isinstance(result, Refused))
    first, second = operators.unified(first, type_of(second)), operators.unified(second, type_of(first))
    if not first_unknown(first) and first == second:
        return first
    return Call("conditional", (decided, first, second), node.location)


def _type_of_refused(node: Expression, scope: Scope) -> Type:
    """The branch that is not chosen has a type, even where some of it has no value."""
    try:
        value = strictly(node, scope)
        if not (isinstance(value, Unknown) and isinstance(node, Conditional)):
            return type_of(value)
    except Refused:
        pass
    if isinstance(node, Tuple):
        return TupleType(tuple(_type_of_refused(item, scope) for item in node.items))
    if isinstance(node, Object):
        try:
            names = [_key(strictly(key, scope), key) for key, _ in node.elements]
        except Refused:
            return ANY
        types = {
            str(name): _type_of_refused(value, scope) for name, (_, value) in zip(names, node.elements, strict=True)
        }
        return ObjectType(tuple(sorted(types.items())))
    if isinstance(node, Conditional):
        branches = _type_of_refused(node.when_true, scope), _type_of_refused(node.when_false, scope)
        if NOTHING in branches:
            return branches[branches[0] == NOTHING]
        if ANY not in branches:
            return unify(branches) or ANY
        try:
            decided = convert(strictly(node.condition, scope), BOOL)
        except Refused:
            return ANY
        return branches[not decided.value] if isinstance(decided, Known) and not is_null(decided) else ANY
    if isinstance(node, Splat):
        source = _type_of_refused(node.source, scope)
        if source == ANY:
            return ANY
        if isinstance(source, Collection) and source.kind != "map":
            return list_of(ANY)
        return TupleType((ANY,) * (len(source.elements) if isinstance(source, TupleType) else 1))
    if isinstance(node, Unary | Binary):
        return NUMBER if node.operator in ("+", "-", "*", "/", "%") else BOOL
    if isinstance(node, For):
        return _type_of_refused_loop(node, scope)
    return STRING if isinstance(node, TemplateText | TemplateFor) else ANY


def _type_of_refused_loop(node: For, scope: Scope) -> Type:
    try:
        pairs = elements(strictly(node.source, scope), "for")
    except Refused:
        return ANY
    if node.key is not None or node.condition is not None or isinstance(pairs, Unknown):
        raise Undecided("the type of a loop that Terraform refuses")
    scopes = (_inside(node, scope, key, item) for key, item in pairs)
    return TupleType(tuple(_type_of_refused(node.result, here) for here in scopes))


def _inside(node: For, scope: Scope, key: Value, item: Value) -> Scope:
    return scope.with_names(**dict(zip(node.names, (key, item) if len(node.names) == 2 else (item,), strict=True)))


def _for(node: For, scope: Scope) -> Value:
    pairs = elements(strictly(node.source, scope), "for")
    if isinstance(pairs, Unknown):
        return pairs
    if not pairs and node.condition is not None:
        # Terraform tries the condition before it has an element.
        nowhere = dict.fromkeys(node.names, Unknown("there are no elements"))
        here = scope.with_names(**nowhere)
        if is_null(convert(strictly(node.condition, here), BOOL)):
            raise Refused("a condition is null")
        if not convertible(_type_of_refused(node.condition, here), BOOL):
            raise Refused("a condition is no bool")
    items: list[Value] = []
    fields: dict[str, Value] = {}
    groups: dict[str, list[Value]] = {}
    for key, item in pairs:
        here = _inside(node, scope, key, item)
        if node.condition is not None:
            wanted = strictly(node.condition, here)
            if not isinstance(wanted, Known):
                return first_unknown(wanted) or Unknown(
                    "a condition is known only after apply", node.condition.location
                )
            if not as_boolean(wanted):
                continue
        if node.key is None:
            items.append(strictly(node.result, here))
            continue
        name = _key(strictly(node.key, here), node.key)
        if isinstance(name, Unknown):
            return name
        value = strictly(node.result, here)
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


def _function(node: Function, scope: Scope) -> Value:
    if node.name in ("try", "can"):
        return _try_or_can(node, scope)
    values = [strictly(argument, scope) for argument in node.arguments]
    if node.expanded:
        last = values.pop()
        if isinstance(last, Unknown):
            return last
        if isinstance(last, ObjectValue | Known | Template):
            raise Refused("only a list can be expanded into arguments")
        if not isinstance(last, ListValue):
            return Unknown("the arguments are a list that is known only after apply", node.location)
        values.extend(last.items)
    scope.module.effort.spend(*values)
    return functions.call(node.name, values, scope.module, node.location)


def _try_or_can(node: Function, scope: Scope) -> Value:
    for argument in node.arguments:
        try:
            value = strictly(argument, scope)
        except Refused:
            continue
        if not is_known(value):
            # Whether it fails shows only at apply.
            return (
                value if node.name == "try" and not first_unknown(value) else Call(node.name, (value,), node.location)
            )
        return value if node.name == "try" else Known(True, node.location)
    if node.name == "can":
        return Known(False, node.location)
    raise Refused("no argument of try succeeds")


def _invalid(node: Invalid, scope: Scope) -> Value:
    raise Refused(node.reason)


def _text(node: TemplateText, scope: Scope) -> Value:
    return _joined([strictly(part, scope) for part in node.parts], node.location)


def _joined(parts: list[Value], location: Location) -> Value:
    for part in parts:
        if is_null(part):
            raise Refused("a null value stands in a template")
        if isinstance(part, ListValue | ObjectValue):
            raise Refused("a list or an object stands in a template")
    return template(parts, location)


def _repeated(node: TemplateFor, scope: Scope) -> Value:
    texts = strictly(node.loop, scope)
    return _joined(list(texts.items), node.location) if isinstance(texts, ListValue) else texts


def _get_attribute(node: GetAttribute, scope: Scope) -> Value:
    return get_attribute(strictly(node.source, scope), node.name, scope.module)


def _get_index(node: GetIndex, scope: Scope) -> Value:
    return get_index(strictly(node.source, scope), strictly(node.key, scope), scope.module)


def _unary(node: Unary, scope: Scope) -> Value:
    return operators.unary(node.operator, strictly(node.operand, scope), node.location)


def _binary(node: Binary, scope: Scope) -> Value:
    left, right = strictly(node.left, scope), strictly(node.right, scope)
    scope.module.effort.spend(left, right)
    return operators.binary(node.operator, left, right, node.location)


_EVALUATORS: Mapping[type, Callable[..., Value]] = {
    Literal: _literal,
    Traversal: _traversal,
    GetAttribute: _get_attribute,
    GetIndex: _get_index,
    Splat: _splat,
    Tuple: _tuple,
    Object: _object,
    Unary: _unary,
    Binary: _binary,
    Conditional: _conditional,
    For: _for,
    Function: _function,
    Invalid: _invalid,
    TemplateText: _text,
    TemplateFor: _repeated,
}
