"""The examples as each surface sees them: one plan, one deployment and one run of Checkov for all of them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from routeproof.convention import Result
from routeproof.evaluate import judge
from routeproof.sources.aws.account import Options
from routeproof.sources.aws.loading import load_beside
from routeproof.sources.hcl.files import Files
from routeproof.sources.hcl.modules import load
from routeproof.sources.plan.loading import load_plan
from routeproof.stack import Stack
from tests.e2e import examples
from tests.e2e.examples import CASES, DEPLOYED, NOT_PLANNED, PLANNED, Case
from tests.e2e.local_aws import LocalAws
from tests.lint.checkov import Reported, run_checkov
from tests.tools import providers
from tests.tools.terraform import Terraform, TerraformFailed

TODAY = date(2026, 11, 23)
SOURCE, PLAN, PLAN_ALONE, LIVE, CHECKOV = "source", "plan", "plan alone", "live", "Checkov"
SURFACES = (SOURCE, PLAN, PLAN_ALONE, LIVE, CHECKOV)


@dataclass(frozen=True)
class Found:
    """A verdict, the message with it, and the address of the resource that was judged."""

    verdict: str
    message: str
    judged: str


# By the addresses in the example; "" is that of a convention without a subject.
ByAddress = Mapping[str, Found]


@dataclass(frozen=True)
class Surfaces:
    """`found` has each surface's results, before anybody changes what is deployed. `refusals` are Terraform's words."""

    root: Path
    plan_alone: Stack
    live: Stack
    drift: list[Result]
    found: Mapping[str, Mapping[Case, ByAddress]]
    refusals: Mapping[Case, str]


@contextmanager
def deployed_examples(
    place: Path, *, aws: LocalAws, terraform: Terraform, variables: Mapping[str, str]
) -> Iterator[Surfaces]:
    """Every example on every surface, deployed while the block runs."""
    root = examples.write(place / "all")
    examples.write(place / "checkov")
    (place / "nothing").mkdir()
    providers.init(terraform, directory=root, variables=variables)
    plan = planned(root, terraform, variables)
    try:
        with ThreadPoolExecutor(1) as beside:  # the provider waits most of the time
            through_checkov = beside.submit(run_checkov, (place / "checkov").resolve())
            refusals = refused_by_aws(refusal(terraform, "apply", "plan.bin", directory=root, variables=variables))
        files = Files((place / "all").resolve())
        source = load(root, files, {}, today=TODAY)
        plan_alone = load_plan(plan, place / "nothing", files, today=TODAY)
        live, drift = load_beside(Options(region=aws.region, endpoint_url=aws.endpoint_url), source, root)
        found = {
            SOURCE: of(PLANNED, source) | {case: of_refused(place / "all", case, files) for case in NOT_PLANNED},
            PLAN: of(PLANNED, load_plan(plan, root, files, today=TODAY)),
            PLAN_ALONE: of(PLANNED, plan_alone),
            LIVE: of(DEPLOYED, live),
            CHECKOV: of_checkov(through_checkov.result()),
        }
        for case in NOT_PLANNED:
            directory = examples.refused(place / "all", case)
            refusals[case] = refusal(terraform, "plan", directory=directory, variables=variables)
        yield Surfaces(root, plan_alone, live, drift, found, refusals)
    finally:
        terraform.run("destroy", "-auto-approve", directory=root, variables=variables)


def planned(directory: Path, terraform: Terraform, variables: Mapping[str, str], *arguments: str) -> Path:
    """`terraform show -json` of a plan of what is in `directory`, in a file beside it; plan.bin is the plan."""
    file = directory.with_name(f"{directory.name}.json")
    terraform.run("plan", "-out=plan.bin", *arguments, directory=directory, variables=variables)
    file.write_text(terraform.run("show", "-json", "plan.bin", directory=directory, variables=variables))
    return file


def refusal(terraform: Terraform, *command: str, directory: Path, variables: Mapping[str, str]) -> str:
    """All that Terraform says where it does not succeed, white space made single; nothing where it does."""
    try:
        terraform.run(*command, directory=directory, variables=variables)
    except TerraformFailed as failure:
        return " ".join(failure.output.split())
    return ""


def refused_by_aws(output: str) -> dict[Case, str]:
    """The provider's words, without the number of the request, by the example that they are about."""
    errors = re.findall(r"Error: (.+?),? with module\.(\w+)\.", output)
    by_module = {module: re.sub(r"(?<=RequestID: )[\w-]+", "...", words) for words, module in errors}
    assert len(by_module) == output.count("Error: "), output
    return {case: by_module[case.module] for case in CASES if case.module in by_module}


def of(cases: Iterable[Case], stack: Stack) -> dict[Case, ByAddress]:
    return {case: of_example(stack, case) for case in cases}


def of_example(stack: Stack, case: Case) -> ByAddress:
    """What a convention says of its own example, as if nothing else were there."""
    resources = tuple(one for one in stack.resources if one.address.startswith(f"module.{case.module}."))
    outputs = tuple(one for one in stack.outputs if one.name.startswith(f"{case.module}_"))
    return _found(judge(replace(stack, resources=resources, outputs=outputs), case.convention), case)


def of_refused(place: Path, case: Case, files: Files) -> ByAddress:
    stack = load(examples.refused(place, case), files, {}, today=TODAY)
    return _found(judge(stack, case.convention), case)


def _found(results: list[Result], case: Case) -> ByAddress:
    return {
        in_example(result.address or "", case): Found(
            result.verdict.value, result.message, in_example(result.judged.address if result.judged else "", case)
        )
        for result in results
    }


def in_example(address: str, case: Case) -> str:
    """The address that a resource or an output of the root module has in the example itself."""
    return address.removeprefix(f"module.{case.module}.").replace(f"output.{case.module}_", "output.")


def of_checkov(reported: Reported) -> dict[Case, ByAddress]:
    """Checkov's words, at the resources that it names."""
    found: dict[Case, dict[str, Found]] = {case: {} for case in CASES}
    for (convention, file, address), word in reported.items():
        for case in (Case(convention, "good"), Case(convention, "bad")):
            if f"/{case.module}/" in file:
                at = in_example(address, case)
                found[case][at] = Found(word, "", at)
    return found
