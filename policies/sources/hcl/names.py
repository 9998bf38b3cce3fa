"""What the expressions of a module may name, and where an expression stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from ...values import Reference, Value
from .limits import Effort
from .nodes import Expression
from .refused import Refused


class Names(Protocol):
    """What a module offers to the expressions in it."""

    effort: Effort

    def lookup(self, root: str, path: tuple[str, ...]) -> tuple[Value, int] | None:
        """The value of `root.path...`, and how many parts of the path it took; None where there is no such name."""

    def attribute(self, reference: Reference, name: str) -> Value:
        """An attribute of something that the module declares."""

    def read_file(self, path: str) -> bytes:
        """A file that a function names, relative to the working directory of Terraform."""

    def files_in(self, path: str) -> Iterable[str]:
        """The files in a directory and below it, as paths relative to it."""

    def without_names(self) -> Names:
        """The same for a template in a file of its own, which sees nothing of the module."""


class WithoutNames:
    """What a template in a file of its own sees of a module: its files, none of its names."""

    def __init__(self, module: Names) -> None:
        self.effort = module.effort
        self.attribute = module.attribute
        self.read_file = module.read_file
        self.files_in = module.files_in

    def lookup(self, root: str, path: tuple[str, ...]) -> None:
        return None

    def without_names(self) -> Names:
        return self


class _NoNames:
    """For expressions that may name nothing: a module's source, the values in a variable file."""

    def __init__(self) -> None:
        self.effort = Effort()

    def lookup(self, root: str, path: tuple[str, ...]) -> None:
        return None

    def attribute(self, reference: Reference, name: str) -> Value:
        raise Refused("nothing can be named here")

    def read_file(self, path: str) -> bytes:
        raise OSError("no file can be read here")

    def files_in(self, path: str) -> Iterable[str]:
        raise OSError("no file can be read here")

    def without_names(self) -> Names:
        return self


@dataclass(frozen=True, slots=True)
class Scope:
    """A module and the names that hold only here: `each`, `count`, iterators of `for` and `dynamic`."""

    module: Names
    names: Mapping[str, Value] = field(default_factory=dict)

    def with_names(self, **names: Value) -> Scope:
        return Scope(self.module, {**self.names, **names})

    def with_element(self, names: tuple[str, ...], key: Value, item: Value) -> Scope:
        """Inside a `for`: one name stands for the element, two for its key and itself."""
        return self.with_names(**dict(zip(names, (key, item)[-len(names) :], strict=True)))


def no_names() -> Scope:
    """Where nothing can be named."""
    return Scope(_NoNames())


# What gives an expression's value in a scope; it raises what `expressions.strictly` raises.
Evaluator: TypeAlias = Callable[[Expression, Scope], Value]
