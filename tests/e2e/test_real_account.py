"""A run on a named account, which here is the local endpoint's: by the same code, and the same credentials' chain."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.deployment import ROOT, remaining
from tests.e2e.given_stack.deploying import resources
from tests.e2e.local_aws import LocalAws
from tests.e2e.own_server import own_server
from tests.e2e.real_aws import BURST_LIMIT, RATE_LIMIT
from tests.e2e.refusing import refusing

ACCOUNT = ("--aws", "--account=000000000000", "--region=us-east-1")
# As tox runs it; of the tests, one that calls nothing.
RUN = (*("-m", "pytest", "-p", "no:cacheprovider", "tests/e2e/test_hello.py", "-k", "is_listed"), "--numprocesses=3")


@pytest.fixture
def aws(node: Path, tmp_path: Path) -> Iterator[LocalAws]:
    """A server of this test's own, since it sweeps it."""
    with own_server(tmp_path / "aws", node=node) as server:
        yield server


def test_it_is_always_destroyed_and_what_aws_refuses_is_named(aws: LocalAws, tmp_path_factory: pytest.TempPathFactory):
    """Interrupted in the middle of an apply; the role may not be deleted. Then the sweep does what the message says."""
    folder = tmp_path_factory.mktemp("run")
    temporary = {"TMPDIR": str(folder)}
    output = folder / "output.txt"
    command = [sys.executable, *RUN, *ACCOUNT, f"--basetemp={folder / 'pytest'}"]
    with refusing(aws, "DeleteRole") as endpoint, output.open("w") as printed:
        environment = os.environ | temporary | {"AWS_ENDPOINT_URL": endpoint.endpoint_url}
        with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=printed, stderr=subprocess.STDOUT) as run:
            try:
                while not any(b"Action=CreateRole" in body for _, _, body in endpoint.asked):
                    assert run.poll() is None, output.read_text()
                    time.sleep(0.1)
            finally:
                run.send_signal(signal.SIGINT)
    assert run.returncode != 0
    found = re.search(
        r"\.LeftBehind: there still are iam lambda-hello(-e2e-\w{8}); the state is in (.+)\n(.+)", output.read_text()
    )
    assert found, output.read_text()
    suffix, directory, advice = found.groups()
    assert remaining(suffix) == [f"iam lambda-hello{suffix}"]
    (resource,) = resources(Path(directory) / "terraform.tfstate")
    assert resource.type == "aws_iam_role"
    assert "api error AccessDenied: not authorized to perform this" in output.read_text()

    tagged = [(path, body) for _, path, body in endpoint.asked if b"routeproof-e2e-expires" in body]
    assert sorted(re.sub("/[0-9a-f]{8}/", "/ID/", path) for path, _ in tagged) == [
        *["/"] * 3,  # the role and two log groups
        "/2015-03-31/functions",
        "/v2/apis",
        "/v2/apis/ID/stages",
    ]
    (stage,) = [json.loads(body) for path, body in tagged if path.endswith("/stages")]
    limits = stage["defaultRouteSettings"]
    assert (limits["throttlingRateLimit"], limits["throttlingBurstLimit"]) == (RATE_LIMIT, BURST_LIMIT)

    said = "Once AWS allows it, this deletes it, and needs no state: ./toxw -e sweep -- "
    assert advice.startswith(said)
    sweep = [sys.executable, "-m", "tests.e2e.sweep", *advice.removeprefix(said).split()]
    swept = subprocess.run(sweep, cwd=ROOT, env=os.environ | temporary, capture_output=True, text=True, check=False)
    assert swept.returncode == 0, swept.stdout + swept.stderr
    assert remaining(suffix) == []
