"""Functions of numbers: plain Python values in and out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from .. import numbers
from ..types import ANY, BOOL, NUMBER, list_of
from .signatures import Signature

Number = int | Decimal
MAX_RANGE = 1024


def _round(value: Number, how: str) -> int:
    return value if isinstance(value, int) else int(value.to_integral_value(rounding=how))


def _log(value: Number, base: Number) -> Number:
    # Go divides the natural logarithms.
    if value < 0 or base < 0 or value == 0 or base in (0, 1):
        raise ValueError("the logarithm is no finite number")
    return numbers.from_float(math.log(value) / math.log(base))


def _range(*arguments: Number) -> list[Number]:
    start, end, step = (0, arguments[0], None) if len(arguments) == 1 else (*arguments, None)[:3]
    if step is None:
        step = -1 if end < start else 1
    if step == 0 or ((step > 0) != (end >= start) and end != start):
        raise ValueError("the step leads away from the end")
    values: list[Number] = []
    current = start
    while current < end if step > 0 else current > end:
        if len(values) == MAX_RANGE:
            raise ValueError(f"range gives more than {MAX_RANGE} values")
        values.append(current)
        current = numbers.add(current, step)
    return values


def _sum(items: list[Number]) -> Number:
    if not items:
        raise ValueError("sum of nothing")
    total: Number = 0
    for item in items:
        if item is None:
            raise ValueError("sum of null")
        total = numbers.add(total, item)
    return total


def _signum(value: Number) -> int:
    if not isinstance(value, int) or abs(value) >= 1 << 63:
        raise ValueError("signum of a fraction, or of a number of more than 64 bits")
    return (value > 0) - (value < 0)


def _parseint(text: object, base: int) -> int:
    if not isinstance(text, str):
        raise ValueError("parseint needs a string")
    if not 2 <= base <= 62 or isinstance(base, Decimal):
        raise ValueError("the base is 2 to 62")
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    negative = text.startswith("-")
    body = text[1:] if text[:1] in ("-", "+") else text
    if not body or len(body) > 1000:
        raise ValueError("no number")
    if base > 36:
        digits += digits[10:].upper()
    else:
        body = body.lower()
    number = 0
    for character in body:
        digit = digits.find(character)
        if not 0 <= digit < base:
            raise ValueError(f"{character!r} is no digit in base {base}")
        number = number * base + digit
    return -number if negative else number


TABLE: Mapping[str, Signature] = {
    "abs": Signature(lambda value: numbers.negate(value) if value < 0 else value, (NUMBER,)),
    "alltrue": Signature(lambda items: all(item is True for item in items), (list_of(BOOL),)),
    "anytrue": Signature(lambda items: any(item is True for item in items), (list_of(BOOL),)),
    "ceil": Signature(lambda value: _round(value, ROUND_CEILING), (NUMBER,)),
    "floor": Signature(lambda value: _round(value, ROUND_FLOOR), (NUMBER,)),
    "log": Signature(_log, (NUMBER, NUMBER)),
    "max": Signature(lambda *values: max(values), (NUMBER,), rest=NUMBER),
    "min": Signature(lambda *values: min(values), (NUMBER,), rest=NUMBER),
    "parseint": Signature(_parseint, (ANY, NUMBER)),
    "pow": Signature(numbers.power, (NUMBER, NUMBER)),
    "range": Signature(_range, (NUMBER, NUMBER, NUMBER), optional=2, result=list_of(NUMBER)),
    "signum": Signature(_signum, (NUMBER,)),
    "sum": Signature(_sum, (list_of(NUMBER),)),
}
