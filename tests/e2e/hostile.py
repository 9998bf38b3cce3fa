"""A user's settings at their worst: every one by which AWS's SDKs find credentials or an address leads into a trap."""

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

# MiniStack takes an access key of twelve digits for an account: what is made with it is in no other account's lists.
ACCESS_KEY = "111122223333"
SERVICES = ("APIGATEWAYV2", "CLOUDWATCH_LOGS", "IAM", "LAMBDA", "STS")


@dataclass(frozen=True)
class Hostile:
    """`environment` is to be added to a process's. `connections` are the first bytes of each that the trap took."""

    environment: Mapping[str, str]
    connections: list[bytes]
    canary: Path

    def sprung(self) -> list[str]:
        """What was used of the settings."""
        return [*map(repr, self.connections), *(["credential_process"] if self.canary.exists() else [])]


@contextmanager
def hostile(directory: Path) -> Iterator[Hostile]:
    """The trap listens while the block runs; files are in `directory`."""
    canary, config, credentials = directory / "canary", directory / "config", directory / "credentials"
    connections: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as trap:
        url = f"http://127.0.0.1:{trap.getsockname()[1]}"
        settings = f"region = eu-central-1\nendpoint_url = {url}\ncredential_process = touch {canary}\n"
        config.write_text(f"[default]\n{settings}\n[profile canary]\n{settings}")
        credentials.write_text("".join(f"[{name}]\naws_session_token = canary\n" for name in ("default", "canary")))
        environment = {
            "AWS_PROFILE": "canary",
            "AWS_DEFAULT_PROFILE": "canary",
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": "canary",
            "AWS_SESSION_TOKEN": "canary",
            "AWS_REGION": "eu-central-1",
            "AWS_DEFAULT_REGION": "eu-central-1",
            "AWS_CONFIG_FILE": str(config),
            "AWS_SHARED_CREDENTIALS_FILE": str(credentials),
            "AWS_ENDPOINT_URL": url,
            **{f"AWS_ENDPOINT_URL_{service}": url for service in SERVICES},
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": url,
            "AWS_EC2_METADATA_SERVICE_ENDPOINT": url,
            "http_proxy": url,
        }
        thread = threading.Thread(target=_take, args=(trap, connections))
        thread.start()
        try:
            yield Hostile(environment, connections, canary)
        finally:
            trap.shutdown(socket.SHUT_RDWR)
            thread.join()


def _take(trap: socket.socket, connections: list[bytes]) -> None:
    while True:
        try:
            connection, _ = trap.accept()
        except OSError:  # it was shut down
            return
        with connection:
            connections.append(connection.recv(200))
