"""Which API, stage, route and limit a request meets. Each docstring begins with its case in docs/aws-behaviour.md."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tests.e2e.laboratory import Lab
from tests.e2e.local_aws import LocalAws


@pytest.fixture(scope="module")
def lab(aws: LocalAws) -> Lab:
    return Lab(aws)


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


def test_stage_without_deployment(lab: Lab):
    """Nothing was deployed to the stage."""
    api = lab.api({"GET /hello": lab.echo}, stage={"AutoDeploy": False})
    response = api.get("/hello")
    assert (response.status_code, response.text) == (404, '{"message":"Not Found"}')
    deployed = lab.apis.create_deployment(ApiId=api.id)["DeploymentId"]
    lab.apis.update_stage(ApiId=api.id, StageName="$default", DeploymentId=deployed)
    assert api.get("/hello").status_code == 200


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
    assert api.get("/").text == '{"message":"Internal Server Error"}'
    lab.apis.delete_api(ApiId=api.id)
    assert (api.get("/").status_code, api.get("/").json()) == (404, {"message": "Not Found"})
