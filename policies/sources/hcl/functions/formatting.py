"""`format` and `formatlist`: https://developer.hashicorp.com/terraform/language/functions/format"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from ....values import Known, ListValue, ObjectValue, Template, Value, is_known, is_null, template, text_of
from .. import numbers
from ..conversion import convert
from ..refused import Refused, Undecided
from ..types import BOOL, NOTHING, NUMBER, STRING, list_of, type_of
from . import encodings
from .graphemes import graphemes

_VERB = re.compile(
    r"%(?P<flags>[-+ #0]*)(?P<width>\d*)(?:\.(?P<precision>\d*))?(?:\[(?P<index>\d+)\])?(?P<mode>[a-zA-Z%])"
)
MAX_WIDTH = 1_000


def _split(pattern: str) -> Iterator[str | re.Match[str]]:
    position = 0
    while (start := pattern.find("%", position)) >= 0:
        yield pattern[position:start]
        match = _VERB.match(pattern, start)
        if match is None:
            if "*" in pattern[start : start + 8]:
                raise Undecided("a width that is an argument")
            raise Refused(f"{pattern[start : start + 8]!r} is no format verb")
        if len(match["width"]) > 4 or len(match["precision"] or "") > 4:
            raise Undecided("a width that large")
        yield match
        position = match.end()
    yield pattern[position:]


def pieces(pattern: str, arguments: Sequence[Value]) -> list[Value] | None:
    """The parts of the text; None where an argument that only apply knows meets a verb that changes it."""
    if any(is_null(argument) and type_of(argument) == NOTHING for argument in arguments):
        raise Undecided("format of a null without a type, which Terraform leaves unknown too")
    found: list[Value] = []
    position = used = 0
    for item in _split(pattern):
        if isinstance(item, str) or item["mode"] == "%":
            found.append(Known(item if isinstance(item, str) else "%"))
            continue
        if item["index"]:
            position = int(item["index"]) - 1
        if not 0 <= position < len(arguments):
            raise Refused("format has too few arguments")
        argument = arguments[position]
        position += 1
        used = max(used, position)
        if is_known(argument):
            found.append(Known(_formatted(item, argument)))
        elif item.group() in ("%s", "%v") and not isinstance(argument, ListValue | ObjectValue):
            found.append(argument)
        else:
            return None
    if used < len(arguments) and not (arguments and "[" in pattern and used == 0):
        raise Refused("format has too many arguments")
    return found


def _formatted(verb: re.Match[str], argument: Value) -> str:
    mode, flags = verb["mode"], verb["flags"]
    if mode == "v":
        return _padded(
            _as_json(argument) if "#" in flags or not isinstance(argument, Known) else _plain(argument), verb
        )
    if is_null(argument):
        raise Refused(f"%{mode} of null")
    if mode == "t":
        return _padded(_plain(convert(argument, BOOL)), verb)
    if mode in "bdoxXeEfgG":
        value = convert(argument, NUMBER)
        assert isinstance(value, Known)
        return _number(verb, value.value)  # type: ignore[arg-type]
    if mode in "sq":
        text = _plain(convert(argument, STRING))
        if verb["precision"] is not None:
            text = "".join(graphemes(text)[: int(verb["precision"] or 0)])
        return _padded(_as_json(Known(text)) if mode == "q" else text, verb)
    raise Refused(f"%{mode} is no format verb")


def _plain(value: Value) -> str:
    content = value.value if isinstance(value, Known) else None
    return "null" if content is None else str(text_of(content))


def _as_json(value: Value) -> str:
    return encodings.json_text(value)


def _padded(text: str, verb: re.Match[str]) -> str:
    if not verb["width"]:
        return text
    width = int(verb["width"])
    if width > MAX_WIDTH:
        raise Undecided("a width that large")
    missing = max(0, width - len(graphemes(text)))
    if "-" in verb["flags"]:
        return text + " " * missing
    return ("0" if "0" in verb["flags"] else " ") * missing + text


def _number(verb: re.Match[str], number: int | Decimal) -> str:
    mode = verb["mode"]
    options = "".join(dict.fromkeys(verb["flags"])) + verb["width"]
    if verb["width"] and int(verb["width"]) > MAX_WIDTH:
        raise Undecided("a width that large")
    if mode in "bdoxX":
        if isinstance(number, Decimal) and number != number.to_integral_value():
            raise Refused(f"%{mode} needs a whole number")
        if verb["precision"] is not None or "#" in verb["flags"]:
            raise Undecided(f"a precision or # with %{mode}")
        if mode == "b":
            sign = "-" if number < 0 else "+" if "+" in verb["flags"] else " " if " " in verb["flags"] else ""
            digits = format(abs(int(number)), "b")
            missing = max(0, int(verb["width"] or 0) - len(sign + digits))
            if "-" in verb["flags"]:
                return sign + digits + " " * missing
            return sign + "0" * missing + digits if "0" in verb["flags"] else " " * missing + sign + digits
        return f"%{options}{mode}" % int(number)
    if verb["precision"] and int(verb["precision"]) > MAX_WIDTH:
        raise Undecided("a precision that large")
    precision = verb["precision"]
    if mode in "gG" and precision is None:
        raise_to = numbers.text(number)
        exponent = number.adjusted() if isinstance(number, Decimal) else len(raise_to.lstrip("-")) - 1
        if -4 <= exponent < 21 and not verb["width"] and not verb["flags"]:
            return raise_to
        raise Undecided("%g of a number this large or small")
    if mode in "fF" and isinstance(number, int):
        number = Decimal(number)
    places = 6 if precision is None else int(precision or 0)
    if mode in "eEfF":
        text = format(abs(Decimal(number)), f".{places}{mode}")
        text = re.sub(r"([eE][+-])(\d)$", r"\g<1>0\2", text)
        sign = "-" if number < 0 else "+" if "+" in verb["flags"] else " " if " " in verb["flags"] else ""
        missing = max(0, int(verb["width"] or 0) - len(sign + text))
        if "-" in verb["flags"]:
            return sign + text + " " * missing
        return sign + "0" * missing + text if "0" in verb["flags"] else " " * missing + sign + text
    raise Undecided(f"%.{precision}{mode}")


def format_list(pattern: Value, *arguments: Value) -> Value | None:
    """One text for each element of the lists among the arguments; the other arguments stand in each of them."""
    if not isinstance(pattern, Known):
        return None
    lengths = {len(argument.items) for argument in arguments if isinstance(argument, ListValue)}
    if len(lengths) > 1:
        raise Refused("the lists differ in length")
    if not all(isinstance(argument, Known | ListValue | Template) for argument in arguments):
        return None
    texts: list[Value] = []
    for index in range(lengths.pop() if lengths else 1):
        row = [argument.items[index] if isinstance(argument, ListValue) else argument for argument in arguments]
        found = pieces(str(pattern.value), row)
        if found is None:
            return None
        texts.append(template(found))
    return convert(ListValue(tuple(texts)), list_of(STRING))
