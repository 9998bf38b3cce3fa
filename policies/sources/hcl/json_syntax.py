"""Terraform's JSON syntax, .tf.json, to the same blocks and expressions as the native one.

What the syntax leaves to the provider's schema is taken as its writers mean it: inside a resource, an object or a
list of objects is a nested block, but for the arguments that are maps (`_MAPS`) and for what stands inside those.
developer.hashicorp.com/terraform/language/syntax/json
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from ...values import Known, Location
from .blocks import Block
from .declarations import LABELS
from .embedded import parse_text
from .json_text import JsonFile, JsonValue, Pairs
from .nodes import Expression, Literal, Object, Tuple
from .syntax import SourceError
from .templates import normal

_WITH_BLOCKS = {"resource", "data", "ephemeral"}
_MAPS = {
    "for_each",
    *(
        "annotations",
        "input",
        "keepers",
        "labels",
        "metadata",
        "parameters",
        "request_parameters",
        "request_templates",
    ),
    *("response_models", "response_templates", "stage_variables", "tags", "tags_all", "triggers", "triggers_replace"),
    *("variables",),
}


@dataclass(frozen=True, eq=False)
class JsonAttribute:
    """What `Attribute` is in the native syntax. `literal`: a string in it is no template."""

    name: str
    value: JsonValue
    literal: bool = False

    @cached_property
    def expression(self) -> Expression:
        return _expression(self.value, literal=self.literal)

    @property
    def location(self) -> Location:
        return self.value.location


def read_json_blocks(content: bytes, name: str) -> Block:
    """The file's content as one block.

    Raises:
        SourceError: it is no JSON, or not of the form that Terraform wants.
    """
    file = JsonFile(content, name)
    blocks: list[Block] = []
    for body in _bodies(file.root):
        for key, value in body.pairs:
            kind = str(key.content)
            if kind == "//":
                continue
            if kind not in LABELS:
                raise SourceError(f"{kind!r} is no block that Terraform knows", key.location)
            for labels, place, inner in _labelled(value, LABELS[kind], key.location):
                blocks.append(_block(kind, labels, place, inner, with_blocks=kind in _WITH_BLOCKS))
    return Block("", (), {}, tuple(blocks), file.root.location)


def _bodies(value: JsonValue) -> list[JsonValue]:
    """One object, or a list of them."""
    items = value.content if isinstance(value.content, list) else [value]
    for item in items:
        if not isinstance(item.content, Pairs):
            raise SourceError("an object is needed here", item.location)
    return items


def _labelled(value: JsonValue, labels: int, place: Location) -> Iterator[tuple[tuple[str, ...], Location, JsonValue]]:
    """Each block under a type's key: labels, where it starts, body."""
    for body in _bodies(value):
        if not labels:
            yield (), place, body
            continue
        for key, inner in body.pairs:
            if key.content != "//":
                for rest, start, found in _labelled(inner, labels - 1, key.location):
                    yield (str(key.content), *rest), start, found


def _block(kind: str, labels: tuple[str, ...], place: Location, body: JsonValue, *, with_blocks: bool) -> Block:
    attributes: dict[str, JsonAttribute] = {}
    blocks: list[Block] = []
    for key, value in body.pairs:
        name = str(key.content)
        if name == "//":
            continue
        if name == "dynamic" and with_blocks:
            for inner_labels, start, inner in _labelled(value, 1, key.location):
                blocks.append(_block("dynamic", inner_labels, start, inner, with_blocks=True))
        elif with_blocks and name not in _MAPS and _looks_like_blocks(value):
            blocks += [_block(name, (), key.location, inner, with_blocks=True) for inner in _bodies(value)]
        elif kind == "variable" and name == "validation":
            continue
        elif name in attributes:
            raise SourceError(f"{name!r} is set a second time", key.location)
        else:
            attributes[name] = JsonAttribute(name, value, literal=kind == "variable")
    return Block(kind, labels, attributes, tuple(blocks), place)


def _looks_like_blocks(value: JsonValue) -> bool:
    items = value.content if isinstance(value.content, list) else [value]
    return bool(items) and all(isinstance(item.content, Pairs) for item in items)


def _expression(value: JsonValue, *, literal: bool) -> Expression:
    content, place = value.content, value.location
    if isinstance(content, str):
        if literal or ("${" not in content and "%{" not in content):
            return Literal(Known(normal(content), place), place)
        return parse_text(content, place)
    if isinstance(content, list):
        return Tuple(tuple(_expression(item, literal=literal) for item in content), place)
    if isinstance(content, Pairs):
        elements = (
            (_expression(key, literal=literal), _expression(item, literal=literal)) for key, item in content.pairs
        )
        return Object(tuple(elements), place)
    return Literal(Known(content, place), place)
