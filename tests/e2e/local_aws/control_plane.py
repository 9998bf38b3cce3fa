"""What the endpoint knows about APIs and functions: read from the emulator through boto3, kept until something changes.

boto3's clients do not open a connection here: their `before-send` event hands each request to the emulator's ASGI
application in this process, so reading works from the first request to the last, also while the server shuts down.
"""

import asyncio
import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from urllib.parse import unquote, urlsplit

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.client import BaseClient
from botocore.config import Config

from .asgi import Application, Response, call
from .routing import Route

ACCESS_KEY = "test"
_INTEGRATION_PATH = re.compile(r"/v2/apis/([^/]+)/integrations(?:/([^/]+))?/?")


@dataclass(frozen=True, kw_only=True)
class Api:
    """An API with its parts. Dictionaries are as boto3 returns them; `integrations` by id, `stages` by name."""

    id: str
    protocol: str
    endpoint_disabled: bool
    cors: Mapping[str, Any]
    routes: tuple[Route, ...]
    integrations: Mapping[str, Mapping[str, Any]]
    stages: Mapping[str, Mapping[str, Any]]


class ControlPlane:
    """Everything read is forgotten by `forget`, which the endpoint calls for each request that may change something."""

    def __init__(self, emulator: Application) -> None:
        self._emulator = emulator
        self._loop: asyncio.AbstractEventLoop | None = None
        self._session = boto3.Session(aws_access_key_id=ACCESS_KEY, aws_secret_access_key="test")
        self._clients: dict[tuple[str, str], BaseClient] = {}
        self._clients_lock = threading.Lock()
        self._known: dict[Any, Any] = {}
        self._changes = 0
        self._integrations_noted: dict[tuple[str, str], dict[str, Any]] = {}

    def start(self) -> None:
        """Call from the event loop that runs the emulator, before anything else."""
        self._loop = asyncio.get_running_loop()

    def forget(self) -> None:
        self._changes += 1
        self._known.clear()

    async def api(self, *, region: str, api_id: str) -> Api | None:
        """The API, or None where the region has no HTTP or WebSocket API of this id."""
        return await self._read(("api", region, api_id), lambda: self._read_api(region, api_id))

    async def policy(self, *, region: str, function: str, qualifier: str | None) -> list[dict[str, Any]]:
        """The statements of the function's policy, of the qualifier's own where one is given; [] for none."""
        key = ("policy", region, function, qualifier)
        return await self._read(key, lambda: self._read_policy(region, function, qualifier))

    async def _read(self, key: Any, read: Callable[[], Any]) -> Any:
        if key not in self._known:
            changes = self._changes
            value = await asyncio.to_thread(read)
            if changes != self._changes:  # changed while it was read: right for this request at most
                return value
            self._known[key] = value
        return self._known[key]

    def _read_api(self, region: str, api_id: str) -> Api | None:
        client = self.client("apigatewayv2", region)
        try:
            api = client.get_api(ApiId=api_id)
        except client.exceptions.NotFoundException:
            return None

        def items(operation: str) -> list[dict[str, Any]]:
            return client.get_paginator(operation).paginate(ApiId=api_id).build_full_result()["Items"]

        return Api(
            id=api_id,
            protocol=api["ProtocolType"],
            endpoint_disabled=api.get("DisableExecuteApiEndpoint", False),
            cors=api.get("CorsConfiguration") or {},
            routes=tuple(
                Route(
                    key=route["RouteKey"],
                    integration_id=route.get("Target", "").removeprefix("integrations/"),
                    authorization=route.get("AuthorizationType") or "NONE",
                )
                for route in items("get_routes")
            ),
            integrations={
                item["IntegrationId"]: {**item, **self._integrations_noted.get((api_id, item["IntegrationId"]), {})}
                for item in items("get_integrations")
            },
            stages={stage["StageName"]: stage for stage in items("get_stages")},
        )

    def _read_policy(self, region: str, function: str, qualifier: str | None) -> list[dict[str, Any]]:
        client = self.client("lambda", region)
        arguments = {"FunctionName": function} | ({"Qualifier": qualifier} if qualifier else {})
        try:
            return json.loads(client.get_policy(**arguments)["Policy"])["Statement"]
        except client.exceptions.ResourceNotFoundException:
            return []

    def note_change(self, *, method: str, path: str, body: bytes, response: Response) -> None:
        """Keep what the emulator drops of an integration that is created or changed.

        It stores neither `credentialsArn` nor `integrationSubtype`, and takes format 2.0 for the default, which is 1.0
        on AWS (API Gateway developer guide, "Create AWS Lambda proxy integrations for HTTP APIs").
        """
        match = _INTEGRATION_PATH.fullmatch(path)
        if not match or response.status not in (200, 201) or method not in ("POST", "PATCH"):
            return
        asked = json.loads(body)
        noted = self._integrations_noted.setdefault((match[1], json.loads(response.body)["integrationId"]), {})
        if method == "POST":
            noted["PayloadFormatVersion"] = "1.0"
        for member, name in (
            ("credentialsArn", "CredentialsArn"),
            ("integrationSubtype", "IntegrationSubtype"),
            ("payloadFormatVersion", "PayloadFormatVersion"),
        ):
            if member in asked:
                noted[name] = asked[member]

    def client(self, service: str, region: str) -> BaseClient:
        """A boto3 client that speaks to the emulator directly. To be used outside the event loop's thread."""
        with self._clients_lock:
            if (service, region) not in self._clients:
                client = self._session.client(
                    service,
                    region_name=region,
                    endpoint_url="http://emulator",
                    config=Config(retries={"total_max_attempts": 1}),
                )
                client.meta.events.register("before-send", self._send_in_process)
                self._clients[service, region] = client
            return self._clients[service, region]

    def _send_in_process(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        if self._loop is None:
            raise RuntimeError("ControlPlane.start was not called")
        url = urlsplit(request.url)
        headers = {name: _text(value) for name, value in request.headers.items()}
        answer = asyncio.run_coroutine_threadsafe(
            call(
                self._emulator,
                method=request.method,
                path=unquote(url.path),
                query=url.query,
                headers=tuple({**headers, "host": url.netloc}.items()),
                body=_bytes(request.body),
            ),
            self._loop,
        ).result(timeout=60)
        return AWSResponse(request.url, answer.status, dict(answer.headers), _RawBody(answer.body))


class _RawBody(BytesIO):
    """What AWSResponse reads a body from: urllib3's `stream`."""

    def stream(self, amt: int = 65536, decode_content: bool | None = None) -> Any:
        while chunk := self.read(amt):
            yield chunk


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _bytes(body: Any) -> bytes:
    return b"" if body is None else body.encode() if isinstance(body, str) else bytes(body)
