"""A syntax tree to blocks and attributes, with the rules on lines and doubles that the grammar does not have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from tree_sitter import Node

from ...values import Location
from .nodes import Expression
from .syntax import SourceFile, check_lines
from .translate import translate

MAX_NESTED_BLOCKS = 50


@dataclass(frozen=True, eq=False)
class Attribute:
    """`name = expression`."""

    name: str
    node: Node
    file: SourceFile

    @cached_property
    def expression(self) -> Expression:
        return translate(self.node, self.file)

    @cached_property
    def location(self) -> Location:
        """Where the expression stands."""
        return self.file.location(self.node)


class AnyAttribute(Protocol):
    """An attribute in either syntax."""

    @property
    def name(self) -> str: ...

    @property
    def expression(self) -> Expression: ...

    @property
    def location(self) -> Location: ...


@dataclass(frozen=True, eq=False)
class Block:
    """`type "label" { ... }`; the file itself is a block without type."""

    type: str
    labels: tuple[str, ...]
    attributes: Mapping[str, AnyAttribute]
    blocks: tuple[Block, ...]
    location: Location
    """Where the header stands, without the brace."""

    @property
    def name_of_blocks(self) -> str:
        """What the blocks are called that a nested block stands for; a dynamic one stands for others."""
        return self.labels[0] if self.type == "dynamic" and self.labels else self.type

    def of_type(self, *types: str) -> list[Block]:
        return [block for block in self.blocks if block.type in types]


def read_blocks(file: SourceFile) -> Block:
    """The file's content as one block.

    Raises:
        SourceError: two items on one line, an attribute given twice, a line break where none may be.
    """
    bodies = [child for child in file.root.children if child.type == "body"]
    attributes, blocks = _read_body(file, bodies[0] if bodies else None)
    return Block("", (), attributes, blocks, file.location(file.root))


def _read_body(file: SourceFile, body: Node | None, depth: int = 0) -> tuple[dict[str, Attribute], tuple[Block, ...]]:
    attributes: dict[str, Attribute] = {}
    blocks: list[Block] = []
    last_row = -1
    for item in body.children if body is not None else ():
        kind = item.type
        if kind == "comment":
            continue
        start, end = item.start_point.row, item.end_point.row
        if start == last_row:
            raise file.refuse("a line break is missing before this: one argument or block on a line", item)
        last_row = end
        if kind == "attribute":
            children = item.children
            name = file.text(children[0])
            if name in attributes:
                first = attributes[name].location.line
                raise file.refuse(f"{name!r} is set a second time; the first is on line {first}", item)
            check_lines(file, item)
            attributes[name] = Attribute(name, children[-1], file)
        else:
            blocks.append(_read_block(file, item, depth + 1))
    return attributes, tuple(blocks)


def _read_block(file: SourceFile, node: Node, depth: int) -> Block:
    if depth > MAX_NESTED_BLOCKS:
        raise file.refuse(f"blocks are nested more than {MAX_NESTED_BLOCKS} deep", node)
    by_type: dict[str, Node] = {}
    header: list[Node] = []
    for child in node.children:
        by_type[child.type] = child
        if child.type != "comment" and "block_start" not in by_type:
            header.append(child)
    brace, end, body = by_type["block_start"], node.children[-1], by_type.get("body")
    row = brace.start_point.row
    if row != header[0].start_point.row:
        raise file.refuse("a block's opening brace stands on the line of its name", brace)
    attributes, blocks = _read_body(file, body, depth)
    one_line = row == end.start_point.row
    if body is not None and not one_line and (attributes or blocks):
        if body.start_point.row == row:
            raise file.refuse("a line break is missing after the opening brace", body)
        if body.end_point.row == end.start_point.row:
            raise file.refuse("a line break is missing before the closing brace", end)
    if one_line and (blocks or len(attributes) > 1):
        raise file.refuse("a block on one line may hold one argument and nothing else", node)
    kind, *labels = (file.text(child) for child in header)
    for child, label in zip(header[1:], labels, strict=True):
        if "${" in label or "%{" in label:
            raise file.refuse("a block's label is a plain name", child)
    place = file.location(header[0], header[-1])
    return Block(kind, tuple(label.strip('"') for label in labels), attributes, blocks, place)
