"""JSON, YAML, base64, URL encoding and hashes of texts."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping

from ....values import Known, ListValue, ObjectValue, Value, is_known
from .. import numbers
from ..refused import Refused, Undecided
from ..templates import normal
from ..types import ANY, STRING
from .signatures import Signature, from_plain, on_values

# What HTML and JavaScript could misread: Go escapes it.
_ESCAPED = re.compile("[<>&\u2028\u2029]")
MAX_NESTING = 200


def json_text(value: Value, *, indent: int = 0) -> str:
    """A known value as Terraform's jsonencode writes it."""
    if indent > MAX_NESTING:
        raise Undecided(f"jsonencode of more than {MAX_NESTING} levels")
    if isinstance(value, Known):
        content = value.value
        if isinstance(content, str):
            written = json.dumps(content, ensure_ascii=False)
            return _ESCAPED.sub(lambda match: f"\\u{ord(match.group()):04x}", written)
        if content is None or isinstance(content, bool):
            return {None: "null", True: "true", False: "false"}[content]
        return numbers.text(content)
    if isinstance(value, ListValue):
        return "[" + ",".join(json_text(item, indent=indent + 1) for item in value.items) + "]"
    assert isinstance(value, ObjectValue)
    pairs = (
        f"{json_text(Known(name))}:{json_text(item, indent=indent + 1)}" for name, item in sorted(value.fields.items())
    )
    return "{" + ",".join(pairs) + "}"


def _jsonencode(value: Value) -> Value | None:
    return Known(json_text(value)) if is_known(value) else None


def read_json(text: str) -> object:
    """JSON as plain values.

    Raises:
        ValueError: it is none.
    """
    return json.loads(text, parse_float=numbers.parse, parse_int=numbers.parse, parse_constant=_no_constant)


def _no_constant(name: str) -> object:
    raise ValueError(f"JSON has no {name}")


def _clean(content: object) -> object:
    """Halves of surrogate pairs become U+FFFD, as Go has them."""
    if isinstance(content, str):
        return normal(content.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
    if isinstance(content, list):
        return [_clean(item) for item in content]
    if isinstance(content, dict):
        return {_clean(name): _clean(item) for name, item in content.items()}
    return content


def _jsondecode(text: Value) -> Value | None:
    return from_plain(_clean(read_json(str(text.value)))) if isinstance(text, Known) else None


def _yamlencode(value: Value) -> Value | None:
    try:
        return Known(_yaml(value, "") + _yaml_end(value)) if is_known(value) else None
    except Undecided:
        return None  # How it is written is undecided; what it says is not.


def _yaml_end(value: Value) -> str:
    """A bare scalar is followed by the mark of a document's end."""
    if _is_block(value):
        return ""
    return "\n...\n" if isinstance(value, Known) and not isinstance(value.value, str) else "\n"


def _is_block(value: Value) -> bool:
    return (isinstance(value, ListValue) and bool(value.items)) or (
        isinstance(value, ObjectValue) and bool(value.fields)
    )


def _yaml(value: Value, indentation: str) -> str:
    if len(indentation) > 2 * MAX_NESTING:
        raise Undecided(f"yamlencode of more than {MAX_NESTING} levels")
    if isinstance(value, ListValue) and value.items:
        return "".join(f"{indentation}- {_yaml_item(item, indentation)}" for item in value.items)
    if isinstance(value, ObjectValue) and value.fields:
        lines = []
        for name, item in sorted(value.fields.items()):
            inner = indentation if isinstance(item, ListValue) else indentation + "  "
            below = "\n" + _yaml(item, inner) if _is_block(item) else " " + _yaml_scalar(item, indentation) + "\n"
            lines.append(f"{indentation}{_yaml_scalar(Known(name), indentation)}:{below}")
        return "".join(lines)
    return _yaml_scalar(value, indentation)


def _yaml_item(item: Value, indentation: str) -> str:
    if _is_block(item):
        return _yaml(item, indentation + "  ")[len(indentation) + 2 :]
    return _yaml_scalar(item, indentation) + "\n"


def _yaml_scalar(value: Value, indentation: str) -> str:
    if isinstance(value, ListValue):
        return "[]"
    if isinstance(value, ObjectValue):
        return "{}"
    assert isinstance(value, Known)
    if not isinstance(value.value, str):
        return json_text(value)
    text = value.value
    if not text.isascii() or not text.replace("\n", "").isprintable() or "\n" in text or len(text) > 70:
        # The writer that Terraform uses folds long lines and writes some texts as blocks.
        raise Undecided("yamlencode of a text that is long, of several lines or not plain ASCII")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _base64decode(text: str) -> str:
    try:
        return base64.b64decode(re.sub(r"[\r\n]", "", text), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise Refused(f"base64decode: {error}") from None


def _hash(name: str) -> Signature:
    def body(text: str) -> str:
        import hashlib

        return hashlib.new(name, text.encode()).hexdigest()

    return Signature(body, (STRING,))


def _urlencode(text: str) -> str:
    from urllib.parse import quote_plus

    return quote_plus(text, safe="-_.~")


TABLE: Mapping[str, Signature] = {
    "base64decode": Signature(_base64decode, (STRING,)),
    "base64encode": Signature(lambda text: base64.b64encode(text.encode()).decode(), (STRING,)),
    "jsondecode": on_values(_jsondecode, STRING),
    "jsonencode": on_values(_jsonencode, ANY, nulls=True),
    "md5": _hash("md5"),
    "sha1": _hash("sha1"),
    "sha256": _hash("sha256"),
    "sha512": _hash("sha512"),
    "urlencode": Signature(_urlencode, (STRING,)),
    "yamlencode": on_values(_yamlencode, ANY, nulls=True),
}
