"""Every function that Terraform has is evaluated, or named among those that are not."""

from __future__ import annotations

import json
import re
from importlib import import_module
from pathlib import Path

from routeproof.sources.hcl.functions import calls, file_reading
from tests.unit.oracle import test_expressions, test_features, test_files
from tests.unit.oracle.terraform import terraform

# Terraform has it from 1.15 on.
NEWEST = {"convert"}


def evaluated() -> set[str]:
    tables = (import_module(f"routeproof.sources.hcl.functions.{name}").TABLE for name in calls.TABLES)
    return {*(name for table in tables for name in table), *file_reading.NAMES, *calls.EVALUATED_THERE}


def test_the_functions_that_are_not_supported_are_these() -> None:
    program, variables = terraform()
    written = program.run("metadata", "functions", "-json", directory=Path.cwd(), variables=variables)
    real = {name.removeprefix("core::") for name in json.loads(written)["function_signatures"]}
    symbolic = calls.KEPT | calls.NEVER_KNOWN
    assert (real | NEWEST) - evaluated() - symbolic == calls.UNSUPPORTED
    assert (evaluated() | symbolic) - real == set()
    assert (evaluated() & symbolic, symbolic & calls.UNSUPPORTED) == (set(), set())


def test_every_function_that_is_evaluated_is_compared_with_terraform() -> None:
    features = (path.read_text() for path in test_features.FEATURES.rglob("*.tf"))
    texts = [*test_expressions.PINNED, *features, test_files.NATIVE]
    compared = {name for text in texts for name in re.findall(r"\b([a-z][a-z0-9]*)\(", text)}
    assert sorted(evaluated() - compared) == []
