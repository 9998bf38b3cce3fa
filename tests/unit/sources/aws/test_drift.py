"""What is live and differs from the source, by the addresses in Terraform's state."""

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from routeproof.convention import Result
from routeproof.sources.aws import loading
from routeproof.sources.aws.account import Options
from routeproof.sources.aws.state import Managed, read_state
from routeproof.sources.hcl.files import Files
from routeproof.sources.hcl.modules import load
from routeproof.stack import Stack

from .made_up import API, FUNCTION, PLACE, account, function, invocation, policy, shop, statement

SOURCE = """\
resource "aws_lambda_function" "orders" {
  function_name = "orders"
  role          = "arn:aws:iam::123456789012:role/service-role/orders"
  runtime       = "nodejs22.x"
  handler       = "index.handler"
  filename      = "orders.zip"
  architectures = ["arm64"]
  memory_size   = 256
  timeout       = 10
}

resource "aws_apigatewayv2_api" "shop" {
  name          = "shop"
  protocol_type = "HTTP"
}

resource "aws_apigatewayv2_integration" "orders" {
  api_id                 = aws_apigatewayv2_api.shop.id
  integration_type       = "AWS_PROXY"
  integration_uri        = aws_lambda_function.orders.invoke_arn
  payload_format_version = "2.0"
}

resource "aws_apigatewayv2_route" "orders" {
  api_id    = aws_apigatewayv2_api.shop.id
  route_key = "GET /orders"
  target    = "integrations/${aws_apigatewayv2_integration.orders.id}"
}

resource "aws_lambda_permission" "shop" {
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.orders.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.shop.execution_arn}/*/*"
}

resource "aws_cloudwatch_log_group" "orders" {
  name              = "/aws/lambda/orders"
  retention_in_days = 14
}
"""
PACKAGE = b"PK"
HASH = base64.b64encode(hashlib.sha256(PACKAGE).digest()).decode()
STATE: list[tuple[str, dict[str, Any]]] = [
    ("aws_lambda_function.orders", {"arn": FUNCTION}),
    ("aws_apigatewayv2_api.shop", {"arn": API, "id": "shop1"}),
    ("aws_apigatewayv2_integration.orders", {"api_id": "shop1", "id": "int1"}),
    ("aws_apigatewayv2_route.orders", {"api_id": "shop1", "id": "route1"}),
    ("aws_apigatewayv2_stage.default", {"arn": f"{API}/stages/$default", "api_id": "shop1", "id": "$default"}),
    ("aws_lambda_permission.shop", {"function_name": "orders", "statement_id": "shop", "qualifier": ""}),
    (
        "aws_cloudwatch_log_group.orders",
        {"name": "/aws/lambda/orders", "arn": PLACE.log_group("/aws/lambda/orders")},
    ),
]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("main.tf").write_text(SOURCE)
    Path("orders.zip").write_bytes(PACKAGE)
    write_state(STATE)
    return tmp_path


