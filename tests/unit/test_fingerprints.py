"""Which findings are the same finding."""

from __future__ import annotations

from dataclasses import replace

import pytest

from routeproof.convention import Result, Verdict
from routeproof.fingerprints import fingerprint, fingerprints
from routeproof.values import Location

FINDING = Result(
    Verdict.FAIL,
    "aws_lambda_function.hello",
    "main.tf:3:1 says so; the policy is not JSON (Expecting value: line 1 column 2 (char 1))",
    Location("infra/main.tf", 3, 1, 3, 20),
    convention="LAMBDA_ARM64",
)


@pytest.mark.parametrize(
    "moved",
    [
        replace(FINDING, location=Location("infra/main.tf", 40, 3, 41, 1)),
        replace(FINDING, location=Location("infra/function.tf", 3, 1, 3, 20)),
        replace(FINDING, location=None),
        replace(FINDING, fix="Do it another way.", baseline=True),
        replace(FINDING, message=FINDING.message.replace("main.tf:3:1", "main.tf:17:5")),
        replace(FINDING, message=FINDING.message.replace("line 1 column 2 (char 1)", "line 4 column 5 (char 60)")),
    ],
)
def test_a_finding_that_moves_is_the_same(moved: Result) -> None:
    assert fingerprint("infra", moved) == fingerprint("infra", FINDING)


@pytest.mark.parametrize(
    ("root", "other"),
    [
        ("live", FINDING),
        ("infra", replace(FINDING, convention="LAMBDA_LIMITS")),
        ("infra", replace(FINDING, address='module.api["a"].aws_lambda_function.hello')),
        ("infra", replace(FINDING, address=None)),
        ("infra", replace(FINDING, message=FINDING.message.replace("main.tf", "other.tf"))),
        ("infra", replace(FINDING, message="retention_in_days is 13")),
    ],
)
def test_another_finding_is_another(root: str, other: Result) -> None:
    assert fingerprint(root, other) != fingerprint("infra", FINDING)


def test_numbers_that_are_no_positions_count() -> None:
    thirteen, seven = (replace(FINDING, message=f"arn:aws:x:{number} line up") for number in (13, 7))
    assert fingerprint("infra", thirteen) != fingerprint("infra", seven)


def test_the_parts_do_not_run_into_each_other() -> None:
    assert fingerprint("a", replace(FINDING, address="bc")) != fingerprint("ab", replace(FINDING, address="c"))


def test_it_stays_the_same_from_release_to_release() -> None:
    """A baseline that is written today is read by tomorrow's version."""
    assert fingerprint("infra", replace(FINDING, message="m")) == "e2b85387c92fed768bb14944a7122c8c"


def test_findings_that_are_alike_are_counted() -> None:
    other = replace(FINDING, convention="LAMBDA_LIMITS")
    one, two = fingerprint("infra", FINDING), fingerprint("infra", other)
    assert list(fingerprints("infra", [FINDING, other, FINDING])) == [f"{one}:1", f"{two}:1", f"{one}:2"]
