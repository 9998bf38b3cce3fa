"""JSON with the place of each value, which Python's own reader does not keep."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from ...values import Location
from . import numbers
from .refused import Refused, Undecided
from .syntax import MAX_SOURCE_BYTES, SourceError

MAX_NESTING = 200
_TOKEN = re.compile(
    r"""[ \t\r\n]*(?:
    (?P<mark>[{}\[\]:,])
    | (?P<text>"(?:[^"\\\x00-\x1f]|\\.)*")
    | (?P<number>-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?)(?![\w.])
    | (?P<word>true|false|null)\b
    | (?P<end>\Z))""",
    re.VERBOSE,
)
_WORDS = {"true": True, "false": False, "null": None}


@dataclass(frozen=True, slots=True)
class JsonValue:
    """`content` is a scalar, a list, or for an object its pairs of a key and a value."""

    content: str | int | Decimal | bool | list[JsonValue] | Pairs | None
    location: Location

    @property
    def pairs(self) -> list[tuple[JsonValue, JsonValue]]:
        """An object's; empty for anything else."""
        return self.content.pairs if isinstance(self.content, Pairs) else []


@dataclass(frozen=True, slots=True)
class Pairs:
    pairs: list[tuple[JsonValue, JsonValue]]


Token: TypeAlias = "tuple[str, str, int]"


class JsonFile:
    """A file in JSON syntax; what `SourceFile` is for the native one."""

    def __init__(self, content: bytes, name: str) -> None:
        """Parse it.

        Raises:
            SourceError: it is too large, not UTF-8, or no JSON.
        """
        self.name = name
        if len(content) > MAX_SOURCE_BYTES:
            raise SourceError(f"the file is larger than {MAX_SOURCE_BYTES:,} bytes", Location(name, 1, 1, 1, 1))
        try:
            self._text = content.removeprefix(b"\xef\xbb\xbf").decode()
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            raise SourceError("the file is not UTF-8", Location(name, line, 1, line, 1)) from None
        self._line, self._line_start = 1, 0
        self._position = 0
        self._depth = 0
        self.root = self._value(self._next())
        token = self._next()
        if token[0] != "end":
            raise self._unexpected(token)

    def _next(self) -> Token:
        match = _TOKEN.match(self._text, self._position)
        if match is None:
            blank = re.compile(r"[ \t\r\n]*").match(self._text, self._position)
            start = blank.end() if blank else self._position
            raise self._unexpected(("", self._text[start : start + 20].split("\n")[0], start))
        kind = match.lastgroup or ""
        self._position = match.end()
        return kind, match[kind], match.start(kind)

    def _place(self, token: Token) -> Location:
        start = token[2]
        self._line += self._text.count("\n", self._line_start, start)
        self._line_start = self._text.rfind("\n", 0, start) + 1
        column = start - self._line_start + 1
        return Location(self.name, self._line, column, self._line, column + len(token[1]))

    def _unexpected(self, token: Token) -> SourceError:
        found = repr(token[1]) if token[1] else "the end of the file"
        return SourceError(f"this is not valid JSON near {found}", self._place(token))

    def _value(self, token: Token) -> JsonValue:
        kind, written, _ = token
        place = self._place(token)
        if kind == "text":
            return JsonValue(self._string(written, place), place)
        if kind == "number":
            try:
                return JsonValue(numbers.parse(written), place)
            except (Refused, Undecided) as error:
                raise SourceError(str(error), place) from None
        if kind == "word":
            return JsonValue(_WORDS[written], place)
        if written not in ("{", "["):
            raise self._unexpected(token)
        self._depth += 1
        if self._depth > MAX_NESTING:
            raise SourceError(f"JSON nested more than {MAX_NESTING} deep", place)
        content = self._object() if written == "{" else self._array()
        self._depth -= 1
        return JsonValue(content, place)

    def _string(self, written: str, place: Location) -> str:
        try:
            return str(json.loads(written)).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        except ValueError:
            raise SourceError("the string has an escape that JSON does not know", place) from None

    def _object(self) -> Pairs:
        pairs: list[tuple[JsonValue, JsonValue]] = []
        token = self._next()
        while token[1] != "}" or token[0] != "mark":
            if pairs:
                if token[1] != "," or token[0] != "mark":
                    raise self._unexpected(token)
                token = self._next()
            if token[0] != "text":
                raise self._unexpected(token)
            key = self._value(token)
            colon = self._next()
            if colon[1] != ":" or colon[0] != "mark":
                raise self._unexpected(colon)
            pairs.append((key, self._value(self._next())))
            token = self._next()
        return Pairs(pairs)

    def _array(self) -> list[JsonValue]:
        items: list[JsonValue] = []
        token = self._next()
        while token[1] != "]" or token[0] != "mark":
            if items:
                if token[1] != "," or token[0] != "mark":
                    raise self._unexpected(token)
                token = self._next()
            items.append(self._value(token))
            token = self._next()
        return items
