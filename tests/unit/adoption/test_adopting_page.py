"""docs/adopting.md, from its first command to a pull request that does not merge, and does once it is mended."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.lint.steps import ROOT
from tests.unit.adoption.project import NAME, URL, Published
from tests.unit.adoption.runner import ACTION, use_action

PAGE = (ROOT / "docs" / "adopting.md").read_text()
# What deploys is run by tests/e2e/test_given_stack.py.
COMMANDS = [line for line in re.findall(r"^\$ (.+)$", PAGE, re.MULTILINE) if not line.startswith("./toxw -e e2e ")]
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
YAML = [text for language, text in BLOCKS if language == "yaml"]
REFUSED = "fail LAMBDA_HANDLER aws_lambda_function.hello"
# Each command's exit code, and a part of what it says.
SAYS = {
    'python3 -m pip install "routeproof @ git+https://github.com/OWNER/routeproof@REVISION"': (0, ""),
    "routeproof check": (1, "fail LOG_RETENTION aws_cloudwatch_log_group.jobs"),
    "routeproof check --diff": (1, "+  retention_in_days = 14\n"),
    "routeproof check --fix": (1, "routeproof: fixed terraform/audit.tf"),
    "routeproof check --write-baseline known-failures.json": (0, "1 failure in the baseline known-failures.json"),
    "routeproof init --dry-run": (0, "routeproof.toml: would be written:"),
    "routeproof init": (0, ".pre-commit-config.yaml: written"),
    "echo 'baseline = \"known-failures.json\"' >> routeproof.toml": (0, ""),
    "git add .": (0, ""),
    'git commit -m "Routeproof"': (0, "known-failures.json"),
    "pre-commit install": (0, "pre-commit installed"),
    "git switch -c tidy": (0, "tidy"),
    "git mv lambda/hello/index.js lambda/hello/main.js": (0, ""),
    'git commit -m "A better name"': (1, REFUSED),
    "routeproof check --since main": (1, REFUSED),
    "routeproof check --jobs 4": (1, REFUSED),
    "routeproof check --shard 1/2 --output json=shard-1.json": (1, REFUSED),
    "routeproof check --shard 2/2 --output json=shard-2.json": (0, "part 2/2 of 1 in all"),
    "routeproof merge shard-1.json shard-2.json --output sarif=routeproof.sarif": (1, REFUSED),
}


def test_the_whole_of_it(project: Published, adopter: Path, runner_temporary: Path, tmp_path: Path) -> None:
    """Every command of the page in its order; then the workflow that `init` wrote, before and after the mending."""
    environment = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", environment], check=True)
    path = f"{environment / 'bin'}:{project.variables['PATH']}"
    here = Published(project.directory, project.revision, {**project.variables, "PATH": path})
    assert here.run("git init -q && git add . && git commit -qm first", adopter).returncode == 0
    seen = set()
    for command in COMMANDS:
        code, part = SAYS[command]
        if command in seen:  # the second check is after the baseline
            code, part = 0, "1 in the baseline"
        seen.add(command)
        ran = here.run(command.replace("OWNER", "example").replace("REVISION", project.revision), adopter)
        assert (ran.returncode, part in ran.stdout) == (code, True), f"{command}\n{ran.stdout}"
    assert seen == set(SAYS)
    assert here.run("git log --format=%s", adopter).stdout == "Routeproof\nfirst\n"

    assert here.run("git commit --no-verify -qm 'A better name'", adopter).returncode == 0
    workflow = yaml.safe_load((adopter / ".github" / "workflows" / "routeproof.yml").read_text())
    checkout, action = workflow["jobs"]["routeproof"]["steps"]
    assert checkout["uses"].startswith("actions/checkout@")
    assert action["uses"] == f"{NAME}@{project.revision}"
    blocked = use_action(project, adopter, runner_temporary, action.get("with"))
    assert (blocked.exit_code, blocked.outputs["exit-code"]) == (1, "1"), blocked.log
    assert "::error file=terraform/function.tf,line=" in blocked.log
    assert "LAMBDA_HANDLER" in blocked.summary
    (run,) = json.loads(Path(blocked.outputs["sarif"]).read_text())["runs"]
    failing = [one["ruleId"] for one in run["results"] if one["level"] == "error" and one["baselineState"] == "new"]
    assert failing == ["LAMBDA_HANDLER"]
    assert blocked.used == [
        (
            ACTION["runs"]["steps"][1]["uses"],
            {"path": f"{runner_temporary}/routeproof-environment", "key": blocked.used[0][1]["key"]},
        )
    ]
    assert re.fullmatch(r"routeproof-\w+-\w+-3\.\d+\.\d+\w*-[0-9a-f]{32}", blocked.used[0][1]["key"])

    mended = here.run("git mv lambda/hello/main.js lambda/hello/index.js && git commit -qm 'The old name'", adopter)
    assert mended.returncode == 0, mended.stdout
    passes = use_action(project, adopter, runner_temporary, action.get("with"))
    assert (passes.exit_code, passes.outputs["exit-code"]) == (0, "0"), passes.log


def test_a_broken_branch_is_blocked_and_passes_once_it_is_fixed(
    project: Published, adopter: Path, runner_temporary: Path
) -> None:
    """The permission is forgotten: the hook and the workflow see it, and let through what `--fix` makes of it."""
    began = f"git init -q && routeproof check --fix -- . ; routeproof init --repository {URL} --rev {project.revision}"
    assert project.run(began, adopter).returncode == 0
    (adopter / "terraform" / "audit.tf").unlink()
    assert project.run("git add . && git commit -qm first && pre-commit install", adopter).returncode == 0
    api = adopter / "terraform" / "api.tf"
    api.write_text(api.read_text().split("# Without this the stack deploys")[0])
    committed = project.run("git switch -qc broken && git commit -am 'Less to read'", adopter)
    assert committed.returncode == 1, committed.stdout
    assert "terraform/function.tf:32:1: fail PERMISSION_EXPLICIT aws_lambda_function.hello" in committed.stdout

    assert project.run("git commit --no-verify -qam 'Less to read'", adopter).returncode == 0
    since = {"since": "main", "paths": "terraform"}
    blocked = use_action(project, adopter, runner_temporary, since)
    assert (blocked.exit_code, "PERMISSION_EXPLICIT" in blocked.summary) == (1, True), blocked.log

    assert project.run("routeproof check --fix", adopter).returncode == 0
    fixed = project.run("git commit -am 'The permission'", adopter)
    assert (fixed.returncode, "Passed" in fixed.stdout) == (0, True), fixed.stdout
    passes = use_action(project, adopter, runner_temporary, since)
    assert passes.exit_code == 0, passes.log


@pytest.mark.parametrize("link", re.findall(r"\]\((?!https:)([^)#]+)[^)]*\)", PAGE))
def test_every_link_leads_somewhere(link: str) -> None:
    assert (ROOT / "docs" / link).exists()


def test_the_action_as_the_page_has_it() -> None:
    (_, action), whole, hook, _ = (yaml.safe_load(text) for text in YAML)
    assert set(action["with"]) == set(ACTION["inputs"])
    rows = re.findall(r"^\| `([\w-]+)` \| ", PAGE, re.MULTILINE)
    assert rows == [*ACTION["inputs"], *ACTION["outputs"]]
    called = whole["jobs"]["routeproof"]
    assert called["uses"] == "OWNER/routeproof/.github/workflows/check.yml@REVISION"
    inputs = yaml.safe_load((ROOT / ".github" / "workflows" / "check.yml").read_text())[True]["workflow_call"]["inputs"]
    assert set(called["with"]) <= set(inputs)
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert [one["id"] for one in hook["repos"][0]["hooks"]] == [one["id"] for one in hooks]


def test_the_matrix_of_shards(tmp_path: Path, adopter: Path, project: Published) -> None:
    """Its commands, as a runner has them; what is uploaded in one job is there in the next."""
    jobs = yaml.safe_load(YAML[3])["jobs"]
    numbers = jobs["shard"]["strategy"]["matrix"]["number"]
    runs = {name: [step["run"] for step in job["steps"] if "run" in step] for name, job in jobs.items()}
    install, check = runs["shard"]
    assert install.removeprefix("python3 ") in PAGE.split("## See what is there")[1].split("## Mend")[0]
    assert (runs["routeproof"][0], jobs["routeproof"]["needs"]) == (install, "shard")
    assert jobs["routeproof"]["if"] == "always()"
    (artifact,) = [step["with"] for step in jobs["shard"]["steps"] if "upload-artifact" in step.get("uses", "")]
    assert f"--output json={artifact['path']}" in check
    codes = []
    for number in numbers:
        there = tmp_path / f"job-{number}"
        shutil.copytree(adopter, there)
        command = check.replace("${{ matrix.number }}", str(number))
        codes.append(project.run(command, there).returncode)
        shutil.copy(there / artifact["path"].replace("${{ matrix.number }}", str(number)), adopter)
    assert codes == [1, 0, 0, 0]
    merged = project.run(runs["routeproof"][1], adopter)
    assert (merged.returncode, "::error file=terraform/audit.tf,line=" in merged.stdout) == (1, True), merged.stdout
    (adopter / "shard-3.json").unlink()
    missing = project.run(runs["routeproof"][1], adopter)
    assert (missing.returncode, missing.stdout) == (2, "routeproof: of 4 shards these are missing: 3\n")


def test_the_suppression_that_it_shows(tmp_path: Path, project: Published) -> None:
    (source,) = [text for language, text in BLOCKS if language == "hcl"]
    (tmp_path / "main.tf").write_text(source)
    ran = project.run("routeproof check .", tmp_path)
    assert (ran.returncode, "1 suppressed" in ran.stdout) == (0, True), ran.stdout


def test_the_test_that_it_shows(tmp_path: Path, adopter: Path, project: Published) -> None:
    (test,) = [text for language, text in BLOCKS if language == "python"]
    (adopter / "terraform" / "audit.tf").unlink()
    (adopter / "test_stack.py").write_text(test)
    (adopter / "pytest.ini").write_text("[pytest]\n")
    ran = project.run("python -m pytest -q -p no:cacheprovider test_stack.py", adopter)
    assert (ran.returncode, "1 passed" in ran.stdout) == (0, True), ran.stdout
