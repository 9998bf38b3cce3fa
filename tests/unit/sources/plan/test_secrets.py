"""Sensitive values: in the plan in plain text, in nothing that is made of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from routeproof.cli import main
from routeproof.sources.hcl.files import Files
from routeproof.sources.plan.loading import load_plan
from routeproof.values import Reference, describe

from .recorded import PLAN, ROOT, SECRET, copied, resource, verdicts, written

FORMATS = [
    *(["check", "--format", name] for name in ("text", "json", "sarif", "junit", "github", "markdown")),
    *(["path", "--format", name] for name in ("text", "json", "markdown")),
]


@pytest.fixture(params=["with the source", "alone"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return ROOT if request.param == "with the source" else tmp_path


def test_the_plan_has_it_in_plain_text() -> None:
    plan = json.loads(PLAN.read_text())
    assert plan["variables"]["key"] == {"value": SECRET}
    assert resource(plan, "aws_lambda_function.secret")["change"]["after"]["function_name"] == f"secret-{SECRET}"


@pytest.mark.parametrize("command", FORMATS, ids=" ".join)
def test_no_format_prints_it(command: list[str], root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main([*command, str(root), "--plan", str(PLAN)])
    printed = capsys.readouterr()
    assert len(printed.out) > 10
    assert printed.err == ""
    assert SECRET not in printed.out


def test_nothing_in_the_stack_holds_it(root: Path) -> None:
    stack = load_plan(PLAN, root, Files(None))
    resources = [(r.address, dict(r.attributes), r.computed, r.conditions) for r in stack.resources]
    assert "secret:1" in repr(resources)
    assert SECRET not in repr((resources, stack.outputs, stack.missing_modules))


def test_what_is_sensitive_is_undecided(root: Path) -> None:
    function = "aws_lambda_function.secret"
    assert verdicts(root, PLAN, "LAMBDA_LOG_GROUP")[function] == (
        "unproven",
        "which log group the function writes to is undecided: it is sensitive, and so is not looked at",
    )


def test_a_sensitive_output_is_still_judged(root: Path) -> None:
    verdict, message = verdicts(root, PLAN, "API_URL_OUTPUT")["output.url"]
    assert verdict == "unproven"
    assert message.startswith(
        "whether a second slash follows aws_apigatewayv2_stage.books.invoke_url shows only at apply: "
        'sensitive_value("url", '
    )


def test_a_data_source_s_sensitive_attribute_is_not_taken_over(tmp_path: Path) -> None:
    def hide(plan: dict) -> None:
        (state,) = plan["prior_state"]["values"]["root_module"]["resources"]
        state["sensitive_values"] = {"outputs": {"days": True}}
        state["values"]["outputs"]["days"] = SECRET
        change = resource(plan, "aws_cloudwatch_log_group.by_data")["change"]
        change["after"]["retention_in_days"] = SECRET
        change["after_sensitive"] = {"retention_in_days": True}

    found = verdicts(ROOT, written(tmp_path, hide), "LOG_RETENTION")["aws_cloudwatch_log_group.by_data"]
    assert found == ("unproven", "the retention is undecided: it is sensitive, and so is not looked at")


def test_a_variable_s_value_stays_in_the_plan(tmp_path: Path) -> None:
    """What the plan does not know yet is evaluated without it."""
    root = copied(tmp_path)
    later = 'output "later" {\n  value = var.key\n}\n\ndata "http" "later" {\n  url = "https://${var.key}"\n}\n'
    (root / "later.tf").write_text(later)
    stack = load_plan(PLAN, root, Files(None))
    (output,) = (one for one in stack.outputs if one.name == "later")
    assert output.value == Reference("var.key")
    assert describe(stack.by_address["data.http.later"].get("url")) == '"https://${var.key}"'
