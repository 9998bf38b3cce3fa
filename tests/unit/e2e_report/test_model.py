"""The end-to-end tests' report as checks in groups, out of pytest's reports."""

from __future__ import annotations

import json

import pytest

from tests.browser.example import BEGAN, call, report
from tests.e2e.report import evidence
from tests.e2e.report.evidence import Command, Evidence, LogRead, beginning, end
from tests.e2e.report.model import Run, Status, run_of
from tests.e2e.report.titles import SUBJECTS, readable, title_of
from tests.tools.environments import ROOT

PASSED = report("test_hello.py::test_curl", "call", Evidence())
FAILED = report("test_hello.py::test_requests", "call", Evidence(), failure="it failed")


def ran(*reports: pytest.TestReport | pytest.CollectReport, exit_code: int, planned: int = 2, **more: object) -> Run:
    return run_of(reports, exit_code=exit_code, planned=planned, began=BEGAN, ended=BEGAN, **more)


@pytest.mark.parametrize(
    ("run", "verdict"),
    [
        (ran(PASSED, exit_code=0, planned=1), (Status.PASSED, "The only check passed")),
        (ran(PASSED, exit_code=0), (Status.PASSED, "All 2 checks passed")),
        (ran(PASSED, FAILED, exit_code=1), (Status.FAILED, "1 of 2 checks failed")),
        # Interrupted, and something had failed before.
        (ran(FAILED, exit_code=2), (Status.FAILED, "1 of 2 checks failed")),
        (ran(PASSED, exit_code=2), (Status.UNFINISHED, "Interrupted: 1 of 2 checks passed before")),
        (ran(exit_code=5, planned=0), (Status.FAILED, "No check ran")),
        # Nothing but the exit code says so: a plugin, a worker or pytest itself broke.
        (
            ran(PASSED, exit_code=3),
            (Status.FAILED, "The run broke, though no check failed: pytest ended with exit code 3"),
        ),
        (ran(FAILED, exit_code=0), (Status.FAILED, "1 of 2 checks failed")),
    ],
    ids=lambda value: value[1] if isinstance(value, tuple) else "",
)
def test_verdict(run: Run, verdict: tuple[Status, str]):
    assert run.verdict == verdict


def test_a_failed_set_up_or_clean_up_is_a_failure():
    for failing in ("setup", "teardown"):
        phases = [
            report("test_hello.py::test_curl", when, Evidence(), failure="broken" if when == failing else "")
            for when in ("setup", "call", "teardown")
        ]
        (check,) = ran(*phases, exit_code=1).checks
        assert check.status is Status.FAILED
        assert [phase.name for phase in check.phases if phase.failure.text] == [failing]
        assert check.seconds == pytest.approx(1.2)


def test_a_file_that_cannot_be_read_is_a_failure():
    broken = pytest.CollectReport("tests/e2e/test_hello.py", "failed", "SyntaxError: invalid syntax", [])
    (check,) = ran(broken, exit_code=2, planned=0).checks
    assert (check.status, check.sentence) == (Status.FAILED, "The file is read")
    assert check.phases[0].failure.text == check.reason == "SyntaxError: invalid syntax"


def test_a_worker_that_died_is_a_failure():
    """What xdist makes of it: nobody knows in which phase."""
    name = "tests/e2e/test_hello.py::test_curl"
    crash = pytest.TestReport(name, (name, None, name), {}, "failed", "worker 'gw0' crashed while running", "???")
    (check,) = ran(crash, exit_code=1).checks
    assert (check.status, check.phases[0].title) == (Status.FAILED, "The check")
    assert check.phases[0].failure.text == "worker 'gw0' crashed while running"


