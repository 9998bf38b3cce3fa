"""Terraform's numbers: binary floats with 512 bits of mantissa, written with the fewest digits that read back the same.

An `int` or a `Decimal` stands for the float that its digits are read as.
"""

from __future__ import annotations

import decimal
from decimal import Decimal
from typing import TYPE_CHECKING

from .refused import Refused, Undecided

if TYPE_CHECKING:
    from fractions import Fraction

_BITS = 512
_EXACT = 1 << _BITS
_DIGITS = 150
_MAX_EXPONENT = 1_000
_AS_WRITTEN = decimal.Context(prec=_DIGITS)


def parse(text: str) -> int | Decimal:
    """A number as it is written in the source or in a string.

    Raises:
        Refused: the text is no number.
    """
    digits = text.lstrip("+-")
    if not digits or not text.isascii() or "_" in text or text != text.strip():
        raise Refused(f"{text[:40]!r} is not a number")
    if digits.isdigit() and len(digits) <= _DIGITS:
        return int(text)
    try:
        number = Decimal(text)
    except decimal.InvalidOperation:
        raise Refused(f"{text[:40]!r} is not a number") from None
    if not number.is_finite():
        raise Refused(f"{text[:40]!r} is not a number")
    if len(digits) <= _DIGITS and abs(number.adjusted()) <= _DIGITS:  # no two of these are the same float
        return int(number) if number == number.to_integral_value() else number.normalize(_AS_WRITTEN)
    return from_fraction(_fraction(number))


def _fraction(number: int | Decimal) -> Fraction:
    """The value of the float that the digits stand for."""
    if isinstance(number, Decimal) and number and abs(number.adjusted()) > _MAX_EXPONENT:
        raise Undecided(f"a number with an exponent past {_MAX_EXPONENT:,}")
    from fractions import Fraction  # imported where it is needed: few stacks calculate

    return _rounded(Fraction(number))


def _rounded(value: Fraction) -> Fraction:
    """To the nearest number of 512 significant bits, the even one of two."""
    if not value or (value.denominator == 1 and -_EXACT < value.numerator < _EXACT):
        return value
    from fractions import Fraction

    shift = _BITS - (abs(value.numerator).bit_length() - value.denominator.bit_length())
    scaled = value * Fraction(2) ** shift
    if abs(scaled) >= _EXACT:
        shift -= 1
        scaled /= 2
    return Fraction(round(scaled)) / Fraction(2) ** shift


def from_fraction(value: Fraction | int) -> int | Decimal:
    if isinstance(value, int) and -_EXACT < value < _EXACT:
        return value
    from fractions import Fraction

    value = _rounded(Fraction(value))
    if value.denominator == 1 and -_EXACT < value.numerator < _EXACT:
        return value.numerator
    if abs(value.numerator).bit_length() - value.denominator.bit_length() > 4 * _MAX_EXPONENT:
        raise Undecided("a number of more than a thousand digits")
    for precision in (30, 150, 153, 154, 155, 156, 160):
        context = decimal.Context(prec=precision)
        number = context.divide(Decimal(value.numerator), Decimal(value.denominator)).normalize(context)
        if _rounded(Fraction(number)) == value:
            break
    return int(number) if number == number.to_integral_value() else number


def add(left: int | Decimal, right: int | Decimal) -> int | Decimal:
    if isinstance(left, int) and isinstance(right, int):
        return from_fraction(left + right)
    return from_fraction(_fraction(left) + _fraction(right))


def subtract(left: int | Decimal, right: int | Decimal) -> int | Decimal:
    return add(left, negate(right))


def negate(number: int | Decimal) -> int | Decimal:
    return -number if isinstance(number, int) else number.copy_negate()


def multiply(left: int | Decimal, right: int | Decimal) -> int | Decimal:
    if isinstance(left, int) and isinstance(right, int):
        return from_fraction(left * right)
    return from_fraction(_fraction(left) * _fraction(right))


def divide(left: int | Decimal, right: int | Decimal) -> int | Decimal:
    if not right:
        if not left:
            raise Refused("a division of zero by zero")
        raise Undecided("a division by zero, which is infinite")
    return from_fraction(_fraction(left) / _fraction(right))


def modulo(left: int | Decimal, right: int | Decimal) -> int | Decimal:
    """What is left of truncated division: it has the sign of the first operand."""
    if not right:
        raise Undecided("a remainder of a division by zero")
    dividend, divisor = _fraction(left), _fraction(right)
    whole = int(_rounded(dividend / divisor))
    return from_fraction(dividend - _rounded(divisor * whole))


def power(base: int | Decimal, exponent: int | Decimal) -> int | Decimal:
    """By 64-bit floats, as Terraform's `pow` does.

    Raises:
        Refused: the result is no finite number.
    """
    try:
        result = from_float(float(base) ** float(exponent))
    except (OverflowError, ZeroDivisionError):
        raise Refused("pow gives no finite number") from None
    if not isinstance(result, int) or abs(result) > 1 << 53:
        raise Undecided("a power that is no whole number of at most 53 bits")
    return result


def from_float(value: object) -> int | Decimal:
    """A 64-bit float, which Terraform keeps with the 53 bits that it has."""
    if not isinstance(value, float) or value != value or value in (float("inf"), float("-inf")):
        raise Refused("the result is no finite number")
    number = Decimal(repr(value))
    return int(number) if number == number.to_integral_value() else number


def text(number: int | Decimal) -> str:
    """As Terraform converts it to a string: no exponent, no trailing zeros."""
    return format(number, "f") if isinstance(number, Decimal) else str(number)
