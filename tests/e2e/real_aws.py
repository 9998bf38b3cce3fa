"""A real account, for a run that asks for one: `tox -e e2e -- --aws --account 123456789012 --region eu-west-1`."""

import argparse
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

import boto3
import pytest
from botocore.exceptions import BotoCoreError, ClientError

from tests.e2e.deployment import Deployment, LeftBehind

# A second, and at once: what the tests need, with 200 requests at once, and far from what costs money.
RATE_LIMIT, BURST_LIMIT = 100, 250
# The tests that know nothing of the local endpoint.
FILES = ("test_hello", "test_redeploy")

# A file for the stack's root module: calls are capped.
OVERRIDE = f"""\
resource "aws_apigatewayv2_stage" "default" {{
  default_route_settings {{
    throttling_rate_limit  = {RATE_LIMIT}
    throttling_burst_limit = {BURST_LIMIT}
  }}
}}
"""


@dataclass(frozen=True)
class RealAws:
    """The account that the caller's credentials belong to, which is the one that was named."""

    account_id: str
    region: str

    def environment(self, host: Mapping[str, str]) -> dict[str, str]:
        """The AWS_* variables for Terraform and boto3: the host's, in the region that was named."""
        of_host = {name: value for name, value in host.items() if name.startswith("AWS_")}
        return of_host | {"AWS_REGION": self.region, "AWS_DEFAULT_REGION": self.region}

    @property
    def sweep(self) -> str:
        """The command that deletes what runs left here."""
        return f"./toxw -e sweep -- --aws --account {self.account_id} --region {self.region} --unexpired --yes"


def forget() -> None:
    """Takes every AWS_* variable out of this process's environment, and so out of that of all that it starts."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]


def clean_up(deployment: Deployment, real: RealAws | None, left: list[str]) -> None:
    """Destroys it. Raises LeftBehind, on an account with what can be done about it; `left` gets the same words."""
    try:
        deployment.clean_up()
    except LeftBehind as problem:
        if real:
            problem.add_note(f"Once AWS allows it, this deletes it, and needs no state: {real.sweep}")
        left += [str(problem), *getattr(problem, "__notes__", [])]
        raise


def add_options(parser: pytest.Parser) -> None:
    options = parser.getgroup("a real account")
    options.addoption("--aws", action="store_true", help="deploy to AWS, with the credentials of this shell")
    options.addoption("--account", metavar="ID", help="the account; anybody else's credentials are refused")
    options.addoption("--region", metavar="REGION", help="the region")


def asked_for(options: argparse.Namespace) -> RealAws | None:
    """The account that the options name; None without --aws. Raises UsageError where the credentials are not its."""
    account, region = options.account, options.region
    if not options.aws:
        if account or region:
            raise pytest.UsageError("--account and --region are for --aws; without it nothing leaves this machine")
        return None
    if not re.fullmatch(r"\d{12}", account or "") or not region:
        raise pytest.UsageError("--aws needs --account with the account's 12 digits, and --region")
    try:
        caller = boto3.Session().client("sts", region_name=region).get_caller_identity()
    except (BotoCoreError, ClientError) as problem:
        raise pytest.UsageError(f"--aws: AWS does not say whose credentials these are: {problem}") from problem
    if caller["Account"] != account:
        raise pytest.UsageError(
            f"--aws: the credentials are of account {caller['Account']} ({caller['Arn']}), not of {account}: refused"
        )
    return RealAws(account, region)
