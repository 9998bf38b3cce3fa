"""Terraform's state: which of its addresses is what is live. `terraform show -json`, or the state's own file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import LiveError
from .places import Place

MAX_BYTES = 100_000_000
HOW_TO = "terraform show -json > state.json, and --state state.json"


@dataclass(frozen=True)
class Managed:
    """A resource of a state. `called` is what it is called live."""

    address: str
    type: str
    called: str
    attributes: Mapping[str, Any]


def read_state(path: Path, place: Place) -> tuple[Managed, ...]:
    """The resources of a state that are read from an account, in this place.

    Raises:
        LiveError: it cannot be read, or is something else than a state.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise LiveError(f"{path}: the state is larger than {MAX_BYTES:,} bytes")
        content = json.loads(path.read_bytes())
        entries = list(_entries(content))
        here = {str(a.get("id")) for _, kind, a in entries if kind.endswith("_api") and _is_here(a, place)}
        found = [
            Managed(address, kind, called, attributes)
            for address, kind, attributes in entries
            if (called := place.in_state(kind, attributes)) is not None and _is_here(attributes, place, apis=here)
        ]
    except OSError as error:
        raise LiveError(f"{path}: the state cannot be read ({error.strerror or error})") from None
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise LiveError(f"{path}: this is no state of Terraform ({type(error).__name__}: {error}): {HOW_TO}") from None
    return tuple(found)


def _entries(content: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Address, type and attributes of the managed resources."""
    if "values" in content and "format_version" in content:
        yield from _in_module(content["values"]["root_module"])
    elif content.get("version") == 4 and "lineage" in content:
        yield from in_file(content["resources"])
    elif "planned_values" in content:
        raise ValueError("a plan")
    elif content.keys() != {"format_version"}:  # what is shown of an empty state
        raise ValueError("neither what terraform show -json writes nor a state file of version 4")


def _in_module(module: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for item in module.get("resources", ()):
        if item["mode"] == "managed":
            yield item["address"], item["type"], item["values"]
    for child in module.get("child_modules", ()):
        yield from _in_module(child)


def in_file(resources: Any) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Address, type and attributes of the managed ones of a state file's resources, version 4."""
    for item in resources:
        if item["mode"] != "managed":
            continue
        module = f"{item['module']}." if item.get("module") else ""
        for instance in item["instances"]:
            key = instance.get("index_key")
            index = "" if key is None else f"[{json.dumps(key, ensure_ascii=False)}]"
            yield f"{module}{item['type']}.{item['name']}{index}", item["type"], instance["attributes"]


def _is_here(attributes: Mapping[str, Any], place: Place, *, apis: set[str] | None = None) -> bool:
    """Whether it is in this region and account, as far as its ARN or its API tells."""
    parts = str(attributes.get("arn") or "").split(":")
    if len(parts) >= 5:
        return parts[3] in ("", place.region) and parts[4] in ("", place.account_id)
    return apis is None or attributes.get("api_id") is None or attributes["api_id"] in apis
