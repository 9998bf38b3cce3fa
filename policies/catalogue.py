"""Finds the conventions: every module in a folder of `conventions/` has one, named CONVENTION; and the team's own.

This is the one place that loads them. docs/custom-conventions.md says of whom code is run.
"""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Collection, Mapping
from dataclasses import MISSING, fields
from functools import cache
from pathlib import Path
from types import ModuleType

from . import conventions
from .convention import Convention, Example, NotShown, Surface, Verdict
from .settings import own_folders

# The ids of what is wrong with a suppression, and of what is live and differs from the source.
_RESERVED = ("SUPPRESSION", "DRIFT")
_TEXTS = ("id", "title", "why", "fix", "subject")
_LISTS = ("explains", "resource_types", "sources", "exemptions")


class CatalogueError(Exception):
    """A convention that is incomplete or declared twice: no verdict of this catalogue is to be trusted."""


def catalogue() -> Mapping[str, Convention]:
    """Every convention by its id, sorted: the package's, and those that the working directory's own settings name.

    Raises:
        CatalogueError: naming the module and what is wrong with it.
        Unusable: these settings cannot be read.
    """
    folders = own_folders()
    return _with_own(folders) if folders else built_in()


@cache
def built_in() -> Mapping[str, Convention]:
    """The package's own conventions by their ids, sorted.

    Raises:
        CatalogueError: naming the module and what is wrong with it.
    """
    (root,) = map(Path, conventions.__path__)
    found: dict[str, Convention] = {}
    for _, name in _modules(root, conventions.__name__):
        _add(found, _convention(name, name), name)
    if not found:
        raise CatalogueError("no convention found: the installation is broken")
    return dict(sorted(found.items()))


@cache
def _with_own(folders: tuple[Path, ...]) -> Mapping[str, Convention]:
    known = dict(built_in())
    for folder in folders:
        known |= in_folder(folder, known)
    return dict(sorted(known.items()))


def in_folder(folder: Path, known: Collection[str]) -> dict[str, Convention]:
    """Run a team's modules in a folder: their conventions by their ids, which may be none of those known.

    A module whose name starts with `_` is for the others to import, as one of their own package.

    Raises:
        CatalogueError: naming the file and what is wrong with it.
    """
    from .sources.hcl.files import display

    if not folder.is_dir():
        raise CatalogueError(f"{display(folder)}: there is no such folder of conventions")
    import hashlib  # imported where it is needed: it takes longer than many a check

    package = f"routeproof_own_{hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:12]}"
    for name in [name for name in sys.modules if name == package or name.startswith(f"{package}.")]:
        del sys.modules[name]
    sys.modules[package] = ModuleType(package)
    sys.modules[package].__path__ = [str(folder.resolve())]
    importlib.invalidate_caches()
    found: dict[str, Convention] = {}
    writes, sys.dont_write_bytecode = sys.dont_write_bytecode, True  # a check leaves nothing in what it judges
    try:
        for path, name in _modules(folder, package):
            _add(found, _convention(name, display(path)), display(path), known)
    finally:
        sys.dont_write_bytecode = writes
    if not found:
        raise CatalogueError(f"{display(folder)}: no convention is in it: no module with a CONVENTION")
    return found


def _modules(root: Path, package: str) -> list[tuple[Path, str]]:
    """The files of the conventions' modules, with the modules' names."""
    relative = sorted(path.relative_to(root) for path in root.rglob("[!_.]*.py"))
    visible = (path for path in relative if not any(part.startswith(".") for part in path.parts))
    return [(root / path, ".".join((package, *path.with_suffix("").parts))) for path in visible]


def _convention(module: str, shown: str) -> object:
    try:
        return getattr(importlib.import_module(module), "CONVENTION", None)
    except (Exception, SystemExit) as error:  # whatever a module does, the gate must not stay silent
        raise CatalogueError(f"{shown} does not import: {type(error).__name__}: {error}") from error


def _add(found: dict[str, Convention], convention: object, shown: str, known: Collection[str] = ()) -> None:
    if not isinstance(convention, Convention):
        raise CatalogueError(f"{shown} has no CONVENTION")
    name = convention.id
    required = (part.name for part in fields(convention) if part.default is MISSING)
    empty = [part for part in required if not getattr(convention, part)]
    if empty:
        raise CatalogueError(f"{shown}: {name} lacks {', '.join(empty)}")
    wrong = [part for part in _TEXTS if not isinstance(getattr(convention, part), str)]
    wrong += [part for part in _LISTS if not _is_tuple_of_texts(getattr(convention, part))]
    wrong += [part for part in ("good", "bad") if not _is_example(getattr(convention, part))]
    wrong += [] if callable(convention.check) else ["check"]
    wrong += [] if _is_not_shown(convention.not_shown) else ["not_shown"]
    if wrong:
        raise CatalogueError(f"{shown}: {name}: not of the type that a Convention has there: {', '.join(wrong)}")
    if not re.fullmatch(r"[A-Z][A-Z0-9_]*", name):
        raise CatalogueError(f"{shown}: the id {name!r} is not in capitals, digits and underscores")
    if name in found or name in known or name in _RESERVED:
        raise CatalogueError(f"{shown}: the id {name} is taken already")
    if convention.good.fails_at or not convention.bad.fails_at:
        raise CatalogueError(f"{shown}: {name} needs a bad example that fails, and a good one that does not")
    surfaces = [part.surface for part in convention.not_shown]
    if len(set(surfaces)) < len(surfaces):
        raise CatalogueError(f"{shown}: {name} says twice what a surface does not show")
    found[name] = convention


def _is_tuple_of_texts(value: object) -> bool:
    return isinstance(value, tuple) and all(isinstance(item, str) for item in value)


def _is_example(value: object) -> bool:
    return (
        isinstance(value, Example)
        and isinstance(value.source, str)
        and isinstance(value.fails_at, tuple)
        and all(isinstance(place, tuple) and list(map(type, place)) == [str, int] for place in value.fails_at)
    )


def _is_not_shown(value: object) -> bool:
    return isinstance(value, tuple) and all(
        isinstance(part, NotShown)
        and isinstance(part.surface, Surface)
        and isinstance(part.reason, str)
        and part.reason.strip() != ""
        and part.verdict in (Verdict.UNPROVEN, Verdict.NOT_APPLICABLE)
        and part.examples in (("good", "bad"), ("good",), ("bad",))
        for part in value
    )
