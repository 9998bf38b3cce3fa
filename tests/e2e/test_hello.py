"""The stack, deployed by Terraform and called by the URL that Terraform prints.

Nothing here knows whether that is on AWS or on this machine.
"""

import ipaddress
import json
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
import requests

from tests.e2e.client import Caller
from tests.e2e.deployment import Deployment, log_messages, remaining
from tests.e2e.local_aws import LocalAws
from tests.e2e.real_aws import RealAws
from tests.e2e.waiting import DEADLINE_SECONDS, within_deadline

BODY = '{"message":"Hello from Lambda!","path":"/hello"}'
ORIGIN = "https://example.com"
CONCURRENT = 200


@pytest.fixture(scope="module")
def url(deployment: Deployment, caller: Caller) -> str:
    """The address of /hello, made as a person makes it, once it answers."""
    url = f"{deployment.output('api_url')}/hello"

    def answers() -> None:
        assert caller.get(url).status_code == 200

    within_deadline(answers)
    return url


def test_url_has_no_slash_at_its_end(url: str, cloud: LocalAws | RealAws):
    assert re.fullmatch(rf"https://[a-z0-9]{{8,10}}\.execute-api\.{cloud.region}\.amazonaws\.com/hello", url)


def test_curl(url: str, caller: Caller):
    assert caller.curl(url) == BODY


def test_curl_shows_status_and_headers(url: str, caller: Caller):
    head, body = caller.curl(url, "--include").split("\n\n", 1)
    status, *lines = head.splitlines()
    assert re.fullmatch(r"HTTP/(1\.1|2) 200 ?(OK)?", status)
    assert body == BODY
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    assert headers["content-type"] == "application/json"
    assert headers["content-length"] == str(len(BODY))
    assert {"date", "apigw-requestid"} <= headers.keys()


def test_requests(url: str, caller: Caller):
    response = caller.get(url)
    assert (response.status_code, response.content) == (200, BODY.encode())
    assert response.headers["content-type"] == "application/json"
    assert response.headers["content-length"] == str(len(BODY))
    assert response.headers["apigw-requestid"]
    # There is no Origin in the request, so it is no cross-origin one.
    assert "access-control-allow-origin" not in response.headers


def test_query_and_path_reach_the_handler(url: str, caller: Caller):
    """The handler answers with the path alone, whatever follows it."""
    assert caller.get(url, params={"name": "world"}).text == BODY


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/nothing"), ("POST", "/hello"), ("GET", "/hello/again"), ("GET", "/")]
)
def test_unknown_route(url: str, caller: Caller, method: str, path: str):
    response = caller.request(method, url.removesuffix("/hello") + path)
    assert (response.status_code, response.text) == (404, '{"message":"Not Found"}')
    assert response.headers["content-type"] == "application/json"


def test_cross_origin_request(url: str, caller: Caller):
    response = caller.get(url, headers={"Origin": ORIGIN})
    assert (response.status_code, response.text) == (200, BODY)
    assert response.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in response.headers


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_preflight(url: str, caller: Caller, method: str):
    """Answered by the API itself: no route has OPTIONS."""
    headers = {
        "Origin": ORIGIN,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization",
    }
    response = caller.request("OPTIONS", url, headers=headers)
    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["access-control-allow-origin"] == "*"
    assert words(response, "access-control-allow-methods") == {"get", "post"}
    assert words(response, "access-control-allow-headers") == {"content-type", "authorization"}
    assert response.headers["access-control-max-age"] == "86400"


def words(response: requests.Response, header: str) -> set[str]:
    return {word.strip().lower() for word in response.headers[header].split(",")}


def test_access_log(url: str, caller: Caller, deployment: Deployment):
    response = caller.get(url)
    request_id = response.headers["apigw-requestid"]
    line: dict[str, str] = {}

    def is_delivered() -> None:
        lines = [json.loads(message) for message in log_messages(deployment.access_log_group)]
        mine = [entry for entry in lines if entry.get("requestId") == request_id]
        assert len(mine) == 1, lines
        line.update(mine[0])

    within_deadline(is_delivered)
    requested = datetime.strptime(line.pop("requestTime"), "%d/%b/%Y:%H:%M:%S %z")
    assert abs(datetime.now(UTC) - requested) < timedelta(seconds=DEADLINE_SECONDS)
    ipaddress.ip_address(line.pop("sourceIp"))
    assert line == {
        "requestId": request_id,
        "httpMethod": "GET",
        "routeKey": "GET /hello",
        "status": "200",
        "responseLength": str(len(BODY)),
    }


def test_200_requests_at_once(
    url: str, caller: Caller, deployment: Deployment, record_property: Callable[[str, object], None]
):
    """Each is answered, and each has one line in the access log."""
    record_property("requests at once", CONCURRENT)
    all_ready = threading.Barrier(CONCURRENT)

    def call(_: int) -> tuple[int, str, str]:
        all_ready.wait(DEADLINE_SECONDS)
        response = caller.get(url)
        return response.status_code, response.text, response.headers["apigw-requestid"]

    with ThreadPoolExecutor(CONCURRENT) as threads:
        answers = list(threads.map(call, range(CONCURRENT)))
    assert {answer[:2] for answer in answers} == {(200, BODY)}
    request_ids = [answer[2] for answer in answers]
    assert len(set(request_ids)) == CONCURRENT

    def are_delivered() -> None:
        logged = Counter(json.loads(message)["requestId"] for message in log_messages(deployment.access_log_group))
        assert {request_id: logged[request_id] for request_id in request_ids} == dict.fromkeys(request_ids, 1)

    within_deadline(are_delivered)


def test_function_logs_to_its_group(url: str, deployment: Deployment):
    def is_delivered() -> None:
        messages = log_messages(deployment.function_log_group)
        assert any(message.startswith("START RequestId: ") for message in messages), messages
        assert any(message.startswith("REPORT RequestId: ") for message in messages), messages

    within_deadline(is_delivered)


def test_plan_after_apply_is_empty(deployment: Deployment):
    """With -detailed-exitcode a plan that would change something is a failed command."""
    deployment.run("plan", "-detailed-exitcode")


@contextmanager
def without_permission(deployment: Deployment) -> Iterator[None]:
    deployment.destroy("-target=aws_lambda_permission.api")
    try:
        yield
    finally:
        deployment.apply("-target=aws_lambda_permission.api")


def test_permission_is_what_lets_the_api_call_the_function(url: str, caller: Caller, deployment: Deployment):
    def answers(status: int, body: str) -> Callable[[], None]:
        def check() -> None:
            response = caller.get(url)
            assert (response.status_code, response.text) == (status, body)

        return check

    with without_permission(deployment):
        within_deadline(answers(500, '{"message":"Internal Server Error"}'))
    within_deadline(answers(200, BODY))


def test_what_is_deployed_is_listed(deployment: Deployment):
    """The listing that must be empty in the end sees each kind of thing while it is there."""
    suffix = deployment.suffix
    assert remaining(suffix) == [
        f"apigatewayv2 hello-api{suffix}",
        f"lambda hello{suffix}",
        f"iam lambda-hello{suffix}",
        f"logs /aws/apigw/hello-api{suffix}",
        f"logs /aws/lambda/hello{suffix}",
    ]
