"""The action and the reusable workflow: what they declare, and that strange inputs stay what they are."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.lint.steps import ROOT
from tests.unit.adoption.project import Published
from tests.unit.adoption.runner import ACTION, Ran, replaced, use_action

WORKFLOW: dict[Any, Any] = yaml.safe_load((ROOT / ".github" / "workflows" / "check.yml").read_text())
FAILING = 'resource "aws_cloudwatch_log_group" "a" {\n}\n'
UNDECIDED = 'variable "days" {}\nresource "aws_cloudwatch_log_group" "a" {\n  retention_in_days = var.days\n}\n'


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    (tmp_path / "workspace" / ".git").mkdir(parents=True)
    return tmp_path / "workspace"


def test_every_action_is_pinned_by_its_commit() -> None:
    texts = [(ROOT / "action.yml").read_text(), (ROOT / ".github" / "workflows" / "check.yml").read_text()]
    uses = [line for text in texts for line in re.findall(r"uses: (.+)", text) if not line.startswith(("./", "OWNER"))]
    assert len(uses) == 4
    assert [line for line in uses if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v[\d.]+", line)] == []


def test_no_input_is_part_of_a_script() -> None:
    """An expression in a script is replaced before bash reads it: whoever writes the input writes the script."""
    assert [step["run"] for step in ACTION["runs"]["steps"] if "${{" in step.get("run", "")] == []


def test_every_input_and_output_is_documented() -> None:
    for declared in (*ACTION["inputs"].values(), *ACTION["outputs"].values()):
        assert declared["description"]


def test_it_installs_what_the_package_needs() -> None:
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    locked = (ROOT / "requirements" / "action.txt").read_text()
    names = re.findall(r"^([\w-]+)==", locked, re.MULTILINE)
    assert sorted(names) == sorted(["setuptools", *(re.split("[<>=]", line)[0] for line in wanted)])


def test_the_workflow_hands_its_inputs_to_the_action_of_its_own_revision() -> None:
    declared = WORKFLOW[True]["workflow_call"]["inputs"]
    repository, routeproof, check, upload = WORKFLOW["jobs"]["routeproof"]["steps"]
    assert (repository["with"]["fetch-depth"], "path" in repository["with"]) == (0, False)
    assert routeproof["with"] == {
        "repository": "${{ job.workflow_repository }}",
        "ref": "${{ job.workflow_sha }}",
        "path": ".routeproof",
        "persist-credentials": False,
    }
    assert check["uses"] == "./.routeproof"
    assert check["with"] == {name: f"${{{{ inputs.{name} }}}}" for name in declared if name != "upload-sarif"}
    assert set(check["with"]) == set(ACTION["inputs"]) - {"python"}
    assert upload["with"]["sarif_file"] == "${{ steps.check.outputs.sarif }}"
    assert upload["if"] == "${{ !cancelled() && inputs.upload-sarif && steps.check.outputs.sarif != '' }}"


def test_the_workflow_by_its_steps(project: Published, workspace: Path, runner_temporary: Path) -> None:
    """Its checkout of the action into the workspace, whose own Terraform is not judged; then the action."""
    _, checkout, check, _ = WORKFLOW["jobs"]["routeproof"]["steps"]
    (workspace / "main.tf").write_text(FAILING)
    cloned = project.run(f"git clone -q {project.directory} {checkout['with']['path']}", workspace)
    assert cloned.returncode == 0, cloned.stdout
    here = Published(workspace / check["uses"], project.revision, project.variables)
    names = {f"inputs.{name}": one["default"] for name, one in WORKFLOW[True]["workflow_call"]["inputs"].items()}
    inputs = {name: replaced(value, names) for name, value in check["with"].items()}
    ran = use_action(here, workspace, runner_temporary, inputs)
    assert ran.exit_code == 1, ran.log
    assert re.findall(r"^::error file=([^,]+)", ran.log, re.MULTILINE) == ["main.tf"]


def used(project: Published, workspace: Path, temporary: Path, **inputs: str) -> Ran:
    return use_action(project, workspace, temporary, {name.replace("_", "-"): text for name, text in inputs.items()})


def test_strange_inputs_stay_what_they_are(project: Published, workspace: Path, runner_temporary: Path) -> None:
    strange = 'a $(touch ran) `touch ran`; "it\'s" *'
    for name in (strange, "-b"):
        (workspace / name).mkdir()
        (workspace / name / "main.tf").write_text(UNDECIDED)
    (workspace / strange / "live.tfvars").write_text("days = 0\n")
    both = used(project, workspace, runner_temporary, paths=f"{strange}\n\n-b\n", var_files=f"{strange}/live.tfvars")
    assert both.exit_code == 1, both.log
    assert both.summary.count("LOG_RETENTION") >= 2
    assert not (workspace / "ran").exists()
    undecided = used(project, workspace, runner_temporary, paths="-b", unproven="fail")
    assert undecided.exit_code == 1, undecided.log
    refused = used(project, workspace, runner_temporary, paths="-b", since="--output=x")
    assert (refused.exit_code, refused.outputs["exit-code"]) == (2, "2"), refused.log


def test_a_run_that_is_not_to_be_trusted(project: Published, workspace: Path, runner_temporary: Path) -> None:
    ran = used(project, workspace, runner_temporary, paths="nowhere")
    assert (ran.exit_code, ran.outputs) == (2, {"exit-code": "2", "sarif": ""}), ran.log
    assert "nowhere: there is no such file or directory" in ran.log


def test_a_baseline(project: Published, workspace: Path, runner_temporary: Path) -> None:
    (workspace / "main.tf").write_text(FAILING)
    assert project.run("routeproof check --write-baseline known.json .", workspace).returncode == 0
    assert used(project, workspace, runner_temporary, baseline="known.json").exit_code == 0
    assert used(project, workspace, runner_temporary).exit_code == 1


def test_a_python_that_is_none(project: Published, workspace: Path, tmp_path: Path) -> None:
    assert used(project, workspace, tmp_path / "temporary", python="no-such-python").exit_code == 127


def test_an_environment_that_does_not_run_is_made_anew(
    project: Published, workspace: Path, runner_temporary: Path
) -> None:
    """A cache may hold one whose Python is gone."""
    (workspace / "main.tf").write_text("locals {}\n")
    assert used(project, workspace, runner_temporary).exit_code == 0
    program = runner_temporary / "routeproof-environment" / "bin" / "routeproof"
    program.write_text("#!/no/such/python\n")
    ran = used(project, workspace, runner_temporary)
    assert ran.exit_code == 0, ran.log
    assert program.read_text() != "#!/no/such/python\n"
