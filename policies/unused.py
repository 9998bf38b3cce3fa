"""Suppressions that nothing needs. Whether one is needed shows only when every root module that has it was judged."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from .convention import Result
from .sources.hcl.files import Files, display, followed
from .sources.hcl.roots import directories_below, find_roots
from .suppressions import Standing, Suppressed


@dataclass(frozen=True)
class Use:
    """A suppression in some of a run's root modules: `root` is the first that has it, `needed` whether one needs it.

    `unread` are the directories that have it too and that none of them has read; None where the whole run is without
    a root module that has it. `standing.unused` is to be reported in `root`, if it is unused.
    """

    standing: Standing
    root: str
    needed: bool
    unread: tuple[str, ...] | None = ()


def uses(
    done: Mapping[Path, Suppressed], roots: Collection[Path], files_of: Callable[[Path], Files]
) -> tuple[Use, ...]:
    """Every suppression of some root modules, which are given by their resolved directories.

    `roots` are the root modules of the whole run. `files_of` gives the files that a root module was read with.
    """
    needed = {standing.key for one in done.values() for standing in one.standing if standing.needed}
    read = {directory for one in done.values() for directory in one.read}
    found: dict[tuple[Result, str], Use] = {}
    everywhere: dict[str, tuple[str, ...] | None] = {}
    for root, one in done.items():
        for standing in one.standing:
            if standing.key in needed:
                found.setdefault(standing.key, Use(standing, display(root), True))
            elif standing.key not in found:
                place = standing.unused.location
                assert place is not None, "a suppression is written somewhere"
                if place.file not in everywhere:
                    everywhere[place.file] = _unread(standing, Path(place.file), root, read, roots, files_of)
                found[standing.key] = Use(standing, display(root), False, everywhere[place.file])
    return tuple(found.values())


def unused(uses: Iterable[Use], read: Collection[str]) -> Iterator[Use]:
    """Those that nothing needs, of a whole run, each in the first root module that has it.

    `read` are the directories that have been read.
    """
    in_order = sorted(uses, key=lambda use: Path(use.root).parts)
    told = {use.standing.key for use in in_order if use.needed}
    for use in in_order:
        if use.standing.key not in told:
            told.add(use.standing.key)
            if use.unread is not None and all(name in read for name in use.unread):
                yield use


def _unread(
    standing: Standing,
    file: Path,
    root: Path,
    read: Collection[str],
    roots: Collection[Path],
    files_of: Callable[[Path], Files],
) -> tuple[str, ...] | None:
    if standing.pattern:
        # The settings are of every root module below them: each Terraform directory there has to be read.
        directories = list(map(followed, directories_below(file.parent)))
    elif file.parent.resolve() == root:
        directories = []
    else:
        callers, _ = find_roots(file, files_of(root))  # the ones that call the module
        directories = [caller.resolve() for caller in callers]
        if not set(directories) <= set(roots):
            return None
    return tuple(name for name in map(display, directories) if name not in read)
