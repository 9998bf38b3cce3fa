"""One of several runs that share the root modules between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from .unused import Use

T = TypeVar("T")


@dataclass(frozen=True)
class Part:
    """The part `number` of `of`, from 1."""

    number: int
    of: int

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    def share(self, items: Sequence[T]) -> Sequence[T]:
        """Every `of`-th item: the parts are disjoint, complete, and of the same size but for one."""
        return items[self.number - 1 :: self.of]


@dataclass(frozen=True)
class Shard:
    """What a run over a part of the root modules knows that the others have to be put together with.

    `roots` are the root modules of all parts, `conventions` the ids that were judged by, `read` the directories of
    modules that this run has read, and `uses` the suppressions in them.
    """

    part: Part
    roots: tuple[str, ...]
    conventions: tuple[str, ...]
    read: tuple[str, ...]
    uses: tuple[Use, ...]
