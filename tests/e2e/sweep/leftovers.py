"""What was found: a process, a directory, or something that is deployed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime


class NotRemoved(Exception):
    """Something is still there; the text says why."""


@dataclass(frozen=True)
class Leftover:
    """`run` is the suffix of a deployment's names; empty for what has none. `expires`: None where that is not known.

    `remove` raises NotRemoved.
    """

    kind: str
    name: str
    remove: Callable[[], None] = field(repr=False)
    run: str = ""
    expires: datetime | None = None
    is_of_dead_run: bool = False
    """Whoever made it is certainly gone: nobody has to wait for an expiry."""

    def is_due(self, now: datetime) -> bool:
        return self.is_of_dead_run or (self.expires is not None and self.expires <= now)


@dataclass(frozen=True)
class Found:
    """`problems`: why there may be more."""

    leftovers: list[Leftover]
    problems: list[str] = field(default_factory=list)
