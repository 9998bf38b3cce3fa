"""A plan beside its source: what the plan knows is judged, and what only the source says is kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from routeproof.catalogue import catalogue
from routeproof.sources.hcl.files import Files
from routeproof.sources.plan.loading import load_plan
from routeproof.stack import Stack
from routeproof.values import Known

from .recorded import PLAN, ROOT, copied, judged, resource, verdicts, written

KEPT = ("pass", "events expire after 14 days")
NEVER = ("fail", "retention_in_days is not set, so the events never expire")


def test_variables_data_sources_and_counts_are_the_plan_s() -> None:
    assert verdicts(ROOT, PLAN, "LOG_RETENTION") == {
        "aws_cloudwatch_log_group.by_variable": ("fail", "retention_in_days is 0, so the events never expire"),
        "aws_cloudwatch_log_group.by_data": KEPT,
        "aws_cloudwatch_log_group.counted[0]": NEVER,
        "aws_cloudwatch_log_group.counted[1]": NEVER,
        "module.logs.aws_cloudwatch_log_group.access": KEPT,
    }


def test_without_the_plan_they_are_undecided() -> None:
    found = verdicts(ROOT, None, "LOG_RETENTION")
    assert found.pop("module.logs.aws_cloudwatch_log_group.access") == KEPT
    assert found.pop("aws_cloudwatch_log_group.counted") == NEVER
    assert {verdict for verdict, _ in found.values()} == {"unproven"}
    assert len(found) == 2


def test_a_result_stands_where_the_source_says_so() -> None:
    (root,) = judged(ROOT, PLAN, "LOG_RETENTION").roots
    places = {
        r.address: (Path(r.location.file).name, r.location.line, r.location.column) for r in root.results if r.location
    }
    assert places == {
        "aws_cloudwatch_log_group.by_variable": ("main.tf", 38, 23),
        "aws_cloudwatch_log_group.by_data": ("main.tf", 43, 23),
        "aws_cloudwatch_log_group.counted[0]": ("main.tf", 46, 1),
        "aws_cloudwatch_log_group.counted[1]": ("main.tf", 46, 1),
        "module.logs.aws_cloudwatch_log_group.access": ("main.tf", 7, 23),
    }


@pytest.mark.parametrize("key", ["books", "music"])
def test_links_that_apply_decides_are_the_source_s(key: str) -> None:
    permission, function = f'aws_lambda_permission.shop["{key}"]', f'aws_lambda_function.shop["{key}"]'
    api = f'aws_apigatewayv2_api.shop["{key}"]'
    assert verdicts(ROOT, PLAN, "PERMISSION_EXPLICIT")[function] == ("pass", f"{permission} lets {api} invoke it")
    assert verdicts(ROOT, PLAN, "PERMISSION_SCOPE")[permission] == (
        "pass",
        f"scoped to {api}, all stages and routes",
    )


def test_a_permission_for_another_key_is_found_out(tmp_path: Path) -> None:
    root = copied(tmp_path)
    source = (root / "main.tf").read_text()
    swapped = source.replace(
        '"${each.value.execution_arn}/*/*"', '"${aws_apigatewayv2_api.shop["books"].execution_arn}/*/*"'
    )
    (root / "main.tf").write_text(swapped)
    found = verdicts(root, PLAN, "PERMISSION_EXPLICIT")
    assert found['aws_lambda_function.shop["books"]'][0] == "pass"
    assert found['aws_lambda_function.shop["music"]'] == (
        "fail",
        'no aws_lambda_permission lets aws_apigatewayv2_api.shop["music"] invoke it: every call through it ends in a '
        '500; aws_lambda_permission.shop["music"] has a source_arn that is not of its routes',
    )


def test_a_module_that_is_not_on_disk_is_in_the_plan(tmp_path: Path) -> None:
    root = copied(tmp_path)
    (root / "logs" / "main.tf").unlink()
    (root / "logs").rmdir()
    group = "module.logs.aws_cloudwatch_log_group.access"
    assert verdicts(root, PLAN, "LOG_RETENTION")[group] == KEPT
    (result,) = (r for r in judged(root, PLAN, "LOG_RETENTION").roots[0].results if r.address == group)
    assert (result.location, result.related) == (None, ())
    assert verdicts(root, PLAN, "ACCESS_LOGS") == {
        "aws_apigatewayv2_stage.books": ("pass", f"one line of JSON for each request, to {group}")
    }
    # Nothing else can be in it: what is lacking is lacking.
    assert verdicts(root, PLAN, "LAMBDA_LOG_GROUP")['aws_lambda_function.shop["books"]'][0] == "fail"
    assert verdicts(root, PLAN, "MODULE_FETCHED") == {
        None: ("not_applicable", f"the stack has no {catalogue()['MODULE_FETCHED'].subject}")
    }
    assert verdicts(root, None, "ACCESS_LOGS")["aws_apigatewayv2_stage.books"][0] == "unproven"


def test_what_the_provider_fills_in_does_not_count_as_chosen(tmp_path: Path) -> None:
    """The plan has a timeout of 3 for a function that sets none."""
    assert resource_timeout(tmp_path) == 3
    message = "not stated: memory_size (the default is 128 MB) and timeout (the default is 3 s)"
    assert verdicts(ROOT, PLAN, "LAMBDA_LIMITS")["aws_lambda_function.secret"] == ("fail", message)


def resource_timeout(directory: Path) -> int:
    found: list[int] = []
    written(
        directory, lambda plan: found.append(resource(plan, "aws_lambda_function.secret")["change"]["after"]["timeout"])
    )
    return found[0]


def test_a_dynamic_block_over_what_the_plan_knows(tmp_path: Path) -> None:
    root = copied(tmp_path)
    source = (root / "main.tf").read_text()
    dynamic = '  dynamic "cors_configuration" {\n    for_each = var.days == 0 ? [] : [1]\n    content {}\n  }\n}\n'
    (root / "main.tf").write_text(source.replace('protocol_type = "HTTP"\n}\n', f'protocol_type = "HTTP"\n{dynamic}'))
    assert verdicts(root, None, "CORS")["aws_apigatewayv2_api.shop"][0] == "unproven"
    assert verdicts(root, PLAN, "CORS") == {
        f'aws_apigatewayv2_api.shop["{key}"]': ("not_applicable", "no CORS is configured") for key in ("books", "music")
    }


def test_the_plan_decides_what_lifecycle_ignores(tmp_path: Path) -> None:
    """`ignore_changes` keeps what is there, whatever the source says now."""
    root = copied(tmp_path)
    source = (root / "main.tf").read_text()
    group = 'name              = "by-data"\n'
    assert group in source
    ignoring = source.replace(group, f"{group}  lifecycle {{\n    ignore_changes = [retention_in_days]\n  }}\n")
    (root / "main.tf").write_text(ignoring.replace("data.terraform_remote_state.shared.outputs.days", "30"))
    old = written(tmp_path, lambda plan: set_days(plan, "aws_cloudwatch_log_group.by_data", 7))
    found = verdicts(root, old, "LOG_RETENTION")["aws_cloudwatch_log_group.by_data"]
    assert found == ("pass", "events expire after 7 days")


def set_days(plan: dict, address: str, days: int) -> None:
    resource(plan, address)["change"]["after"]["retention_in_days"] = days


def replaced(root: Path, old: str, new: str) -> None:
    source = (root / "main.tf").read_text()
    assert old in source
    (root / "main.tf").write_text(source.replace(old, new))


def test_instances_that_the_source_leaves_open(tmp_path: Path) -> None:
    """The workspace's name is nowhere in a plan, and what it decided is."""
    root = copied(tmp_path)
    names = "data.terraform_remote_state.shared.outputs.names"
    replaced(root, f"count = length({names})", 'count = terraform.workspace == "default" ? 2 : 1')
    replaced(root, f"for_each      = toset({names})", 'for_each      = toset(split(",", terraform.workspace))')
    assert told(root, PLAN) == told(ROOT, PLAN)
    assert not [one for one in loaded(root, PLAN).resources if one.conditions]


