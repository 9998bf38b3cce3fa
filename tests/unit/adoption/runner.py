"""What GitHub's runner does with a composite action: its steps in order, each `run` by bash, with files to write to."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.lint.steps import ROOT
from tests.unit.adoption.project import Published

ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
# `shell: bash`: docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax
BASH = ("bash", "--noprofile", "--norc", "-e", "-o", "pipefail")


@dataclass
class Ran:
    """What one use of the action did. `log` is what its steps wrote, `used` are the other actions with their inputs."""

    exit_code: int = 0
    log: str = ""
    summary: str = ""
    outputs: dict[str, str] = field(default_factory=dict)
    used: list[tuple[str, dict[str, str]]] = field(default_factory=list)


def use_action(project: Published, workspace: Path, temporary: Path, inputs: Mapping[str, str] | None = None) -> Ran:
    """Use the action of a project with these inputs, its directory for temporary files being `temporary`."""
    unknown = set(inputs or {}) - set(ACTION["inputs"])
    assert not unknown, f"the action has no input {unknown}"
    temporary.mkdir(parents=True, exist_ok=True)
    names = {f"inputs.{name}": declared["default"] for name, declared in ACTION["inputs"].items()}
    names |= {f"inputs.{name}": value for name, value in (inputs or {}).items()}
    names["runner.temp"] = str(temporary)
    ran = Ran()
    summary = temporary / "summary"
    summary.write_text("")
    for step in ACTION["runs"]["steps"]:
        if "uses" in step:
            ran.used.append((step["uses"], {key: replaced(value, names) for key, value in step["with"].items()}))
            continue
        assert step["shell"] == "bash"
        output = temporary / "output"
        output.write_text("")
        script = temporary / "step.sh"
        script.write_text(step["run"])
        given = {name: replaced(value, names) for name, value in step.get("env", {}).items()}
        ended = subprocess.run(
            [*BASH, str(script)],
            cwd=workspace,
            env={
                **project.variables,
                **given,
                "GITHUB_ACTION_PATH": str(project.directory),
                "GITHUB_ACTIONS": "true",
                "GITHUB_OUTPUT": str(output),
                "GITHUB_STEP_SUMMARY": str(summary),
                "GITHUB_WORKSPACE": str(workspace),
                "RUNNER_TEMP": str(temporary),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        ran.log += ended.stdout
        pairs = (line.split("=", 1) for line in output.read_text().splitlines())
        names |= {f"steps.{step['id']}.outputs.{name}": value for name, value in pairs}
        if ended.returncode != 0:
            ran.exit_code = ended.returncode
            break
    ran.summary = summary.read_text()
    ran.outputs = {name: replaced(one["value"], names, missing="") for name, one in ACTION["outputs"].items()}
    return ran


def replaced(text: str, names: Mapping[str, str], *, missing: str | None = None) -> str:
    """The text with GitHub's expressions replaced; one that is not known is an error unless `missing` is given."""

    def value(match: re.Match[str]) -> str:
        return names[match[1]] if missing is None else names.get(match[1], missing)

    return re.sub(r"\$\{\{ ([\w.-]+) \}\}", value, str(text))
