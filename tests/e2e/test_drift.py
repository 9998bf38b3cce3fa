"""Somebody was at the console: `check --aws` tells each change at the source's address and place, and what it breaks.

It is done to the good examples, after every surface has seen them.
"""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.e2e.laboratory import Lab, package
from tests.e2e.live_command import results, routeproof
from tests.e2e.local_aws import LocalAws
from tests.e2e.surfaces import Surfaces

GONE = "is in Terraform's state, and is not there any more"
ADDED = "is not in Terraform's state: added by hand, or by another stack"


class Told(NamedTuple):
    """What has to be told of a change. `place` is the range in the example: line and column, from and to."""

    example: str
    address: str
    place: str
    message: str


@dataclass(frozen=True)
class Console:
    """The examples as somebody sees them who is at the console."""

    lab: Lab
    surfaces: Surfaces

    def function(self, example: str) -> str:
        """The ARN of the example's function."""
        name = f"orders-good_{example}"
        return f"arn:aws:lambda:{self.lab.aws.region}:{self.lab.aws.account_id}:function:{name}"

    def api(self, example: str) -> str:
        """The id of the example's API."""
        api = self.surfaces.live.by_address[f"module.good_{example}.aws_apigatewayv2_api.shop"]
        return str(api.computed["id"].value)

    def api_arn(self, example: str) -> str:
        return f"arn:aws:apigateway:{self.lab.aws.region}::/apis/{self.api(example)}"


def remove_permission(console: Console) -> Told:
    function = console.function("PERMISSION_EXPLICIT")
    address = "aws_lambda_permission.shop_orders"
    permission = console.surfaces.live.by_address[f"module.good_PERMISSION_EXPLICIT.{address}"]
    statement = str(permission.get("statement_id").value)
    console.lab.lambda_.remove_permission(FunctionName=function, StatementId=statement)
    return Told("PERMISSION_EXPLICIT", address, "20:1-20:47", f"{function}/policy/{statement} {GONE}")


def add_permission(console: Console) -> Told:
    function = console.function("PERMISSION_SCOPE")
    console.lab.lambda_.add_permission(
        FunctionName=function,
        StatementId="by-hand",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
    )
    allowed = '"apigateway.amazonaws.com" may "lambda:InvokeFunction"'
    message = f"{function}/policy/by-hand ({allowed}) {ADDED}"
    return Told("PERMISSION_SCOPE", "aws_lambda_function.orders", "6:1-6:40", message)


def change_code(console: Console) -> Told:
    code = package("exports.handler = 0;")
    console.lab.lambda_.update_function_code(FunctionName=console.function("SOURCE_CODE_HASH"), ZipFile=code)
    file = console.surfaces.root / "good_SOURCE_CODE_HASH.zip"
    live, packed = (base64.b64encode(hashlib.sha256(one).digest()).decode() for one in (code, file.read_bytes()))
    message = f'the code is not that of {file.name}: its hash is "{live}", and the package\'s {packed}'
    return Told("SOURCE_CODE_HASH", "aws_lambda_function.orders", "16:22-16:58", message)


def change_timeout(console: Console) -> Told:
    console.lab.lambda_.update_function_configuration(FunctionName=console.function("LAMBDA_LIMITS"), Timeout=20)
    return Told("LAMBDA_LIMITS", "aws_lambda_function.orders", "7:19-7:21", "timeout is 20, and the source says 10")


def change_retention(console: Console) -> Told:
    group = "/aws/lambda/orders-good_LOG_RETENTION"
    console.lab.logs.put_retention_policy(logGroupName=group, retentionInDays=60)
    message = "retention_in_days is 60, and the source says 30"
    return Told("LOG_RETENTION", "aws_cloudwatch_log_group.orders", "3:23-3:25", message)


def add_route(console: Console) -> Told:
    api = console.api("ROUTE_TARGET")
    (integration,) = console.lab.apis.get_integrations(ApiId=api)["Items"]
    target = f"integrations/{integration['IntegrationId']}"
    route = console.lab.apis.create_route(ApiId=api, RouteKey="GET /mine", Target=target)["RouteId"]
    message = f"{console.api_arn('ROUTE_TARGET')}/routes/{route} {ADDED}"
    return Told("ROUTE_TARGET", "aws_apigatewayv2_api.shop", "1:1-1:39", message)


def delete_stage(console: Console) -> Told:
    console.lab.apis.delete_stage(ApiId=console.api("DEFAULT_STAGE"), StageName="$default")
    message = f"{console.api_arn('DEFAULT_STAGE')}/stages/$default {GONE}"
    return Told("DEFAULT_STAGE", "aws_apigatewayv2_stage.default", "6:1-6:44", message)


CHANGES: list[Callable[[Console], Told]] = [
    *(remove_permission, add_permission, change_code, change_timeout, change_retention, add_route, delete_stage)
]


@dataclass(frozen=True)
class Drifted:
    """What had to be told of each change, and all that `check --aws` told."""

    expected: dict[str, Told]
    results: list[dict[str, Any]]

    @property
    def drift(self) -> list[dict[str, Any]]:
        return [result for result in self.results if result["convention"] == "DRIFT"]


@pytest.fixture(scope="module")
def drifted(surfaces: Surfaces, aws: LocalAws) -> Drifted:
    console = Console(Lab(aws), surfaces)
    expected = {change.__name__: change(console) for change in CHANGES}
    return Drifted(expected, results(routeproof(aws, "check", str(surfaces.root), "--format", "json")))


def test_nothing_drifts_before(surfaces: Surfaces):
    assert [(result.address, result.message) for result in surfaces.drift] == []


@pytest.mark.parametrize("change", [change.__name__ for change in CHANGES])
def test_what_was_changed_by_hand_is_told(drifted: Drifted, change: str):
    told = drifted.expected[change]
    address = f"module.good_{told.example}.{told.address}"
    found = [(one["verdict"], place(one), one["message"]) for one in drifted.drift if one["address"] == address]
    assert found == [("fail", f"good_{told.example}/main.tf:{told.place}", told.message)]


def place(one: dict[str, Any]) -> str:
    file = Path(one["file"])
    return "{}/{}:{line}:{column}-{end_line}:{end_column}".format(file.parent.name, file.name, **one)


def test_nothing_else_is_told(drifted: Drifted):
    assert len(drifted.drift) == len(CHANGES)


def test_the_conventions_see_what_was_changed_by_hand(drifted: Drifted):
    """Good examples all, which passed before."""
    found = {(one["convention"], one["address"]): (one["verdict"], one["message"]) for one in drifted.results}
    scope = drifted.expected["add_permission"].message.partition(" ")[0]
    assert found["PERMISSION_SCOPE", scope] == (
        "fail",
        "source_arn is not set: every API of every account may invoke the function",
    )
    explicit = "module.good_PERMISSION_EXPLICIT"
    assert found["PERMISSION_EXPLICIT", f"{explicit}.aws_lambda_function.orders"] == (
        "fail",
        f"no aws_lambda_permission lets {explicit}.aws_apigatewayv2_api.shop invoke it: every call through it ends in "
        "a 500",
    )
    assert found["DEFAULT_STAGE", "module.good_DEFAULT_STAGE.aws_apigatewayv2_api.shop"] == (
        "fail",
        "no aws_apigatewayv2_stage: the API is deployed nowhere, and every call ends in a 404",
    )
