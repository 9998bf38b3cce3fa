"""Finding root modules under the paths that a user names."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from ...values import Known
from .blocks import Block
from .expressions import evaluate
from .files import Files, followed, is_terraform, module_files
from .limits import room_to_recurse
from .names import no_names
from .refused import TooDeep
from .syntax import SourceError

_NOT_WALKED = {"node_modules"}


class NothingFound(Exception):
    """A path that does not exist or holds no root module: the run is not to be trusted."""


def boundary_of(path: Path) -> Path:
    """The directory that nothing is read out of: the nearest with `.git`, else the parent of the path's directory."""
    start = followed(path)
    start = start if start.is_dir() else start.parent
    for directory in (start, *start.parents):
        if (directory / ".git").exists():
            return directory
    return start.parent


def find_roots(path: Path, files: Files) -> tuple[list[Path], list[SourceError]]:
    """The root modules that a path stands for, sorted, and what could not be read on the way.

    A root module is a directory with Terraform files that no other directory under the path calls as a module. A file
    stands for its own directory, or for the root modules beside and above it that call that directory.

    Raises:
        NothingFound: there is no such path, or no Terraform file under it.
    """
    if not path.exists():
        raise NothingFound(f"{path}: there is no such file or directory")
    if path.is_file():
        return _roots_of_file(path, files)
    directories = list(directories_below(path))
    if not directories:
        raise NothingFound(f"{path}: no Terraform files (.tf, .tf.json, .tofu) in it or below it")
    # Most root modules call none: these are parsed when they are judged, if that is for this process to do.
    calling = [directory for directory in directories if files.may_call_modules(directory)]
    called, errors = _called(calling, files)
    _, unread = _called([directory for directory in directories if followed(directory) in called], files)
    errors.extend(unread)
    roots = [directory for directory in directories if followed(directory) not in called]
    # Directories that only call each other have no root; judge them all rather than none.
    return (roots or directories), errors


def _roots_of_file(path: Path, files: Files) -> tuple[list[Path], list[SourceError]]:
    directory = path.parent
    if followed(path) not in [followed(found) for found in module_files(directory)]:
        raise NothingFound(f"{path}: this is no Terraform file (.tf, .tf.json, .tofu)")
    callers: list[Path] = []
    errors: list[SourceError] = []
    boundary = boundary_of(path)
    for candidate in directories_below(boundary) if (boundary / ".git").exists() else directories_below(directory):
        reached, problems = _reached(candidate, files)
        if followed(directory) in reached and followed(candidate) != followed(directory):
            callers.append(candidate)
            errors.extend(problems)
    everything, _ = _called(callers, files)
    roots = [caller for caller in callers if followed(caller) not in everything]
    return (roots or [directory]), errors


def directories_below(top: Path) -> Iterable[Path]:
    """The directories with Terraform files in a directory and below it, links not followed.

    Hidden ones and node_modules are left out.
    """
    for current, names, entries in os.walk(top):
        names[:] = sorted(name for name in names if not name.startswith(".") and name not in _NOT_WALKED)
        if any(map(is_terraform, entries)):
            yield Path(current)


def _called(directories: Iterable[Path], files: Files) -> tuple[set[Path], list[SourceError]]:
    called: set[Path] = set()
    errors: list[SourceError] = []
    for directory in directories:
        try:
            for block in files.blocks(directory):
                source = _local_source(block, directory)
                if source is not None and source != followed(directory):
                    called.add(source)
        except SourceError as error:
            errors.append(error)
    return called, errors


def _reached(directory: Path, files: Files) -> tuple[set[Path], list[SourceError]]:
    """Every directory that a module calls, at any depth."""
    reached: set[Path] = set()
    pending = [directory]
    errors: list[SourceError] = []
    while pending:
        inner, problems = _called([pending.pop()], files)
        errors.extend(problems)
        fresh = {path for path in inner - reached if path.is_dir() and files.allows(path)}
        reached |= fresh
        pending.extend(fresh)
    return reached, errors


def _local_source(block: Block, directory: Path) -> Path | None:
    source = block.attributes.get("source") if block.type == "module" else None
    if source is None:
        return None
    try:
        with room_to_recurse():
            value = evaluate(source.expression, no_names())
    except TooDeep as error:
        raise SourceError(error.message, error.location) from None
    text = value.value if isinstance(value, Known) else None
    if not isinstance(text, str) or not text.startswith(("./", "../")):
        return None
    try:
        return followed(Path(os.path.normpath(directory / text)))
    except (OSError, ValueError):  # a path with a NUL, or too long: evaluating the call says so
        return None