def write_state(entries: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
    resources = [
        {"mode": "managed", "type": kind, "name": name, "instances": [{"attributes": attributes}]}
        for address, attributes in entries
        for kind, _, name in [address.partition(".")]
    ]
    Path("terraform.tfstate").write_text(json.dumps({"version": 4, "lineage": "x", "resources": resources}))


def beside(monkeypatch: pytest.MonkeyPatch, answers: Mapping[str, Any], options: Options | None = None) -> Any:
    """The live stack and its drift."""
    made = account({**shop(), "ListFunctions": {"Functions": [function(CodeSha256=HASH)]}, **answers})
    monkeypatch.setattr(loading, "connect", lambda options: made)
    source = load(Path(), Files(None), {})
    return loading.load_beside(options or Options(), source, Path())


def drift(monkeypatch: pytest.MonkeyPatch, answers: Mapping[str, Any], options: Options | None = None) -> list[Any]:
    found: list[Result] = beside(monkeypatch, answers, options)[1]
    return [(r.address, str(r.location), r.verdict.value, r.message) for r in found]


def with_statements(*statements: Mapping[str, Any]) -> dict[str, Any]:
    given = shop()["GetPolicy"]
    return {"GetPolicy": lambda p: policy(*statements) if "FunctionName" in p else given(p)}


def with_part(operation: str, **members: Any) -> dict[str, Any]:
    return {operation: {"Items": [{**shop()[operation]["Items"][0], **members}]}}


def test_nothing_drifts(monkeypatch: pytest.MonkeyPatch):
    assert drift(monkeypatch, {}) == []


def test_what_is_live_has_the_addresses_of_the_state_and_the_places_of_the_source(monkeypatch: pytest.MonkeyPatch):
    stack: Stack = beside(monkeypatch, {})[0]
    found = {resource.address: str(resource.location) for resource in stack.resources}
    assert found["aws_lambda_function.orders"] == "main.tf:1:1"
    assert found["aws_lambda_permission.shop"] == "main.tf:30:1"
    assert str(stack.by_address["aws_lambda_function.orders"].position("timeout")) == "main.tf:9:19"


def test_only_what_the_state_has_is_read(monkeypatch: pytest.MonkeyPatch):
    other = function(FunctionName="basket", FunctionArn=f"{FUNCTION}-basket")
    apis = [*shop()["GetApis"]["Items"], {"ApiId": "other", "Name": "other", "ProtocolType": "HTTP"}]
    answers = {"ListFunctions": {"Functions": [function(CodeSha256=HASH), other]}, "GetApis": {"Items": apis}}
    stack, found = beside(monkeypatch, answers)
    addresses = {resource.address for resource in stack.resources}
    assert (found, [address for address in addresses if "basket" in address or "other" in address]) == ([], [])
    assert PLACE.log_group("/aws/apigw/shop") not in addresses  # it is not in the state


GONE = "{} is in Terraform's state, and is not there any more"
ADDED = "{} is not in Terraform's state: added by hand, or by another stack"


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        (
            with_statements(),
            ("aws_lambda_permission.shop", "main.tf:30:1", GONE.format(f"{FUNCTION}/policy/shop")),
        ),
        (
            with_statements(statement(), statement(Sid="mine", Principal="*")),
            (
                "aws_lambda_function.orders",
                "main.tf:1:1",
                ADDED.format(f'{FUNCTION}/policy/mine ("*" may "lambda:InvokeFunction")'),
            ),
        ),
        (
            with_statements(statement(Condition={})),
            (
                "aws_lambda_permission.shop",
                "main.tf:34:19",
                'source_arn is null, and the source says "arn:aws:execute-api:eu-west-1:123456789012:shop1/*/*"',
            ),
        ),
        (
            {"DescribeLogGroups": {"logGroups": [{"logGroupName": "/aws/lambda/orders"}]}},
            ("aws_cloudwatch_log_group.orders", "main.tf:39:23", "retention_in_days is null, and the source says 14"),
        ),
        (
            {"DescribeLogGroups": {"logGroups": []}},
            (
                "aws_cloudwatch_log_group.orders",
                "main.tf:37:1",
                GONE.format(PLACE.log_group("/aws/lambda/orders")),
            ),
        ),
        (
            {"ListFunctions": {"Functions": [function(CodeSha256=HASH, MemorySize=128)]}},
            ("aws_lambda_function.orders", "main.tf:8:19", "memory_size is 128, and the source says 256"),
        ),
        (
            {"ListFunctions": {"Functions": [function(CodeSha256="b3RoZXI=")]}},
            (
                "aws_lambda_function.orders",
                "main.tf:6:19",
                f'the code is not that of orders.zip: its hash is "b3RoZXI=", and the package\'s {HASH}',
            ),
        ),
        (
            with_part("GetIntegrations", IntegrationUri=invocation(f"{FUNCTION}-basket")),
            (
                "aws_apigatewayv2_integration.orders",
                "main.tf:20:28",
                f'integration_uri is "{invocation(FUNCTION + "-basket")[:116]}..., and the source says '
                f'"{invocation()[:116]}...',
            ),
        ),
        (
            with_part("GetRoutes", RouteKey="POST /orders"),
            (
                "aws_apigatewayv2_route.orders",
                "main.tf:26:15",
                'route_key is "POST /orders", and the source says "GET /orders"',
            ),
        ),
        (
            {"GetRoutes": {"Items": [*shop()["GetRoutes"]["Items"], {"RouteId": "mine", "RouteKey": "GET /mine"}]}},
            ("aws_apigatewayv2_api.shop", "main.tf:12:1", ADDED.format(f"{API}/routes/mine")),
        ),
        (
            {"GetRoutes": {"Items": []}},
            ("aws_apigatewayv2_route.orders", "main.tf:24:1", GONE.format(f"{API}/routes/route1")),
        ),
        ({"GetApis": {"Items": []}}, ("aws_apigatewayv2_api.shop", "main.tf:12:1", GONE.format(API))),
        ({"ListFunctions": {"Functions": []}}, ("aws_lambda_function.orders", "main.tf:1:1", GONE.format(FUNCTION))),
    ],
)
def test_drift(monkeypatch: pytest.MonkeyPatch, answers: dict[str, Any], expected: tuple[str, str, str]):
    found = drift(monkeypatch, answers)
    address, place, message = expected
    assert found == [(address, place, "fail", message)]


@pytest.mark.parametrize("operation", ["ListFunctions", "DescribeLogGroups", "GetApis", "GetRoutes", "GetIntegrations"])
def test_what_is_denied_is_not_gone(monkeypatch: pytest.MonkeyPatch, operation: str):
    assert drift(monkeypatch, {operation: "AccessDeniedException"}) == []


