"""JSON and YAML texts as values, with the references that stand in them.

A template's text is known but for its references. Each of them is marked in the text by its number, the text is read,
and the marks become references again. Nothing is constructed from YAML but texts, lists and objects.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .convention import undecided
from .values import (
    MAX_WEIGHT,
    NULL,
    Call,
    Known,
    ListValue,
    ObjectValue,
    Template,
    TooLarge,
    Unknown,
    Value,
    describe,
    template,
    text_of,
)

if TYPE_CHECKING:
    from types import ModuleType

    from yaml.events import Event, ScalarEvent

MAX_NESTING = 100
MAX_TEXT = 5_000_000
_MERGE = "<<"
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_NULLS = ("", "~", "null", "Null", "NULL")
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})")


def read_json(text: Known | Template, *, name: str) -> Value:
    """What a JSON text says, or Unknown with the reason; `name` is what messages call the text."""
    return _read(text, name, _from_json)


def read_yaml(text: Known | Template, *, name: str) -> Value:
    """What a YAML text says, or Unknown with the reason; `name` is what messages call the text.

    A number with a fraction stays the text that it is written as: `2.0` is not 2. Of the words of YAML 1.1 only those
    that YAML 1.2 has too are booleans.
    """
    return _read(text, name, _from_yaml)


class _Unreadable(Exception):
    """The text cannot be read: why not, as a clause after its name."""


@dataclass(frozen=True)
class _Marked:
    """A text in which `mark`, a part's number and `mark` stand for each part that only apply decides."""

    name: str
    text: str
    mark: str
    parts: tuple[Value, ...]

    def value(self, text: str) -> Value:
        """A text of the document with its marks replaced."""
        if self.mark not in text:
            return Known(text)
        pieces = text.split(self.mark)
        return template([self.parts[int(piece)] if index % 2 else Known(piece) for index, piece in enumerate(pieces)])

    def unquoted(self, text: str) -> Value:
        """The same outside quotes, where a part may be more than a text: `${jsonencode(x)}` alone is x."""
        value = self.value(text)
        return value.arguments[0] if isinstance(value, Call) and value.function == "jsonencode" else value

    def object(self, pairs: Iterable[tuple[str, Value]]) -> Value:
        fields: dict[str, Value] = {}
        for written, value in pairs:
            key = self.value(written)
            if not isinstance(key, Known):
                return Unknown(f"a key in {self.name} is {describe(key)}, which only apply decides")
            if str(key.value) in fields:
                return Unknown(f"{self.name} has the key {describe(key)} twice in one place")
            fields[str(key.value)] = value
        return ObjectValue(fields)


def _read(text: Known | Template, name: str, reader: Callable[[_Marked], Value]) -> Value:
    parts = text.parts if isinstance(text, Template) else (text,)
    literals = "".join(text_of(part.value) or "" for part in parts if isinstance(part, Known))
    mark = _mark(literals)
    if len(literals) > MAX_TEXT or mark is None:
        reason = f"is longer than {MAX_TEXT:,} characters" if mark else "is full of characters for private use"
        return Unknown(f"{name} {reason}", text.location)
    unknown = [part for part in parts if not isinstance(part, Known)]
    numbers = iter(range(len(unknown)))
    pieces = (text_of(p.value) or "" if isinstance(p, Known) else f"{mark}{next(numbers)}{mark}" for p in parts)
    try:
        return reader(_Marked(name, "".join(pieces), mark, tuple(unknown)))
    except (TooLarge, RecursionError):
        return Unknown(f"{name} is too large or nested too deeply to be read", text.location)
    except _Unreadable as error:
        if not unknown:
            return Unknown(f"{name} {error}", text.location)
        part = undecided("a part of it", unknown[0])
        return Unknown(f"{name} {error}, but {part.reason}", part.location or text.location)


def _mark(literals: str) -> str | None:
    """A character that the literals hold neither as it is nor as an escape: nobody can forge a part."""
    lowered = literals.lower()
    candidates = range(0xE000, 0xE020)
    return next((chr(code) for code in candidates if chr(code) not in lowered and f"{code:x}" not in lowered), None)


# JSON


class _Pairs(list[tuple[str, Any]]):
    """An object as it is written."""


def _from_json(marked: _Marked) -> Value:
    text = marked.text
    if marked.parts:
        # What stands outside a string becomes one, with one mark more behind it.
        string_or_mark = re.compile(rf'"(?:[^"\\]|\\.)*"?|{marked.mark}(\d+){marked.mark}', re.DOTALL)
        text = string_or_mark.sub(lambda match: f'"{match[0]}{marked.mark}"' if match[1] else match[0], text)
    try:
        content = json.loads(text, object_pairs_hook=_Pairs, parse_float=str, parse_constant=_no_constant)
    except ValueError as error:
        raise _Unreadable(f"is not JSON ({error})") from None
    return _json_value(marked, content, 0)


def _no_constant(word: str) -> object:
    raise ValueError(f"JSON has no {word}")


