"""What has changed since a commit, and whether a root module has anything to do with it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from .settings import NAMES, own_folders
from .sources.hcl.files import Used


class NotComparable(Exception):
    """The working tree cannot be compared with a commit; the text says why, and what to do."""


@dataclass(frozen=True)
class Changed:
    """Files that have changed, new ones included; resolved."""

    files: frozenset[Path]

    def concerns(self, root: Path, used: Used) -> bool:
        """Whether one of the files is what a root module is made of, or what it has read, or settings of it."""
        root = root.resolve()
        files, modules, trees = ({path.resolve() for path in paths} for paths in (used.files, used.modules, used.trees))
        return self._of_conventions or any(
            file in files
            or file.parent in modules
            or any(file.is_relative_to(tree) for tree in trees)
            or (file.name in NAMES and root.is_relative_to(file.parent))
            for file in self.files
        )

    @cached_property
    def _of_conventions(self) -> bool:
        """Whether what is demanded has changed: a team's own conventions."""
        return any(file.is_relative_to(folder) for folder in own_folders() for file in self.files)


def changed_since(ref: str, directory: Path) -> Changed:
    """Ask git which files differ from the last commit that HEAD and `ref` have in common, in a directory's repository.

    Raises:
        NotComparable: there is no git, no repository, no such commit, or no history in common.
    """
    directory = directory if directory.is_dir() else directory.parent
    top = Path(_git(directory, "rev-parse", "--show-toplevel", why=f"{directory} is in no git repository").rstrip("\n"))
    missing = f"there is no commit {ref}; fetch it first (in GitHub's checkout action: fetch-depth: 0)"
    commit = _git(top, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}", why=missing).strip()
    apart = f"HEAD and {ref} have no commit in common; fetch the history (in GitHub's checkout action: fetch-depth: 0)"
    base = _git(top, "merge-base", commit, "HEAD", why=apart).strip()
    names = _git(top, "diff", "--name-only", "-z", "--no-renames", "--no-ext-diff", base, "--", why="git diff failed")
    names += _git(top, "ls-files", "-z", "--others", "--exclude-standard", why="git ls-files failed")
    return Changed(frozenset((top / name).resolve() for name in names.split("\0") if name))


def _git(directory: Path, *arguments: str, why: str) -> str:
    """git's answer. Nothing that the repository configures is run."""
    import subprocess  # imported where it is needed: most runs ask git for nothing

    command = ["git", "-c", "core.fsmonitor=false", *arguments]
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0"}
    try:
        ended = subprocess.run(command, cwd=directory, env=environment, capture_output=True, check=False)
    except OSError as error:
        raise NotComparable(f"--since needs git on the PATH ({error.strerror or error})") from None
    if ended.returncode != 0:
        said = ended.stderr.decode(errors="replace").strip().splitlines()
        raise NotComparable(f"{why}{f' ({said[-1]})' if said else ''}")
    return os.fsdecode(ended.stdout)
