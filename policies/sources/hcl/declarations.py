"""What a module declares, by kind and name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .blocks import AnyAttribute, Block
from .syntax import SourceError

# How many labels a block of each kind has. Blocks of other kinds give no values: terraform, provider, moved, import...
_LABELS = {"resource": 2, "data": 2, "variable": 1, "output": 1, "module": 1, "ephemeral": 2}


def declared(blocks: Iterable[Block]) -> tuple[Mapping[str, AnyAttribute], Mapping[tuple[str, str], Block]]:
    """The locals by name, and the blocks by kind and name: `("resource", "aws_s3_bucket.a")`, `("variable", "b")`.

    Raises:
        SourceError: a name is declared twice, or a block has too many labels or too few.
    """
    locals_: dict[str, AnyAttribute] = {}
    named: dict[tuple[str, str], Block] = {}
    for block in blocks:
        if block.type == "locals":
            for name, attribute in block.attributes.items():
                if name in locals_:
                    raise SourceError(f"local.{name} is declared twice", attribute.location)
                locals_[name] = attribute
            continue
        wanted = _LABELS.get(block.type)
        if wanted is None:
            continue
        if len(block.labels) != wanted:
            raise SourceError(f"a {block.type} block has {wanted} label{'s' * (wanted > 1)}", block.location)
        kind = (block.type, ".".join(block.labels))
        if kind in named:
            first = named[kind].location
            raise SourceError(f"{block.type} {kind[1]!r} is declared twice; the first is at {first}", block.location)
        named[kind] = block
    return locals_, named
