"""What a module declares, by kind and name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .blocks import AnyAttribute, Block
from .syntax import SourceError

# How many labels the blocks of a module have.
LABELS = {
    "action": 2,
    "check": 1,
    "data": 2,
    "ephemeral": 2,
    "import": 0,
    "locals": 0,
    "module": 1,
    "moved": 0,
    "output": 1,
    "provider": 1,
    "removed": 0,
    "resource": 2,
    "terraform": 0,
    "variable": 1,
}
_NAMED = {"data", "ephemeral", "module", "output", "resource", "variable"}


def declared(blocks: Iterable[Block]) -> tuple[Mapping[str, AnyAttribute], Mapping[tuple[str, str], Block]]:
    """The locals by name, and the blocks by kind and name: `("resource", "aws_s3_bucket.a")`, `("variable", "b")`.

    Raises:
        SourceError: a name is declared twice, a block has too many labels or too few, or is none that Terraform has.
    """
    locals_: dict[str, AnyAttribute] = {}
    named: dict[tuple[str, str], Block] = {}
    for block in blocks:
        if block.type not in LABELS:
            raise SourceError(f"{block.type!r} is no block that Terraform knows", block.location)
        wanted = LABELS[block.type]
        if len(block.labels) != wanted:
            raise SourceError(f"a {block.type} block has {wanted} label{'s' * (wanted != 1)}", block.location)
        if block.type == "locals":
            for name, attribute in block.attributes.items():
                if name in locals_:
                    raise SourceError(f"local.{name} is declared twice", attribute.location)
                locals_[name] = attribute
        if block.type not in _NAMED:
            continue
        kind = (block.type, ".".join(block.labels))
        if kind in named:
            first = named[kind].location
            raise SourceError(f"{block.type} {kind[1]!r} is declared twice; the first is at {first}", block.location)
        named[kind] = block
    return locals_, named
