"""Terraform source to a syntax tree, and the refusal of what Terraform itself would refuse.

tree-sitter tolerates half-written code; a gate must not. What its grammar lets through although Terraform refuses it is
looked for here. Terraform's own grammar: github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, cached_property

import tree_sitter
import tree_sitter_hcl
from tree_sitter import Node

from ...values import Location

MAX_BYTES = 5_000_000
MAX_SOURCE_BYTES = 2_000_000

# Inside these a newline is white space; elsewhere it ends an expression.
_BRACKETS = {"tuple", "object", "new_index", "for_tuple_expr", "for_object_expr"}
_BRACKETS |= {"heredoc_template", "template_interpolation", "template_directive"}
# The grammar knows 1.5e3 but not 1e3, and not that of `$$${` the last three are an escape.
_EXPONENT = re.compile(rb"(?<![\w.])(\d+(?:\.\d+)?)([eE][+-]?)(?=\d)")


class SourceError(Exception):
    """Source that Terraform would refuse, or that is past this program's limits."""

    def __init__(self, message: str, location: Location) -> None:
        super().__init__(f"{location}: {message}")
        self.message = message
        self.location = location


@dataclass(frozen=True, eq=False)
class SourceFile:
    """A parsed file. `name` is how messages call it: relative to the working directory, with `/`."""

    name: str
    content: bytes
    root: Node

    def text(self, node: Node) -> str:
        return self.content[node.start_byte : node.end_byte].decode()

    def location(self, start: Node, end: Node | None = None) -> Location:
        """The range from the start of one node to the end of another (by default the same)."""
        line, column = start.start_point
        end_line, end_column = (end or start).end_point
        if not self._is_ascii:
            column = self._characters(start.start_byte, column)
            end_column = self._characters((end or start).end_byte, end_column)
        return Location(self.name, line + 1, column + 1, end_line + 1, end_column + 1)

    @cached_property
    def _is_ascii(self) -> bool:
        return self.content.isascii()

    def _characters(self, byte: int, bytes_before: int) -> int:
        """tree-sitter counts columns in bytes."""
        return len(self.content[byte - bytes_before : byte].decode(errors="replace"))

    def refuse(self, message: str, node: Node) -> SourceError:
        return SourceError(message, self.location(node))


@dataclass(frozen=True, eq=False)
class PlacedText(SourceFile):
    """A template taken out of its place, as a heredoc with one line break too many at its end."""

    place: Location

    def location(self, start: Node, end: Node | None = None) -> Location:
        return self.place


@cache
def language() -> tree_sitter.Language:
    return tree_sitter.Language(tree_sitter_hcl.language())


@cache
def _parser() -> tree_sitter.Parser:
    return tree_sitter.Parser(language())


@cache
def _numbers() -> tree_sitter.Query:
    return tree_sitter.Query(language(), "(numeric_lit) @number")


def parse(content: bytes, name: str) -> SourceFile:
    """Parse one native-syntax file.

    Raises:
        SourceError: it is too large, not UTF-8, or no Terraform syntax.
    """
    if len(content) > MAX_SOURCE_BYTES:
        raise SourceError(f"the file is larger than {MAX_SOURCE_BYTES:,} bytes", Location(name, 1, 1, 1, 1))
    try:
        content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SourceError("the file is not UTF-8", Location(name, line, 1, line, 1)) from None
    content = content.removeprefix(b"\xef\xbb\xbf")
    root = tree_of(content)
    file = SourceFile(name, content, root)
    if root.has_error:
        raise _first_error(file)
    if b"0x" in content or b"0X" in content:
        for node in tree_sitter.QueryCursor(_numbers()).captures(root).get("number", ()):
            if content[node.start_byte + 1 : node.start_byte + 2] in (b"x", b"X"):
                raise file.refuse("Terraform has no hexadecimal numbers", node)
    return file


def tree_of(content: bytes) -> Node:
    """The syntax tree, errors included. What is parsed has the length of the source, without what the grammar lacks."""
    if b"{" in content and (b"$${" in content or b"%%{" in content):
        content = content.replace(b"$${", b"___").replace(b"%%{", b"___")
    root = _parser().parse(content).root_node
    if root.has_error and _EXPONENT.search(content):
        root = _parser().parse(_EXPONENT.sub(lambda m: m[1] + b"0" * len(m[2]), content)).root_node
    return root


def _first_error(file: SourceFile) -> SourceError:
    node = file.root
    while not (node.is_error or node.is_missing):
        node = next(child for child in node.children if child.has_error or child.is_missing)
    if node.is_missing:
        return file.refuse(f"expected {node.type!r} here", node)
    lines = file.text(node).strip().splitlines()
    near = f" near {lines[0][:60]!r}" if lines else ""
    return file.refuse(f"this is not valid Terraform syntax{near}", node)


def check_lines(file: SourceFile, attribute: Node) -> None:
    """Refuse line breaks where Terraform has none, and objects without the commas or line breaks that it wants.

    Raises:
        SourceError: naming the place and what Terraform expects there.
    """
    pending = [(attribute, True)]
    while pending:
        node, newline_ends = pending.pop()
        kind = node.type
        if kind == "object":
            _check_separators(file, node)
        if node.start_point.row == node.end_point.row:
            if b"{" in file.content[node.start_byte : node.end_byte]:  # an object, or interpolation
                pending.extend((child, True) for child in node.children if child.child_count)
            continue
        if kind in ("quoted_template", "string_lit"):
            for child in node.children:
                if child.type == "template_literal" and child.start_point.row != child.end_point.row:
                    raise file.refuse("a quoted string may not span lines; use a heredoc", child)
        elif kind in ("attribute", "object_elem"):
            newline_ends = True
        elif kind in _BRACKETS:
            newline_ends = False
        inside_parentheses = False
        previous: Node | None = None
        for child in node.children:
            if child.type == "comment":
                continue
            if newline_ends and not inside_parentheses and previous is not None:
                if child.start_point.row != previous.end_point.row and not _ends_with_newline(previous):
                    raise file.refuse(f"a line break may not stand before {_named(file, child)}", child)
            if child.type == "(":
                inside_parentheses = True
            if child.child_count:
                pending.append((child, newline_ends and not inside_parentheses))
            if child.type == ")":
                inside_parentheses = False
            previous = child


def _ends_with_newline(node: Node) -> bool:
    return node.type == "heredoc_identifier"


def _check_separators(file: SourceFile, node: Node) -> None:
    previous: Node | None = None
    for child in node.children:
        if child.type == "comment":
            continue
        if previous is not None:
            same_line = child.start_point.row == previous.end_point.row
            if child.type == "object_elem" and previous.type == "object_elem" and same_line:
                raise file.refuse("a comma or a line break is missing before this object element", child)
            if child.type == "," and not same_line:
                raise file.refuse("a line break may not stand before the comma in an object", child)
        previous = child


def _named(file: SourceFile, node: Node) -> str:
    return repr(file.text(node).splitlines()[0][:40])
