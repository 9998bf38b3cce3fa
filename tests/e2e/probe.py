"""Tests for runs of their own, which test_interrupted.py starts, breaks off and looks at. No other run has them."""

import time
from pathlib import Path

from tests.e2e.client import Caller
from tests.e2e.conftest import Deploy
from tests.e2e.deployment import Deployment, copy_stack, log_messages
from tests.e2e.local_aws import LocalAws
from tests.e2e.waiting import within_deadline

# Its name is taken, which comes out when everything else is being made.
BROKEN = """
resource "aws_cloudwatch_log_group" "broken" {
  name = aws_cloudwatch_log_group.api.name
}
"""


def test_passes(deployment: Deployment, caller: Caller):
    assert caller.get(f"{deployment.output('api_url')}/hello").status_code == 200


def test_fails(deployment: Deployment, caller: Caller):
    response = caller.get(f"{deployment.output('api_url')}/hello", headers={"Origin": "https://example.com"})

    def is_delivered() -> None:
        assert response.headers["apigw-requestid"] in "".join(log_messages(deployment.access_log_group))

    within_deadline(is_delivered)
    assert response.text == "something else"


def test_apply_fails(deploy: Deploy):
    def write(place: Path) -> None:
        copy_stack(place)
        (place / "terraform" / "broken.tf").write_text(BROKEN)

    deploy(write)


def test_takes_long(aws: LocalAws):
    """Deploys nothing: only the server runs, until somebody ends this."""
    print("the server runs", flush=True)
    time.sleep(60)
