"""Findings to changed files: what each convention proposes, where that is safe."""

from __future__ import annotations

import difflib
import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from .catalogue import catalogue
from .changes import Change, NotSafe, ReplaceText
from .convention import Result
from .sources.hcl.edits import changed
from .stack import Stack


@dataclass(frozen=True)
class Rewritten:
    """A file with its findings fixed; `name` is relative to the working directory, with `/`."""

    name: str
    before: bytes
    after: bytes

    def diff(self) -> str:
        """A unified diff, as `git apply` takes it."""
        before, after = (text.decode(errors="replace").splitlines(keepends=True) for text in (self.before, self.after))
        return "".join(_with_newlines(difflib.unified_diff(before, after, f"a/{self.name}", f"b/{self.name}")))

    def write(self) -> None:
        """Replace the file at once, with its permissions kept.

        Raises:
            OSError: it cannot be written, or is a link.
        """
        path = Path(self.name)
        if path.is_symlink():
            raise OSError(f"{self.name} is a symbolic link")
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            written = Path(file.name)
            try:
                file.write(self.after)
                file.flush()
                written.chmod(stat.S_IMODE(path.stat().st_mode))
                written.replace(path)
            except BaseException:
                written.unlink()
                raise


@dataclass(frozen=True)
class NotFixed:
    """A finding that is left to a person, and why; empty where its convention proposes nothing."""

    result: Result
    why: str


def fixes(
    stack: Stack, results: Iterable[Result], read: Callable[[str], bytes]
) -> tuple[list[Rewritten], list[NotFixed]]:
    """The files that fixing a stack's findings changes, and the findings that stay.

    `read` gives a file's content by its name. Suppressed findings and those of a baseline are left alone.
    """
    contents: dict[str, bytes] = {}
    wanted: dict[str, list[Change]] = {}
    left: list[NotFixed] = []
    for result in results:
        if not result.fails:
            continue
        try:
            changes = _proposed(stack, result)
            for name in {_file_of(change) for change in changes}:
                contents.setdefault(name, read(name))
            for name in {_file_of(change) for change in changes}:
                changed(contents[name], name, [change for change in changes if _file_of(change) == name])
        except NotSafe as error:
            left.append(NotFixed(result, str(error)))
            continue
        for change in changes:
            wanted.setdefault(_file_of(change), []).append(change)
    rewritten = [
        Rewritten(name, contents[name], changed(contents[name], name, changes)) for name, changes in wanted.items()
    ]
    return [file for file in rewritten if file.after != file.before], left


def _proposed(stack: Stack, result: Result) -> Sequence[Change]:
    convention = catalogue().get(result.convention)
    if convention is None or convention.repair is None:
        raise NotSafe("")
    changes = convention.repair(stack, result)
    if not changes:
        raise NotSafe("nothing in the source would change it")
    return changes


def _file_of(change: Change) -> str:
    return change.place.file if isinstance(change, ReplaceText) else change.header.file


def _with_newlines(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
