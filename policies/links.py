"""What a request path is made of: routes, their links, and the conventions' verdicts that links rest on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .catalogue import built_in
from .convention import Result, Verdict
from .evaluate import judge
from .stack import Resource, Stack
from .values import Location


class Status(StrEnum):
    PROVEN = "proven"
    BROKEN = "broken"
    UNPROVEN = "unproven"


_BY_VERDICT = {
    Verdict.PASS: Status.PROVEN,
    Verdict.NOT_APPLICABLE: Status.PROVEN,
    Verdict.UNPROVEN: Status.UNPROVEN,
    Verdict.FAIL: Status.BROKEN,
}
_NOWHERE = Location("", 1, 1, 1, 1)
_WORST = (Status.BROKEN, Status.UNPROVEN, Status.PROVEN)


def status_of(result: Result) -> Status:
    return _BY_VERDICT[result.verdict]


def badness(status: Status) -> int:
    """0 for the worst: a key for min()."""
    return _WORST.index(status)


@dataclass(frozen=True)
class End:
    """One end of a link: `name` is a Terraform address, `lambda/hello/index.js#handler` for a handler, or
    `aws_apigatewayv2_api.main#GET /hello` for a route that an API declares itself.
    """

    name: str
    location: Location | None = None


@dataclass(frozen=True)
class Link:
    """`kind`: integration, function, handler, package, permission, stage, access_log or output.

    `target` is None where nothing is there to be linked to. `location` is what makes the link, or should.
    """

    kind: str
    source: End
    target: End | None
    status: Status
    why: str
    location: Location | None


@dataclass(frozen=True)
class Route:
    """`api` is None where it is undecided which one the route is of."""

    end: End
    api: End | None
    route_key: str
    links: tuple[Link, ...]

    @property
    def status(self) -> Status:
        """The worst of its links'."""
        return min((link.status for link in self.links), key=badness)


class BrokenCheck(Exception):
    """A convention's check broke, so that nothing can be said of the links that rest on it."""

    def __init__(self, message: str, location: Location) -> None:
        super().__init__(message)
        self.location = location


class Verdicts:
    """What the conventions say of a stack, each judged when it is first asked for."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._results: dict[str, dict[str, list[Result]]] = {}

    def of(self, convention: str) -> dict[str, list[Result]]:
        """A convention's results by their addresses.

        Raises:
            BrokenCheck: the check broke at some resource.
        """
        if convention not in self._results:
            found: dict[str, list[Result]] = {}
            for result in judge(self._stack, built_in()[convention]):
                if result.verdict is Verdict.ERROR:
                    raise BrokenCheck(f"{result.address}: {result.message}", result.location or _NOWHERE)
                found.setdefault(result.address or "", []).append(result)
            self._results[convention] = found
        return self._results[convention]

    def at(self, convention: str, address: str, *, part: str = "") -> Result | None:
        """The worst result at an address; `part`: what its message begins with, a route key and a colon."""
        results = [result for result in self.of(convention).get(address, ()) if result.message.startswith(part)]
        return min(results, key=lambda result: badness(status_of(result)), default=None)


def end_of(resource: Resource) -> End:
    return End(resource.address, resource.location)


def judged_link(kind: str, source: End, target: End | None, result: Result | None) -> Link:
    """A link that is what a convention's result says."""
    assert result is not None, f"no convention judges the {kind} of {source.name}"
    return Link(kind, source, target, status_of(result), result.message, result.location)
