"""Where a file is in its repository: a report's paths start at the working directory, other programs' at the top."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote


@dataclass(frozen=True)
class Repository:
    """`top` is an absolute path."""

    top: Path

    def path(self, file: str) -> str | None:
        """The path of a report's file from the top, with `/`; None where it is outside, or there is no file."""
        if not file:
            return None
        path = Path(os.path.relpath(file, self.top)).as_posix()
        return None if path == ".." or path.startswith("../") else path


def working_repository() -> Repository:
    """The repository that the working directory is in; without one, the working directory itself."""
    here = Path.cwd()
    return Repository(next((path for path in (here, *here.parents) if (path / ".git").exists()), here))


def url_path(path: str) -> str:
    """A path in a URL: percent-encoded, as the bytes that the file system has."""
    return quote(os.fsencode(path))
