"""The little of ASGI that the endpoint needs: whole requests in, whole responses out, an application called directly.

Source: the ASGI specification's HTTP connection scope (asgi.readthedocs.io).
"""

import json
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any
from urllib.parse import quote

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = tuple[tuple[str, str], ...]

BODILESS = (204, 304)


class ClientGone(Exception):
    """The client closed its connection before its request was complete."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """One HTTP request. Header names are lower case, in the order sent, repeated ones kept apart."""

    scheme: str
    method: str
    path: str
    query: str
    headers: Headers
    body: bytes
    client_ip: str

    def header(self, name: str) -> str | None:
        """The values of a header joined with commas, as HTTP allows; None where it was not sent."""
        values = [value for key, value in self.headers if key == name]
        return ",".join(values) if values else None


@dataclass(frozen=True, kw_only=True)
class Response:
    """One HTTP response. `headers` has no content-length: it is made from the body when it is sent."""

    status: int
    headers: Headers = ()
    body: bytes = b""

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name), None)


def json_response(status: int, document: object) -> Response:
    """API Gateway's own answers are compact JSON: `{"message":"Not Found"}`."""
    body = json.dumps(document, separators=(",", ":")).encode()
    return Response(status=status, headers=(("content-type", "application/json"),), body=body)


async def read_body(receive: Receive) -> bytes:
    """The whole request body; raises ClientGone where the connection ends in the middle of it."""
    chunks = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        chunks.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(chunks)


def whole_body(body: bytes) -> Receive:
    """What an application receives that is given a body which was read before."""
    incoming: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        return incoming.pop() if incoming else {"type": "http.disconnect"}

    return receive


def read_request(scope: Scope, body: bytes) -> Request:
    """Header values are Latin-1 on the wire (RFC 9110), the query string is still percent-encoded."""
    client = scope.get("client")
    return Request(
        scheme=scope["scheme"],
        method=scope["method"],
        path=scope["path"],
        query=scope["query_string"].decode("latin-1"),
        headers=tuple((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in scope["headers"]),
        body=body,
        client_ip=client[0] if client else "127.0.0.1",
    )


async def send_response(send: Send, response: Response) -> None:
    """Hypercorn keeps back the body of an answer to HEAD, and under 204 and 304."""
    headers = [("date", formatdate(usegmt=True)), *response.headers]
    if response.status not in BODILESS:  # RFC 9110, 8.6
        headers.append(("content-length", str(len(response.body))))
    encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    await send({"type": "http.response.start", "status": response.status, "headers": encoded})
    await send({"type": "http.response.body", "body": response.body})


async def call(
    application: Application, *, method: str, path: str, query: str = "", headers: Headers = (), body: bytes = b""
) -> Response:
    """Call an application in this process, without a socket. `path` is decoded, `query` is percent-encoded."""
    started: list[Message] = []
    chunks: list[bytes] = []

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            started.append(message)
        elif message["type"] == "http.response.body":
            chunks.append(message.get("body", b""))

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "scheme": "http",
        "method": method,
        "path": path,
        "raw_path": quote(path).encode(),
        "query_string": query.encode("latin-1"),
        "root_path": "",
        "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers],
        "client": ("127.0.0.1", 0),
        "server": ("127.0.0.1", 0),
        "extensions": {},
    }
    await application(scope, whole_body(body), send)
    if not started:
        raise RuntimeError(f"{method} {path}: the application sent no response")
    received = tuple((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in started[0]["headers"])
    return Response(status=started[0]["status"], headers=received, body=b"".join(chunks))
