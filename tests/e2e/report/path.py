"""What a request passes on its way, and whether each link of it holds: `routeproof path`, made ready to be drawn."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from routeproof.links import BrokenCheck, Link, Route, Status, Verdicts, status_of
from routeproof.request_path import request_path
from routeproof.sources.hcl.files import Files, display
from routeproof.sources.hcl.modules import load
from routeproof.sources.hcl.roots import boundary_of
from routeproof.sources.hcl.syntax import SourceError
from routeproof.stack import Stack
from routeproof.values import Location

ROUTES = 12
# What each kind of stop is called, in the order in which a request meets them.
LABELS = {
    "client": "Client",
    "api": "HTTP API",
    "stage": "Stage",
    "access_log": "Access log group",
    "output": "URL output",
    "route": "Route",
    "integration": "Integration",
    "permission": "Permission",
    "function": "Function",
    "handler": "Handler",
    "package": "Package",
    "log_group": "Log group",
}
_ADDRESS = re.compile(r"(?:^|\.)\w+\.([\w-]+(?:\[.*\])?)$")


@dataclass(frozen=True)
class Stop:
    """One place of a request path. `status` is that of the link that leads there; None where there is no link.

    `before` are the names of the stops that lead here, as `kind:address`, which also is this one's `name`.
    """

    kind: str
    address: str
    title: str
    before: tuple[str, ...] = ()
    status: Status | None = None
    why: str = ""
    place: str = ""

    @property
    def name(self) -> str:
        return f"{self.kind}:{self.address}"

    @property
    def label(self) -> str:
        return LABELS[self.kind]


@dataclass(frozen=True)
class RoutePath:
    """A route with its stops, in the order of LABELS."""

    route_key: str
    status: Status
    stops: tuple[Stop, ...]


@dataclass(frozen=True)
class Paths:
    """Those of a root module; `left_out` counts the routes that are not shown, `problem` says why there are none."""

    root: str
    routes: tuple[RoutePath, ...] = ()
    left_out: int = 0
    problem: str = ""


def of_root(root: Path) -> Paths:
    """The request paths of a root module's source; where it cannot be judged, why."""
    try:
        stack = load(root, Files(boundary_of(root)), {})
        found = request_path(stack)
        verdicts = Verdicts(stack)
        routes = tuple(_route(stack, route, verdicts) for route in found[:ROUTES])
    except (SourceError, BrokenCheck) as problem:
        return Paths(display(root), problem=str(problem))
    return Paths(display(root), routes, len(found) - len(routes), "" if found else "it has no route of an HTTP API")


def _route(stack: Stack, route: Route, verdicts: Verdicts) -> RoutePath:
    stops = [*_stops(route, verdicts)]
    order = [*LABELS]
    return RoutePath(route.route_key, route.status, tuple(sorted(stops, key=lambda stop: order.index(stop.kind))))


def _stops(route: Route, verdicts: Verdicts) -> Iterator[Stop]:
    kinds = {route.end.name: "route", **({route.api.name: "api"} if route.api else {})}
    kinds |= {link.target.name: link.kind for link in route.links if link.target and link.target.name not in kinds}
    urls = [_name(link) for link in route.links if link.kind == "output"]
    yield Stop("client", "", "curl, a browser", before=tuple(urls))
    api = route.api.name if route.api else "undecided"
    yield Stop("api", api, _short(api), before=("client:",))
    yield Stop("route", route.end.name, route.route_key, before=(f"api:{api}",))
    permissions = [_name(link) for link in route.links if link.kind == "permission"]
    for link in route.links:
        before = [f"{kinds.get(link.source.name, 'route')}:{link.source.name}"]
        if link.kind == "function":
            before += permissions
        yield _stop(link, tuple(before))
        if link.kind == "function" and link.target and (judged := verdicts.at("LAMBDA_LOG_GROUP", link.target.name)):
            group = judged.message.removeprefix("writes to ") if status_of(judged) is Status.PROVEN else "none"
            yield Stop(
                "log_group",
                group,
                _short(group),
                (f"function:{link.target.name}",),
                status_of(judged),
                judged.message,
                _place(judged.location),
            )


def _stop(link: Link, before: tuple[str, ...]) -> Stop:
    address = _name(link).partition(":")[2]
    return Stop(link.kind, address, _short(address), before, link.status, link.why, _place(link.location))


def _name(link: Link) -> str:
    nothing = "none" if link.status is Status.BROKEN else "undecided"
    return f"{link.kind}:{link.target.name if link.target else nothing}"


def _place(location: Location | None) -> str:
    return f"{location.file}:{location.line}" if location else ""


def _short(address: str) -> str:
    """The end of an address that tells it from others of its kind."""
    if "#" in address:
        return address.rpartition("/")[2]
    found = _ADDRESS.search(address)
    return found[1] if found else address
