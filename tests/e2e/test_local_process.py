"""The server process: where it listens and writes, what it sees of this machine, and that it always ends."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests

from tests.e2e.client import Caller
from tests.e2e.laboratory import Lab
from tests.e2e.local_aws import LocalAws, StartFailure, local_aws
from tests.e2e.local_aws.endpoint import SHORTEST_CHANGE_SECONDS

ROOT = Path(__file__).parents[2]


def processes_of(directory: Path) -> list[psutil.Process]:
    """The processes that run for a server's directory: it is in the server's and in each handler's HOME."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            if process.status() != psutil.STATUS_ZOMBIE and process.environ().get("HOME", "").startswith(
                str(directory)
            ):
                found.append(process)
    return found


def assert_all_ended(directory: Path, *, seconds: float = 10) -> None:
    _, running = psutil.wait_procs(processes_of(directory), timeout=seconds)
    assert running == []


def refused(port: int) -> bool:
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) != 0


def port_of(aws: LocalAws) -> int:
    return int(aws.endpoint_url.rpartition(":")[2])


def test_environment(aws: LocalAws):
    """Terraform and boto3 get everything from these variables, whatever the machine has configured."""
    variables = aws.environment()
    assert variables["AWS_ENDPOINT_URL"] == aws.endpoint_url
    assert variables["AWS_REGION"] == variables["AWS_DEFAULT_REGION"] == "us-east-1"
    assert variables["AWS_CONFIG_FILE"] == variables["AWS_SHARED_CREDENTIALS_FILE"] == os.devnull
    script = "import boto3; print(boto3.client('sts').get_caller_identity()['Account'])"
    hostile = {"HTTP_PROXY": "http://127.0.0.1:1", "http_proxy": "http://127.0.0.1:1", "PATH": os.environ["PATH"]}
    command = [sys.executable, "-c", script]
    printed = subprocess.run(command, env=hostile | variables, capture_output=True, text=True, check=True).stdout
    assert printed.strip() == aws.account_id


def test_no_proxy_matters(aws: LocalAws, monkeypatch: pytest.MonkeyPatch):
    api = Lab(aws).api({"GET /": Lab(aws).echo})
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nonexistent")
    monkeypatch.setenv("CURL_CA_BUNDLE", "/nonexistent")
    caller, url = Caller(aws), f"https://{api.host}/"
    assert caller.get(url).status_code == 200
    assert caller.get(f"{aws.endpoint_url}/_ministack/health").status_code == 200
    assert caller.curl(url, "--write-out", "%{http_code}", "--output", os.devnull) == "200"


def test_certificate_is_verified(aws: LocalAws):
    """The adapter changes where a connection goes and nothing else: another host's name is refused."""
    with pytest.raises(requests.exceptions.SSLError, match="doesn't match"):
        Caller(aws).get("https://api.example.com/")
    with Caller().session() as session, pytest.raises(requests.exceptions.SSLError, match="certificate verify failed"):
        session.get(f"https://127.0.0.1:{aws.tls_port}/", timeout=5)


def test_nothing_elsewhere(tmp_path: Path, node: Path):
    """The server listens on its two ports of 127.0.0.1 only, and writes into its own directory only."""
    name = f"function-of-{os.getpid()}"

    def elsewhere(path: str) -> bool:
        """Neither in its directory nor among Python's own files, which it reads: boto3 has its services' data there."""
        return not any(Path(path).is_relative_to(place) for place in (tmp_path, sys.prefix))

    with local_aws(tmp_path / "aws", node=node) as aws:
        lab = Lab(aws)
        function = lab.answering("Hello", FunctionName=name)
        assert lab.api({"GET /": function}).get("/").text == "Hello"
        processes = processes_of(tmp_path)
        assert [process.name() for process in processes if process.name() == "node"] == ["node"]
        sockets = [socket for process in processes for socket in process.net_connections("inet")]
        listening = {tuple(socket.laddr) for socket in sockets if socket.status in ("LISTEN", "NONE")}
        assert listening == {("127.0.0.1", port_of(aws)), ("127.0.0.1", aws.tls_port)}
        assert [file.path for process in processes for file in process.open_files() if elsewhere(file.path)] == []
        assert [path.parent for path in tmp_path.rglob(f"*{name}*")] == [tmp_path / "aws" / "tmp"]


def test_ends_with_the_block(tmp_path: Path, node: Path):
    """Also with a handler that would go on: its process ends with the server's."""
    with local_aws(tmp_path, node=node) as aws:
        lab = Lab(aws)
        endless = lab.function(
            "exports.handler = () => new Promise((answer) => setTimeout(answer, 60000));", Timeout=60
        )
        assert lab.api({"GET /": endless}, integration={"TimeoutInMillis": 100}).get("/").status_code == 503
        assert len(processes_of(tmp_path)) >= 2
        started = time.monotonic()
    assert time.monotonic() - started < 8
    assert_all_ended(tmp_path, seconds=0.5)
    assert refused(port_of(aws))
    assert refused(aws.tls_port)


