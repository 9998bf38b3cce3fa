"""What a caller of an HTTP API gets. Each docstring begins with its case in docs/aws-behaviour.md."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

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


def test_unknown_route(lab: Lab):
    """No route matches."""
    api = lab.api({"GET /hello": lab.echo})
    for method, path in (("GET", "/nothing"), ("POST", "/hello"), ("GET", "/hello/"), ("GET", "/")):
        response = api.call(method, path)
        assert (response.status_code, response.text) == (404, '{"message":"Not Found"}'), (method, path)
        assert response.headers["content-type"] == "application/json"


def test_stage_before_route(lab: Lab):
    """The path's first segment names a stage."""
    api = lab.api({"GET /prod/hello": lab.answering("the $default stage"), "GET /hello": lab.answering("a stage")})
    assert api.get("/prod/hello").text == "the $default stage"
    lab.apis.create_stage(ApiId=api.id, StageName="prod", AutoDeploy=True)
    assert api.get("/prod/hello").text == "a stage"
    assert api.get("/prod/prod/hello").text == "the $default stage"


def test_no_stage(lab: Lab):
    """No stage matches."""
    api = lab.api({"GET /hello": lab.echo}, stage={"StageName": "prod"})
    response = api.get("/hello")
    assert (response.status_code, response.text) == (404, '{"message":"Not Found"}')
    assert api.get("/prod/hello").status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "route_key"),
    [
        ("GET", "/pets/dog/1", "GET /pets/dog/1"),
        ("GET", "/pets/dog/2", "GET /pets/dog/{id}"),
        ("GET", "/pets/cat/1", "GET /pets/{proxy+}"),
        ("POST", "/pets/cat/1", "ANY /{proxy+}"),
        ("POST", "/pets/dog/1", "ANY /{proxy+}"),
        ("POST", "/other", "POST /other"),
        ("GET", "/other", "ANY /other"),
        ("GET", "/", "$default"),
    ],
)
def test_route_selection(lab: Lab, routed, method: str, path: str, route_key: str):
    """Several routes match."""
    assert routed.call(method, path).json()["routeKey"] == route_key


@pytest.fixture(scope="module")
def routed(lab: Lab):
    keys = ["$default", "ANY /{proxy+}", "GET /pets/{proxy+}", "GET /pets/dog/{id}", "GET /pets/dog/1"]
    return lab.api(dict.fromkeys([*keys, "ANY /other", "POST /other"], lab.echo))


def test_integration_timeout(lab: Lab):
    """The integration's timeout passes."""
    slow = lab.function("exports.handler = () => new Promise((answer) => setTimeout(answer, 3000, 'late'));")
    api = lab.api({"GET /slow": slow}, integration={"TimeoutInMillis": 400})
    started = time.monotonic()
    response = api.get("/slow")
    elapsed = time.monotonic() - started
    # That the body is this one is inferred.
    assert (response.status_code, response.text) == (503, '{"message":"Service Unavailable"}')
    assert 0.4 <= elapsed < 1.4


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


def test_own_502(lab: Lab, puppet):
    """The handler itself returns a 5xx status."""
    response = puppet.call("POST", "/2.0", json={"statusCode": 502, "body": "the handler's own"})
    assert (response.status_code, response.text) == (502, "the handler's own")


CORS = {
    "AllowOrigins": ["https://example.com"],
    "AllowMethods": ["GET", "POST"],
    "AllowHeaders": ["content-type", "authorization"],
    "ExposeHeaders": ["x-id"],
    "AllowCredentials": True,
    "MaxAge": 300,
}
PREFLIGHT = {"Origin": "https://example.com", "Access-Control-Request-Method": "POST"}


def cors_headers(response) -> dict[str, str]:
    return {
        name.lower(): value for name, value in response.headers.items() if name.lower().startswith("access-control")
    }


