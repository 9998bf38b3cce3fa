"""Terraform's operators on values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from ...values import (
    Call,
    Known,
    ListValue,
    Location,
    ObjectValue,
    Template,
    Unknown,
    Value,
    first_unknown,
    is_known,
    is_null,
)
from . import numbers
from .conversion import as_boolean, as_number, convert
from .refused import Refused, Undecided
from .types import ANY, NOTHING, NUMBER, Type, has_any, parts, type_of, unify

Number = int | Decimal

_ARITHMETIC: Mapping[str, Callable[[Number, Number], Number]] = {
    "+": numbers.add,
    "-": numbers.subtract,
    "*": numbers.multiply,
    "/": numbers.divide,
    "%": numbers.modulo,
}
_COMPARISON: Mapping[str, Callable[[Number, Number], bool]] = {
    "<": lambda left, right: left < right,
    ">": lambda left, right: left > right,
    "<=": lambda left, right: left <= right,
    ">=": lambda left, right: left >= right,
}


def unary(operator: str, operand: Value, location: Location) -> Value:
    if isinstance(operand, Unknown):
        return operand
    if isinstance(operand, ListValue | ObjectValue):
        raise Refused(f"{operator} needs a single value")
    if not isinstance(operand, Known):
        return Call(operator, (operand,), location)
    if operator == "!":
        return Known(not as_boolean(operand), location)
    return Known(numbers.negate(as_number(operand)), location)


def binary(operator: str, left: Value, right: Value, location: Location) -> Value:
    """`left operator right`; symbolic operands give a Call, unless the other side decides."""
    if operator in ("&&", "||"):
        return _logical(operator, left, right, location)
    if operator in ("==", "!=") and _one_is_null(left, right):
        return Known(operator == "!=", location)
    unknown = first_unknown(left) or first_unknown(right)
    if unknown:
        if operator not in ("==", "!="):
            for side in (left, right):
                convert(side, NUMBER)
                if is_null(side):
                    raise Refused(f"{operator} of null")
        return unknown
    if operator in ("==", "!="):
        equal = equals(left, right)
        if equal is None:
            return Call(operator, (left, right), location)
        return Known(equal if operator == "==" else not equal, location)
    for side in (left, right):
        if isinstance(side, ListValue | ObjectValue):
            raise Refused(f"{operator} needs numbers")
    if not isinstance(left, Known) or not isinstance(right, Known):
        return Call(operator, (left, right), location)
    first, second = as_number(left), as_number(right)
    if operator in _COMPARISON:
        return Known(_COMPARISON[operator](first, second), location)
    return Known(_ARITHMETIC[operator](first, second), location)


def _logical(operator: str, left: Value, right: Value, location: Location) -> Value:
    decisive = operator == "||"
    decided = False
    sides = []
    for side in (left, right):
        if isinstance(side, Known):
            decided = decided or as_boolean(side) == decisive
        elif isinstance(side, ListValue | ObjectValue):
            raise Refused(f"{operator} needs bools")
        else:
            sides.append(side)
    if decided:
        return Known(decisive, location)
    if not sides:
        return Known(not decisive, location)
    if len(sides) == 1:
        return sides[0]
    return first_unknown(left) or first_unknown(right) or Call(operator, (left, right), location)


def equals(left: Value, right: Value) -> bool | None:
    """Terraform's ==: values of two types are never equal; None where only apply decides."""
    if is_null(left) and is_null(right):
        return True
    if is_known(left) and is_known(right):
        return left == right and (is_null(left) or type_of(left) == type_of(right))
    if _one_is_null(left, right):
        return False
    return True if left == right else None


def _one_is_null(left: Value, right: Value) -> bool:
    """Whether one side is null and the other is not, whatever is in it: a text, a list or an object."""
    filled = (Template, ListValue, ObjectValue)
    return (isinstance(left, filled) and is_null(right)) or (is_null(left) and isinstance(right, filled))


def unified(chosen: Value, other: Type) -> Value:
    """The chosen branch of a conditional as the type that it has in common with the other's.

    Raises:
        Refused: they have none.
    """
    mine = type_of(chosen)
    if is_null(chosen) and mine == NOTHING:
        return convert(chosen, other)
    if mine == ANY or other in (ANY, NOTHING):
        return chosen
    common = unify((mine, other))
    if common is None:
        raise Refused("the branches of a conditional have no type in common")
    if common != mine and has_any(common) and len(set(parts(mine)) - {ANY, NOTHING}) > 1:
        raise Undecided("the common type of the branches of a conditional, with something null in one")
    return convert(chosen, common)
