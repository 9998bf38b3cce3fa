"""A stage's access logs: one line a request, rendered from the stage's format and delivered to its log group.

Source: API Gateway developer guide, "Customize HTTP API access logs" for the variables.
"""

import asyncio
import logging
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.client import BaseClient
from botocore.exceptions import ClientError

from .events import Call
from .outcome import Outcome

log = logging.getLogger(__name__)

BATCH_SECONDS = 0.05
EVENTS_A_CALL = 1_000  # PutLogEvents takes 10,000 and 1 MB; a line is 3 KB of template and the values
_VARIABLE = re.compile(r"\$context\.(\w+(?:\.\w+)*)")
_LOG_GROUP = re.compile(r"arn:[^:]+:logs:([^:]+):\d+:log-group:([^:]+)(?::\*)?")


def render(template: str, values: Mapping[str, Any]) -> str:
    """The template with each `$context` variable replaced; one that is unknown or has no value becomes `-`."""

    def value_of(match: re.Match[str]) -> str:
        value = values.get(match[1])
        return "-" if value is None or value == "" else str(value)

    return _VARIABLE.sub(value_of, template)


def variables(call: Call, outcome: Outcome, *, latency: int) -> dict[str, Any]:
    """The values of the variables that HTTP APIs know, by name without `$context.`. `latency` is in milliseconds.

    Left out, and so rendered as `-`: those of authorizers, IAM, Cognito, client certificates and custom domains,
    which no request here has.
    """
    integration = outcome.integration
    values = {
        "accountId": call.account_id,
        "apiId": call.api_id,
        "dataProcessed": len(call.request.body) + len(outcome.response.body),
        "domainName": call.domain_name,
        "domainPrefix": call.domain_prefix,
        "extendedRequestId": call.request_id,
        "httpMethod": call.request.method,
        "identity.sourceIp": call.request.client_ip,
        "identity.userAgent": call.request.header("user-agent"),
        "path": call.full_path,
        "protocol": "HTTP/1.1",
        "requestId": call.request_id,
        "requestTime": call.clf_time,
        "requestTimeEpoch": call.epoch_milliseconds,
        "responseLatency": latency,
        "responseLength": len(outcome.response.body),
        "routeKey": call.route_key,
        "stage": call.stage,
        "status": outcome.response.status,
    }
    if outcome.error_message is not None:
        values |= {
            "error.message": outcome.error_message,
            "error.messageString": f'"{outcome.error_message}"',
            "error.responseType": outcome.error_type,
        }
    if integration is not None:
        values |= {
            "awsEndpointRequestId": integration.request_id,
            "integration.requestId": integration.request_id,
            "integration.error": integration.error,
            "integrationErrorMessage": integration.error,
            "integration.integrationStatus": integration.service_status,
            "integrationStatus": integration.service_status,
            "integration.status": integration.status,
            "integration.latency": integration.latency,
            "integrationLatency": integration.latency,
        }
    return values


@dataclass(frozen=True, kw_only=True)
class Stream:
    region: str
    group: str
    name: str


class AccessLogs:
    """Lines are delivered in batches, in the order in which they were added, each once; `close` delivers the rest."""

    def __init__(self, logs_client: Callable[[str], BaseClient]) -> None:
        """`logs_client` gives boto3's CloudWatch Logs client for a region."""
        self._logs_client = logs_client
        self._pending: list[tuple[Stream, dict[str, Any]]] = []
        self._delivering = asyncio.Lock()
        self._timer: asyncio.Task[None] | None = None

    def add(self, *, destination_arn: str, stage: str, line: str) -> None:
        """Take a line for the log group that a stage's `destination_arn` names; a line here where it names none."""
        match = _LOG_GROUP.fullmatch(destination_arn)
        if not match:
            log.warning("access log of stage %s: %s is not a log group, line dropped: %s", stage, destination_arn, line)
            return
        today = datetime.now(UTC).strftime("%Y/%m/%d")
        stream = Stream(region=match[1], group=match[2], name=f"{today}/{stage}")
        self._pending.append((stream, {"timestamp": int(time.time() * 1000), "message": line}))
        if self._timer is None or self._timer.done():
            self._timer = asyncio.create_task(self._deliver_soon())

    async def close(self) -> None:
        """Deliver everything that was added."""
        while self._pending or self._delivering.locked():
            await self._deliver()

    async def _deliver_soon(self) -> None:
        while self._pending:
            await asyncio.sleep(BATCH_SECONDS)
            await self._deliver()

    async def _deliver(self) -> None:
        async with self._delivering:
            taken, self._pending = self._pending, []
            batches: dict[Stream, list[dict[str, Any]]] = {}
            for stream, event in taken:
                batches.setdefault(stream, []).append(event)
            for stream, events in batches.items():
                for start in range(0, len(events), EVENTS_A_CALL):
                    await asyncio.to_thread(self._put, stream, events[start : start + EVENTS_A_CALL])

    def _put(self, stream: Stream, events: list[dict[str, Any]]) -> None:
        """A failure is a line in the endpoint's log, as on AWS it is one in nobody's: requests never fail for it."""
        client = self._logs_client(stream.region)
        target = {"logGroupName": stream.group, "logStreamName": stream.name}
        try:
            try:
                answer = client.put_log_events(**target, logEvents=events)
            except client.exceptions.ResourceNotFoundException:  # the first lines of the day, or no such group
                client.create_log_stream(**target)
                answer = client.put_log_events(**target, logEvents=events)
        except ClientError as error:
            log.warning("access log: %d lines for %s not delivered: %s", len(events), stream.group, error)
            return
        if rejected := answer.get("rejectedLogEventsInfo"):
            log.warning("access log: %s rejected some of %d lines: %s", stream.group, len(events), rejected)
        log.info("access log: %d lines delivered to %s, stream %s", len(events), stream.group, stream.name)
