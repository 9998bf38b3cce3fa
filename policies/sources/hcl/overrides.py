"""Override files: developer.hashicorp.com/terraform/language/files/override"""

from __future__ import annotations

from collections.abc import Sequence

from .blocks import Block
from .syntax import SourceError

_WITHOUT_VALUES = {"terraform", "provider"}
_NEVER = {"moved", "import", "removed", "check"}


def overridden(blocks: Sequence[Block], overrides: Sequence[Block]) -> list[Block]:
    """A module's blocks with those of its override files merged in, one after the other.

    Raises:
        SourceError: an override that Terraform refuses: there is nothing that it overrides.
    """
    merged = list(blocks)
    for override in overrides:
        if override.type in _NEVER:
            raise SourceError(f"a {override.type} block may not stand in an override file", override.location)
        if override.type == "locals":
            _override_locals(merged, override)
        elif override.type not in _WITHOUT_VALUES:
            wanted = (override.type, override.labels)
            place = next((i for i, block in enumerate(merged) if (block.type, block.labels) == wanted), None)
            if place is None:
                raise SourceError("an override file has a block that no other file declares", override.location)
            merged[place] = _merged(merged[place], override)
    return merged


def _override_locals(merged: list[Block], override: Block) -> None:
    for name, attribute in override.attributes.items():
        place = next((i for i, block in enumerate(merged) if block.type == "locals" and name in block.attributes), None)
        if place is None:
            raise SourceError("an override file has a local that no other file declares", attribute.location)
        base = merged[place]
        merged[place] = Block(base.type, (), {**base.attributes, name: attribute}, base.blocks, base.location)


def _merged(base: Block, override: Block) -> Block:
    """Arguments replace arguments, nested blocks all of their type; only in a lifecycle the other arguments stay."""
    nested = []
    for block in override.blocks:
        earlier = next((inner for inner in base.blocks if inner.type == block.type == "lifecycle"), None)
        nested.append(_merged(earlier, block) if earlier is not None else block)
    replaced = {block.name_of_blocks for block in override.blocks}
    kept = [block for block in base.blocks if block.name_of_blocks not in replaced]
    return Block(base.type, base.labels, {**base.attributes, **override.attributes}, (*kept, *nested), base.location)
