"""How much one evaluation may take: what a repository holds may be hostile."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ...values import Location, Value
from .refused import TooDeep

MAX_DEPTH = 400
MAX_STEPS = 200_000
# A level of nesting is up to ten frames of Python.
_FRAMES = 20_000


@dataclass(slots=True)
class Effort:
    """How much one root's evaluation has cost, and how deep it is at the moment."""

    depth: int = 0
    steps: int = 0

    def spend(self, *values: Value) -> None:
        """What looking at the whole of large values costs; the next step notices."""
        self.steps += sum(value.weight for value in values)

    def check(self, location: Location) -> None:
        """Raises TooDeep past a bound."""
        if self.depth > MAX_DEPTH:
            raise TooDeep(location)
        if self.steps > MAX_STEPS:
            raise TooDeep(location, f"evaluating this takes more than {MAX_STEPS:,} steps")


@contextmanager
def room_to_recurse() -> Iterator[None]:
    """Python's own bound on recursion lies below `MAX_DEPTH` levels."""
    usual = sys.getrecursionlimit()
    sys.setrecursionlimit(max(usual, _FRAMES))
    try:
        yield
    finally:
        sys.setrecursionlimit(usual)
