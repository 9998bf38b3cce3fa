"""The comments that suppress something, and the block and attribute that each stands at.

They come from the syntax tree, so that a text that looks like a comment is none. Terraform's JSON syntax has none.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

import tree_sitter
from tree_sitter import Node

from ...values import Location
from .syntax import SourceError, SourceFile, language

MAX_COMMENTS = 500
# What Routeproof reads, and what Checkov does: github.com/bridgecrewio/checkov, common/comment/enum.py
MARK = re.compile(r"\b(?:routeproof|checkov|bridgecrew|cortex)\s*:\s*skip\b")


@dataclass(frozen=True)
class Place:
    """A top-level block: all of it, and its header."""

    type: str
    labels: tuple[str, ...]
    location: Location
    header: Location


@dataclass(frozen=True)
class Comment:
    """One line of a comment with a mark in it, without the comment's own signs.

    `block` is what it stands in (`inside`) or right above, with nothing but comments between; None for neither.
    `attribute` is the one on whose lines it stands, or right above which it stands, in that block. Above the first one
    it stands at the top of the block, where it has none.
    """

    text: str
    location: Location
    block: Place | None = None
    inside: bool = False
    attribute: Location | None = None


@cache
def _comments() -> tree_sitter.Query:
    return tree_sitter.Query(language(), "(comment) @comment")


def suppressing_comments(file: SourceFile) -> Iterator[Comment]:
    """Every comment line with a mark, from the top.

    Raises:
        SourceError: there are more than `MAX_COMMENTS`.
    """
    if b"skip" not in file.content:
        return
    nodes = tree_sitter.QueryCursor(_comments()).captures(file.root).get("comment", [])
    nodes.sort(key=lambda node: node.start_byte)
    marked = [node for node in nodes if MARK.search(file.text(node))]
    if not marked:
        return
    placed = _Placed(file, nodes)
    count = 0
    for node in marked:
        where = placed.at(node)
        for text, location in _lines(file, node):
            count += 1
            if count > MAX_COMMENTS:
                raise SourceError(f"more than {MAX_COMMENTS} suppressing comments in one file", location)
            yield Comment(text, location, *where)


def _lines(file: SourceFile, node: Node) -> Iterator[tuple[str, Location]]:
    """The marked lines of a comment."""
    start = file.location(node)
    for number, line in enumerate(file.text(node).split("\n")):
        if not MARK.search(line):
            continue
        kept = line.strip()
        column = len(line) - len(line.lstrip()) + (start.column if number == 0 else 1)
        row = start.line + number
        text = kept.removesuffix("*/") if kept.startswith("/*") or number else kept
        yield text.lstrip("#/*").strip(), Location(file.name, row, column, row, column + len(kept))


class _Inside:
    """The attributes of a block and of the blocks in it; `first` is the byte where its first item starts."""

    def __init__(self, block: Node) -> None:
        items = [item for child in block.children if child.type == "body" for item in child.children]
        self.first = next((item.start_byte for item in items if item.type != "comment"), block.end_byte)
        self.attributes = list(_attributes(block))
        self.starts = [node.start_byte for node in self.attributes]
        self.by_start = {node.start_point.row: node for node in self.attributes}
        self.by_end = {node.end_point.row: node for node in self.attributes}

    def attribute_of(self, comment: Node, below: int) -> Node | None:
        """The attribute that a comment is at; `below` is the row under it."""
        around = _last_before(self.attributes, self.starts, comment)
        before = self.by_end.get(comment.start_point.row)
        found = around or before or self.by_start.get(comment.end_point.row)
        return found or (self.by_start.get(below) if comment.start_byte > self.first else None)


class _Placed:
    """Where the blocks and attributes of a file are, by its rows and bytes; rows count from 0."""

    def __init__(self, file: SourceFile, comments: Iterable[Node]) -> None:
        self.file = file
        bodies = [child for child in file.root.children if child.type == "body"]
        self.blocks = [child for body in bodies for child in body.children if child.type == "block"]
        self.starts = [block.start_byte for block in self.blocks]
        self.by_row = {block.start_point.row: block for block in self.blocks}
        self.below = _rows_below(file, comments)
        self.inside: dict[int, _Inside] = {}

    def at(self, comment: Node) -> tuple[Place | None, bool, Location | None]:
        """Block, whether inside, attribute."""
        alone = comment.start_point.row in self.below
        below = self.below.get(comment.end_point.row, -1) if alone else -1
        block = _last_before(self.blocks, self.starts, comment)
        if block is None:
            above = self.by_row.get(below)
            return (self._place(above) if above else None), False, None
        if block.start_byte not in self.inside:
            self.inside[block.start_byte] = _Inside(block)
        found = self.inside[block.start_byte].attribute_of(comment, below)
        return self._place(block), True, self.file.location(found) if found else None

    def _place(self, block: Node) -> Place:
        children = [child for child in block.children if child.type != "comment"]
        header = children[: next(index for index, child in enumerate(children) if child.type == "block_start")]
        names = [self.file.text(child).strip('"') for child in header]
        return Place(names[0], tuple(names[1:]), self.file.location(block), self.file.location(header[0], header[-1]))


def _last_before(nodes: list[Node], starts: list[int], comment: Node) -> Node | None:
    """The node that a comment stands in. The nodes are in order and do not overlap."""
    index = bisect_right(starts, comment.start_byte) - 1
    return nodes[index] if index >= 0 and comment.start_byte < nodes[index].end_byte else None


def _attributes(block: Node) -> Iterator[Node]:
    """The attributes of a block and of the blocks in it, from the top."""
    pending = [block]
    while pending:
        node = pending.pop()
        if node.type == "attribute":
            yield node
        elif node.type in ("block", "body"):
            pending.extend(reversed(node.children))


def _rows_below(file: SourceFile, comments: Iterable[Node]) -> dict[int, int]:
    """For every row that holds a comment and nothing else: the first row below that does not."""
    lines = file.content.split(b"\n")
    rows: list[int] = []
    for node in comments:
        start, end = node.start_point, node.end_point
        if not lines[start.row][: start.column].strip() and not lines[end.row][end.column :].strip():
            rows.extend(range(start.row, end.row + 1))
    below: dict[int, int] = {}
    for row in reversed(rows):
        below[row] = below.get(row + 1, row + 1)
    return below