def test_cors_preflight(lab: Lab):
    """CORS configured, a preflight request, no OPTIONS route."""
    api = lab.api({"GET /hello": lab.echo}, CorsConfiguration=CORS)
    response = api.call("OPTIONS", "/hello", headers=PREFLIGHT)
    assert (response.status_code, response.text) == (204, "")  # 204 is inferred; any 2xx satisfies a browser
    assert cors_headers(response) == {
        "access-control-allow-origin": "https://example.com",
        "access-control-allow-methods": "GET,POST",
        "access-control-allow-headers": "content-type,authorization",
        "access-control-allow-credentials": "true",
        "access-control-expose-headers": "x-id",
        "access-control-max-age": "300",
    }
    foreign = api.call("OPTIONS", "/hello", headers={**PREFLIGHT, "Origin": "https://evil.example"})
    assert cors_headers(foreign) == {}


def test_cors_options_route(lab: Lab):
    """CORS configured, a preflight request, a route that matches OPTIONS."""
    api = lab.api({"$default": lab.echo}, CorsConfiguration=CORS)
    response = api.call("OPTIONS", "/hello", headers=PREFLIGHT)
    assert response.json()["requestContext"]["http"]["method"] == "OPTIONS"


def test_cors_headers(lab: Lab):
    """CORS configured, a request from an origin that is allowed."""
    own = {"Access-Control-Allow-Origin": "https://handler.example", "Access-Control-Max-Age": "1", "X-Id": "7"}
    api = lab.api({"GET /": lab.answering({"statusCode": 200, "headers": own, "body": ""})}, CorsConfiguration=CORS)
    response = api.get("/", headers={"Origin": "https://example.com"})
    assert cors_headers(response) == {
        "access-control-allow-origin": "https://example.com",
        "access-control-allow-credentials": "true",
        "access-control-expose-headers": "x-id",
    }
    assert response.headers["x-id"] == "7"
    assert cors_headers(api.get("/", headers={"Origin": "https://evil.example"})) == {}
    assert cors_headers(api.get("/")) == {}


def test_cors_any_origin(lab: Lab):
    """CORS configured with origin `*`."""
    api = lab.api({"GET /": lab.echo}, CorsConfiguration={"AllowOrigins": ["*"]})
    assert cors_headers(api.get("/", headers={"Origin": "https://x.example"})) == {"access-control-allow-origin": "*"}


def test_no_cors(lab: Lab):
    """CORS not configured."""
    headers = {"Access-Control-Allow-Origin": "https://handler.example"}
    api = lab.api({"GET /": lab.answering({"statusCode": 200, "headers": headers})})
    response = api.get("/", headers={"Origin": "https://other.example"})
    assert cors_headers(response) == {"access-control-allow-origin": "https://handler.example"}
    assert api.call("OPTIONS", "/", headers=PREFLIGHT).status_code == 404


def test_disabled_endpoint(lab: Lab):
    """`disable_execute_api_endpoint` is set."""
    api = lab.api({"GET /hello": lab.echo})
    assert api.get("/hello").status_code == 200
    lab.apis.update_api(ApiId=api.id, DisableExecuteApiEndpoint=True)
    response = api.get("/hello")
    assert (response.status_code, response.text) == (404, '{"message":"Not Found"}')  # the status is inferred
    lab.apis.update_api(ApiId=api.id, DisableExecuteApiEndpoint=False)
    assert api.get("/hello").status_code == 200


def test_stage_throttling(lab: Lab):
    """More requests than the stage's throttling admits."""
    limits = {"ThrottlingBurstLimit": 2, "ThrottlingRateLimit": 0.001}
    api = lab.api({"GET /": lab.echo}, stage={"DefaultRouteSettings": limits})
    assert [api.get("/").status_code for _ in range(4)] == [200, 200, 429, 429]


