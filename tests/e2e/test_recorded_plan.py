"""The unit tests judge a plan that was recorded: a new one of the same source comes to the same."""

from collections.abc import Mapping
from pathlib import Path

from routeproof.catalogue import catalogue
from routeproof.evaluate import evaluate
from routeproof.sources.hcl.files import Files
from routeproof.sources.plan.loading import load_plan
from tests.e2e.deployment import ROOT
from tests.e2e.surfaces import TODAY, planned
from tests.tools import providers
from tests.tools.terraform import Terraform


def test_the_recorded_plan_is_what_terraform_makes(terraform: Terraform, variables: Mapping[str, str], tmp_path: Path):
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
        told = [
            [(r.convention, r.address, r.verdict, r.message) for r in evaluate(stack, catalogue().values())]
            for stack in (new, old)
        ]
        assert told[0] == told[1]