def _json_value(marked: _Marked, content: Any, depth: int) -> Value:
    if depth > MAX_NESTING:
        raise _Unreadable(f"is nested more than {MAX_NESTING} levels deep")
    if isinstance(content, list) and len(content) > MAX_WEIGHT:
        raise TooLarge
    if isinstance(content, _Pairs):
        return marked.object((key, _json_value(marked, value, depth + 1)) for key, value in content)
    if isinstance(content, list):
        return ListValue(tuple(_json_value(marked, value, depth + 1) for value in content))
    if not isinstance(content, str):
        return Known(content)
    is_bare = bool(marked.parts) and content.startswith(marked.mark) and content.endswith(marked.mark * 2)
    return marked.unquoted(content[:-1]) if is_bare else marked.value(content)


# YAML


def _from_yaml(marked: _Marked) -> Value:
    import yaml

    try:
        # The reader in C is the same and ten times as fast; a PyYAML that was built without it has the other.
        events = yaml.parse(marked.text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        return _Yaml(marked, events, yaml.events).document()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "it does not parse"
        raise _Unreadable(f"is not YAML ({where}{problem})") from None
    except UnicodeError:
        raise _Unreadable("is not YAML (it holds half a character)") from None


class _Yaml:
    """Over the events of one text. They come one after another, so that reading stops at the first bound."""

    def __init__(self, marked: _Marked, events: Iterable[Event], kinds: ModuleType) -> None:
        self.marked = marked
        self.events = iter(events)
        self.kinds = kinds
        self.steps = 0
        self.anchors: dict[str, Value] = {}

    def document(self) -> Value:
        self.next()
        if not isinstance(self.next(), self.kinds.DocumentStartEvent):
            return NULL
        value = self.value(self.next(), 0)
        self.next()
        if not isinstance(self.next(), self.kinds.StreamEndEvent):
            raise _Unreadable("holds more than one YAML document")
        return value

    def next(self) -> Event:
        self.spend(1)
        return next(self.events)

    def spend(self, steps: int) -> None:
        self.steps += steps
        if self.steps > MAX_WEIGHT:
            raise TooLarge

    def value(self, event: Event, depth: int) -> Value:
        if depth > MAX_NESTING:
            raise _Unreadable(f"is nested more than {MAX_NESTING} levels deep")
        if isinstance(event, self.kinds.AliasEvent):
            if event.anchor not in self.anchors:
                raise _Unreadable(f"is not YAML (the alias *{event.anchor} names no anchor)")
            return self.anchors[event.anchor]
        if event.anchor:
            self.anchors[event.anchor] = Unknown(f"in {self.marked.name} the anchor &{event.anchor} stands in itself")
        if isinstance(event, self.kinds.ScalarEvent):
            value = self.scalar(event)
        elif isinstance(event, self.kinds.MappingStartEvent):
            value = self.tagged(event, self.mapping(depth), "tag:yaml.org,2002:map")
        else:
            value = self.tagged(event, ListValue(tuple(self.items(depth))), "tag:yaml.org,2002:seq")
        if event.anchor:
            self.anchors[event.anchor] = value
        return value

    def tagged(self, event: Event, value: Value, usual: str) -> Value:
        if event.tag in (None, "!", usual):
            return value
        return Unknown(f"{self.marked.name} holds the YAML tag {event.tag}, which is not supported")

    def items(self, depth: int) -> Iterator[Value]:
        while not isinstance(event := self.next(), self.kinds.SequenceEndEvent):
            yield self.value(event, depth + 1)

    def mapping(self, depth: int) -> Value:
        pairs: list[tuple[str, Value]] = []
        merged: list[Value] = []
        wrong: Value | None = None
        while not isinstance(event := self.next(), self.kinds.MappingEndEvent):
            key = self.key(event) if isinstance(event, self.kinds.ScalarEvent) else None
            if key is None:
                wrong = Unknown(f"{self.marked.name} has a key that is not written as a text")
                self.value(event, depth + 1)
            value = self.value(self.next(), depth + 1)
            if key == _MERGE and event.implicit[0]:
                merged += value.items if isinstance(value, ListValue) else (value,)
            elif key is not None:
                pairs.append((key, value))
        return wrong or self.merge(self.marked.object(pairs), merged)

    def key(self, event: ScalarEvent) -> str:
        if event.anchor:
            self.anchors[event.anchor] = self.scalar(event)
        return event.value

    def merge(self, value: Value, others: Iterable[Value]) -> Value:
        """`<<`: the fields of other objects, where there are none of the same names."""
        for other in others:
            if not isinstance(value, ObjectValue):
                return value
            if not isinstance(other, ObjectValue):
                return other if isinstance(other, Unknown) else Unknown(f"a << in {self.marked.name} names no object")
            self.spend(value.weight + other.weight)
            value = ObjectValue({**other.fields, **value.fields})
        return value

    def scalar(self, event: ScalarEvent) -> Value:
        text = event.value
        if not event.implicit[0]:  # quoted, a block, or with a tag
            return self.tagged(event, self.marked.value(text), "tag:yaml.org,2002:str")
        if text in _NULLS:
            return NULL
        if text in _BOOLEANS:
            return Known(_BOOLEANS[text])
        return Known(int(text)) if _INTEGER.fullmatch(text) else self.marked.unquoted(text)
