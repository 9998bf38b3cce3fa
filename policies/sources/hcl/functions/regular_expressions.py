"""Terraform's regex, regexall and replace with a pattern.

A pattern in a scanned repository may be hostile, and Python's own engine can take forever on one. This one walks all
alternatives side by side: its time grows with the pattern's length times the text's, and there is a bound on that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

from ....values import Known, ListValue, ObjectValue, Value
from ..refused import Refused, Undecided
from ..types import STRING, type_of
from .pattern_programs import Instruction, Program
from .patterns import compiled

MAX_WORK = 1_000_000
MAX_RESULT = 1_000_000

# Where each group starts and ends: two numbers a group, -1 where it took no part.
Positions: TypeAlias = "tuple[int, ...]"
_REFERENCE = re.compile(r"\$(?:\$|(\w+)|\{(\w+)\})", re.ASCII)


class _Matcher:
    def __init__(self, pattern: str, text: str) -> None:
        self.program: Program = compiled(pattern)
        self.text = text
        self.work = 0

    def matches(self) -> Iterator[Positions]:
        """All matches, none overlapping another; an empty one right after a match is left out."""
        position, last_end = 0, -1
        while position <= len(self.text):
            found = self.first(position)
            if found is None:
                return
            start, end = found[0], found[1]
            if end > start or start != last_end:
                yield found
                last_end = end
            position = end if end > start else end + 1

    def first(self, start: int) -> Positions | None:
        """The leftmost match from `start` on; of several, the one that a backtracking engine would prefer."""
        size = 2 * len(self.program.groups)
        found: Positions | None = None
        threads: list[tuple[Instruction, int, Positions]] = []
        position = start
        while True:
            seen: set[int] = set()
            current: list[tuple[Instruction, int, Positions]] = []
            for _, number, positions in threads:
                self._follow(number, position, positions, seen, current)
            if found is None:
                self._follow(0, position, (-1,) * size, seen, current)
            threads = []
            character = self.text[position] if position < len(self.text) else None
            for instruction, number, positions in current:
                self.work += 1
                if instruction.kind == "match":
                    found = positions
                    break  # what follows is preferred less
                if character is not None and instruction.test is not None and instruction.test(character):
                    threads.append((instruction, number + 1, positions))
            if self.work > MAX_WORK:
                raise Undecided("a regular expression on a text that long")
            if character is None or (found is not None and not threads):
                return found
            position += 1

    def _follow(
        self,
        number: int,
        position: int,
        positions: Positions,
        seen: set[int],
        into: list[tuple[Instruction, int, Positions]],
    ) -> None:
        """Add every instruction that takes a character, or matches, and is reached without one."""
        pending = [(number, positions)]
        while pending:
            number, positions = pending.pop()
            if number in seen:
                continue
            seen.add(number)
            self.work += 1
            instruction = self.program.instructions[number]
            if instruction.kind == "split":
                pending.append((instruction.second, positions))
                pending.append((instruction.first, positions))
            elif instruction.kind == "jump":
                pending.append((instruction.first, positions))
            elif instruction.kind == "save":
                slot = instruction.first
                pending.append((number + 1, (*positions[:slot], position, *positions[slot + 1 :])))
            elif instruction.kind == "at":
                if self._holds(instruction.name, position):
                    pending.append((number + 1, positions))
            else:
                into.append((instruction, number, positions))

    def _holds(self, assertion: str, position: int) -> bool:
        before = self.text[position - 1] if position else ""
        after = self.text[position] if position < len(self.text) else ""
        if assertion == "start":
            return not before
        if assertion == "end":
            return not after
        if assertion == "line start":
            return before in ("", "\n")
        if assertion == "line end":
            return after in ("", "\n")
        edge = _is_word(before) != _is_word(after)
        return edge if assertion == "word edge" else not edge

    def groups(self, positions: Positions) -> list[str | None]:
        pairs = zip(positions[::2], positions[1::2], strict=True)
        return [None if end < 0 else self.text[start:end] for start, end in pairs]

    def value(self, positions: Positions) -> Value:
        """What regex gives: the match, or its groups as a tuple, or as an object where they have names."""
        texts = [Known(text, null_of=STRING if text is None else None) for text in self.groups(positions)]
        names = self.program.groups[1:]
        if not names:
            return texts[0]
        if all(name is None for name in names):
            return ListValue(tuple(texts[1:]))
        if any(name is None for name in names):
            raise Refused("some groups of the regular expression have names and some have none")
        return ObjectValue({str(name): text for name, text in zip(names, texts[1:], strict=True)})


def _is_word(character: str) -> bool:
    return character.isascii() and (character.isalnum() or character == "_")


def regex(pattern: Value, text: Value) -> Value | None:
    if not isinstance(pattern, Known) or not isinstance(text, Known):
        return None
    matcher = _Matcher(str(pattern.value), str(text.value))
    found = matcher.first(0)
    if found is None:
        raise Refused("the regular expression matches nothing")
    return matcher.value(found)


def regexall(pattern: Value, text: Value) -> Value | None:
    if not isinstance(pattern, Known) or not isinstance(text, Known):
        return None
    matcher = _Matcher(str(pattern.value), str(text.value))
    values = tuple(matcher.value(found) for found in matcher.matches())
    return ListValue(values, of=type_of(values[0]) if values else STRING)


def replace(pattern: str, text: str, new: str) -> str:
    """All matches replaced; `$1`, `${name}` in the new text stand for groups."""
    matcher = _Matcher(pattern, text)
    pieces: list[str] = []
    position = length = 0
    for found in matcher.matches():
        groups = matcher.groups(found)

        def expand(match: re.Match[str], groups: list[str | None] = groups) -> str:
            name = match[1] or match[2]
            if name is None:
                return "$"
            if name.isdigit():
                return (groups[int(name)] or "") if len(name) < 5 and int(name) < len(groups) else ""
            return (groups[matcher.program.groups.index(name)] or "") if name in matcher.program.groups else ""

        pieces += [text[position : found[0]], _REFERENCE.sub(expand, new)]
        length += len(pieces[-1])
        if length > MAX_RESULT:
            raise Undecided("a text of more than a million characters")
        position = found[1]
    return "".join([*pieces, text[position:]])