def test_route_throttling(lab: Lab):
    """More requests than the route's throttling admits."""
    limits = {"GET /few": {"ThrottlingBurstLimit": 1, "ThrottlingRateLimit": 0.001}}
    api = lab.api({"GET /few": lab.echo, "GET /many": lab.echo}, stage={"RouteSettings": limits})
    assert [api.get(path).status_code for path in ("/few", "/few", "/many", "/many")] == [200, 429, 200, 200]


def test_host_and_path_forms(lab: Lab):
    """The API is called by its host name."""
    api = lab.api({"GET /hello": lab.echo}, permitted=False)
    plain = lab.aws.endpoint_url
    forms = [
        (f"{plain}/hello", api.host),
        (f"{plain}/hello", f"{api.host}:443"),
        (f"{plain}/hello", f"{api.id}.execute-api.localhost:4566"),
        (f"{plain}/_aws/execute-api/{api.id}/hello", None),
        (f"{plain}/_aws/execute-api/{api.id}/$default/hello", None),
        (f"{plain}/restapis/{api.id}/$default/_user_request_/hello", None),
    ]

    def statuses() -> list[int]:
        return [lab.session.get(url, headers={"Host": host} if host else {}).status_code for url, host in forms]

    assert statuses() == [500] * len(forms)
    statement = lab.permit(lab.echo, f"{api.execution_arn}/*/GET/hello")
    assert statuses() == [200] * len(forms)
    lab.lambda_.remove_permission(FunctionName=lab.echo, StatementId=statement)
    assert statuses() == [500] * len(forms)


def test_other_hosts_are_refused(lab: Lab):
    """A custom domain would be served by the emulator without any check, so it is not served at all."""
    response = lab.session.get(f"{lab.aws.endpoint_url}/hello", headers={"Host": "api.example.com"})
    assert (response.status_code, response.json()["message"]) == (
        501,
        "The local endpoint does not serve the host api.example.com",
    )


def test_authorizers_are_refused(lab: Lab):
    """A route with an authorizer is not served without it."""
    api = lab.api({"GET /hello": lab.echo})
    route = lab.apis.get_routes(ApiId=api.id)["Items"][0]["RouteId"]
    lab.apis.update_route(ApiId=api.id, RouteId=route, AuthorizationType="AWS_IAM")
    assert api.get("/hello").status_code == 501


def test_http_proxy_integration(lab: Lab):
    """Integrations other than with Lambda are the emulator's, with the stage's log and the API's headers."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(203)
            self.end_headers()
            self.wfile.write(b"from the other server")

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        integration = {
            "IntegrationType": "HTTP_PROXY",
            "IntegrationMethod": "GET",
            "IntegrationUri": f"http://127.0.0.1:{server.server_port}/",
            "PayloadFormatVersion": "1.0",
        }
        api = lab.api(
            {"GET /": "unused"},
            permitted=False,
            integration=integration,
            log_format="$context.status $context.requestId",
        )
        response = api.get("/")
        server.shutdown()
    assert (response.status_code, response.text) == (203, "from the other server")
    assert api.log_lines(1) == [f"203 {response.headers['apigw-requestid']}"]


def test_changes_show_at_once(lab: Lab):
    """What the endpoint read is forgotten with every change: no request sees a route or function that is gone."""
    function = lab.answering("first")
    api = lab.api({"GET /": function})
    for number in range(5):
        route = lab.apis.create_route(
            ApiId=api.id, RouteKey=f"GET /{number}", Target=f"integrations/{api.integration_ids[0]}"
        )["RouteId"]
        assert api.get(f"/{number}").status_code == 200
        lab.apis.delete_route(ApiId=api.id, RouteId=route)
        assert api.get(f"/{number}").status_code == 404
    lab.lambda_.delete_function(FunctionName=function)
    assert_fixed_500(api.get("/"))
    lab.apis.delete_api(ApiId=api.id)
    assert (api.get("/").status_code, api.get("/").json()) == (404, {"message": "Not Found"})
