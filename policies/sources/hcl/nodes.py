"""What an expression is made of, whatever syntax it was written in.

`translate` makes these, `expressions` evaluates them. They are named tuples: a dataclass takes six times as long to
define, and each run of the command defines them all.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from ...values import Known, Location

# The name that the body of a splat calls its element by.
ELEMENT = "*"


class Literal(NamedTuple):
    value: Known
    location: Location


class Traversal(NamedTuple):
    """A name and the attributes behind it: `var.name`, `data.aws_region.current.name`, `each.value.arch`."""

    names: tuple[str, ...]
    location: Location


class GetAttribute(NamedTuple):
    source: Expression
    name: str
    location: Location


class GetIndex(NamedTuple):
    source: Expression
    key: Expression
    location: Location
    legacy: bool = False
    """Written `.0`."""


class Splat(NamedTuple):
    """`source[*].body`; the body names the element `ELEMENT`."""

    source: Expression
    body: Expression
    location: Location
    text: str


class Tuple(NamedTuple):
    items: tuple[Expression, ...]
    location: Location


class Object(NamedTuple):
    elements: tuple[tuple[Expression, Expression], ...]
    location: Location


class Unary(NamedTuple):
    operator: str
    operand: Expression
    location: Location


class Binary(NamedTuple):
    operator: str
    left: Expression
    right: Expression
    location: Location


class Conditional(NamedTuple):
    condition: Expression
    when_true: Expression
    when_false: Expression
    location: Location


class For(NamedTuple):
    """`[for names in source : result if condition]`; with a `key`, an object, whose values are lists if `grouped`."""

    names: tuple[str, ...]
    source: Expression
    key: Expression | None
    result: Expression
    condition: Expression | None
    grouped: bool
    location: Location


class Function(NamedTuple):
    """A call; with `expanded`, the last argument is a list of arguments."""

    name: str
    arguments: tuple[Expression, ...]
    expanded: bool
    location: Location


class Invalid(NamedTuple):
    """What parses and has no value: Terraform refuses it where it is evaluated."""

    reason: str
    location: Location


class TemplateText(NamedTuple):
    """Literals and interpolations; always a string. `"${x}"` is none of these: it is x itself."""

    parts: tuple[Expression, ...]
    location: Location


class TemplateFor(NamedTuple):
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
