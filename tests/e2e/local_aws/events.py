"""The events that API Gateway hands to a Lambda function, payload formats 1.0 and 2.0.

Source: API Gateway developer guide, "Create AWS Lambda proxy integrations for HTTP APIs". What no AWS page says is
marked as inferred in docs/aws-behaviour.md.
"""

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from .asgi import Request
from .routing import DEFAULT

TEXT_TYPES = ("application/json", "application/xml", "application/javascript")
EMPTY_IDENTITY = (
    "accessKey",
    "accountId",
    "caller",
    "cognitoAuthenticationProvider",
    "cognitoAuthenticationType",
    "cognitoIdentityId",
    "cognitoIdentityPoolId",
    "principalOrgId",
    "user",
    "userArn",
)


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request on its way through an API, with what API Gateway knows about it besides the request itself.

    `path` is without the stage, `started` is in UTC. `route_key` and the path parameters are empty until a route
    matches.
    """

    request: Request
    account_id: str
    api_id: str
    stage: str
    domain_name: str
    path: str
    request_id: str
    started: datetime
    route_key: str = ""
    path_parameters: Mapping[str, str] | None = None
    stage_variables: Mapping[str, str] | None = None

    @property
    def full_path(self) -> str:
        """The path as the client sent it: a stage with a name is its first segment."""
        return self.path if self.stage == DEFAULT else f"/{self.stage}{self.path}"

    @property
    def domain_prefix(self) -> str:
        return self.domain_name.partition(".")[0]

    @property
    def epoch_milliseconds(self) -> int:
        return int(self.started.timestamp() * 1000)

    @property
    def clf_time(self) -> str:
        """The Common Log Format: 12/Mar/2020:19:03:58 +0000."""
        return self.started.strftime("%d/%b/%Y:%H:%M:%S +0000")


def new_request_id() -> str:
    """As HTTP APIs make them: 15 characters and an equals sign."""
    return base64.b64encode(secrets.token_bytes(11)).decode()


def now() -> datetime:
    return datetime.now(UTC)


def event(call: Call, *, version: str) -> dict[str, Any]:
    """The event of the integration's payload format version, "1.0" or "2.0"."""
    return {"1.0": _event_1, "2.0": _event_2}[version](call)


def _event_2(call: Call) -> dict[str, Any]:
    """Header names are lower case, repeated values comma-joined; a member that has no value is left out, not null."""
    headers = _forwarded_headers(call)
    cookies = [cookie.strip() for line in headers.pop("cookie", []) for cookie in line.split(";")]
    query: dict[str, str] = {}
    for name, value in parse_qsl(call.request.query, keep_blank_values=True):
        query[name] = f"{query[name]},{value}" if name in query else value
    body, encoded = _body(call.request)
    document = {
        "version": "2.0",
        "routeKey": call.route_key,
        "rawPath": call.full_path,
        "rawQueryString": call.request.query,
        "cookies": cookies or None,
        "headers": {name: ",".join(values) for name, values in headers.items()},
        "queryStringParameters": query or None,
        "requestContext": {
            "accountId": call.account_id,
            "apiId": call.api_id,
            "domainName": call.domain_name,
            "domainPrefix": call.domain_prefix,
            "http": {
                "method": call.request.method,
                "path": call.full_path,
                "protocol": "HTTP/1.1",
                "sourceIp": call.request.client_ip,
                "userAgent": call.request.header("user-agent") or "",
            },
            "requestId": call.request_id,
            "routeKey": call.route_key,
            "stage": call.stage,
            "time": call.clf_time,
            "timeEpoch": call.epoch_milliseconds,
        },
        "body": body,
        "pathParameters": dict(call.path_parameters or {}) or None,
        "isBase64Encoded": encoded,
        "stageVariables": dict(call.stage_variables or {}) or None,
    }
    return {name: value for name, value in document.items() if value is not None}


def _event_1(call: Call) -> dict[str, Any]:
    """Single values are the last of the repeated ones; a member that has no value is null."""
    headers = {_title(name): values for name, values in _forwarded_headers(call).items()}
    query: dict[str, list[str]] = {}
    for name, value in parse_qsl(call.request.query, keep_blank_values=True):
        query.setdefault(name, []).append(value)
    body, encoded = _body(call.request)
    resource = call.route_key.partition(" ")[2] or call.route_key
    return {
        "version": "1.0",
        "resource": resource,
        "path": call.path,
        "httpMethod": call.request.method,
        "headers": {name: values[-1] for name, values in headers.items()},
        "multiValueHeaders": headers,
        "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
        "multiValueQueryStringParameters": query or None,
        "requestContext": {
            "accountId": call.account_id,
            "apiId": call.api_id,
            "domainName": call.domain_name,
            "domainPrefix": call.domain_prefix,
            "extendedRequestId": call.request_id,
            "httpMethod": call.request.method,
            "identity": {
                **dict.fromkeys(EMPTY_IDENTITY),
                "sourceIp": call.request.client_ip,
                "userAgent": call.request.header("user-agent") or "",
            },
            "path": call.full_path,
            "protocol": "HTTP/1.1",
            "requestId": call.request_id,
            "requestTime": call.clf_time,
            "requestTimeEpoch": call.epoch_milliseconds,
            "resourceId": resource,
            "resourcePath": resource,
            "stage": call.stage,
        },
        "pathParameters": dict(call.path_parameters or {}) or None,
        "stageVariables": dict(call.stage_variables or {}) or None,
        "body": body,
        "isBase64Encoded": encoded,
    }


def _forwarded_headers(call: Call) -> dict[str, list[str]]:
    """The request's headers and those that API Gateway adds: where the request came from, and a trace id."""
    headers: dict[str, list[str]] = {}
    for name, value in call.request.headers:
        headers.setdefault(name, []).append(value)
    headers.setdefault("content-length", [str(len(call.request.body))])
    trace = f"Root=1-{int(call.started.timestamp()):08x}-{secrets.token_hex(12)}"
    headers.setdefault("x-amzn-trace-id", [trace])
    forwarded = [*headers.get("x-forwarded-for", []), call.request.client_ip]
    headers["x-forwarded-for"] = [", ".join(forwarded)]
    headers["x-forwarded-proto"] = [call.request.scheme]
    headers["x-forwarded-port"] = ["443" if call.request.scheme == "https" else "80"]
    return headers


def _body(request: Request) -> tuple[str | None, bool]:
    """(body, whether it is base64): text types go as they are, everything else encoded, an empty body is None."""
    if not request.body:
        return None, False
    content_type = (request.header("content-type") or "").partition(";")[0].strip().lower()
    try:
        text = request.body.decode()
    except UnicodeDecodeError:
        text = None
    if text is not None and (content_type.startswith("text/") or content_type in TEXT_TYPES):
        return text, False
    return base64.b64encode(request.body).decode(), True


def _title(name: str) -> str:
    return "-".join(part.capitalize() for part in name.split("-"))
