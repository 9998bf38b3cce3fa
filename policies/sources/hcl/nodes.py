"""What an expression is made of, whatever syntax it was written in.

`translate` makes these, `expressions` evaluates them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from ...values import Known, Location

# Frozen ones with == take three times as long to define and to make, and nothing here compares or changes them.
_node = dataclass(slots=True, eq=False, repr=False)

# The name that the body of a splat calls its element by.
ELEMENT = "*"


@_node
class Literal:
    value: Known
    location: Location


@_node
class Traversal:
    """A name and the attributes behind it: `var.name`, `data.aws_region.current.name`, `each.value.arch`."""

    names: tuple[str, ...]
    location: Location


@_node
class GetAttribute:
    source: Expression
    name: str
    location: Location


@_node
class GetIndex:
    source: Expression
    key: Expression
    location: Location
    legacy: bool = False
    """Written `.0`."""


@_node
class Splat:
    """`source[*].body`; the body names the element `ELEMENT`."""

    source: Expression
    body: Expression
    location: Location
    text: str


@_node
class Tuple:
    items: tuple[Expression, ...]
    location: Location


@_node
class Object:
    elements: tuple[tuple[Expression, Expression], ...]
    location: Location


@_node
class Unary:
    operator: str
    operand: Expression
    location: Location


@_node
class Binary:
    operator: str
    left: Expression
    right: Expression
    location: Location


@_node
class Conditional:
    condition: Expression
    when_true: Expression
    when_false: Expression
    location: Location


@_node
class For:
    """`[for names in source : result if condition]`; with a `key`, an object, whose values are lists if `grouped`."""

    names: tuple[str, ...]
    source: Expression
    key: Expression | None
    result: Expression
    condition: Expression | None
    grouped: bool
    location: Location


@_node
class Function:
    """A call; with `expanded`, the last argument is a list of arguments."""

    name: str
    arguments: tuple[Expression, ...]
    expanded: bool
    location: Location


@_node
class Invalid:
    """What parses and has no value: Terraform refuses it where it is evaluated."""

    reason: str
    location: Location


@_node
class TemplateText:
    """Literals and interpolations; always a string. `"${x}"` is none of these: it is x itself."""

    parts: tuple[Expression, ...]
    location: Location


@_node
class TemplateFor:
    """`%{ for }`: the texts that a `For` gives, one after the other."""

    loop: For
    location: Location


Expression: TypeAlias = (
    "Literal | Traversal | GetAttribute | GetIndex | Splat | Tuple | Object | Unary | Binary | Conditional | For"
    " | Function | Invalid | TemplateText | TemplateFor"
)


def bare_name(expression: Expression) -> str | None:
    """The word where an expression is one word alone, as in a type constraint."""
    if isinstance(expression, Traversal) and len(expression.names) == 1:
        return expression.names[0]
    return None
