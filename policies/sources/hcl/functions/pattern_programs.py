"""The small programs that regular expressions become, and what writes their parts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ..refused import Undecided

MAX_INSTRUCTIONS = 2_000

Test = Callable[[str], bool]


@dataclass(slots=True)
class Instruction:
    """One step: `char` tests a character, `split` goes on at `first`, then at `second`, `jump` at `first`, `save` notes
    the position in slot `first`, `at` asserts what `name` says of the position."""

    kind: str
    test: Test | None = None
    first: int = 0
    second: int = 0
    name: str = ""


@dataclass(slots=True)
class Program:
    instructions: list[Instruction] = field(default_factory=list)
    groups: list[str | None] = field(default_factory=lambda: [None])

    def add(self, kind: str, **parts: object) -> Instruction:
        if len(self.instructions) >= MAX_INSTRUCTIONS:
            raise Undecided("a regular expression that large")
        instruction = Instruction(kind, **parts)  # type: ignore[arg-type]
        self.instructions.append(instruction)
        return instruction

    @property
    def end(self) -> int:
        return len(self.instructions)


# What a pattern is parsed to: functions that write their instructions.
Part = Callable[[Program], None]


def is_character(wanted: str) -> Test:
    return lambda character: character == wanted


def none_of(test: Test) -> Test:
    return lambda character: not test(character)


def between(start: str, end: str) -> Test:
    return lambda character: start <= character <= end


def any_of(tests: Sequence[Test]) -> Test:
    return lambda character: any(test(character) for test in tests)


def one_character(test: Test) -> Part:
    return lambda program: _ignore(program.add("char", test=test))


def at(name: str) -> Part:
    return lambda program: _ignore(program.add("at", name=name))


def _ignore(_: object) -> None:
    return None


def all_of(parts: Sequence[Part]) -> Part:
    def write(program: Program) -> None:
        for part in parts:
            part(program)

    return write


def either(branches: Sequence[Part]) -> Part:
    def write(program: Program) -> None:
        ends = []
        for branch in branches[:-1]:
            split = program.add("split")
            split.first = program.end
            branch(program)
            ends.append(program.add("jump"))
            split.second = program.end
        branches[-1](program)
        for jump in ends:
            jump.first = program.end

    return write


def captured(part: Part, number: int) -> Part:
    def write(program: Program) -> None:
        program.add("save", first=2 * number)
        part(program)
        program.add("save", first=2 * number + 1)

    return write


def repeated(part: Part, least: int, most: int | None, *, greedy: bool) -> Part:
    def optional(program: Program) -> Instruction:
        return program.add("split", first=program.end + 1, second=program.end + 1)

    def leave(split: Instruction, program: Program) -> None:
        if greedy:
            split.second = program.end
        else:
            split.first = program.end

    def write(program: Program) -> None:
        for _ in range(least):
            part(program)
        if most is None:
            start = program.end
            split = optional(program)
            part(program)
            program.add("jump", first=start)
            leave(split, program)
            return
        splits = []
        for _ in range(most - least):
            splits.append(optional(program))
            part(program)
        for split in splits:
            leave(split, program)

    return write
