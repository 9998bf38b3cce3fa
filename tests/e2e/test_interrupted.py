"""However a run ends, what it deployed is destroyed and what it started has ended.

Each case is a run of pytest in a session of its own, on the server of this run, which can be asked afterwards.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import boto3
import pytest

from tests.e2e.deployment import ROOT, remaining
from tests.e2e.local_aws import LocalAws

DEADLINE_SECONDS = 180
DEPLOYMENT = re.compile(r"deployment (-e2e-[0-9a-f]{8}):")


@dataclass(frozen=True)
class Case:
    """One of probe.py's tests, and the signal that its run gets as soon as an apply has made the first role."""

    test: str
    sent: signal.Signals | None = None


@dataclass(frozen=True)
class Run:
    """A run that has ended: what it left on AWS (`remaining`), and which of its processes it left."""

    exit_code: int
    output: str
    remaining: list[str]
    processes: list[str]


CASES = {
    "ctrl-c": Case("test_passes", signal.SIGINT),
    "terminated": Case("test_passes", signal.SIGTERM),
    "apply fails": Case("test_apply_fails"),
    "test fails": Case("test_fails"),
}


@pytest.fixture(scope="module")
def runs(aws: LocalAws, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Run]:
    """Every case's run. They run at the same time: most of each is waiting."""
    description = tmp_path_factory.mktemp("server") / "local-aws.json"
    description.write_text(json.dumps(asdict(aws), default=str))
    with ThreadPoolExecutor(len(CASES)) as threads:
        started = {
            name: threads.submit(run, case, aws_file=description, directory=tmp_path_factory.mktemp("run"))
            for name, case in CASES.items()
        }
    return {name: ended.result() for name, ended in started.items()}


def run(case: Case, *, aws_file: Path, directory: Path) -> Run:
    with Session(case.test, directory=directory, aws_file=aws_file) as session:
        suffix = session.wait_for_output(DEPLOYMENT)[1]
        if case.sent is not None:
            iam = boto3.Session().client("iam")
            session.wait_until(
                lambda: f"lambda-hello{suffix}" in [role["RoleName"] for role in iam.list_roles()["Roles"]]
            )
            session.interrupt(case.sent)
        exit_code = session.wait()
        return Run(exit_code, session.output(), remaining(suffix), session.processes())


class Session:
    """A run of one of probe.py's tests as a session leader, so that all its processes can be told from others."""

    def __init__(self, test: str, *, directory: Path, aws_file: Path | None = None):
        self._log = directory / "output.txt"
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--capture=no", "--log-cli-level=INFO"]
        command += [f"--basetemp={directory / 'temporary'}", f"{ROOT / 'tests/e2e/probe.py'}::{test}"]
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=os.environ | ({"ROUTEPROOF_LOCAL_AWS": str(aws_file)} if aws_file else {}),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *_) -> None:
        """Nothing is left of a run that did not end as it should have."""
        for line in self.processes():
            with suppress(ProcessLookupError):
                os.kill(int(line.split()[0]), signal.SIGKILL)
        self._process.wait()

    def output(self) -> str:
        return self._log.read_text()

    def wait_until(self, condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + DEADLINE_SECONDS
        while not condition():
            assert self._process.poll() is None, f"the run ended too early:\n{self.output()}"
            assert time.monotonic() < deadline, f"the run hangs:\n{self.output()}"
            time.sleep(0.1)

    def wait_for_output(self, pattern: re.Pattern[str]) -> re.Match[str]:
        self.wait_until(lambda: pattern.search(self.output()))
        return pattern.search(self.output())

    def interrupt(self, number: signal.Signals) -> None:
        """As a terminal does it: to every process of the group in the foreground."""
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


@pytest.mark.parametrize("name", ["ctrl-c", "terminated"])
def test_interrupted_in_the_middle_of_an_apply(runs: Mapping[str, Run], name: str):
    run = runs[name]
    assert run.exit_code == pytest.ExitCode.INTERRUPTED, run.output
    assert "interrupted: `terraform apply -auto-approve` may finish first" in run.output
    assert "PASSED" not in run.output
    assert (run.remaining, run.processes) == ([], []), run.output


def test_apply_fails(runs: Mapping[str, Run]):
    run = runs["apply fails"]
    assert run.exit_code == pytest.ExitCode.TESTS_FAILED, run.output
    assert "`terraform apply -auto-approve` ended with exit code 1" in run.output
    assert "ResourceAlreadyExistsException" in run.output
    assert "terraform destroy -auto-approve: " in run.output
    assert (run.remaining, run.processes) == ([], []), run.output


def test_test_fails(runs: Mapping[str, Run]):
    """The report also says what was deployed and what was logged."""
    run = runs["test fails"]
    assert run.exit_code == pytest.ExitCode.TESTS_FAILED, run.output
    for section in (
        r"terraform plan of -e2e-\w{8} -+\n(.*\n)*No changes\.",
        r"terraform state list of -e2e-\w{8} -+\n(.*\n)*aws_lambda_permission\.api\n",
        r"terraform show of -e2e-\w{8} -+\n(.*\n)*# aws_apigatewayv2_api\.main:\n",
        r"log group /aws/lambda/hello-e2e-\w{8} -+\n(.*\n)*START RequestId: ",
        r'log group /aws/apigw/hello-api-e2e-\w{8} -+\n(.*\n)*\{.*"routeKey":"GET /hello"',
        r"the endpoint's log, its end -+\n(.*\n)*.*GET .*/hello -> 200",
    ):
        assert re.search(section, run.output), f"{section} is not in\n{run.output}"
    assert (run.remaining, run.processes) == ([], []), run.output


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_server_ends_with_the_run(tmp_path: Path, number: signal.Signals):
    with Session("test_takes_long", directory=tmp_path) as session:
        session.wait_for_output(re.compile("the server runs"))
        assert servers(tmp_path) != []
        session.interrupt(number)
        assert session.wait() == pytest.ExitCode.INTERRUPTED, session.output()
        assert session.processes() == []
    assert servers(tmp_path) == []


def servers(directory: Path) -> list[str]:
    """The processes with this directory in their command line, as the server has, which has a session of its own."""
    listed = subprocess.run(["ps", "-axww", "-o", "pid=,command="], capture_output=True, text=True, check=True)
    return [line for line in listed.stdout.splitlines() if "local_aws" in line and str(directory) in line]
