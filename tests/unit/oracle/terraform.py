"""Terraform's own opinion of a configuration, and the engine's, in one form that can be compared."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from routeproof.sources.hcl import numbers
from routeproof.sources.hcl.files import Files
from routeproof.sources.hcl.modules import load
from routeproof.sources.hcl.syntax import SourceError
from routeproof.sources.hcl.types import Collection, ObjectType, TupleType, Type, type_of
from routeproof.sources.hcl.variable_files import variable_values
from routeproof.values import Call, Known, ListValue, ObjectValue, Reference, Template, Unknown, Value, describe, walk
from tests.tools.terraform import Terraform, TerraformFailed, find_terraform, terraform_variables


@dataclass(frozen=True)
class Judged:
    """What a configuration comes to: each output's type and value, both as JSON has them, or what refused it."""

    outputs: Mapping[str, Any]
    refusals: tuple[tuple[str, int, str], ...] = ()
    """File, line and summary of each of Terraform's errors."""
    resources: Mapping[str, Any] = field(default_factory=dict)
    """The same of the argument `input` of each `terraform_data`, by its address."""


@cache
def terraform() -> tuple[Terraform, Mapping[str, str]]:
    variables = terraform_variables(os.environ)
    return find_terraform(variables), variables


def version() -> str:
    return ".".join(map(str, terraform()[0].version))


def write(files: Mapping[str, str | bytes], directory: Path, *, modules: bool = True) -> None:
    """Write the files, and what `terraform init` would note of the directories among them, each called as its name."""
    names = sorted({name.split("/")[0] for name in files if "/" in name}) if modules else []
    for name, content in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    if names:
        called = [{"Key": "", "Source": "", "Dir": "."}]
        called += [{"Key": name, "Source": f"./{name}", "Dir": name} for name in names]
        (directory / ".terraform" / "modules").mkdir(parents=True)
        (directory / ".terraform" / "modules" / "modules.json").write_text(json.dumps({"Modules": called}))


def by_terraform(directory: Path) -> Judged:
    """Apply a configuration of outputs and of `terraform_data`, which needs no provider: one start of Terraform."""
    program, variables = terraform()
    state = directory / "terraform.tfstate"
    try:
        program.run("apply", "-auto-approve", "-json", "-lock=false", directory=directory, variables=variables)
    except TerraformFailed as failure:
        refusals = []
        for line in failure.output.splitlines():
            message = json.loads(line) if line.startswith("{") else {}
            found = message.get("diagnostic", {})
            if found.get("severity") == "error":
                place = found.get("range") or {"filename": "", "start": {"line": 0}}
                summary = f"{found['summary']}: {found.get('detail', '')}"
                refusals.append((place["filename"], place["start"]["line"], summary))
        if not refusals:
            raise
        return Judged({}, tuple(refusals))
    content = json.loads(state.read_text(), parse_float=numbers.parse, parse_int=numbers.parse)
    outputs = {name: (output["type"], output["value"]) for name, output in content["outputs"].items()}
    return Judged(outputs, resources=dict(_inputs(content["resources"])))


def _inputs(resources: list[Any]) -> Iterator[tuple[str, Any]]:
    for resource in resources:
        if resource["type"] != "terraform_data":
            continue
        name = ".".join([*filter(None, [resource.get("module")]), resource["type"], resource["name"]])
        for instance in resource["instances"]:
            key = f"[{json.dumps(instance['index_key'], ensure_ascii=False)}]" if "index_key" in instance else ""
            given = instance["attributes"]["input"]
            yield name + key, given and (given["type"], given["value"])


def by_engine(directory: Path) -> Judged:
    """The same by the engine. An output that it does not decide is ("unknown", why)."""
    try:
        files = Files(directory.resolve())
        stack = load(directory, files, variable_values(directory, files, []))
    except SourceError as error:
        return Judged({}, ((Path(error.location.file).name, error.location.line, error.message),))
    inputs = {r.address: as_json(stack.resolve(r.get("input"))) for r in stack.of_type("terraform_data")}
    return Judged({output.name: as_json(stack.resolve(output.value)) for output in stack.outputs}, resources=inputs)


def as_json(value: Value) -> tuple[Any, Any]:
    for part in walk(value):
        if isinstance(part, Unknown):
            return "unknown", part.reason
        if isinstance(part, Reference | Call | Template):
            return "unknown", f"symbolic: {describe(part)}"
    return _type(type_of(value)), _plain(value)


def _type(kind: Type) -> Any:
    if isinstance(kind, Collection):
        return [kind.kind, _type(kind.element)]
    if isinstance(kind, TupleType):
        return ["tuple", [_type(item) for item in kind.elements]]
    if isinstance(kind, ObjectType):
        return ["object", {name: _type(item) for name, item in kind.attributes}]
    return "dynamic" if kind in ("any", "null") else kind


def _plain(value: Value) -> Any:
    if isinstance(value, Known):
        return value.value
    if isinstance(value, ListValue):
        return [_plain(item) for item in value.items]
    assert isinstance(value, ObjectValue)
    return {name: _plain(item) for name, item in value.fields.items()}


def agree(ours: Any, theirs: Any) -> bool:
    """Equal in type and value; Python's own == takes True for 1."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return ours.keys() == theirs.keys() and all(agree(ours[name], theirs[name]) for name in ours)
    if isinstance(ours, list | tuple) and isinstance(theirs, list | tuple):
        return len(ours) == len(theirs) and all(agree(*pair) for pair in zip(ours, theirs, strict=True))
    return isinstance(ours, bool) == isinstance(theirs, bool) and ours == theirs


def compare(files: Mapping[str, str | bytes], *, init: bool = False) -> tuple[Judged, Judged]:
    """The engine's judgement and Terraform's of a configuration; with `init`, modules may call modules."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        write(files, directory, modules=not init)
        if init:
            program, variables = terraform()
            program.run("init", directory=directory, variables=variables)
        return by_engine(directory), by_terraform(directory)
