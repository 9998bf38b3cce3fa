"""The links that every route of an API shares: its stages, their access logs, custom domains and URLs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .convention import Verdict, undecided
from .conventions.logs.access_logs import log_group_of
from .links import End, Link, Status, Verdicts, end_of, judged_link
from .routing import is_deployed, stages_of
from .stack import Resource, Stack
from .values import Known, Reference, Unknown, Value, describe, same, text_of
from .wiring import api_of


def links_behind(stack: Stack, verdicts: Verdicts, api: Resource) -> Iterator[Link]:
    start = end_of(api)
    stages, _ = stages_of(stack, api)
    for stage in stages:
        yield _stage(stack, start, api, stage)
        logs = verdicts.at("ACCESS_LOGS", stage.address)
        if logs is not None:
            group = log_group_of(stack, stage)
            yield judged_link("access_log", end_of(stage), end_of(group) if group else None, logs)
    if not stages:
        judged = verdicts.at("DEFAULT_STAGE", api.address)
        made = start if judged is not None and judged.verdict is Verdict.PASS else None
        yield judged_link("stage", start, made, judged)
        if logs := verdicts.at("ACCESS_LOGS", api.address):
            yield judged_link("access_log", start, None, logs)
    yield from _mappings(stack, api, stages)
    yield from _outputs(stack, verdicts, api, stages)


def _stage(stack: Stack, start: End, api: Resource, stage: Resource) -> Link:
    deployed = is_deployed(stack, stage)
    missing = stage.exists_with(api) or (deployed if isinstance(deployed, Unknown) else None)
    location = stage.position("auto_deploy")
    if missing is not None:
        return Link("stage", start, end_of(stage), Status.UNPROVEN, missing.reason, location)
    if not deployed:
        why = f"{stage.address} has neither auto_deploy = true nor a deployment_id: it never serves a change"
        return Link("stage", start, end_of(stage), Status.BROKEN, why, location)
    return Link("stage", start, end_of(stage), Status.PROVEN, f"{stage.address} serves every change", location)


def _mappings(stack: Stack, api: Resource, stages: Sequence[Resource]) -> Iterator[Link]:
    """Custom domains: each names a stage of the API."""
    for mapping in stack.of_type("aws_apigatewayv2_api_mapping"):
        if api_of(stack, mapping) is not api:
            continue
        value, location = stack.resolve(mapping.get("stage")), mapping.position("stage")
        named = [(stage, _names(stack, value, stage)) for stage in stages]
        stage = next((stage for stage, is_it in named if is_it), None)
        if stage is not None:
            why = f"the custom domain leads to {stage.address}"
            yield Link("stage", end_of(mapping), end_of(stage), Status.PROVEN, why, location)
        elif any(is_it is None for _, is_it in named) or not stages:
            why = f"which stage the custom domain leads to is undecided: {undecided('stage', value).reason}"
            yield Link("stage", end_of(mapping), None, Status.UNPROVEN, why, location)
        else:
            why = f"stage is {describe(value)}, which is no stage of {api.address}"
            yield Link("stage", end_of(mapping), None, Status.BROKEN, why, location)


def _outputs(stack: Stack, verdicts: Verdicts, api: Resource, stages: Sequence[Resource]) -> Iterator[Link]:
    closed = stack.resolve(api.get("disable_execute_api_endpoint"))
    owners = {owner.address: owner for owner in (api, *stages)}
    for results in verdicts.of("API_URL_OUTPUT").values():
        for result in results:
            owner = owners.get(result.judged.address) if result.judged else None
            if owner is None or result.address is None:
                continue
            end = End(result.address, result.location)
            if isinstance(closed, Known) and text_of(closed.value) == "true":
                why = f"disable_execute_api_endpoint of {api.address} is true: this URL answers nothing"
                place = api.position("disable_execute_api_endpoint")
                yield Link("output", end_of(owner), end, Status.BROKEN, why, place)
            else:
                yield judged_link("output", end_of(owner), end, result)


def _names(stack: Stack, value: Value, stage: Resource) -> bool | None:
    """Whether a mapping's `stage` is this one: its id, which is its name, or that name."""
    if isinstance(value, Reference) and value.address == stage.address:
        return value.attribute in ("id", "name")
    return same(value, stack.resolve(stage.get("name")))
