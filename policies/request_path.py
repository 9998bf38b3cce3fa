"""The request path: for every route of an HTTP API the chain from the route to the function and on, link by link.

A link rests on the conventions' own checks where there is one for it, so that a link and a finding never disagree.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence

from .api_links import links_behind
from .convention import Verdict, undecided
from .conventions.function.lambda_handler import handler_of
from .links import End, Link, Route, Status, Verdicts, badness, end_of, judged_link, status_of
from .named_functions import Target
from .packages import packed_by
from .route_permission import may_call
from .routing import integration_of
from .stack import Resource, Stack
from .values import Known, Location, Reference, Unknown, Value, describe, is_null, text_of
from .wiring import HTTP_API, CallSite, api_of, call_sites, guards_of, operations_of


def request_path(stack: Stack) -> tuple[Route, ...]:
    """The routes of every HTTP API, with their links from the route on.

    Raises:
        BrokenCheck: the message names the convention.
    """
    return tuple(_Paths(stack).routes())


class _Paths:
    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.verdicts = Verdicts(stack)
        self._behind: dict[str, tuple[Link, ...]] = {}

    def routes(self) -> Iterator[Route]:
        for route in self.stack.of_type("aws_apigatewayv2_route"):
            api = api_of(self.stack, route)
            if isinstance(api, Unknown) or self._is_http(api):
                yield self._declared(route, api)
        for api in self.stack.of_type(HTTP_API):
            if self._is_http(api):
                yield from self._quick_create(api)
                yield from self._in_body(api)

    def _is_http(self, api: Resource) -> bool:
        return api.type == HTTP_API and self.stack.resolve(api.get("protocol_type")) != Known("WEBSOCKET")

    # The three ways to write a route

    def _declared(self, route: Resource, api: Resource | Unknown) -> Route:
        start = end_of(route)
        links: list[Link] = []
        integration = integration_of(self.stack, route)
        if isinstance(integration, Resource):
            if api_of(self.stack, integration) is api and integration.exists_with(route) is None:
                link = self._integration(start, integration, route.position("target"))
            else:
                judged = self.verdicts.at("ROUTE_TARGET", route.address)
                link = judged_link("integration", start, end_of(integration), judged)
            links.append(link)
            for site in call_sites(self.stack, integration) if not self._is_foreign(api, integration) else ():
                links.extend(self._function(start, end_of(integration), site, route=route))
        else:
            links.append(judged_link("integration", start, None, self.verdicts.at("ROUTE_TARGET", route.address)))
        links.extend(self._authorizer(start, route, api))
        key = self.stack.resolve(route.get("route_key"))
        return self._route(start, api, key, links)

    def _is_foreign(self, api: Resource | Unknown, integration: Resource) -> bool:
        """Whether it is certainly another API's: what it calls is not what the route leads to."""
        owner = api_of(self.stack, integration)
        return isinstance(api, Resource) and isinstance(owner, Resource) and owner is not api

    def _route(self, start: End, api: Resource | Unknown, key: Value, links: list[Link]) -> Route:
        written = str(text_of(key.value)) if isinstance(key, Known) else describe(key)
        if isinstance(api, Unknown):
            why = f"which API the route is of is undecided: {api.reason}"
            links.append(Link("stage", start, None, Status.UNPROVEN, why, api.location))
            return Route(start, None, written, tuple(links))
        if api.address not in self._behind:
            self._behind[api.address] = tuple(links_behind(self.stack, self.verdicts, api))
        return Route(start, end_of(api), written, (*links, *self._behind[api.address]))

    def _integration(self, start: End, integration: Resource, location: Location | None) -> Link:
        results = [self.verdicts.at(name, integration.address) for name in ("PAYLOAD_V2", "TIMEOUT_CHAIN")]
        found = [result for result in results if result and result.verdict is not Verdict.NOT_APPLICABLE]
        if not found:
            why = f"leads to {integration.address}, which calls no function"
            return Link("integration", start, end_of(integration), Status.PROVEN, why, location)
        worst = min(found, key=lambda result: badness(status_of(result)))
        status = status_of(worst)
        if status is not Status.PROVEN:
            return Link("integration", start, end_of(integration), status, worst.message, worst.location)
        why = "; ".join(result.message for result in found)
        return Link("integration", start, end_of(integration), status, why, location)

    def _quick_create(self, api: Resource) -> Iterator[Route]:
        """AWS makes the route, `$default` if it is not named, and its integration."""
        if is_null(self.stack.resolve(api.get("target"))):
            return
        key = self.stack.resolve(api.get("route_key"))
        key = Known("$default") if is_null(key) else key
        sites = [site for site in call_sites(self.stack, api) if site.name.endswith("(target)")]
        yield self._own_route(api, key, sites, api.position("target"), "AWS makes the integration from target", "")

    def _in_body(self, api: Resource) -> Iterator[Route]:
        found = operations_of(self.stack, api)
        if isinstance(found, Unknown):
            start = End(f"{api.address}#body", api.position("body"))
            why = f"the routes in the OpenAPI body are undecided: {found.reason}"
            link = Link("integration", start, None, Status.UNPROVEN, why, found.location or api.position("body"))
            yield self._route(start, api, Known("(OpenAPI body)"), [link])
            return
        for operation, site in found:
            key, why = operation.route_key, "the OpenAPI body has its integration"
            sites = [*([site] if site else []), *guards_of(self.stack, api, operation)]
            yield self._own_route(api, Known(key), sites, api.position("body"), why, f"{key}: ")

    def _own_route(
        self, api: Resource, key: Value, sites: Sequence[CallSite], location: Location | None, why: str, part: str
    ) -> Route:
        written = str(text_of(key.value)) if isinstance(key, Known) else describe(key)
        start = End(f"{api.address}#{written}", location)
        results = [self.verdicts.at(name, api.address, part=part) for name in ("PAYLOAD_V2", "TIMEOUT_CHAIN")]
        bad = [r for r in results if r and status_of(r) is not Status.PROVEN]
        if sites and bad:
            worst = min(bad, key=lambda result: badness(status_of(result)))
            link = Link("integration", start, start, status_of(worst), worst.message, location)
        else:
            link = Link("integration", start, start, Status.PROVEN, why, location)
        links = [link]
        for site in sites:
            links.extend(self._function(start, start, site, key=key))
        return self._route(start, api, key, links)

    # From the integration on

    def _function(
        self, start: End, caller: End, site: CallSite, *, route: Resource | None = None, key: Value | None = None
    ) -> Iterator[Link]:
        """The function that a call site calls, and what it takes to answer there; `start` is the route's end."""
        at = "authorizer_uri" if site.authorizer else "integration_uri"
        location = site.resource.position(at) if at in site.resource.attributes else site.resource.location
        judged = self.verdicts.at("ROUTE_TARGET", route.address) if route and not site.authorizer else None
        target = site.target
        function = end_of(target.function) if isinstance(target, Target) else None
        if judged is not None and judged.verdict is not Verdict.PASS:
            yield Link("function", caller, function, status_of(judged), judged.message, location)
        elif isinstance(target, Unknown):
            why = f"which function {site.name} calls is undecided: {target.reason}"
            yield Link("function", caller, None, Status.UNPROVEN, why, target.location or location)
        elif missing := target.function.exists_with(site.resource):
            yield Link("function", caller, function, Status.UNPROVEN, missing.reason, location)
        else:
            qualifier = "" if is_null(target.qualifier) else f", qualifier {describe(target.qualifier)}"
            why = f"{site.name} calls {target.function.address}{qualifier}"
            yield Link("function", caller, function, Status.PROVEN, why, location)
        if isinstance(target, Target):
            key = key or (self.stack.resolve(route.get("route_key")) if route else Known("$default"))
            yield from self._behind_function(start, target, site, key)

    def _behind_function(self, route: End, target: Target, site: CallSite, key: Value) -> Iterator[Link]:
        function = target.function
        start = end_of(function)
        handler = self.verdicts.at("LAMBDA_HANDLER", function.address)
        if handler is not None and handler.verdict is not Verdict.NOT_APPLICABLE:
            place = handler_of(self.stack, function)
            yield judged_link("handler", start, End(self._shown(place)) if place else None, handler)
        package = self.verdicts.at("SOURCE_CODE_HASH", function.address)
        if package is not None and package.verdict is not Verdict.NOT_APPLICABLE:
            made_by = packed_by(self.stack, function)
            file = End(self._shown(made_by)) if isinstance(made_by, str) else None
            yield judged_link("package", start, end_of(made_by) if isinstance(made_by, Resource) else file, package)
        known = str(text_of(key.value)) if isinstance(key, Known) else undecided("route_key", key)
        answer = may_call(self.stack, site, target, known)
        status = {True: Status.PROVEN, False: Status.BROKEN, None: Status.UNPROVEN}[answer.allowed]
        permission = end_of(answer.permission) if answer.permission else None
        location = answer.permission.position("source_arn") if answer.permission else site.resource.location
        yield Link("permission", route, permission, status, answer.why, location)

    def _shown(self, path: str) -> str:
        """A path from the root module's directory as one from the working directory."""
        return posixpath.normpath(posixpath.join(self.stack.root, path))

    def _authorizer(self, start: End, route: Resource, api: Resource | Unknown) -> Iterator[Link]:
        """A Lambda authorizer is asked first; a JWT one calls no function."""
        value = self.stack.resolve(route.get("authorizer_id"))
        if is_null(value):
            return
        found = self.stack.by_address.get(value.address) if isinstance(value, Reference) else None
        if found is None or found.type != "aws_apigatewayv2_authorizer":
            why = f"which authorizer is asked first is undecided: {undecided('authorizer_id', value).reason}"
            yield Link("function", start, None, Status.UNPROVEN, why, route.position("authorizer_id"))
            return
        owner = api_of(self.stack, found)
        if isinstance(owner, Resource) and owner is not api:
            why = f"{found.address} is an authorizer of {owner.address}, another API"
            yield Link("function", start, None, Status.BROKEN, why, route.position("authorizer_id"))
            return
        for site in call_sites(self.stack, found):
            yield from self._function(start, start, site, route=route)
