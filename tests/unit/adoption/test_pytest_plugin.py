"""The fixture `routeproof_stack`: what it gives, what it refuses, and that it costs nothing where it is not used."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from routeproof.convention import Verdict
from routeproof.pytest_plugin import JudgedStack, NotJudged
from tests.lint.steps import ROOT

GROUP = 'resource "aws_cloudwatch_log_group" "a" {\n  retention_in_days = var.days\n}\nvariable "days" {}\n'
Judge = Callable[..., JudgedStack]


def test_the_reference_stack(routeproof_stack: Judge) -> None:
    """The path is from pytest's root directory, wherever the tests run."""
    stack = routeproof_stack("terraform")
    assert stack.failures == []
    assert {result.verdict for result in stack.results} == {Verdict.PASS, Verdict.NOT_APPLICABLE}
    assert [(route.route_key, route.status) for route in stack.routes] == [("GET /hello", "proven")]
    assert stack.resources["aws_lambda_function.hello"].type == "aws_lambda_function"
    assert stack.stack.outputs


def test_variables_and_failures(routeproof_stack: Judge, tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(GROUP)
    (tmp_path / "live.tfvars").write_text("days = 0\n")
    assert routeproof_stack(tmp_path).failures == []
    failures = routeproof_stack(tmp_path, var_files=[tmp_path / "live.tfvars"]).failures
    assert [(one.convention, one.address) for one in failures] == [("LOG_RETENTION", "aws_cloudwatch_log_group.a")]


def test_what_is_accepted_is_no_failure(routeproof_stack: Judge, tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(f"# routeproof:skip=LOG_RETENTION: kept\n{GROUP.replace('var.days', '0')}")
    assert routeproof_stack(tmp_path).failures == []


def test_what_cannot_be_judged(routeproof_stack: Judge, tmp_path: Path) -> None:
    with pytest.raises(NotJudged, match=r"no Terraform files"):
        routeproof_stack(tmp_path)
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.tf").write_text(GROUP)
    with pytest.raises(NotJudged, match=r"has 2 root modules; name one of them: .*a, .*b$"):
        routeproof_stack(tmp_path)
    (tmp_path / "a" / "main.tf").write_text("resource {")
    with pytest.raises(NotJudged, match=r"main\.tf:1:"):
        routeproof_stack(tmp_path / "a")


def test_nothing_is_imported_before_it_is_used() -> None:
    """pytest imports the plugin in every run of every project in whose environment Routeproof is."""
    program = (
        "import sys, routeproof.pytest_plugin; print(*sorted(n for n in sys.modules if n.startswith('routeproof')))"
    )
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["routeproof", "routeproof.pytest_plugin"]