def told(root: Path, plan: Path) -> list[tuple[str, str, str, str]]:
    results = judged(root, plan).roots[0].results
    return sorted((one.convention, one.address or "", one.verdict.value, one.message) for one in results)


def loaded(root: Path, plan: Path) -> Stack:
    return load_plan(plan, root, Files(None))


def test_instances_of_a_module_that_the_source_leaves_open(tmp_path: Path) -> None:
    root = copied(tmp_path)
    replaced(root, 'source = "./logs"\n', 'source = "./logs"\n  for_each = toset(split(",", terraform.workspace))\n')
    replaced(root, "module.logs.arn", 'module.logs["a\\"$${b}"].arn')

    def move(plan: dict[str, Any]) -> None:
        item = resource(plan, "module.logs.aws_cloudwatch_log_group.access")
        item["module_address"] = 'module.logs["a\\"$${b}"]'
        item["address"] = f"{item['module_address']}.aws_cloudwatch_log_group.access"

    group = 'module.logs["a\\"$${b}"].aws_cloudwatch_log_group.access'
    plan = written(tmp_path, move)
    assert verdicts(root, plan, "LOG_RETENTION")[group] == KEPT
    assert verdicts(root, plan, "ACCESS_LOGS")["aws_apigatewayv2_stage.books"] == (
        "pass",
        f"one line of JSON for each request, to {group}",
    )


