"""Runs of pytest that are broken off, or that fail, and what is left of them.

Each is in a session of its own and deploys to a server that outlives it and can be asked afterwards.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

import boto3

from tests.e2e.deployment import ROOT, remaining
from tests.e2e.local_aws import LocalAws
from tests.e2e.report import PAGE

DEADLINE_SECONDS = 180
DEPLOYMENT = re.compile(r"deployment (-e2e-[0-9a-f]{8}):")


@dataclass(frozen=True)
class Case:
    """One of probe.py's tests, and the signal that its run gets as soon as an apply has made the first role.

    `options`: more of pytest's.
    """

    test: str
    sent: signal.Signals | None = None
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Run:
    """A run that has ended: its report for people, what it left on AWS (`remaining`), and which of its processes."""

    exit_code: int
    output: str = field(repr=False)
    report: str = field(repr=False)
    remaining: list[str]
    processes: list[str]


CASES = {
    "ctrl-c": Case("test_passes", signal.SIGINT, ("--numprocesses=2",)),
    "terminated": Case("test_passes", signal.SIGTERM),
    "apply fails": Case("test_apply_fails"),
    "test fails": Case("test_fails", options=("--numprocesses=1",)),
}


@contextmanager
def started(directory: Path, *, aws: LocalAws, environment: Mapping[str, str]) -> Iterator[Mapping[str, Future[Run]]]:
    """All cases, by name, at the same time: most of each is waiting. What still runs at the end is asked to end.

    `environment` is added to this process's.
    """
    description = directory / "local-aws.json"
    description.write_text(json.dumps(asdict(aws), default=str))
    with ThreadPoolExecutor(len(CASES)) as threads, ExitStack() as ends:
        futures, sessions = {}, []
        for number, (name, case) in enumerate(CASES.items()):
            place = directory / str(number)
            place.mkdir()
            variables = {**environment, "ROUTEPROOF_LOCAL_AWS": str(description)}
            sessions.append(ends.enter_context(Session(case, directory=place, environment=variables)))
            futures[name] = threads.submit(follow, case, sessions[-1])
        try:
            yield futures
        finally:  # all of them first, so that they end at the same time
            for session in sessions:
                session.interrupt(signal.SIGINT)


def follow(case: Case, session: "Session") -> Run:
    suffix = session.wait_for_output(DEPLOYMENT)[1]
    if case.sent is not None:
        session.wait_for_role(suffix)
        session.interrupt(case.sent)
    exit_code = session.wait()
    report = (session.report / PAGE).read_text()
    return Run(exit_code, session.output(), report, remaining(suffix), session.processes())


class Session:
    """A run of one of probe.py's tests as a session leader, so that all its processes can be told from others."""

    def __init__(self, case: Case, *, directory: Path, environment: Mapping[str, str] | None = None):
        self._printed, self._log = directory / "output.txt", directory / "log.txt"
        self.report = directory / "report"
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--capture=no", *case.options]
        # A file, because workers show no log in the terminal.
        command += [f"--log-file={self._log}", "--log-file-mode=a", "--log-file-level=INFO"]
        command += [f"--report={self.report}", f"--basetemp={directory / 'temporary'}"]
        command += [f"{ROOT / 'tests/e2e/probe.py'}::{case.test}"]
        with self._printed.open("w") as printed:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**os.environ, **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *_) -> None:
        """Nothing is left of a run that did not end by itself, or not as it should have."""
        self.interrupt(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            self.wait()
        for line in self.processes():
            with suppress(ProcessLookupError):
                os.kill(int(line.split()[0]), signal.SIGKILL)
        self._process.wait()

    def output(self) -> str:
        """What it logged, and what it printed."""
        return "\n".join(file.read_text() for file in (self._log, self._printed) if file.exists())

    def wait_until(self, condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + DEADLINE_SECONDS
        while not condition():
            assert self._process.poll() is None, f"the run ended too early:\n{self.output()}"
            assert time.monotonic() < deadline, f"the run hangs:\n{self.output()}"
            time.sleep(0.1)

    def wait_for_output(self, pattern: re.Pattern[str]) -> re.Match[str]:
        self.wait_until(lambda: pattern.search(self.output()))
        return pattern.search(self.output())

    def wait_for_role(self, suffix: str) -> None:
        """An apply is under way then."""
        roles = boto3.Session().client("iam").get_paginator("list_roles").paginate()
        self.wait_until(lambda: f"lambda-hello{suffix}" in roles.search("Roles[].RoleName"))

    def interrupt(self, number: signal.Signals) -> None:
        """As a terminal does it: to every process of the group in the foreground. Nothing where the run has ended."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, number)

    def wait(self) -> int:
        return self._process.wait(DEADLINE_SECONDS)

    def processes(self) -> list[str]:
        """Process id and command line of what runs in this session."""
        listed = subprocess.run(
            ["ps", "-axww", "-o", "pid=,stat=,command="], capture_output=True, text=True, check=True
        )
        return [line for line in listed.stdout.splitlines() if session_of(int(line.split()[0])) == self._process.pid]


def session_of(process: int) -> int | None:
    try:
        return os.getsid(process)
    except ProcessLookupError:  # it has ended since it was listed
        return None
