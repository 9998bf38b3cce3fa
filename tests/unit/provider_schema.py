"""What the AWS provider knows: the snapshot that `python -m tests.tools.provider_schema` makes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from routeproof.stack import MODULE, Resource
from routeproof.values import ListValue, ObjectValue, Value

MODULE_CALL = {"attributes": ["source"], "blocks": {}}  # of no provider: what the engine keeps of a module block
SNAPSHOT = Path(__file__).with_name("data") / "provider_schema.json"
Block = Mapping[str, Any]


@cache
def snapshot() -> Mapping[str, Any]:
    """`providers`: versions. `resource` and `data`: types, each with the names of its `attributes` and its `blocks` by
    name, in the same form."""
    return json.loads(SNAPSHOT.read_text())


def require_type(kind: str, type_name: str) -> Block:
    """The block of a type. `kind` is resource or data."""
    if type_name == MODULE:
        return MODULE_CALL
    types = snapshot()[kind]
    assert type_name in types, (
        f"no provider has a {kind} {type_name}, or it is new here: then run python -m tests.tools.provider_schema"
    )
    return types[type_name]


def require_attribute(type_name: str, attribute: str) -> None:
    """An attribute or a nested block of a resource type, or of a data source that is no resource type.

    `block.name` is an attribute of a nested block.
    """
    block = require_type("resource" if type_name in snapshot()["resource"] else "data", type_name)
    *outer, name = attribute.split(".")
    for nested in outer:
        assert nested in block["blocks"], f"{type_name} has no block {nested} ({attribute})"
        block = block["blocks"][nested]
    assert name in block["attributes"] or name in block["blocks"], f"{type_name} has no {attribute}"


def require_known(resource: Resource) -> None:
    """Everything that a resource of a stack sets is in the provider's schema."""
    block = require_type("resource" if resource.managed else "data", resource.type)
    _require_names(resource.address, resource.attributes, block)


def _require_names(where: str, values: Mapping[str, Value], block: Block) -> None:
    for name, value in values.items():
        assert name in block["attributes"] or name in block["blocks"], f"{where} has no {name}"
        if name in block["blocks"] and isinstance(value, ListValue):
            for item in value.items:
                if isinstance(item, ObjectValue):
                    _require_names(f"{where}.{name}", item.fields, block["blocks"][name])
