"""Virtual environments for tools that are wanted only sometimes, or that must not share one with the tests."""

import fcntl
import hashlib
import logging
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

log = logging.getLogger(__name__)


class ToolMissing(Exception):
    """A tool is not to be had; the text says what was tried and what to do."""


def environment(
    name: str, *, locks: Path = ROOT / "requirements", environments: Path = ROOT / ".tox" / "tools"
) -> Path:
    """The virtual environment `environments/<name>`, with exactly what the hashed lock `locks/<name>.txt` says.

    It is made on first use by the interpreter that runs, and made anew when the lock, the interpreter or the place has
    changed. Any number of processes may ask at once. Raises ToolMissing, with the command that failed and what it said.
    """
    lock = locks / f"{name}.txt"
    if not lock.is_file():
        raise ToolMissing(f"{lock} is missing: write requirements/{name}.in and run ./toxw -e lock")
    directory = environments.resolve() / name
    stamp = directory / "installed"
    wanted = _stamp(lock, directory)
    if _read(stamp) == wanted:
        return directory
    directory.parent.mkdir(parents=True, exist_ok=True)
    with _alone(directory.with_name(f"{name}.lock")):
        if _read(stamp) != wanted:  # nobody made it while this process waited
            began = time.monotonic()
            log.info("%s: installing requirements/%s into %s", name, lock.name, directory)
            stamp.unlink(missing_ok=True)  # first, and written last: what is interrupted is never taken for finished
            _install(lock, directory)
            stamp.write_text(wanted)
            log.info("%s: installed, %.1f s", name, time.monotonic() - began)
    return directory


def find_uv() -> str | None:
    """uv beside the interpreter that runs, else on PATH."""
    return shutil.which("uv", path=Path(sys.executable).parent) or shutil.which("uv")


def _stamp(lock: Path, directory: Path) -> str:
    """All that an environment depends on. Its scripts hold the directory's name, its links the interpreter's."""
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    return f"{digest}\n{Path(sys.executable).resolve()}\n{sys.version}\n{directory}\n"


def _read(stamp: Path) -> str | None:
    try:
        return stamp.read_text()
    except FileNotFoundError:
        return None


@contextmanager
def _alone(lock_file: Path) -> Iterator[None]:
    """Waits until no other process is in here; the system lets go of the lock when a process dies."""
    with lock_file.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _install(lock: Path, directory: Path) -> None:
    if directory.exists():
        shutil.rmtree(directory)
    uv = find_uv()
    if uv:
        _run(uv, "venv", "--quiet", "--python", sys.executable, directory)
        _run(uv, "pip", "install", "--quiet", "--require-hashes", "--python", directory, "--requirement", lock)
    else:
        _run(sys.executable, "-I", "-m", "venv", directory)
        _run(directory / "bin" / "python", "-I", "-m", "pip", "install", "--quiet", "--require-hashes", "-r", lock)


def _run(*command: str | Path) -> None:
    # Without byte code a large tool takes twice as long to start.
    variables = os.environ | {"UV_COMPILE_BYTECODE": "1"}
    words = [str(word) for word in command]
    finished = subprocess.run(words, env=variables, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if finished.returncode:
        said = "\n".join((finished.stdout + finished.stderr).strip().splitlines()[-20:])
        raise ToolMissing(
            f"`{' '.join(words)}` failed with exit code {finished.returncode}:\n{said}\n"
            "Behind a proxy or an authority of one's own, set https_proxy and SSL_CERT_FILE."
        )
