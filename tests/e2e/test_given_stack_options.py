"""What a run with --stack is asked for."""

import argparse
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.deployment import ROOT
from tests.e2e.given_stack.options import Expectation, GivenStack, asked_for

STACK = ROOT / "terraform"
HELLO = Expectation(method="GET", path="/hello", status=200)


def wish(**given: Any) -> argparse.Namespace:
    several: Any = {name: [] for name in ("request", "expect", "var", "var_file", "also")}
    return argparse.Namespace(**{"stack": None, "api": None, "aws": False, **several, **given})


def test_what_is_asked_for():
    values = {"var": ["a=b=c"], "var_file": [STACK / "api.tf"], "also": [ROOT / "lambda"], "api": "api"}
    given = asked_for(wish(stack=STACK, request=["GET /hello", "POST /a?b=c"], expect=["200", "404"], **values))
    assert given == GivenStack(
        directory=STACK,
        expectations=(HELLO, Expectation(method="POST", path="/a?b=c", status=404)),
        variables=(("a", "b=c"),),
        variable_files=(STACK / "api.tf",),
        also=(ROOT / "lambda",),
        api="api",
    )
    without_statuses = asked_for(wish(stack=STACK, request=["GET /hello"]))
    assert without_statuses == GivenStack(directory=STACK, expectations=(HELLO,))
    assert asked_for(wish()) is None


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"request": ["GET /"]}, "--request goes with --stack"),
        ({"var_file": [STACK]}, "--var-file goes with --stack"),
        ({"stack": Path("nowhere"), "request": ["GET /"]}, "--stack: nowhere is no directory with Terraform files"),
        ({"stack": ROOT / "docs"}, f"--stack: {ROOT / 'docs'} is no directory with Terraform files"),
        ({"stack": STACK}, '--stack needs a request to ask, such as --request "GET /hello" --expect 200'),
        (
            {"stack": STACK, "request": ["GET /a", "GET /b"], "expect": ["200"]},
            "--request is given 2 times and --expect 1 times: each request has its status, in the same order",
        ),
        ({"stack": STACK, "request": ["/a"]}, '--request is a method and a path, such as "GET /hello", not "/a"'),
        ({"stack": STACK, "request": ["GET /a"], "expect": ["ok"]}, "--expect is a status from 100 to 599, not ok"),
        ({"stack": STACK, "request": ["GET /a"], "var": ["a"]}, "--var is NAME=VALUE, not a"),
        ({"stack": STACK, "request": ["GET /a"], "var_file": [Path("nowhere")]}, "there is no nowhere"),
        (
            {"stack": STACK, "request": ["GET /a"], "aws": True},
            "--stack goes without --aws: what it deploys would cost money, and nothing would limit its calls or tag it",
        ),
    ],
)
def test_what_does_not_go_together(given: Mapping[str, Any], message: str):
    with pytest.raises(pytest.UsageError) as refusal:
        asked_for(wish(**given))
    assert str(refusal.value) == message


def test_a_run_has_the_checks_of_the_stack_alone():
    """However many processes and files are asked for; each request is a test."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "tests/e2e", "-n2", "--collect-only", "-q"]
    command += [f"--stack={STACK}", "--request=GET /a", "--request=POST /b", "--expect=200", "--expect=404"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    checks = "tests/e2e/given_stack/checks.py::test_"
    assert [line for line in found.stdout.splitlines() if "::" in line] == [
        f"{checks}it_can_be_deployed",
        f"{checks}its_conventions_hold_in_the_source",
        f"{checks}they_hold_on_what_is_live_and_nothing_has_drifted",
        f"{checks}request[GET /a 200]",
        f"{checks}request[POST /b 404]",
        f"{checks}a_second_plan_is_empty",
        f"{checks}destroy_leaves_nothing",
    ], found.stdout + found.stderr


def test_a_run_for_no_stack():
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "tests/e2e", "--stack=docs", "--request=GET /"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout) == (pytest.ExitCode.USAGE_ERROR, "")
    assert found.stderr.strip() == "ERROR: --stack: docs is no directory with Terraform files"
