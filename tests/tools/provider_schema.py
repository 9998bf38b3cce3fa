"""Writes tests/unit/data/provider_schema.json anew: `python -m tests.tools.provider_schema`.

The names of attributes and nested blocks of every resource type and data source that the conventions or their tests
name, as the oldest AWS provider that the reference stack takes knows them. Run it when a convention or a test names a
new type.
"""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.tools.held_directories import held_directory
from tests.tools.providers import init
from tests.tools.terraform import find_terraform, terraform_variables

ROOT = Path(__file__).resolve().parents[2]
SNAPSHOT = ROOT / "tests" / "unit" / "data" / "provider_schema.json"
NAMING = (ROOT / "policies", ROOT / "tests" / "unit")
# Merged into the copy of the stack, whose own constraint also takes newer ones.
OVERRIDE = """\
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}
"""
TYPE = re.compile(r'"((?:aws|archive)_[a-z0-9_]+)"')


def named_types() -> set[str]:
    """Every quoted word in the conventions, their tests and the stacks there that looks like a type."""
    files = [file for directory in NAMING for end in ("*.py", "*.tf") for file in directory.rglob(end)]
    return {name for file in files for name in TYPE.findall(file.read_text())}


def provider_schemas() -> tuple[Mapping[str, Any], Mapping[str, str]]:
    """What `terraform providers schema -json` says in a copy of the reference stack, and the providers' versions."""
    variables = terraform_variables(os.environ, aws={})
    terraform = find_terraform(variables)
    with held_directory("schema") as temporary:
        directory = temporary / "terraform"
        shutil.copytree(ROOT / "terraform", directory, ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*"))
        (directory / "version_override.tf").write_text(OVERRIDE)
        init(terraform, directory=directory, variables=variables)
        schemas = terraform.run("providers", "schema", "-json", directory=directory, variables=variables)
        versions = terraform.run("version", "-json", directory=directory, variables=variables)
    return json.loads(schemas), json.loads(versions)["provider_selections"]


def trimmed(schemas: Mapping[str, Any], wanted: set[str]) -> dict[str, dict[str, Any]]:
    """The wanted types that there are, by `resource` and `data`."""
    found: dict[str, dict[str, Any]] = {"resource": {}, "data": {}}
    for provider in schemas["provider_schemas"].values():
        for kind, types in (("resource", "resource_schemas"), ("data", "data_source_schemas")):
            for name, schema in provider.get(types, {}).items():
                if name in wanted:
                    found[kind][name] = _names(schema["block"])
    return {kind: dict(sorted(types.items())) for kind, types in found.items()}


def _names(block: Mapping[str, Any]) -> dict[str, Any]:
    blocks = block.get("block_types", {})
    return {
        "attributes": sorted(block.get("attributes", {})),
        "blocks": {name: _names(nested["block"]) for name, nested in sorted(blocks.items())},
    }


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    schemas, versions = provider_schemas()
    found = trimmed(schemas, named_types())
    SNAPSHOT.parent.mkdir(exist_ok=True)
    SNAPSHOT.write_text(json.dumps({"providers": versions, **found}, indent=1) + "\n")
    print(f"{SNAPSHOT}: {len(found['resource'])} resource types, {len(found['data'])} data sources")


if __name__ == "__main__":
    main()
