"""Fixtures of the end-to-end tests. The stack is deployed on this machine, on a server of the run's own.

The environment variable ROUTEPROOF_LOCAL_AWS may name a JSON file with the fields of a `LocalAws` that runs already.
Nothing is started then, and nothing ended.
"""

import logging
import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from tests.e2e import deployment as deployments
from tests.e2e import interrupted_runs, real_aws, surfaces_table, workers
from tests.e2e.client import Caller
from tests.e2e.deployment import ROOT, Deployment, copy_stack
from tests.e2e.given_stack import options as given_stack
from tests.e2e.hostile import Hostile
from tests.e2e.hostile import hostile as hostile_settings
from tests.e2e.interrupted_runs import Run
from tests.e2e.local_aws import LocalAws, local_aws
from tests.e2e.real_aws import RealAws
from tests.e2e.report import plugin as report_for_people
from tests.e2e.report import recorder
from tests.e2e.surfaces import Surfaces, deployed_examples
from tests.tools.node import find_node
from tests.tools.terraform import Terraform, find_terraform, terraform_variables

LIVE = pytest.StashKey[list[Deployment]]()
REAL = pytest.StashKey[RealAws | None]()
LEFT = pytest.StashKey[list[str]]()
SHOWN = pytest.StashKey[set[str]]()
SERVER = pytest.StashKey[LocalAws]()
LOG_LINES_SHOWN = 100

Deploy = Callable[..., Deployment]


def pytest_addoption(parser: pytest.Parser) -> None:
    real_aws.add_options(parser)
    report_for_people.add_options(parser)
    given_stack.add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    config.stash[LIVE] = []
    config.stash[SHOWN] = set()
    config.stash[LEFT] = []
    config.stash[REAL] = real_aws.asked_for(config.option)
    if config.stash[REAL]:
        config.option.dist = "no"  # one process, which shows what it does
    else:
        real_aws.forget()
    given_stack.set_up(config)
    logging.getLogger("botocore").setLevel(logging.WARNING)  # it says for every client where it found its settings
    workers.set_up(config)
    report_for_people.set_up(config, real=config.stash[REAL])


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.stash[REAL]:
        local = [item for item in items if item.path.stem not in real_aws.FILES]
        items[:] = [item for item in items if item not in local]
        config.hook.pytest_deselected(items=local)
    workers.sort(items)


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
            server = LocalAws.read(Path(given))
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
def cloud(request: pytest.FixtureRequest, host: Mapping[str, str]) -> Iterator[LocalAws | RealAws]:
    """Where the stack is deployed: this machine's AWS, or the account that the run was asked to use."""
    real = request.config.stash[REAL]
    if real is None:
        yield request.getfixturevalue("aws")
        return
    with pytest.MonkeyPatch.context() as patch:
        for name, value in real.environment(host).items():
            patch.setenv(name, value)
        yield real


@pytest.fixture(scope="session")
def caller(cloud: LocalAws | RealAws) -> Caller:
    return Caller(cloud if isinstance(cloud, LocalAws) else None)


@pytest.fixture(scope="session")
def variables(host: Mapping[str, str], cloud: LocalAws | RealAws) -> Mapping[str, str]:
    """The environment that Terraform runs in."""
    if isinstance(cloud, LocalAws):
        return terraform_variables(host, aws=cloud.environment())
    return terraform_variables(host, aws=cloud.environment(host)) | {"TF_VAR_aws_region": cloud.region}


@pytest.fixture(scope="session")
def terraform(variables: Mapping[str, str]) -> Terraform:
    return replace(find_terraform(variables), told=recorder.terraform_ended)


