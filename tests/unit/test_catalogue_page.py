"""docs/catalogue.md: made from the conventions' own files, judged as it stands, and compared by the lint gate."""

from __future__ import annotations

import ast
import os
import re
import subprocess
from pathlib import Path

import pytest

from routeproof.catalogue import catalogue
from routeproof.convention import Convention, Verdict
from routeproof.example_tests import write_example
from routeproof.report import report
from tests.lint import steps
from tests.lint.steps import ROOT
from tests.tools import catalogue as generator
from tests.tools.environments import environment
from tests.tools.terraform import find_terraform, terraform_variables

PAGE = generator.PAGE.read_text()
SECTIONS = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))
CONVENTIONS = list(catalogue().values())
EACH = pytest.mark.parametrize("convention", CONVENTIONS, ids=list(catalogue()))
BLOCK = re.compile(r"^(?:with `(?P<path>[^`]+)`:\n\n)?```(?:hcl|json)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def judged_from_page(convention: Convention, heading: str, directory: Path) -> list[tuple[str, str | None, int]]:
    """The verdicts on the example under a heading, as a reader would copy it: verdict, address and line."""
    section = SECTIONS[convention.id]
    rest = section[section.index(heading) :]
    blocks = list(BLOCK.finditer(rest))
    files = {"main.tf": blocks[0]["text"]}
    for block in blocks[1:]:
        if block["path"] is None:
            break
        files[block["path"]] = block["text"]
    for path, text in files.items():
        (directory / path).parent.mkdir(parents=True, exist_ok=True)
        (directory / path).write_text(text)
    found = report([directory], [convention])
    assert found.problems == ()
    return [
        (result.verdict.value, result.address, result.location.line if result.location else 0)
        for result in found.roots[0].results
    ]


def test_the_page_is_what_the_conventions_make() -> None:
    assert generator.page() == PAGE
    assert steps.catalogue_page().exit_code == 0


def test_a_page_that_is_stale_fails_the_lint_gate_with_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stale = tmp_path / "catalogue.md"
    stale.write_text(PAGE.replace("| Log groups expire their events |", "| Log groups are kept |"))
    monkeypatch.setattr(generator, "PAGE", stale)
    outcome = steps.catalogue_page()
    assert (outcome.exit_code, outcome.summary) == (1, "run: python -m tests.tools.catalogue")
    changed = [line for line in outcome.details.splitlines() if line.startswith(("-|", "+|"))]
    row = "| [`LOG_RETENTION`](#log_retention) |"
    assert changed == [f"-{row} Log groups are kept |", f"+{row} Log groups expire their events |"]


def test_a_page_that_is_missing_fails_and_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generator, "PAGE", tmp_path / "catalogue.md")
    assert steps.catalogue_page().exit_code == 1
    generator.main()
    assert (tmp_path / "catalogue.md").read_text() == PAGE
    assert steps.catalogue_page().exit_code == 0


def test_every_convention_has_a_row_that_leads_to_its_section() -> None:
    rows = re.findall(r"^\| \[`(\w+)`\]\(#(\w+)\) \| (.+) \|$", PAGE, re.MULTILINE)
    assert rows == [(c.id, c.id.lower(), c.title) for c in CONVENTIONS]
    assert list(SECTIONS) == list(catalogue())


@EACH
def test_a_section_says_all_that_the_convention_says(convention: Convention) -> None:
    section = re.sub(r"\\([\\`*<>|$\[\]])", r"\1", SECTIONS[convention.id])
    for text in (convention.title, convention.why, convention.fix, *convention.explains, *convention.exemptions):
        assert text in section
    for part in convention.not_shown:
        assert f"- {part}\n" in section
    for source in convention.sources:
        assert f"- <{source}>" in section
    for rule in convention.elsewhere:
        assert f"| {rule.tool}, `{rule.id}` | {rule.differs.split('docs/')[0]}" in section


@EACH
def test_the_bad_example_fails_where_the_page_marks_it(convention: Convention, tmp_path: Path) -> None:
    wrong = convention.bad.verdict.value
    word = {"fail": "fails", "unproven": "unproven"}[wrong]
    found = judged_from_page(convention, "Does not keep it, at ", tmp_path)
    assert [(address, line) for verdict, address, line in found if verdict == wrong] == list(convention.bad.fails_at)
    lines = (tmp_path / "main.tf").read_text().splitlines()
    marked = [number for number, line in enumerate(lines, start=1) if line.endswith(f" # {word}")]
    assert marked == [line for _, line in convention.bad.fails_at]


@EACH
def test_the_good_example_passes_as_the_page_has_it(convention: Convention, tmp_path: Path) -> None:
    found = judged_from_page(convention, "Keeps it:", tmp_path)
    assert {verdict for verdict, _, _ in found} == {Verdict.PASS.value}


def test_a_text_is_shown_as_it_is() -> None:
    written = "`a` *b* <c> |d| $e [f] \\"
    assert generator._plain(written) == r"\`a\` \*b\* \<c\> \|d\| \$e \[f\] \\"


def test_the_examples_are_written_as_terraform_fmt_writes_them(tmp_path: Path) -> None:
    for convention in CONVENTIONS:
        write_example(tmp_path / convention.id / "bad", convention.bad)
        write_example(tmp_path / convention.id / "good", convention.good)
    variables = terraform_variables(os.environ, aws={})
    command = (*find_terraform(variables).command, "fmt", "-check", "-recursive", "-diff", str(tmp_path))
    found = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout) == (0, "")


CHECKOV_IDS = [(c, rule.id) for c in CONVENTIONS for rule in c.elsewhere if rule.tool == "Checkov"]


@pytest.mark.parametrize(("convention", "rule"), CHECKOV_IDS, ids=[f"{c.id}-{rule}" for c, rule in CHECKOV_IDS])
def test_every_rule_of_checkov_is_in_the_pinned_checkov(convention: Convention, rule: str) -> None:
    """And is about a type that the convention judges or, for a role, about what gives it rights."""
    (checks,) = environment("checkov").glob("lib/python3*/site-packages/checkov/terraform/checks")
    files = [file for file in checks.rglob("*.py") if re.search(rf'id = "{rule}"', file.read_text())]
    assert len(files) == 1
    texts = {node.value for node in ast.walk(ast.parse(files[0].read_text())) if isinstance(node, ast.Constant)}
    judged = set(convention.resource_types) | {"aws_lambda_permission"}
    roles = {"aws_iam_role", "aws_iam_role_policy"} if convention.id == "LAMBDA_ROLE" else set()
    assert texts & (judged | roles) or files[0].parent.parent.name == "module"


def test_every_other_tool_is_one_that_is_known() -> None:
    """A rule's id has the form that its tool gives it."""
    forms = {
        "Checkov": r"CKV2?_(AWS|TF)_\d+",
        "KICS": r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
        "Trivy": r"AVD-AWS-\d{4}",
        "tflint-ruleset-aws": r"aws_[a-z0-9_]+",
        "serverless-rules (tflint)": r"aws_[a-z0-9_]+",
        "AWS Security Hub": r"[A-Za-z]+\.\d+",
    }
    rules = [rule for convention in CONVENTIONS for rule in convention.elsewhere]
    assert [rule for rule in rules if not re.fullmatch(forms[rule.tool], rule.id)] == []
    assert {rule.tool for rule in rules} == set(forms)


def test_links_lead_somewhere() -> None:
    links = set(re.findall(r"\]\(([^)#]+)\)", PAGE))
    assert links == {"other-tools.md", "../policies/conventions"}
    assert all((ROOT / "docs" / link).exists() for link in links)
