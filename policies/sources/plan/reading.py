"""A plan as `terraform show -json` writes it: developer.hashicorp.com/terraform/internals/json-format"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from ...stack import without_keys
from ...values import Location
from ..hcl.files import display
from ..hcl.syntax import SourceError

MAX_BYTES = 100_000_000
FORMAT = "1"
HOW_TO = "terraform plan -out plan.bin && terraform show -json plan.bin > plan.json"
_MODULE = re.compile(r'module\.([^.\[]+)(\[(?:"(?:[^"\\]|\\.)*"|\d+)\])?\.?')


@dataclass(frozen=True)
class Change:
    """What will be there after apply. `unknown` and `sensitive` have the shape of `after`, with true where it holds."""

    after: Any = None
    unknown: Any = None
    sensitive: Any = None


@dataclass(frozen=True)
class PlannedResource:
    """One instance of a `resource` or `data` block that is there after apply; `key` is its own instance key."""

    address: str
    module: str
    type: str
    name: str
    key: str | int | None
    managed: bool
    change: Change

    @property
    def block(self) -> str:
        """The block's address in its module."""
        return f"{'' if self.managed else 'data.'}{self.type}.{self.name}"


@dataclass(frozen=True)
class Plan:
    """`variables` and `outputs` are the root module's; `modules` is the plan's `configuration`, by module path."""

    file: Location
    resources: tuple[PlannedResource, ...]
    variables: Mapping[str, Any] = field(default_factory=dict)
    outputs: Mapping[str, Change] = field(default_factory=dict)
    modules: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def module(self, address: str) -> Mapping[str, Any]:
        """The configuration of the module that an address is an instance of."""
        return self.modules.get(without_keys(address), {})

    @cached_property
    def keys(self) -> Mapping[str, tuple[str | int, ...]]:
        """The instance keys that there are of each block with count or for_each, by its address without its own key."""
        found: dict[str, dict[str | int, None]] = {}
        for resource in self.resources:
            for base, key in _module_keys(resource.module):
                found.setdefault(base, {})[key] = None
            if resource.key is not None:
                found.setdefault(prefixed(resource.module, resource.block), {})[resource.key] = None
        return {base: tuple(keys) for base, keys in found.items()}


def prefixed(module: str, name: str) -> str:
    return f"{module}.{name}" if module else name


def caller_of(module: str) -> tuple[str, str]:
    """The address of the module that calls one, and the call's name."""
    *_, last = _MODULE.finditer(module)
    return module[: last.start()].rstrip("."), last[1]


def _module_keys(address: str) -> Iterator[tuple[str, str | int]]:
    for match in _MODULE.finditer(address):
        if match[2]:
            key = json.loads(match[2])[0]
            text = key.replace("$${", "${").replace("%%{", "%{") if isinstance(key, str) else key
            yield address[: match.end(1)], text


def read_plan(path: Path) -> Plan:
    """Read a plan.

    Raises:
        SourceError: it cannot be read, is something else than a plan in JSON, or a plan that is not whole.
    """
    file = Location(display(path), 1, 1, 1, 1)
    content = _parsed(_bytes(path, file), file)
    _require_whole(content, file)
    try:
        resources = tuple(_resources(content))
        return Plan(
            file,
            resources,
            variables={name: item.get("value") for name, item in content.get("variables", {}).items()},
            outputs={name: _change(change) for name, change in content.get("output_changes", {}).items()},
            modules=dict(_modules("", content.get("configuration", {}).get("root_module", {}))),
        )
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise SourceError(
            f"this is not a plan as Terraform writes it ({type(error).__name__}: {error})", file
        ) from None


def _bytes(path: Path, file: Location) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise SourceError(f"the plan is larger than {MAX_BYTES:,} bytes", file)
        content = path.read_bytes()
    except OSError as error:
        raise SourceError(f"the plan cannot be read: {error.strerror or error}", file) from None
    if content.startswith(b"PK"):
        raise SourceError(
            f"this is the plan's own file, which Terraform alone reads: terraform show -json {path.name} > plan.json, "
            "and give that",
            file,
        )
    return content


def _parsed(content: bytes, file: Location) -> dict[str, Any]:
    try:
        parsed = json.loads(content, parse_float=Decimal)
    except json.JSONDecodeError as error:
        place = Location(file.file, error.lineno, error.colno, error.lineno, error.colno)
        if content.lstrip().startswith(b'{"@level"'):
            raise SourceError(f"this is the log of terraform plan -json, not the plan: {HOW_TO}", file) from None
        raise SourceError(f"this is not JSON ({error.msg}): {HOW_TO}", place) from None
    except (ValueError, RecursionError) as error:
        raise SourceError(f"this is not JSON ({error}): {HOW_TO}", file) from None
    if not isinstance(parsed, dict):
        raise SourceError(f"this is not a plan: {HOW_TO}", file)
    return parsed


def _require_whole(content: Mapping[str, Any], file: Location) -> None:
    """Refuse what is no plan, and a plan that leaves something out."""
    version = content.get("format_version")
    if "planned_values" not in content:
        if version is None and "@level" in content:
            raise SourceError(f"this is the log of terraform plan -json, not the plan: {HOW_TO}", file)
        if "values" in content or {"serial", "lineage"} <= content.keys():
            raise SourceError(f"this is a state, which says what there is and not what is planned: {HOW_TO}", file)
        raise SourceError(f"this is not a plan: {HOW_TO}", file)
    if not isinstance(version, str) or version.split(".")[0] != FORMAT:
        raise SourceError(
            f"the plan has format version {version}, and {FORMAT}.x is read, which Terraform 1.1 and newer write", file
        )
    if content.get("errored"):
        raise SourceError("this plan ended in an error, so that it lacks what was to follow: plan again", file)
    if content.get("complete") is False:
        raise SourceError(
            "this plan is not complete: it was made with -target, or something in it waits for another plan; plan the "
            "whole",
            file,
        )


def _resources(content: Mapping[str, Any]) -> Iterator[PlannedResource]:
    """What is there after apply: planned, or a data source that was read already."""
    seen: set[str] = set()
    for item in content.get("resource_changes") or ():
        change = item["change"]
        if set(change["actions"]) <= {"delete", "forget"}:
            continue
        seen.add(item["address"])
        yield _resource(item, item.get("module_address", ""), _change(change))
    state = content.get("prior_state", {}).get("values", {}).get("root_module", {})
    for module, item in _in_state("", state):
        if item["mode"] == "data" and item["address"] not in seen:
            yield _resource(item, module, Change(item["values"], None, item.get("sensitive_values")))


def _resource(item: Mapping[str, Any], module: str, change: Change) -> PlannedResource:
    if not isinstance(change.after, dict):
        raise TypeError(f"{item['address']} has no attributes")
    names = (str(item["address"]), str(module), str(item["type"]), str(item["name"]))
    return PlannedResource(*names, item.get("index"), item["mode"] == "managed", change)


def _in_state(module: str, content: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for item in content.get("resources", ()):
        yield module, item
    for child in content.get("child_modules", ()):
        yield from _in_state(child["address"], child)


def _change(change: Mapping[str, Any]) -> Change:
    return Change(change.get("after"), change.get("after_unknown"), change.get("after_sensitive"))


def _modules(path: str, module: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield path, module
    for name, call in module.get("module_calls", {}).items():
        yield from _modules(prefixed(path, f"module.{name}"), call.get("module", {}))
