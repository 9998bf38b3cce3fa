"""A local endpoint that denies one action, as AWS does by a policy, and remembers what it was asked."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.e2e.local_aws import LocalAws

DENIED = b"""\
<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type>\
<Code>AccessDenied</Code><Message>not authorized to perform this</Message></Error></ErrorResponse>"""


@dataclass(frozen=True)
class Refusing:
    """`asked`: method, path and body of each request in their order."""

    endpoint_url: str
    asked: list[tuple[str, str, bytes]] = field(default_factory=list)


@contextmanager
def refusing(aws: LocalAws, action: str) -> Iterator[Refusing]:
    """Passes everything on to the server but IAM's `action`, while the block runs."""
    there = aws.endpoint_url.removeprefix("http://")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            found.asked.append((self.command, self.path, body))
            if f"Action={action}&".encode() in body:
                self.answer(403, [("Content-Type", "text/xml")], DENIED)
                return
            connection = HTTPConnection(there, timeout=60)
            connection.request(self.command, self.path, body, dict(self.headers))
            answer = connection.getresponse()
            kept = [pair for pair in answer.getheaders() if pair[0].lower() not in ("transfer-encoding", "connection")]
            self.answer(answer.status, kept, answer.read())
            connection.close()

        do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815

        def answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
            self.send_response_only(status)
            for name, value in headers:
                if name.lower() != "content-length":
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
            """`asked` has it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        found = Refusing(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield found
        finally:
            server.shutdown()
            thread.join()
