"""Functions that need all their arguments: plain Python values in, plain Python values out.

Each raises TypeError or ValueError where Terraform refuses the arguments.
"""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from ...values import Scalar, text_of
from .operators import NUMBERS, normal

_VERB = re.compile(r"([^%]*)(%%|%[-+# 0]*\d*(?:\.\d+)?[a-zA-Z])?", re.DOTALL)


def format_verbs(pattern: str) -> Iterator[tuple[str, str]]:
    """Literal and the verb after it (empty at the end), `%%` already a percent sign."""
    literal = ""
    position = 0
    while position < len(pattern):
        match = _VERB.match(pattern, position)
        if match is None or match.end() == position:
            raise ValueError(f"{pattern[position:]!r} is no format verb")
        position = match.end()
        literal += match[1]
        if match[2] == "%%":
            literal += "%"
        elif match[2]:
            yield literal, match[2]
            literal = ""
    yield literal, ""


def format_one(verb: str, value: Scalar) -> str:
    """One argument of format, for the verbs that Python and Go share."""
    kind = verb[-1]
    if len(verb) > 8:
        raise ValueError(f"{verb[:20]} is wider than this program supports")
    if value is None:
        raise ValueError("format of null")
    if kind in "sv":
        return (verb[:-1] + "s") % text_of(value)
    if kind == "q":
        return json.dumps(text_of(value), ensure_ascii=False)
    if kind == "t":
        return _text(text_of(value))
    if kind in "dxXobeEfgG":
        number = value if isinstance(value, int | Decimal) else Decimal(_text(value))
        if kind in "dxXo":
            return verb % int(number)
        if kind == "b":
            return format(int(number), "b")
        return verb % float(number)
    raise ValueError(f"{verb} is not supported")


def _text(value: object) -> str:
    if not isinstance(value, str):
        if isinstance(value, bool | int | Decimal):
            return str(text_of(value))
        raise TypeError("a string is needed")
    return value


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError("a list is needed")
    return value


def _number(value: object) -> int | Decimal:
    if isinstance(value, str):
        return normal(Decimal(value))
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise TypeError("a number is needed")
    return value


def _replace(text: str, wanted: str, replacement: str) -> str:
    if len(wanted) > 1 and wanted.startswith("/") and wanted.endswith("/"):
        # Python's expressions are not RE2's, and can take forever on a hostile pattern.
        raise NotImplementedError("replace with a regular expression")
    return text.replace(wanted, replacement)


def _jsonable(value: object) -> object:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, list):
        return [_jsonable(item) for item in value]
    if isinstance(value, dict):
        return {name: _jsonable(item) for name, item in sorted(value.items())}
    return value


def _jsonencode(value: object) -> str:
    encoded = json.dumps(_jsonable(value), separators=(",", ":"), ensure_ascii=False)
    # Terraform, like Go, escapes what HTML and JavaScript could misread.
    for character in "<>&\u2028\u2029":
        encoded = encoded.replace(character, f"\\u{ord(character):04x}")
    return encoded


def _jsondecode(text: str) -> object:
    return json.loads(text, parse_float=Decimal)


def _slice(items: Sequence[object], start: int, end: int) -> list[object]:
    if not 0 <= start <= end <= len(items):
        raise ValueError("slice is out of range")
    return list(items[start:end])


def _substr(text: str, offset: int, length: int) -> str:
    start = offset if offset >= 0 else max(0, len(text) + offset)
    return text[start:] if length == -1 else text[start : start + length]


def _distinct(items: list[object]) -> list[object]:
    kept: list[object] = []
    for item in items:
        if not any(item == other and type(item) is type(other) for other in kept):
            kept.append(item)
    return kept


def _bool(value: object) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return value == "true"
    raise ValueError(f"{value!r} is not a bool")


def _all_true(items: list[object]) -> bool:
    return all(_bool(item) for item in items)


def _any_true(items: list[object]) -> bool:
    return any(_bool(item) for item in items)


def _range(*numbers: int) -> list[object]:
    if len(numbers) == 1 and numbers[0] < 0:
        return list(range(0, numbers[0], -1))
    if len(numbers) == 2 and numbers[1] < numbers[0]:
        return list(range(numbers[0], numbers[1], -1))
    values = range(*numbers)
    if len(values) > 1024:
        raise ValueError("range gives more than 1024 values")
    return list(values)


def _title(text: str) -> str:
    return re.sub(r"(^|\s)(\S)", lambda match: match[1] + match[2].upper(), text)


def _strip(text: str, characters: str) -> str:
    return text.strip(characters)


def _round(value: object, how: str) -> int:
    return int(Decimal(_number(value)).to_integral_value(rounding=how))


TABLE: Mapping[str, Callable[..., object]] = {
    "abs": lambda value: abs(_number(value)),
    "alltrue": lambda items: _all_true(_list(items)),
    "anytrue": lambda items: _any_true(_list(items)),
    "base64decode": lambda text: base64.b64decode(_text(text), validate=True).decode(),
    "base64encode": lambda text: base64.b64encode(_text(text).encode()).decode(),
    "basename": lambda path: _text(path).rstrip("/").rsplit("/", 1)[-1],
    "ceil": lambda value: _round(value, ROUND_CEILING),
    "chomp": lambda text: _text(text).rstrip("\r\n"),
    "dirname": lambda path: _text(path).rpartition("/")[0] or ("/" if _text(path).startswith("/") else "."),
    "distinct": lambda items: _distinct(_list(items)),
    "endswith": lambda text, end: _text(text).endswith(_text(end)),
    "floor": lambda value: _round(value, ROUND_FLOOR),
    "jsondecode": lambda text: _jsondecode(_text(text)),
    "jsonencode": _jsonencode,
    "log": lambda value, base: Decimal(repr(math.log(float(_number(value)), float(_number(base))))),
    "lower": lambda text: _text(text).lower(),
    "max": lambda *values: max(_number(value) for value in values),
    "min": lambda *values: min(_number(value) for value in values),
    "pow": lambda base, power: NUMBERS.power(Decimal(_number(base)), Decimal(_number(power))),
    "range": lambda *numbers: _range(*(int(_number(number)) for number in numbers)),
    "replace": lambda text, wanted, new: _replace(_text(text), _text(wanted), _text(new)),
    "reverse": lambda items: list(reversed(_list(items))),
    "slice": lambda items, start, end: _slice(_list(items), int(_number(start)), int(_number(end))),
    "sort": lambda items: sorted(_text(item) for item in _list(items)),
    "split": lambda separator, text: _text(text).split(_text(separator)) if separator else list(_text(text)),
    "startswith": lambda text, start: _text(text).startswith(_text(start)),
    "strcontains": lambda text, part: _text(part) in _text(text),
    "strrev": lambda text: _text(text)[::-1],
    "substr": lambda text, offset, length: _substr(_text(text), int(_number(offset)), int(_number(length))),
    "sum": lambda items: sum((Decimal(_number(item)) for item in _list(items)), Decimal(0)),
    "title": lambda text: _title(_text(text)),
    "tobool": _bool,
    "tonumber": lambda value: None if value is None else _number(value),
    "trim": lambda text, characters: _strip(_text(text), _text(characters)),
    "trimprefix": lambda text, prefix: _text(text).removeprefix(_text(prefix)),
    "trimspace": lambda text: _text(text).strip(),
    "trimsuffix": lambda text, suffix: _text(text).removesuffix(_text(suffix)),
    "upper": lambda text: _text(text).upper(),
}
