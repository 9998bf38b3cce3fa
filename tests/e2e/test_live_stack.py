"""`check --aws` and `path --aws` on the reference stack: what is live is what its source says."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from routeproof.catalogue import catalogue
from routeproof.evaluate import evaluate
from routeproof.sources.hcl.files import Files
from routeproof.sources.hcl.modules import load
from tests.e2e.deployment import Deployment
from tests.e2e.laboratory import Lab
from tests.e2e.live_command import results, routeproof
from tests.e2e.local_aws import LocalAws

API = "API_URL_OUTPUT", "output.api_url"
UNPROVEN = {("LAMBDA_HANDLER", "aws_lambda_function.hello"), ("SOURCE_CODE_HASH", "aws_lambda_function.hello")}


def test_with_its_source_everything_has_the_sources_verdict_address_and_place(aws: LocalAws, deployment: Deployment):
    """The settings came by the environment, so that the source has other names; nothing that is compared differs."""
    run = routeproof(aws, "check", str(deployment.directory), "--format", "json")
    assert run.returncode == 0
    live = {(one["convention"], one["address"]): one for one in results(run) if one["address"]}
    source = load(deployment.directory, Files(deployment.directory.parent.resolve()), {})
    passing = {(one.convention, one.address): one for one in evaluate(source, catalogue().values()) if one.address}
    assert {one.verdict.value for one in passing.values()} == {"pass"}
    assert live.keys() == passing.keys() - {API}
    assert {key: one["verdict"] for key, one in live.items()} == dict.fromkeys(live, "pass") | dict.fromkeys(
        UNPROVEN, "unproven"
    )
    permission = live["PERMISSION_SCOPE", "aws_lambda_permission.api"]
    lines = (deployment.directory / "api.tf").read_text().splitlines()
    assert Path(permission["file"]).name == "api.tf"
    assert "source_arn" in lines[permission["line"] - 1]


def test_without_a_state_everything_has_its_arn(aws: LocalAws, deployment: Deployment):
    run = routeproof(aws, "check", "--api", f"hello-api{deployment.suffix}", "--format", "json")
    assert run.returncode == 0
    found = [result for result in results(run) if result["address"]]
    function = f"arn:aws:lambda:{aws.region}:{aws.account_id}:function:hello{deployment.suffix}"
    groups = f"arn:aws:logs:{aws.region}:{aws.account_id}:log-group:"
    assert {result["file"] for result in found} == {None}
    assert {r["address"] for r in found if r["convention"] == "LAMBDA_ARM64"} == {function}
    assert {r["address"] for r in found if r["convention"] == "PERMISSION_SCOPE"} == {
        f"{function}/policy/AllowAPIGatewayInvoke"
    }
    assert {r["address"] for r in found if r["convention"] == "LOG_RETENTION"} == {
        f"{groups}{deployment.function_log_group}",
        f"{groups}{deployment.access_log_group}",
    }
    assert {result["verdict"] for result in found} == {"pass", "unproven"}
    assert {r["convention"] for r in found if r["verdict"] == "unproven"} == {"LAMBDA_HANDLER", "SOURCE_CODE_HASH"}


def test_the_path_of_a_live_route(aws: LocalAws, deployment: Deployment):
    run = routeproof(aws, "path", "--function", f"hello{deployment.suffix}", "--format", "json")
    assert (run.returncode, run.stderr) == (0, "")
    (root,) = json.loads(run.stdout)["roots"]
    assert root["root"] == f"aws:{aws.account_id}:{aws.region}"
    (route,) = root["routes"]
    assert route["route_key"] == "GET /hello"
    status = {link["kind"]: link["status"] for link in route["links"]}
    assert status == {
        "integration": "proven",
        "function": "proven",
        "handler": "unproven",
        "package": "unproven",
        "permission": "proven",
        "stage": "proven",
        "access_log": "proven",
    }


@contextmanager
def without_permission(lab: Lab, function: str) -> Iterator[str]:
    """Somebody removes the function's only permission by hand, and brings it back in the end; its name in reports."""
    (statement,) = json.loads(lab.lambda_.get_policy(FunctionName=function)["Policy"])["Statement"]
    lab.lambda_.remove_permission(FunctionName=function, StatementId=statement["Sid"])
    try:
        yield f"{statement['Resource']}/policy/{statement['Sid']}"
    finally:
        lab.lambda_.add_permission(
            FunctionName=function,
            StatementId=statement["Sid"],
            Action=statement["Action"],
            Principal=statement["Principal"]["Service"],
            SourceArn=statement["Condition"]["ArnLike"]["AWS:SourceArn"],
        )


def test_a_permission_removed_by_hand_fails_until_it_is_back(aws: LocalAws, deployment: Deployment):
    def check() -> tuple[int, list[tuple[str, str, str, str]]]:
        run = routeproof(aws, "check", str(deployment.directory), "--format", "json")
        failing = [one for one in results(run) if one["verdict"] == "fail"]
        return run.returncode, [(one["convention"], one["address"], one["message"], place(one)) for one in failing]

    def place(one: dict[str, Any]) -> str:
        return "{}:{line}:{column}-{end_line}:{end_column}".format(Path(one["file"]).name, **one)

    with without_permission(Lab(aws), f"hello{deployment.suffix}") as permission:
        assert check() == (
            1,
            [
                (
                    "DRIFT",
                    "aws_lambda_permission.api",
                    f"{permission} is in Terraform's state, and is not there any more",
                    "api.tf:54:1-54:39",
                ),
                (
                    "PERMISSION_EXPLICIT",
                    "aws_lambda_function.hello",
                    "no aws_lambda_permission lets aws_apigatewayv2_api.main invoke it: every call through it ends in "
                    "a 500",
                    "function.tf:32:1-32:39",
                ),
            ],
        )
    assert check() == (0, [])
