"""The JSON report and the schema that is published for it."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from routeproof.catalogue import catalogue
from routeproof.cli import main
from routeproof.report import Report
from routeproof.reporters import json as json_reporter
from tests.unit.reporters.hostile import NAMES

ROOT = Path(__file__).resolve().parents[3]
SCHEMA = json.loads(json_reporter.SCHEMA.read_text())


def validate(document: Any, schema: Any = SCHEMA) -> None:
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(document)


def strict(schema: Any) -> Any:
    """The schema, with members that it does not name refused."""
    if isinstance(schema, list):
        return [strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: strict(part) for name, part in schema.items()}
    return closed | ({"additionalProperties": False} if schema.get("type") == "object" else {})


def test_schema_prints_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out) == SCHEMA


def test_the_hostile_report_has_the_members_of_the_schema_and_no_others(hostile: Report) -> None:
    document = json.loads(json_reporter.render(hostile))
    validate(document)
    validate(document, strict(SCHEMA))
    addresses = [result["address"] for result in document["roots"][0]["results"]]
    assert {f"aws_cloudwatch_log_group.each[{json.dumps('plain')}]"} <= set(addresses)
    assert sum(address is not None and ".each[" in address for address in addresses) == len(NAMES)


@pytest.mark.parametrize("name", list(catalogue()))
def test_every_conventions_examples(name: str, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("main.tf").write_text(catalogue()[name].bad.source)
    main(["check", "--format", "json"])
    validate(json.loads(capsys.readouterr().out))


def test_what_is_unproven_and_suppressed_and_a_suppression_that_is_wrong(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    days = "  retention_in_days = var.days # routeproof:skip=LOG_RETENTION: 14\n  # routeproof:skip=LAMBDA_ARM64\n"
    Path("main.tf").write_text(f'variable "days" {{}}\nresource "aws_cloudwatch_log_group" "g" {{\n{days}}}\n')
    assert main(["check", "--select", "LOG_RETENTION,LAMBDA_ARM64", "--format", "json"]) == 1
    document = json.loads(capsys.readouterr().out)
    validate(document, strict(SCHEMA))
    results = [(r["convention"], r["verdict"], bool(r["suppressed"])) for r in document["roots"][0]["results"]]
    assert results[1:] == [("LOG_RETENTION", "unproven", True), ("SUPPRESSION", "fail", False)]


@pytest.mark.parametrize("command", ["check", "path"])
def test_the_reference_stack_and_its_request_path(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    assert main([command, "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    validate(document)
    assert document["roots"][0]["routes"][0]["links"]


@pytest.mark.parametrize(
    ("path", "value", "complaint"),
    [
        (("version",), 2, "1 was expected"),
        (("roots", 0, "results", 1, "verdict"), "maybe", "'maybe' is not one of"),
        (("roots", 0, "results", 1, "line"), 0, "0 is less than the minimum"),
        (("roots", 0, "results", 1, "line"), None, "None is not of type 'integer'"),
        (("roots", 0, "results", 0, "line"), 3, "3 is not of type 'null'"),
        (("roots", 0, "results", 1, "address"), 3, "3 is not of type 'string', 'null'"),
        (("roots", 0, "results", 1, "suppressed"), {"reason": "x", "until": None}, "is not valid under any"),
        (("roots", 0, "results", 1, "suppressed", "until"), "tomorrow", "is not valid under any"),
        (("roots", 0, "results", -1, "baseline"), True, "False was expected"),
        (("errors", 0), {"file": "x"}, "'line' is a required property"),
        (("summary",), {}, "'pass' is a required property"),
        (("roots", 0, "routes"), None, "None is not of type 'array'"),
    ],
)
def test_the_schema_refuses(path: tuple[str | int, ...], value: Any, complaint: str, hostile: Report) -> None:
    document = json.loads(json_reporter.render(hostile))
    *above, last = path
    part = document
    for step in above:
        part = part[step]
    before = copy.deepcopy(part)
    part[last] = value
    assert part != before
    with pytest.raises(jsonschema.ValidationError, match=complaint):
        validate(document)


def test_the_schema_refuses_a_link_of_another_kind(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    main(["path", "--format", "json"])
    document = json.loads(capsys.readouterr().out)
    document["roots"][0]["routes"][0]["links"][0]["kind"] = "hope"
    with pytest.raises(jsonschema.ValidationError, match="'hope' is not one of"):
        validate(document)
