"""What killed runs left on this machine: processes, and directories in the temporary folder.

A process is one of theirs where it puts its temporary files into a directory below the temporary folder that a run
held and does not any more. Terraform, the local endpoint and its handlers are told to, and nothing else is.
"""

import os
import shlex
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import psutil

from tests.e2e.sweep.leftovers import Found, Leftover, NotRemoved
from tests.tools import held_directories

POLITE_SECONDS = 30  # Terraform stops its providers and writes its state
LAST_SECONDS = 5


def processes() -> Found:
    return Found(
        [
            Leftover("process", f"{process.pid} {command}", partial(_end, process), is_of_dead_run=True)
            for process, command in _orphans()
        ]
    )


def directories() -> Found:
    return Found(
        [
            Leftover("directory", str(directory), partial(_remove, directory), is_of_dead_run=True)
            for directory in held_directories.abandoned()
        ]
    )


def _orphans() -> Iterator[tuple[psutil.Process, str]]:
    folder = Path(tempfile.gettempdir()).resolve()
    for process in psutil.process_iter():
        # It has ended meanwhile, or is somebody else's.
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            if process.uids().effective != os.geteuid() or not _runs(process):
                continue
            place = Path(process.environ().get("TMPDIR", "/")).resolve()
            if place.is_relative_to(folder) and held_directories.is_abandoned(place):
                yield process, shlex.join(process.cmdline())


def _runs(process: psutil.Process) -> bool:
    """psutil knows another process by its start where it has come to have the id. A zombie only waits to be noted."""
    with suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def _end(process: psutil.Process) -> None:
    for ask, seconds in ((process.terminate, POLITE_SECONDS), (process.kill, LAST_SECONDS)):
        with suppress(psutil.NoSuchProcess):
            ask()
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not _runs(process):
                return
            time.sleep(0.05)
    raise NotRemoved(f"it still runs {LAST_SECONDS} s after SIGKILL")


def _remove(directory: Path) -> None:
    try:
        held_directories.remove(directory)
    except OSError as problem:
        raise NotRemoved(str(problem)) from None
