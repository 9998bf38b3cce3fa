"""Every convention's good example passes and its bad one does not, exactly there; and Checkov's ways to stay silent."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from routeproof.catalogue import catalogue
from routeproof.convention import Convention, Example, Result, Verdict
from routeproof.example_tests import write_example
from routeproof.report import report
from tests.lint.checkov import CHECKS, run_checkov, write_canary
from tests.lint.steps import Untrusted

CONVENTIONS = list(catalogue().values())
IDS = [convention.id for convention in CONVENTIONS]


def judged(example: Example, convention: Convention, directory: Path) -> list[Result]:
    write_example(directory, example)
    found = report([directory], [convention])
    assert found.problems == ()
    (root,) = found.roots
    return list(root.results)


@pytest.mark.parametrize("convention", CONVENTIONS, ids=IDS)
def test_good_example_passes(convention: Convention, tmp_path: Path) -> None:
    results = judged(convention.good, convention, tmp_path)
    assert {result.verdict for result in results} == {Verdict.PASS}


@pytest.mark.parametrize("convention", CONVENTIONS, ids=IDS)
def test_bad_example_does_not_at_its_address_and_line(convention: Convention, tmp_path: Path) -> None:
    wrong = convention.bad.verdict
    results = judged(convention.bad, convention, tmp_path)
    places = [(r.address, r.location.line if r.location else None) for r in results if r.verdict is wrong]
    assert places == list(convention.bad.fails_at)
    assert {result.verdict for result in results} <= {wrong, Verdict.PASS}


def test_only_what_nothing_breaks_has_an_unproven_bad_example() -> None:
    assert [convention.id for convention in CONVENTIONS if convention.bad.verdict is not Verdict.FAIL] == [
        "MODULE_FETCHED"
    ]
    assert catalogue()["MODULE_FETCHED"].bad.verdict is Verdict.UNPROVEN


@pytest.fixture
def small_parent(tmp_path: Path) -> Path:
    parent = tmp_path.resolve() / "parent"
    write_canary(parent / "canary")
    return parent


def test_a_policy_that_does_not_import_is_an_error(small_parent: Path, tmp_path: Path) -> None:
    checks = tmp_path / "checks"
    checks.mkdir()
    (checks / "__init__.py").touch()
    (checks / "broken.py").write_text("import no_such_module_anywhere\n")
    with pytest.raises(Untrusted, match="a policy does not import"):
        run_checkov(small_parent, checks)


def test_checkov_reports_what_a_file_that_does_not_parse_hides(tmp_path: Path) -> None:
    parent = tmp_path.resolve() / "parent"
    (parent / "stack").mkdir(parents=True)
    (parent / "stack" / "broken.tf").write_text('resource "aws_lambda_function" "f" {\n  function_name = \n')
    (parent / "stack" / "good.tf").write_text(
        textwrap.dedent("""\
            resource "aws_cloudwatch_log_group" "g" {
              retention_in_days = 14
            }
            """)
    )
    with pytest.raises(Untrusted, match=r"Checkov cannot parse .*broken\.tf"):
        run_checkov(parent)


def test_the_checks_stand_where_the_documentation_says() -> None:
    assert sorted(path.name for path in CHECKS.glob("*.py")) == ["__init__.py", "routeproof_checks.py"]
