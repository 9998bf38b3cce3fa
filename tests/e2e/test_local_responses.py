"""What a function's answer or failure becomes. Each docstring begins with its case in docs/aws-behaviour.md."""

import json
import time

import pytest

from tests.e2e.laboratory import Lab
from tests.e2e.local_aws import LocalAws


@pytest.fixture(scope="module")
def lab(aws: LocalAws) -> Lab:
    return Lab(aws)


INTERNAL_SERVER_ERROR = '{"message":"Internal Server Error"}'


def assert_fixed_500(response) -> None:
    """API Gateway's own 500, byte for byte, whatever the reason."""
    assert (response.status_code, response.text) == (500, INTERNAL_SERVER_ERROR)
    assert response.headers["content-type"] == "application/json"


def test_integration_timeout(lab: Lab):
    """The integration's timeout passes."""
    slow = lab.function("exports.handler = () => new Promise((answer) => setTimeout(answer, 3000, 'late'));")
    api = lab.api({"GET /slow": slow}, integration={"TimeoutInMillis": 400})
    started = time.monotonic()
    response = api.get("/slow")
    elapsed = time.monotonic() - started
    # That the body is this one is inferred.
    assert (response.status_code, response.text) == (503, '{"message":"Service Unavailable"}')
    assert 0.4 <= elapsed < 2.5  # the function would take 3 s


def test_handler_throws(lab: Lab):
    """The handler throws."""
    api = lab.api({"GET /": lab.function("exports.handler = async () => { throw new Error('a secret'); };")})
    response = api.get("/")
    assert_fixed_500(response)


def test_handler_missing(lab: Lab):
    """The handler cannot be loaded."""
    assert_fixed_500(lab.api({"GET /": lab.function("exports.other = 1;")}).get("/"))


def test_function_timeout(lab: Lab):
    """The function's own timeout passes."""
    slow = lab.function("exports.handler = () => new Promise((answer) => setTimeout(answer, 5000));", Timeout=1)
    started = time.monotonic()
    assert_fixed_500(lab.api({"GET /": slow}).get("/"))
    assert time.monotonic() - started >= 1


@pytest.mark.parametrize(
    "answer",
    [
        {"statusCode": "abc"},
        {"statusCode": None},
        {"statusCode": 20},
        {"statusCode": 200, "headers": "text"},
        {"statusCode": 200, "headers": {"x": ["a"]}},
        {"statusCode": 200, "cookies": "a=1"},
        {"statusCode": 200, "body": {"not": "a string"}},
        {"statusCode": 200, "body": "not base64!", "isBase64Encoded": True},
    ],
    ids=json.dumps,
)
def test_malformed_response(lab: Lab, puppet, answer):
    """The response is malformed."""
    assert_fixed_500(puppet.call("POST", "/2.0", json=answer))


@pytest.fixture(scope="module")
def puppet(lab: Lab):
    """An API whose function answers with what it is sent: `/2.0` and `/1.0` by payload format."""
    function = lab.function("exports.handler = async (event) => JSON.parse(event.body);")
    api = lab.api({"POST /2.0": function})
    integration = lab.apis.create_integration(
        ApiId=api.id,
        IntegrationType="AWS_PROXY",
        IntegrationUri=lab.invoke_arn(function),
        PayloadFormatVersion="1.0",
    )
    lab.apis.create_route(ApiId=api.id, RouteKey="POST /1.0", Target=f"integrations/{integration['IntegrationId']}")
    return api


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        ({"message": "Hello", "nested": [1, None]}, '{"message":"Hello","nested":[1,null]}'),
        ([1, 2], "[1,2]"),
        ("Hello from Lambda!", "Hello from Lambda!"),
        (42, "42"),
    ],
    ids=repr,
)
def test_inferred_response(lab: Lab, puppet, answer, body: str):
    """The response in format 2.0 is JSON without `statusCode`."""
    response = puppet.call("POST", "/2.0", json=answer)
    assert (response.status_code, response.headers["content-type"]) == (200, "application/json")
    assert response.text.replace(" ", "") == body.replace(" ", "")


@pytest.mark.parametrize("answer", [{"message": "Hello"}, "Hello", None, [1]], ids=repr)
def test_format_1_needs_the_whole_response(lab: Lab, puppet, answer):
    """The response in format 1.0 is JSON without `statusCode`."""
    assert_fixed_500(puppet.call("POST", "/1.0", json=answer))


def test_format_1_response(lab: Lab, puppet):
    """The response in format 1.0 is the full object."""
    answer = {"statusCode": 201, "headers": {"X-One": "1"}, "multiValueHeaders": {"X-Two": ["a", "b"]}, "body": "made"}
    response = puppet.call("POST", "/1.0", json=answer)
    assert (response.status_code, response.text) == (201, "made")
    assert (response.headers["x-one"], response.headers["x-two"]) == ("1", "a, b")


def test_base64_response(lab: Lab, puppet):
    """The response has `isBase64Encoded: true`."""
    answer = {"statusCode": 200, "headers": {"Content-Type": "image/png"}, "body": "iVBOR/8A", "isBase64Encoded": True}
    for path in ("/2.0", "/1.0"):
        response = puppet.call("POST", path, json=answer)
        assert response.content == b"\x89\x50\x4e\x47\xff\x00"
        assert (response.headers["content-type"], response.headers["content-length"]) == ("image/png", "6")


def test_response_cookies(lab: Lab, puppet):
    """The response in format 2.0 has `cookies`."""
    response = puppet.call("POST", "/2.0", json={"statusCode": 204, "cookies": ["a=1; Secure", "b=2"]})
    assert response.status_code == 204
    assert response.raw.headers.getlist("set-cookie") == ["a=1; Secure", "b=2"]


def test_bodiless_responses(lab: Lab):
    """HTTP has no body in an answer to HEAD, nor under 204: the connection stays usable afterwards."""
    empty = lab.answering({"statusCode": 204, "body": "ignored"})
    api = lab.api({"ANY /": lab.answering("Hello"), "GET /empty": empty})
    head = api.call("HEAD", "/")
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", "5")
    assert (api.get("/empty").status_code, api.get("/empty").content) == (204, b"")
    assert api.get("/").text == "Hello"


def test_own_502(lab: Lab, puppet):
    """The handler itself returns a 5xx status."""
    response = puppet.call("POST", "/2.0", json={"statusCode": 502, "body": "the handler's own"})
    assert (response.status_code, response.text) == (502, "the handler's own")
