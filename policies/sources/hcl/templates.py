"""Quoted templates and heredocs.

White space beside interpolations is in no node of the tree, so literals are sliced from between the nodes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tree_sitter import Node

from ...values import Known, Unknown, Value, first_unknown, template
from . import operators
from .refused import Refused

if TYPE_CHECKING:
    from .expressions import Scope

_ESCAPE = re.compile(r"\\(?:([nrt\"\\])|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.?))", re.DOTALL)
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_DOUBLED = re.compile(r"\$\$\{|%%\{")
_LINES = re.compile(r"[^\n]*\n|[^\n]+")

# A piece of a template: literal text, or a node with whether ~ eats the white space before and after it.
Piece = "str | Node"


def quoted(node: Node, scope: Scope) -> Value:
    """The value of `"..."`."""
    children = node.children
    start, end = children[0].end_byte, children[-1].start_byte
    inner = [child for child in children[1:-1] if child.type not in ("template_literal", "comment")]
    pieces = _pieces(inner, start, end, scope)
    if len(pieces) == 1 and not isinstance(pieces[0], str) and pieces[0].type == "template_interpolation":
        # "${x}" is x itself, of whatever type.
        return _render(pieces, scope)[0]
    pieces = [_unescape(piece) if isinstance(piece, str) else piece for piece in pieces]
    return template(_render(pieces, scope), scope.location(node))


def heredoc(node: Node, scope: Scope) -> Value:
    """The value of `<<EOT` or, with the common indentation removed, `<<-EOT`."""
    children = node.children
    content = scope.file.content
    start = content.index(b"\n", children[1].end_byte - 1) + 1
    end = content.rindex(b"\n", 0, children[-1].end_byte) + 1
    inner = [
        child
        for child in children[2:-1]
        if child.type not in ("template_literal", "comment", "heredoc_identifier", "heredoc_start")
    ]
    pieces = list(_by_line(_pieces(inner, start, max(start, end), scope)))
    if scope.file.text(children[0]) == "<<-":
        pieces = _without_indentation(pieces)
    pieces = [_single(piece) if isinstance(piece, str) else piece for piece in pieces]
    return template(_render(pieces, scope), scope.location(node))


def _pieces(nodes: list[Node], start: int, end: int, scope: Scope) -> list[str | Node]:
    """Literals and nodes in order; directives are flattened into their parts."""
    pieces: list[str | Node] = []
    position = start
    for node in _flat(nodes):
        if node.start_byte > position:
            pieces.append(scope.file.content[position : node.start_byte].decode())
        pieces.append(node)
        position = node.end_byte
    if end > position:
        pieces.append(scope.file.content[position:end].decode())
    return pieces


def _flat(nodes: list[Node]) -> Iterator[Node]:
    for node in nodes:
        if node.type in ("template_directive", "template_if", "template_for"):
            yield from _flat(node.children)
        elif node.type != "template_literal":
            yield node


def _by_line(pieces: list[str | Node]) -> Iterator[str | Node]:
    """A heredoc's literals end at line ends: ~ trims no further than that."""
    for piece in pieces:
        if isinstance(piece, str):
            yield from _LINES.findall(piece)
        else:
            yield piece


def _without_indentation(pieces: list[str | Node]) -> list[str | Node]:
    """Take from each line the least indentation that any line has."""
    at_start = True
    starts: list[int] = []
    for index, piece in enumerate(pieces):
        if at_start:
            starts.append(index)
        at_start = isinstance(piece, str) and piece.endswith("\n")
    widths = []
    for index in starts:
        piece = pieces[index]
        widths.append(len(piece) - len(piece.lstrip(" ")) if isinstance(piece, str) else 0)
    least = min(widths, default=0)
    result = list(pieces)
    for index in starts:
        piece = result[index]
        if isinstance(piece, str):
            result[index] = piece[least:]
    return result


def _unescape(text: str) -> str:
    def replace(match: re.Match[str]) -> str:
        simple, short, long, other = match.groups()
        if simple:
            return _SIMPLE[simple]
        if short or long:
            return chr(int(short or long, 16))
        raise Refused(f"\\{other} is no escape sequence")

    return _ESCAPE.sub(replace, _single(text))


def _single(text: str) -> str:
    return _DOUBLED.sub(lambda match: match.group()[1:], text)


def _render(pieces: list[str | Node], scope: Scope) -> list[Value]:
    trimmed = _trimmed(pieces)
    values, position = _sequence(trimmed, 0, scope, wanted=True)
    if position != len(trimmed):
        raise Refused("a template directive has no beginning")
    return values


def _trimmed(pieces: list[str | Node]) -> list[str | Node]:
    """Apply the strip markers: `~}` to the literal after it, `${~` to the one before."""
    result: list[str | Node] = []
    strip_next = False
    for piece in pieces:
        if isinstance(piece, str):
            result.append(piece.lstrip() if strip_next else piece)
            strip_next = False
            continue
        markers = [index for index, child in enumerate(piece.children) if child.type == "strip_marker"]
        if 1 in markers and result and isinstance(result[-1], str):
            result[-1] = result[-1].rstrip()
        strip_next = len(piece.children) - 2 in markers
        result.append(piece)
    return result


_BRANCH_ENDS = {"template_else_intro", "template_if_end", "template_for_end"}


def _sequence(
    pieces: list[str | Node], position: int, scope: Scope, *, wanted: bool
) -> tuple[list[Value], int]:
    """Values of the pieces from `position` to the end of the directive's branch; none where it is not wanted."""
    from .expressions import elements, strictly

    values: list[Value] = []
    while position < len(pieces):
        piece = pieces[position]
        if isinstance(piece, str):
            values.append(Known(piece))
            position += 1
        elif piece.type == "template_interpolation":
            inner = next(child for child in piece.children if child.type == "expression")
            if wanted:
                values.append(strictly(inner, scope))
            position += 1
        elif piece.type == "template_if_intro":
            inner = next(child for child in piece.children if child.type == "expression")
            decided = strictly(inner, scope) if wanted else Known(False)
            truth = isinstance(decided, Known) and operators.as_boolean(decided)
            undecided = not isinstance(decided, Known)
            when_true, position = _sequence(pieces, position + 1, scope, wanted=wanted and truth)
            when_false: list[Value] = []
            if _kind(pieces, position) == "template_else_intro":
                when_false, position = _sequence(pieces, position + 1, scope, wanted=wanted and not truth and not undecided)
            position += 1
            if undecided:
                values.append(first_unknown(decided) or Unknown("a template's condition is known only after apply", scope.location(piece)))
            elif wanted:
                values.extend(when_true if truth else when_false)
        elif piece.type == "template_for_start":
            names = [scope.file.text(child) for child in piece.children if child.type == "identifier"]
            inner = next(child for child in piece.children if child.type == "expression")
            pairs = elements(strictly(inner, scope), "a template's for") if wanted else []
            if isinstance(pairs, Unknown):
                values.append(pairs)
                pairs = []
            _, after = _sequence(pieces, position + 1, scope, wanted=False)
            for key, item in pairs:
                here = scope.with_names(**dict(zip(names, (key, item) if len(names) == 2 else (item,), strict=True)))
                values.extend(_sequence(pieces, position + 1, here, wanted=True)[0])
            position = after + 1
        elif piece.type in _BRANCH_ENDS:
            break
        else:
            raise Refused(f"{scope.file.text(piece)!r} is not supported in a template")
    return (values if wanted else []), position


def _kind(pieces: list[str | Node], position: int) -> str:
    piece = pieces[position] if position < len(pieces) else ""
    return "" if isinstance(piece, str) else piece.type
