"""Cross-origin requests. Each docstring begins with its case in docs/aws-behaviour.md."""

import pytest

from tests.e2e.laboratory import Lab
from tests.e2e.local_aws import LocalAws


@pytest.fixture(scope="module")
def lab(aws: LocalAws) -> Lab:
    return Lab(aws)


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


def test_cors_credentials_for_all(lab: Lab):
    """CORS configured with credentials for origin `*`."""
    refused = {"AllowOrigins": ["https://example.com", "*"], "AllowCredentials": True}
    api = lab.api({"GET /": lab.echo}, CorsConfiguration={**refused, "AllowCredentials": False})
    with pytest.raises(lab.apis.exceptions.BadRequestException, match="allow-credentials is not supported"):
        lab.apis.create_api(Name="refused", ProtocolType="HTTP", CorsConfiguration=refused)
    with pytest.raises(lab.apis.exceptions.BadRequestException, match="allow-credentials is not supported"):
        lab.apis.update_api(ApiId=api.id, CorsConfiguration=refused)
    assert "refused" not in lab.apis.get_paginator("get_apis").paginate().search("Items[].Name")
    assert lab.apis.get_api(ApiId=api.id)["CorsConfiguration"]["AllowCredentials"] is False


def test_no_cors(lab: Lab):
    """CORS not configured."""
    headers = {"Access-Control-Allow-Origin": "https://handler.example"}
    api = lab.api({"GET /": lab.answering({"statusCode": 200, "headers": headers})})
    response = api.get("/", headers={"Origin": "https://other.example"})
    assert cors_headers(response) == {"access-control-allow-origin": "https://handler.example"}
    assert api.call("OPTIONS", "/", headers=PREFLIGHT).status_code == 404
