"""A plan that Terraform made with the AWS provider, and the source that it was made from: see tests/unit/data/plan."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from routeproof.catalogue import catalogue
from routeproof.report import Report, report

DATA = Path(__file__).resolve().parents[2] / "data" / "plan"
PLAN = DATA / "plan.json"
ROOT = DATA / "terraform"
SECRET = "5ecretKey"
TODAY = date(2026, 11, 23)

Change = Callable[[dict[str, Any]], object]


def written(directory: Path, change: Change = lambda plan: None) -> Path:
    """The recorded plan, changed, in a file."""
    content = json.loads(PLAN.read_text())
    change(content)
    file = directory / "plan.json"
    file.write_text(json.dumps(content))
    return file


def copied(directory: Path) -> Path:
    """A copy of the source, to change it."""
    return Path(shutil.copytree(ROOT, directory / "terraform"))


def resource(plan: dict[str, Any], address: str) -> dict[str, Any]:
    """One of `resource_changes`."""
    (found,) = (item for item in plan["resource_changes"] if item["address"] == address)
    return found


def judged(root: Path, plan: Path | None, *conventions: str) -> Report:
    chosen = [catalogue()[name] for name in conventions] if conventions else catalogue().values()
    return report([root], chosen, plan=plan, today=TODAY)


def verdicts(root: Path, plan: Path | None, *conventions: str) -> dict[str | None, tuple[str, str]]:
    """Verdict and message of each subject, by its address."""
    found = judged(root, plan, *conventions)
    assert found.problems == ()
    results = found.roots[0].results
    by_address = {result.address: (result.verdict.value, result.message) for result in results}
    assert len(by_address) == len(results)
    return by_address
