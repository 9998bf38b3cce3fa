"""A given stack's copy, its deployment, and what is said of it where it cannot be deployed or destroyed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import copy, rmtree
from typing import Any

import requests

from routeproof.sources.aws.state import in_file
from routeproof.sources.hcl.blocks import Block
from routeproof.sources.hcl.constraints import read_constraint
from routeproof.sources.hcl.files import Files
from routeproof.sources.hcl.names import no_names
from routeproof.sources.hcl.refused import Refused, TooDeep
from routeproof.sources.hcl.syntax import SourceError
from routeproof.sources.hcl.types import BOOL, NUMBER, STRING
from tests.e2e.deployment import Deployment, log
from tests.e2e.given_stack import confinement
from tests.e2e.given_stack.copying import copy_repository
from tests.e2e.given_stack.diagnostics import planned_types, told
from tests.e2e.given_stack.options import GivenStack
from tests.e2e.local_aws import LocalAws
from tests.e2e.local_aws.not_known import NotKnown, read_log
from tests.tools import providers
from tests.tools.terraform import Terraform, TerraformFailed

LOCK = ".terraform.lock.hcl"
# What the emulator keeps and gives back, and what nothing here acts on when a request comes.
NOT_ACTED_ON = {
    "aws_apigatewayv2_api_mapping": "the custom domain is answered with 501",
    "aws_apigatewayv2_authorizer": "a route that asks it is answered with 501",
    "aws_apigatewayv2_domain_name": "the custom domain is answered with 501",
    "aws_cloudfront_distribution": "the distribution's domain is answered with 501",
    "aws_wafv2_web_acl_association": "no request is inspected",
}


class NotUsable(Exception):
    """The stack cannot be deployed as it was asked for; the text says why."""


class Undeployable(Exception):
    """Terraform could not deploy the stack, or not destroy it; the text says what failed, and why."""


@dataclass(frozen=True)
class Copy:
    """The given stack's copy: `top` is the repository's, the deployment's directory the root module's.

    `before` is what the endpoint had before anything of the stack was there.
    """

    given: GivenStack
    top: Path
    deployment: Deployment
    aws: LocalAws
    before: frozenset[str]

    @property
    def root(self) -> Path:
        return self.deployment.directory

    def apply(self) -> dict[str, str]:
        """Every resource's type by its address. Raises Undeployable."""
        return planned_types(self._run("apply", what="The stack cannot be deployed on the local endpoint."))

    def destroy(self) -> None:
        """Destroys what there is. Raises Undeployable."""
        if resources(self.deployment.state_file):
            self._run("destroy", what="What was deployed cannot be destroyed.")

    def passed_over(self) -> list[str]:
        """What the endpoint was asked for and does not know, although nothing failed by it."""
        return sorted({f"{note.asked} ({note.status})" for note in self._not_known().values()})

    def left(self) -> list[str]:
        """What the endpoint has and did not have before."""
        return sorted(inventory(self.aws) - self.before)

    def _run(self, command: str, *, what: str) -> str:
        try:
            return self.deployment.run(command, "-auto-approve", "-json")
        except TerraformFailed as problem:
            raise Undeployable(told(what, problem.output, self._not_known())) from None

    def _not_known(self) -> dict[str, NotKnown]:
        return read_log(self.aws.log_file.read_text(errors="replace"))


@dataclass(frozen=True)
class Resource:
    """One in Terraform's state."""

    address: str
    type: str
    attributes: Mapping[str, Any]


def make_copy(
    given: GivenStack, place: Path, *, terraform: Terraform, variables: Mapping[str, str], aws: LocalAws
) -> Copy:
    """Copies the repository into the empty directory `place` and runs `terraform init` in the root module's copy.

    Raises:
        NotCopied, NotUsable: the text says why.
        ProviderMissing, TerraformFailed: `terraform init` fails.
    """
    place = place.resolve()
    root = copy_repository(given.directory, place, also=given.also)
    log.info("%s and the repository around it: copied to %s", given.directory, place)
    set_variables(root, given.variables, given.variable_files)
    confinement.keep_state_here(root)
    _init(terraform, root, variables)
    try:
        confinement.confine(place, root)
    except (SourceError, TooDeep) as problem:
        raise NotUsable(f"{problem.location}: {problem.message}") from None
    deployment = Deployment(root, "", terraform, confinement.environment(variables))
    return Copy(given, place, deployment, aws, frozenset(inventory(aws)))


def inventory(aws: LocalAws) -> set[str]:
    """All that the endpoint has."""
    session = requests.Session()
    session.trust_env = False
    return set(session.get(f"{aws.endpoint_url}/_routeproof/inventory", timeout=60).json())


def resources(state_file: Path) -> list[Resource]:
    """The managed resources in a state file of version 4; none where there is no file."""
    if not state_file.exists():
        return []
    return [Resource(*one) for one in in_file(json.loads(state_file.read_text())["resources"])]


def not_acted_on(types: Mapping[str, str]) -> list[str]:
    """What the emulator takes and the request path does not have, of the resources' types by address."""
    return [f"{address}: {NOT_ACTED_ON[kind]}" for address, kind in sorted(types.items()) if kind in NOT_ACTED_ON]


def set_variables(root: Path, variables: Sequence[tuple[str, str]], files: Sequence[Path]) -> None:
    """Values for the root module, in files that Terraform and the linter read without being told.

    As on Terraform's command line a value is text for a string, a number or a bool, and where no type is declared; for
    any other type it is an expression (https://developer.hashicorp.com/terraform/language/values/variables).

    Raises:
        NotUsable: a variable is not declared, or its declaration cannot be read.
    """
    for number, file in enumerate(files):
        suffix = ".auto.tfvars.json" if file.name.endswith(".json") else ".auto.tfvars"
        copy(file, root / f"zzz_routeproof_{number:03}{suffix}")
    try:
        blocks = Files(boundary=None).blocks(root)
    except SourceError as problem:
        raise NotUsable(f"{problem.location}: {problem.message}") from None
    declared = {block.labels[0]: block for block in blocks if block.type == "variable"}
    texts: dict[str, str] = {}
    expressions: dict[str, str] = {}
    for name, value in variables:
        if name not in declared:
            raise NotUsable(f"--var: the root module has no variable {name}; it has {', '.join(declared) or 'none'}")
        (texts if _is_text(declared[name]) else expressions)[name] = value
    if texts:
        (root / "zzz_routeproof_998.auto.tfvars.json").write_text(json.dumps(texts))
    if expressions:
        lines = [f"{name} = {value}\n" for name, value in expressions.items()]
        (root / "zzz_routeproof_999.auto.tfvars").write_text("".join(lines))


def _is_text(variable: Block) -> bool:
    kind = variable.attributes.get("type")
    try:
        return kind is None or read_constraint(kind.expression, no_names()) in (STRING, NUMBER, BOOL)
    except Refused as problem:
        raise NotUsable(f"{variable.location}: {problem}") from None


def _init(terraform: Terraform, root: Path, variables: Mapping[str, str]) -> None:
    """With the versions of the stack's own lock file; where those are not to be had, with those that are."""
    if (root / LOCK).exists():
        try:
            providers.init(terraform, directory=root, variables=variables)
            return
        except (providers.ProviderMissing, TerraformFailed) as problem:
            log.warning("without the stack's %s: with it `terraform init` fails: %s", LOCK, problem)
            (root / LOCK).unlink()
            rmtree(root / ".terraform", ignore_errors=True)
    providers.init(terraform, directory=root, variables=variables)
