"""Expressions and templates that stand inside something else: a string of Terraform's JSON syntax, a file."""

from __future__ import annotations

from ...values import Location
from .nodes import Expression
from .syntax import PlacedText, SourceError, tree_of
from .translate import translate


def parse_expression(text: str, place: Location) -> Expression:
    """An expression that stands in quotes. All of it is at `place`.

    Raises:
        SourceError: it is none.
    """
    content = f"text = ({text})\n".encode()
    root = tree_of(content)
    if root.has_error or root.child_count != 1 or root.children[0].child_count != 1:
        raise SourceError("this is not a valid expression", place)
    return translate(root.children[0].children[0].children[-1], PlacedText(place.file, content, root, place))


def parse_text(text: str, place: Location) -> Expression:
    """A template that stands in no quotes: a file, or a string of Terraform's JSON syntax. All of it is at `place`.

    Raises:
        SourceError: it is no template.
    """
    mark = "END_OF_TEXT"
    while mark in text:
        mark += "_"
    content = f"text = <<{mark}\n{text}\n{mark}\n".encode()
    root = tree_of(content)
    if root.has_error:
        raise SourceError("this is not a valid template", place)
    return translate(root.children[0].children[0].children[-1], PlacedText(place.file, content, root, place))
