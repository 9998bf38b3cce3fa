"""Which API calls which function, and where: by identity of references, before anything is applied.

What cannot be decided is an `Unknown` with its reason, never a guess.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import wraps
from typing import TypeVar

from .convention import is_set, undecided
from .named_functions import Target, function_of, is_service, outside
from .openapi import Authorizer, Operation, authorizers, document_of, operations
from .stack import Resource, Stack
from .values import NULL, Known, ObjectValue, Reference, Template, Unknown, Value, is_null

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
# Authorizers in a body that check tokens themselves, whatever else they say.
_CHECKING_TOKENS = ("jwt", "cognito_user_pools")
CALLERS = (*_INTEGRATIONS, *_AUTHORIZERS, *APIS)

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

    @property
    def as_authorizer(self) -> Resource | None:
        """The authorizer that it is; None for an integration."""
        return self.resource if self.authorizer else None


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
    if is_service(uri):
        return None
    target = function_of(stack, integration.get(uri_at))
    if isinstance(target, Target):
        return target
    if not isinstance(kind, Known):
        return undecided(kind_at, kind)
    if not is_null(subtype):
        return undecided("integration_subtype", subtype)
    return Unknown(f"{uri_at} is not set", integration.location) if is_null(uri) else target


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


@remembered
def definition_of(stack: Stack, api: Resource) -> ObjectValue | Unknown | None:
    """The OpenAPI document in an API's `body`; None where it has none."""
    body = stack.resolve(api.get("body"))
    return None if is_null(body) or body == Known("") else document_of(body)


@remembered
def operations_of(stack: Stack, api: Resource) -> tuple[tuple[Operation, CallSite | None], ...] | Unknown:
    """The operations in an API's body, each with its call site; None where the operation calls no function."""
    document = definition_of(stack, api)
    found = () if document is None else operations(document)
    if isinstance(found, Unknown):
        return found
    return tuple((operation, _called_by(stack, api, operation)) for operation in found)


def _called_by(stack: Stack, api: Resource, operation: Operation) -> CallSite | None:
    kind, uri = operation.get("type"), operation.get("uri")
    is_other_kind = isinstance(kind, Known) and str(kind.value).upper() not in ("AWS_PROXY", "AWS")
    if is_other_kind or is_set(operation.get("integrationSubtype")) or is_service(uri):
        return None
    target = _declared_target(stack, "uri", uri, api)
    return CallSite(api, f"{api.address} ({operation.route_key})", api, target, operation.get("credentials"))


@remembered
def authorizers_of(stack: Stack, api: Resource) -> tuple[tuple[Authorizer, CallSite | None], ...] | Unknown:
    """The authorizers in an API's body, each with its call site; None where the authorizer calls no function."""
    document = definition_of(stack, api)
    found = () if document is None else authorizers(document)
    if isinstance(found, Unknown):
        return found
    return tuple((authorizer, _called_first(stack, api, authorizer)) for authorizer in found)


def _called_first(stack: Stack, api: Resource, authorizer: Authorizer) -> CallSite | None:
    kind, uri = authorizer.get("type"), authorizer.get("authorizerUri")
    if is_null(uri) or (isinstance(kind, Known) and str(kind.value).lower() in _CHECKING_TOKENS):
        return None
    name, target = f"{api.address} (authorizer {authorizer.name})", _declared_target(stack, "authorizerUri", uri, api)
    return CallSite(api, name, api, target, authorizer.get("authorizerCredentials"), authorizer=True)


def guards_of(stack: Stack, api: Resource, operation: Operation) -> Iterator[CallSite]:
    """The call sites of the authorizers that an operation in an API's body asks for."""
    asked_for, found = operation.security, authorizers_of(stack, api) if operation.security else ()
    if isinstance(asked_for, Unknown) or isinstance(found, Unknown):
        unclear = asked_for if isinstance(asked_for, Unknown) else found
        yield CallSite(api, f"{api.address} ({operation.route_key}, authorizer)", api, unclear, authorizer=True)
    else:
        yield from (site for authorizer, site in found if site is not None and authorizer.name in asked_for)


def _in_body(stack: Stack, api: Resource) -> Iterator[CallSite]:
    if isinstance(document := definition_of(stack, api), Unknown):
        yield CallSite(api, f"{api.address} (body)", api, document)
        return
    for found, what in ((operations_of(stack, api), "body"), (authorizers_of(stack, api), "authorizers")):
        if isinstance(found, Unknown):
            yield CallSite(api, f"{api.address} ({what})", api, found, authorizer=what == "authorizers")
        else:
            yield from (site for _, site in found if site is not None)


def _declared_target(stack: Stack, name: str, uri: Value, api: Resource) -> Target | Unknown:
    """The function that a URI in a body names."""
    if isinstance(uri, Unknown):
        return uri
    return Unknown(f"{name} is not set", api.position("body")) if is_null(uri) else function_of(stack, uri)


@remembered
def api_of(stack: Stack, resource: Resource) -> Resource | Unknown:
    """The API that an integration, an authorizer, a route or a stage belongs to."""
    written = resource.get("rest_api_id" if resource.type.startswith("aws_api_gateway_") else "api_id")
    value = stack.resolve(written)
    if isinstance(value, Reference) and value.attribute == "id":
        api = stack.by_address.get(value.address)
        if api is not None and api.managed and api.type in APIS:
            return api
    return stack.identified(value, *APIS) or outside("the API", value, written)
