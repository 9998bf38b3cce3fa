"""A root module and the modules that it calls, to a Stack."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from ...stack import ModuleCall, Output, Resource, Stack, current_day
from ...values import (
    Call,
    Known,
    ListValue,
    ObjectValue,
    Reference,
    TooLarge,
    Unknown,
    Value,
    is_null,
)
from . import policy_document
from .blocks import AnyAttribute, Block
from .constraints import read_constraint
from .expressions import Names, Scope, evaluate
from .files import Files, FilesBelow, display, fetched_modules
from .instances import Attributes, Instance, Positions, expand, ignored_changes
from .limits import Effort, room_to_recurse
from .refused import Refused, TooDeep
from .syntax import SourceError
from .types import convert

MAX_MODULE_DEPTH = 20
MAX_MODULES = 2_000
MAX_RESOURCES = 10_000
_LABELS = {"resource": 2, "data": 2, "variable": 1, "output": 1, "module": 1, "ephemeral": 2}


@dataclass
class Tree:
    """What the modules of one root share."""

    root: Path
    files: Files
    fetched: Mapping[str, str]
    modules: dict[str, Module] = field(default_factory=dict)
    missing: dict[str, ModuleCall] = field(default_factory=dict)
    resources: dict[str, Resource] = field(default_factory=dict)
    effort: Effort = field(default_factory=Effort)


class Module:
    """One instance of a module. Everything is evaluated when it is first asked for, and once."""

    def __init__(
        self,
        tree: Tree,
        directory: Path,
        *,
        address: str,
        key: str,
        given: Mapping[str, Callable[[], Value]],
        conditions: tuple[Value, ...] = (),
    ) -> None:
        self.tree = tree
        self.effort = tree.effort
        self.scope = Scope(self)
        self.conditions = conditions
        self.directory = directory
        self.address = address
        self.key = key
        self._given = given
        self._values: dict[tuple[str, str], Value] = {}
        self._pending: set[tuple[str, str]] = set()
        self._instances: dict[tuple[str, str], tuple[Instance, ...]] = {}
        self._locals: dict[str, AnyAttribute] = {}
        self._blocks: dict[tuple[str, str], Block] = {}
        if len(tree.modules) >= MAX_MODULES:
            raise Refused(f"there are more than {MAX_MODULES:,} modules")
        tree.modules[address] = self
        for block in tree.files.blocks(directory):
            self._declare(block)

    def _declare(self, block: Block) -> None:
        if block.type == "locals":
            for name, attribute in block.attributes.items():
                if name in self._locals:
                    raise SourceError(f"local.{name} is declared twice", attribute.location)
                self._locals[name] = attribute
            return
        wanted = _LABELS.get(block.type)
        if wanted is None:
            return
        if len(block.labels) != wanted:
            raise SourceError(f"a {block.type} block has {wanted} label{'s' * (wanted > 1)}", block.location)
        name = ".".join(block.labels)
        kind = (block.type, name)
        if kind in self._blocks:
            first = self._blocks[kind].location
            raise SourceError(f"{block.type} {name!r} is declared twice; the first is at {first}", block.location)
        self._blocks[kind] = block

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
        path = f"{reference.attribute}.{name}" if reference.attribute else name
        return Reference(reference.address, path, reference.location)

    def _policy_document(self, address: str, name: str) -> Value | None:
        """The text of a policy document; None for anything else, and for one that is asked for its own text."""
        resource = self.tree.resources.get(address)
        if resource is None or resource.managed or resource.type != policy_document.TYPE:
            return None
        key = ("document", address)
        if key in self._pending:
            return None
        self._pending.add(key)
        try:
            return policy_document.rendered(resource.attributes, name)
        finally:
            self._pending.discard(key)

    def read_file(self, path: str) -> bytes:
        return self.tree.files.read(self.tree.root / path)

    def files_in(self, path: str) -> list[str]:
        return self.tree.files.names_below(self.tree.root / path)

    def without_names(self) -> Names:
        return _Template(self)

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

    def _path(self, name: str) -> Value:
        if name == "root":
            return Known(".")
        if name == "module":
            return Known(Path(os.path.relpath(self.directory, self.tree.root)).as_posix())
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
        block = self._blocks["variable", name]
        scope = self.scope
        if name in self._given:
            value = self._given[name]()
        elif "default" in block.attributes:
            value = evaluate(block.attributes["default"].expression, scope)
        elif self.address:
            return Unknown(f"{self.address} does not set the variable {name!r}", block.location)
        else:
            return Reference(f"var.{name}", location=block.location)
        if is_null(value) and self._refuses_null(block) and "default" in block.attributes:
            value = evaluate(block.attributes["default"].expression, scope)
        if "type" not in block.attributes:
            return value
        try:
            return convert(value, read_constraint(block.attributes["type"].expression, scope))
        except Refused as refusal:
            return Unknown(f"the variable {name!r} does not fit its type: {refusal}", value.location)

    def _refuses_null(self, block: Block) -> bool:
        nullable = block.attributes.get("nullable")
        return nullable is not None and evaluate(nullable.expression, self.scope) == Known(False)

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
            for instance in self._instances[key]:
                self._register(kind, name, block, instance)
        return self._instances[key]

    def _register(self, kind: str, name: str, block: Block, instance: Instance) -> None:
        address = self.prefixed(_address(kind, name)) + instance.key
        if kind == "module":
            self._call(address, name, block, instance)
            return
        if len(self.tree.resources) >= MAX_RESOURCES:
            raise TooDeep(block.location, f"there are more than {MAX_RESOURCES:,} instances of resources")
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
        block = self._blocks[kind, name]
        address = self.prefixed(_address(kind, name))
        instances = self.instances(kind, name)
        references = [Reference(address + instance.key) for instance in instances]
        if "count" not in block.attributes and "for_each" not in block.attributes:
            return references[0]
        if len(instances) == 1 and not instances[0].key:
            return Call("instances", (references[0], instances[0].existence or Known(None)))
        if "count" in block.attributes:
            return ListValue(tuple(references))
        keys = [instance.scope.names["each"].fields["key"] for instance in instances]  # type: ignore[union-attr]
        return ObjectValue({str(key.value): reference for key, reference in zip(keys, references, strict=True)})

    # Module calls

    def _call(self, address: str, name: str, block: Block, instance: Instance) -> None:
        source = block.attributes.get("source")
        value = evaluate(source.expression, instance.scope) if source else Known("")
        text = str(value.value) if isinstance(value, Known) else ""
        key = f"{self.key}.{name}" if self.key else name
        directory = self._directory(text, key)
        if isinstance(directory, str):
            self.tree.missing[address] = ModuleCall(address, text, directory, block.location)
            return
        arguments = {
            argument: _delayed(attribute, instance.scope)
            for argument, attribute in block.attributes.items()
            if argument not in ("source", "version", "count", "for_each", "providers", "depends_on")
        }
        conditions = self._conditions(instance)
        Module(self.tree, directory, address=address, key=key, given=arguments, conditions=conditions)

    def _directory(self, source: str, key: str) -> Path | str:
        """Where a module's source is on disk, or why it is not."""
        if key.count(".") >= MAX_MODULE_DEPTH:
            return f"modules are nested deeper than {MAX_MODULE_DEPTH}; does one call itself?"
        if source.startswith(("./", "../")):
            directory = Path(os.path.normpath(self.directory / source))
        elif key in self.tree.fetched:
            directory = Path(os.path.normpath(self.tree.root / self.tree.fetched[key]))
        else:
            return "run terraform init to fetch it"
        try:
            if not self.tree.files.allows(directory):
                return "it is outside the repository; --allow-outside permits that"
            return directory if directory.is_dir() else f"there is no directory {display(directory)}"
        except (OSError, ValueError) as error:
            return f"its source names no directory ({error})"[:200]


