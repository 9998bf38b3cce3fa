"""A deployment of the reference stack: a copy with names of its own, what is done to it, and what is left of it."""

import json
import logging
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import boto3

from tests.tools import providers
from tests.tools.terraform import Terraform

log = logging.getLogger(__name__)

ROOT = Path(__file__).parents[2]
NOT_COPIED = shutil.ignore_patterns(
    "build", ".terraform", ".terraform.lock.hcl", "*.tfstate", "*.tfstate.*", "*.tfvars", "*.tfvars.json"
)


class LeftBehind(Exception):
    """Something of a deployment is still there after it was destroyed."""


@dataclass(frozen=True)
class Deployment:
    """One deployment: the root module's copy, what every name ends in, and the environment that Terraform runs in."""

    directory: Path
    suffix: str
    terraform: Terraform
    variables: Mapping[str, str]

    def run(self, *arguments: str) -> str:
        """What `terraform ARGUMENTS` prints. Raises TerraformFailed."""
        return self.terraform.run(*arguments, directory=self.directory, variables=self.variables)

    def apply(self, *arguments: str) -> None:
        self.run("apply", "-auto-approve", *arguments)

    def destroy(self, *arguments: str) -> None:
        self.run("destroy", "-auto-approve", *arguments)

    def output(self, name: str) -> str:
        """What a person gets from `terraform output -raw NAME`."""
        return self.run("output", "-raw", name)

    @property
    def state_file(self) -> Path:
        return self.directory / "terraform.tfstate"

    @property
    def function_log_group(self) -> str:
        return f"/aws/lambda/hello{self.suffix}"

    @property
    def access_log_group(self) -> str:
        return f"/aws/apigw/hello-api{self.suffix}"

    def clean_up(self) -> None:
        """Destroys what there is, then looks for itself. Raises LeftBehind with what is left and where the state is."""
        if self.state_file.exists() and json.loads(self.state_file.read_text())["resources"]:
            self.destroy()
        if left := remaining(self.suffix):
            raise LeftBehind(f"destroyed, and yet there are {', '.join(left)}; the state is in {self.directory}")
        log.info("nothing is left of %s", self.suffix)


def prepare(
    place: Path, *, terraform: Terraform, variables: Mapping[str, str], extra_files: Mapping[str, str] | None = None
) -> Deployment:
    """Copies the stack to `place` and runs `terraform init` there; nothing is deployed yet.

    `extra_files` are files to add to the root module, contents by name.
    """
    suffix = f"-e2e-{secrets.token_hex(4)}"
    log.info("deployment %s: a copy of terraform/ and lambda/ in %s", suffix, place)
    for folder in ("terraform", "lambda"):
        shutil.copytree(ROOT / folder, place / folder, ignore=NOT_COPIED)
    directory = place / "terraform"
    for name, content in (extra_files or {}).items():
        (directory / name).write_text(content)
    providers.init(terraform, directory=directory, variables=variables)
    return Deployment(directory, suffix, terraform, {**variables, "TF_VAR_name_suffix": suffix})


def remaining(suffix: str) -> list[str]:
    """Every API, function, role and log group whose name ends in `suffix`, as AWS lists them."""
    listings = [
        ("apigatewayv2", "get_apis", "Items", "Name"),
        ("lambda", "list_functions", "Functions", "FunctionName"),
        ("iam", "list_roles", "Roles", "RoleName"),
        ("logs", "describe_log_groups", "logGroups", "logGroupName"),
    ]
    session = boto3.Session()  # not the default one, which threads may not share
    found = []
    for service, operation, member, name in listings:
        for page in session.client(service).get_paginator(operation).paginate():
            found += [f"{service} {item[name]}" for item in page[member] if item[name].endswith(suffix)]
    return found


def log_messages(group: str) -> list[str]:
    """Every event of a log group, oldest first."""
    pages = boto3.client("logs").get_paginator("filter_log_events").paginate(logGroupName=group)
    return [event["message"] for page in pages for event in page["events"]]
