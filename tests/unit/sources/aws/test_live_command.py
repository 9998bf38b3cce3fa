"""`check --aws` where there is no verdict to be had: one message, and exit code 2."""

import json
import os
import socket
import sys
import threading
import tomllib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import boto3
import pytest
from packaging.requirements import Requirement

from routeproof.cli import main


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is signed in, and nothing of this machine's settings is seen."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def signed_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What the program says on the way out."""
    assert main(["check", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("routeproof: ")
    assert err.count("\n") == 1
    return err.removeprefix("routeproof: ").rstrip("\n")


def test_without_boto3(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "boto3", None)
    message = said(capsys, "--aws", "--region", "eu-west-1")
    assert message.startswith("--aws needs boto3, which is not installed")
    assert message.endswith(": python3 -m pip install 'routeproof[aws]'")


def test_the_extra_has_what_the_tests_have():
    root = Path(__file__).parents[4]
    (wanted,) = tomllib.loads((root / "pyproject.toml").read_text())["project"]["optional-dependencies"]["aws"]
    requirement = Requirement(wanted)
    assert requirement.name == "boto3"
    assert requirement.specifier.contains(boto3.__version__)


def test_without_a_region(capsys: pytest.CaptureFixture[str], signed_in: None):
    assert said(capsys, "--aws") == "there is no region: give --region, or set AWS_REGION"


@pytest.mark.parametrize("region", ["eu west 1", "-"])
def test_what_is_no_region(capsys: pytest.CaptureFixture[str], signed_in: None, region: str):
    assert f"{region}" in said(capsys, "--aws", f"--region={region}")


def test_without_credentials(capsys: pytest.CaptureFixture[str]):
    message = said(capsys, "--aws", "--region", "eu-west-1")
    assert message.startswith(
        "there are no credentials (Unable to locate credentials): give --profile, sign in, or set"
    )


def test_without_half_of_the_credentials(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    assert said(capsys, "--aws", "--region", "eu-west-1").startswith("there are no credentials (Partial credentials")


def test_an_unknown_profile(capsys: pytest.CaptureFixture[str]):
    message = said(capsys, "--aws", "--region", "eu-west-1", "--profile", "prod")
    assert message == "The config profile (prod) could not be found: see aws configure list-profiles"


def test_nobody_answers(capsys: pytest.CaptureFixture[str], signed_in: None):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    message = said(capsys, "--aws", "--region", "eu-west-1", "--endpoint-url", url)
    assert message.startswith(f'Could not connect to the endpoint URL: "{url}/". Is the region right')


def test_what_is_no_url(capsys: pytest.CaptureFixture[str], signed_in: None):
    assert said(capsys, "--aws", "--region", "eu-west-1", "--endpoint-url", "nowhere") == "Invalid endpoint: nowhere"


@pytest.fixture
def refusing() -> Iterator[str]:
    """A service that finds the credentials expired."""

    class Refusal(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = b"<ErrorResponse><Error><Code>ExpiredToken</Code><Message>too late</Message></Error></ErrorResponse>"
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(403)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Refusal) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_expired_credentials(capsys: pytest.CaptureFixture[str], signed_in: None, refusing: str):
    message = said(capsys, "--aws", "--region", "eu-west-1", "--endpoint-url", refusing)
    assert message == "the credentials have expired (ExpiredToken): sign in again, for example with aws sso login"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--region", "eu-west-1"], "--region goes with --aws"),
        (["--endpoint-url", "http://127.0.0.1"], "--endpoint-url goes with --aws"),
        (["--state", "state.json"], "--state goes with --aws"),
        (["--aws", "--plan", "plan.json"], "--aws goes without --plan"),
        (["--aws", "one", "--fix"], "--aws goes without --fix"),
        (["--aws", "--diff"], "--aws goes without --diff"),
        (["--aws", "one", "--since", "main"], "--aws goes without --since"),
        (["--aws", "one", "two"], "--aws goes with one PATH at most"),
        (["--aws", "--var-file", "a.tfvars"], "--aws without PATH goes without --var-file"),
        (["--aws", "--baseline", "b.json"], "--aws without PATH goes without --baseline"),
    ],
)
def test_options_that_do_not_go_together(capsys: pytest.CaptureFixture[str], arguments: list[str], message: str):
    assert said(capsys, *arguments) == message


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "main.tf").write_text('resource "aws_sns_topic" "orders" {\n}\n')
    return tmp_path


def test_a_source_without_its_state(capsys: pytest.CaptureFixture[str], source: Path):
    message = said(capsys, "--aws", ".")
    assert message.startswith("there is no state in terraform.tfstate, and nothing else tells what is what: ")
    assert message.endswith("terraform show -json > state.json, and --state state.json")


def test_source_files_that_do_not_parse_are_no_matter_of_the_account(capsys: pytest.CaptureFixture[str], source: Path):
    (source / "main.tf").write_text("resource {")
    assert main(["check", "--aws", "."]) == 2
    assert "main.tf:1" in capsys.readouterr().out


def test_a_state_file_of_something_else(tmp_path: Path):
    from routeproof.sources.aws.errors import LiveError
    from routeproof.sources.aws.state import read_state

    from .made_up import PLACE

    file = tmp_path / "state.json"
    for content, reason in (
        ("[]", "AttributeError"),
        ("{", "JSONDecodeError"),
        ('{"version": 3}', "neither what terraform show -json writes nor a state file of version 4"),
        ('{"format_version": "1.2", "planned_values": {}}', "a plan"),
        (json.dumps({"version": 4, "lineage": "x", "resources": [{"mode": "managed"}]}), "KeyError"),
    ):
        file.write_text(content)
        with pytest.raises(LiveError) as error:
            read_state(file, PLACE)
        assert f"{file}: this is no state of Terraform" in str(error.value)
        assert reason in str(error.value)
