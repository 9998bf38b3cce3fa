"""A plan without its source: what the configuration section proves, and nothing that it only suggests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from routeproof.sources.plan.links import Configuration, ModuleLinks
from routeproof.sources.plan.reading import read_plan
from routeproof.stack import Resource
from routeproof.values import Known, Reference, Unknown, Value, describe

from .recorded import PLAN, ROOT, judged, resource, verdicts, written

UNSEEN = "and how does not show in a plan without its source"


@pytest.fixture
def nowhere(tmp_path: Path) -> Path:
    """A directory without Terraform files."""
    (tmp_path / "nowhere").mkdir()
    return tmp_path / "nowhere"


def test_it_is_judged_with_more_that_is_unproven(nowhere: Path) -> None:
    with_source = {
        (r.convention, r.address): r.verdict.value
        for r in judged(ROOT, PLAN).roots[0].results
        if r.address != "module.logs"
    }
    alone = {(r.convention, r.address): r.verdict.value for r in judged(nowhere, PLAN).roots[0].results}
    differing = {key: alone.get(key) for key in with_source if alone.get(key) != with_source[key]}
    assert differing == {
        **{("PERMISSION_EXPLICIT", f'aws_lambda_function.shop["{key}"]'): None for key in ("books", "music")},
        **{("PERMISSION_SCOPE", f'aws_lambda_permission.shop["{key}"]'): "unproven" for key in ("books", "music")},
        **{("TIMEOUT_CHAIN", f'aws_apigatewayv2_integration.shop["{key}"]'): "unproven" for key in ("books", "music")},
    }
    # Which function is called is undecided, and that is said where it is called.
    assert {key for key in alone if key not in with_source} == {
        ("PERMISSION_EXPLICIT", f'aws_apigatewayv2_integration.shop["{key}"]') for key in ("books", "music")
    } | {("MODULE_FETCHED", None)}


def test_it_says_what_an_undecided_value_is_made_from(nowhere: Path) -> None:
    found = verdicts(nowhere, PLAN, "PERMISSION_EXPLICIT")['aws_apigatewayv2_integration.shop["books"]']
    assert found == (
        "unproven",
        f"which function this calls is undecided: the function is unknown (integration_uri is made from "
        f"aws_lambda_function.shop, each.key, {UNSEEN})",
    )


def test_an_id_through_a_module_s_output_is_followed(nowhere: Path) -> None:
    assert verdicts(nowhere, PLAN, "ACCESS_LOGS") == {
        "aws_apigatewayv2_stage.books": (
            "pass",
            "one line of JSON for each request, to module.logs.aws_cloudwatch_log_group.access",
        )
    }


def test_what_is_destroyed_is_not_judged(tmp_path: Path, nowhere: Path) -> None:
    gone = "aws_cloudwatch_log_group.counted[1]"

    def destroy(plan: dict[str, Any]) -> None:
        change = resource(plan, gone)["change"]
        change.update(actions=["delete"], before=change["after"], after=None, after_unknown={})

    assert gone in verdicts(nowhere, PLAN, "LOG_RETENTION")
    found = verdicts(nowhere, written(tmp_path, destroy), "LOG_RETENTION")
    assert gone not in found
    assert "aws_cloudwatch_log_group.counted[0]" in found


@pytest.mark.parametrize("actions", [["delete", "create"], ["create", "delete"], ["no-op"], ["update"]])
def test_what_is_replaced_or_kept_is_judged(actions: list[str], tmp_path: Path, nowhere: Path) -> None:
    address = "aws_cloudwatch_log_group.counted[1]"
    plan = written(tmp_path, lambda plan: resource(plan, address)["change"].update(actions=actions))
    assert verdicts(nowhere, plan, "LOG_RETENTION")[address][0] == "fail"


API_ID, REGION = "a1b2c3d4e5", "eu-west-1"
EXECUTION_ARN = f"arn:aws:execute-api:{REGION}:123456789012:{API_ID}"


def small(directory: Path, *resources: dict[str, Any], calls: dict[str, Any] | None = None) -> Configuration:
    """A plan of the given resources, by address, with attributes and expressions."""
    content = {
        "format_version": "1.2",
        "planned_values": {},
        "resource_changes": [
            {
                "address": item["address"],
                "mode": "managed",
                "type": item["address"].split(".")[0],
                "name": item["address"].split(".")[1],
                "change": {"actions": ["no-op"], "after": item["after"], "after_unknown": {}},
            }
            for item in resources
        ],
        "configuration": {
            "root_module": {
                "resources": [
                    {"address": item["address"], "expressions": item.get("expressions", {})} for item in resources
                ],
                "module_calls": calls or {},
            }
        },
    }
    (directory / "small.json").write_text(json.dumps(content))
    return Configuration(read_plan(directory / "small.json"))


@pytest.fixture
def configuration(tmp_path: Path) -> Configuration:
    api = {
        "id": API_ID,
        "execution_arn": EXECUTION_ARN,
        "arn": f"arn:aws:apigateway:{REGION}::/apis/{API_ID}",
        "api_endpoint": f"https://{API_ID}.execute-api.{REGION}.amazonaws.com",
    }
    stage = {
        "api_id": API_ID,
        "execution_arn": f"{EXECUTION_ARN}/$default",
        "invoke_url": f"https://{API_ID}.execute-api.{REGION}.amazonaws.com/",
    }
    return small(
        tmp_path,
        {"address": "aws_apigatewayv2_api.shop", "after": api},
        {"address": "aws_apigatewayv2_stage.default", "after": stage},
        {"address": "aws_apigatewayv2_integration.orders", "after": {"id": "f6g7h8i"}},
        {"address": "aws_lambda_function.f", "after": {"invoke_arn": "arn:aws:apigateway:x"}},
        calls={
            "orders": {
                "expressions": {
                    "api": {"references": ["aws_apigatewayv2_api.shop"]},
                    "name": {"constant_value": "orders"},
                    "both": {"references": ["aws_apigatewayv2_api.shop.id", "aws_lambda_function.f.invoke_arn"]},
                },
                "module": {},
            }
        },
    )


def made_from(*references: str) -> dict[str, Any]:
    return {"references": list(references)}


SOMETHING = made_from("local.something")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        (API_ID, "aws_apigatewayv2_api.shop.id"),
        (f"{EXECUTION_ARN}/*/*", '"${aws_apigatewayv2_api.shop.execution_arn}/*/*"'),
        (f"{EXECUTION_ARN}/$default/*", '"${aws_apigatewayv2_stage.default.execution_arn}/*"'),
        ("integrations/f6g7h8i", '"integrations/${aws_apigatewayv2_integration.orders.id}"'),
        (
            f"https://{API_ID}.execute-api.{REGION}.amazonaws.com//hello",
            '"${aws_apigatewayv2_stage.default.invoke_url}/hello"',
        ),
        (
            f"arn:aws:execute-api:eu-west-2:123456789012:{API_ID}/*/*",
            '"arn:aws:execute-api:eu-west-2:123456789012:${aws_apigatewayv2_api.shop.id}/*/*"',
        ),
        ("arn:aws:execute-api:eu-west-1:123456789012:b1b2c3d4e5/*/*", None),
        ("xa1b2c3d4e5", None),
    ],
)
def test_a_known_id_is_the_resource_that_has_it(configuration: Configuration, text: str, meant: str | None) -> None:
    value = ModuleLinks(configuration, "").known("source_arn", text, SOMETHING)
    assert describe(value) == (meant or f'"{text}"')


def test_a_literal_stays_one(configuration: Configuration) -> None:
    links = ModuleLinks(configuration, "")
    assert links.known("source_arn", f"{EXECUTION_ARN}/*/*", {"constant_value": "x"}) == Known(f"{EXECUTION_ARN}/*/*")
    assert links.known("source_arn", f"{EXECUTION_ARN}/*/*", made_from("var.arn")) == Known(f"{EXECUTION_ARN}/*/*")


@pytest.mark.parametrize("attribute", ["source_code_hash", "s3_key", "s3_object_version"])
def test_what_is_judged_by_its_origin_is_undecided(configuration: Configuration, attribute: str) -> None:
    links = ModuleLinks(configuration, "")
    value = links.known(attribute, "47DEQpj8HBSa", {})
    assert isinstance(value, Unknown)
    assert value.reason == "what it is made from does not show in a plan without its source"
    assert links.known(attribute, "fixed", {"constant_value": "fixed"}) == Known("fixed")


API = Reference("aws_apigatewayv2_api.shop", "id")


@pytest.mark.parametrize(
    ("module", "attribute", "expression", "expected"),
    [
        ("", "api_id", made_from("aws_apigatewayv2_api.shop.id", "aws_apigatewayv2_api.shop"), API),
        ("module.orders", "api_id", made_from("var.api.id", "var.api"), API),
        # What follows the reference, or stands around it, does not show.
        (
            "",
            "source_arn",
            made_from("aws_apigatewayv2_api.shop.execution_arn"),
            "aws_apigatewayv2_api.shop.execution_arn",
        ),
        ("", "target", made_from("aws_apigatewayv2_integration.orders.id"), "aws_apigatewayv2_integration.orders.id"),
        ("", "api_id", made_from("aws_apigatewayv2_api.shop.arn"), "aws_apigatewayv2_api.shop.arn"),
        (
            "module.orders",
            "api_id",
            made_from("var.both"),
            "aws_apigatewayv2_api.shop.id, aws_lambda_function.f.invoke_arn",
        ),
        # What cannot be followed.
        ("", "api_id", made_from("aws_apigatewayv2_api.shop", "each.key"), "aws_apigatewayv2_api.shop, each.key"),
        ("", "api_id", made_from("local.api"), "local.api"),
        ("", "api_id", made_from("aws_apigatewayv2_api.other.id"), "aws_apigatewayv2_api.other.id"),
        ("module.orders", "api_id", made_from("var.no_such"), "var.no_such"),
        ("", "api_id", made_from("module.nowhere.id"), "module.nowhere.id"),
        ("", "api_id", {}, "what is known only after apply"),
    ],
)
def test_a_value_that_waits_for_apply(
    configuration: Configuration, module: str, attribute: str, expression: dict[str, Any], expected: Value | str
) -> None:
    value = ModuleLinks(configuration, module).unknown(attribute, expression)
    if isinstance(expected, str):
        assert isinstance(value, Unknown)
        assert value.reason == f"{attribute} is made from {expected}, {UNSEEN}"
    else:
        assert value == expected


def test_references_that_go_round_in_a_circle_end(tmp_path: Path) -> None:
    circle = {
        "a": {
            "expressions": {"x": made_from("module.a.y")},
            "module": {"outputs": {"y": {"expression": made_from("var.x")}}},
        }
    }
    configuration = small(tmp_path, {"address": "aws_lambda_function.f", "after": {}}, calls=circle)
    assert configuration.reached("", ["module.a.y"]) is None


def test_ids_that_exist_are_computed_attributes(nowhere: Path, tmp_path: Path) -> None:
    """A literal in the source names what exists already by them."""

    def exist(plan: dict[str, Any]) -> None:
        change = resource(plan, 'aws_apigatewayv2_api.shop["books"]')["change"]
        change["after"]["id"] = API_ID
        del change["after_unknown"]["id"]

    from routeproof.sources.hcl.files import Files
    from routeproof.sources.plan.loading import load_plan

    stack = load_plan(written(tmp_path, exist), nowhere, Files(None))
    api: Resource | None = stack.identified(Known(API_ID), "aws_apigatewayv2_api")
    assert api is stack.by_address['aws_apigatewayv2_api.shop["books"]']
    assert stack.identified(Known("another"), "aws_apigatewayv2_api") is None
    assert stack.identified(Known(API_ID), "aws_lambda_function") is None
