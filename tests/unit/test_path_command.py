"""`routeproof path`: what a person, a pull request and another program get to see."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routeproof.cli import main
from routeproof.links import End, Link, Route, Status
from routeproof.reporters import mermaid
from routeproof.reporters.path_markdown import escaped
from routeproof.values import Location

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the reference stack, in a working directory of its own."""
    for name in ("terraform", "lambda"):
        shutil.copytree(ROOT / name, tmp_path / name)
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path / "terraform"


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def line_of(file: Path, text: str) -> int:
    return next(number for number, line in enumerate(file.read_text().splitlines(), 1) if text in line)


def place(stack: Path, text: str) -> dict[str, Any]:
    """The range of a text in one line of api.tf."""
    line = line_of(stack / "api.tf", text)
    column = (stack / "api.tf").read_text().splitlines()[line - 1].index(text) + 1
    end = column + len(text)
    return {"file": "terraform/api.tf", "line": line, "column": column, "end_line": line, "end_column": end}


def test_the_tree_has_both_ends_of_every_link(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["path"]) == 0
    api, function, logs = (stack / f"{name}.tf" for name in ("api", "function", "logs"))
    route = line_of(api, '"aws_apigatewayv2_route"')
    assert (
        capsys.readouterr().out
        == f"""\
GET /hello  proven  aws_apigatewayv2_route.hello  terraform/api.tf:{route}
├─ ✓ integration  aws_apigatewayv2_integration.hello  terraform/api.tf:{line_of(api, '"aws_apigatewayv2_integration"')}
│  └─ ✓ function  aws_lambda_function.hello  terraform/function.tf:{line_of(function, '"aws_lambda_function"')}
│     ├─ ✓ handler  lambda/hello/index.js#handler
│     └─ ✓ package  data.archive_file.hello  terraform/function.tf:{line_of(function, '"archive_file"')}
├─ ✓ permission  aws_lambda_permission.api  terraform/api.tf:{line_of(api, '"aws_lambda_permission"')}
└─ ✓ stage  aws_apigatewayv2_stage.default  terraform/api.tf:{line_of(api, '"aws_apigatewayv2_stage"')}
   ├─ ✓ access_log  aws_cloudwatch_log_group.api  terraform/logs.tf:{line_of(logs, '"api"')}
   └─ ✓ output  output.api_url  terraform/outputs.tf:3

1 route: 1 proven
"""
    )


