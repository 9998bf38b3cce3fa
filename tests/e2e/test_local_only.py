"""The local mode keeps to this machine, and a real account is used only by who names it."""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path

import boto3
import pytest

from tests.e2e.deployment import ROOT
from tests.e2e.hostile import hostile
from tests.e2e.local_aws import LocalAws, NotThisMachine
from tests.e2e.real_aws import RealAws, asked_for

FILE = Path(__file__)
WHO_AM_I = "import boto3; boto3.client('sts', region_name='us-east-1').get_caller_identity()"


def pytest_run(*arguments: str, environment: Mapping[str, str]) -> tuple[int, str]:
    """Exit code and output of a run of a test that would deploy."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "tests/e2e/test_hello.py", *arguments]
    found = subprocess.run(command, cwd=ROOT, env={**environment}, capture_output=True, text=True, check=False)
    return found.returncode, found.stdout + found.stderr


@pytest.mark.parametrize(
    "url",
    [
        "https://lambda.us-east-1.amazonaws.com",
        "http://lambda.us-east-1.amazonaws.com",
        "http://10.0.0.1:4566",
        "http://0.0.0.0:4566",
        "http://127.0.0.1.example.com:4566",
        "http://127.0.0.1@example.com",
        "http://localhost:4566",
        "https://127.0.0.1:4566",
        "",
    ],
)
def test_other_addresses_are_refused(aws: LocalAws, url: str):
    with pytest.raises(NotThisMachine, match="refused"):
        replace(aws, endpoint_url=url)


@pytest.mark.parametrize("url", ["http://127.0.0.1:4566", "http://127.8.9.1:80", "http://[::1]:4566"])
def test_loopback_addresses(aws: LocalAws, url: str):
    assert replace(aws, endpoint_url=url).environment()["AWS_ENDPOINT_URL"] == url


def test_a_run_that_is_given_another_address(aws: LocalAws, tmp_path: Path):
    """Before anything is deployed."""
    file = tmp_path / "aws.json"
    elsewhere = "http://lambda.us-east-1.amazonaws.com"
    file.write_text(json.dumps(asdict(aws) | {"endpoint_url": elsewhere}, default=str))
    code, output = pytest_run("-x", environment=os.environ | {"ROUTEPROOF_LOCAL_AWS": str(file)})
    assert code == pytest.ExitCode.TESTS_FAILED, output
    assert f"NotThisMachine: {elsewhere} is not http:// and a loopback address such as 127.0.0.1: refused" in output
    assert "1 error" in output


def test_users_files_are_not_read(aws: LocalAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """boto3 in this process, as the tests use it. Terraform's environment: test_interrupted.py."""
    (tmp_path / ".aws").mkdir()
    for name, section in (("config", "profile canary"), ("credentials", "canary")):
        (tmp_path / ".aws" / name).write_text(f"[{section}]\naws_access_key_id = canary\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    session = boto3.Session()
    assert session.available_profiles == []
    credentials = session.get_credentials()
    assert (credentials.access_key, credentials.secret_key, credentials.token) == ("test", "test", None)
    assert session.client("lambda").meta.endpoint_url == aws.endpoint_url


def test_the_trap_is_one(tmp_path: Path):
    """Whoever does use those settings is seen; else test_interrupted.py would prove nothing."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    with hostile(tmp_path) as settings:
        first = {**clean, **settings.environment}
        second = {name: value for name, value in first.items() if "ACCESS_KEY" not in name and "TOKEN" not in name}
        for environment in (first, second):
            subprocess.run([sys.executable, "-c", WHO_AM_I], env=environment, capture_output=True, check=False)
    assert b"POST" in settings.connections[0]
    assert settings.sprung()[-1] == "credential_process"


def test_a_run_without_an_account_forgets_the_shells_credentials(aws: LocalAws):
    """Before any test begins; these would be refused."""
    users = {"AWS_PROFILE": "nobody", "AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_REGION": "moon-1"}
    script = f"""
import os, pytest
class Look:
    def pytest_sessionstart(self):
        print("left:", sorted(name for name in os.environ if name.startswith("AWS_")))
pytest.main(["-p", "no:cacheprovider", "--collect-only", "-q", {str(FILE)!r}], plugins=[Look()])
"""
    command = [sys.executable, "-c", script]
    found = subprocess.run(command, cwd=ROOT, env=os.environ | users, capture_output=True, text=True, check=False)
    assert "left: []" in found.stdout.splitlines(), found.stdout + found.stderr


def test_another_account_is_refused(aws: LocalAws):
    """STS is asked, here the local one, and nothing else happens."""
    arguments = ("--aws", "--account=123456789012", "--region=us-east-1", "--collect-only")
    code, output = pytest_run(*arguments, environment=os.environ)
    assert code == pytest.ExitCode.USAGE_ERROR, output
    assert (
        "ERROR: --aws: the credentials are of account 000000000000 (arn:aws:iam::000000000000:root), "
        "not of 123456789012: refused"
    ) in output


def test_the_named_account_is_used(aws: LocalAws):
    """Its tests are those that know nothing of the local endpoint, in one process."""
    arguments = ("--aws", "--account=000000000000", "--region=us-east-1", "--collect-only", "-q", "-n2", "tests/e2e")
    code, output = pytest_run(*arguments, environment=os.environ)
    assert code == pytest.ExitCode.OK, output
    files = {line.split("::")[0] for line in output.splitlines() if "::" in line}
    assert files == {"tests/e2e/test_hello.py", "tests/e2e/test_redeploy.py"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((True, None, None), "--aws needs --account with the account's 12 digits, and --region"),
        ((True, "123456789012", None), "--aws needs --account with the account's 12 digits, and --region"),
        ((True, None, "us-east-1"), "--aws needs --account with the account's 12 digits, and --region"),
        ((True, "1", "us-east-1"), "--aws needs --account with the account's 12 digits, and --region"),
        ((False, "123456789012", None), "--account and --region are for --aws; without it nothing leaves this machine"),
        ((False, None, "us-east-1"), "--account and --region are for --aws; without it nothing leaves this machine"),
    ],
)
def test_half_a_wish_is_refused(options: tuple[bool, str | None, str | None], message: str):
    with pytest.raises(pytest.UsageError) as refusal:
        asked_for(wish(*options))
    assert str(refusal.value) == message


def test_without_credentials(aws: LocalAws, monkeypatch: pytest.MonkeyPatch):
    """The message has what the SDK says."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    with pytest.raises(pytest.UsageError, match=r"--aws: AWS does not say .*: Unable to locate credentials"):
        asked_for(wish(True, "123456789012", "us-east-1"))


def test_the_named_account(aws: LocalAws):
    assert asked_for(wish(True, "000000000000", "eu-west-1")) == RealAws("000000000000", "eu-west-1")
    assert asked_for(wish(False, None, None)) is None


def wish(aws: bool, account: str | None, region: str | None) -> argparse.Namespace:
    return argparse.Namespace(aws=aws, account=account, region=region)


def test_environment_of_a_real_account():
    """The credentials are the shell's, the region is the one that was named."""
    host = {"AWS_PROFILE": "work", "AWS_REGION": "us-east-1", "PATH": "/bin"}
    assert RealAws("123456789012", "eu-west-1").environment(host) == {
        "AWS_PROFILE": "work",
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
    }
