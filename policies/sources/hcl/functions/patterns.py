"""RE2's patterns, parsed to a program.

Syntax: github.com/google/re2/wiki/Syntax.
"""

from __future__ import annotations

import re

from ..refused import Refused, Undecided
from .pattern_programs import (
    Part,
    Program,
    Test,
    all_of,
    any_of,
    at,
    between,
    captured,
    either,
    is_character,
    none_of,
    one_character,
    repeated,
)

MAX_PATTERN = 1_000
_MAX_DEPTH = 50
_MAX_REPEAT = 1_000


def _word(character: str) -> bool:
    return character.isascii() and (character.isalnum() or character == "_")


_CLASSES: dict[str, Test] = {
    "d": lambda character: "0" <= character <= "9",
    "w": _word,
    "s": lambda character: character in "\t\n\f\r ",
}
_NAMED: dict[str, Test] = {
    "alnum": lambda c: c.isascii() and c.isalnum(),
    "alpha": lambda c: c.isascii() and c.isalpha(),
    "blank": lambda c: c in "\t ",
    "digit": lambda c: "0" <= c <= "9",
    "lower": lambda c: "a" <= c <= "z",
    "punct": lambda c: c.isascii() and c.isprintable() and not c.isalnum() and c != " ",
    "space": lambda c: c in "\t\n\v\f\r ",
    "upper": lambda c: "A" <= c <= "Z",
    "word": _word,
    "xdigit": lambda c: c in "0123456789abcdefABCDEF",
}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "a": "\a"}
_REPEAT = re.compile(r"\{(\d{1,4})(,(\d{0,4}))?\}")


