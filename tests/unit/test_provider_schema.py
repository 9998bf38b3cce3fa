"""Every resource type and attribute that a convention names exists in the AWS provider.

A rule on a type that does not exist passes everything, and a test with the same typo agrees with it.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import routeproof
from routeproof import conventions
from routeproof.catalogue import catalogue
from routeproof.convention import Convention
from tests.unit.conventions.judging import loaded
from tests.unit.provider_schema import require_attribute, require_known, require_type, snapshot

TYPE = re.compile(r"(aws|archive)_[a-z0-9_]*[a-z0-9]")
PACKAGE = Path(routeproof.__path__[0])
CONVENTIONS = sorted(Path(conventions.__path__[0]).glob("*/[!_]*.py"))
SHARED = [PACKAGE / f"{name}.py" for name in ("wiring", "grants", "routing", "request_path", "api_links")]
# Conventions that read no attribute themselves: a module that they share does.
WITHOUT_ATTRIBUTES = {"permission_explicit"}
# Receivers of get() that are no resource: an operation and an authorizer of an OpenAPI body, an object's fields.
NO_RESOURCE = {"operation", "authorizer", "fields"}
META = {"lifecycle.ignore_changes"}
# tflint's rules have names like types.
OTHER_RULES = {rule.id for convention in catalogue().values() for rule in convention.elsewhere}
# What the functions that look for other resources give.
FINDS = {
    "api_of": "aws_apigatewayv2_api",
    "call_sites": "aws_lambda_function",
    "stages_of": "aws_apigatewayv2_stage",
    "integration_of": "aws_apigatewayv2_integration",
}


def texts(tree: ast.AST) -> set[str]:
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def types_in(path: Path) -> set[str]:
    return {text for text in texts(ast.parse(path.read_text())) if TYPE.fullmatch(text)} - OTHER_RULES


def attributes_in(path: Path) -> set[str]:
    """The texts that are given to get(), position() and at=, and those of constants that are named for an attribute."""
    tree = ast.parse(path.read_text())
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            receiver = node.func.value if isinstance(node.func, ast.Attribute) else None
            name = receiver.attr if isinstance(receiver, ast.Attribute) else getattr(receiver, "id", "")
            if (
                isinstance(node.func, ast.Attribute)
                and node.func.attr in ("get", "position")
                and name not in NO_RESOURCE
            ):
                found |= {text for argument in node.args[:1] for text in texts(argument)}
            found |= {text for keyword in node.keywords if keyword.arg == "at" for text in texts(keyword.value)}
        elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "_AT":
            found |= texts(node.value)
        elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "_DEFAULTS":
            found |= {text for name in node.value.keys for text in texts(name)}
    # The rest is of f"{block}.{attribute}", and the beginning of a type in a condition.
    return {name for name in found - META if not name.startswith(".") and not name.endswith("_")}


@pytest.mark.parametrize("path", [*CONVENTIONS, *SHARED], ids=lambda path: path.stem)
def test_every_type_in_the_source_exists(path: Path) -> None:
    for name in types_in(path):
        require_type("data" if name in snapshot()["data"] else "resource", name)


@pytest.mark.parametrize("path", CONVENTIONS, ids=lambda path: path.stem)
def test_every_attribute_in_a_convention_is_one_of_its_types(path: Path) -> None:
    convention = catalogue()[path.stem.upper()]
    types = set(convention.resource_types) | (types_in(path) & set(snapshot()["resource"]))
    types |= {found for name, found in FINDS.items() if name in path.read_text()}
    blocks = [require_type("resource", name) for name in types]
    known = {name for block in blocks for part in ("attributes", "blocks") for name in block[part]}
    attributes = attributes_in(path)
    assert bool(attributes) is (path.stem not in WITHOUT_ATTRIBUTES), "a walk that finds nothing proves nothing"
    assert attributes <= known


@pytest.mark.parametrize("path", SHARED, ids=lambda path: path.stem)
def test_every_attribute_in_a_shared_module_is_one_of_some_type(path: Path) -> None:
    types = snapshot()["resource"].values()
    known = {name for kind in types for part in ("attributes", "blocks") for name in kind[part]}
    attributes = attributes_in(path)
    assert attributes, "the walk found nothing, so that it proves nothing"
    assert attributes <= known


@pytest.mark.parametrize("convention", catalogue().values(), ids=list(catalogue()))
def test_every_type_and_attribute_in_the_examples_exists(convention: Convention, tmp_path: Path) -> None:
    for example in (convention.good, convention.bad):
        stack = loaded(tmp_path, {"main.tf": example.source} | dict(example.files))
        assert stack.resources
        for resource in stack.resources:
            require_known(resource)


@pytest.mark.parametrize("convention", catalogue().values(), ids=list(catalogue()))
def test_every_judged_type_exists(convention: Convention) -> None:
    for name in convention.resource_types:
        require_type("resource", name)


def test_the_snapshot_is_of_the_oldest_provider_that_the_reference_stack_takes() -> None:
    assert snapshot()["providers"]["registry.terraform.io/hashicorp/aws"] == "5.100.0"


def test_a_typo_is_found(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="no provider has a resource aws_apigatewayv2_stages"):
        require_type("resource", "aws_apigatewayv2_stages")
    with pytest.raises(AssertionError, match=r"^aws_lambda_function has no architecture$"):
        require_attribute("aws_lambda_function", "architecture")
    require_attribute("aws_lambda_function", "environment")
    nested = 'resource "aws_lambda_function" "f" {\n  environment {\n    variable = {}\n  }\n}\n'
    (resource,) = loaded(tmp_path, {"main.tf": nested}).resources
    with pytest.raises(AssertionError, match=r"aws_lambda_function\.f\.environment has no variable$"):
        require_known(resource)
