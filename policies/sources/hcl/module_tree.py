"""The modules of one root, each evaluated as far as it is asked for."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from ...stack import MODULE, ModuleCall, Resource
from ...values import Known, Reference, Unknown, Value
from .blocks import AnyAttribute, Block
from .decided import Decided
from .declarations import declared
from .expressions import evaluate
from .files import Files, display, followed
from .instances import Attributes, Instance, Positions, expand, ignored_changes, references
from .limits import Effort
from .module_sources import directory_of_call
from .names import Names, Scope, WithoutNames
from .refused import Refused, TooDeep
from .syntax import SourceError
from .variables import variable_value

MAX_MODULES = 2_000
MAX_RESOURCES = 10_000
_DOCUMENT = "aws_iam_policy_document"


@dataclass
class Tree:
    """What the modules of one root share."""

    root: Path
    files: Files
    fetched: Mapping[str, str]
    decided: Decided = field(default_factory=Decided)
    modules: dict[str, Module] = field(default_factory=dict)
    missing: dict[str, ModuleCall] = field(default_factory=dict)
    resources: dict[str, Resource] = field(default_factory=dict)
    effort: Effort = field(default_factory=Effort)


class Module:
    """One instance of a module. Everything is evaluated when it is first asked for, and once.

    `key` is its key in the list of fetched modules, `given` what gives its variables' values, `callers` the directories
    of the modules around it, `conditions` what decides whether it exists.
    """

    def __init__(
        self,
        tree: Tree,
        directory: Path,
        *,
        address: str,
        key: str,
        given: Mapping[str, Callable[[], Value]],
        callers: tuple[Path, ...] = (),
        conditions: tuple[Value, ...] = (),
    ) -> None:
        self.tree = tree
        self.effort = tree.effort
        self.scope = Scope(self)
        self.conditions = conditions
        self.directory = directory
        self._chain = (*callers, directory)
        self.address = address
        self.key = key
        self._given = given
        self._values: dict[tuple[str, str], Value] = {}
        self._pending: set[tuple[str, str]] = set()
        self._instances: dict[tuple[str, str], tuple[Instance, ...]] = {}
        if len(tree.modules) >= MAX_MODULES:
            raise Refused(f"there are more than {MAX_MODULES:,} modules")
        tree.modules[address] = self
        self._locals, self._blocks = declared(tree.files.blocks(directory))

    def prefixed(self, name: str) -> str:
        return f"{self.address}.{name}" if self.address else name

    def of_kind(self, *kinds: str) -> Iterator[Block]:
        return (block for (kind, _), block in self._blocks.items() if kind in kinds)

    # What expressions ask for: expressions.Names

    def lookup(self, root: str, path: tuple[str, ...]) -> tuple[Value, int] | None:
        first = path[0] if path else ""
        if root == "path":
            return self._path(first), 1
        if root == "terraform":
            return Reference("terraform", first), 1
        if root == "var":
            return (self._once("variable", first, self._variable), 1) if ("variable", first) in self._blocks else None
        if root == "local":
            return (self._once("local", first, self._local), 1) if first in self._locals else None
        kind, name, taken = "resource", f"{root}.{first}", 1
        if root == "module":
            kind, name = "module", first
        elif root in ("data", "ephemeral"):
            kind, name, taken = root, ".".join(path[:2]), 2
        if (kind, name) not in self._blocks:
            return None
        return self._whole(kind, name), taken

    def attribute(self, reference: Reference, name: str) -> Value:
        if not reference.attribute:
            if reference.address in self.tree.modules:
                module = self.tree.modules[reference.address]
                return module.output(name)
            if reference.address in self.tree.missing:
                call = self.tree.missing[reference.address]
                return Unknown(f"{call.address} is not on disk: {call.reason}", call.location)
            document = self._policy_document(reference.address, name)
            if document is not None:
                return document
            known = self.tree.decided.attribute(reference.address, name)
            if known is not None:
                return known
        path = f"{reference.attribute}.{name}" if reference.attribute else name
        return Reference(reference.address, path, reference.location)

    def _policy_document(self, address: str, name: str) -> Value | None:
        """The text of a policy document; None for anything else, and for one that is asked for its own text."""
        resource = self.tree.resources.get(address)
        if resource is None or resource.managed or resource.type != _DOCUMENT:
            return None
        key = ("document", address)
        if key in self._pending:
            return None
        from .policy_document import rendered  # imported where there is one

        self._pending.add(key)
        try:
            return rendered(resource.attributes, name)
        finally:
            self._pending.discard(key)

    def read_file(self, path: str) -> bytes:
        return self.tree.files.read(self.tree.root / path)

    def files_in(self, path: str) -> list[str]:
        return self.tree.files.names_below(self.tree.root / path)

    def without_names(self) -> Names:
        return WithoutNames(self)

    def output(self, name: str) -> Value:
        if ("output", name) not in self._blocks:
            raise Refused(f"{self.address} has no output {name!r}")
        return self._once("output", name, self._output)

    # How it is evaluated

    def _once(self, kind: str, name: str, evaluate_it: Callable[[str], Value]) -> Value:
        key = (kind, name)
        if key not in self._values:
            if key in self._pending:
                raise Refused(f"{self.prefixed(f'{kind}.{name}')} refers to itself")
            self._pending.add(key)
            try:
                self._values[key] = evaluate_it(name)
            finally:
                self._pending.discard(key)
        return self._values[key]

    @cached_property
    def _relative(self) -> Known:
        return Known(Path(os.path.relpath(self.directory, self.tree.root)).as_posix())

    def _path(self, name: str) -> Value:
        if name == "root":
            return Known(".")
        if name == "module":
            return self._relative
        return Reference("path", name)

    def _local(self, name: str) -> Value:
        attribute = self._locals[name]
        return evaluate(attribute.expression, self.scope)

    def _output(self, name: str) -> Value:
        block = self._blocks["output", name]
        value = block.attributes.get("value")
        if value is None:
            return Unknown(f"the output {name!r} has no value", block.location)
        return evaluate(value.expression, self.scope)

    def _variable(self, name: str) -> Value:
        return variable_value(self._blocks["variable", name], self._given.get(name), self.scope, self.address)

    def instances(self, kind: str, name: str) -> tuple[Instance, ...]:
        key = (kind, name)
        if key not in self._instances:
            block = self._blocks[key]
            if key in self._pending:
                raise Refused(f"{self.prefixed(_address(kind, name))} refers to itself")
            self._pending.add(key)
            try:
                self._instances[key] = expand(block, self.scope, self._concrete)
            except Refused as refusal:
                unknown = Unknown(f"Terraform refuses its count or for_each: {refusal}", block.location)
                self._instances[key] = (Instance("", self.scope, unknown),)
            finally:
                self._pending.discard(key)
            if any(instance.existence is not None for instance in self._instances[key]):
                there = self.tree.decided.instances(self.prefixed(_address(kind, name)), block, self.scope)
                self._instances[key] = self._instances[key] if there is None else there
            for instance in self._instances[key]:
                self._register(kind, name, block, instance)
        return self._instances[key]

    def _register(self, kind: str, name: str, block: Block, instance: Instance) -> None:
        address = self.prefixed(_address(kind, name)) + instance.key
        if len(self.tree.resources) >= MAX_RESOURCES:
            raise TooDeep(block.location, f"there are more than {MAX_RESOURCES:,} instances of resources")
        if kind == "module":
            self._call(address, name, block, instance)
            return
        self.tree.resources[address] = Resource(
            address=address,
            type=block.labels[0],
            name=block.labels[1],
            attributes=Attributes(block, instance.scope),
            location=block.location,
            positions=Positions(block),
            managed=kind == "resource",
            conditions=self._conditions(instance),
            ignored_changes=ignored_changes(block),
        )

    def _conditions(self, instance: Instance) -> tuple[Value, ...]:
        return self.conditions if instance.existence is None else (*self.conditions, instance.existence)

    def _concrete(self, value: Value) -> Value:
        """A reference to an attribute that the source sets is that attribute's value."""
        seen = 0
        while isinstance(value, Reference) and seen < 50:
            resource = self.tree.resources.get(value.address)
            if resource is None or value.attribute not in resource.attributes:
                break
            value, seen = resource.get(value.attribute), seen + 1
        return value

    def _whole(self, kind: str, name: str) -> Value:
        """A resource, data source or module without an attribute: one, a list of them or a map of them."""
        instances = self.instances(kind, name)
        return references(self._blocks[kind, name], self.prefixed(_address(kind, name)), instances)

    # Module calls

    def _call(self, address: str, name: str, block: Block, instance: Instance) -> None:
        source = block.attributes.get("source")
        value = evaluate(source.expression, instance.scope) if source else Known("")
        text = str(value.value) if isinstance(value, Known) else ""
        key = f"{self.key}.{name}" if self.key else name
        conditions = self._conditions(instance)
        self.tree.resources[address] = Resource(
            address=address,
            type=MODULE,
            name=name,
            attributes={"source": value} if source else {},
            location=block.location,
            positions=Positions(block),
            conditions=conditions,
        )
        directory: Path | str = "it has no source"
        if source:
            directory = directory_of_call(text, key, self._chain, self.tree.fetched, self.tree.files)
        if isinstance(directory, str):
            self.tree.missing[address] = ModuleCall(address, text, directory, block.location)
            return
        if followed(directory) in map(followed, self._chain):
            raise SourceError(f"{address} is inside itself: {display(directory)} calls itself", block.location)
        arguments = {
            argument: _delayed(attribute, instance.scope)
            for argument, attribute in block.attributes.items()
            if argument not in ("source", "version", "count", "for_each", "providers", "depends_on")
        }
        Module(
            self.tree,
            directory,
            address=address,
            key=key,
            given=arguments,
            callers=self._chain,
            conditions=conditions,
        )


def _address(kind: str, name: str) -> str:
    return name if kind == "resource" else f"{kind}.{name}"


def _delayed(attribute: AnyAttribute, scope: Scope) -> Callable[[], Value]:
    return lambda: evaluate(attribute.expression, scope)
