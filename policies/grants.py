"""Whom an `aws_lambda_permission` lets in: which function, which principal, which API's calls."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .convention import is_set, undecided
from .named_functions import Target, function_of, is_other
from .stack import Resource, Stack
from .values import Known, Reference, Template, Unknown, Value, describe, is_null, same
from .wiring import APIS, STAGES, api_of, remembered

GATEWAY = "apigateway.amazonaws.com"
ACTIONS = ("lambda:InvokeFunction", "lambda:*")

_EXECUTION_ARN = re.compile(r"arn:[^:]+:execute-api:[^:]*:[^:]*:([^/]*)(/.*)?")
_BEFORE_API_ID = re.compile(r"arn:[^:]+:execute-api:[^:]+:[^:]+:")
# What an authorizer is called from: arn:aws:execute-api:REGION:ACCOUNT:API/authorizers/ID
AUTHORIZERS = "/authorizers/"
_AUTHORIZER_TYPES = ("aws_apigatewayv2_authorizer", "aws_api_gateway_authorizer")


@remembered
def permitted(stack: Stack, permission: Resource) -> Target | Unknown:
    """The function and the qualifier that a permission is for."""
    target = function_of(stack, permission.get("function_name"))
    qualifier = stack.resolve(permission.get("qualifier"))
    if isinstance(target, Unknown) or is_null(qualifier):
        return target
    return Target(target.function, qualifier)


def lets_gateway_in(stack: Stack, permission: Resource) -> bool | Unknown:
    """Whether a permission allows API Gateway, as principal, to invoke."""
    missing: Unknown | None = None
    for attribute, wanted in (("principal", (GATEWAY,)), ("action", ACTIONS)):
        value = stack.resolve(permission.get(attribute))
        if not isinstance(value, Known):
            missing = missing or undecided(attribute, value)
        elif value.value not in wanted:
            return False
    return missing or True


@dataclass(frozen=True)
class SourceArn:
    """A permission's `source_arn`: made from which API's attribute, and what follows it (`/*/*`).

    A literal is made from nothing: it may name an API that exists already by its id. Without an API, `suffix` is the
    whole text, which names none of this stack.
    """

    api: Resource | None
    suffix: str
    made_from: Reference | None = None
    authorizer: Resource | None = None
    """The only authorizer that it is for: `/authorizers/` is followed by its id."""

    @property
    def is_execution_arn(self) -> bool:
        """Whether it is made as `execution_arn` of the API, or of a stage, is; `id` stands for a hand-built one."""
        return self.made_from is None or self.made_from.attribute in ("execution_arn", "id")

    def covers(self, api: Resource, *, authorizer: Resource | None) -> bool | Unknown:
        """Whether calls of one of the API's authorizers, or of its integrations (None), may match.

        Which routes is not asked.
        """
        if self.api is None:
            return self._text_covers(api)
        if self.api is not api or not self.is_execution_arn:
            return False
        if authorizer is not None:
            named = self.suffix.startswith(AUTHORIZERS) and (self.authorizer is None or self.authorizer is authorizer)
            return named or self.suffix in ("/*/*", "/*")
        return not self.suffix.startswith(AUTHORIZERS)

    def _text_covers(self, api: Resource) -> bool | Unknown:
        match = _EXECUTION_ARN.fullmatch(self.suffix)
        if self.suffix == "*" or (match and match[1] == "*"):
            return True
        if match is None or ("execution_arn" in api.computed and not set(self.suffix[: match.end(1)]) & set("*?")):
            return False  # its ARN is known, and is another one
        return Unknown(f'source_arn names an API by the id "{match[1]}", and AWS gives {api.address} its id at apply')


@remembered
def source_arn_of(stack: Stack, permission: Resource) -> SourceArn | Unknown | None:
    """What the permission's `source_arn` says; None where it has none."""
    written = permission.get("source_arn")
    value = stack.resolve(written)
    if is_null(value):
        return None
    if isinstance(value, Known):
        text = str(value.value)
        arn = Known(text.split("/")[0])
        api = stack.identified(arn, *APIS, by="execution_arn")
        return SourceArn(api, text.removeprefix(str(arn.value)) if api else text)
    parts = value.parts if isinstance(value, Template) else (value,)
    before = ""
    for index, part in enumerate(parts):
        if isinstance(part, Reference) and (api := _api_behind(stack, part, before)) is not None:
            if isinstance(api, Unknown):
                return api
            after = parts[index + 1 :]
            authorizer = _authorizer_in(stack, after)
            if authorizer is not None:
                return SourceArn(api, f"{AUTHORIZERS}${{{authorizer.address}.id}}", part, authorizer)
            if any(not isinstance(item, Known) for item in after):
                return undecided("source_arn", value)
            return SourceArn(api, "".join(str(item.value) for item in after if isinstance(item, Known)), part)
        before += str(part.value) if isinstance(part, Known) else "x"
    return undecided("source_arn", value)


