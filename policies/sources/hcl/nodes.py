"""What an expression is made of, whatever syntax it was written in.

`translate` makes these, `expressions` evaluates them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from ...values import Known, Location

# The name that the body of a splat calls its element by.
ELEMENT = "*"


@dataclass(frozen=True, slots=True)
class Literal:
    value: Known
    location: Location


@dataclass(frozen=True, slots=True)
class Traversal:
    """A name and the attributes behind it: `var.name`, `data.aws_region.current.name`, `each.value.arch`."""

    names: tuple[str, ...]
    location: Location


@dataclass(frozen=True, slots=True)
class GetAttribute:
    source: Expression
    name: str
    location: Location


@dataclass(frozen=True, slots=True)
class GetIndex:
    source: Expression
    key: Expression
    location: Location
    legacy: bool = False
    """Written `.0`."""


@dataclass(frozen=True, slots=True)
class Splat:
    """`source[*].body`; the body names the element `ELEMENT`."""

    source: Expression
    body: Expression
    location: Location
    text: str


@dataclass(frozen=True, slots=True)
class Tuple:
    items: tuple[Expression, ...]
    location: Location


@dataclass(frozen=True, slots=True)
class Object:
    elements: tuple[tuple[Expression, Expression], ...]
    location: Location


@dataclass(frozen=True, slots=True)
class Unary:
    operator: str
    operand: Expression
    location: Location


@dataclass(frozen=True, slots=True)
class Binary:
    operator: str
    left: Expression
    right: Expression
    location: Location


@dataclass(frozen=True, slots=True)
class Conditional:
    condition: Expression
    when_true: Expression
    when_false: Expression
    location: Location


@dataclass(frozen=True, slots=True)
class For:
    """`[for names in source : result if condition]`; with a `key`, an object, whose values are lists if `grouped`."""

    names: tuple[str, ...]
    source: Expression
    key: Expression | None
    result: Expression
    condition: Expression | None
    grouped: bool
    location: Location


@dataclass(frozen=True, slots=True)
class Function:
    """A call; with `expanded`, the last argument is a list of arguments."""

    name: str
    arguments: tuple[Expression, ...]
    expanded: bool
    location: Location


@dataclass(frozen=True, slots=True)
class Invalid:
    """What parses and has no value: Terraform refuses it where it is evaluated."""

    reason: str
    location: Location


@dataclass(frozen=True, slots=True)
class TemplateText:
    """Literals and interpolations; always a string. `"${x}"` is none of these: it is x itself."""

    parts: tuple[Expression, ...]
    location: Location


@dataclass(frozen=True, slots=True)
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