def test_denied_statements_are_not_gone(monkeypatch: pytest.MonkeyPatch):
    given = shop()["GetPolicy"]
    answers = {"GetPolicy": lambda p: "AccessDeniedException" if "FunctionName" in p else given(p)}
    assert drift(monkeypatch, answers) == []


def test_what_is_left_out_is_not_gone(monkeypatch: pytest.MonkeyPatch):
    functions = {"GetFunctionConfiguration": function(CodeSha256=HASH)}
    assert drift(monkeypatch, {**functions, "GetRoutes": {"Items": []}}, Options(function="orders")) == []
    assert [one[0] for one in drift(monkeypatch, {**functions, **with_statements()}, Options(function="orders"))] == [
        "aws_lambda_permission.shop"
    ]


def test_a_package_that_is_not_there(monkeypatch: pytest.MonkeyPatch):
    Path("orders.zip").unlink()
    ((address, place, verdict, message),) = drift(monkeypatch, {})
    assert (address, place, verdict) == ("aws_lambda_function.orders", "main.tf:6:19", "unproven")
    assert message == "whether the code is the package's is undecided: there is no orders.zip; terraform plan makes it"


def test_retention_0_is_none(monkeypatch: pytest.MonkeyPatch):
    Path("main.tf").write_text(SOURCE.replace("retention_in_days = 14", "retention_in_days = 0"))
    assert drift(monkeypatch, {"DescribeLogGroups": {"logGroups": [{"logGroupName": "/aws/lambda/orders"}]}}) == []


def test_parts_of_an_openapi_document_are_not_added(monkeypatch: pytest.MonkeyPatch):
    Path("main.tf").write_text(SOURCE.replace('"HTTP"', '"HTTP"\n  body = "{}"'))
    mine = {"RouteId": "mine", "RouteKey": "GET /mine"}
    assert drift(monkeypatch, {"GetRoutes": {"Items": [*shop()["GetRoutes"]["Items"], mine]}}) == []


def test_resources_of_another_region_are_not_gone(monkeypatch: pytest.MonkeyPatch):
    elsewhere = replace(PLACE, region="eu-west-2")
    Path("main.tf").write_text(
        SOURCE
        + 'resource "aws_apigatewayv2_api" "b" {\n  name = "b"\n  protocol_type = "HTTP"\n}\n'
        + 'resource "aws_lambda_function" "b" {\n  function_name = "b"\n}\n'
        + 'resource "aws_apigatewayv2_route" "b" {\n  api_id = aws_apigatewayv2_api.b.id\n}\n'
    )
    write_state(
        [
            *STATE,
            ("aws_apigatewayv2_api.b", {"arn": elsewhere.api("b1"), "id": "b1"}),
            ("aws_lambda_function.b", {"arn": elsewhere.function("b")}),
            ("aws_apigatewayv2_route.b", {"api_id": "b1", "id": "route2"}),
        ]
    )
    assert drift(monkeypatch, {}) == []


def test_addresses_in_a_state_file():
    entries = [
        {
            "mode": "managed",
            "type": "aws_lambda_function",
            "name": "a",
            "instances": [{"index_key": 1, "attributes": {"arn": "one"}}],
        },
        {
            "module": 'module.m["x"]',
            "mode": "managed",
            "type": "aws_lambda_function",
            "name": "b",
            "instances": [{"index_key": 'k"y', "attributes": {"arn": "two"}}],
        },
        {"mode": "data", "type": "aws_lambda_function", "name": "c", "instances": [{"attributes": {"arn": "three"}}]},
        {"mode": "managed", "type": "aws_sns_topic", "name": "d", "instances": [{"attributes": {"arn": "four"}}]},
    ]
    Path("s.json").write_text(json.dumps({"version": 4, "lineage": "x", "resources": entries}))
    found = {one.called: one.address for one in read_state(Path("s.json"), PLACE)}
    assert found == {
        "one": "aws_lambda_function.a[1]",
        "two": 'module.m["x"].aws_lambda_function.b["k\\"y"]',
    }


def test_addresses_of_terraform_show():
    function_ = {"mode": "managed", "type": "aws_lambda_function", "values": {"arn": FUNCTION}}
    root = {
        "resources": [{**function_, "address": "aws_lambda_function.a"}],
        "child_modules": [
            {"resources": [{**function_, "address": "module.m.aws_lambda_function.b", "values": {"arn": "b"}}]}
        ],
    }
    Path("s.json").write_text(json.dumps({"format_version": "1.0", "values": {"root_module": root}}))
    assert read_state(Path("s.json"), PLACE) == (
        Managed("aws_lambda_function.a", "aws_lambda_function", FUNCTION, {"arn": FUNCTION}),
        Managed("module.m.aws_lambda_function.b", "aws_lambda_function", "b", {"arn": "b"}),
    )
    Path("s.json").write_text('{"format_version": "1.0"}')
    assert read_state(Path("s.json"), PLACE) == ()