def test_what_was_broken_off():
    """The last of them has what it had done by then; one that had not even begun to be set up is there too."""
    set_up = report("test_hello.py::test_curl", "setup", Evidence())
    names = ["tests/e2e/test_hello.py::test_curl", "tests/e2e/test_redeploy.py::test_preflight[GET]"]
    run = ran(set_up, exit_code=2, planned=9, unfinished=names, evidence=Evidence((call("/again"),)))
    first, second = run.checks
    assert (first.status, second.status) == (Status.UNFINISHED, Status.UNFINISHED)
    assert (second.sentence, second.parameter) == ("Preflight", "GET")
    assert [(phase.title, phase.evidence.pieces) for phase in second.phases] == [("Broken off", (call("/again"),))]
    assert [phase.title for phase in first.phases] == ["Set up for it"]
    assert (run.verdict[1], run.not_run) == ("Interrupted: 0 of 9 checks passed before", 7)


def test_groups_with_failures_come_first_then_the_named_ones():
    files = ["test_local_parts", "test_plan", "test_hello", "test_zebra", "test_local_cors"]
    reports = [report(f"{name}.py::test_one", "call", Evidence()) for name in files]
    reports.append(report("test_zebra.py::test_two", "call", Evidence(), failure="it failed"))
    assert [group.name for group in ran(*reports, exit_code=1).groups] == [
        "test_zebra",
        "test_hello",
        "test_plan",
        "test_local_cors",
        "test_local_parts",
    ]
    assert [check.sentence for check in ran(*reports, exit_code=1).groups[0].checks] == ["Two", "One"]


def test_the_gist_is_the_last_call_of_the_test_itself():
    set_up = report("test_hello.py::test_curl", "setup", Evidence((call("/set-up"),)))
    command = Command("terraform plan", "", end("", 10), 1.0)
    called = report("test_hello.py::test_curl", "call", Evidence((call("/first"), call("/last", status=None), command)))
    assert ran(set_up, called, exit_code=0).checks[0].gist == "GET /last → no response"
    planned = report("test_hello.py::test_curl", "call", Evidence((command,)))
    assert ran(set_up, planned, exit_code=0).checks[0].gist == "terraform plan"
    assert ran(set_up, exit_code=0).checks[0].gist == ""


@pytest.mark.parametrize(
    ("node_id", "words"),
    [
        ("tests/e2e/test_hello.py::test_curl", ("Curl", "")),
        ("tests/e2e/test_hello.py::test_unknown_route[GET-/hello/again]", ("Unknown route", "GET-/hello/again")),
        ("tests/e2e/test_x.py::Class::test_the_api_and_its_url[a[0]]", ("The API and its URL", "a[0]")),
        (f"tests/e2e/test_x.py::test_long[{'x' * 300}]", ("Long", "x" * 200 + "…")),
        ("tests/e2e/test_x.py", ("The file is read", "")),
    ],
)
def test_readable(node_id: str, words: tuple[str, str]):
    assert readable(node_id) == words


@pytest.mark.parametrize(
    ("file", "title"),
    [
        ("test_hello", "The hello stack"),
        ("test_local_cors", "CORS"),
        ("test_local_access_logs", "The local endpoint: access logs"),
        ("test_what_is_new", "What is new"),
    ],
)
def test_titles(file: str, title: str):
    assert title_of(file) == title


def test_every_title_is_of_a_file():
    assert [name for name in SUBJECTS if not (ROOT / "tests" / "e2e" / f"{name}.py").exists()] == []


def test_evidence_survives_the_way_between_processes():
    log = LogRead("/aws/lambda/hello", (beginning("START", 3), beginning("END", 9)), 7, 2, chosen=False)
    sent = (("Origin", "https://example.com"),)
    found = Evidence(
        (call("/hello", body="x" * 9_000, sent=sent), call("/", status=None), log),
        {"GET → 200": 188},
        (("Terraform", "1.11.4"),),
    )
    assert evidence.from_plain(json.loads(json.dumps(evidence.plain(found)))) == found


def test_tools_are_those_of_all_tests():
    reports = [
        report(f"test_hello.py::test_{number}", "setup", Evidence(versions=(("Terraform", "1.11.4"), ("b/a", number))))
        for number in ("5.1", "5.0", "5.1")
    ]
    assert ran(*reports, exit_code=0).tools == (("Terraform", "1.11.4"), ("b/a", "5.0"), ("b/a", "5.1"))
