"""Quoted templates and heredocs to expressions.

White space beside interpolations is in no node of the tree, so literals are sliced from between the nodes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeAlias

from tree_sitter import Node

from ...values import Known, Location
from .nodes import Conditional, Expression, For, Literal, TemplateFor, TemplateText
from .syntax import PlacedText

if TYPE_CHECKING:
    from .translate import Translation

_ESCAPE = re.compile(r"\$\$\{|%%\{|\\(?:([nrt\"\\])|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.?))", re.DOTALL)
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_DOUBLED = re.compile(r"\$\$\{|%%\{")
_LINES = re.compile(r"[^\n]*\n|[^\n]+")
_BRANCH_ENDS = {"template_else_intro", "template_if_end", "template_for_end"}
_DIRECTIVES = {"template_directive", "template_if", "template_for"}
_NOT_PIECES = {"template_literal", "comment", "heredoc_identifier", "heredoc_start"}
# Go's white space, which is not quite Python's: no \x1c to \x1f.
SPACE = "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"

# Literal text, or an interpolation or one end of a directive.
Piece: TypeAlias = "str | Node"


def normal(text: str) -> str:
    """Terraform's strings are in Unicode's normal form C."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def quoted(translation: Translation, node: Node) -> Expression:
    """`"..."`"""
    children = node.children
    location = translation.file.location(node)
    inner = [child for child in children[1:-1] if child.type not in _NOT_PIECES]
    if not inner:
        text = translation.file.content[children[0].end_byte : children[-1].start_byte].decode()
        if "\\" in text or "{" in text:
            text = _unescape(text, translation, node)
        return Literal(Known(normal(text), location), location)
    pieces = _pieces(inner, children[0].end_byte, children[-1].start_byte, translation)
    if len(pieces) == 1 and not isinstance(pieces[0], str) and pieces[0].type == "template_interpolation":
        return translation.inner(pieces[0])
    pieces = [_unescape(piece, translation, node) if isinstance(piece, str) else piece for piece in pieces]
    return _template(_trimmed(pieces), translation, location)


def heredoc(translation: Translation, node: Node) -> Expression:
    """`<<EOT` or, with the common indentation removed, `<<-EOT`."""
    children = node.children
    content = translation.file.content
    start = content.index(b"\n", children[1].end_byte - 1) + 1
    if content[children[1].end_byte : start].strip(b"\r\n"):
        raise translation.file.refuse("nothing may follow a heredoc's marker on its line", node)
    if children[0].end_byte != children[1].start_byte:
        raise translation.file.refuse("a heredoc's marker follows << without a space", node)
    end = content.rindex(b"\n", 0, children[-1].end_byte) + 1
    marker = translation.file.text(children[1]).strip()
    if any(line.strip(SPACE) == marker for line in content[start:end].decode().splitlines()):
        # The grammar reads on where Terraform ends it: it knows fewer kinds of space.
        raise translation.file.refuse(
            "the line with a heredoc's marker starts with a space that is none of ASCII", node
        )
    inner = [child for child in children[2:-1] if child.type not in _NOT_PIECES]
    if isinstance(translation.file, PlacedText):
        end -= 1
        pieces = _pieces(inner, start, end, translation)
        if len(pieces) == 1 and not isinstance(pieces[0], str) and pieces[0].type == "template_interpolation":
            return translation.inner(pieces[0])
    pieces = _trimmed(list(_by_line(_pieces(inner, start, max(start, end), translation))))
    if children[0].type == "heredoc_start" and translation.file.text(children[0]) == "<<-":
        pieces = _without_indentation(pieces)
    pieces = [_single(piece) if isinstance(piece, str) else piece for piece in pieces]
    return _template(pieces, translation, translation.file.location(node))


def _pieces(nodes: list[Node], start: int, end: int, translation: Translation) -> list[Piece]:
    """Literals and nodes in order; directives are flattened into their parts."""
    content = translation.file.content
    pieces: list[Piece] = []
    position = start
    for node in _flat(nodes):
        if node.start_byte > position:
            pieces.append(content[position : node.start_byte].decode())
        pieces.append(node)
        position = node.end_byte
    if end > position:
        pieces.append(content[position:end].decode())
    return pieces


