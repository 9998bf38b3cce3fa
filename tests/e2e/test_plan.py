"""`check --plan` and `path --plan` on what Terraform plans for the reference stack once it is deployed."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from routeproof.catalogue import catalogue
from routeproof.cli import main
from routeproof.evaluate import evaluate
from routeproof.sources.hcl.files import Files
from routeproof.sources.hcl.modules import load
from routeproof.sources.plan.loading import load_plan
from routeproof.stack import Stack
from tests.e2e.deployment import Deployment
from tests.e2e.surfaces import TODAY, planned


@dataclass(frozen=True)
class Deployed:
    """One configuration, read in three ways."""

    source: Stack
    plan: Stack
    plan_alone: Stack


@pytest.fixture(scope="module")
def plan_of_deployed(deployment: Deployment) -> Path:
    """The reference stack, planned again after it was deployed: every id and ARN is known."""
    plan = planned(deployment.directory, deployment.terraform, deployment.variables)
    content = json.loads(plan.read_text())
    assert {tuple(item["change"]["actions"]) for item in content["resource_changes"]} == {("no-op",)}
    return plan


@pytest.fixture(scope="module")
def deployed(deployment: Deployment, plan_of_deployed: Path, tmp_path_factory: pytest.TempPathFactory) -> Deployed:
    files = Files(deployment.directory.parent.resolve())
    return Deployed(
        load(deployment.directory, files, {}, today=TODAY),
        load_plan(plan_of_deployed, deployment.directory, files, today=TODAY),
        load_plan(plan_of_deployed, tmp_path_factory.mktemp("nothing"), files, today=TODAY),
    )


@pytest.mark.parametrize("command", ["check", "path"])
def test_the_command(command: str, deployment: Deployment, plan_of_deployed: Path, capsys: pytest.CaptureFixture[str]):
    arguments = [command, str(deployment.directory), "--plan", str(plan_of_deployed), "--today", TODAY.isoformat()]
    assert main(arguments) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("1 root module: 19 pass" if command == "check" else "1 route: 1 proven")


def summary(stack: Stack) -> dict[tuple[str, str], str]:
    results = evaluate(stack, catalogue().values())
    return {(result.convention, result.address): result.verdict.value for result in results if result.address}


def test_source_and_plan_agree_on_what_is_deployed(deployed: Deployed):
    assert summary(deployed.plan) == summary(deployed.source)
    assert set(summary(deployed.plan).values()) == {"pass"}


def test_a_plan_alone_finds_what_is_deployed_by_its_ids(deployed: Deployed):
    """What is linked by literal ids and ARNs in the plan; what is made from files stays undecided."""
    undecided = {name for (name, _), verdict in summary(deployed.plan_alone).items() if verdict == "unproven"}
    assert undecided == {"LAMBDA_HANDLER", "SOURCE_CODE_HASH"}
    assert set(summary(deployed.plan_alone).values()) == {"pass", "unproven"}
    assert summary(deployed.plan_alone).keys() == summary(deployed.source).keys()
