"""What is no plan, not a whole one, or another root module's: one clear message, and exit code 2."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from routeproof.cli import main
from routeproof.sources.plan import reading

from .recorded import PLAN, ROOT, copied, judged, resource, written

HOW_TO = "terraform plan -out plan.bin && terraform show -json plan.bin > plan.json"
STALE = f"the source has changed since, or it was made with -target, -destroy or -refresh-only; {HOW_TO}"


def problems(root: Path, plan: Path) -> list[str]:
    found = judged(root, plan)
    assert found.roots == ()
    assert found.exit_code() == 2
    return [
        f"{Path(one.location.file).name}:{one.location.line}:{one.location.column}: {one.message}"
        for one in found.problems
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", f"1:1: this is not JSON (Expecting value): {HOW_TO}"),
        (b'{"format_version": "1.2",\n "planned', f"2:2: this is not JSON (Unterminated string starting at): {HOW_TO}"),
        (b"\xff\xfe\xff", None),
        (b"[" * 100_000, None),
        (b"[]", f"1:1: this is not a plan: {HOW_TO}"),
        (b"{}", f"1:1: this is not a plan: {HOW_TO}"),
        (
            b"PK\x03\x04\x14\x00\x08",
            "1:1: this is the plan's own file, which Terraform alone reads: terraform show -json some > plan.json, and "
            "give that",
        ),
        (
            b'{"@level":"info","@message":"Terraform 1.11.4"}\n{"@level":"info"}\n',
            f"1:1: this is the log of terraform plan -json, not the plan: {HOW_TO}",
        ),
        (
            b'{"@level":"info","@message":"Terraform 1.11.4"}\n',
            f"1:1: this is the log of terraform plan -json, not the plan: {HOW_TO}",
        ),
        (
            b'{"version": 4, "serial": 1, "lineage": "x", "resources": []}',
            f"1:1: this is a state, which says what there is and not what is planned: {HOW_TO}",
        ),
        (
            b'{"format_version": "1.0", "terraform_version": "1.11.4", "values": {}}',
            f"1:1: this is a state, which says what there is and not what is planned: {HOW_TO}",
        ),
    ],
)
def test_something_else(content: bytes, message: str | None, tmp_path: Path) -> None:
    (tmp_path / "some").write_bytes(content)
    (found,) = problems(ROOT, tmp_path / "some")
    if message is None:
        assert found.startswith("some:1:1: this is not JSON (")
        assert found.endswith(f"): {HOW_TO}")
    else:
        assert found == f"some:{message}"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_plan_that_another_shell_has_written(encoding: str, tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text(PLAN.read_text(), encoding=encoding)
    assert judged(ROOT, tmp_path / "plan.json").problems == ()


def test_no_such_file(tmp_path: Path) -> None:
    assert problems(ROOT, tmp_path / "plan.json") == [
        "plan.json:1:1: the plan cannot be read: No such file or directory"
    ]
    assert problems(ROOT, tmp_path) == [f"{tmp_path.name}:1:1: the plan cannot be read: Is a directory"]


def test_a_huge_file(tmp_path: Path) -> None:
    with (tmp_path / "plan.json").open("wb") as file:
        file.truncate(reading.MAX_BYTES + 1)
    assert problems(ROOT, tmp_path / "plan.json") == ["plan.json:1:1: the plan is larger than 100,000,000 bytes"]


def sets(**members: Any) -> Callable[[dict[str, Any]], None]:
    return lambda plan: plan.update(members)


def changes(address: str, **members: Any) -> Callable[[dict[str, Any]], None]:
    return lambda plan: resource(plan, address)["change"].update(members)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (sets(errored=True), "this plan ended in an error, so that it lacks what was to follow: plan again"),
        (
            sets(complete=False),
            "this plan is not complete: it was made with -target, or something in it waits for another plan; plan the "
            "whole",
        ),
        (
            sets(format_version="2.0"),
            "the plan has format version 2.0, and 1.x is read, which Terraform 1.1 and newer write",
        ),
        (
            sets(format_version="0.2"),
            "the plan has format version 0.2, and 1.x is read, which Terraform 1.1 and newer write",
        ),
        (
            sets(format_version=None),
            "the plan has format version None, and 1.x is read, which Terraform 1.1 and newer write",
        ),
        (
            sets(resource_changes=[], prior_state={}),
            f"this plan leaves out aws_cloudwatch_log_group.by_variable, which ROOT declares: {STALE}",
        ),
        (
            changes("aws_lambda_function.secret", actions=["delete"], after=None),
            f"this plan leaves out aws_lambda_function.secret, which ROOT declares: {STALE}",
        ),
        (
            changes("aws_lambda_function.secret", after=None),
            "this is not a plan as Terraform writes it (TypeError: aws_lambda_function.secret has no attributes)",
        ),
        (
            changes("aws_lambda_function.secret", actions=None),
            "this is not a plan as Terraform writes it (TypeError: 'NoneType' object is not iterable)",
        ),
        (
            sets(configuration=[]),
            "this is not a plan as Terraform writes it (AttributeError: 'list' object has no attribute 'get')",
        ),
    ],
)
def test_a_plan_that_is_not_to_be_trusted(
    change: Callable[[dict[str, Any]], None], message: str, tmp_path: Path
) -> None:
    found = problems(ROOT, written(tmp_path, change))
    assert found == [f"plan.json:1:1: {message.replace('ROOT', judged(ROOT, PLAN).roots[0].root)}"]


def test_a_plan_of_another_root_module(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('resource "aws_cloudwatch_log_group" "other" {\n  name = "other"\n}\n')
    (found,) = problems(tmp_path, PLAN)
    assert found.startswith("plan.json:1:1: this plan is of another root module: none of what it plans is declared in ")
    assert found.endswith(', such as aws_apigatewayv2_api.shop["books"]')


def test_a_resource_that_was_added_to_the_source_since(tmp_path: Path) -> None:
    root = copied(tmp_path)
    (root / "new.tf").write_text('resource "aws_cloudwatch_log_group" "new" {\n  name = "new"\n}\n')
    (found,) = problems(root, PLAN)
    assert "this plan leaves out aws_cloudwatch_log_group.new, which " in found


def test_a_resource_that_was_taken_out_of_the_source_since(tmp_path: Path) -> None:
    root = copied(tmp_path)
    source = (root / "main.tf").read_text()
    (root / "main.tf").write_text(
        source.replace('"aws_cloudwatch_log_group" "by_data"', '"aws_cloudwatch_log_group" "x"')
    )
    (found,) = problems(root, written(tmp_path, rename_one))
    assert "this plan has aws_cloudwatch_log_group.by_data, which " in found
    assert found.endswith(f" does not declare: the source has changed since; {HOW_TO}")


def rename_one(plan: dict[str, Any]) -> None:
    """The plan has the old resource and the new one: only the old one is strange."""
    item = json.loads(json.dumps(resource(plan, "aws_cloudwatch_log_group.by_data")))
    plan["resource_changes"].append({**item, "address": "aws_cloudwatch_log_group.x", "name": "x"})


def test_a_plan_alone_that_leaves_nothing(tmp_path: Path) -> None:
    plan = written(tmp_path, sets(resource_changes=[]))
    (tmp_path / "nowhere").mkdir()
    assert problems(tmp_path / "nowhere", plan) == [
        f"plan.json:1:1: nothing is there after this plan: it was made with -destroy or -refresh-only; {HOW_TO}"
    ]


def test_the_source_has_to_parse(tmp_path: Path) -> None:
    root = copied(tmp_path)
    (root / "broken.tf").write_text('resource "x" {\n')
    (found, *_) = problems(root, PLAN)
    assert found.startswith("broken.tf:")


# The command line


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["check", *arguments])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def test_an_error_in_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    written(tmp_path, sets(errored=True))
    code, out, _ = run(capsys, str(ROOT), "--plan", "plan.json", "--format", "json")
    assert code == 2
    assert json.loads(out)["errors"] == [
        {
            "file": "plan.json",
            "line": 1,
            "column": 1,
            "end_line": 1,
            "end_column": 1,
            "message": "this plan ended in an error, so that it lacks what was to follow: plan again",
        }
    ]


@pytest.mark.parametrize("more", [["another"], ["--var-file", "x.tfvars"]])
def test_what_does_not_go_with_a_plan(more: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, *more, str(ROOT), "--plan", str(PLAN)) == (
        2,
        "",
        "routeproof: --plan goes with one PATH and without --var-file: the plan has the variables' values\n",
    )


def test_several_root_modules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.tf").touch()
    assert run(capsys, ".", "--plan", "p.json") == (
        2,
        "",
        "routeproof: p.json is the plan of one root module; name it, of these: a, b\n",
    )


def test_a_root_module_with_others_below_it(tmp_path: Path) -> None:
    root = copied(tmp_path)
    (root / "examples").mkdir()
    (root / "examples" / "main.tf").write_text('resource "aws_cloudwatch_log_group" "new" {\n  name = "new"\n}\n')
    assert [one.root.endswith("terraform") for one in judged(root, PLAN).roots] == [True]


def test_no_such_path(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nowhere = str(tmp_path / "nowhere")
    assert run(capsys, nowhere, "--plan", str(PLAN)) == (
        2,
        "",
        f"routeproof: {nowhere}: there is no such file or directory\n",
    )
