"""Type constraints of variables: `list(object({ name = string, size = optional(number, 1) }))`."""

from __future__ import annotations

from ...values import Value
from .embedded import parse_expression
from .expressions import strictly
from .names import Scope
from .nodes import Expression, Function, Literal, Object, Tuple, bare_name
from .refused import Refused
from .types import ANY, BOOL, NUMBER, STRING, Collection, ObjectType, TupleType, Type


def read_constraint(expression: Expression, scope: Scope) -> Type:
    """The type that an expression names.

    Raises:
        Refused: it names none.
    """
    if isinstance(expression, Literal) and isinstance(expression.value.value, str):
        expression = parse_expression(expression.value.value, expression.location)  # in quotes: the JSON syntax
    word = bare_name(expression)
    if word in (STRING, NUMBER, BOOL, ANY):
        return str(word)
    if word in ("list", "set", "map"):  # the old form, of any elements
        return Collection(word, ANY)
    if not isinstance(expression, Function) or len(expression.arguments) != 1:
        raise Refused("the type is not one that Terraform knows")
    argument = expression.arguments[0]
    if expression.name in ("list", "set", "map"):
        return Collection(expression.name, read_constraint(argument, scope))
    if expression.name == "object" and isinstance(argument, Object):
        return _object(argument, scope)
    if expression.name == "tuple" and isinstance(argument, Tuple):
        return TupleType(tuple(read_constraint(item, scope) for item in argument.items))
    raise Refused("the type is not one that Terraform knows")


def _object(node: Object, scope: Scope) -> ObjectType:
    attributes: dict[str, Type] = {}
    optional: set[str] = set()
    defaults: list[tuple[str, Value]] = []
    for key, kind in node.elements:
        if not isinstance(key, Literal) or not isinstance(key.value.value, str):
            raise Refused("an attribute of an object type is named by a word")
        name = key.value.value
        if isinstance(kind, Function) and kind.name == "optional" and kind.arguments:
            optional.add(name)
            if len(kind.arguments) > 1:
                defaults.append((name, strictly(kind.arguments[1], scope)))
            kind = kind.arguments[0]
        attributes[name] = read_constraint(kind, scope)
    return ObjectType(tuple(sorted(attributes.items())), frozenset(optional), tuple(defaults))
