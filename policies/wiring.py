"""Which API calls which function, and where: by identity of references, before anything is applied.

What cannot be decided is an `Unknown` with its reason, never a guess.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import wraps
from typing import TypeVar

from .convention import is_set, undecided
from .openapi import operations
from .stack import MAX_LINKS, Resource, Stack
from .values import NULL, Known, Reference, Template, Unknown, Value, describe, is_null, same, template

HTTP_API = "aws_apigatewayv2_api"
APIS = (HTTP_API, "aws_api_gateway_rest_api")
STAGES = ("aws_apigatewayv2_stage", "aws_api_gateway_stage")

# The attributes with the kind of integration, the URI that is called, and the role that it is called with.
_INTEGRATIONS = {
    "aws_apigatewayv2_integration": ("integration_type", "integration_uri", "credentials_arn"),
    "aws_api_gateway_integration": ("type", "uri", "credentials"),
}
_AUTHORIZERS = {
    "aws_apigatewayv2_authorizer": ("authorizer_uri", "authorizer_credentials_arn"),
    "aws_api_gateway_authorizer": ("authorizer_uri", "authorizer_credentials"),
}
CALLERS = (*_INTEGRATIONS, *_AUTHORIZERS, *APIS)

_FUNCTION_ATTRIBUTES = {"arn", "invoke_arn", "function_name", "id", "response_streaming_invoke_arn"}
_VERSION_ATTRIBUTES = {"qualified_arn", "qualified_invoke_arn"}
# arn:aws:apigateway:REGION:lambda:path/2015-03-31/functions/ARN/invocations
_BEFORE_FUNCTION = re.compile(r".*\blambda:path/[\d-]+/functions/", re.DOTALL)
_AFTER_FUNCTION = re.compile(r"/(response-streaming-)?invocations$")

T = TypeVar("T")


def remembered(find: Callable[[Stack, Resource], T]) -> Callable[[Stack, Resource], T]:
    """Find something out about a resource once for each stack, however many conventions and resources ask."""

    @wraps(find)
    def found(stack: Stack, resource: Resource) -> T:
        key = (find.__name__, resource.address)
        if key not in stack.memory:
            stack.memory[key] = find(stack, resource)
        return stack.memory[key]

    return found


@dataclass(frozen=True)
class Target:
    """A function and the qualifier (alias or version; null for none) that it is called or permitted with."""

    function: Resource
    qualifier: Value = NULL


@dataclass(frozen=True)
class CallSite:
    """A place where an API calls a Lambda function: an integration, or an authorizer.

    `resource` declares it, and is the API itself for quick create and for an OpenAPI body; `name` is what messages call
    it. With `credentials`, a role, the call needs no permission.
    """

    resource: Resource
    name: str
    api: Resource | Unknown
    target: Target | Unknown
    credentials: Value = NULL
    authorizer: bool = False


def all_call_sites(stack: Stack) -> Iterator[CallSite]:
    for resource in stack.of_type(*CALLERS):
        yield from call_sites(stack, resource)


@remembered
def call_sites(stack: Stack, resource: Resource) -> tuple[CallSite, ...]:
    """The call sites that a resource declares; HTTP and service integrations are none."""
    if resource.type in _INTEGRATIONS:
        target = _integrated(stack, resource)
        credentials = stack.resolve(resource.get(_INTEGRATIONS[resource.type][2]))
        api = api_of(stack, resource)
        return () if target is None else (CallSite(resource, resource.address, api, target, credentials),)
    if resource.type in _AUTHORIZERS:
        uri_at, credentials_at = _AUTHORIZERS[resource.type]
        uri, credentials = resource.get(uri_at), stack.resolve(resource.get(credentials_at))
        if is_null(uri):
            return ()  # it checks tokens itself
        api, target = api_of(stack, resource), function_of(stack, uri)
        return (CallSite(resource, resource.address, api, target, credentials, authorizer=True),)
    return (*_quick_create(stack, resource), *_in_body(stack, resource))


def _integrated(stack: Stack, integration: Resource) -> Target | Unknown | None:
    """The function that an integration calls; None where it calls something else."""
    kind_at, uri_at, _ = _INTEGRATIONS[integration.type]
    kind = stack.resolve(integration.get(kind_at))
    if isinstance(kind, Known) and kind.value not in ("AWS_PROXY", "AWS"):
        return None
    subtype = NULL
    if integration.type == "aws_apigatewayv2_integration":
        subtype = stack.resolve(integration.get("integration_subtype"))
    if is_set(subtype):
        return None
    uri = stack.resolve(integration.get(uri_at))
    if _is_service(uri):
        return None
    target = function_of(stack, integration.get(uri_at))
    if isinstance(target, Target):
        return target
    if not isinstance(kind, Known):
        return undecided(kind_at, kind)
    if not is_null(subtype):
        return undecided("integration_subtype", subtype)
    return Unknown(f"{uri_at} is not set", integration.location) if is_null(uri) else target


def _is_service(uri: Value) -> bool:
    """Whether a URI names another service's action: arn:aws:apigateway:REGION:sqs:path/..."""
    segments = _segments(uri)
    if len(segments) < 6 or segments[0] != Known("arn") or segments[2] != Known("apigateway"):
        return False
    return isinstance(segments[4], Known) and segments[4] != Known("lambda")


def _quick_create(stack: Stack, api: Resource) -> Iterator[CallSite]:
    """A `target` on the API itself stands for the integration that AWS makes for it."""
    if api.type != HTTP_API:
        return
    target = stack.resolve(api.get("target"))
    first = target.parts[0] if isinstance(target, Template) else target
    if is_null(target) or (isinstance(first, Known) and str(first.value).startswith("http")):
        return
    credentials = stack.resolve(api.get("credentials_arn"))
    yield CallSite(api, f"{api.address} (target)", api, function_of(stack, api.get("target")), credentials)


