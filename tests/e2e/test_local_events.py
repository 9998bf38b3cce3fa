"""The event that a function is called with. Each docstring begins with its case in docs/aws-behaviour.md."""

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.client import Caller
from tests.e2e.laboratory import Api, Lab
from tests.e2e.local_aws import LocalAws, local_aws


@pytest.fixture(scope="module")
def lab(aws: LocalAws) -> Lab:
    return Lab(aws)


WRAPPED_ECHO = "exports.handler = async (event) => ({statusCode: 200, body: JSON.stringify(event)});"


@pytest.fixture(scope="module")
def api(lab: Lab) -> Api:
    """`/2/...` is called with format 2.0, `/1/...` with 1.0."""
    function = lab.function(WRAPPED_ECHO)
    api = lab.api(
        dict.fromkeys(["ANY /2/{id}/{rest+}", "ANY /2", "ANY /old"], function),
        stage={"StageVariables": {"colour": "blue"}},
    )
    old = lab.apis.create_integration(
        ApiId=api.id,
        IntegrationType="AWS_PROXY",
        IntegrationUri=lab.invoke_arn(function),
        PayloadFormatVersion="1.0",
    )["IntegrationId"]
    lab.apis.create_route(ApiId=api.id, RouteKey="ANY /1/{id}", Target=f"integrations/{old}")
    return api


def test_event_2(lab: Lab, api: Api):
    """An event in format 2.0."""
    before = time.time()
    response = api.call(
        "POST",
        "/2/7/a/b?x=1&y=%20&x=2",
        data="body",
        headers={"Content-Type": "text/plain", "Cookie": "a=1; b=2", "X-Custom": "One", "User-Agent": "agent/1"},
    )
    event = response.json()
    context = event.pop("requestContext")
    headers = event.pop("headers")
    assert event == {
        "version": "2.0",
        "routeKey": "ANY /2/{id}/{rest+}",
        "rawPath": "/2/7/a/b",
        "rawQueryString": "x=1&y=%20&x=2",
        "cookies": ["a=1", "b=2"],
        "queryStringParameters": {"x": "1,2", "y": " "},
        "body": "body",
        "pathParameters": {"id": "7", "rest": "a/b"},
        "isBase64Encoded": False,
        "stageVariables": {"colour": "blue"},
    }
    assert before - 1 <= context["timeEpoch"] / 1000 <= time.time() + 1
    assert re.fullmatch(r"\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000", context.pop("time"))
    assert isinstance(context.pop("timeEpoch"), int)
    assert context.pop("requestId") == response.headers["apigw-requestid"]
    assert context == {
        "accountId": lab.aws.account_id,
        "apiId": api.id,
        "domainName": api.host,
        "domainPrefix": api.id,
        "http": {
            "method": "POST",
            "path": "/2/7/a/b",
            "protocol": "HTTP/1.1",
            "sourceIp": "127.0.0.1",
            "userAgent": "agent/1",
        },
        "routeKey": "ANY /2/{id}/{rest+}",
        "stage": "$default",
    }
    assert {name: headers[name] for name in headers if name not in ("accept", "accept-encoding", "connection")} == {
        "content-length": "4",
        "content-type": "text/plain",
        "host": api.host,
        "user-agent": "agent/1",
        "x-amzn-trace-id": headers["x-amzn-trace-id"],
        "x-custom": "One",
        "x-forwarded-for": "127.0.0.1",
        "x-forwarded-port": "443",
        "x-forwarded-proto": "https",
    }


def test_event_2_absent_members(api: Api):
    """A member of an event in format 2.0 that has no value."""
    event = api.get("/2").json()
    assert sorted(event) == [
        "headers",
        "isBase64Encoded",
        "rawPath",
        "rawQueryString",
        "requestContext",
        "routeKey",
        "stageVariables",
        "version",
    ]
    assert event["rawQueryString"] == ""
    assert None not in event.values()


def test_repeated_headers(lab: Lab, api: Api):
    """A header that is sent twice, format 2.0."""
    answer = Caller(lab.aws).curl(f"https://{api.host}/2", "--header", "X-Two: a", "--header", "x-two: b")
    assert json.loads(answer)["headers"]["x-two"] == "a,b"


