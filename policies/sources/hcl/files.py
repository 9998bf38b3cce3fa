"""Reading a module's files, inside a boundary that nothing is read out of."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from ...values import Location
from .blocks import Block, read_blocks
from .comments import Comment, suppressing_comments
from .overrides import overridden
from .questions import Notes, question
from .syntax import MAX_BYTES, SourceError, parse

MAX_FILES = 5_000
_CALL = re.compile(rb"(?<!\bpath\.)\bmodule\b")


@dataclass
class Used:
    """What has been read: directories of modules, files, and directories with all that is below them."""

    modules: set[Path] = field(default_factory=set)
    files: set[Path] = field(default_factory=set)
    trees: set[Path] = field(default_factory=set)


K = TypeVar("K")
V = TypeVar("V")


@dataclass
class Files:
    """The files of one repository, each parsed once. `boundary` is a resolved directory, or None for no boundary.

    `used` is what has been asked for since it was last set. `unsaved` are files as an editor has them, by their real
    paths; each is on disk too. `notes`, from the beginning or never, is all that was asked since it was last set, also
    by somebody else before, where the answer was kept.
    """

    boundary: Path | None
    used: Used = field(default_factory=Used)
    unsaved: Mapping[str, bytes] = field(default_factory=dict)
    notes: Notes | None = None
    _parsed: dict[Path, tuple[tuple[Block, ...], Notes]] = field(default_factory=dict)
    _comments: dict[Path, tuple[Comment, ...]] = field(default_factory=dict)
    _real: dict[str, str] = field(default_factory=dict)

    def once(self, memory: dict[K, tuple[V, Notes]], key: K, make: Callable[[], V]) -> V:
        """What was made for the key before, else what `make` makes now; and the notes that belong to it."""
        if key not in memory:
            before = self.notes
            self.notes = None if before is None else {}
            try:
                made = make()
            finally:
                taken, self.notes = self.notes or {}, before
                if before is not None:
                    before.update(taken)
            memory[key] = made, taken
        elif self.notes is not None:
            self.notes.update(memory[key][1])
        return memory[key][0]

    @question
    def is_file(self, path: Path) -> bool:
        return path.is_file()

    @question
    def is_directory(self, path: Path) -> bool:
        return path.is_dir()

    @question
    def exists(self, path: Path) -> bool:
        return path.exists()

    @question
    def real(self, path: Path) -> str:
        """The path with its links followed."""
        return os.path.realpath(path)

    @question
    def listed(self, directory: Path) -> list[str]:
        """The names in a directory, sorted, wherever it is."""
        return sorted(entry.name for entry in os.scandir(directory))

    @question
    def named(self, path: Path) -> tuple[str, bytes]:
        """What a file holds, and its real name: wherever it is and however large, as a user's own choice may be."""
        return os.path.realpath(path), path.read_bytes()

    @question
    def module_files(self, directory: Path) -> list[Path]:
        """Terraform's files in a directory, in Terraform's order."""
        return module_files(directory)

    @question
    def allows(self, path: Path) -> bool:
        """Whether a path, links followed, is inside the boundary.

        Raises:
            ValueError: it is none that a file can have.
        """
        if "\0" in str(path):
            raise ValueError("a path holds no NUL")
        if self.boundary is None:
            return True
        boundary = str(self.boundary)
        real = self._followed(path)
        return real == boundary or real.startswith(boundary.rstrip(os.sep) + os.sep)

    def _followed(self, path: Path) -> str:
        """The path with its links followed; that of its directory is looked up once."""
        name = path.name
        if not name or name == "..":
            return os.path.realpath(path)
        directory = str(path.parent)
        if directory not in self._real:
            self._real[directory] = os.path.realpath(directory)
        inside = f"{self._real[directory]}{os.sep}{name}"
        return os.path.realpath(inside) if path.is_symlink() else inside

    @question
    def read(self, path: Path) -> bytes:
        """A file's content.

        Raises:
            FileNotFoundError: there is no such file.
            OSError: it is outside the boundary, too large, or cannot be read.
        """
        self.require(path)
        self.used.files.add(path)
        try:
            found = path.stat()
        except (FileNotFoundError, NotADirectoryError):
            raise FileNotFoundError("there is no such file") from None
        if not stat.S_ISREG(found.st_mode):
            raise FileNotFoundError("there is no such file")
        if found.st_size > MAX_BYTES:
            raise OSError(f"it is larger than {MAX_BYTES:,} bytes")
        unsaved = self.unsaved.get(self._followed(path)) if self.unsaved else None
        return path.read_bytes() if unsaved is None else unsaved

    def require(self, path: Path) -> None:
        """Raises OSError where a path is outside the boundary or can be none."""
        if "\0" in str(path):
            raise OSError("a path holds no NUL")
        if not self.allows(path):
            raise OSError(f"it is outside {self.boundary}; --allow-outside permits that")

    @question
    def names_below(self, directory: Path) -> list[str]:
        """The files in a directory and below it, links to directories not followed, relative to it, sorted.

        Raises:
            OSError: it is outside the boundary, or there is no such directory, or more than `MAX_FILES` are in it.
        """
        self.require(directory)
        self.used.trees.add(directory)
        if not directory.is_dir():
            raise OSError("there is no such directory")
        names: list[str] = []
        for current, _, files in os.walk(directory):
            names += [(Path(current) / name).relative_to(directory).as_posix() for name in files]
            if len(names) > MAX_FILES:
                raise OSError(f"more than {MAX_FILES:,} files are in it")
        return sorted(names)

    def blocks(self, directory: Path) -> tuple[Block, ...]:
        """The top-level blocks of a module's directory, override files merged in.

        Raises:
            SourceError: a file that does not parse or cannot be read.
        """
        self.used.modules.add(directory)
        return self.once(self._parsed, directory, lambda: self._read(directory))

    def may_call_modules(self, directory: Path) -> bool:
        """False where a look at a module's files shows that no block of them is a module call."""
        try:
            return directory in self._parsed or any(
                path.name.endswith(".json") or _CALL.search(self.read(path)) for path in module_files(directory)
            )
        except (OSError, SourceError):
            return True  # parsing it says what is wrong

    def forget(self, directory: str) -> None:
        """Read a module again when it is wanted next; `directory` is its real path."""
        for known in [known for known in self._parsed if os.path.realpath(known) == directory]:
            del self._parsed[known]
            self._comments.pop(known, None)

    def comments(self, directory: Path) -> tuple[Comment, ...]:
        """The suppressing comments in a module's directory, whose blocks have been read."""
        return self._comments.get(directory, ())

    def _read(self, directory: Path) -> tuple[Block, ...]:
        blocks: list[Block] = []
        overrides: list[Block] = []
        comments: list[Comment] = []
        shown = display(directory)
        self.real(directory)  # who calls it, and what its baseline calls it, goes by that
        for path in self.module_files(directory):
            name = path.name if shown == "." else f"{shown}/{path.name}"
            place = Location(name, 1, 1, 1, 1)
            try:
                content = self.read(path)
            except OSError as error:
                raise SourceError(f"the file cannot be read: {error.strerror or error}", place) from None
            body, found = _blocks(content, name)
            comments.extend(found)
            for attribute in body.attributes.values():
                raise SourceError(f"the argument {attribute.name!r} stands outside a block", attribute.location)
            (overrides if is_override(path) else blocks).extend(body.blocks)
        if comments:
            self._comments[directory] = tuple(comments)
        return tuple(overridden(blocks, overrides))