def test_a_broken_link_says_why_and_where(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(stack / "api.tf", '/*/*"', '/*/POST/*"')
    assert main(["path", "terraform"]) == 1
    out = capsys.readouterr().out.splitlines()
    assert out[0].startswith("GET /hello  broken  aws_apigatewayv2_route.hello  ")
    place = f"terraform/api.tf:{line_of(stack / 'api.tf', 'source_arn')}"
    header = line_of(stack / "api.tf", '"aws_lambda_permission"')
    why = "aws_lambda_permission.api permits /*/POST/*, which leaves out GET /hello: its calls end in a 500"
    assert out[5:7] == [
        f"├─ ✗ permission  aws_lambda_permission.api  terraform/api.tf:{header}",
        f"│     {place}: {why}",
    ]
    assert out[-1] == "1 route: 1 broken"


def test_an_unproven_link_is_no_failure(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(stack / "api.tf", '"GET /hello"', "var.route_key")
    edit(stack / "api.tf", '/*/*"', '/*/GET/*"')
    with (stack / "variables.tf").open("a") as file:
        file.write('variable "route_key" {\n}\n')
    assert main(["path"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("var.route_key  unproven  ")
    assert "├─ ? permission  aws_lambda_permission.api" in out
    (stack / "x.tfvars").write_text('route_key = "POST /hello"\n')
    assert main(["path", "--var-file", "terraform/x.tfvars"]) == 1
    out = capsys.readouterr().out
    assert out.startswith("POST /hello  broken  ")


def test_json_has_the_routes(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["path", "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    (root,) = document["roots"]
    assert (root["root"], root["results"]) == ("terraform", [])
    (route,) = root["routes"]
    head = {name: route[name] for name in ("api", "route", "route_key", "status")}
    assert head == {
        "api": "aws_apigatewayv2_api.main",
        "route": "aws_apigatewayv2_route.hello",
        "route_key": "GET /hello",
        "status": "proven",
    }
    assert route["links"][4] == {
        "from": "aws_apigatewayv2_route.hello",
        "to": "aws_lambda_permission.api",
        "kind": "permission",
        "status": "proven",
        "why": "aws_lambda_permission.api lets GET /hello in",
        **place(stack, '"${aws_apigatewayv2_api.main.execution_arn}/*/*"'),
        "from_location": place(stack, 'resource "aws_apigatewayv2_route" "hello"'),
        "to_location": place(stack, 'resource "aws_lambda_permission" "api"'),
    }
    assert main(["check", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["roots"][0]["routes"] == root["routes"]


def test_markdown_has_a_diagram_with_the_broken_link_marked(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(stack / "api.tf", "aws_lambda_function.hello.function_name", '"other"')
    assert main(["path", "--format", "markdown"]) == 1
    out = capsys.readouterr().out
    assert "| GET /hello | 7 of 8 proven | ❌ broken |\n" in out
    why = "no aws_lambda_permission lets aws_apigatewayv2_api.main invoke it&#58; every call ends in a 500; "
    why += 'aws_lambda_permission.api is for the function "other"'
    ends = "permission: aws_apigatewayv2_route.hello → aws_lambda_permission.api"
    assert f"| ❌ | {ends} | {why} | terraform/api.tf&#58;" in out
    chart = out.split("```mermaid\n")[1].split("```")[0].splitlines()
    (broken,) = [line for line in chart if "✗" in line]
    assert re.fullmatch(r'    n0 -\.->\|"✗ permission"\| n5', broken), broken
    edges = [line for line in chart if "-->" in line or "-.->" in line]
    assert f"    linkStyle {edges.index(broken)} stroke:#d1242f,stroke-width:3px,color:#d1242f" in chart


def test_no_route_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "main.tf").write_text('resource "aws_cloudwatch_log_group" "a" {\n  retention_in_days = 14\n}\n')
    assert main(["path", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[0].endswith(": no route of an HTTP API")
    assert out.splitlines()[-1] == "0 routes"
    assert main(["path", str(tmp_path), "--format", "markdown"]) == 0
    assert "No route of an HTTP API." in capsys.readouterr().out


def test_a_file_that_does_not_parse_is_exit_2(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (stack / "broken.tf").write_text('resource "aws_lambda_function" "f" {\n')
    assert main(["path"]) == 2
    assert capsys.readouterr().out.startswith("terraform/broken.tf:")


def test_a_broken_check_is_exit_2(
    stack: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    from routeproof.catalogue import catalogue

    def broken(stack: object, resource: object) -> None:
        raise RuntimeError("oops")

    chosen = dict(catalogue())
    chosen["SOURCE_CODE_HASH"] = replace(chosen["SOURCE_CODE_HASH"], check=broken)
    monkeypatch.setattr("routeproof.links.built_in", lambda: chosen)
    assert main(["path"]) == 2
    line = line_of(stack / "function.tf", '"aws_lambda_function"')
    expected = "error aws_lambda_function.hello: the check of SOURCE_CODE_HASH broke: RuntimeError: oops\n"
    assert capsys.readouterr().out.startswith(f"terraform/function.tf:{line}:1: {expected}")


def test_a_path_without_terraform_is_exit_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["path", str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith("routeproof: ")


def test_hostile_names_stay_text(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(stack / "api.tf", '"GET /hello"', '"GET /\\u001b[31m|`x`\\n::error::<b>\\"]--> n1[\\u202e"')
    assert main(["path"]) == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "\u202e" not in out
    assert main(["path", "--format", "markdown"]) == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "\u202e" not in out
    assert "<b>" not in out
    assert "::error" not in out
    table = [line for line in out.splitlines() if line.startswith("| GET")]
    assert [line.count("|") for line in table] == [4]
    (label,) = re.findall(r'^    n0\["(.*)"\]$', out, re.MULTILINE)
    assert not re.search(r'["\[\]<>|`](?!br/>)', label.replace("<br/>", ""))


PLACE = Location("main.tf", 1, 1, 1, 2)


@given(st.text())
def test_a_mermaid_label_never_ends_early(text: str) -> None:
    start = End("aws_apigatewayv2_route.a", PLACE)
    link = Link("function", start, End(text, PLACE), Status.PROVEN, "why", PLACE)
    lines = mermaid.diagram([Route(start, None, text, (link,))]).splitlines()
    assert len(lines) == 4
    for line in lines[1:3]:
        assert re.fullmatch(r'    n\d\["(?:[^"\[\]{}()<>|`#;&]|#\d+;|<br/>)*"\]', line)


@given(st.text())
def test_escaped_text_is_one_cell_of_a_table(text: str) -> None:
    found = escaped(text)
    assert len(found.splitlines()) <= 1
    assert not re.search(r"[|`<>*\[\]]", found)


def test_a_large_diagram_says_what_it_leaves_out() -> None:
    start = End("aws_apigatewayv2_route.a", PLACE)
    links = tuple(
        Link("function", start, End(f"f{number}", PLACE), Status.PROVEN, "why", PLACE)
        for number in range(mermaid.MAX_LINKS + 7)
    )
    lines = mermaid.diagram([Route(start, None, "GET /", links)]).splitlines()
    assert sum("-->" in line for line in lines) == mermaid.MAX_LINKS
    assert lines[-1] == '    more["and 7 more links"]'


# The formats that know findings


def test_sarif_has_a_result_for_each_open_link(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(stack / "api.tf", '/*/*"', '/*/POST/*"')
    assert main(["path", "--format", "sarif"]) == 1
    (run,) = json.loads(capsys.readouterr().out)["runs"]
    (rule,) = run["tool"]["driver"]["rules"]
    assert rule["id"] == "REQUEST_PATH"
    (result,) = run["results"]
    why = "aws_lambda_permission.api permits /*/POST/*, which leaves out GET /hello: its calls end in a 500"
    assert (result["ruleId"], result["level"]) == ("REQUEST_PATH", "error")
    assert result["message"]["text"].startswith(f"permission: {why}")
    (place,) = result["locations"]
    assert place["physicalLocation"]["artifactLocation"]["uri"] == "terraform/api.tf"
    assert place["physicalLocation"]["region"]["startLine"] == line_of(stack / "api.tf", "source_arn")
    (related,) = result["relatedLocations"]
    assert related["message"]["text"] == "to aws_lambda_permission.api"


def test_junit_has_a_case_for_each_link(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(stack / "api.tf", '/*/*"', '/*/POST/*"')
    assert main(["path", "--format", "junit"]) == 1
    suite = ElementTree.fromstring(capsys.readouterr().out).find("testsuite")
    assert suite is not None
    cases = [(case.get("name"), case.get("classname"), [child.tag for child in case]) for case in suite]
    assert len(cases) == 8
    assert [case for case in cases if case[2]] == [("aws_apigatewayv2_route.hello", "REQUEST_PATH", ["failure"])]


def test_github_has_an_annotation_for_each_open_link(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["path", "--format", "github"]) == 0
    assert not any(line.startswith("::") for line in capsys.readouterr().out.splitlines())
    edit(stack / "api.tf", '/*/*"', '/*/POST/*"')
    assert main(["path", "--format", "github"]) == 1
    first, *_ = capsys.readouterr().out.splitlines()
    assert first.startswith("::error file=terraform/api.tf,line=")
    assert (
        "title=fail REQUEST_PATH::aws_apigatewayv2_route.hello: permission: aws_lambda_permission.api permits" in first
    )