class _Parser:
    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.position = 0
        self.flags = ""
        self.groups: list[str | None] = [None]
        self.depth = 0

    def peek(self, text: str) -> bool:
        return self.pattern.startswith(text, self.position)

    def take(self) -> str:
        if self.position >= len(self.pattern):
            raise Refused("the regular expression ends too early")
        self.position += 1
        return self.pattern[self.position - 1]

    def alternatives(self) -> Part:
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise Undecided("a regular expression nested so deeply")
        flags = self.flags
        branches = [self._branch()]
        while self.peek("|"):
            self.position += 1
            branches.append(self._branch())
        self.flags = flags
        self.depth -= 1
        return branches[0] if len(branches) == 1 else either(branches)

    def _branch(self) -> Part:
        parts: list[Part] = []
        while self.position < len(self.pattern) and not self.peek("|") and not self.peek(")"):
            parts.append(self._repeated(self._atom()))
        return all_of(parts)

    def _repeated(self, part: Part) -> Part:
        repeats = 0
        while self.position < len(self.pattern):
            character = self.pattern[self.position]
            bounds = {"*": (0, None), "+": (1, None), "?": (0, 1)}.get(character)
            length = 1
            if bounds is None and (match := _REPEAT.match(self.pattern, self.position)):
                least = int(match[1])
                most = least if match[2] is None else int(match[3]) if match[3] else None
                if max(least, most or 0) > _MAX_REPEAT or (most is not None and most < least):
                    raise Refused("a repetition out of range")
                bounds, length = (least, most), len(match.group())
            if bounds is None:
                return part
            repeats += 1
            if repeats > 1:
                raise Refused("a repetition of a repetition")
            self.position += length
            lazy = self.peek("?")
            self.position += lazy
            part = repeated(part, *bounds, greedy=lazy == ("U" in self.flags))
        return part

    def _atom(self) -> Part:
        character = self.take()
        if character == "(":
            return self._group()
        if character == "[":
            return one_character(self._folded(self._class()))
        if character == ".":
            return one_character((lambda c: True) if "s" in self.flags else (lambda c: c != "\n"))
        if character == "^":
            return at("line start" if "m" in self.flags else "start")
        if character == "$":
            return at("line end" if "m" in self.flags else "end")
        if character in "*+?":
            raise Refused(f"nothing stands before {character!r} in the regular expression")
        if character == "\\":
            return self._escape()
        return one_character(self._folded(is_character(character)))

    def _folded(self, test: Test) -> Test:
        if "i" not in self.flags:
            return test
        return lambda c: test(c) or test(c.lower()) or test(c.upper())

    def _group(self) -> Part:
        name: str | None = None
        captures = True
        if self.peek("?"):
            match = re.compile(r"\?P?<([A-Za-z_]\w*)>|\?([imsU]*)(?:-([imsU]+))?([:)])", re.ASCII).match(
                self.pattern, self.position
            )
            if match is None:
                raise Refused("the regular expression has a group of no known kind")
            self.position = match.end()
            if match[1]:
                name = match[1]
            else:
                captures = False
                flags = "".join(flag for flag in self.flags + (match[2] or "") if flag not in (match[3] or ""))
                if match[4] == ")":
                    self.flags = flags
                    return all_of([])
                outer, self.flags = self.flags, flags
                inner = self.alternatives()
                self.flags = outer
                self._close()
                return inner
        number = len(self.groups)
        if captures:
            self.groups.append(name)
        inner = self.alternatives()
        self._close()
        return captured(inner, number)

    def _close(self) -> None:
        if not self.peek(")"):
            raise Refused("a parenthesis in the regular expression is not closed")
        self.position += 1

    def _escape(self) -> Part:
        if self.peek("Q"):
            end = self.pattern.find("\\E", self.position)
            text = self.pattern[self.position + 1 : end if end >= 0 else len(self.pattern)]
            self.position = end + 2 if end >= 0 else len(self.pattern)
            return all_of([one_character(self._folded(is_character(character))) for character in text])
        character = self.pattern[self.position : self.position + 1]
        if character in ("A", "z", "b", "B") and character:
            self.position += 1
            return at({"A": "start", "z": "end", "b": "word edge", "B": "no word edge"}[character])
        return one_character(self._folded(self._escaped_test()))

    def _escaped_test(self) -> Test:
        """What `\\x` stands for inside and outside a class."""
        character = self.take()
        if character.lower() in _CLASSES:
            test = _CLASSES[character.lower()]
            return test if character.islower() else lambda c: not test(c)
        if character in _ESCAPES:
            return is_character(_ESCAPES[character])
        if character == "x":
            match = re.compile(r"\{([0-9A-Fa-f]{1,6})\}|([0-9A-Fa-f]{2})").match(self.pattern, self.position)
            if match is None or int(match[1] or match[2], 16) > 0x10FFFF:
                raise Refused("\\x lacks its digits")
            self.position = match.end()
            return is_character(chr(int(match[1] or match[2], 16)))
        if character in "pPC" or character.isdigit():
            raise Undecided(f"a regular expression with \\{character}")
        if character.isascii() and not character.isalnum():
            return is_character(character)
        raise Refused(f"the regular expression has the unknown escape \\{character}")

    def _class(self) -> Test:
        negated = self.peek("^")
        self.position += negated
        tests: list[Test] = []
        first = True
        while first or not self.peek("]"):
            first = False
            if self.peek("[:"):
                match = re.compile(r"\[:(\^?)(\w+):\]").match(self.pattern, self.position)
                if match is None or match[2] not in _NAMED:
                    raise Refused("the regular expression has a class of no known name")
                self.position = match.end()
                tests.append(none_of(_NAMED[match[2]]) if match[1] else _NAMED[match[2]])
                continue
            start = self._class_character()
            if not isinstance(start, str):
                tests.append(start)
                continue
            end = start
            if self.peek("-") and not self.peek("-]"):
                self.position += 1
                last = self._class_character()
                if not isinstance(last, str) or last < start:
                    raise Refused("the regular expression has a range in the wrong order")
                end = last
            tests.append(between(start, end))
        self.position += 1
        found = any_of(tests)
        return none_of(found) if negated else found

    def _class_character(self) -> str | Test:
        character = self.take()
        if character != "\\":
            return character
        following = self.pattern[self.position : self.position + 1]
        if following and (following in _ESCAPES or not following.isalnum()):
            self.position += 1
            return _ESCAPES.get(following, following)
        return self._escaped_test()


def compiled(pattern: str) -> Program:
    """The program of a pattern; group 0 is the whole match.

    Raises:
        Refused: RE2 refuses the pattern.
        Undecided: it is past a bound, or uses what this parser does not know.
    """
    if len(pattern) > MAX_PATTERN:
        raise Undecided("a regular expression that long")
    parser = _Parser(pattern)
    part = parser.alternatives()
    if parser.position < len(pattern):
        raise Refused("the regular expression closes a parenthesis that it has not opened")
    program = Program(groups=parser.groups)
    captured(part, 0)(program)
    program.add("match")
    return program
