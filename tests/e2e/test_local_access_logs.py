"""What a stage's access log holds. Each docstring begins with its case in docs/aws-behaviour.md."""

import asyncio
import json
import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.e2e.client import Caller
from tests.e2e.laboratory import Lab
from tests.e2e.local_aws import LocalAws
from tests.e2e.local_aws.access_logs import EVENTS_A_CALL, AccessLogs


@pytest.fixture(scope="module")
def lab(aws: LocalAws) -> Lab:
    return Lab(aws)


SEVEN_FIELDS = (
    '{"requestId":"$context.requestId","sourceIp":"$context.identity.sourceIp","requestTime":"$context.requestTime",'
    '"httpMethod":"$context.httpMethod","routeKey":"$context.routeKey","status":"$context.status",'
    '"responseLength":"$context.responseLength"}'
)

VALUES = {
    "accountId": "000000000000",
    "apiId": None,
    "dataProcessed": r"\d+",
    "domainName": None,
    "domainPrefix": None,
    "extendedRequestId": r"[A-Za-z0-9+/]{15}=",
    "httpMethod": "POST",
    "identity.sourceIp": r"127\.0\.0\.1",
    "identity.userAgent": "agent/1",
    "integration.integrationStatus": "200",
    "integration.latency": r"\d+",
    "integration.requestId": r"[0-9a-f-]{36}",
    "integration.status": "201",
    "integrationLatency": r"\d+",
    "integrationStatus": "200",
    "awsEndpointRequestId": r"[0-9a-f-]{36}",
    "path": "/prod/hello",
    "protocol": r"HTTP/1\.1",
    "requestId": r"[A-Za-z0-9+/]{15}=",
    "requestTime": r"\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000",
    "requestTimeEpoch": r"\d{13}",
    "responseLatency": r"\d+",
    "responseLength": "4",
    "routeKey": r"ANY /hello",
    "stage": "prod",
    "status": "201",
}

WITHOUT_VALUE = [
    "authorizer.error",
    "authorizer.principalId",
    "authorizer.claims.sub",
    "authorizer.anything",
    "awsEndpointRequestId2",
    "customDomain.basePathMatched",
    "error.message",
    "error.messageString",
    "error.responseType",
    "identity.accountId",
    "identity.caller",
    "identity.cognitoAuthenticationProvider",
    "identity.cognitoAuthenticationType",
    "identity.cognitoIdentityId",
    "identity.cognitoIdentityPoolId",
    "identity.principalOrgId",
    "identity.clientCert.clientCertPem",
    "identity.clientCert.subjectDN",
    "identity.clientCert.issuerDN",
    "identity.clientCert.serialNumber",
    "identity.clientCert.validity.notBefore",
    "identity.clientCert.validity.notAfter",
    "identity.user",
    "identity.userArn",
    "integration.error",
    "integrationErrorMessage",
]


def test_fields(lab: Lab):
    """A request is made: one line in the stage's format."""
    api = lab.api({"GET /hello": lab.answering("Hello")}, log_format=SEVEN_FIELDS)
    response = api.get("/hello")
    lines = api.log_lines(1)
    assert len(lines) == 1
    fields = json.loads(lines[0])
    assert re.fullmatch(r"\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000", fields.pop("requestTime"))
    assert fields == {
        "requestId": response.headers["apigw-requestid"],
        "sourceIp": "127.0.0.1",
        "httpMethod": "GET",
        "routeKey": "GET /hello",
        "status": "200",
        "responseLength": "5",
    }


def test_every_variable(lab: Lab):
    """Variables that HTTP APIs know."""
    log_format = "\t".join(f"$context.{name}" for name in VALUES)
    function = lab.answering({"statusCode": 201, "body": "made"})
    api = lab.api({"ANY /hello": function}, stage={"StageName": "prod"}, log_format=log_format)
    destination = {"DestinationArn": f"arn:aws:logs:us-east-1:000000000000:log-group:{api.log_group}:*"}
    lab.apis.update_stage(ApiId=api.id, StageName="prod", AccessLogSettings={**destination, "Format": log_format})
    api.call("POST", "/prod/hello", data="ping", headers={"User-Agent": "agent/1"})
    rendered = dict(zip(VALUES, api.log_lines(1)[0].split("\t"), strict=True))
    expected = {**VALUES, "apiId": api.id, "domainName": re.escape(api.host), "domainPrefix": api.id}
    assert [name for name in VALUES if not re.fullmatch(expected[name], rendered[name])] == []
    assert rendered["awsEndpointRequestId"] == rendered["integration.requestId"]
    assert rendered["extendedRequestId"] == rendered["requestId"]


