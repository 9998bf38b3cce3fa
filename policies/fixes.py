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


class Fixer:
    """Collects what is to be changed, over any number of stacks: several may share a module's files.

    `read` gives a file's content by its name.
    """

    def __init__(self, read: Callable[[str], bytes]) -> None:
        self._read = read
        self._contents: dict[str, bytes] = {}
        self._wanted: dict[str, list[Change]] = {}
        self.left: list[NotFixed] = []

    def propose(self, stack: Stack, results: Iterable[Result]) -> None:
        """Note the changes for a stack's failures; suppressed ones and those of a baseline are left alone."""
        for result in results:
            if not result.fails:
                continue
            try:
                proposed = _by_file(_proposed(stack, result))
                for name, changes in proposed.items():
                    self._contents.setdefault(name, self._read(name))
                    changed(self._contents[name], name, changes)
            except NotSafe as error:
                self.left.append(NotFixed(result, str(error)))
                continue
            for name, changes in proposed.items():
                self._wanted.setdefault(name, []).extend(changes)

    def rewritten(self) -> list[Rewritten]:
        """The files that change, by name."""
        found = [
            Rewritten(name, self._contents[name], changed(self._contents[name], name, changes))
            for name, changes in sorted(self._wanted.items())
        ]
        return [file for file in found if file.after != file.before]


def _proposed(stack: Stack, result: Result) -> Sequence[Change]:
    convention = catalogue().get(result.convention)
    if convention is None or convention.repair is None:
        raise NotSafe("")
    try:
        changes = convention.repair(stack, result)
    except NotSafe:
        raise
    except Exception as error:  # a team's own convention may be at fault; the other findings are still fixed
        raise NotSafe(f"its repair broke: {type(error).__name__}: {error}") from error
    if not changes:
        raise NotSafe("nothing in the source would change it")
    return changes


def _by_file(changes: Iterable[Change]) -> dict[str, list[Change]]:
    found: dict[str, list[Change]] = {}
    for change in changes:
        place = change.place if isinstance(change, ReplaceText) else change.header
        found.setdefault(place.file, []).append(change)
    return found


def _with_newlines(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
