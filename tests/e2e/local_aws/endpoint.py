"""The ASGI application that answers as AWS does: the emulator, with an HTTP API data plane of its own in front of it.

Requests for an API take the way of `_through_api`: stage, route, throttle, integration, CORS headers, access log.
Everything else is the emulator's. A request that may change the control plane makes the endpoint forget what it read.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import replace

from . import cors, responses
from .access_logs import AccessLogs, render, variables
from .asgi import (
    Application,
    ClientGone,
    Message,
    Receive,
    Request,
    Response,
    Scope,
    Send,
    call,
    json_response,
    read_body,
    read_request,
    send_response,
    whole_body,
)
from .control_plane import Api, ControlPlane
from .events import Call, new_request_id, now
from .inventory import inventory
from .lambda_integration import LambdaIntegrations, find_function
from .not_known import noted
from .outcome import Integration, Outcome
from .routing import Route, Target, find_target, host_name, select_route, select_stage
from .throttling import Throttle

log = logging.getLogger(__name__)

# AWS takes longer. Where the answer is there within a millisecond of the request's last byte, the AWS SDK for Go at
# times closes its connection unread and sends the request again: what it asks for is there already then, a conflict.
# Seen about once in 600 changes by three provider processes, and never with this pause.
SHORTEST_CHANGE_SECONDS = 0.01


class Endpoint:
    def __init__(
        self, emulator: Application, *, region: str, account_id: str, on_ready: Callable[[], None] = lambda: None
    ) -> None:
        """`region` is that of the addresses that name none; `on_ready` is called once the emulator has started."""
        self._emulator = noted(emulator)
        self._region = region
        self._account_id = account_id
        self._on_ready = on_ready
        self._control_plane = ControlPlane(emulator)
        self._lambda = LambdaIntegrations(emulator, self._control_plane)
        self._access_logs = AccessLogs(lambda region: self._control_plane.client("logs", region))
        self._throttle = Throttle()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(scope, receive, send)
            return
        if scope["type"] != "http":  # WebSocket APIs are the emulator's
            await self._emulator(scope, receive, send)
            return
        host = next((value.decode("latin-1") for name, value in scope["headers"] if name.lower() == b"host"), "")
        target = find_target(host=host, path=scope["path"], region=self._region)
        if target is not None:
            await self._data_plane(scope, receive, send, target)
        elif scope["path"] == "/_routeproof/inventory":
            await send_response(send, json_response(200, inventory()))
        elif not _is_ours(host):
            # The emulator would serve a custom domain without any of the checks made here.
            document = {"message": f"The local endpoint does not serve the host {host_name(host)}"}
            await send_response(send, json_response(501, document))
        elif scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self._emulator(scope, receive, send)
        else:
            await self._change(scope, receive, send)

    async def close(self) -> None:
        """Deliver the access-log lines that are still to be delivered."""
        await self._access_logs.close()

    async def _lifespan(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_(message: Message) -> None:
            if message["type"] == "lifespan.startup.complete":
                self._control_plane.start()
                self._on_ready()
            await send(message)

        await self._emulator(scope, receive, send_)

    async def _change(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a control-plane request on, and forget what was read before its caller can know that it is done."""
        attempt = dict(scope["headers"]).get(b"amz-sdk-request", b"attempt=1").decode("latin-1")
        if attempt.partition(";")[0] != "attempt=1":
            log.warning("%s %s: sent again by its client, %s", scope["method"], scope["path"], attempt)
        observed = scope["path"].startswith("/v2/apis")
        sent = b""
        received: list[bytes] = []
        status = 0

        async def send_(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                await asyncio.sleep(SHORTEST_CHANGE_SECONDS)
            elif message["type"] == "http.response.body" and observed:
                received.append(message.get("body", b""))
                if not message.get("more_body"):
                    self._control_plane.note_change(
                        method=scope["method"],
                        path=scope["path"],
                        body=sent,
                        response=Response(status=status, body=b"".join(received)),
                    )
            self._control_plane.forget()
            await send(message)

        if observed:
            try:
                sent = await read_body(receive)
            except ClientGone:
                return
            receive = whole_body(sent)
            if refused := cors.refusal(scope["path"], sent):
                await send_response(send_, refused)
                return
        await self._emulator(scope, receive, send_)

    async def _data_plane(self, scope: Scope, receive: Receive, send: Send, target: Target) -> None:
        try:
            request = read_request(scope, await read_body(receive))
        except ClientGone:
            log.info("%s %s: the client went away", scope["method"], scope["path"])
            return
        started = time.monotonic()
        api = await self._control_plane.api(region=target.region, api_id=target.api_id)
        if api is None or api.protocol != "HTTP":  # a REST API, a WebSocket API's connections, or nothing at all
            outcome = Outcome(
                response=await self._pass_on(request, target.api_id, target.path), reason="the emulator's answer"
            )
        else:
            outcome = await self._through_api(api, request, target, started=started)
        latency = round((time.monotonic() - started) * 1000)
        log.info(
            "%s %s%s -> %d, %d ms%s",
            request.method,
            request.header("host"),
            request.path,
            outcome.response.status,
            latency,
            f": {outcome.reason}" if outcome.reason else "",
        )
        await send_response(send, outcome.response)

    async def _through_api(self, api: Api, request: Request, target: Target, *, started: float) -> Outcome:
        if api.endpoint_disabled:
            return Outcome(response=responses.NOT_FOUND, reason="the API has disable_execute_api_endpoint")
        selected = select_stage(api.stages, target.path)
        if selected is None:
            names = ", ".join(api.stages) or "none"
            return Outcome(response=responses.NOT_FOUND, reason=f"no stage matches; the API's stages: {names}")
        name, path = selected
        stage = api.stages[name]
        if not stage.get("AutoDeploy") and not stage.get("DeploymentId"):
            return Outcome(response=responses.NOT_FOUND, reason=f"nothing was ever deployed to the stage {name}")
        call_ = Call(
            request=request,
            account_id=self._account_id,
            api_id=api.id,
            stage=name,
            domain_name=_domain_name(request, target),
            path=path,
            request_id=new_request_id(),
            started=now(),
            stage_variables=stage.get("StageVariables"),
        )
        match = select_route(api.routes, method=request.method, path=path)
        if match is not None:
            call_ = replace(call_, route_key=match.route.key, path_parameters=match.path_parameters)
            outcome = await self._through_route(api, call_, match.route, target)
        elif api.cors and cors.is_preflight(request):
            outcome = Outcome(response=cors.preflight(api.cors, request))
        else:
            routes = ", ".join(route.key for route in api.routes) or "none"
            outcome = _refused(responses.NOT_FOUND, f"no route matches; the API's routes: {routes}", "Not Found", None)
        response = outcome.response
        if api.cors and match is not None:
            response = cors.with_configured_headers(api.cors, request, response)
        response = replace(response, headers=(*response.headers, ("apigw-requestid", call_.request_id)))
        outcome = replace(outcome, response=response)
        if settings := stage.get("AccessLogSettings"):
            values = variables(call_, outcome, latency=round((time.monotonic() - started) * 1000))
            line = render(settings.get("Format", ""), values)
            self._access_logs.add(destination_arn=settings["DestinationArn"], stage=f"{api.id}/{name}", line=line)
        return outcome

    async def _through_route(self, api: Api, call_: Call, route: Route, target: Target) -> Outcome:
        stage = api.stages[call_.stage]
        limits = {**stage.get("DefaultRouteSettings", {}), **stage.get("RouteSettings", {}).get(route.key, {})}
        if not self._throttle.admits((target.region, api.id, call_.stage, route.key), limits):
            return _refused(responses.TOO_MANY_REQUESTS, f"throttled: {limits}", "Too Many Requests", "THROTTLED")
        if route.authorization != "NONE":
            reason = f"The local endpoint has no {route.authorization} authorization"
            return _refused(json_response(501, {"message": reason}), reason, reason, None)
        integration = api.integrations.get(route.integration_id)
        if integration is None:
            reason = f"route {route.key} has no integration"
            return _refused(responses.INTERNAL_SERVER_ERROR, reason, "Internal Server Error", None)
        function = find_function(integration, call_.stage_variables or {})
        if function is not None:
            return await self._lambda.answer(call_, integration, function, region=target.region)
        response = await self._pass_on(call_.request, api.id, f"/{call_.stage}{call_.path}")
        return Outcome(response=response, integration=Integration(status=response.status))

    async def _pass_on(self, request: Request, api_id: str, path: str) -> Response:
        """The emulator's own answer, asked for under the path form that it knows for every kind of API."""
        headers = tuple(pair for pair in request.headers if pair[0] != "host")
        answer = await call(
            self._emulator,
            method=request.method,
            path=f"/_aws/execute-api/{api_id}{path}",
            query=request.query,
            headers=(*headers, ("host", "localhost")),
            body=request.body,
        )
        kept = tuple(pair for pair in answer.headers if pair[0] not in ("content-length", "date", "apigw-requestid"))
        return replace(answer, headers=kept)


def _refused(response: Response, reason: str, message: str, kind: str | None) -> Outcome:
    return Outcome(response=response, reason=reason, error_message=message, error_type=kind)


def _domain_name(request: Request, target: Target) -> str:
    """The host that was asked for; for the emulator's path forms, the one that AWS would have."""
    name = host_name(request.header("host") or "")
    aws_name = f"{target.api_id}.execute-api.{target.region}.amazonaws.com"
    return name if name.startswith(f"{target.api_id}.execute-api.") else aws_name


def _is_ours(host: str) -> bool:
    name = host_name(host).rstrip(".")
    return name in ("", "127.0.0.1", "localhost") or name.endswith((".localhost", ".amazonaws.com"))
