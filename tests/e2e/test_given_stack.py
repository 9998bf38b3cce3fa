"""Runs with --stack, as programs, each on a repository of somebody else's. They take half a minute, all at once."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.e2e.defects import Edit
from tests.e2e.deployment import ROOT, copy_stack
from tests.e2e.hostile import Hostile

PAGE = (ROOT / "docs" / "adopting.md").read_text()
(DOCUMENTED,) = re.findall(r"^\$ \./toxw -e e2e -- (.+)$", PAGE, re.MULTILINE)
FUNCTIONS = ROOT / "tests" / "unit" / "stacks" / "functions_by_for_each"

# All that leads to an account, or stands in the way of destroying what is in it.
OF_AN_ACCOUNT = """\
terraform {
  backend "s3" {
    bucket  = "shop-state"
    key     = "shop"
    region  = "eu-west-1"
    profile = "shop"
  }
}

provider "aws" {
  region              = var.aws_region
  profile             = "shop"
  allowed_account_ids = ["123456789012"]

  assume_role {
    role_arn = "arn:aws:iam::123456789012:role/deploy"
  }

  endpoints {
    lambda       = "ELSEWHERE"
    apigatewayv2 = "ELSEWHERE"
    sts          = "ELSEWHERE"
  }
}

resource "aws_sqs_queue" "orders" {
  name = "orders"

  lifecycle {
    prevent_destroy = true
  }
}
"""
LOCK = """\
provider "registry.terraform.io/hashicorp/aws" {
  version     = "5.100.1"
  constraints = ">= 5.100.0, < 7.0.0"
  hashes      = ["h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="]
}
"""
UNKNOWN = """\
terraform {
  cloud {
    organization = "shop"

    workspaces {
      name = "shop"
    }
  }
}

resource "aws_codedeploy_app" "hello" {
  name = "hello"
}

