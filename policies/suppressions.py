"""Failures that are accepted, and suppressions that accept nothing.

A suppression that nothing needs hides what comes later, so it is a failure of its own: see `unused`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path

from .convention import Result, Verdict
from .settings import AddressSuppression, Unusable
from .skips import Skip, complaint, written
from .sources.hcl.comments import Comment, Place
from .sources.hcl.files import Files, display, followed
from .stack import Stack, without_keys
from .values import Location


@dataclass(frozen=True)
class Standing:
    """A suppression that stands in a root module, and whether something there needs it.

    `unused` is what is said of it where nothing does; `pattern` is of an address, in the settings, else empty.
    """

    unused: Result
    pattern: str
    needed: bool

    @property
    def key(self) -> tuple[Result, str]:
        """The same in every root module that has the suppression."""
        return self.unused, self.pattern


@dataclass(frozen=True)
class Suppressed:
    """What the suppressions of a root module have done there: `complaints` are about what is wrong with some.

    `read` are the directories of its modules, links followed, relative to the working directory.
    """

    standing: tuple[Standing, ...]
    complaints: tuple[Result, ...]
    read: tuple[str, ...]


def suppressed(
    stack: Stack, files: Files, results: Sequence[Result], *, known: Collection[str], judged: Collection[str]
) -> tuple[list[Result], Suppressed, tuple[Unusable, ...]]:
    """The results of a root module, the accepted ones marked; what that took; and suppressions of no convention.

    `known` are the ids of the conventions that there are, `judged` of those that the results are of. A failure can be
    accepted, and so can what is unproven: it fails too where `unproven` is `fail`.
    """
    found = written(stack, files, known, judged)
    standing: list[Standing] = []
    accepted: dict[int, Skip] = {}
    subjects = _Subjects(stack, results if found.skips else ())
    for skip in found.skips:
        covered = subjects.of(skip)
        if covered or _is_there(stack, skip):
            pattern = skip.by.address if isinstance(skip.by, AddressSuppression) else ""
            unused = complaint(_why_unused(skip), skip.suppression.where, "Delete it.")
            standing.append(Standing(unused, pattern, bool(covered)))
        accepted = dict.fromkeys(covered, skip) | accepted
    marked = [
        replace(result, suppressed=accepted[index].suppression) if index in accepted else result
        for index, result in enumerate(results)
    ]
    read = dict.fromkeys(display(followed(directory)) for directory in stack.modules.values())
    return marked, Suppressed(tuple(standing), found.complaints, tuple(read)), found.problems


def _is_there(stack: Stack, skip: Skip) -> bool:
    """Whether the stack has an instance of the suppression's block: with a count of 0 it says nothing about it."""
    if isinstance(skip.by, AddressSuppression):
        return True
    block = _block(skip.by)
    if block.type not in ("resource", "data", "module"):
        return True
    return any(resource.location == block.header for resource in stack.resources)


class _Subjects:
    """Where that is what can be accepted, sorted, so that many suppressions of many results take little."""

    def __init__(self, stack: Stack, results: Sequence[Result]) -> None:
        self.stack = stack
        self.addresses: dict[str, list[tuple[str, int]]] = {}
        # By convention and file: line, column, the result's index. `own` has where it stands, `all` its headers too.
        self.own: dict[tuple[str, str], list[tuple[int, int, int]]] = {}
        self.all: dict[tuple[str, str], list[tuple[int, int, int]]] = {}
        for index, result in enumerate(results):
            if result.address is None or result.verdict not in (Verdict.FAIL, Verdict.UNPROVEN):
                continue
            self.addresses.setdefault(result.convention, []).append((result.address, index))
            _add(self.own, result, result.location, index)
            for place in dict.fromkeys(_places(stack, result)):
                _add(self.all, result, place, index)
        for places in (*self.own.values(), *self.all.values()):
            places.sort()

    def of(self, skip: Skip) -> list[int]:
        """The indexes of the results that a suppression is for."""
        addresses = self.addresses.get(skip.convention, ())
        if isinstance(skip.by, AddressSuppression):
            return [index for address, index in addresses if _matches(skip.by.address, address)]
        comment, block = skip.by, _block(skip.by)
        if block.type == "module":
            calls = _calls(self.stack, comment)
            return [index for address, index in addresses if any(_is_in(address, call) for call in calls)]
        if comment.attribute is not None:
            return _within(self.own, skip.convention, comment.attribute)
        return _within(self.all, skip.convention, block.location)


def _add(
    places: dict[tuple[str, str], list[tuple[int, int, int]]], result: Result, place: Location | None, index: int
) -> None:
    if place is not None:
        places.setdefault((result.convention, place.file), []).append((place.line, place.column, index))


def _within(
    places: Mapping[tuple[str, str], Sequence[tuple[int, int, int]]], convention: str, around: Location
) -> list[int]:
    found = places.get((convention, around.file), ())
    start = bisect_left(found, (around.line, around.column, 0))
    end = bisect_left(found, (around.end_line, around.end_column, 0))
    return [index for _, _, index in found[start:end]]


def _block(comment: Comment) -> Place:
    assert comment.block is not None, "a comment at no block suppresses nothing"
    return comment.block


def _matches(pattern: str, address: str) -> bool:
    """`*` and `?` are wildcards, brackets are not. A pattern without instance keys is for every instance."""
    literal = pattern.replace("[", "[[]")
    return fnmatchcase(address, literal) or fnmatchcase(without_keys(address), literal)


def _calls(stack: Stack, comment: Comment) -> list[str]:
    """The addresses of a module block, without its own instance key, in every instance of the module that has it."""
    directory = Path(comment.location.file).resolve().parent
    name = f"module.{_block(comment).labels[0]}"
    return [
        f"{address}.{name}" if address else name
        for address, called in stack.modules.items()
        if called.resolve() == directory
    ]


def _is_in(address: str, call: str) -> bool:
    """Whether an address is a module call, one of its instances, or in it."""
    return address.startswith(call) and address[len(call) :][:1] in ("", ".", "[")


def _places(stack: Stack, result: Result) -> Iterator[Location | None]:
    """Where a result stands, and the headers of its subject and of the resource that was judged."""
    yield result.location
    subject = stack.by_address.get(str(result.address))
    yield subject.location if subject else None
    yield result.judged.location if result.judged else None


def _why_unused(skip: Skip) -> str:
    message = f"nothing that this suppression is for fails {skip.convention}"
    if isinstance(skip.by, Comment) and skip.by.attribute is not None and _block(skip.by).type != "module":
        message += "; at this attribute it is for that alone, and at the top of the block for all of it"
    return message
