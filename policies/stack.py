"""What every source produces and every convention reads: the resources and outputs of one root module."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from .settings import Settings
from .values import (
    NULL,
    Call,
    Known,
    ListValue,
    Location,
    ObjectValue,
    Reference,
    Template,
    Unknown,
    Value,
    describe,
    first_unknown,
    template,
    text_of,
)

MAX_LINKS = 50  # references that are followed one after another: Terraform refuses circles, this source may have them
_Place: TypeAlias = "tuple[int, Resource]"  # a resource and its place among those of its type
MODULE = "module"  # the type of a module call
_INSTANCE_KEY = re.compile(r'\[(?:"(?:[^"\\]|\\.)*"|\d+)\]')


def without_keys(address: str) -> str:
    """An address without its instance keys: `module.api["a"].aws_lambda_function.fn[0]` is `module.api.aws_...fn`."""
    return _INSTANCE_KEY.sub("", address)


@dataclass(frozen=True)
class Resource:
    """One instance of a `resource` or `data` block; or of a `module` block, whose type is MODULE.

    `attributes` has Terraform's names; a nested block is a list of objects, as in a plan. It may evaluate lazily. Of a
    module call it has the source only.
    `conditions` are the counts and for_eachs, its own and those of the modules around it, that only apply decides:
    the instance exists only as they turn out. Empty where it certainly exists. `computed` is what is known of the
    attributes that the configuration does not set, such as the id of what exists already.
    """

    address: str
    type: str
    name: str
    attributes: Mapping[str, Value]
    location: Location | None = None
    positions: Mapping[str, Location] = field(default_factory=dict)
    managed: bool = True
    conditions: tuple[Value, ...] = ()
    ignored_changes: tuple[str, ...] = ()
    computed: Mapping[str, Value] = field(default_factory=dict)

    def get(self, attribute: str) -> Value:
        """The attribute's value; null where the source does not set it."""
        return self.attributes.get(attribute, NULL)

    def in_effect(self, attribute: str) -> Value:
        """The attribute's value, or what AWS made of it where nobody can tell whether the configuration sets it."""
        value = self.get(attribute)
        return self.computed.get(attribute, value) if isinstance(value, Unknown) else value

    def position(self, attribute: str | None) -> Location | None:
        """Where the attribute's expression stands; the block's header where it is absent."""
        return self.positions.get(attribute, self.location) if attribute else self.location

    def exists_with(self, *others: Resource) -> Unknown | None:
        """None where this instance exists whenever all the others do, else why that is undecided."""
        given = [condition for other in others for condition in other.conditions]
        for condition in self.conditions:
            if condition not in given:
                unknown = first_unknown(condition)
                reason = unknown.reason if unknown else f"whether it exists depends on {describe(condition)}"
                return Unknown(f"{self.address}: {reason}", condition.location)
        return None


@dataclass(frozen=True)
class Output:
    """An `output` of the root module."""

    name: str
    value: Value
    location: Location | None = None
    position: Location | None = None

    @property
    def address(self) -> str:
        return f"output.{self.name}"


@dataclass(frozen=True)
class ModuleCall:
    """A module call whose source is not on disk, so that what it declares is not in the stack.

    `reason` says why, and what to do.
    """

    address: str
    source: str
    reason: str
    location: Location | None = None


class RootFiles(Protocol):
    """The files around a root module, by paths relative to its directory, inside what may be read."""

    def read(self, path: str) -> bytes:
        """A file's content.

        Raises:
            FileNotFoundError: there is no such file.
            OSError: it is there and cannot be read: too large, or outside what may be read.
        """

    def list(self, path: str) -> Sequence[str]:
        """The names in a directory, sorted.

        Raises:
            FileNotFoundError: there is no such directory.
            OSError: it is there and cannot be read.
        """


def current_day() -> date:
    """Today, wherever the program runs."""
    return datetime.now(UTC).date()


