"""JUnit XML, which continuous integration servers show: a test suite for each root module, a case for each result.

What is not applicable, accepted, or not decided without failing for it, counts as skipped, with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable

from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

from ..convention import Result, Verdict
from ..report import Problem, Report, RootReport
from .escape import safe


def render(report: Report) -> str:
    """A document of ASCII alone, so that no output's encoding can break it."""
    document = JUnitXml("routeproof")
    if report.problems:
        document.append(_suite("source", [_unread(problem) for problem in report.problems]))
    for root in report.roots:
        document.append(_suite(root.root, [_case(root, result) for result in root.results]))
    # Not update_statistics(): it writes a count of skipped cases here too, which Jenkins' schema does not have.
    document.tests = sum(suite.tests for suite in document)
    document.failures = sum(suite.failures for suite in document)
    document.errors = sum(suite.errors for suite in document)
    body = document.tostring().decode().encode("ascii", "xmlcharrefreplace").decode()
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'


def _suite(name: str, cases: Iterable[TestCase]) -> TestSuite:
    suite = TestSuite(safe(name))
    suite.add_testcases(cases)
    return suite


def _unread(problem: Problem) -> TestCase:
    case = TestCase(safe(problem.location.file), "source")
    case.result = [_with_text(Error(safe(problem.message), "source"), [str(problem.location)])]
    return case


def _case(root: RootReport, result: Result) -> TestCase:
    case = TestCase(safe(result.address or "the root module"), result.convention)
    lines = [str(result.location)] if result.location else []
    lines += [f"{related.location}: {related.message}" for related in result.related if related.location]
    lines += [f"fix: {result.fix}"] if result.fix else []
    message, kind = safe(result.message), result.verdict.value
    if result.verdict is Verdict.ERROR:
        case.result = [_with_text(Error(message, kind), lines)]
    elif root.fails(result):
        case.result = [_with_text(Failure(message, kind), lines)]
    elif result.verdict is not Verdict.PASS:
        case.result = [_with_text(Skipped(_skipped(result), kind), lines)]
    return case


def _skipped(result: Result) -> str:
    if result.suppressed is not None:
        return safe(f"suppressed ({result.suppressed.reason}): {result.message}")
    kind = "in the baseline" if result.baseline else result.verdict.value.replace("_", " ")
    return safe(f"{kind}: {result.message}")


def _with_text(found: Error | Failure | Skipped, lines: Iterable[str]) -> Error | Failure | Skipped:
    found.text = "\n".join(safe(line) for line in lines)
    return found
