"""Starting and ending the server process."""

import ipaddress
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tests.tools.held_directories import hold

ACCOUNT_ID = "000000000000"
START_SECONDS = 30
STOP_SECONDS = 10
LOG_LINES_SHOWN = 40
ROOT = Path(__file__).parents[3]


class NotThisMachine(Exception):
    """An address that is not a loopback one: nothing of the local mode may go there."""


class StartFailure(Exception):
    """The server process did not come up; the message has the end of its log."""


@dataclass(frozen=True, kw_only=True)
class LocalAws:
    """A running server. `endpoint_url` is plain HTTP; on `tls_port` it has a certificate signed by `ca_file`."""

    endpoint_url: str
    tls_port: int
    ca_file: Path
    log_file: Path
    region: str
    account_id: str

    def __post_init__(self) -> None:
        """Raises NotThisMachine. A name counts as elsewhere: nobody knows what it stands for."""
        url = urlsplit(self.endpoint_url)
        try:
            is_here = url.scheme == "http" and ipaddress.ip_address(url.hostname or "").is_loopback
        except ValueError:
            is_here = False
        if not is_here:
            raise NotThisMachine(
                f"{self.endpoint_url} is not http:// and a loopback address such as 127.0.0.1: refused"
            )

    @classmethod
    def read(cls, file: Path) -> "LocalAws":
        """The server that a JSON file with these fields describes. Raises NotThisMachine."""
        fields = json.loads(file.read_text())
        return cls(**fields | {"ca_file": Path(fields["ca_file"]), "log_file": Path(fields["log_file"])})

    def environment(self) -> dict[str, str]:
        """The variables that make Terraform, the AWS CLI and boto3 talk to this server and to nothing else."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false",
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": "127.0.0.1,localhost",
            "no_proxy": "127.0.0.1,localhost",
        }


@contextmanager
def local_aws(directory: Path, *, node: Path, region: str = "us-east-1") -> Iterator[LocalAws]:
    """Run the server while the block runs. `node` is the Node.js that runs the handlers.

    All that the server writes is in `directory`. It ends with the block, however that ends, and by itself when this
    process dies. Raises StartFailure where it does not come up, with the last lines of its log.
    """
    directory = directory.resolve()
    for name in ("home", "tmp"):
        (directory / name).mkdir(parents=True, exist_ok=True)
    ready_file, log_file = directory / "ready.json", directory / "endpoint.log"
    ready_file.unlink(missing_ok=True)
    command = [sys.executable, "-m", "tests.e2e.local_aws.server", str(directory)]
    command += ["--region", region, "--account-id", ACCOUNT_ID]
    with log_file.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=_environment(directory, node=_checked(node), region=region),
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    lock = hold(directory / "tmp")  # by which the sweep knows whose the server's processes are
    try:
        ready = _wait_until_ready(process, ready_file=ready_file, log_file=log_file)
        yield LocalAws(
            endpoint_url=f"http://127.0.0.1:{ready['port']}",
            tls_port=ready["tls_port"],
            ca_file=Path(ready["ca_file"]),
            log_file=log_file,
            region=region,
            account_id=ACCOUNT_ID,
        )
    finally:
        _end(process)
        lock.close()


def _checked(node: Path) -> Path:
    if node.name != "node" or not os.access(node, os.X_OK):
        raise StartFailure(f"{node} is not Node.js: give the path of an executable named node")
    return node.absolute()


def _environment(directory: Path, *, node: Path, region: str) -> dict[str, str]:
    """All that the server, and with it every handler, sees of this machine's environment."""
    return {
        "PATH": f"{node.parent}:/usr/bin:/bin",
        "HOME": str(directory / "home"),
        "TMPDIR": str(directory / "tmp"),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONUNBUFFERED": "1",
        # The emulator's settings: no listener but ours, no Docker, nothing written elsewhere.
        "BIND_HOST": "127.0.0.1",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LAMBDA_EXECUTOR": "local",
        "DOCKER_HOST": f"unix://{directory}/no-docker.sock",
        "STATE_DIR": str(directory / "state"),
        "S3_DATA_DIR": str(directory / "s3"),
        "MINISTACK_REGION": region,
        "MINISTACK_ACCOUNT_ID": ACCOUNT_ID,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def _wait_until_ready(process: subprocess.Popen[bytes], *, ready_file: Path, log_file: Path) -> dict:
    deadline = time.monotonic() + START_SECONDS
    while not ready_file.exists():
        if process.poll() is not None:
            raise _failure(f"ended with exit code {process.returncode} before it was ready", log_file)
        if time.monotonic() > deadline:
            raise _failure(f"was not ready after {START_SECONDS} s", log_file)
        time.sleep(0.01)
    return json.loads(ready_file.read_text())


def _failure(what: str, log_file: Path) -> StartFailure:
    lines = log_file.read_text(errors="replace").splitlines()[-LOG_LINES_SHOWN:]
    return StartFailure(f"The local AWS server {what}. The end of its log, {log_file}:\n" + "\n".join(lines))


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask the server to stop, so that its last log lines are delivered; then end whatever is left of its group."""
    process.terminate()
    try:
        process.wait(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    finally:
        with suppress(ProcessLookupError):  # nothing is left
            os.killpg(process.pid, signal.SIGKILL)
        if process.stdin is not None:
            process.stdin.close()