@dataclass(frozen=True)
class Stack:
    """One root module, modules and instances expanded. `root` is the directory as the user named it.

    `files` is None where the stack comes from no directory. `today` is the day for which it is judged. `compute` gives
    the value of a call whose arguments became known, or the call as it is. `settings` are what the team has chosen.
    `modules` has the directory of each module by its address, the root module's by "".
    """

    root: str
    resources: tuple[Resource, ...]
    outputs: tuple[Output, ...] = ()
    missing_modules: tuple[ModuleCall, ...] = ()
    files: RootFiles | None = None
    today: date = field(default_factory=current_day)
    compute: Callable[[Call], Value] = lambda call: call
    settings: Settings = field(default_factory=Settings)
    modules: Mapping[str, Path] = field(default_factory=dict)

    @cached_property
    def by_address(self) -> Mapping[str, Resource]:
        return {resource.address: resource for resource in self.resources}

    @cached_property
    def missing_by_address(self) -> Mapping[str, ModuleCall]:
        return {call.address: call for call in self.missing_modules}

    @cached_property
    def memory(self) -> dict[tuple[str, str], Any]:
        """What was found out about a resource and is asked for again: see `wiring`."""
        return {}

    @cached_property
    def _managed(self) -> Mapping[str, list[Resource]]:
        by_type: dict[str, list[Resource]] = {}
        for resource in self.resources:
            if resource.managed:
                by_type.setdefault(resource.type, []).append(resource)
        return by_type

    def of_type(self, *types: str) -> Iterator[Resource]:
        """The managed resources of the given types, type by type."""
        for name in types:
            yield from self._managed.get(name, ())

    def candidates(self, kind: str, attribute: str, value: Value) -> Sequence[Resource]:
        """The managed resources of a type whose attribute may be a value, in their order: none that certainly is not.

        An account may have thousands of each type; asking every one of them would be a search for each of the others.
        """
        wanted = self.resolve(value)
        if not isinstance(wanted, Known):
            return self._managed.get(kind, [])
        known, open_ = self._by_attribute(kind, attribute)
        found = [*known.get(text_of(wanted.value), ()), *open_]
        return [resource for _, resource in sorted(found, key=lambda item: item[0])]

    def _by_attribute(self, kind: str, attribute: str) -> tuple[dict[str | None, list[_Place]], list[_Place]]:
        key = (kind, f"by {attribute}")
        if key not in self.memory:
            known: dict[str | None, list[_Place]] = {}
            open_: list[_Place] = []
            for place in enumerate(self._managed.get(kind, ())):
                value = self.resolve(place[1].get(attribute))
                (known.setdefault(text_of(value.value), []) if isinstance(value, Known) else open_).append(place)
            self.memory[key] = known, open_
        return self.memory[key]

    def identified(self, value: Value, *types: str, by: str = "id") -> Resource | None:
        """The resource that exists already and has this id, or ARN."""
        return next((resource for resource in self.of_type(*types) if resource.computed.get(by) == value), None)

    def incomplete(self) -> Unknown | None:
        """Why the stack may hold more than `resources`, or None."""
        for call in self.missing_modules:
            return Unknown(f"{call.address} is not on disk ({call.reason}) and may declare it", call.location)
        return None

    def configured(self, reference: Reference) -> Value | None:
        """What the source sets the referenced attribute to; None where only apply decides it."""
        resource = self.by_address.get(reference.address)
        if resource is None or not reference.attribute or reference.attribute not in resource.attributes:
            return None
        value = resource.get(reference.attribute)
        return None if value == NULL or isinstance(value, Unknown) else value

    def resolve(self, value: Value, *, depth: int = 0) -> Value:
        """The value with every reference to a configured attribute replaced by what the source sets it to."""
        if depth > MAX_LINKS:
            return Unknown("references go round in a circle", value.location)
        if isinstance(value, Reference):
            target = self.configured(value)
            return value if target is None else self.resolve(target, depth=depth + 1)
        if isinstance(value, Template):
            return template([self.resolve(part, depth=depth + 1) for part in value.parts], value.location)
        if isinstance(value, Call):
            arguments = tuple(self.resolve(argument, depth=depth + 1) for argument in value.arguments)
            resolved = Call(value.function, arguments, value.location)
            return resolved if arguments == value.arguments else self.compute(resolved)
        if isinstance(value, ListValue):
            items = tuple(self.resolve(item, depth=depth + 1) for item in value.items)
            return ListValue(items, value.is_set, value.location, value.of)
        if isinstance(value, ObjectValue):
            fields = {name: self.resolve(item, depth=depth + 1) for name, item in value.fields.items()}
            return ObjectValue(fields, value.location, value.of)
        return value
