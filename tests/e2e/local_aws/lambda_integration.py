"""A Lambda proxy integration: permission, call, answer, within the integration's timeout."""

import asyncio
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from . import permission, responses
from .asgi import Application, Response, call
from .control_plane import ACCESS_KEY, ControlPlane
from .events import Call, event
from .outcome import Integration, Outcome

DEFAULT_TIMEOUT = 30_000  # milliseconds, "HTTP API quotas"

# AWS re:Post, "api-gateway-http-lambda-integrations": what the access log says when nothing permits the call.
NO_PERMISSION = (
    "The IAM role configured on the integration or API Gateway doesn't have permissions to call the integration. "
    "Check the permissions and try again."
)

_FUNCTION_ARN = re.compile(r"(arn:[^:]+:lambda:([^:]+):\d+:function:([^:/]+)(?::([^:/]+))?)(?:/invocations)?$")


@dataclass(frozen=True, kw_only=True)
class Function:
    """What an integration's URI names. `arn` has the qualifier at its end where there is one."""

    arn: str
    region: str
    name: str
    qualifier: str | None


def find_function(integration: Mapping[str, Any], stage_variables: Mapping[str, str]) -> Function | None:
    """The function that a Lambda proxy integration calls; None for an integration of another kind."""
    if integration["IntegrationType"] != "AWS_PROXY" or integration.get("IntegrationSubtype"):
        return None
    uri = re.sub(
        r"\$\{stageVariables\.(\w+)\}",
        lambda match: stage_variables.get(match[1], ""),
        integration.get("IntegrationUri", ""),
    )
    match = _FUNCTION_ARN.search(uri)
    return Function(arn=match[1], region=match[2], name=match[3], qualifier=match[4]) if match else None


class LambdaIntegrations:
    def __init__(self, emulator: Application, control_plane: ControlPlane) -> None:
        self._emulator = emulator
        self._control_plane = control_plane
        self._late: set[asyncio.Task[Response]] = set()

    async def answer(self, call_: Call, integration: Mapping[str, Any], function: Function, *, region: str) -> Outcome:
        """What the caller gets for a request whose route has this integration. `region` is the API's."""
        if not integration.get("CredentialsArn"):
            refusal = await self._refusal(call_, function, region=region)
            if refusal:
                return _failed(refusal, Integration(error=NO_PERMISSION))
        version = integration.get("PayloadFormatVersion", "1.0")
        timeout = integration.get("TimeoutInMillis", DEFAULT_TIMEOUT)
        started = time.monotonic()
        invocation = asyncio.create_task(self._invoke(function, event(call_, version=version)))
        # Not wait_for: it would wait until the cancelled call has ended.
        done, _ = await asyncio.wait({invocation}, timeout=timeout / 1000)
        latency = round((time.monotonic() - started) * 1000)
        if not done:
            self._late.add(invocation)
            invocation.add_done_callback(self._late.discard)
            error = f"The integration did not answer within its timeout of {timeout} ms."
            return Outcome(
                response=responses.SERVICE_UNAVAILABLE,
                reason=error,
                error_message="Service Unavailable",
                error_type="INTEGRATION_TIMEOUT",
                integration=Integration(latency=latency, error=error),
            )
        return _judge(invocation.result(), version=version, latency=latency)

    async def _refusal(self, call_: Call, function: Function, *, region: str) -> str | None:
        statements = await self._control_plane.policy(
            region=function.region, function=function.name, qualifier=function.qualifier
        )
        return permission.find_refusal(
            statements,
            function_arn=function.arn,
            source_account=call_.account_id,
            source_arn=permission.source_arn(
                region=region,
                account_id=call_.account_id,
                api_id=call_.api_id,
                stage=call_.stage,
                method=call_.request.method,
                route_key=call_.route_key,
            ),
        )

    async def _invoke(self, function: Function, payload: dict[str, Any]) -> Response:
        """Lambda's Invoke, synchronous. The emulator takes region and account from an unverified signature."""
        credential = f"Credential={ACCESS_KEY}/20200101/{function.region}/lambda/aws4_request"
        return await call(
            self._emulator,
            method="POST",
            path=f"/2015-03-31/functions/{function.name}/invocations",
            query=f"Qualifier={quote(function.qualifier)}" if function.qualifier else "",
            headers=(
                ("host", "lambda"),
                ("content-type", "application/json"),
                ("authorization", f"AWS4-HMAC-SHA256 {credential}, SignedHeaders=host, Signature=0"),
            ),
            body=json.dumps(payload).encode(),
        )


def _judge(answer: Response, *, version: str, latency: int) -> Outcome:
    """The response for Lambda's answer to an Invoke."""
    integration = {
        "latency": latency,
        "service_status": answer.status,
        "request_id": answer.header("x-amzn-requestid"),
    }
    text = answer.body.decode(errors="replace")
    if answer.status != 200:
        error = f"Lambda answered {answer.status}: {text}"
        return _failed(error, Integration(**integration, error=error))
    if kind := answer.header("x-amz-function-error"):
        error = (
            f"The Lambda function returned the following error: {kind}. Check your Lambda function code and try again."
        )
        return _failed(f"{kind} error in the function: {text}", Integration(**integration, error=error))
    try:
        response = responses.from_function(answer.body, version=version)
    except responses.MalformedResponse as malformed:
        error = (
            "The response from the Lambda function doesn't match the format that API Gateway expects. "
            "Check your Lambda function code and try again."
        )
        return _failed(f"{malformed}: {text[:500]}", Integration(**integration, error=error))
    return Outcome(response=response, integration=Integration(**integration, status=response.status))


def _failed(reason: str, integration: Integration) -> Outcome:
    return Outcome(
        response=responses.INTERNAL_SERVER_ERROR,
        reason=reason,
        error_message="Internal Server Error",
        error_type="INTEGRATION_FAILURE",
        integration=integration,
    )
