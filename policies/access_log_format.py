"""What an HTTP API's access log format says, and what is wrong with it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from .convention import undecided
from .tables import context_variables
from .values import Call, Known, ListValue, ObjectValue, Reference, Template, Unknown, Value, is_null, text_of

REQUIRED = ("requestId", "identity.sourceIp", "requestTime", "httpMethod", "routeKey", "status", "responseLength")
_OPEN = "\N{REPLACEMENT CHARACTER}"  # stands for a part of a text that apply decides
_VARIABLE = re.compile(rf"\$context\.([A-Za-z0-9_{_OPEN}]+(?:\.[A-Za-z0-9_{_OPEN}]+)*)")


def judge_format(value: Value) -> str | Unknown | None:
    """What is wrong with a format, why that is undecided, or None. `value` is resolved."""
    if is_null(value):
        return "format is not set"
    found = _texts(value)
    if isinstance(found, str | Unknown):
        return found
    texts, doubt = found
    used = [name for text in texts for name in _VARIABLE.findall(text)]
    table = context_variables()
    for name in used:
        if _OPEN in name:
            doubt = doubt or undecided("format", value)
        elif not table.knows(name):
            return f"HTTP APIs do not know $context.{name}, and log a hyphen; the nearest is {table.nearest(name)}"
    missing = [name for name in REQUIRED if name not in used]
    if doubt is not None or not missing:
        return doubt
    return f"format lacks {', '.join(f'$context.{name}' for name in missing)}"


def _texts(value: Value) -> tuple[list[str], Unknown | None] | str | Unknown:
    """The texts in a format's JSON, and why there may be others; a text or an Unknown where it is not JSON to read."""
    if isinstance(value, Call) and value.function == "jsonencode":
        document = value.arguments[0]
        if isinstance(document, Known | ListValue):
            return "format is JSON, but no object"
        if not isinstance(document, ObjectValue):
            return undecided("format", document)
        leaves = list(_leaves(document))
        doubts = (_doubt(leaf) for leaf in leaves)
        return [_text(leaf) for leaf in leaves], next((doubt for doubt in doubts if doubt), None)
    doubt = _doubt(value)
    text = _text(value)
    if not isinstance(value, Known | Template):
        return doubt or undecided("format", value)
    if "\n" in text or "\r" in text:
        return "format has a line break, and API Gateway takes one line"
    try:
        content = json.loads(text)
    except ValueError as error:
        if isinstance(value, Template):
            return doubt or undecided("format", value)
        return f"format is not JSON ({error}); jsonencode() writes it"
    if not isinstance(content, dict):
        return "format is JSON, but no object"
    return list(_strings(content)), doubt


def _leaves(value: Value) -> Iterator[Value]:
    if isinstance(value, ObjectValue):
        for item in value.fields.values():
            yield from _leaves(item)
    elif isinstance(value, ListValue):
        for item in value.items:
            yield from _leaves(item)
    else:
        yield value


def _strings(content: object) -> Iterator[str]:
    if isinstance(content, str):
        yield content
    for item in content.values() if isinstance(content, dict) else content if isinstance(content, list) else ():
        yield from _strings(item)


def _text(value: Value) -> str:
    """The text, with a mark for each part that apply decides."""
    parts = value.parts if isinstance(value, Template) else (value,)
    return "".join((text_of(part.value) or "") if isinstance(part, Known) else _OPEN for part in parts)


def _doubt(value: Value) -> Unknown | None:
    """Why a text may have more variables than it shows; a resource's own attribute has none."""
    for part in value.parts if isinstance(value, Template) else (value,):
        of_resource = isinstance(part, Reference) and not part.address.startswith("var.")
        if not isinstance(part, Known) and not of_resource:
            return undecided("a part of format", part)
    return None
