"""`check --plan` on plans that Terraform makes of the reference stack, and of the plan that the unit tests have."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from routeproof.catalogue import catalogue
from routeproof.cli import main
from routeproof.convention import Result
from routeproof.evaluate import evaluate
from routeproof.sources.hcl.files import Files
from routeproof.sources.hcl.modules import load
from routeproof.sources.plan.loading import load_plan
from routeproof.stack import Stack
from tests.e2e.deployment import ROOT, Deployment
from tests.e2e.surfaces import TODAY, planned
from tests.tools import providers
from tests.tools.terraform import Terraform


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
    return {(result.convention, result.address): result.verdict.value for result in judged(stack) if result.address}


def judged(stack: Stack) -> list[Result]:
    return evaluate(stack, catalogue().values())


def test_source_and_plan_agree_on_what_is_deployed(deployed: Deployed):
    assert summary(deployed.plan) == summary(deployed.source)
    assert set(summary(deployed.plan).values()) == {"pass"}


def test_a_plan_alone_finds_what_is_deployed_by_its_ids(deployed: Deployed):
    """What is linked by literal ids and ARNs in the plan; what is made from files stays undecided."""
    undecided = {name for (name, _), verdict in summary(deployed.plan_alone).items() if verdict == "unproven"}
    assert undecided == {"LAMBDA_HANDLER", "SOURCE_CODE_HASH"}
    assert set(summary(deployed.plan_alone).values()) == {"pass", "unproven"}
    assert summary(deployed.plan_alone).keys() == summary(deployed.source).keys()


def test_the_recorded_plan_is_what_terraform_makes(terraform: Terraform, variables: Mapping[str, str], tmp_path: Path):
    """The unit tests judge a plan that was recorded: a new one of the same source comes to the same."""
    recorded = ROOT / "tests" / "unit" / "data" / "plan"
    root = tmp_path / "terraform"
    root.mkdir()
    for path in (recorded / "terraform").rglob("*.*"):
        (root / path.relative_to(recorded / "terraform")).parent.mkdir(exist_ok=True)
        (root / path.relative_to(recorded / "terraform")).write_bytes(path.read_bytes())
    providers.init(terraform, directory=root, variables=variables)
    plan = planned(root, terraform, variables, "-var=days=0", "-var=key=5ecretKey")
    files = Files(tmp_path.resolve())
    for directory in (root, tmp_path):
        new, old = (load_plan(file, directory, files, today=TODAY) for file in (plan, recorded / "plan.json"))
        told = [[(r.convention, r.address, r.verdict, r.message) for r in judged(stack)] for stack in (new, old)]
        assert told[0] == told[1]
