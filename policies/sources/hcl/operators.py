"""Terraform's operators and conversions on values."""

from __future__ import annotations

import decimal
from collections.abc import Callable, Mapping
from decimal import Decimal

from ...values import (
    Call,
    Known,
    ListValue,
    Location,
    ObjectValue,
    Scalar,
    Template,
    Unknown,
    Value,
    first_unknown,
    is_known,
    is_null,
    text_of,
)
from .refused import Refused

# Terraform's numbers have 512 bits of mantissa: about 154 digits.
NUMBERS = decimal.Context(prec=154, traps=[decimal.InvalidOperation, decimal.DivisionByZero, decimal.Overflow])


def normal(number: Decimal | int) -> int | Decimal:
    """The number as an int where it is a whole one."""
    if isinstance(number, int):
        return number
    return int(number) if number == number.to_integral_value() and abs(number.adjusted()) < 400 else number


def as_number(value: Known) -> int | Decimal:
    content = value.value
    if isinstance(content, bool) or content is None:
        raise Refused("a number is needed")
    if isinstance(content, str):
        try:
            return normal(Decimal(content))
        except decimal.InvalidOperation:
            raise Refused(f"{content!r} is not a number") from None
    return content


def as_integer(value: Known) -> int:
    number = as_number(value)
    if not isinstance(number, int):
        raise Refused("a whole number is needed")
    return number


def as_boolean(value: Known) -> bool:
    content = value.value
    if isinstance(content, bool):
        return content
    if content in ("true", "false") and isinstance(content, str):
        return content == "true"
    raise Refused("a bool is needed")


def unary(operator: str, operand: Value, location: Location) -> Value:
    if isinstance(operand, Unknown):
        return operand
    if not isinstance(operand, Known):
        if isinstance(operand, ListValue | ObjectValue):
            raise Refused(f"{operator} needs a single value")
        return Call(operator, (operand,), location)
    if operator == "!":
        return Known(not as_boolean(operand), location)
    return Known(normal(NUMBERS.minus(Decimal(as_number(operand)))), location)


def _modulo(left: Decimal, right: Decimal) -> Decimal:
    return NUMBERS.remainder(left, right)


_ARITHMETIC: Mapping[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": NUMBERS.add,
    "-": NUMBERS.subtract,
    "*": NUMBERS.multiply,
    "/": NUMBERS.divide,
    "%": _modulo,
}
_COMPARISON: Mapping[str, Callable[[Scalar, Scalar], bool]] = {
    "<": lambda left, right: left < right,  # type: ignore[operator]
    ">": lambda left, right: left > right,  # type: ignore[operator]
    "<=": lambda left, right: left <= right,  # type: ignore[operator]
    ">=": lambda left, right: left >= right,  # type: ignore[operator]
}
BINARY = {*_ARITHMETIC, *_COMPARISON, "==", "!=", "&&", "||"}


def binary(operator: str, left: Value, right: Value, location: Location) -> Value:
    """`left operator right`; symbolic operands give a Call, unless the other side decides."""
    if operator in ("&&", "||"):
        return _logical(operator, left, right, location)
    unknown = first_unknown(left) or first_unknown(right)
    if unknown:
        return unknown
    if operator in ("==", "!="):
        equal = _equal(left, right)
        if equal is None:
            return Call(operator, (left, right), location)
        return Known(equal if operator == "==" else not equal, location)
    if not isinstance(left, Known) or not isinstance(right, Known):
        return Call(operator, (left, right), location)
    first, second = as_number(left), as_number(right)
    if operator in _COMPARISON:
        return Known(_COMPARISON[operator](first, second), location)
    try:
        return Known(normal(_ARITHMETIC[operator](Decimal(first), Decimal(second))), location)
    except decimal.DecimalException:
        raise Refused(f"{first} {operator} {second} has no result") from None


def _logical(operator: str, left: Value, right: Value, location: Location) -> Value:
    decisive = operator == "||"
    sides = []
    for side in (left, right):
        if isinstance(side, Known):
            if as_boolean(side) == decisive:
                return Known(decisive, location)
        else:
            sides.append(side)
    if not sides:
        return Known(not decisive, location)
    if len(sides) == 1:
        return sides[0]
    return first_unknown(left) or first_unknown(right) or Call(operator, (left, right), location)


def _equal(left: Value, right: Value) -> bool | None:
    """Terraform's ==: no conversion between types; None where only apply decides."""
    if left == right and not isinstance(left, ObjectValue):
        return True
    if is_known(left) and is_known(right):
        return left == right
    if (isinstance(left, Template) and is_null(right)) or (is_null(left) and isinstance(right, Template)):
        return False
    return True if left == right else None


def converted_like(value: Value, other: Value) -> Value:
    """Both branches of a conditional have one type: a bool or a number beside a string becomes one too."""
    if not isinstance(value, Known) or isinstance(value.value, str) or value.value is None:
        return value
    if isinstance(other, Template) or isinstance(other, Known) and isinstance(other.value, str):
        return Known(text_of(value.value), value.location)
    if isinstance(other, Known) and isinstance(other.value, bool) != isinstance(value.value, bool):
        if other.value is not None:
            return Known(text_of(value.value), value.location)
    return value
