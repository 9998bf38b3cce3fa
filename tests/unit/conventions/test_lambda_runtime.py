"""LAMBDA_RUNTIME, clause by clause."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from routeproof.cli import main
from routeproof.tables import DATA, Runtime, RuntimeTable, lambda_runtimes
from tests.unit.conventions.judging import expect

FUNCTION = "aws_lambda_function.orders"
AS_OF = "by the table of 2026-11-23"
NODE_22 = date(2027, 4, 30)


def function(*lines: str) -> str:
    body = "".join(f"  {line}\n" for line in lines)
    return f'resource "aws_lambda_function" "orders" {{\n  filename = "orders.zip"\n{body}}}\n'


def expect_runtime(runtime: str, verdict: str, message: str, *, today: date) -> None:
    expect("LAMBDA_RUNTIME", function(f'runtime = «"{runtime}"»'), (verdict, FUNCTION, message), today=today)


def test_a_deprecated_runtime_fails_with_what_aws_refuses_and_when() -> None:
    message = (
        f"nodejs18.x is deprecated since 2025-09-01, {AS_OF}; functions with it cannot be made from 2027-02-01 on; "
        "functions with it cannot be updated from 2027-03-03 on; take nodejs24.x"
    )
    expect_runtime("nodejs18.x", "fail", message, today=date(2026, 11, 23))


def test_without_further_dates_or_a_successor_nothing_more_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    old = Runtime(deprecated=date(2026, 1, 1), create_block=None, update_block=None, successor=None)
    table = RuntimeTable(date(2026, 2, 3), {"cobol1.x": old, "cobol2.x": Runtime(None, None, None, None)})
    monkeypatch.setattr("routeproof.conventions.function.lambda_runtime.lambda_runtimes", lambda: table)
    message = "cobol1.x is deprecated since 2026-01-01, by the table of 2026-02-03"
    expect_runtime("cobol1.x", "fail", message, today=date(2026, 11, 23))
    message = "cobol2.x has no date of deprecation, by the table of 2026-02-03"
    expect_runtime("cobol2.x", "pass", message, today=date(2026, 11, 23))


def test_on_the_day_itself_it_is_deprecated_and_the_day_before_it_is_not() -> None:
    message = f"nodejs22.x will be deprecated on 2027-04-30, within 180 days, {AS_OF}"
    expect_runtime("nodejs22.x", "pass", message, today=NODE_22 - timedelta(days=1))
    message = (
        f"nodejs22.x is deprecated since 2027-04-30, {AS_OF}; functions with it cannot be made from 2027-06-01 on; "
        "functions with it cannot be updated from 2027-07-01 on; take nodejs24.x"
    )
    expect_runtime("nodejs22.x", "fail", message, today=NODE_22)


def test_deprecated_within_180_days_passes_with_the_date() -> None:
    message = f"nodejs22.x will be deprecated on 2027-04-30, within 180 days, {AS_OF}"
    expect_runtime("nodejs22.x", "pass", message, today=NODE_22 - timedelta(days=180))
    message = f"nodejs22.x is supported until 2027-04-30, {AS_OF}"
    expect_runtime("nodejs22.x", "pass", message, today=NODE_22 - timedelta(days=181))


@pytest.mark.parametrize("runtime", ["nodejs99.x", "NodeJS22.x", ""])
def test_a_runtime_that_the_table_does_not_know_fails(runtime: str) -> None:
    message = f"{runtime} is no runtime that the table of 2026-11-23 knows"
    expect_runtime(runtime, "fail", message, today=date(2026, 11, 23))


def test_a_zip_package_without_a_runtime_fails() -> None:
    header = 'resource "aws_lambda_function" "orders"'
    source = function("memory_size = 128").replace(header, f"«{header}»")
    expect("LAMBDA_RUNTIME", source, ("fail", FUNCTION, "runtime is not set, and Lambda needs it for a zip package"))


def test_a_container_image_is_not_applicable() -> None:
    source = function('package_type = «"Image"»', 'runtime = "nodejs10.x"')
    expect("LAMBDA_RUNTIME", source, ("not_applicable", FUNCTION, "a container image brings its own runtime"))


def test_an_undecided_package_type_is_unproven() -> None:
    message = (
        "whether it is a container image is undecided: package_type is var.kind, and var.kind has no value; "
        "give it one with --var-file"
    )
    source = function("package_type = «var.kind»", 'runtime = "nodejs22.x"') + 'variable "kind" {}\n'
    expect("LAMBDA_RUNTIME", source, ("unproven", FUNCTION, message))


def test_a_variable_without_default_is_unproven_and_one_with_a_default_is_judged() -> None:
    message = (
        "the runtime is undecided: runtime is var.runtime, and var.runtime has no value; give it one with --var-file"
    )
    source = function("runtime = «var.runtime»")
    expect("LAMBDA_RUNTIME", source + 'variable "runtime" {}\n', ("unproven", FUNCTION, message))
    default = 'variable "runtime" {\n  default = "python3.14"\n}\n'
    expect("LAMBDA_RUNTIME", source + default, ("pass", FUNCTION, f"python3.14 is supported until 2029-06-30, {AS_OF}"))


def test_a_stack_without_functions_says_so() -> None:
    expect("LAMBDA_RUNTIME", 'variable "a" {}\n', ("not_applicable", None, "the stack has no aws_lambda_function"))


def test_the_table_says_where_it_is_from_and_has_what_is_known_of_node() -> None:
    raw = json.loads((DATA / "lambda_runtimes.json").read_text())
    assert raw["source"] == "cfn-lint 1.58.0, cfnlint/data/AdditionalSpecs/LmbdRuntimeLifecycle.json"
    assert raw["updated_at"] == "2026-11-23"
    known = lambda_runtimes().runtimes
    assert known["nodejs20.x"] == Runtime(date(2026, 4, 30), date(2027, 2, 1), date(2027, 3, 3), "nodejs24.x")
    assert known["nodejs24.x"] == Runtime(date(2028, 4, 30), date(2028, 6, 1), date(2028, 7, 1), None)


def test_today_pins_the_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "main.tf").write_text(function('runtime = "nodejs22.x"'))
    monkeypatch.chdir(tmp_path)
    command = ["check", "--select", "LAMBDA_RUNTIME", "--today"]
    assert main([*command, "2027-04-29"]) == 0
    assert main([*command, "2027-04-30"]) == 1
    capsys.readouterr()
    with pytest.raises(SystemExit) as stopped:
        main([*command, "yesterday"])
    assert stopped.value.code == 2
    assert "argument --today: 'yesterday' is no day; write it as 2026-01-31" in capsys.readouterr().err


def test_without_today_it_is_the_current_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "main.tf").write_text(function('runtime = "nodejs22.x"'))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("routeproof.report.current_day", lambda: NODE_22)
    assert main(["check", "--select", "LAMBDA_RUNTIME"]) == 1
