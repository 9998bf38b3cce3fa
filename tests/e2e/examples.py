"""Both examples of every convention as modules of one root module, so that Terraform plans and deploys them at once."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from routeproof.catalogue import catalogue
from routeproof.convention import Convention, Example
from routeproof.example_tests import write_example
from tests.e2e.laboratory import ECHO, package

# A newer runtime than the oldest provider takes that the reference stack allows.
RUNTIMES = {"nodejs24.x": "nodejs22.x"}
MANIFEST = ".terraform/modules/modules.json"


class Case(NamedTuple):
    """One example of one convention: the convention's id, and `good` or `bad`."""

    convention_id: str
    kind: str

    @property
    def convention(self) -> Convention:
        return catalogue()[self.convention_id]

    @property
    def example(self) -> Example:
        return self.convention.good if self.kind == "good" else self.convention.bad

    @property
    def module(self) -> str:
        """What the example is called in the root module."""
        return f"{self.kind}_{self.convention_id}"


CASES = [Case(name, kind) for name in catalogue() for kind in ("good", "bad")]
# The examples that are in no plan, and are therefore root modules of their own; and what Terraform says.
NOT_PLANNED = {
    Case("MODULE_FETCHED", "bad"): (
        'Error: Module not installed on main.tf line 1: 1: module "orders" { This module is not yet installed. '
        'Run "terraform init" to install all modules required by this configuration.'
    ),
}
# Those that AWS refuses to create, and what the provider says of it.
NOT_CREATED = {
    Case("CORS", "bad"): (
        "creating API Gateway v2 API (shop): operation error ApiGatewayV2: CreateApi, https response error "
        "StatusCode: 400, RequestID: ..., BadRequestException: allow-credentials is not supported if "
        "'allow-origin' is *"
    ),
}
PLANNED = [case for case in CASES if case not in NOT_PLANNED]
DEPLOYED = [case for case in PLANNED if case not in NOT_CREATED]


def write(place: Path) -> Path:
    """The root module of all that is planned, which is returned, and of each that Terraform refuses, below `place`."""
    root = place / "deployed"
    for case in PLANNED:
        write_example(root / case.module, replace(case.example, source=deployable(case)))
        (root / f"{case.module}.zip").write_bytes(package(ECHO))
    (root / "main.tf").write_text("\n".join(text for case in PLANNED for text in _calls(case)))
    (root / MANIFEST).parent.mkdir(parents=True)
    (root / MANIFEST).write_text(json.dumps({"Modules": [entry for case in PLANNED for entry in _fetched(case)]}))
    for case in NOT_PLANNED:
        write_example(refused(place, case), case.example)
    return root


def refused(place: Path, case: Case) -> Path:
    """The directory of an example that Terraform refuses."""
    return place / "refused" / case.module


def deployable(case: Case) -> str:
    """The example's source, with names and a package of its own."""
    source = case.example.source
    for newer, older in RUNTIMES.items():
        source = source.replace(newer, older)
    source = source.replace('"orders.zip"', f'"{case.module}.zip"')
    return re.sub(r'(name +=) "(orders|/aws/lambda/orders|/aws/apigw/shop)"', rf'\1 "\2-{case.module}"', source)


def _calls(case: Case) -> Iterator[str]:
    """Its module block, and its outputs, which count only where they are the root module's."""
    yield f'module "{case.module}" {{\n  source = "./{case.module}"\n}}\n'
    for name in re.findall(r'^output "(\w+)"', case.example.source, re.MULTILINE):
        yield f'output "{case.module}_{name}" {{\n  value = module.{case.module}.{name}\n}}\n'


def _fetched(case: Case) -> Iterator[dict[str, str]]:
    """The modules that the example has on disk, as the root module's. `terraform init` leaves them as they are."""
    for entry in json.loads(dict(case.example.files).get(MANIFEST, '{"Modules": []}'))["Modules"]:
        key, source = f"{case.module}.{entry['Key']}".rstrip("."), entry["Source"] or f"./{case.module}"
        yield {**entry, "Key": key, "Source": source, "Dir": str(Path(case.module, entry["Dir"]))}
