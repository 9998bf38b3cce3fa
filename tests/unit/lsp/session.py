"""An editor's side of a session: a process of `routeproof lsp`, and the protocol's messages on its stdin and stdout."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


class Session:
    """What the server asks for is granted. `said` are its notifications, in order, and `asked` its requests."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._next = 0
        self._versions: dict[Path, int] = {}
        self.said: list[dict[str, Any]] = []
        self.asked: list[dict[str, Any]] = []

    def notify(self, method: str, **params: Any) -> None:
        self._send({"method": method, "params": params})

    def request(self, method: str, **params: Any) -> Any:
        """The answer's result; an error of the server fails."""
        self._next += 1
        self._send({"id": self._next, "method": method, "params": params})
        while True:
            message = self._receive()
            if message.get("id") == self._next and "method" not in message:
                assert "error" not in message, message["error"]
                return message["result"]

    def _send(self, message: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._process.stdin.flush()

    def _receive(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        length = 0
        while line := self._process.stdout.readline().strip():
            name, _, value = line.partition(b":")
            length = int(value) if name == b"Content-Length" else length
        assert length, "the server has ended"
        message: dict[str, Any] = json.loads(self._process.stdout.read(length))
        if "method" in message and "id" in message:
            self.asked.append(message)
            self._send({"id": message["id"], "result": None})
        elif "method" in message:
            self.said.append(message)
        return message

    def open(self, path: Path, text: str | None = None) -> list[dict[str, Any]]:
        """Its diagnostics. Without a text it is what is on disk."""
        self._versions[path] = 1
        text = path.read_text() if text is None else text
        document = {"uri": path.as_uri(), "languageId": "terraform", "version": 1, "text": text}
        self.notify("textDocument/didOpen", textDocument=document)
        return self.diagnostics(path, version=1)

    def type(self, path: Path, text: str) -> list[dict[str, Any]]:
        """Its diagnostics once it holds this text."""
        self.change(path, text)
        return self.diagnostics(path, version=self._versions[path])

    def change(self, path: Path, text: str) -> None:
        self._versions[path] += 1
        document = {"uri": path.as_uri(), "version": self._versions[path]}
        self.notify("textDocument/didChange", textDocument=document, contentChanges=[{"text": text}])

    def diagnostics(self, path: Path, *, version: int | None = None) -> list[dict[str, Any]]:
        """The next ones that are published for a file, of a version of it or of one that is not open."""
        while True:
            message = self._receive()
            if message.get("method") == "textDocument/publishDiagnostics":
                params = message["params"]
                if params["uri"] == path.as_uri() and params.get("version") == version:
                    found: list[dict[str, Any]] = params["diagnostics"]
                    return found

    def on(self, method: str, path: Path, **params: Any) -> Any:
        """A request about an open file."""
        return self.request(f"textDocument/{method}", textDocument={"uri": path.as_uri()}, **params)

    def close(self, path: Path) -> None:
        del self._versions[path]
        self.notify("textDocument/didClose", textDocument={"uri": path.as_uri()})


@contextmanager
def session(directory: Path, **capabilities: Any) -> Iterator[Session]:
    """A session of an editor with these capabilities, from `initialize` to `exit`; the server ends without an error."""
    command = [sys.executable, "-m", "routeproof", "lsp"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, cwd=directory, **pipes) as process:
        try:
            found = Session(process)
            found.initialized = found.request(
                "initialize", processId=None, rootUri=directory.as_uri(), capabilities=capabilities
            )
            found.notify("initialized")
            yield found
            found.request("shutdown")
            found.notify("exit")
            assert process.wait(timeout=60) == 0
            assert process.stderr is not None
            assert process.stderr.read() == b""
        finally:
            process.kill()
