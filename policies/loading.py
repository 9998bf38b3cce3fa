"""Where a stack comes from: the source, or a plan of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from .sources.hcl.files import Files, display
from .sources.hcl.modules import load
from .sources.hcl.roots import NothingFound, find_roots
from .sources.hcl.syntax import SourceError
from .sources.hcl.variable_files import variable_values
from .stack import Stack


def stack_of(
    root: Path, files: Files, variable_files: Sequence[Path], *, today: date | None, plan: Path | None
) -> Stack:
    """The stack of a root module, by its source, or by a plan together with the source.

    Raises:
        SourceError: a file does not parse, or the plan is not to be trusted.
    """
    if plan is None:
        return load(root, files, variable_values(root, files, variable_files), today=today)
    from .sources.plan.loading import load_plan

    return load_plan(plan, root, files, today=today)


def roots_of(path: Path, files: Files, *, plan: Path | None) -> tuple[list[Path], list[SourceError]]:
    """The root modules that a path stands for. A plan is of one; where its source is not at hand a directory will do.

    Raises:
        NothingFound: there is no such path, or several root modules are under it.
    """
    if plan is None:
        return find_roots(path, files)
    try:
        found, errors = find_roots(path, files)
    except NothingFound:
        if not path.is_dir():
            raise
        return [path], []
    if len(found) > 1 and path in found:  # the others are below it, and not called by it
        return [path], errors
    if len(found) > 1:
        names = ", ".join(display(root) for root in found)
        raise NothingFound(f"{plan} is the plan of one root module; name it, of these: {names}")
    return found, errors
