"""An editor's side of a session: a process of `routeproof lsp`, and the protocol's messages on its stdin and stdout."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import Any, TypeAlias

Shown: TypeAlias = list[dict[str, Any]]
HANGS = 120  # seconds after which a session is ended: a message that never comes fails a test, and does not stop it


class Session:
    """What the server asks for is granted. `said` are its notifications, in order, and `asked` its requests.

    `initialized` is its answer to `initialize`.
    """

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._next = 0
        self._versions: dict[Path, int] = {}
        self.said: list[dict[str, Any]] = []
        self.asked: list[dict[str, Any]] = []
        self.initialized: dict[str, Any] = {}
        self._shown: dict[str, dict[str, Any]] = {}

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
            if message["method"] == "textDocument/publishDiagnostics":
                self._shown[message["params"]["uri"]] = message["params"]
        return message

    def open(self, path: Path, text: str | None = None) -> Shown:
        """Its diagnostics. Without a text it is what is on disk."""
        self._versions[path] = 1
        text = path.read_text() if text is None else text
        document = {"uri": path.as_uri(), "languageId": "terraform", "version": 1, "text": text}
        self.notify("textDocument/didOpen", textDocument=document)
        return self.shown(path)

    def type(self, path: Path, text: str) -> Shown:
        """Its diagnostics once the server has judged this text, of its own accord."""
        self.change(path, text)
        while self._shown[path.as_uri()]["version"] != self._versions[path]:
            self._receive()
        return self.shown(path)

    def change(self, path: Path, text: str) -> None:
        self._versions[path] += 1
        document = {"uri": path.as_uri(), "version": self._versions[path]}
        self.notify("textDocument/didChange", textDocument=document, contentChanges=[{"text": text}])

    def shown(self, path: Path) -> Shown:
        """The diagnostics that an editor shows for a file now: a request has the server judge what is still to be."""
        self.on("hover", path, position={"line": 0, "character": 0})
        found: Shown = self._shown[path.as_uri()]["diagnostics"]
        return found

    def on(self, method: str, path: Path, **params: Any) -> Any:
        """A request about an open file."""
        return self.request(f"textDocument/{method}", textDocument={"uri": path.as_uri()}, **params)

    def close(self, path: Path) -> None:
        del self._versions[path]
        self.notify("textDocument/didClose", textDocument={"uri": path.as_uri()})

    def close_all(self) -> None:
        """Forget what was said too."""
        for path in list(self._versions):
            self.close(path)
            self.shown(path)
        self.said.clear()
        self._shown.clear()


@contextmanager
def session(directory: Path, *options: str, **capabilities: Any) -> Iterator[Session]:
    """A session of an editor with these capabilities, from `initialize` to `exit`; the server ends without an error."""
    command = [sys.executable, "-m", "routeproof", "lsp", *options]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, cwd=directory, **pipes) as process:
        watch = Timer(HANGS, process.kill)
        watch.start()
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
            watch.cancel()
            process.kill()
