"""SARIF: what OASIS' own schema says of it, and what it says of a report."""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema
import pytest
from markdown_it import MarkdownIt

from routeproof.catalogue import catalogue
from routeproof.cli import main
from routeproof.report import Report
from routeproof.reporters import sarif
from routeproof.reporters.explain import marked
from tests.unit.reporters.hostile import CONVENTIONS, NAMES

SCHEMA = json.loads((Path(__file__).parents[1] / "data" / "sarif-schema-2.1.0.json").read_text())
GROUP = 'resource "aws_cloudwatch_log_group" "{}" {{\n  name = "{}"\n}}\n'


def run_of(report: Report) -> dict[str, Any]:
    document = json.loads(sarif.render(report, CONVENTIONS))
    validate(document)
    (run,) = document["runs"]
    return run


def checked(*arguments: str) -> dict[str, Any]:
    """The run of a real `check`."""
    main(["check", *arguments, "--output", "sarif=out.sarif"])
    document = json.loads(Path("out.sarif").read_text())
    validate(document)
    (run,) = document["runs"]
    return run


def validate(document: Any) -> None:
    jsonschema.Draft4Validator.check_schema(SCHEMA)
    jsonschema.Draft4Validator(SCHEMA).validate(document)


def test_the_schema_is_the_official_one_and_refuses_what_it_should(hostile: Report) -> None:
    assert SCHEMA["id"] == sarif._SCHEMA
    document = json.loads(sarif.render(hostile, CONVENTIONS))
    validate(document)
    document["runs"][0]["results"][0]["level"] = "fatal"
    with pytest.raises(jsonschema.ValidationError, match="'fatal' is not one of"):
        validate(document)


@pytest.mark.parametrize("name", list(catalogue()))
def test_every_convention_is_a_rule_with_help_and_links(name: str, here: Path) -> None:
    convention = catalogue()[name]
    for path, content in (("main.tf", convention.bad.source), *convention.bad.files):
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(content)
    run = checked("--select", name)
    (rule,) = run["tool"]["driver"]["rules"]
    assert (rule["id"], rule["shortDescription"]["text"]) == (name, convention.title)
    assert rule["fullDescription"]["text"] == convention.why
    assert rule["helpUri"].startswith("https://")
    assert convention.why in " ".join(rule["help"]["text"].split())
    shown = MarkdownIt("gfm-like", {"linkify": False}).render(rule["help"]["markdown"]).replace("\u200b", "")
    for part in (convention.why, convention.fix, *convention.explains, marked(convention.bad)):
        assert html.escape(part, quote=False).replace('"', "&quot;") in shown, (
            "a placeholder in angle brackets is no HTML"
        )
    level = {"fail": "error", "unproven": "warning"}[convention.bad.verdict]
    found = {
        (
            result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"],
            result["locations"][0]["physicalLocation"]["region"]["startLine"],
        )
        for result in run["results"]
        if result["level"] == level
    }
    assert found == set(convention.bad.fails_at)
    assert all(
        result["ruleId"] == run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] for result in run["results"]
    )


def test_levels_regions_and_addresses(hostile: Report) -> None:
    run = run_of(hostile)
    assert run["columnKind"] == "unicodeCodePoints"
    levels = [result["level"] for result in run["results"]]
    assert (levels.count("error"), levels.count("warning"), len(levels)) == (len(NAMES), 1, len(NAMES) + 1)
    (unproven,) = [result for result in run["results"] if result["level"] == "warning"]
    assert unproven["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "infra/main.tf", "uriBaseId": "%SRCROOT%"},
                "region": {"startLine": 20, "startColumn": 23, "endLine": 20, "endColumn": 31},
            },
            "logicalLocations": [{"fullyQualifiedName": "aws_cloudwatch_log_group.open", "kind": "resource"}],
        }
    ]


def test_what_is_suppressed_and_what_is_in_the_baseline(hostile: Report) -> None:
    results = run_of(hostile)["results"]
    suppressions = [result["suppressions"] for result in results]
    assert [found[0]["kind"] for found in suppressions[:2]] == ["inSource", "external"]
    assert suppressions[0][0]["justification"] == "we | <b>know</b>\\n::error:: (until 2027-01-31)"
    assert suppressions[1][0]["location"]["physicalLocation"]["artifactLocation"]["uri"] == "routeproof.toml"
    assert suppressions[2:] == [[]] * (len(results) - 2)
    assert [result["baselineState"] for result in results] == ["new", "new", "unchanged", *["new"] * (len(results) - 3)]


def test_without_a_baseline_nothing_is_compared(here: Path) -> None:
    Path("main.tf").write_text(GROUP.format("a", "a"))
    (result,) = checked("--select", "LOG_RETENTION")["results"]
    assert "baselineState" not in result


