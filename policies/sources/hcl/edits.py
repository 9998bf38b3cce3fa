"""Changes to Terraform source that keep everything else: comments, order, and `terraform fmt`'s alignment."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tree_sitter import Node

from ...changes import AddBlock, AddNestedBlock, Change, NotSafe, ReplaceText, SetAttribute
from ...values import Location
from .syntax import SourceFile, parse

# Where a new attribute does not go: behind these, or between them.
_LAST = {"depends_on", "lifecycle", "tags"}
_FIRST = {"count", "for_each", "provider"}
# Where the value of an attribute comes from, if it has to be changed there.
_FROM_ELSEWHERE = {"var", "local", "module", "each", "count", "path", "self", "terraform"}


def changed(content: bytes, name: str, changes: Sequence[Change]) -> bytes:
    """The file with all the changes.

    Raises:
        NotSafe: one of them cannot be made; none is.
        SourceError: the file does not parse, before or after.
    """
    if name.endswith(".json"):
        raise NotSafe(f"{name} is in JSON syntax")
    mark = content[:3] if content.startswith(b"\xef\xbb\xbf") else b""
    has_returns = b"\r\n" in content
    content = content[len(mark) :].replace(b"\r\n", b"\n")
    # From the end to the beginning, so that the places of those that are still to come stay where they are.
    for change in sorted(dict.fromkeys(changes), key=_position, reverse=True):
        content = _made(parse(content, name), change)
    parse(content, name)
    return mark + (content.replace(b"\n", b"\r\n") if has_returns else content)


def _position(change: Change) -> tuple[int, int]:
    """The line, and how far down in its block a change is: a block that is added behind it comes last."""
    if isinstance(change, ReplaceText):
        return change.place.line, 0
    return change.header.line, 2 if isinstance(change, AddBlock) else int(isinstance(change, AddNestedBlock))


def _made(file: SourceFile, change: Change) -> bytes:
    if isinstance(change, ReplaceText):
        return _replace(file, change)
    block = _block_at(file, change.header)
    if isinstance(change, SetAttribute):
        return _set(file, block, change)
    if isinstance(change, AddNestedBlock):
        return _nested(file, block, change.text)
    return _with(file.content, block.end_byte, block.end_byte, f"\n\n{change.text.rstrip()}")


def _with(content: bytes, start: int, end: int, text: str) -> bytes:
    return content[:start] + text.encode() + content[end:]


def _block_at(file: SourceFile, header: Location) -> Node:
    pending = [file.root]
    while pending:
        node = pending.pop()
        if node.type == "block" and node.start_point.row == header.line - 1:
            return node
        pending.extend(node.children)
    raise NotSafe("the file has changed since it was read")


def _children(block: Node, kind: str) -> list[Node]:
    body = next((child for child in block.children if child.type == "body"), None)
    return [child for child in body.children if child.type == kind] if body is not None else []


def _name(file: SourceFile, node: Node) -> str:
    return file.text(node.children[0])


def _set(file: SourceFile, block: Node, change: SetAttribute) -> bytes:
    expression = _filled(file, block, change.expression)
    for attribute in _children(block, "attribute"):
        if _name(file, attribute) == change.name:
            value = attribute.children[-1]
            if not _may_replace(file, value, over_references=change.over_references):
                raise NotSafe(f"{change.name} comes from {' '.join(file.text(value).split())[:80]}")
            return _with(file.content, value.start_byte, value.end_byte, expression)
    if any(_is_dynamic(file, inner, change.name) for inner in _children(block, "block")):
        raise NotSafe(f"{change.name} is a dynamic block")
    content, row = _inserted(file, block, f"{change.name} = {expression}")
    return _aligned(content, file.name, row)


def _is_dynamic(file: SourceFile, block: Node, name: str) -> bool:
    return _name(file, block) == "dynamic" and file.text(block.children[1]).strip('"') == name


def _filled(file: SourceFile, block: Node, expression: str) -> str:
    """The expression with the source of the attributes that it names in braces."""
    written = {_name(file, node): file.text(node.children[-1]) for node in _children(block, "attribute")}

    def text_of(match: re.Match[str]) -> str:
        if match[1] not in written:
            raise NotSafe(f"{match[1]} is not set here")
        return written[match[1]]

    return re.sub(r"(?<!\$)\{(\w+)\}", text_of, expression)


def _may_replace(file: SourceFile, value: Node, *, over_references: bool) -> bool:
    if over_references:
        root = re.match(r"[\w-]+", file.text(value))
        is_bare = re.fullmatch(r"[\w.\[\]\"*-]+", file.text(value)) is not None
        return not (is_bare and root is not None and root[0] in _FROM_ELSEWHERE)
    pending = [value]
    while pending:
        node = pending.pop()
        if node.type in ("variable_expr", "function_call"):
            return False
        pending.extend(node.children)
    return True


def _nested(file: SourceFile, block: Node, text: str) -> bytes:
    """A block at the end of another, a blank line before it where anything is there."""
    indent = _indent(file, block)
    lines = "".join(f"{indent}  {line}\n" if line else "\n" for line in text.rstrip().split("\n"))
    opening = next(child for child in block.children if child.type == "block_start")
    closing = block.children[-1]
    inside = file.content[opening.end_byte : closing.start_byte].decode().rstrip()
    if opening.start_point.row == closing.start_point.row and inside:
        inside = f"\n{indent}  {inside.strip()}"
    gap = "\n\n" if inside else "\n"
    return _with(file.content, opening.end_byte, closing.start_byte, f"{inside}{gap}{lines}{indent}")


def _inserted(file: SourceFile, block: Node, line: str) -> tuple[bytes, int]:
    """The content with one more line in a block, and the row where that is."""
    content = file.content
    indent = _indent(file, block) + "  "
    opening = next(child for child in block.children if child.type == "block_start")
    closing = block.children[-1]
    first_block = next((child.start_byte for child in _children(block, "block")), closing.start_byte)
    before = [
        attribute
        for attribute in _children(block, "attribute")
        if attribute.start_byte < first_block and _name(file, attribute) not in _LAST
    ]
    before = [attribute for attribute in before if _name(file, attribute) not in _FIRST] or before
    if opening.start_point.row == closing.start_point.row:  # resource "a" "b" {}
        inside = content[opening.end_byte : closing.start_byte].decode().strip()
        lines = [f"{indent}{text}\n" for text in (inside, line) if text]
        row = block.start_point.row + len(lines)
        text = "\n" + "".join(lines) + _indent(file, block)
        return _with(content, opening.end_byte, closing.start_byte, text), row
    if not before:
        end = _end_of_line(content, opening.end_byte)
        return _with(content, end, end, f"\n{indent}{line}"), opening.start_point.row + 1
    last = before[-1]
    end = _end_of_line(content, last.end_byte)
    return _with(content, end, end, f"\n{indent}{line}"), last.end_point.row + 1


def _end_of_line(content: bytes, byte: int) -> int:
    end = content.find(b"\n", byte)
    end = len(content) if end < 0 else end
    return end - 1 if content[end - 1 : end] == b"\r" else end


def _indent(file: SourceFile, node: Node) -> str:
    start = file.content.rfind(b"\n", 0, node.start_byte) + 1
    line = file.content[start : node.start_byte].decode()
    return line[: len(line) - len(line.lstrip())]


def _replace(file: SourceFile, change: ReplaceText) -> bytes:
    place = change.place
    start = _byte(file.content, place.line, place.column)
    end = _byte(file.content, place.end_line, place.end_column)
    text = file.content[start:end].decode()
    alone = re.compile(rf"(?<![\w.-]){re.escape(change.old)}(?![\w-])")
    if len(alone.findall(text)) != 1:
        raise NotSafe(f"{change.old} does not stand once in {' '.join(text.split())[:80]}")
    return _with(file.content, start, end, alone.sub(lambda _: change.new, text))


def _byte(content: bytes, line: int, column: int) -> int:
    lines = content.split(b"\n")
    if line > len(lines):
        raise NotSafe("the file has changed since it was read")
    return sum(len(text) + 1 for text in lines[: line - 1]) + len(lines[line - 1].decode()[: column - 1].encode())


# Alignment


def _aligned(content: bytes, name: str, row: int) -> bytes:
    """The content with the equals signs around a row under each other, as `terraform fmt` has them."""
    file = parse(content, name)
    attribute = next(node for node in _attributes(file.root) if node.start_point.row == row)
    group = _group(file, attribute)
    width = max(len(_name(file, node)) for node in group)
    for node in sorted(group, key=lambda node: node.start_byte, reverse=True):
        label, value = node.children[0], node.children[-1]
        text = f"{file.text(label).ljust(width)} = "
        content = _with(content, label.start_byte, value.start_byte, text)
    return content


def _attributes(node: Node) -> Iterator[Node]:
    pending = [node]
    while pending:
        current = pending.pop()
        if current.type == "attribute":
            yield current
        pending.extend(current.children)


def _group(file: SourceFile, attribute: Node) -> list[Node]:
    """The attributes on the lines around one, each on a line of its own, without a blank line or another thing."""
    assert attribute.parent is not None
    by_row = {
        node.start_point.row: node
        for node in attribute.parent.children
        if node.type == "attribute" and node.start_point.row == node.end_point.row
    }
    group = [attribute]
    if attribute.start_point.row not in by_row:
        return group
    for step in (-1, 1):
        row = attribute.start_point.row + step
        while row in by_row:
            group.append(by_row[row])
            row += step
    return group
