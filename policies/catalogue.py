"""Finds the conventions: every module in a folder of `conventions/` has one, named CONVENTION."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import MISSING, fields
from functools import cache
from pathlib import Path

from . import conventions
from .convention import Convention


class CatalogueError(Exception):
    """A convention that is incomplete or declared twice: no verdict of this catalogue is to be trusted."""


@cache
def catalogue() -> Mapping[str, Convention]:
    """Every convention by its id, sorted.

    Raises:
        CatalogueError: naming the module and what is wrong with it.
    """
    found: dict[str, Convention] = {}
    (root,) = map(Path, conventions.__path__)
    for path in sorted(root.rglob("[!_]*.py")):
        name = ".".join((conventions.__name__, *path.relative_to(root).with_suffix("").parts))
        try:
            convention = getattr(importlib.import_module(name), "CONVENTION", None)
        except Exception as error:
            raise CatalogueError(f"{name} does not import: {type(error).__name__}: {error}") from error
        if not isinstance(convention, Convention):
            raise CatalogueError(f"{name} has no CONVENTION")
        if convention.id in found:
            raise CatalogueError(f"{name}: the id {convention.id} is taken already")
        required = (part.name for part in fields(convention) if part.default is MISSING)
        empty = [name for name in required if not getattr(convention, name)]
        if empty:
            raise CatalogueError(f"{name}: {convention.id} lacks {', '.join(empty)}")
        if convention.good.fails_at or not convention.bad.fails_at:
            raise CatalogueError(
                f"{name}: {convention.id} needs a bad example that fails, and a good one that does not"
            )
        found[convention.id] = convention
    if not found:
        raise CatalogueError("no convention found: the installation is broken")
    return dict(sorted(found.items()))
