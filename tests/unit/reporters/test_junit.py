"""JUnit XML: what Jenkins' schema says of it, and what a reader gets out of it."""

from __future__ import annotations

from pathlib import Path

import junitparser
import pytest
import xmlschema

from routeproof.report import Report
from routeproof.reporters import junit
from tests.unit.reporters.hostile import NAMES

SCHEMA = xmlschema.XMLSchema(str(Path(__file__).parents[1] / "data" / "junit-10.xsd"))


def cases(report: Report) -> dict[str, junitparser.TestCase]:
    document = junitparser.JUnitXml.fromstring(junit.render(report).encode())
    return {case.name: case for suite in document for case in suite}


def test_jenkins_schema(hostile: Report) -> None:
    SCHEMA.validate(junit.render(hostile))
    with pytest.raises(xmlschema.XMLSchemaValidationError, match="severity"):
        SCHEMA.validate(junit.render(hostile).replace("<failure ", '<failure severity="x" ', 1))


def test_it_is_ascii_and_says_which_encoding_it_has(hostile: Report) -> None:
    text = junit.render(hostile)
    assert text.isascii()
    assert text.startswith('<?xml version="1.0" encoding="UTF-8"?>\n')


def test_counts(hostile: Report) -> None:
    document = junitparser.JUnitXml.fromstring(junit.render(hostile).encode())
    failures = len(NAMES) - 3
    assert [(s.name, s.tests, s.failures, s.errors, s.skipped) for s in document] == [
        ("source", 1, 0, 1, 0),
        ("infra", len(NAMES) + 4, failures, 1, 5),
    ]
    assert (document.tests, document.failures, document.errors) == (len(NAMES) + 5, failures, 2)


def test_each_verdict(hostile: Report) -> None:
    found = cases(hostile)
    plain = found['aws_cloudwatch_log_group.each["plain"]']
    (failure,) = plain.result
    assert isinstance(failure, junitparser.Failure)
    assert (plain.classname, failure.message, failure.type) == ("RETENTION", '"plain" has 13 days', "fail")
    assert failure.text == "infra/main.tf:10:23\nfix: Write 14."
    assert found["aws_cloudwatch_log_group.kept"].result == []
    skipped = {name: case.result[0] for name, case in found.items() if case.is_skipped}
    assert {result.message for result in skipped.values()} == {
        "not applicable: the stack has no aws_sqs_queue",
        "unproven: the retention is var.days",
        r'suppressed (we | <b>know</b>\n::error::): "\u001b[31mred\u001b[0m\u0007" has 13 days',
        r'suppressed (for good): "\u0023#[error]x" has 13 days',
        'in the baseline: "%0A%0D,:]]>" has 13 days',
    }
    errors = [case.result[0].message for case in found.values() if case.is_error]
    assert errors == [
        "a line break is missing before this: one argument or block on a line",
        r"the check of BROKEN broke: RuntimeError: it broke \u001b[2J::error::",
    ]
