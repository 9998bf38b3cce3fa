"""A copy of the repository that a root module is in: `../lambda` works, and nothing is written into the real one.

The repository is what the linter takes for one: the nearest directory above with `.git`, else the parent.
"""

import os
import shutil
import stat
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from routeproof.sources.hcl.roots import boundary_of

MAX_FILES = 20_000
MAX_BYTES = 500_000_000
_NOT_COPIED = {".git", ".terraform"}


class NotCopied(Exception):
    """The repository cannot be copied; the text says why, and what to do."""


def copy_repository(root: Path, place: Path, *, also: Sequence[Path] = ()) -> Path:
    """Copies into `place` what git lists, tracked or not, but for what it ignores; where `root` is then.

    Without git everything is copied. `also` are files and directories that git ignores. Terraform's own directory and
    its states stay behind. Paths are resolved ones.

    Raises:
        NotCopied: it is too large, a link leads out of it, git does not list it, or something of `also` is not in it.
    """
    top = boundary_of(root)
    names = _listed(top) if (top / ".git").exists() else _below(top, top)
    for path in also:
        if not path.is_relative_to(top):
            raise NotCopied(f"--also: {path} is not in {top}, the repository of {root}")
    added = [name for path in also for name in (_below(path, top) if path.is_dir() else [path.relative_to(top)])]
    (place / ".git").mkdir()  # the linter takes the copy for the repository by it
    size = 0
    for number, name in enumerate(dict.fromkeys(name for name in (*names, *added) if _belongs(name)), 1):
        size += _copy(top, name, place)
        if number > MAX_FILES or size > MAX_BYTES:
            raise NotCopied(
                f"{top} has more than {MAX_FILES:,} files or {MAX_BYTES // 1_000_000:,} MB, and Terraform may read any "
                "of them: let git ignore what the stack does not need, or make a repository of less"
            )
    return place / root.relative_to(top)


def _belongs(name: Path) -> bool:
    is_state = name.name.endswith(".tfstate") or ".tfstate." in name.name
    return not is_state and _NOT_COPIED.isdisjoint(name.parts)


def _listed(directory: Path) -> Iterator[Path]:
    """The files of a git repository, and of those in it, as submodules are. Nothing that it configures is run."""
    command = ["git", "-c", "core.fsmonitor=false", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        ended = subprocess.run(command, cwd=directory, env=environment, capture_output=True, check=False)
    except OSError as problem:
        raise NotCopied(f"{directory} is a git repository, and git does not run ({problem.strerror})") from None
    if ended.returncode:
        raise NotCopied(f"git does not list {directory}: {ended.stderr.decode(errors='replace').strip()}")
    for entry in os.fsdecode(ended.stdout).split("\0"):
        name = Path(entry.rstrip("/"))
        if not entry or not os.path.lexists(directory / name):
            continue
        if (directory / name / ".git").exists():
            yield from (name / inner for inner in _listed(directory / name))
        elif not (directory / name).is_dir() or (directory / name).is_symlink():
            yield name


def _below(directory: Path, top: Path) -> Iterator[Path]:
    """Everything below a directory, relative to `top`; links to directories are not followed."""
    for current, directories, files in os.walk(directory):
        here = Path(current)
        links = [name for name in directories if (here / name).is_symlink()]
        directories[:] = sorted(set(directories) - set(links) - _NOT_COPIED)
        yield from ((here / name).relative_to(top) for name in (*links, *files))


def _copy(top: Path, name: Path, place: Path) -> int:
    """The size of what is copied."""
    source, target = top / name, place / name
    found = source.lstat()
    target.parent.mkdir(parents=True, exist_ok=True)
    if stat.S_ISLNK(found.st_mode):
        led = Path(os.path.realpath(source))
        if not led.is_relative_to(top):
            raise NotCopied(f"{source} is a link to {led}, out of {top}: nothing is read there")
        target.symlink_to(os.path.relpath(led, Path(os.path.realpath(source.parent))))
    elif stat.S_ISREG(found.st_mode):
        shutil.copy2(source, target)
    else:
        raise NotCopied(f"{source} is neither a file nor a link")
    return found.st_size
