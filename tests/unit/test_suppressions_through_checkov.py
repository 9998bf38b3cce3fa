"""What is accepted is skipped by Checkov too, and both tools agree on what a comment is for."""

from __future__ import annotations

from pathlib import Path

import pytest

from routeproof.catalogue import catalogue
from routeproof.convention import Verdict
from routeproof.report import report
from tests.lint.checkov import Reported, run_checkov

GROUP = 'resource "aws_cloudwatch_log_group" "NAME" {\n}\n'
SOURCES = {
    "ours/main.tf": "# routeproof:skip=LOG_RETENTION: old\n" + GROUP.replace("NAME", "above")
    + GROUP.replace("NAME", "inside").replace("{\n", "{\n  # routeproof:skip=LOG_RETENTION: old\n\n")
    + GROUP.replace("NAME", "expired").replace("{\n", "{\n  # routeproof:skip=LOG_RETENTION until=2020-01-01: old\n\n")
    + GROUP.replace("NAME", "open"),
    "checkovs/main.tf": GROUP.replace("NAME", "inside").replace("{\n", "{\n  # checkov:skip=LOG_RETENTION:old\n")
    + "# checkov:skip=LOG_RETENTION:old\n" + GROUP.replace("NAME", "above")
    + GROUP.replace("NAME", "header").replace("{\n", "{ # checkov:skip=LOG_RETENTION:old\n"),
    "settings/routeproof.toml": "baseline = 'known.json'\n\n[[suppress]]\nconvention = 'LOG_RETENTION'\n"
    "address = '*.one'\nreason = 'old'\n",
    "settings/main.tf": GROUP.replace("NAME", "one") + GROUP.replace("NAME", "known") + GROUP.replace("NAME", "open"),
    "calls/main.tf": 'module "m" {\n  # checkov:skip=LOG_RETENTION:theirs\n  source = "./m"\n}\n'
    'module "n" {\n  # routeproof:skip=LOG_RETENTION: theirs\n  source = "./m"\n}\n'
    'module "o" {\n  source = "./m"\n}\n',
    "calls/m/main.tf": GROUP.replace("NAME", "g"),
    "mixed/main.tf": 'module "m" {\n  source = "./m"\n  for_each = { a = 13, b = null }\n  days = each.value\n}\n',
    "mixed/m/main.tf": 'variable "days" {}\n'
    + GROUP.replace("NAME", "g").replace("{\n", "{\n  name = \"x\"\n  retention_in_days = var.days\n"),
    "mixed/routeproof.toml": "[[suppress]]\nconvention = 'LOG_RETENTION'\n"
    "address = 'module.m[\"a\"].*'\nreason = 'old'\n",
}  # fmt: skip
EXPECTED = {
    "ours": {"above": "skipped", "inside": "skipped", "expired": "failed", "open": "failed"},
    "checkovs": {"inside": "skipped", "above": "failed", "header": "failed"},
    "settings": {"one": "skipped", "known": "skipped", "open": "failed"},
    "calls": {"module.m.g": "skipped", "module.n.g": "skipped", "module.o.g": "failed"},
    "mixed": {'module.m["a"].g': "skipped", 'module.m["b"].g': "failed"},
}


@pytest.fixture(scope="module")
def parent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    parent = tmp_path_factory.mktemp("repository").resolve()
    (parent / ".git").mkdir()
    for path, content in SOURCES.items():
        (parent / path).parent.mkdir(parents=True, exist_ok=True)
        (parent / path).write_text(content)
    write_known(parent / "settings")
    return parent


def write_known(root: Path) -> None:
    """A baseline that has the failure of `known`."""
    from routeproof.baseline import as_text, updated

    found = report([root], [catalogue()["LOG_RETENTION"]], given={"baseline": None})
    kept = [r for r in found.roots[0].results if r.verdict is Verdict.FAIL and str(r.address).endswith(".known")]
    entries = updated(root / "known.json", {root: kept}, unproven=(), known=catalogue())
    (root / "known.json").write_text(as_text(entries))


@pytest.fixture(scope="module")
def through_checkov(parent: Path) -> Reported:
    return run_checkov(parent)


@pytest.mark.parametrize("directory", EXPECTED)
def test_checkov_skips_what_is_accepted(through_checkov: Reported, directory: str) -> None:
    words = {
        address.replace("aws_cloudwatch_log_group.", ""): word
        for (convention, file, address), word in through_checkov.items()
        if convention == "LOG_RETENTION" and file.startswith(f"/{directory}/")
    }
    assert words == EXPECTED[directory]


@pytest.mark.parametrize("directory", EXPECTED)
def test_the_engine_accepts_the_same(parent: Path, directory: str) -> None:
    found = report([parent / directory], [catalogue()["LOG_RETENTION"]])
    assert found.problems == ()
    words = {
        str(result.address).replace("aws_cloudwatch_log_group.", ""): "skipped" if result.accepted else "failed"
        for root in found.roots
        for result in root.results
        if result.convention == "LOG_RETENTION" and result.address
    }
    assert words == EXPECTED[directory]
