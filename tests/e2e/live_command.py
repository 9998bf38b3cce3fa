"""`routeproof` on what is live, as a user starts it who has signed in. Only the options say where AWS is."""

import json
import subprocess
import sys
from typing import Any

from tests.e2e.local_aws import LocalAws


def routeproof(aws: LocalAws, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`routeproof COMMAND --aws ARGUMENTS`."""
    environment = {
        name: value for name, value in aws.environment().items() if "ENDPOINT" not in name and "REGION" not in name
    }
    words = [sys.executable, "-m", "routeproof", command, "--aws"]
    words += ["--region", aws.region, "--endpoint-url", aws.endpoint_url, *arguments]
    return subprocess.run(words, env=environment, capture_output=True, text=True, check=False)


def results(run: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    """The results of `check --format json`."""
    assert run.stderr == ""
    (root,) = json.loads(run.stdout)["roots"]
    return root["results"]