class _Template:
    """What a template in a file of its own sees of a module: its files, none of its names."""

    def __init__(self, module: Module) -> None:
        self.effort = module.effort
        self.read_file = module.read_file
        self.files_in = module.files_in

    def lookup(self, root: str, path: tuple[str, ...]) -> None:
        return None

    def attribute(self, reference: Reference, name: str) -> Value:
        return Reference(reference.address, f"{reference.attribute}.{name}".lstrip("."), reference.location)

    def without_names(self) -> Names:
        return self


def _address(kind: str, name: str) -> str:
    return name if kind == "resource" else f"{kind}.{name}"


def _delayed(attribute: AnyAttribute, scope: Scope) -> Callable[[], Value]:
    return lambda: evaluate(attribute.expression, scope)


def load(root: Path, files: Files, given: Mapping[str, Value], *, today: date | None = None) -> Stack:
    """Everything that a root module declares, at any depth. `given` are the values from variable files.

    `today` is the day for which the stack is judged, this one by default.

    Raises:
        SourceError: a file does not parse, or the source is past a bound.
    """
    tree = Tree(root, files, fetched_modules(root, files))
    try:
        with room_to_recurse():
            resources, outputs = _evaluated(tree, given)
    except TooDeep as error:
        raise SourceError(error.message, error.location) from None
    except (TooLarge, Refused, RecursionError) as error:
        raise SourceError(str(error), next(iter(files.blocks(root))).location) from None
    missing = tuple(tree.missing.values())
    return Stack(display(root), resources, outputs, missing, FilesBelow(root, files), today or current_day())


def _evaluated(tree: Tree, given: Mapping[str, Value]) -> tuple[tuple[Resource, ...], tuple[Output, ...]]:
    constants = {name: _constant(value) for name, value in given.items()}
    top = Module(tree, tree.root, address="", key="", given=constants)
    waiting: Sequence[str] = [""]
    while waiting:
        before = set(tree.modules)
        for address in waiting:
            _expand_all(tree.modules[address])
        waiting = [address for address in tree.modules if address not in before]
    for resource in tree.resources.values():
        dict(resource.attributes)
    return tuple(tree.resources.values()), tuple(_outputs(top))


def _constant(value: Value) -> Callable[[], Value]:
    return lambda: value


def _expand_all(module: Module) -> None:
    for block in module.of_kind("resource", "data", "module"):
        module.instances(block.type, ".".join(block.labels))


def _outputs(module: Module) -> Iterator[Output]:
    for block in module.of_kind("output"):
        name = block.labels[0]
        value = block.attributes.get("value")
        yield Output(name, module.output(name), block.location, value.location if value else block.location)
