"""Every route of an API that leads to a function."""

from __future__ import annotations

from dataclasses import dataclass

from .convention import undecided
from .named_functions import Target
from .routing import integration_of
from .stack import Resource, Stack
from .values import Known, Unknown, is_null, text_of
from .wiring import CallSite, api_of, call_sites, operations_of

_REST_INTEGRATION = "aws_api_gateway_integration"


@dataclass(frozen=True)
class Way:
    """A route, as messages call it, and the place from where it calls the function."""

    name: str
    route_key: str | Unknown
    site: CallSite


def ways_to(stack: Stack, api: Resource, function: Resource) -> tuple[list[Way], Unknown | None]:
    """The routes of an API that lead to a function, and why there may be more. Authorizers are no routes."""
    ways: list[Way] = []
    doubts: list[Unknown | None] = []
    for route in stack.of_type("aws_apigatewayv2_route"):
        owner = api_of(stack, route)
        if isinstance(owner, Resource) and owner is not api:
            continue
        integration = integration_of(stack, route)
        if isinstance(integration, Unknown):
            doubts.append(integration)
        elif isinstance(integration, Resource):
            key = stack.resolve(route.get("route_key"))
            written = text_of(key.value) if isinstance(key, Known) else None
            for site in call_sites(stack, integration):
                if _leads_to(site, function, doubts):
                    doubts.append(owner if isinstance(owner, Unknown) else None)
                    ways.append(Way(route.address, written or undecided("route_key", key), site))
    own = [site for site in call_sites(stack, api) if not site.authorizer and _leads_to(site, function, doubts)]
    found = operations_of(stack, api)
    in_body = () if isinstance(found, Unknown) else found
    keys: dict[str, str] = {site.name: operation.route_key for operation, site in in_body if site is not None}
    ways += [Way(site.name, keys.get(site.name) or _quick_create_key(stack, api), site) for site in own]
    for integration in stack.of_type(_REST_INTEGRATION):
        if api_of(stack, integration) is api and any(
            _leads_to(s, function, doubts) for s in call_sites(stack, integration)
        ):
            doubts.append(Unknown("the methods and paths of a REST API are not followed", integration.location))
    doubts.append(stack.incomplete())
    return ways, next((doubt for doubt in doubts if doubt is not None), None)


def _leads_to(site: CallSite, function: Resource, doubts: list[Unknown | None]) -> bool:
    if isinstance(site.target, Target):
        return site.target.function is function
    doubts.append(site.target)
    return False


def _quick_create_key(stack: Stack, api: Resource) -> str | Unknown:
    key = stack.resolve(api.get("route_key"))
    if is_null(key):
        return "$default"
    return str(text_of(key.value)) if isinstance(key, Known) else undecided("route_key", key)