def _blocks(content: bytes, name: str) -> tuple[Block, Iterable[Comment]]:
    if name.endswith(".json"):
        from .json_syntax import read_json_blocks

        return read_json_blocks(content, name), ()
    file = parse(content, name)
    return read_blocks(file), suppressing_comments(file)


@dataclass(frozen=True)
class FilesBelow:
    """The files of a repository by their paths relative to one directory: a stack's `RootFiles`."""

    directory: Path
    files: Files

    def read(self, path: str) -> bytes:
        return self.files.read(self.directory / path)

    def list(self, path: str) -> list[str]:
        directory = self.directory / path
        self.files.require(directory)
        self.files.used.trees.add(directory)
        try:
            return self.files.listed(directory)
        except NotADirectoryError:
            raise FileNotFoundError("there is no such directory") from None


def followed(path: Path) -> Path:
    """The path with its links followed; a link that leads to itself stays as it is."""
    return Path(os.path.realpath(path))


def is_terraform(name: str) -> bool:
    """Whether a file of this name is one of a module's."""
    return name.endswith((".tf", ".tf.json", ".tofu", ".tofu.json")) and not name.startswith(".")


def module_files(directory: Path) -> list[Path]:
    """Terraform's files in a directory, in Terraform's order.

    With x.tofu beside it, x.tf is left out, and x.tf.json with x.tofu.json: opentofu.org/docs/language/files
    """
    names = {entry.name for entry in os.scandir(directory) if is_terraform(entry.name)}
    if len(names) > MAX_FILES:
        raise SourceError(f"more than {MAX_FILES:,} files in one module", Location(display(directory), 1, 1, 1, 1))
    tofu = {name for name in names if name.endswith((".tofu", ".tofu.json"))}
    hidden = {re.sub(r"\.tofu(?=(\.json)?$)", ".tf", name) for name in tofu}
    return [directory / name for name in sorted(names - hidden)]


def is_override(path: Path) -> bool:
    stem = path.name.removesuffix(".json").removesuffix(".tf").removesuffix(".tofu")
    return stem == "override" or stem.endswith("_override")


def display(path: Path) -> str:
    """The path relative to the working directory, with `/`."""
    return Path(os.path.relpath(path)).as_posix()
