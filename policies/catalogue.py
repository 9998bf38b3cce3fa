"""Finds the conventions: every module under `conventions/` that is not a package has one, named CONVENTION."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import fields
from functools import cache

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
    for module in pkgutil.walk_packages(conventions.__path__, f"{conventions.__name__}."):
        if module.ispkg:
            continue
        convention = getattr(importlib.import_module(module.name), "CONVENTION", None)
        if not isinstance(convention, Convention):
            raise CatalogueError(f"{module.name} has no CONVENTION")
        if convention.id in found:
            raise CatalogueError(f"{module.name}: the id {convention.id} is taken already")
        empty = [part.name for part in fields(convention) if not getattr(convention, part.name)]
        if empty:
            raise CatalogueError(f"{module.name}: {convention.id} lacks {', '.join(empty)}")
        if convention.good.fails_at or not convention.bad.fails_at:
            raise CatalogueError(
                f"{module.name}: {convention.id} needs a bad example that fails, and a good one that does not"
            )
        found[convention.id] = convention
    if not found:
        raise CatalogueError("no convention found: the installation is broken")
    return dict(sorted(found.items()))
