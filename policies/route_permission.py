"""Whether IAM lets a route's calls through to a function, whatever the style of the permission."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .convention import is_set, undecided
from .grants import SourceArn, allows, source_arn_of
from .named_functions import Target
from .routing import stages_of
from .source_arns import METHODS, lets_in
from .stack import Resource, Stack
from .values import Known, Unknown, describe, is_null, text_of
from .wiring import STAGES, CallSite

_ANY_API = re.compile(r"arn:[^:]*:execute-api:[^:]*:[^:]*:(\*.*)", re.DOTALL)


@dataclass(frozen=True)
class Answer:
    """`allowed` is None where that is undecided; `permission` is the one that the answer rests on, if there is one."""

    allowed: bool | None
    why: str
    permission: Resource | None = None


def may_call(stack: Stack, site: CallSite, target: Target, route_key: str | Unknown) -> Answer:
    """Whether the calls of one route through a call site may invoke its function.

    An authorizer is asked for the API as a whole: AWS calls it as `/authorizers/<id>`, whatever the route.
    """
    if is_set(site.credentials):
        return Answer(True, f"called with the role {describe(site.credentials)}, which needs no permission")
    if isinstance(site.api, Unknown):
        return Answer(None, f"which API calls it is undecided: {site.api.reason}")
    permitting: list[Resource] = []
    doubts: list[tuple[str, Resource | None]] = []
    near: list[tuple[str, Resource]] = []
    for permission in stack.of_type("aws_lambda_permission"):
        found = allows(stack, permission, site.api, target, authorizer=site.as_authorizer)
        doubt = permission.exists_with(site.resource, target.function) if found is True else found
        if isinstance(doubt, Unknown):
            doubts.append((f"{permission.address}: {doubt.reason}", permission))
        elif found is True:
            permitting.append(permission)
        elif found:
            near.append((f"{permission.address} {found}", permission))
    if is_set(site.credentials) is None:
        doubts.append((undecided("the role that it is called with", site.credentials).reason, None))
    answer = _every_call(stack, site, permitting, route_key)
    if answer.allowed:
        return answer
    if missing := stack.incomplete():
        doubts.append((missing.reason, None))
    if answer.allowed is None or doubts:
        why, permission = (answer.why, answer.permission) if answer.allowed is None else doubts[0]
        return Answer(None, f"whether it may be invoked is undecided: {why}", permission)
    if answer.permission is not None:
        return answer
    called = "" if is_null(target.qualifier) else f", qualifier {describe(target.qualifier)}"
    why = f"no aws_lambda_permission lets {site.api.address} invoke it{called}: every call ends in a 500"
    return Answer(False, f"{why}; {near[0][0]}" if near else why, near[0][1] if near else None)


def _every_call(stack: Stack, site: CallSite, permitting: Sequence[Resource], route_key: str | Unknown) -> Answer:
    if not permitting:
        return Answer(False, "")
    if site.authorizer:
        return Answer(True, f"{permitting[0].address} lets the authorizer call it", permitting[0])
    if isinstance(route_key, Unknown):
        everything = next((p for p in permitting if _suffix(stack, p) in ("*", "/*", "/*/*")), None)
        if everything is not None:
            return Answer(True, f"{everything.address} lets every route in", everything)
        return Answer(None, route_key.reason, permitting[0])
    used: dict[str, Resource] = {}
    for stage, key in _calls(stack, site, route_key):
        answers = {permission.address: _lets_in(stack, permission, key, stage) for permission in permitting}
        through = next((permission for permission in permitting if answers[permission.address] is True), None)
        if through is not None:
            used[through.address] = through
            continue
        undecided_one = next((p for p in permitting if isinstance(answers[p.address], Unknown)), None)
        if undecided_one is not None:
            doubt = answers[undecided_one.address]
            assert isinstance(doubt, Unknown)
            return Answer(None, f"{undecided_one.address}: {doubt.reason}", undecided_one)
        at_stage = f" at the stage {stage}" if stage not in (None, "$default") else ""
        suffix = _suffix(stack, permitting[0])
        why = f"{permitting[0].address} permits {suffix}, which leaves out {key}{at_stage}: its calls end in a 500"
        return Answer(False, why, permitting[0])
    names = " and ".join(used)
    return Answer(True, f"{names} let{'s' * (len(used) == 1)} {route_key} in", next(iter(used.values())))


def _calls(stack: Stack, site: CallSite, route_key: str) -> Iterator[tuple[str | None, str]]:
    """The stage, None for a name that apply decides, and the route key of every kind of call."""
    assert isinstance(site.api, Resource)
    stages, _ = stages_of(stack, site.api)
    names = [stack.resolve(stage.get("name")) for stage in stages]
    if not is_null(stack.resolve(site.api.get("target"))):
        names.append(Known("$default"))
    method, _, path = route_key.partition(" ")
    for name in names or [Unknown("no stage")]:
        for one in METHODS if path and method == "ANY" else (method,):
            yield (text_of(name.value) if isinstance(name, Known) else None), f"{one} {path}" if path else one


def _lets_in(stack: Stack, permission: Resource, route_key: str, stage: str | None) -> bool | Unknown:
    suffix = _suffix(stack, permission)
    if isinstance(suffix, Unknown):
        return suffix
    found = lets_in(suffix, route_key, stage)
    return Unknown(f"{suffix} names a stage, and the stage's name shows only at apply") if found is None else found


def _suffix(stack: Stack, permission: Resource) -> str | Unknown:
    """What a permission's source_arn has behind the API's execution ARN; `*` without one: all there is."""
    source = source_arn_of(stack, permission)
    if source is None:
        return "*"
    if isinstance(source, Unknown):
        return source
    if source.api is None:
        match = _ANY_API.fullmatch(source.suffix)
        return match[1] if match else "*"
    return _behind_api(stack, source)


def _behind_api(stack: Stack, source: SourceArn) -> str | Unknown:
    owner = stack.by_address.get(source.made_from.address) if source.made_from else None
    if owner is None or owner.type not in STAGES:
        return source.suffix
    name = stack.resolve(owner.get("stage_name" if owner.type == "aws_api_gateway_stage" else "name"))
    return f"/{text_of(name.value)}{source.suffix}" if isinstance(name, Known) else undecided("the stage's name", name)