@pytest.fixture(scope="session")
def deploy(
    request: pytest.FixtureRequest,
    terraform: Terraform,
    variables: Mapping[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Deploy]:
    """A function that deploys the stack, or the root module that the given function writes.

    Whatever becomes of the run, its end destroys all that was deployed.
    """
    live = request.config.stash[LIVE]
    with ExitStack() as clean_ups:

        def deploy(write: Callable[[Path], None] = copy_stack) -> Deployment:
            place = tmp_path_factory.mktemp("deployment")

            def write_all(place: Path) -> None:
                write(place)
                if request.config.stash[REAL]:
                    (place / "terraform" / "e2e_override.tf").write_text(real_aws.OVERRIDE)

            deployment = deployments.prepare(place, terraform=terraform, variables=variables, write=write_all)
            live.append(deployment)
            clean_ups.callback(real_aws.clean_up, deployment, request.config.stash[REAL], request.config.stash[LEFT])
            deployment.apply()
            return deployment

        yield deploy


@pytest.fixture(scope="session")
def deployment(deploy: Deploy) -> Deployment:
    """The stack, deployed once for all tests that only look at it."""
    return deploy()


@pytest.fixture(scope="session")
def surfaces(
    aws: LocalAws, terraform: Terraform, variables: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Surfaces]:
    """Every convention's examples, planned, deployed and judged once."""
    place = tmp_path_factory.mktemp("examples")
    with deployed_examples(place, aws=aws, terraform=terraform, variables=variables) as found:
        surfaces_table.write_table(found.found)
        yield found


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hostile]:
    """The settings of the user who starts the runs that test_interrupted.py looks at."""
    with hostile_settings(tmp_path_factory.mktemp("hostile")) as hostile:
        yield hostile


@pytest.fixture(scope="session")
def runs(
    aws: LocalAws, hostile: Hostile, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mapping[str, Future[Run]]]:
    """What test_interrupted.py looks at."""
    directory = tmp_path_factory.mktemp("runs")
    with interrupted_runs.started(directory, aws=aws, environment=hostile.environment) as runs:
        yield runs


@pytest.fixture(scope="session", autouse=True)
def runs_start_early(request: pytest.FixtureRequest) -> None:
    """The runs that test_interrupted.py looks at take half a minute, in which other tests of this process can go on."""
    if not workers.is_worker(request.config) and any("runs" in item.fixturenames for item in request.session.items):
        request.getfixturevalue("runs")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """What was deployed, and what everybody wrote about it, goes into the report of the first test that fails."""
    report = yield
    if report.failed and not item.config.option.stack and {"aws", "cloud"} & set(getattr(item, "fixturenames", ())):
        for deployment in item.config.stash[LIVE] if "deploy" in item.fixturenames else ():
            # Once: a plan takes a while, and where an apply fails, so does every test that needs it.
            if deployment.suffix not in item.config.stash[SHOWN]:
                item.config.stash[SHOWN].add(deployment.suffix)
                report.sections += _sections(deployment)
        if server := item.config.stash.get(SERVER, None):
            report.sections.append(("the endpoint's log, its end", _shown(lambda: _end_of(server.log_file))))
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What tests have counted, and at the very end what is left."""
    for report in terminalreporter.stats.get("passed", []):
        for name, value in report.user_properties:
            terminalreporter.write_line(f"{report.nodeid.partition('::')[2]}: {name}: {value}")
    for line in terminalreporter.config.stash[LEFT]:
        terminalreporter.write_line(line, red=True)


def _sections(deployment: Deployment) -> list[tuple[str, str]]:
    name = deployment.suffix
    return [
        (f"terraform plan of {name}", _shown(lambda: deployment.run("plan"))),
        (f"terraform.tfstate of {name}", _shown(deployment.state_file.read_text)),
        *_log_sections(name),
    ]


def _log_sections(suffix: str) -> list[tuple[str, str]]:
    try:
        groups = deployments.log_groups(suffix)
    except Exception as problem:
        return [(f"log groups of {suffix}", f"{type(problem).__name__}: {problem}")]
    return [
        (f"log group {group}", _shown(lambda group=group: "\n".join(deployments.log_messages(group))))
        for group in groups
    ]


def _shown(read: Callable[[], str]) -> str:
    """What `read` returns, or why it does not: a report must not hide the failure that it is about."""
    try:
        return read()
    except Exception as problem:
        return f"{type(problem).__name__}: {problem}"


def _end_of(file: Path) -> str:
    return "\n".join(file.read_text(errors="replace").splitlines()[-LOG_LINES_SHOWN:])
