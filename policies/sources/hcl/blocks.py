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
        if item.type == "comment":
            continue
        start, end = item.start_point.row, item.end_point.row
        if start == last_row:
            raise file.refuse("a line break is missing before this: one argument or block on a line", item)
        last_row = end
        if item.type == "attribute":
            children = [child for child in item.children if child.type != "comment"]
            name = file.text(children[0])
            if name in attributes:
                first = attributes[name].location.line
                raise file.refuse(f"{name!r} is set a second time; the first is on line {first}", item)
            if start != end:
                check_lines(file, item)
            attributes[name] = Attribute(name, children[-1], file)
        else:
            blocks.append(_read_block(file, item, depth + 1))
    return attributes, tuple(blocks)


def _read_block(file: SourceFile, node: Node, depth: int) -> Block:
    if depth > MAX_NESTED_BLOCKS:
        raise file.refuse(f"blocks are nested more than {MAX_NESTED_BLOCKS} deep", node)
    children = [child for child in node.children if child.type != "comment"]
    start = next(index for index, child in enumerate(children) if child.type == "block_start")
    header = children[:start]
    brace, end = children[start], children[-1]
    if brace.start_point.row != header[0].start_point.row:
        raise file.refuse("a block's opening brace stands on the line of its name", brace)
    body = next((child for child in children[start:] if child.type == "body"), None)
    attributes, blocks = _read_body(file, body, depth)
    items = len(attributes) + len(blocks)
    one_line = brace.start_point.row == end.start_point.row
    if items and body is not None and not one_line:
        if body.start_point.row == brace.start_point.row:
            raise file.refuse("a line break is missing after the opening brace", body)
        if body.end_point.row == end.start_point.row:
            raise file.refuse("a line break is missing before the closing brace", end)
    if one_line and (items > 1 or blocks):
        raise file.refuse("a block on one line may hold one argument and nothing else", node)
    for child in header[1:]:
        if "${" in file.text(child) or "%{" in file.text(child):
            raise file.refuse("a block's label is a plain name", child)
    labels = tuple(file.text(child).strip('"') for child in header[1:])
    return Block(file.text(header[0]), labels, attributes, blocks, file.location(header[0], header[-1]))
