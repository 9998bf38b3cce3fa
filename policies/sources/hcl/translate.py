"""tree-sitter's tree to expressions.

The tree is not quite Terraform's: a chain of conditionals leans left, an attribute splat swallows the indexes after
it, the digit of `x.0` is in no node.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from tree_sitter import Node

from ...values import Known
from . import numbers, templates
from .limits import MAX_DEPTH
from .nodes import (
    ELEMENT,
    Binary,
    Conditional,
    Expression,
    For,
    Function,
    GetAttribute,
    GetIndex,
    Invalid,
    Literal,
    Object,
    Splat,
    Traversal,
    Tuple,
    Unary,
)
from .refused import Refused, TooDeep, Undecided

if TYPE_CHECKING:
    from .syntax import SourceFile

BINARY = {"+", "-", "*", "/", "%", "<", ">", "<=", ">=", "==", "!=", "&&", "||"}


def translate(node: Node, file: SourceFile) -> Expression:
    """The expression at a node.

    Raises:
        SourceError: an escape sequence or a number that Terraform refuses.
        TooDeep: nested past `MAX_DEPTH`.
    """
    return Translation(file).expression(node)


class Translation:
    """Over one expression; `depth` is how far in it is."""

    def __init__(self, file: SourceFile) -> None:
        self.file = file
        self.depth = 0

    def expression(self, node: Node) -> Expression:
        kind = node.type
        while kind in _WRAPPERS and node.child_count == 1:
            node = node.children[0]
            kind = node.type
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise TooDeep(self.file.location(node))
        expression = _TRANSLATORS[kind](self, node)
        self.depth -= 1
        return expression

    def term(self, children: Sequence[Node]) -> Expression:
        """A primary expression with what is attached to it: `.name`, `[index]`, splats."""
        first = children[0]
        if first.type == "(":
            return self.postfixed(self.expression(children[1]), children[3:])
        if first.type != "variable_expr":
            return self.postfixed(self.expression(first), children[1:])
        names = [self.file.text(first)]
        for child in children[1:]:
            if child.type != "get_attr":
                break
            names.append(self.file.text(child.children[-1]))
        location = self.file.location(first, children[-1])
        return self.postfixed(Traversal(tuple(names), location), children[len(names) :])

    def postfixed(self, value: Expression, postfixes: Sequence[Node]) -> Expression:
        for position, node in enumerate(postfixes):
            location = self.file.location(node)
            if node.type == "get_attr":
                value = GetAttribute(value, self.file.text(node.children[-1]), location)
            elif node.type == "index":
                value = self._index(value, node)
            else:
                return self._splat(value, node, postfixes[position + 1 :])
        return value

    def _index(self, value: Expression, node: Node) -> Expression:
        inner = node.children[0]
        location = self.file.location(node)
        if inner.type == "legacy_index":
            digits = self.file.text(inner).lstrip(".")
            if not digits.isdigit() or (isinstance(value, GetIndex) and value.legacy):
                raise self.file.refuse("two indexes like .0.1 are written [0][1]", node)
            return GetIndex(value, Literal(Known(int(digits), location), location), location, legacy=True)
        return GetIndex(value, self.inner(inner), location)

    def _splat(self, value: Expression, node: Node, rest: Sequence[Node]) -> Expression:
        inner = node.children[0]
        location = self.file.location(node)
        attached, left = [*significant(inner)[1:], *rest], []
        if inner.type == "attr_splat":
            # `x.*.a[0]` is the first of the splat's values; only `x[*].a[0]` goes into each.
            ends = (i for i, child in enumerate(attached) if child.type != "get_attr" and not _is_legacy_index(child))
            end = next(ends, len(attached))
            attached, left = attached[:end], attached[end:]
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise TooDeep(location)
        body = self.postfixed(Traversal((ELEMENT,), location), attached)
        self.depth -= 1
        return self.postfixed(Splat(value, body, location, self.file.text(inner)), left)

    def number(self, node: Node) -> Expression:
        location = self.file.location(node)
        try:
            return Literal(Known(numbers.parse(self.file.text(node)), location), location)
        except (Refused, Undecided) as error:
            raise self.file.refuse(str(error), node) from None

    def literal(self, node: Node, value: bool | None) -> Expression:
        location = self.file.location(node)
        return Literal(Known(value, location), location)

    def conditional(self, node: Node) -> Expression:
        """`a ? b : c ? d : e` comes as `(a ? b : c) ? d : e`."""
        choices: list[tuple[Node, Node]] = []
        while True:
            condition, when_true, when_false = (child for child in node.children if child.type == "expression")
            choices.append((when_true, when_false))
            inner = significant(condition)
            if inner[0].type != "conditional":
                break
            node = inner[0]
        location = self.file.location(node)
        parts = [condition, *(part for choice in reversed(choices) for part in choice)]
        result = self.expression(parts.pop())
        while parts:
            when_true_node, condition_node = parts.pop(), parts.pop()
            result = Conditional(self.expression(condition_node), self.expression(when_true_node), result, location)
        return result

    def binary(self, node: Node) -> Expression:
        children = significant(node)
        position = next(i for i, child in enumerate(children) if not child.is_named and child.type in BINARY)
        left, right = self.term(children[:position]), self.term(children[position + 1 :])
        return Binary(children[position].type, left, right, self.file.location(node))

    def unary(self, node: Node) -> Expression:
        children = significant(node)
        return Unary(children[0].type, self.term(children[1:]), self.file.location(node))

    def tuple(self, node: Node) -> Expression:
        items = (self.expression(child) for child in node.children if child.type == "expression")
        return Tuple(tuple(items), self.file.location(node))

    def object(self, node: Node) -> Expression:
        elements = []
        for element in node.children:
            if element.type == "object_elem":
                key, value = (child for child in element.children if child.type == "expression")
                elements.append((self._key(key), self.expression(value)))
        return Object(tuple(elements), self.file.location(node))

    def _key(self, node: Node) -> Expression:
        """A bare word is a name, not a variable."""
        children = significant(node)
        if len(children) == 1 and (
            children[0].type == "variable_expr" or self.file.text(node) in ("true", "false", "null")
        ):
            location = self.file.location(node)
            return Literal(Known(self.file.text(node), location), location)
        if children[0].type == "variable_expr" and all(child.type == "get_attr" for child in children[1:]):
            return Invalid("a name with attributes as a key stands in parentheses", self.file.location(node))
        return self.expression(node)

    def loop(self, node: Node) -> Expression:
        inner = node.children[0]
        intro = next(child for child in inner.children if child.type == "for_intro")
        names, source = self.intro(intro)
        results = [self.expression(child) for child in inner.children if child.type == "expression"]
        condition = next((child for child in inner.children if child.type == "for_cond"), None)
        return For(
            names=names,
            source=source,
            key=results[0] if inner.type == "for_object_expr" else None,
            result=results[-1],
            condition=self.inner(condition) if condition is not None else None,
            grouped=any(child.type == "ellipsis" for child in inner.children),
            location=self.file.location(node),
        )

    def intro(self, node: Node) -> tuple[tuple[str, ...], Expression]:
        """The names and the collection of `for a, b in collection`."""
        return tuple(self.file.text(child) for child in node.children if child.type == "identifier"), self.inner(node)

    def inner(self, node: Node) -> Expression:
        inner = next((child for child in node.children if child.type == "expression"), None)
        if inner is None:
            raise self.file.refuse("an expression is missing here", node)
        return self.expression(inner)

    def function(self, node: Node) -> Expression:
        arguments = next((child for child in node.children if child.type == "function_arguments"), None)
        children = arguments.children if arguments is not None else []
        return Function(
            name=self.file.text(node.children[0]),
            arguments=tuple(self.expression(child) for child in children if child.type == "expression"),
            expanded=any(child.type == "ellipsis" for child in children),
            location=self.file.location(node),
        )


def significant(node: Node) -> list[Node]:
    return [child for child in node.children if child.type != "comment"]


def _is_legacy_index(node: Node) -> bool:
    return node.type == "index" and node.children[0].type == "legacy_index"


# What stands around another node and says nothing.
_WRAPPERS = {"expression", "literal_value", "template_expr", "collection_value", "operation"}
_TRANSLATORS: Mapping[str, Callable[[Translation, Node], Expression]] = {
    "expression": lambda translation, node: translation.term(significant(node)),
    "literal_value": lambda translation, node: translation.expression(node.children[0]),
    "numeric_lit": Translation.number,
    "bool_lit": lambda translation, node: translation.literal(node, translation.file.text(node) == "true"),
    "null_lit": lambda translation, node: translation.literal(node, None),
    "string_lit": templates.quoted,
    "template_expr": lambda translation, node: translation.expression(node.children[0]),
    "quoted_template": templates.quoted,
    "heredoc_template": templates.heredoc,
    "collection_value": lambda translation, node: translation.expression(node.children[0]),
    "tuple": Translation.tuple,
    "object": Translation.object,
    "operation": lambda translation, node: translation.expression(significant(node)[0]),
    "unary_operation": Translation.unary,
    "binary_operation": Translation.binary,
    "conditional": Translation.conditional,
    "for_expr": Translation.loop,
    "function_call": Translation.function,
    "variable_expr": lambda translation, node: translation.term([node]),
}