def _flat(nodes: list[Node]) -> Iterator[Node]:
    pending = list(reversed(nodes))
    while pending:
        node = pending.pop()
        if node.type in _DIRECTIVES:
            pending.extend(reversed(node.children))
        elif node.type not in _NOT_PIECES:
            yield node


def _by_line(pieces: list[Piece]) -> Iterator[Piece]:
    """A heredoc's literals end at line ends: ~ trims no further than that."""
    for piece in pieces:
        if isinstance(piece, str):
            yield from _LINES.findall(piece)
        else:
            yield piece


def _without_indentation(pieces: list[Piece]) -> list[Piece]:
    """Take from each line the least indentation that any line has, empty ones aside.

    A line after one whose end a strip marker took is no line of its own.
    """
    at_start = True
    widths: dict[int, int] = {}
    for index, piece in enumerate(pieces):
        if at_start and not (isinstance(piece, str) and piece.endswith("\n") and not piece.strip(SPACE)):
            widths[index] = len(piece) - len(piece.lstrip(SPACE)) if isinstance(piece, str) else 0
        at_start = isinstance(piece, str) and piece.endswith("\n")
    least = min(widths.values(), default=0)
    return [
        piece[least:] if index in widths and isinstance(piece, str) else piece for index, piece in enumerate(pieces)
    ]


def _unescape(text: str, translation: Translation, node: Node) -> str:
    def replace(match: re.Match[str]) -> str:
        simple, short, long, other = match.groups()
        if simple:
            return _SIMPLE[simple]
        if short or long:
            code = int(short or long, 16)
            if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
                raise translation.file.refuse(f"no character has the number {match.group()[2:]}", node)
            return chr(code)
        if other is None:
            return match.group()[1:]
        raise translation.file.refuse(f"\\{other} is no escape sequence", node)

    return _ESCAPE.sub(replace, text)


def _single(text: str) -> str:
    return _DOUBLED.sub(lambda match: match.group()[1:], text)


def _template(pieces: list[Piece], translation: Translation, location: Location) -> Expression:
    parts, _position = _sequence(pieces, 0, translation, location)
    if len(parts) == 1 and isinstance(parts[0], Literal):
        return parts[0]
    return TemplateText(tuple(parts), location) if parts else Literal(Known("", location), location)


def _trimmed(pieces: list[Piece]) -> list[Piece]:
    """Apply the strip markers: `~}` to the literal after it, `${~` to the one before."""
    result: list[Piece] = []
    strip_next = False
    for piece in pieces:
        if isinstance(piece, str):
            result.append(piece.lstrip(SPACE) if strip_next else piece)
            strip_next = False
            continue
        markers = [index for index, child in enumerate(piece.children) if child.type == "strip_marker"]
        if 1 in markers and result and isinstance(result[-1], str):
            result[-1] = result[-1].rstrip(SPACE)
        strip_next = len(piece.children) - 2 in markers
        result.append(piece)
    return result


def _sequence(
    pieces: list[Piece], position: int, translation: Translation, location: Location
) -> tuple[list[Expression], int]:
    """The parts from `position` to the end of the directive's branch, and where that is."""
    parts: list[Expression] = []
    while position < len(pieces):
        piece = pieces[position]
        if isinstance(piece, str):
            parts.append(Literal(Known(normal(piece), location), location))
            position += 1
            continue
        if piece.type in _BRANCH_ENDS:
            break
        here = translation.file.location(piece)
        if piece.type == "template_interpolation":
            parts.append(translation.inner(piece))
        elif piece.type == "template_if_intro":
            when_true, position = _sequence(pieces, position + 1, translation, location)
            when_false: list[Expression] = []
            if _kind(pieces, position) == "template_else_intro":
                when_false, position = _sequence(pieces, position + 1, translation, location)
            branches = TemplateText(tuple(when_true), here), TemplateText(tuple(when_false), here)
            parts.append(Conditional(translation.inner(piece), *branches, here))
        elif piece.type == "template_for_start":
            names, source = translation.intro(piece)
            body, position = _sequence(pieces, position + 1, translation, location)
            loop = For(names, source, None, TemplateText(tuple(body), here), None, False, here)
            parts.append(TemplateFor(loop, here))
        else:
            raise translation.file.refuse("this cannot stand in a template", piece)
        position += 1
    return parts, position


def _kind(pieces: list[Piece], position: int) -> str:
    piece = pieces[position] if position < len(pieces) else ""
    return "" if isinstance(piece, str) else piece.type
