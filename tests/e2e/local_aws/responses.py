"""What API Gateway makes of a Lambda function's answer, and its own fixed answers.

Sources: API Gateway developer guide, "Create AWS Lambda proxy integrations for HTTP APIs" (response formats) and
"Troubleshooting issues with HTTP API Lambda integrations" (the 500).
"""

import base64
import binascii
import json
from typing import Any

from .asgi import Headers, Response, json_response

INTERNAL_SERVER_ERROR = json_response(500, {"message": "Internal Server Error"})
NOT_FOUND = json_response(404, {"message": "Not Found"})
SERVICE_UNAVAILABLE = json_response(503, {"message": "Service Unavailable"})
TOO_MANY_REQUESTS = json_response(429, {"message": "Too Many Requests"})


class MalformedResponse(Exception):
    """A function's answer that is not in the format that its integration's payload version demands."""


def from_function(payload: bytes, *, version: str) -> Response:
    """The HTTP response that a function's answer stands for.

    Format 1.0 must be the full object. In format 2.0 an answer without `statusCode` is a body with status 200 and
    content type application/json. Raises MalformedResponse with what is wrong with it.
    """
    try:
        answer = json.loads(payload)
    except ValueError as error:
        raise MalformedResponse(f"the function's answer is not JSON: {error}") from error
    if not isinstance(answer, dict) or "statusCode" not in answer:
        if version == "1.0":
            raise MalformedResponse("the function's answer is not an object with statusCode, which format 1.0 demands")
        body = answer.encode() if isinstance(answer, str) else payload
        return Response(status=200, headers=(("content-type", "application/json"),), body=body)
    return Response(
        status=_status(answer["statusCode"]),
        headers=_headers(answer, version=version),
        body=_body(answer.get("body"), encoded=answer.get("isBase64Encoded", False)),
    )


def _status(value: Any) -> int:
    if isinstance(value, str) and value.isdecimal():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 200 <= value <= 599:
        raise MalformedResponse(f"statusCode is {value!r}, not an HTTP status")
    return value


def _headers(answer: dict[str, Any], *, version: str) -> Headers:
    """Names in lower case, as HTTP APIs send them; each cookie is a `set-cookie` header of its own."""
    single = _mapping(answer, "headers")
    pairs = [(name.lower(), _text(name, value)) for name, value in single.items()]
    if version == "1.0":
        multiple = _mapping(answer, "multiValueHeaders")
        repeated = {name.lower() for name in multiple}
        pairs = [pair for pair in pairs if pair[0] not in repeated]
        pairs += [(name.lower(), _text(name, value)) for name, values in multiple.items() for value in _list(values)]
    else:
        pairs += [("set-cookie", _text("cookies", cookie)) for cookie in _list(answer.get("cookies") or [])]
    if not any(name == "content-type" for name, _ in pairs):
        pairs.append(("content-type", "text/plain;charset=UTF-8"))
    return tuple(pair for pair in pairs if pair[0] not in ("content-length", "connection", "transfer-encoding"))


def _mapping(answer: dict[str, Any], name: str) -> dict[str, Any]:
    value = answer.get(name) or {}
    if not isinstance(value, dict):
        raise MalformedResponse(f"{name} is not an object")
    return value


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise MalformedResponse(f"{value!r} is not a list")
    return value


def _text(name: str, value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    if isinstance(value, (dict, list)) or value is None or not text.isascii() or not text.isprintable():
        raise MalformedResponse(f"the value of {name} is not one of a header: {value!r}")
    return text


def _body(body: Any, *, encoded: Any) -> bytes:
    if body is None:
        return b""
    if not isinstance(body, str):
        raise MalformedResponse(f"body is not a string but a {type(body).__name__}")
    if encoded is not True:
        return body.encode()
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error as error:
        raise MalformedResponse(f"isBase64Encoded is true and the body is not base64: {error}") from error