def _authorizer_in(stack: Stack, after: tuple[Value, ...]) -> Resource | None:
    """The authorizer whose id follows `/authorizers/`."""
    if len(after) != 2 or after[0] != Known(AUTHORIZERS):
        return None
    last = after[1]
    found = stack.by_address.get(last.address) if isinstance(last, Reference) and last.attribute == "id" else None
    return found if found is not None and found.managed and found.type in _AUTHORIZER_TYPES else None


def _api_behind(stack: Stack, reference: Reference, before: str) -> Resource | Unknown | None:
    """The API of a reference that an ARN starts with, or that stands where a hand-built one has the API's id."""
    resource = stack.by_address.get(reference.address)
    if resource is None or not resource.managed:
        return None
    if reference.attribute == "id" and resource.type in APIS:
        return resource if _BEFORE_API_ID.fullmatch(before) else None
    if before:
        return None
    if resource.type in APIS:
        return resource
    return api_of(stack, resource) if resource.type in STAGES else None


def allows(
    stack: Stack, permission: Resource, api: Resource, target: Target, *, authorizer: Resource | None
) -> bool | str | Unknown:
    """Whether a permission lets an API, or one of its authorizers, invoke a function. Which route is not asked.

    True, or why not as a text (empty where it is about something else), or why that is undecided.
    """
    found = permitted(stack, permission)
    if isinstance(found, Target) and found.function is not target.function:
        return ""
    written = permission.get("function_name")
    is_other_one = isinstance(found, Unknown) and is_other(stack, written, target.function)
    gateway = lets_gateway_in(stack, permission)
    if gateway is False:
        return "" if isinstance(found, Unknown) else _why_not_gateway(stack, permission)
    if is_other_one:
        source = source_arn_of(stack, permission)
        is_near = isinstance(source, SourceArn) and source.covers(api, authorizer=authorizer) is True
        return f"is for the function {describe(stack.resolve(written))}" if is_near else ""
    if isinstance(found, Unknown):
        return found
    qualified = same_qualifier(found.qualifier, target.qualifier)
    if qualified is False:
        return f"is for {_named(found.qualifier)}, and {_named(target.qualifier)} is called"
    source = source_arn_of(stack, permission)
    if isinstance(source, Unknown):
        return source
    covers = True if source is None else source.covers(api, authorizer=authorizer)
    if covers is False:
        return f"has a source_arn that is not of {'its authorizers' if authorizer else 'its routes'}"
    for part in (covers, gateway):
        if isinstance(part, Unknown):
            return part
    if qualified is None:
        reason = f"whether qualifier {describe(found.qualifier)} is {describe(target.qualifier)} shows only at apply"
        return Unknown(reason, permission.position("qualifier"))
    return True


def _why_not_gateway(stack: Stack, permission: Resource) -> str:
    principal = stack.resolve(permission.get("principal"))
    if principal != Known(GATEWAY):
        return f"is for the principal {describe(principal)}"
    return f"allows the action {describe(stack.resolve(permission.get('action')))}"


def same_qualifier(left: Value, right: Value) -> bool | None:
    """Whether two qualifiers, null for none, are one: None where only apply decides it."""
    if is_null(left):
        given = is_set(right)
        return None if given is None else not given
    return same_qualifier(right, left) if is_null(right) else same(left, right)


def _named(qualifier: Value) -> str:
    return "the function without qualifier" if is_null(qualifier) else f"the qualifier {describe(qualifier)}"
