"""Directories that are known for abandoned when the process that made them is gone, however it ended.

Each has a file that its process keeps locked. The system lets go of the lock when the process dies, and nothing else
comes to hold it by chance, as another process may come to have a process id.
"""

import fcntl
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

LOCK = "routeproof.lock"
_NAME = re.compile(r"routeproof-[a-z]+-[a-z0-9_]{8}")


@contextmanager
def held_directory(purpose: str, *, is_shared: bool = False) -> Iterator[Path]:
    """A new directory in the temporary folder while the block runs, named routeproof-<purpose>-<8 characters>.

    Those of the same purpose that killed processes left are removed first. Not where it `is_shared` with processes that
    this one starts and that may live longer: there is the sweep for these, `python -m tests.e2e.sweep`.
    """
    if not is_shared:
        for left in abandoned(purpose):
            remove(left)
    directory = Path(tempfile.mkdtemp(prefix=f"routeproof-{purpose}-"))
    with hold(directory):
        try:
            yield directory
        finally:
            shutil.rmtree(directory)


def hold(directory: Path) -> TextIO:
    """Marks a directory as this process's until it closes what is returned, or ends. Children do not inherit it."""
    lock = (directory / f"{LOCK}.unfinished").open("w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    Path(lock.name).rename(directory / LOCK)  # there is never one that is not locked yet
    return lock


def abandoned(purpose: str | None = None) -> list[Path]:
    """The directories in the temporary folder that killed processes of this user left; of one purpose, or all."""
    found = Path(tempfile.gettempdir()).resolve().glob(f"routeproof-{purpose or '*'}-*")
    return sorted(directory for directory in found if _NAME.fullmatch(directory.name) and is_abandoned(directory))


def is_abandoned(directory: Path) -> bool:
    """Whether it is a directory that a process of this user held, and does not any more."""
    with _taken_over(directory) as taken:
        return taken


def remove(directory: Path) -> None:
    """Removes an abandoned directory, and no other. Raises OSError; what is left then is still known for abandoned."""
    with _taken_over(directory) as taken:
        if not taken:
            return
        for entry in directory.iterdir():
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            elif entry.name != LOCK:
                entry.unlink()
        shutil.rmtree(directory)


@contextmanager
def _taken_over(directory: Path) -> Iterator[bool]:
    """Takes the lock while the block runs, where it is free and all belongs to this user; whether that is so."""
    try:
        is_own = _is_own(directory.lstat(), stat.S_ISDIR)
        lock = os.open(directory / LOCK, os.O_RDONLY | os.O_NOFOLLOW) if is_own else None
    except OSError:  # there is no such directory, or it has no lock
        lock = None
    if lock is None:
        yield False
        return
    try:
        yield _is_own(os.fstat(lock), stat.S_ISREG) and _locked(lock)
    finally:
        os.close(lock)


def _is_own(status: os.stat_result, is_kind) -> bool:
    return status.st_uid == os.geteuid() and is_kind(status.st_mode)


def _locked(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
