"""Where a route leads, and which stages serve an API."""

from __future__ import annotations

from .convention import is_set, undecided
from .stack import Resource, Stack
from .values import Known, Reference, Template, Unknown, describe, text_of
from .wiring import api_of


def integration_of(stack: Stack, route: Resource) -> Resource | str | Unknown:
    """The integration that a route's target names; a text says what is wrong with the target."""
    written = route.get("target")
    value = stack.resolve(written)
    if isinstance(value, Unknown):
        return value
    parts = value.parts if isinstance(value, Template) else (value,)
    for part in parts:
        found = stack.by_address.get(part.address) if isinstance(part, Reference) and part.attribute == "id" else None
        if found is None:
            continue
        if not found.managed or found.type != "aws_apigatewayv2_integration":
            return f"target names {found.address}, which is no integration"
        if parts == (Known("integrations/"), part):
            return found
        return f"target is {describe(value)}; it has to be integrations/ followed by the id"
    first = parts[0]
    if isinstance(first, Known) and not str(first.value).startswith("integrations/"):
        return f"target is {describe(value)}; it has to be integrations/ followed by the id"
    if isinstance(value, Known):
        by_id = stack.identified(Known(str(value.value).removeprefix("integrations/")), "aws_apigatewayv2_integration")
        return by_id or Unknown(
            f"target is {describe(value)}, which names no integration of this stack", written.location
        )
    return undecided("target", value)


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


def is_deployed(stack: Stack, stage: Resource) -> bool | Unknown:
    """Whether a stage ever serves a change: by automatic deployment, or by one that it names."""
    automatic = stack.resolve(stage.get("auto_deploy"))
    deployment = stack.resolve(stage.get("deployment_id"))
    if is_set(deployment) or (isinstance(automatic, Known) and text_of(automatic.value) == "true"):
        return True
    for name, value in (("auto_deploy", automatic), ("deployment_id", deployment)):
        if not isinstance(value, Known):
            return undecided(name, value)
    return False