def test_a_broken_check_and_a_file_that_does_not_parse_are_notifications(hostile: Report) -> None:
    run = run_of(hostile)
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    (broken,) = invocation["toolExecutionNotifications"]
    assert run["tool"]["driver"]["rules"][broken["associatedRule"]["index"]]["id"] == "BROKEN"
    assert broken["message"]["text"] == "the check of BROKEN broke: RuntimeError: it broke \\u001b[2J::error::"
    (unread,) = invocation["toolConfigurationNotifications"]
    notifications = run["tool"]["driver"]["notifications"]
    assert [notifications[found["descriptor"]["index"]]["id"] for found in (broken, unread)] == ["CHECK", "SOURCE"]
    assert unread["level"] == "error"
    place = unread["locations"][0]["physicalLocation"]
    assert place["region"] == {"startLine": 1, "startColumn": 7, "endLine": 1, "endColumn": 12}
    encoded = "unread/%3A%3Aerror%20file%3Db%3A%3A%60%3Cb%3E%7C%2A%E2%80%AE%2A%0A.tf"
    assert place["artifactLocation"]["uri"] == encoded
    assert Path(unquote(encoded)).exists()


def test_only_a_run_that_judged_everything_was_successful(here: Path) -> None:
    Path("main.tf").write_text(GROUP.format("a", "a"))
    assert checked(".")["invocations"][0]["executionSuccessful"] is True
    Path("other").mkdir()
    Path("other/main.tf").write_text("a = 1 b = 2\n")
    run = checked(".")
    assert len(run["results"]) == 1
    assert run["invocations"][0]["executionSuccessful"] is False


def test_other_places_are_related_locations(here: Path) -> None:
    Path("main.tf").write_text(
        'variable "days" {}\nresource "aws_cloudwatch_log_group" "a" {\n  retention_in_days = var.days\n}\n'
    )
    (result,) = checked("--select", "LOG_RETENTION")["results"]
    (related,) = result["relatedLocations"]
    assert (related["id"], related["message"]["text"]) == (1, "the value that is missing")
    assert related["physicalLocation"]["region"]["startLine"] == 1


def test_fingerprints_survive_what_moves_and_tell_findings_apart(here: Path) -> None:
    Path("main.tf").write_text(GROUP.format("a", "a") + GROUP.format("b", "b"))
    before = fingerprints()
    Path("main.tf").write_text("# a comment\n\n\n" + GROUP.format("b", "b"))
    Path("other.tf").write_text("\n" + GROUP.format("a", "a"))
    assert fingerprints() == before
    assert len(set(before.values())) == 2


def fingerprints() -> dict[str, str]:
    return {
        result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"]: result["partialFingerprints"][
            "routeproof/v1"
        ]
        for result in checked("--select", "LOG_RETENTION")["results"]
    }


def test_paths_start_at_the_top_of_the_repository(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever the program was started; what is outside is absolute."""
    Path("infra ä").mkdir()
    Path("infra ä/main.tf").write_text(GROUP.format("a", "a") + 'module "m" {\n  source = "../../outside"\n}\n')
    outside = here.parent / "outside"
    outside.mkdir()
    (outside / "main.tf").write_text(GROUP.format("b", "b"))
    monkeypatch.chdir("infra ä")
    run = checked("--select", "LOG_RETENTION", "--allow-outside")
    places = [result["locations"][0]["physicalLocation"]["artifactLocation"] for result in run["results"]]
    assert {"uri": "infra%20%C3%A4/main.tf", "uriBaseId": "%SRCROOT%"} in places
    assert {"uri": (outside / "main.tf").as_uri()} in places
    assert run["originalUriBaseIds"] == {"%SRCROOT%": {"uri": f"{here.as_uri()}/"}}


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ([], "routeproof/"),
        (["--var-file", "env/live.tfvars"], "routeproof/env/live.tfvars/"),
        (["--var-file", "env/live.tfvars", "--var-file", "b.tfvars"], "routeproof/env/live.tfvars,b.tfvars/"),
    ],
)
def test_environments_are_told_apart(arguments: list[str], name: str, here: Path) -> None:
    Path("main.tf").write_text('variable "days" {}\n' + GROUP.format("a", "a"))
    Path("env").mkdir()
    for file in ("env/live.tfvars", "b.tfvars"):
        Path(file).write_text("days = 14\n")
    assert checked(*arguments)["automationDetails"] == {"id": name}


def test_braces_are_doubled_and_what_looks_like_a_link_is_none() -> None:
    assert sarif._message("is ${a.b[0]}", "Fix: it") == {"text": "is ${{a.b[0]}}\n\nFix: it"}
    assert sarif._message(r"see [here](http://x) \ ") == {"text": r"see \[here\](http://x) \\ "}


def test_a_result_of_an_id_that_is_no_convention_has_a_rule(hostile: Report) -> None:
    document = json.loads(sarif.render(hostile, {"BROKEN": CONVENTIONS["BROKEN"]}))
    validate(document)
    (run,) = document["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == ["BROKEN", "NOTHING", "RETENTION"]
    for rule in run["tool"]["driver"]["rules"]:
        assert all(rule[name]["text"] for name in ("shortDescription", "fullDescription", "help")), "code scanning asks"
    assert {rules[result["ruleIndex"]] for result in run["results"]} == {"RETENTION"}