def test_a_choice_between_links_that_a_data_source_makes(tmp_path: Path) -> None:
    root = copied(tmp_path)
    uri = "aws_lambda_function.shop[each.key].invoke_arn"
    choice = f"data.terraform_remote_state.shared.outputs.days == 14 ? {uri} : aws_lambda_function.secret.invoke_arn"
    replaced(root, f"integration_uri        = {uri}", f"integration_uri = {choice}")
    assert verdicts(root, PLAN, "PERMISSION_EXPLICIT") == verdicts(ROOT, PLAN, "PERMISSION_EXPLICIT")
    assert "unproven" in {verdict for verdict, _ in verdicts(root, None, "PERMISSION_EXPLICIT").values()}


ARCHIVED = """
data "archive_file" "code" {
  type        = "zip"
  source_file = "${path.module}/index.js"
  output_path = "${path.module}/code.zip"
}

resource "aws_lambda_function" "code" {
  function_name    = "code"
  role             = "arn:aws:iam::123456789012:role/code"
  handler          = "index.handler"
  runtime          = "nodejs22.x"
  filename         = data.archive_file.code.output_path
  source_code_hash = data.archive_file.code.output_base64sha256
}
"""


def test_a_hash_stays_the_hash_of_its_file(tmp_path: Path) -> None:
    """The archive is made for the plan, and its hash is a text there."""
    root = copied(tmp_path)
    (root / "code.tf").write_text(ARCHIVED)
    (root / "index.js").write_text("exports.handler = async () => 1;\n")
    known = {"output_base64sha256": "47DEQpj8HBSa", "output_path": "./code.zip", "source_file": "./index.js"}

    def pack(plan: dict[str, Any]) -> None:
        archive = {"address": "data.archive_file.code", "mode": "data", "type": "archive_file", "name": "code"}
        state = plan["prior_state"]["values"]["root_module"]["resources"]
        state.append({**archive, "values": {"type": "zip", **known}, "sensitive_values": {}})
        after = {"filename": "./code.zip", "source_code_hash": "47DEQpj8HBSa", "package_type": "Zip"}
        after |= {"function_name": "code", "handler": "index.handler", "runtime": "nodejs22.x"}
        function = {"address": "aws_lambda_function.code", "mode": "managed", "type": "aws_lambda_function"}
        change = {"actions": ["create"], "after": after, "after_unknown": {"role": False}}
        plan["resource_changes"].append({**function, "name": "code", "change": change})

    plan = written(tmp_path, pack)
    assert verdicts(root, plan, "SOURCE_CODE_HASH")["aws_lambda_function.code"] == (
        "pass",
        "the hash is of data.archive_file.code, which is deployed",
    )
    assert verdicts(root, plan, "LAMBDA_HANDLER")["aws_lambda_function.code"][0] == "pass"


def test_what_the_source_sets_is_not_computed() -> None:
    group = loaded(ROOT, PLAN).by_address["aws_cloudwatch_log_group.by_data"]
    assert set(group.attributes) == {"name", "retention_in_days"}
    assert not set(group.attributes) & set(group.computed)
    assert group.computed["skip_destroy"] == Known(False)