resource "aws_apigatewayv2_vpc_link" "hello" {
  name               = "hello"
  security_group_ids = []
  subnet_ids         = ["subnet-1"]
}
"""


NOT_PERMITTED = """\
GET /orders: 500, and 200 was expected
The answer: {"message":"Internal Server Error"}
The endpoint's reason: arn:aws:execute-api:eu-central-1:000000000000:API/$default/GET/orders may not call \
arn:aws:lambda:eu-central-1:000000000000:function:orders-list-orders: AllowHttpApi: ArnLike AWS:SourceArn \
arn:aws:execute-api:eu-central-1:000000000000:API/*/GET/health does not match \
arn:aws:execute-api:eu-central-1:000000000000:API/$default/GET/orders
routeproof path: GET /orders is broken
  broken permission: module.function["list-orders"].aws_lambda_permission.api permits /*/GET/health, which leaves out \
GET /orders: its calls end in a 500 (terraform/modules/function/main.tf:60)
/aws/lambda/orders-list-orders: there is no such log group"""
ANSWERED_204 = """\
GET /health: 204, and 200 was expected
The answer: no body
routeproof path: GET /health is proven
/aws/lambda/orders-health:
  START RequestId: """
LEFT = """\
Terraform has destroyed the stack, and the endpoint still has:
cloudwatch_logs log_groups /aws/lambda/orders-health
Lambda makes the log group of a function that has none: routeproof explain LAMBDA_LOG_GROUP"""


@dataclass(frozen=True)
class Run:
    """`failures`: the whole of what is said of each test that did not pass, by its name; None for the others.

    `changed`: what is other in the repository than it was.
    """

    exit_code: int
    output: str = field(repr=False)
    failures: Mapping[str, str | None]
    changed: set[Path]


def of_an_account(top: Path, hostile: Hostile) -> None:
    copy_stack(top)
    elsewhere = hostile.environment["AWS_ENDPOINT_URL"]
    (top / "terraform" / "providers.tf").write_text(OF_AN_ACCOUNT.replace("ELSEWHERE", elsewhere))
    (top / "terraform" / ".terraform.lock.hcl").write_text(LOCK)
    (top / ".gitignore").write_text("build/\n")
    subprocess.run(["git", "init", "-q"], cwd=top, check=True)


MODULE = "terraform/modules/function/main.tf"
GROUP = """\
resource "aws_cloudwatch_log_group" "this" {
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.log_retention_in_days
}
"""
DEFECTS = (
    Edit(MODULE, '"${var.api_execution_arn}/*/*"', '"${var.api_execution_arn}/*/GET/health"'),
    Edit(MODULE, '"${var.name}-role"\n', '"${var.name}-role"\n  tags               = { at = timestamp() }\n'),
    Edit(MODULE, "    aws_cloudwatch_log_group.this,\n"),
    Edit(MODULE, GROUP),
)


def with_defects(top: Path, hostile: Hostile) -> None:
    """A module for each of several functions, in another region, and in no git repository."""
    shutil.copytree(FUNCTIONS, top / "terraform")
    for defect in DEFECTS:
        defect.apply(top)


def with_unknown_types(top: Path, hostile: Hostile) -> None:
    copy_stack(top)
    (top / "terraform" / "more.tf").write_text(UNKNOWN)


CASES: Mapping[str, tuple[Callable[[Path, Hostile], None], str]] = {
    "of an account": (
        of_an_account,
        f"{DOCUMENTED} --var name_prefix=shop- --var 'cors_allow_origins=[\"https://a\"]'",
    ),
    "defects": (
        with_defects,
        "--stack ~/shop/terraform --request 'GET /orders' --request 'GET /health' --request 'GET /nothing?a=b' "
        "--expect 200 --expect 200 --expect 404",
    ),
    "unknown types": (with_unknown_types, "--stack ~/shop/terraform --request 'GET /hello'"),
}


@pytest.fixture(scope="module")
def stack_runs(hostile: Hostile, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Future[Run]]]:
    """Each case's run, all at the same time, by a user with every setting that could lead elsewhere."""
    directory = tmp_path_factory.mktemp("given")
    with ThreadPoolExecutor(len(CASES)) as threads:
        yield {name: threads.submit(run, name, directory / str(at), hostile) for at, name in enumerate(CASES)}


def run(name: str, directory: Path, hostile: Hostile) -> Run:
    write, arguments = CASES[name]
    top, report = directory / "shop", directory / "report.xml"
    top.mkdir(parents=True)
    write(top, hostile)
    before = contents(top)
    command = [sys.executable, "-m", "pytest", "tests/e2e", "-p", "no:cacheprovider", "--numprocesses=3"]
    command += ["--log-cli-level=INFO"]
    command += [f"--junit-xml={report}", *shlex.split(arguments.replace("~/shop", str(top)))]
    environment = {**os.environ, **hostile.environment}
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    failures = {}
    for case in ElementTree.parse(report).iter("testcase"):
        bad = next((part for part in case if part.tag in ("failure", "error")), None)
        failures[case.attrib["name"]] = None if bad is None else bad.text
    after = contents(top)
    changed = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    return Run(ended.returncode, ended.stdout + ended.stderr, failures, changed)


def contents(top: Path) -> dict[Path, bytes]:
    return {path.relative_to(top): path.read_bytes() for path in top.rglob("*") if path.is_file()}


def test_a_stack_of_an_account(stack_runs: Mapping[str, Future[Run]], hostile: Hostile):
    """The documented command. Backend, provider and lock file give way, and nobody is asked elsewhere."""
    found = stack_runs["of an account"].result()
    assert found.failures == {
        "test_it_can_be_deployed": None,
        "test_its_conventions_hold_in_the_source": None,
        "test_they_hold_on_what_is_live_and_nothing_has_drifted": None,
        "test_request[GET /hello 200]": None,
        "test_a_second_plan_is_empty": None,
        "test_destroy_leaves_nothing": None,
    }, found.output
    assert found.exit_code == pytest.ExitCode.OK
    assert "test_it_can_be_deployed: resources: 11\n" in found.output
    assert found.changed == set()
    assert hostile.sprung() == []


def test_a_stack_with_defects(stack_runs: Mapping[str, Future[Run]]):
    """Each check fails for a defect of its own, and says why."""
    found = stack_runs["defects"].result()
    assert found.exit_code == pytest.ExitCode.TESTS_FAILED, found.output
    failed = {name: said for name, said in found.failures.items() if said is not None}
    assert found.failures.keys() - failed.keys() == {
        "test_it_can_be_deployed",
        "test_they_hold_on_what_is_live_and_nothing_has_drifted",
        "test_request[GET /nothing?a=b 404]",
    }, found.output
    findings = failed.pop("test_its_conventions_hold_in_the_source").splitlines()
    functions = [f'module.function["{name}"]' for name in ("create-order", "health", "list-orders")]
    assert [line.removeprefix(f"{MODULE}:") for line in findings if " fail " in line] == [
        *(f"30:1: fail LAMBDA_LOG_GROUP {module}.aws_lambda_function.this" for module in functions),
        *(f"60:19: fail PERMISSION_SCOPE {module}.aws_lambda_permission.api" for module in functions),
    ]
    assert re.sub(r"\b[0-9a-f]{8}/", "API/", failed.pop("test_request[GET /orders 200]")) == NOT_PERMITTED
    assert failed.pop("test_request[GET /health 200]").startswith(ANSWERED_204)
    plan = failed.pop("test_a_second_plan_is_empty")
    assert plan.startswith("A second plan is not empty.\nTerraform will perform the following actions:\n")
    assert '  # module.function["health"].aws_iam_role.this will be updated in-place\n' in plan
    assert failed == {"test_destroy_leaves_nothing": LEFT}
    assert found.changed == set()


def test_a_stack_with_unknown_types(stack_runs: Mapping[str, Future[Run]]):
    found = stack_runs["unknown types"].result()
    assert found.exit_code == pytest.ExitCode.TESTS_FAILED, found.output
    assert found.failures.keys() == {"test_it_can_be_deployed"}
    assert (found.failures["test_it_can_be_deployed"] or "").splitlines() == [
        "The stack cannot be deployed on the local endpoint.",
        "The local endpoint does not know what it was asked for:",
        "  aws_apigatewayv2_vpc_link.hello (aws_apigatewayv2_vpc_link): apigateway POST /v2/vpclinks was answered with "
        '404 {"message": "Unknown API Gateway path: /v2/vpclinks", "__type": "NotFoundException"}',
        "  aws_codedeploy_app.hello (aws_codedeploy_app): codedeploy CreateApplication was answered with "
        '400 {"error": "Unsupported service: codedeploy"}',
    ]
    assert "!! the stack is not deployed !!" in found.output
    assert "terraform destroy -auto-approve -json: " in found.output
    assert found.changed == set()