def test_ends_with_an_exception(tmp_path: Path, node: Path):
    with pytest.raises(RuntimeError, match="in the block"), local_aws(tmp_path, node=node):
        raise RuntimeError("in the block")
    assert_all_ended(tmp_path, seconds=0.5)


# A shell's background job ignores SIGINT, and so would everything that it starts.
HOLDER = """
import signal, sys, time
from pathlib import Path
from tests.e2e.local_aws import local_aws
signal.signal(signal.SIGINT, signal.default_int_handler)
with local_aws(Path(sys.argv[1]), node=Path(sys.argv[2])) as aws:
    print(aws.endpoint_url, flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_ends_with_its_parent(tmp_path: Path, node: Path, number: signal.Signals):
    """However the process that started it dies, the server notices and ends."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path), str(node)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    ) as holder:
        url = holder.stdout.readline().strip()
        assert requests.get(f"{url}/_ministack/health", timeout=5, proxies={"http": ""}).status_code == 200
        holder.send_signal(number)
        holder.wait(timeout=15)
    assert_all_ended(tmp_path)


def test_lines_are_delivered_at_the_end(tmp_path: Path, node: Path):
    """The server stops right after the last request: its access-log line is delivered all the same, once."""
    with local_aws(tmp_path, node=node) as aws:
        lab = Lab(aws)
        api = lab.api({"GET /": lab.echo})
        # Without an open connection the server stops sooner than the next batch would go.
        caller = Caller(aws)
        assert [caller.get(f"https://{api.host}/").status_code for _ in range(3)] == [200] * 3
    log = aws.log_file.read_text().splitlines()
    counts = [int(line.split("access log: ")[1].split()[0]) for line in log if "lines delivered to" in line]
    assert sum(counts) == 3


def test_start_failure(tmp_path: Path, node: Path):
    """A server that does not come up says why, with the end of its log."""
    directory = tmp_path / "aws"
    directory.mkdir()
    (directory / "ca.pem").mkdir()  # where the certificate would go
    with pytest.raises(StartFailure) as failure, local_aws(directory, node=node):
        pytest.fail("it started")
    message = str(failure.value)
    assert "ended with exit code 1 before it was ready" in message
    assert "IsADirectoryError" in message
    assert str(directory / "endpoint.log") in message
    assert_all_ended(tmp_path, seconds=0.5)


def test_slow_start(tmp_path: Path, node: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tests.e2e.local_aws.process.START_SECONDS", 0)
    with pytest.raises(StartFailure, match="was not ready after 0 s"), local_aws(tmp_path, node=node):
        pytest.fail("it started")
    assert_all_ended(tmp_path, seconds=0.5)


def test_no_node(tmp_path: Path):
    missing = tmp_path / "node"
    with pytest.raises(StartFailure) as failure, local_aws(tmp_path, node=missing):
        pytest.fail("it started")
    assert str(failure.value) == f"{missing} is not Node.js: give the path of an executable named node"


def test_no_change_is_answered_too_fast(aws: LocalAws):
    """Else the AWS SDK for Go now and then sends a request again; such a one the endpoint tells its log."""
    url = f"{aws.endpoint_url}/v2/apis"
    with requests.Session() as session:
        session.trust_env = False
        for header, told in (("attempt=1; max=25", False), ("attempt=1", False), ("attempt=2; max=25", True)):
            response = session.post(url, json={}, headers={"amz-sdk-request": header}, timeout=10)
            assert response.elapsed.total_seconds() >= SHORTEST_CHANGE_SECONDS
            assert (f"POST /v2/apis: sent again by its client, {header}\n" in aws.log_file.read_text()) == told


def test_two_servers(aws: LocalAws, tmp_path: Path, node: Path):
    """Two servers side by side, in two regions, know nothing of each other."""
    with local_aws(tmp_path, node=node, region="eu-west-1") as other:
        assert port_of(other) != port_of(aws)
        lab = Lab(other)
        api = lab.api({"GET /": lab.echo})
        assert api.host.endswith(".execute-api.eu-west-1.amazonaws.com")
        context: dict[str, Any] = json.loads(api.get("/").text)["requestContext"]
        assert context["domainName"] == api.host
        client = Lab(replace(aws, region="eu-west-1")).apis
        assert api.id not in [item["ApiId"] for item in client.get_apis()["Items"]]