def test_variables_without_value(lab: Lab):
    """A variable that has no value, or that HTTP APIs do not know."""
    unknown = ["resourcePath", "resourceId", "nothing", "identity.nothing", "requestOverride.path.x"]
    names = WITHOUT_VALUE + unknown
    api = lab.api({"GET /": lab.echo}, log_format=" ".join(f"$context.{name}" for name in names))
    api.get("/")
    assert api.log_lines(1) == [" ".join("-" * len(names))]


def test_failed_requests(lab: Lab):
    """A request that fails."""
    log_format = "$context.status|$context.routeKey|$context.error.messageString|$context.integrationErrorMessage"
    slow = lab.function("exports.handler = () => new Promise((answer) => setTimeout(answer, 1500));")
    broken = lab.function("exports.handler = async () => { throw new Error('x'); };")
    malformed = lab.answering({"statusCode": "x"})
    api = lab.api(
        {"GET /slow": slow, "GET /broken": broken, "GET /malformed": malformed},
        log_format=log_format,
        stage={"RouteSettings": {"GET /none": {"ThrottlingBurstLimit": 0, "ThrottlingRateLimit": 0}}},
    )
    lab.apis.create_route(ApiId=api.id, RouteKey="GET /none", Target=f"integrations/{api.integration_ids[0]}")
    lab.apis.update_integration(ApiId=api.id, IntegrationId=api.integration_ids[0], TimeoutInMillis=300)
    statuses = [api.get(path).status_code for path in ("/nothing", "/slow", "/broken", "/malformed", "/none")]
    assert statuses == [404, 503, 500, 500, 429]
    lines = [line.split("|") for line in api.log_lines(5)]
    # The words of `integrationErrorMessage` are inferred.
    assert [line[:3] for line in lines] == [
        ["404", "-", '"Not Found"'],
        ["503", "GET /slow", '"Service Unavailable"'],
        ["500", "GET /broken", '"Internal Server Error"'],
        ["500", "GET /malformed", '"Internal Server Error"'],
        ["429", "GET /none", '"Too Many Requests"'],
    ]
    assert [line[3] == "-" for line in lines] == [True, False, False, False, True]


def test_order_and_completeness(lab: Lab):
    """Many requests: each has one line."""
    api = lab.api({"GET /{number}": lab.answering("x")}, log_format="$context.path $context.requestId")
    ids = [f"/{number} {api.get(f'/{number}').headers['apigw-requestid']}" for number in range(30)]
    assert api.log_lines(30) == ids

    def call(number: int) -> str:
        response = Caller(lab.aws).get(f"https://{api.host}/{number}")
        return f"/{number} {response.headers['apigw-requestid']}"

    with ThreadPoolExecutor(8) as threads:
        concurrent = list(threads.map(call, range(100, 140)))
    lines = api.log_lines(70)
    assert lines[:30] == ids
    assert sorted(lines[30:]) == sorted(concurrent)


def test_missing_log_group(lab: Lab):
    """The destination log group does not exist."""
    api = lab.api({"GET /": lab.echo})
    lab.logs.delete_log_group(logGroupName=api.log_group)
    assert api.get("/").status_code == 200
    lab.logs.create_log_group(logGroupName="/aws/apigw/later" + api.id)
    assert api.get("/").status_code == 200
    wait_for_text(lab, f"lines for {api.log_group} not delivered")


def wait_for_text(lab: Lab, text: str) -> None:
    deadline = time.monotonic() + 5
    while text not in lab.aws.log_file.read_text():
        assert time.monotonic() < deadline, f"{text!r} is not in the endpoint's log"
        time.sleep(0.02)


def test_stage_without_access_log(lab: Lab):
    """The stage has no access log settings."""
    api = lab.api({"GET /": lab.echo})
    lab.apis.delete_stage(ApiId=api.id, StageName="$default")
    lab.apis.create_stage(ApiId=api.id, StageName="$default", AutoDeploy=True)
    assert api.get("/").status_code == 200
    assert lab.logs.filter_log_events(logGroupName=api.log_group)["events"] == []


def test_closing_delivers_at_once(lab: Lab):
    """`close` delivers what was added, each line once, without waiting for the next batch."""
    group = f"/closing/{time.monotonic_ns()}"
    lab.logs.create_log_group(logGroupName=group)
    lines = [f"line {number}" for number in range(EVENTS_A_CALL + 5)]

    async def add_and_close() -> None:
        access_logs = AccessLogs(lambda region: lab.logs)
        for line in lines:
            arn = f"arn:aws:logs:us-east-1:000000000000:log-group:{group}"
            access_logs.add(destination_arn=arn, stage="api/$default", line=line)
        await access_logs.close()

    asyncio.run(add_and_close())
    pages = lab.logs.get_paginator("filter_log_events").paginate(logGroupName=group)
    assert [event["message"] for page in pages for event in page["events"]] == lines
