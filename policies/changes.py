"""What a convention proposes to change in the source, so that it is kept. Nothing is edited here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from .stack import Resource, Stack
from .values import Location


class NotSafe(Exception):
    """The change cannot be made without guessing; the text says why, as a clause."""


@dataclass(frozen=True)
class SetAttribute:
    """Set an attribute of the block whose header stands at a place.

    What is set already is replaced where it is a literal. With `over_references` any expression is, but for one that
    is a variable, a local, a module's output or an instance's value and nothing more. `{name}` in the expression
    stands for the source text of the attribute of that name.
    """

    header: Location
    name: str
    expression: str
    over_references: bool = False


@dataclass(frozen=True)
class AddNestedBlock:
    """Put a block at the end of the one whose header stands at a place. `text` is indented as in a file's top level."""

    header: Location
    text: str


@dataclass(frozen=True)
class AddBlock:
    """Put a block behind the one whose header stands at a place."""

    header: Location
    text: str


@dataclass(frozen=True)
class ReplaceText:
    """Put `new` in the place of the only `old` within an expression."""

    place: Location
    old: str
    new: str


Change: TypeAlias = SetAttribute | AddNestedBlock | AddBlock | ReplaceText


def set_attribute(resource: Resource, name: str, expression: str, *, over_references: bool = False) -> SetAttribute:
    """Set a resource's attribute.

    Raises:
        NotSafe: the resource does not come from a file, or not from one of this repository's own.
    """
    return SetAttribute(header_of(resource), name, expression, over_references)


def header_of(resource: Resource) -> Location:
    """Where a resource's block stands, if it may be changed.

    Raises:
        NotSafe: it may not.
    """
    place = resource.location
    if place is None:
        raise NotSafe(f"{resource.address} is in no file")
    if "/.terraform/" in f"/{place.file}":
        raise NotSafe(f"{place.file} is of a fetched module")
    return place


def module_and_key(resource: Resource) -> tuple[str, str]:
    """The address of a resource's module, empty for the root, and its instance key, empty without one."""
    written = f"{'' if resource.managed else 'data.'}{resource.type}.{resource.name}"
    module, _, key = resource.address.rpartition(written)
    return module.rstrip("."), key


def reference(target: Resource, attribute: str, *, seen_from: Resource) -> str:
    """How one resource's block refers to another's attribute.

    Raises:
        NotSafe: they are in different modules, or one block stands for instances that would refer to different ones.
    """
    (module, key), (home, own_key) = module_and_key(target), module_and_key(seen_from)
    if module != home:
        raise NotSafe(f"{target.address} is in another module than {seen_from.address}")
    name = f"{'' if target.managed else 'data.'}{target.type}.{target.name}"
    if not key:
        return f"{name}.{attribute}"
    if not own_key:
        return f"{name}{key}.{attribute}"
    if key != own_key:
        raise NotSafe(f"each instance of {seen_from.type}.{seen_from.name} would need another {name}")
    return f"{name}[{'each.key' if key.startswith('[' + chr(34)) else 'count.index'}].{attribute}"


@dataclass(frozen=True)
class Beside:
    """How a block stands beside a resource: `repeated` are its first lines, for as many instances as the resource has,
    `subject` is what it calls the resource.
    """

    repeated: str
    subject: str


def beside(resource: Resource) -> Beside:
    """For a block that each instance of a resource needs one of.

    Raises:
        NotSafe: its count is not a number that another block can take over.
    """
    _, key = module_and_key(resource)
    name = f"{resource.type}.{resource.name}"
    if not key:
        if resource.conditions:
            raise NotSafe(f"whether {resource.address} exists shows only at apply")
        return Beside("", name)
    if key.startswith('["'):
        return Beside(f"  for_each = {name}\n\n", "each.value")
    return Beside(f"  count = length({name})\n\n", f"{name}[count.index]")


def free_name(stack: Stack, type_name: str, *wanted: str, near: Resource) -> str:
    """The first of some names that no resource of a type has in a resource's module.

    Raises:
        NotSafe: they are all taken.
    """
    home, _ = module_and_key(near)
    taken = {one.name for one in stack.of_type(type_name) if module_and_key(one)[0] == home}
    for name in wanted:
        if name not in taken:
            return name
    raise NotSafe(f"the name {type_name}.{wanted[-1]} is taken")