def _in_body(stack: Stack, api: Resource) -> Iterator[CallSite]:
    body = stack.resolve(api.get("body"))
    if is_null(body):
        return
    found = operations(body)
    if isinstance(found, Unknown):
        yield CallSite(api, f"{api.address} (body)", api, found)
        return
    for operation in found:
        kind, uri = operation.get("type"), operation.get("uri")
        is_lambda = isinstance(kind, Known) and str(kind.value).upper() in ("AWS_PROXY", "AWS")
        if (
            (isinstance(kind, Known) and not is_lambda)
            or is_set(operation.get("integrationSubtype"))
            or _is_service(uri)
        ):
            continue
        target = function_of(stack, uri)
        yield CallSite(api, f"{api.address} ({operation.route_key})", api, target, operation.get("credentials"))


@remembered
def api_of(stack: Stack, resource: Resource) -> Resource | Unknown:
    """The API that an integration, an authorizer, a route or a stage belongs to."""
    written = resource.get("rest_api_id" if resource.type.startswith("aws_api_gateway_") else "api_id")
    value = stack.resolve(written)
    if isinstance(value, Reference) and value.attribute == "id":
        api = stack.by_address.get(value.address)
        if api is not None and api.managed and api.type in APIS:
            return api
    return _outside("the API", value, written)


def _outside(what: str, value: Value, written: Value) -> Unknown:
    if isinstance(value, Unknown):
        return Unknown(f"{what} is unknown ({value.reason})", value.location)
    return Unknown(f"{what} {describe(value)} is not declared in this stack", written.location)


def function_of(stack: Stack, value: Value) -> Target | Unknown:
    """The function that a value names: a reference, a name, an ARN, either with a qualifier, or an invocation URI.

    Without a reference it is the function whose `function_name` is the same literal or the same expression.
    """
    resolved = stack.resolve(value)
    for form in (value, resolved):
        name, qualifier = _name_and_qualifier(form)
        found = _referenced(stack, name)
        if found is not None:
            return Target(found.function, found.qualifier if is_null(qualifier) else stack.resolve(qualifier))
    return _named(stack, resolved, value)


def is_other(stack: Stack, value: Value, function: Resource) -> bool:
    """Whether a value certainly names another function than this one, be it in the stack or not."""
    name, _ = _name_and_qualifier(stack.resolve(value))
    return same(name, stack.resolve(function.get("function_name"))) is False


def _named(stack: Stack, value: Value, written: Value) -> Target | Unknown:
    wanted, qualifier = _name_and_qualifier(value)
    named: list[Resource] = []
    undecided: Unknown | None = None
    for function in stack.of_type("aws_lambda_function"):
        name = stack.resolve(function.get("function_name"))
        equal = same(wanted, name)
        if equal:
            named.append(function)
        elif equal is None and undecided is None and not isinstance(value, Unknown):
            reason = f"whether {describe(value)} is {function.address}, named {describe(name)}, shows only at apply"
            undecided = Unknown(reason, written.location)
    if len(named) == 1:
        return Target(named[0], qualifier)
    if named:
        reason = f"{describe(value)} names both {named[0].address} and {named[1].address}"
        return Unknown(reason, written.location)
    return undecided or _outside("the function", value, written)


def _referenced(stack: Stack, value: Value) -> Target | None:
    """The function that a reference leads to."""
    for _ in range(MAX_LINKS):
        if not isinstance(value, Reference):
            break
        resource = stack.by_address.get(value.address)
        if resource is not None and resource.managed:
            if resource.type == "aws_lambda_function":
                if value.attribute in _FUNCTION_ATTRIBUTES:
                    return Target(resource)
                if value.attribute in _VERSION_ATTRIBUTES:
                    return Target(resource, Reference(resource.address, "version"))
            if resource.type == "aws_lambda_alias" and value.attribute in ("arn", "invoke_arn"):
                target = function_of(stack, resource.get("function_name"))
                name = stack.resolve(resource.get("name"))
                return Target(target.function, name) if isinstance(target, Target) else None
        value = stack.configured(value) or NULL
    return None


def _name_and_qualifier(value: Value) -> tuple[Value, Value]:
    """`name`, `name:qualifier`, an ARN or a part of one, bare or in an invocation URI."""
    segments = _segments(_invoked(value))
    if len(segments) > 2 and Known("function") in segments[:-1]:
        segments = segments[segments.index(Known("function")) + 1 :]
    if len(segments) == 2:
        return segments[0], segments[1]
    return (segments[0] if len(segments) == 1 else value), NULL


def _invoked(value: Value) -> Value:
    """The function's ARN in an invocation URI; anything else as it is."""
    parts = value.parts if isinstance(value, Template) else (value,)
    for index, part in enumerate(parts):
        if isinstance(part, Known) and (match := _BEFORE_FUNCTION.match(str(part.value))):
            *middle, last = (Known(str(part.value)[match.end() :]), *parts[index + 1 :])
            if isinstance(last, Known):
                last = Known(_AFTER_FUNCTION.sub("", str(last.value)))
            return template([*middle, last])
    return value


def _segments(value: Value) -> list[Value]:
    """A text split at its colons, whatever the unknowns in it hold."""
    segments: list[list[Value]] = [[]]
    for part in value.parts if isinstance(value, Template) else (value,):
        if not isinstance(part, Known) or not isinstance(part.value, str):
            segments[-1].append(part)
            continue
        first, *others = part.value.split(":")
        segments[-1].append(Known(first))
        segments.extend([Known(text)] for text in others)
    return [segment[0] if len(segment) == 1 else template(segment) for segment in segments]
