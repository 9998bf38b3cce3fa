"""Cross-origin requests, as an HTTP API's `cors_configuration` has them answered.

Source: API Gateway developer guide, "Configure CORS for HTTP APIs": the API answers preflight requests where no route
does, adds the configured headers to responses, and ignores the CORS headers that an integration returns.
"""

import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .asgi import Headers, Request, Response, json_response

PREFIX = "access-control-"
_API = re.compile(r"/v2/apis(/[^/]+)?/?")


def refusal(path: str, body: bytes) -> Response | None:
    """What CreateApi and UpdateApi answer to credentials for every origin; None for all else.

    Source: aws/aws-cdk#9076, where AWS's words are. The answer's members are botocore's BadRequestException.
    """
    if not _API.fullmatch(path) or b"allowCredentials" not in body:
        return None
    try:
        document = json.loads(body)
        configuration = document["corsConfiguration"]
        refused = configuration["allowCredentials"] is True and "*" in configuration["allowOrigins"]
    except (ValueError, KeyError, TypeError):  # the emulator's to answer
        return None
    if not refused:
        return None
    response = json_response(400, {"message": "allow-credentials is not supported if 'allow-origin' is *"})
    headers = (("x-amzn-errortype", "BadRequestException"), ("x-amzn-requestid", str(uuid.uuid4())))
    return replace(response, headers=response.headers + headers)


def is_preflight(request: Request) -> bool:
    return request.method == "OPTIONS" and request.header("origin") is not None


def preflight(configuration: Mapping[str, Any], request: Request) -> Response:
    """204 with everything that is configured, for an origin that is allowed; 204 without a header for another."""
    headers = list(_origin_headers(configuration, request))
    if headers:
        for name, key in (("allow-methods", "AllowMethods"), ("allow-headers", "AllowHeaders")):
            if configuration.get(key):
                headers.append((PREFIX + name, ",".join(configuration[key])))
        if configuration.get("MaxAge") is not None:
            headers.append((f"{PREFIX}max-age", str(configuration["MaxAge"])))
    return Response(status=204, headers=tuple(headers))


def with_configured_headers(configuration: Mapping[str, Any], request: Request, response: Response) -> Response:
    """The response with the configured CORS headers in place of any that the integration returned."""
    kept = tuple(pair for pair in response.headers if not pair[0].lower().startswith(PREFIX))
    return replace(response, headers=kept + _origin_headers(configuration, request))


def _origin_headers(configuration: Mapping[str, Any], request: Request) -> Headers:
    origin = request.header("origin")
    allowed = configuration.get("AllowOrigins") or []
    if origin is None or not any(_allows(entry, origin) for entry in allowed):
        return ()
    headers = [(f"{PREFIX}allow-origin", "*" if "*" in allowed else origin)]
    if configuration.get("AllowCredentials"):
        headers.append((f"{PREFIX}allow-credentials", "true"))
    if configuration.get("ExposeHeaders"):
        headers.append((f"{PREFIX}expose-headers", ",".join(configuration["ExposeHeaders"])))
    return tuple(headers)


def _allows(entry: str, origin: str) -> bool:
    """An entry is an origin, `*` for all, or `https://*` for all of a scheme."""
    return entry == "*" or entry.lower() == origin.lower() or (entry.endswith("://*") and origin.startswith(entry[:-1]))
