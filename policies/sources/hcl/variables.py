"""The value of a module's variable: what it is given, or its default, as its type."""

from __future__ import annotations

from collections.abc import Callable

from ...values import Known, Reference, Unknown, Value, is_null
from .blocks import Block
from .constraints import read_constraint
from .conversion import convert
from .expressions import evaluate
from .names import Scope
from .refused import Refused


def variable_value(block: Block, given: Callable[[], Value] | None, scope: Scope, module: str) -> Value:
    """A root module's variable without a value is a reference to it. `module` is the address, empty for the root."""
    (name,) = block.labels
    default = block.attributes.get("default")
    if given is not None:
        value = given()
    elif default is not None:
        value = evaluate(default.expression, scope)
    elif module:
        return Unknown(f"{module} does not set the variable {name!r}", block.location)
    else:
        return Reference(f"var.{name}", location=block.location)
    if is_null(value) and default is not None and _refuses_null(block, scope):
        value = evaluate(default.expression, scope)
    if "type" not in block.attributes:
        return value
    try:
        return convert(value, read_constraint(block.attributes["type"].expression, scope))
    except Refused as refusal:
        return Unknown(f"the variable {name!r} does not fit its type: {refusal}", value.location)


def _refuses_null(block: Block, scope: Scope) -> bool:
    nullable = block.attributes.get("nullable")
    return nullable is not None and evaluate(nullable.expression, scope) == Known(False)
