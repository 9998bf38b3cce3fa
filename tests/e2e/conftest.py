"""Fixtures of the end-to-end tests. The stack is deployed on this machine, on a server of the run's own.

The environment variable ROUTEPROOF_LOCAL_AWS may name a JSON file with the fields of a `LocalAws` that runs already.
Nothing is started then, and nothing ended.
"""

import json
import logging
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.e2e import deployment as deployments
from tests.e2e import interrupted_runs
from tests.e2e.client import Caller
from tests.e2e.deployment import ROOT, Deployment
from tests.e2e.interrupted_runs import Run
from tests.e2e.local_aws import LocalAws, local_aws
from tests.tools.node import find_node
from tests.tools.terraform import Terraform, find_terraform, terraform_variables

LIVE = pytest.StashKey[list[Deployment]]()
SERVER = pytest.StashKey[LocalAws]()
LOG_LINES_SHOWN = 100

Deploy = Callable[..., Deployment]


def pytest_configure(config: pytest.Config) -> None:
    """A polite request to end counts as Ctrl-C, and that counts in the background too: what is deployed goes first."""
    config.stash[LIVE] = []
    logging.getLogger("botocore").setLevel(logging.WARNING)  # it says for every client where it found its settings
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)


@pytest.fixture(scope="session")
def node() -> Path:
    """Node.js of the major version that the default of the stack's variable `runtime` declares."""
    return find_node(ROOT / "terraform" / "variables.tf", path=os.environ.get("PATH", ""))


@pytest.fixture(scope="session")
def host() -> Mapping[str, str]:
    """The environment that the tests were started in."""
    return dict(os.environ)


@pytest.fixture(scope="session")
def aws(
    request: pytest.FixtureRequest, host: Mapping[str, str], node: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LocalAws]:
    """The AWS that is deployed to. While it is there boto3 talks to it by default, and to nothing else."""
    with ExitStack() as stack:
        if given := host.get("ROUTEPROOF_LOCAL_AWS"):
            fields = json.loads(Path(given).read_text())
            server = LocalAws(**fields | {"ca_file": Path(fields["ca_file"]), "log_file": Path(fields["log_file"])})
        else:
            server = stack.enter_context(local_aws(tmp_path_factory.mktemp("aws"), node=node))
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        for name in host:
            if name.startswith("AWS_"):
                patch.delenv(name)
        for name, value in server.environment().items():
            patch.setenv(name, value)
        request.config.stash[SERVER] = server
        yield server


@pytest.fixture(scope="session")
def caller(aws: LocalAws) -> Caller:
    return Caller(aws)


@pytest.fixture(scope="session")
def variables(host: Mapping[str, str], aws: LocalAws) -> Mapping[str, str]:
    """The environment that Terraform runs in."""
    return terraform_variables(host, aws=aws.environment())


@pytest.fixture(scope="session")
def terraform(variables: Mapping[str, str]) -> Terraform:
    return find_terraform(variables)


@pytest.fixture(scope="session")
def deploy(
    request: pytest.FixtureRequest,
    terraform: Terraform,
    variables: Mapping[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Deploy]:
    """A function that deploys the stack. Whatever becomes of the run, its end destroys all that was deployed."""
    live = request.config.stash[LIVE]
    with ExitStack() as clean_ups:

        def deploy(extra_files: Mapping[str, str] | None = None) -> Deployment:
            deployment = deployments.prepare(
                tmp_path_factory.mktemp("deployment"), terraform=terraform, variables=variables, extra_files=extra_files
            )
            live.append(deployment)
            clean_ups.callback(deployment.clean_up)
            deployment.apply()
            return deployment

        yield deploy


@pytest.fixture(scope="session")
def deployment(deploy: Deploy) -> Deployment:
    """The stack, deployed once for all tests that only look at it."""
    return deploy()


@pytest.fixture(scope="session")
def runs(aws: LocalAws, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Future[Run]]]:
    """What test_interrupted.py looks at."""
    with interrupted_runs.started(tmp_path_factory.mktemp("runs"), aws=aws) as runs:
        yield runs


@pytest.fixture(scope="session", autouse=True)
def runs_start_early(request: pytest.FixtureRequest) -> None:
    """The runs that test_interrupted.py looks at take half a minute, in which the tests before it can go on."""
    if any("runs" in item.fixturenames for item in request.session.items):
        request.getfixturevalue("runs")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """What was deployed, and what everybody wrote about it, goes into the report of a test that fails."""
    report = yield
    if report.failed and "aws" in getattr(item, "fixturenames", ()):
        for deployment in item.config.stash[LIVE] if "deploy" in item.fixturenames else ():
            report.sections += _sections(deployment)
        if server := item.config.stash.get(SERVER, None):
            report.sections.append(("the endpoint's log, its end", _shown(lambda: _end_of(server.log_file))))
    return report


def _sections(deployment: Deployment) -> list[tuple[str, str]]:
    name = deployment.suffix
    return [
        (f"terraform plan of {name}", _shown(lambda: deployment.run("plan"))),
        (f"terraform.tfstate of {name}", _shown(deployment.state_file.read_text)),
        *(
            (f"log group {group}", _shown(lambda group=group: "\n".join(deployments.log_messages(group))))
            for group in (deployment.function_log_group, deployment.access_log_group)
        ),
    ]


def _shown(read: Callable[[], str]) -> str:
    """What `read` returns, or why it does not: a report must not hide the failure that it is about."""
    try:
        return read()
    except Exception as problem:
        return f"{type(problem).__name__}: {problem}"


def _end_of(file: Path) -> str:
    return "\n".join(file.read_text(errors="replace").splitlines()[-LOG_LINES_SHOWN:])
