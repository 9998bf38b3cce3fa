"""Plans that Terraform makes with the real AWS provider: each convention's verdict is the one that the source gets."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest

from routeproof.catalogue import catalogue
from routeproof.cli import main
from routeproof.convention import Example, Result
from routeproof.evaluate import evaluate, judge
from routeproof.sources.hcl.files import Files
from routeproof.sources.hcl.modules import load
from routeproof.sources.plan.loading import load_plan
from routeproof.stack import Stack
from tests.e2e.deployment import ROOT, Deployment
from tests.tools import providers
from tests.tools.terraform import Terraform

TODAY = date(2026, 11, 23)
# A newer runtime than the oldest provider takes that the reference stack allows.
RUNTIMES = {"nodejs24.x": "nodejs22.x"}
# `terraform init` refuses a module that is not to be had, so that there is no plan of one.
PLANNED = [name for name in catalogue() if name != "MODULE_FETCHED"]
EXAMPLES = [pytest.param(name, kind, id=f"{name}-{kind}") for name in PLANNED for kind in ("good", "bad")]
# What a plan without its source leaves unproven, and the reason that it gives.
MADE_FROM = "how does not show in a plan without its source"
UNDECIDED_ALONE = {
    ("API_URL_OUTPUT", "good"): "shows only at apply: known_after_apply(",
    ("API_URL_OUTPUT", "bad"): "shows only at apply: known_after_apply(",
    ("LAMBDA_HANDLER", "good"): "the files of the repository are not at hand",
    ("LAMBDA_HANDLER", "bad"): "the files of the repository are not at hand",
    ("PERMISSION_EXPLICIT", "good"): MADE_FROM,
    ("PERMISSION_SCOPE", "good"): MADE_FROM,
    ("ROUTE_TARGET", "good"): MADE_FROM,
    ("ROUTE_TARGET", "bad"): MADE_FROM,
    ("SOURCE_CODE_HASH", "good"): "what it is made from does not show in a plan without its source",
    ("SOURCE_CODE_HASH", "bad"): "what it is made from does not show in a plan without its source",
}


@dataclass(frozen=True)
class Surfaces:
    """One configuration, read in three ways."""

    source: Stack
    plan: Stack
    plan_alone: Stack


def planned(directory: Path, terraform: Terraform, variables: Mapping[str, str], *arguments: str) -> Path:
    """`terraform show -json` of a plan of what is in `directory`, in a file beside it."""
    file = directory.with_name(f"{directory.name}.json")
    # One resource after another: the examples' archives have the same path.
    terraform.run("plan", "-out=plan.bin", "-parallelism=1", *arguments, directory=directory, variables=variables)
    file.write_text(terraform.run("show", "-json", "plan.bin", directory=directory, variables=variables))
    return file


def surfaces(root: Path, plan: Path, elsewhere: Path) -> Surfaces:
    files = Files(root.parent.resolve())
    return Surfaces(
        load(root, files, {}, today=TODAY),
        load_plan(plan, root, files, today=TODAY),
        load_plan(plan, elsewhere, files, today=TODAY),
    )


@pytest.fixture(scope="module")
def examples(terraform: Terraform, variables: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> Surfaces:
    """Both examples of every convention, each a module of one root, so that Terraform starts once."""
    root = tmp_path_factory.mktemp("examples") / "root"
    calls = []
    for name in PLANNED:
        for kind in ("good", "bad"):
            module = f"{kind}_{name}"
            source = example(name, kind).source
            for newer, older in RUNTIMES.items():
                source = source.replace(newer, older)
            (root / module).mkdir(parents=True)
            (root / module / "main.tf").write_text(source)
            calls.append(f'module "{module}" {{\n  source = "./{module}"\n}}\n')
            calls += [
                f'output "{module}_{output}" {{\n  value = module.{module}.{output}\n}}\n'
                for output in re.findall(r'^output "(\w+)"', catalogue()[name].good.source, re.MULTILINE)
            ]
    (root / "main.tf").write_text("\n".join(calls))
    providers.init(terraform, directory=root, variables=variables)
    return surfaces(root, planned(root, terraform, variables), tmp_path_factory.mktemp("nothing"))


def example(name: str, kind: str) -> Example:
    convention = catalogue()[name]
    return convention.good if kind == "good" else convention.bad


def of_example(stack: Stack, name: str, kind: str) -> dict[str, tuple[str, str]]:
    """Verdict and message of one convention in one example, by the address that it has there."""
    module = f"{kind}_{name}"
    resources = tuple(one for one in stack.resources if one.address.startswith(f"module.{module}."))
    outputs = tuple(one for one in stack.outputs if one.name.startswith(f"{module}_"))
    results = judge(replace(stack, resources=resources, outputs=outputs), catalogue()[name])
    return {
        (result.address or "").replace(f"module.{module}.", "").replace(f"{module}_", ""): (
            result.verdict.value,
            result.message,
        )
        for result in results
    }


def verdicts(found: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    return {address: verdict for address, (verdict, _) in found.items()}


@pytest.mark.parametrize(("name", "kind"), EXAMPLES)
def test_source_and_plan_agree(examples: Surfaces, name: str, kind: str):
    by_source = of_example(examples.source, name, kind)
    failing = {address for address, _ in example(name, kind).fails_at}
    assert {address for address, (verdict, _) in by_source.items() if verdict == "fail"} == failing
    assert verdicts(of_example(examples.plan, name, kind)) == verdicts(by_source)


@pytest.mark.parametrize(("name", "kind"), EXAMPLES)
def test_a_plan_without_its_source_agrees_or_says_why_not(examples: Surfaces, name: str, kind: str):
    by_source = of_example(examples.source, name, kind)
    alone = of_example(examples.plan_alone, name, kind)
    reason = UNDECIDED_ALONE.get((name, kind))
    if reason is None:
        assert verdicts(alone) == verdicts(by_source)
    else:
        assert verdicts(alone) == dict.fromkeys(by_source, "unproven")
        assert all(reason in message for _, message in alone.values())


def test_every_result_of_a_plan_without_its_source_is_without_a_place(examples: Surfaces):
    results = evaluate(examples.plan_alone, catalogue().values())
    assert {result.location for result in results} == {None}


@pytest.fixture(scope="module")
def plan_of_deployed(deployment: Deployment) -> Path:
    """The reference stack, planned again after it was deployed: every id and ARN is known."""
    plan = planned(deployment.directory, deployment.terraform, deployment.variables)
    content = json.loads(plan.read_text())
    assert {tuple(item["change"]["actions"]) for item in content["resource_changes"]} == {("no-op",)}
    return plan


@pytest.fixture(scope="module")
def deployed(deployment: Deployment, plan_of_deployed: Path, tmp_path_factory: pytest.TempPathFactory) -> Surfaces:
    return surfaces(deployment.directory, plan_of_deployed, tmp_path_factory.mktemp("nothing"))


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


def test_source_and_plan_agree_on_what_is_deployed(deployed: Surfaces):
    assert summary(deployed.plan) == summary(deployed.source)
    assert set(summary(deployed.plan).values()) == {"pass"}


def test_a_plan_alone_finds_what_is_deployed_by_its_ids(deployed: Surfaces):
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
