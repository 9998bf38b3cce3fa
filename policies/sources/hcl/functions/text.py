"""Functions of strings: plain Python values in and out, but for those that keep symbolic parts."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping

from ....values import Known, Value, template
from ..refused import Refused, Undecided
from ..templates import SPACE
from ..types import ANY, NUMBER, STRING, list_of
from . import formatting
from .graphemes import graphemes
from .signatures import Signature, on_values

MAX_LENGTH = 1_000_000


def _each(text: str, method: str) -> str:
    """Go changes case one character at a time."""
    if text.isascii():
        return str(getattr(text, method)())
    changed = []
    for character in text:
        result = getattr(character, method)()
        if len(result) != 1 or character in "ǅǈǋǲ\u1e9e":
            raise Undecided(f"the case of {character!r}")
        changed.append(result)
    return "".join(changed)


def _title(text: str) -> str:
    result = []
    previous = " "
    for character in text:
        separates = not (previous.isalnum() or previous == "_") if previous.isascii() else previous in SPACE
        result.append(_each(character, "upper") if separates else character)
        previous = character
    return "".join(result)


def _substr(text: str, offset: int, length: int) -> str:
    parts = graphemes(text)
    start = offset if offset >= 0 else max(0, len(parts) + offset)
    if length < -1:
        raise ValueError("the length is negative")
    return "".join(parts[start:] if length == -1 else parts[start : start + length])


def _replace(text: str, wanted: str, new: str) -> str:
    if len(wanted) > 1 and wanted.startswith("/") and wanted.endswith("/"):
        from .regular_expressions import replace

        return replace(wanted[1:-1], text, new)
    if len(new) * (text.count(wanted) + 1) > MAX_LENGTH:
        raise Undecided("a text of more than a million characters")
    return text.replace(wanted, new)


def _indent(spaces: int, text: str) -> str:
    if not 0 <= spaces <= 1000 or spaces * text.count("\n") > MAX_LENGTH:
        raise Undecided("an indentation that wide")
    return text.replace("\n", "\n" + " " * spaces)


def _dirname(path: str) -> str:
    directory = path.rpartition("/")[0] or ("/" if path.startswith("/") else "")
    return re.sub(r"^//+", "/", posixpath.normpath(directory)) if directory else "."


def _basename(path: str) -> str:
    if not path:
        return "."
    return path.rstrip("/").rpartition("/")[2] or "/"


def _join(separator: Value, *lists: Value) -> Value | None:
    parts = [getattr(item, "items", None) for item in lists]
    if None in parts or not isinstance(separator, Known):
        return None
    pieces: list[Value] = []
    for item in (item for part in parts for item in part or ()):
        if item == Known(None):
            raise Refused("join of null")
        pieces.extend([separator, item] if pieces else [item])
    return template(pieces)


def _format(pattern: Value, *arguments: Value) -> Value | None:
    """Symbolic arguments stay parts of a template where the verb is %s or %v."""
    if not isinstance(pattern, Known):
        return None
    pieces = formatting.pieces(str(pattern.value), arguments)
    return None if pieces is None else template(pieces)


def _pathexpand(path: str) -> str:
    if path.startswith("~"):
        raise Undecided("a path in a home directory")
    return path


def _regex(pattern: Value, text: Value) -> Value | None:
    from .regular_expressions import regex  # imported where it is needed: few stacks do

    return regex(pattern, text)


def _regexall(pattern: Value, text: Value) -> Value | None:
    from .regular_expressions import regexall

    return regexall(pattern, text)


TABLE: Mapping[str, Signature] = {
    "basename": Signature(_basename, (STRING,)),
    "chomp": Signature(lambda text: re.sub(r"(?:\r\n?|\n)*\Z", "", text), (STRING,)),
    "dirname": Signature(_dirname, (STRING,)),
    "endswith": Signature(str.endswith, (STRING, STRING)),
    "format": on_values(_format, STRING, rest=ANY, nulls=True),
    "formatlist": on_values(formatting.format_list, STRING, rest=ANY),
    "indent": Signature(_indent, (NUMBER, STRING)),
    "join": on_values(_join, STRING, rest=list_of(STRING)),
    "lower": Signature(lambda text: _each(text, "lower"), (STRING,)),
    "pathexpand": Signature(_pathexpand, (STRING,)),
    "regex": on_values(_regex, STRING, STRING),
    "regexall": on_values(_regexall, STRING, STRING),
    "replace": Signature(_replace, (STRING, STRING, STRING)),
    "split": Signature(
        lambda separator, text: text.split(separator) if separator else list(text),
        (STRING, STRING),
        result=list_of(STRING),
    ),
    "startswith": Signature(str.startswith, (STRING, STRING)),
    "strcontains": Signature(str.__contains__, (STRING, STRING)),
    "strrev": Signature(lambda text: "".join(reversed(graphemes(text))), (STRING,)),
    "substr": Signature(_substr, (STRING, NUMBER, NUMBER)),
    "title": Signature(_title, (STRING,)),
    "trim": Signature(str.strip, (STRING, STRING)),
    "trimprefix": Signature(str.removeprefix, (STRING, STRING)),
    "trimspace": Signature(lambda text: text.strip(SPACE), (STRING,)),
    "trimsuffix": Signature(str.removesuffix, (STRING, STRING)),
    "upper": Signature(lambda text: _each(text, "upper"), (STRING,)),
}
