"""A deployment of the reference stack: a copy with names of its own, what is done to it, and what is left of it."""

import json
import logging
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import boto3

from tests.e2e import tags
from tests.e2e.report.recorder import RECORDER
from tests.tools import providers
from tests.tools.terraform import Terraform, TerraformFailed

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

    def outputs(self) -> dict[str, str]:
        """Every output's value by its name."""
        return {name: output["value"] for name, output in json.loads(self.run("output", "-json")).items()}

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
        failure = None
        if self.state_file.exists() and json.loads(self.state_file.read_text())["resources"]:
            try:
                self.destroy()
            except TerraformFailed as problem:
                failure = problem
        if left := remaining(self.suffix):
            raise LeftBehind(f"there still are {', '.join(left)}; the state is in {self.directory}") from failure
        if failure is not None:
            raise failure
        log.info("nothing is left of %s", self.suffix)


def copy_stack(place: Path) -> None:
    """Copies the stack's two folders into `place`."""
    for folder in ("terraform", "lambda"):
        shutil.copytree(ROOT / folder, place / folder, ignore=NOT_COPIED)


def prepare(
    place: Path,
    *,
    terraform: Terraform,
    variables: Mapping[str, str],
    write: Callable[[Path], None] = copy_stack,
) -> Deployment:
    """Writes a root module to `place`/terraform and runs `terraform init` there; nothing is deployed yet.

    `write` is given `place`. The root module has the variable `name_suffix`, and what it deploys is named so.
    """
    suffix = tags.new_suffix()
    log.info("deployment %s: in %s", suffix, place)
    write(place)
    directory = place / "terraform"
    providers.init(terraform, directory=directory, variables=variables)
    own = {"TF_VAR_name_suffix": suffix, **tags.default_tags(suffix, datetime.now(UTC))}
    return Deployment(directory, suffix, terraform, {**variables, **own})


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


def log_groups(suffix: str) -> list[str]:
    """Every log group whose name ends in `suffix`."""
    return [name.removeprefix("logs ") for name in remaining(suffix) if name.startswith("logs ")]


def log_messages(group: str) -> list[str]:
    """Every event of a log group, oldest first."""
    pages = boto3.client("logs").get_paginator("filter_log_events").paginate(logGroupName=group)
    messages = [event["message"] for page in pages for event in page["events"]]
    RECORDER.read(group, messages)
    return messages