@pytest.mark.parametrize(
    ("content_type", "body", "expected"),
    [
        ("application/json", b'{"a": "\xc3\xa9"}', ('{"a": "é"}', False)),
        ("application/octet-stream", b"\x00\xff", ("AP8=", True)),
        ("text/plain", b"\xff", ("/w==", True)),
    ],
)
def test_request_body(api: Api, content_type: str, body: bytes, expected: tuple[str, bool]):
    """A request body that is not text."""
    event = api.call("POST", "/2", data=body, headers={"Content-Type": content_type}).json()
    assert (event["body"], event["isBase64Encoded"]) == expected


def test_named_stage_path(lab: Lab):
    """The path in the event under a stage with a name."""
    api = lab.api({"GET /hello": lab.function(WRAPPED_ECHO)}, stage={"StageName": "prod"})
    event = api.get("/prod/hello").json()
    # Inferred, and so for the opt-in run on AWS to settle: the stage is part of rawPath.
    assert (event["requestContext"]["stage"], event["rawPath"]) == ("prod", "/prod/hello")


def test_event_1(lab: Lab, api: Api):
    """An event in format 1.0."""
    response = api.call("POST", "/1/7?x=1&x=2", data="body", headers={"Content-Type": "text/plain"})
    event: dict[str, Any] = response.json()
    assert "rawPath" not in event
    assert {name: event[name] for name in event if name not in ("headers", "multiValueHeaders", "requestContext")} == {
        "version": "1.0",
        "resource": "/1/{id}",
        "path": "/1/7",
        "httpMethod": "POST",
        "queryStringParameters": {"x": "2"},
        "multiValueQueryStringParameters": {"x": ["1", "2"]},
        "pathParameters": {"id": "7"},
        "stageVariables": {"colour": "blue"},
        "body": "body",
        "isBase64Encoded": False,
    }
    assert {name.lower(): value for name, value in event["headers"].items()}["content-type"] == "text/plain"
    assert {name.lower(): value for name, value in event["multiValueHeaders"].items()}["host"] == [api.host]
    context = event["requestContext"]
    assert context["requestId"] == response.headers["apigw-requestid"]
    assert (context["apiId"], context["stage"], context["httpMethod"]) == (api.id, "$default", "POST")
    assert (context["identity"]["sourceIp"], context["identity"]["accountId"]) == ("127.0.0.1", None)


def test_format_of_the_integration(lab: Lab):
    """The integration names no payload format."""
    api = lab.api({"GET /": lab.function(WRAPPED_ECHO)}, permitted=True)
    integration = lab.apis.create_integration(
        ApiId=api.id,
        IntegrationType="AWS_PROXY",
        IntegrationUri=lab.apis.get_integrations(ApiId=api.id)["Items"][0]["IntegrationUri"],
    )["IntegrationId"]
    lab.apis.create_route(ApiId=api.id, RouteKey="GET /unnamed", Target=f"integrations/{integration}")
    assert api.get("/unnamed").json()["version"] == "1.0"
    lab.apis.update_integration(ApiId=api.id, IntegrationId=integration, PayloadFormatVersion="2.0")
    assert api.get("/unnamed").json()["version"] == "2.0"


def test_reference_handler_behind_format_1(lab: Lab):
    """The reference handler behind an integration with format 1.0."""
    code = (Path(__file__).parents[2] / "lambda" / "hello" / "index.js").read_text()
    function = lab.function(code)
    assert lab.api({"GET /hello": function}).get("/hello").json() == {"message": "Hello from Lambda!", "path": "/hello"}
    old = lab.api({"GET /hello": function}, integration={"PayloadFormatVersion": "1.0"})
    assert old.get("/hello").json() == {"message": "Hello from Lambda!"}


def test_environment_of_the_handler(tmp_path: Path, node: Path, monkeypatch: pytest.MonkeyPatch):
    """The environment of the machine that the function runs on."""
    for name in ("CANARY", "HTTPS_PROXY", "NODE_OPTIONS", "PYTHONPATH"):
        monkeypatch.setenv(name, "--no-such-thing")
    with local_aws(tmp_path, node=node) as aws:
        lab = Lab(aws)
        environment = lab.api({"GET /": lab.function("exports.handler = async () => process.env;")}).get("/").json()
    assert environment["AWS_LAMBDA_FUNCTION_NAME"].startswith("function-")
    assert "--no-such-thing" not in environment.values()
    assert environment["PATH"] == f"{node.parent}:/usr/bin:/bin"
    assert Path(environment["HOME"]).is_relative_to(tmp_path)
