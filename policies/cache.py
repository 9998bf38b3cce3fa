"""What was judged before and has not changed: for each root module its verdicts, and what they were made of.

An entry holds every question that was asked of the file system, and a digest of its answer: what files hold, what is
not there, what is in a directory, where links lead. It counts as long as every question has the same answer, and its
name is made of all else that a verdict depends on. So it is asked of the file system, and of nothing else, whether a
verdict still holds. An entry that cannot be read, or is none, is judged again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .judging import Judged
from .reading import judged_of
from .reporters.json import judged_as_json
from .sources.hcl.files import Files
from .sources.hcl.questions import QUESTIONS

MAX_BYTES = 5_000_000  # of an entry
MAX_TOTAL = 100_000_000
NAME = "routeproof/verdicts"
_DEPENDENCIES = ("tree-sitter", "tree-sitter-hcl", "pyyaml")


@dataclass(frozen=True)
class Cache:
    """`directory` is the user's own; `run` is a digest of all that the root modules of a run have in common."""

    directory: Path
    run: str

    def get(self, root: Path, files: Files, top: Path) -> Judged | None:
        """What is remembered of a root module; None where nothing is, or something has changed.

        `top` is where the search for its settings ends.
        """
        try:
            with self._entry(root, files, top).open("rb") as file:
                content = file.read(MAX_BYTES + 1)
            document = json.loads(content) if len(content) <= MAX_BYTES else None
            notes = [(str(kind), str(path), str(answer)) for kind, path, answer in document["notes"]]
            if not notes or not all(_still_answered(files, *note) for note in notes):
                return None
            return judged_of(document["judged"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return None

    def put(self, root: Path, files: Files, top: Path, judged: Judged) -> None:
        """Remember a root module that has just been judged with these files. Where that cannot be it is not."""
        assert files.notes is not None, "notes are taken where there is a cache"
        notes = [[kind, path, answer] for (kind, path), answer in files.notes.items()]
        document = json.dumps({"notes": notes, "judged": judged_as_json(judged)}).encode()
        if len(document) > MAX_BYTES:
            return
        with contextlib.suppress(OSError):  # a full disk, say: what is not remembered is judged again
            file, name = tempfile.mkstemp(dir=self.directory)
            try:
                with os.fdopen(file, "wb") as entry:
                    entry.write(document)
                Path(name).replace(self._entry(root, files, top))
            except BaseException:
                Path(name).unlink()
                raise

    def _entry(self, root: Path, files: Files, top: Path) -> Path:
        parts = [self.run, str(root), os.path.realpath(root), str(files.boundary), str(top)]
        return self.directory / _digest(parts)


def open_cache(given: Mapping[str, Any]) -> Cache | None:
    """The user's cache, for runs in which all this is the same; None where there can be none.

    `given` are the run's options, of which all that matters shows in `repr`.
    """
    directory = cache_directory()
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = directory.lstat()
        others = stat.S_IMODE(found.st_mode) & 0o077
        # What others may write could be anything.
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or others:
            return None
        _keep_small(directory)
    except OSError:
        return None
    return Cache(directory, _digest([_program(), str(Path.cwd()), repr(sorted(given.items()))]))


def cache_directory() -> Path:
    """Where caches are: as the XDG base directory specification has it, and on macOS in ~/Library/Caches."""
    told = os.environ.get("XDG_CACHE_HOME", "")
    if Path(told).is_absolute():
        return Path(told) / NAME
    home = Path.home()
    return home / ("Library/Caches" if sys.platform == "darwin" else ".cache") / NAME


def _still_answered(files: Files, kind: str, path: str, answer: str) -> bool:
    if kind not in QUESTIONS:
        return False
    files.notes = {}
    with contextlib.suppress(Exception):  # an error is an answer too
        getattr(files, kind)(Path(path))
    return files.notes.get((kind, path)) == answer


def _program() -> str:
    """What judges: this package's own files, Python, and what reads Terraform and YAML."""
    from importlib.metadata import version

    here = Path(__file__).parent
    digest = hashlib.sha256(repr([sys.version, sys.platform, *map(version, _DEPENDENCIES)]).encode())
    for path in sorted(here.rglob("*")):
        if path.suffix in (".py", ".json") and "__pycache__" not in path.parts:
            digest.update(_digest([str(path.relative_to(here))]).encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _keep_small(directory: Path) -> None:
    """Take out the older half where it has grown too large. Another run may do the same at the same time."""
    with os.scandir(directory) as found:
        entries = [(one.stat(), Path(one)) for one in found if one.is_file(follow_symlinks=False)]
    if sum(status.st_size for status, _ in entries) > MAX_TOTAL:
        for _, path in sorted(entries, key=lambda entry: entry[0].st_mtime)[: (len(entries) + 1) // 2]:
            path.unlink(missing_ok=True)


def _digest(parts: list[str]) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
