"""Where a route leads, and which stages serve an API."""

from __future__ import annotations

from .stack import Resource, Stack
from .values import Known, Reference, Template, Unknown, describe
from .wiring import api_of


def integration_of(stack: Stack, route: Resource) -> Resource | str | Unknown:
    """The integration that a route's target names; a text says what is wrong with the target."""
    written = route.get("target")
    value = stack.resolve(written)
    if isinstance(value, Unknown):
        return value
    parts = value.parts if isinstance(value, Template) else (value,)
    last = parts[-1]
    if isinstance(last, Reference) and last.attribute == "id":
        found = stack.by_address.get(last.address)
        if found is not None and found.type == "aws_apigatewayv2_integration":
            if parts[:-1] == (Known("integrations/"),):
                return found
            return f"target is {describe(written)}; it has to be integrations/ followed by the id"
        if found is not None:
            return f"target names {last.address}, which is no integration"
    if isinstance(value, Known):
        return f"target is {describe(value)}, which names no integration of this stack"
    return Unknown(f"target is {describe(value)}", written.location)


def stages_of(stack: Stack, api: Resource) -> tuple[list[Resource], Unknown | None]:
    """The stages of an API, and why there may be more."""
    stages: list[Resource] = []
    doubt = stack.incomplete()
    for stage in stack.of_type("aws_apigatewayv2_stage"):
        owner = api_of(stack, stage)
        if owner is api:
            stages.append(stage)
        elif isinstance(owner, Unknown):
            doubt = doubt or owner
    return stages, doubt
