"""What an independent parser, python-hcl2, reads is what the engine reads."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import hcl2
import pytest

from routeproof.catalogue import catalogue
from routeproof.sources.hcl.blocks import Block, read_blocks
from routeproof.sources.hcl.syntax import parse

ROOT = Path(__file__).resolve().parents[2]
SOURCES = {path.name: path.read_text() for path in sorted((ROOT / "terraform").glob("*.tf"))}
SOURCES |= {f"{c.id}-good": c.good.source for c in catalogue().values()}
SOURCES |= {f"{c.id}-bad": c.bad.source for c in catalogue().values()}
STACKS = ROOT / "tests" / "unit" / "stacks"
SOURCES |= {str(path.relative_to(STACKS)): path.read_text() for path in sorted(STACKS.rglob("*.tf"))}

# A body: attributes with their expressions as written, without white space, and blocks as type, labels and body.
Body = tuple[dict[str, str], "list[BlockBody]"]
BlockBody = tuple[str, tuple[str, ...], Body]


def body_of_engine(block: Block) -> Body:
    attributes = {name: _written(attribute.file.text(attribute.node)) for name, attribute in block.attributes.items()}
    return attributes, _sorted((inner.type, inner.labels, body_of_engine(inner)) for inner in block.blocks)


def body_of_witness(content: dict[str, Any]) -> Body:
    attributes: dict[str, str] = {}
    blocks: list[BlockBody] = []
    for name, value in content.items():
        if name in ("__is_block__", "__comments__", "__inline_comments__"):
            continue
        if isinstance(value, list) and value and all(_is_block(item) for item in value):
            blocks.extend(_block(name, (), item) for item in value)
        else:
            attributes[name] = _written(_text(value))
    return attributes, _sorted(blocks)


def _sorted(blocks: Iterable[BlockBody]) -> list[BlockBody]:
    return sorted(blocks, key=repr)


def _is_block(item: Any) -> bool:
    if not isinstance(item, dict):
        return False
    return "__is_block__" in item or any(name.startswith('"') and _is_block(inner) for name, inner in item.items())


def _block(kind: str, labels: tuple[str, ...], item: dict[str, Any]) -> BlockBody:
    if "__is_block__" in item:
        return kind, labels, body_of_witness(item)
    ((label, inner),) = ((name, inner) for name, inner in item.items() if name.startswith('"'))
    return _block(kind, (*labels, label.strip('"')), inner)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "[" + ",".join(_text(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + "".join(f"{k}={_text(v)}" for k, v in value.items() if not k.startswith("__")) + "}"
    text = "null" if value is None else str(value)
    return text[2:-1] if text.startswith("${") and text.endswith("}") else text


def _written(text: str) -> str:
    """The text in one way: python-hcl2 quotes heredocs, and writes an object's `name: value` as `name = value`."""
    text = re.sub(r"(?m)#.*$", "", text)
    text = re.sub(r'(?s)"(<<-?(\w+)\n.*?\n\s*\2)"', r"\1", text)
    text = re.sub(r"(?m)^(\s*\w+)\s*:\s", r"\1 = ", text)
    return re.sub(r"[\s,]+", "", text)


@pytest.mark.parametrize("name", SOURCES)
def test_python_hcl2_reads_the_same(name: str) -> None:
    source = SOURCES[name]
    engine = body_of_engine(read_blocks(parse(source.encode(), name)))
    assert engine == body_of_witness(hcl2.loads(source))
    assert engine[1], "nothing was read, so nothing was compared"
