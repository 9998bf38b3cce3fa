"""MODULE_FETCHED: the verdicts on module calls, by the clauses of its definition."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from routeproof.catalogue import catalogue
from routeproof.values import describe
from tests.unit.conventions.judging import expect, judged, loaded

ON_DISK = "its source is on disk"
NOT_JUDGED = "what the module declares is not judged: "
INIT = NOT_JUDGED + "run terraform init to fetch it"
GROUP = 'resource "aws_cloudwatch_log_group" "g" {\n  name              = "g"\n  retention_in_days = 14\n}\n'


def call(name: str, source: str, *more: str) -> str:
    return "\n".join(
        [f'module "{name}" {{', f"  source = «{json.dumps(source)}»", *(f"  {line}" for line in more), "}\n"]
    )


def fetched(**directories: str) -> str:
    """modules.json with directories by key; dots in keys are written as two underscores."""
    entries = [{"Key": key.replace("__", "."), "Source": "x", "Dir": path} for key, path in directories.items()]
    return json.dumps({"Modules": entries})


def test_a_stack_without_module_calls_has_no_subject() -> None:
    expect("MODULE_FETCHED", GROUP, ("not_applicable", None, "the stack has no module call"))


def test_a_local_module_passes() -> None:
    files = {"main.tf": call("logs", "./logs"), "logs/main.tf": GROUP}
    expect("MODULE_FETCHED", files, ("pass", "module.logs", ON_DISK))


def test_a_fetched_module_passes() -> None:
    files = {
        "main.tf": call("logs", "example/logs/aws"),
        ".terraform/modules/modules.json": fetched(logs=".terraform/modules/logs"),
        ".terraform/modules/logs/main.tf": GROUP,
    }
    expect("MODULE_FETCHED", files, ("pass", "module.logs", ON_DISK))


@pytest.mark.parametrize("source", ["example/logs/aws", "git::https://example.com/logs.git", "logs"])
def test_a_module_that_is_not_fetched_is_unproven(source: str) -> None:
    expect("MODULE_FETCHED", call("logs", source), ("unproven", "module.logs", INIT))


def test_a_fetched_module_that_is_gone_is_unproven() -> None:
    files = {
        "main.tf": call("logs", "example/logs/aws"),
        ".terraform/modules/modules.json": fetched(logs=".terraform/modules/logs"),
    }
    (result,), _ = judged(
        "MODULE_FETCHED", {path: text.replace("«", "").replace("»", "") for path, text in files.items()}
    )
    assert result.message.startswith(NOT_JUDGED + "there is no directory ")
    assert result.message.endswith("/.terraform/modules/logs; run terraform init to fetch it again")


def test_a_local_directory_that_is_missing_is_no_matter_of_terraform_init() -> None:
    (result,), _ = judged("MODULE_FETCHED", {"main.tf": 'module "logs" {\n  source = "./logs"\n}\n'})
    assert (result.verdict.value, result.address) == ("unproven", "module.logs")
    assert result.message.startswith(NOT_JUDGED + "there is no directory ")
    assert result.message.endswith("/logs")


def test_a_module_outside_the_repository_keeps_its_advice() -> None:
    reason = "it is outside the repository; --allow-outside permits that"
    expect("MODULE_FETCHED", call("logs", "../logs"), ("unproven", "module.logs", NOT_JUDGED + reason))


def test_a_call_without_a_source_is_unproven_at_its_header() -> None:
    source = '«module "logs"» {\n  name = "x"\n}\n'
    expect("MODULE_FETCHED", source, ("unproven", "module.logs", NOT_JUDGED + "it has no source"))


def test_each_instance_of_a_call_is_judged() -> None:
    source = call("a", "./logs", "count = 2") + call("b", "x/logs/aws", 'for_each = toset(["k.1", "l"])')
    expect(
        "MODULE_FETCHED",
        {"main.tf": source, "logs/main.tf": GROUP},
        ("pass", "module.a[0]", ON_DISK),
        ("pass", "module.a[1]", ON_DISK),
        ("unproven", 'module.b["k.1"]', INIT),
        ("unproven", 'module.b["l"]', INIT),
    )


def test_a_call_with_count_0_is_none() -> None:
    source = 'module "logs" {\n  source = "example/logs/aws"\n  count  = 0\n}\n'
    expect("MODULE_FETCHED", source, ("not_applicable", None, "the stack has no module call"))


def test_a_call_whose_number_only_apply_decides_is_judged_once(tmp_path: Path) -> None:
    source = call("logs", "example/logs/aws", "count = var.number") + 'variable "number" {}\n'
    expect("MODULE_FETCHED", source, ("unproven", "module.logs", INIT))
    (module,) = loaded(tmp_path, {"main.tf": source.replace("«", "").replace("»", "")}).resources
    assert [describe(condition) for condition in module.conditions] == ["var.number"]


def test_calls_are_judged_at_any_depth() -> None:
    files = {
        "main.tf": call("outer", "./outer", "count = 1"),
        "outer/main.tf": call("inner", "./inner") + call("gone", "example/logs/aws"),
        "outer/inner/main.tf": call("deep", "example/deep/aws", 'for_each = toset(["x"])'),
    }
    expect(
        "MODULE_FETCHED",
        files,
        ("pass", "module.outer[0]", ON_DISK),
        ("unproven", 'module.outer[0].module.inner.module.deep["x"]', INIT),
        ("pass", "module.outer[0].module.inner", ON_DISK),
        ("unproven", "module.outer[0].module.gone", INIT),
    )


def test_a_module_in_a_fetched_module_is_fetched_by_its_own_key() -> None:
    files = {
        "main.tf": call("outer", "example/outer/aws"),
        ".terraform/modules/modules.json": fetched(outer=".terraform/modules/o", outer__inner=".terraform/modules/i"),
        ".terraform/modules/o/main.tf": call("inner", "example/inner/aws") + call("gone", "example/gone/aws"),
        ".terraform/modules/i/main.tf": GROUP,
    }
    expect(
        "MODULE_FETCHED",
        files,
        ("pass", "module.outer.module.inner", ON_DISK),
        ("unproven", "module.outer.module.gone", INIT),
        ("pass", "module.outer", ON_DISK),
    )


@pytest.mark.parametrize("convention", sorted(set(catalogue()) - {"MODULE_FETCHED"}))
def test_no_other_convention_says_anything_of_a_module_that_is_not_fetched(convention: str) -> None:
    files = {"main.tf": 'module "everything" {\n  source = "example/everything/aws"\n}\n'}
    (result,), places = judged(convention, files)
    assert (result.verdict.value, result.address, places) == ("not_applicable", None, [None])


@pytest.mark.parametrize("convention", sorted(set(catalogue()) - {"MODULE_FETCHED"}))
def test_a_module_call_is_no_subject_of_another_convention(convention: str) -> None:
    """Neither it nor its arguments, though they have names that resources have too."""
    arguments = "".join(f'  {name} = "x"\n' for name in ("runtime", "handler", "api_id", "target", "retention_in_days"))
    files = {"main.tf": f'module "m" {{\n  source = "./m"\n{arguments}}}\n', "m/main.tf": 'variable "runtime" {}\n'}
    (result,), _ = judged(convention, files)
    assert (result.verdict.value, result.address) == ("not_applicable", None)
