"""Which API, stage and route a request is for.

Source: API Gateway developer guide, "Create routes for HTTP APIs": a full match goes before one with a greedy path
variable (`{proxy+}`), and that before the `$default` route. The stage is chosen first.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

_AWS_HOST = re.compile(r"([a-z0-9]+)\.execute-api\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\.?")
_EMULATOR_HOST = re.compile(r"([a-z0-9]+)\.execute-api\.localhost\.?")
_EMULATOR_PATHS = (
    re.compile(r"/_aws/execute-api/([^/]+)(/.*)?", re.DOTALL),
    re.compile(r"/restapis/([^/]+)(/[^/]+)/_user_request_(/.*)?", re.DOTALL),
)

DEFAULT = "$default"


@dataclass(frozen=True, kw_only=True)
class Target:
    """An API that a request is for. `path` starts with the stage where one is named, as in `/prod/hello`."""

    api_id: str
    region: str
    path: str


@dataclass(frozen=True, kw_only=True)
class Route:
    """`key` is `GET /hello` or `$default`; `integration_id` is what the route's target names."""

    key: str
    integration_id: str
    authorization: str = "NONE"

    @property
    def method(self) -> str:
        return self.key.partition(" ")[0]

    @property
    def template(self) -> str:
        return self.key.partition(" ")[2]


@dataclass(frozen=True, kw_only=True)
class Match:
    route: Route
    path_parameters: dict[str, str]


def host_name(host: str) -> str:
    """The Host header without its port, lower case: `ABC.example:443` -> `abc.example`."""
    return re.sub(r":\d+$", "", host.strip()).lower()


def find_target(*, host: str, path: str, region: str) -> Target | None:
    """The API that a request names by host or by one of the emulator's path forms; None for the control plane.

    `region` is the region of the forms that name none.
    """
    name = host_name(host)
    if at_aws := _AWS_HOST.fullmatch(name):
        return Target(api_id=at_aws[1], region=at_aws[2], path=path)
    if at_emulator := _EMULATOR_HOST.fullmatch(name):
        return Target(api_id=at_emulator[1], region=region, path=_without_default_stage(path))
    for form in _EMULATOR_PATHS:
        if match := form.fullmatch(path):
            rest = "".join(part or "" for part in match.groups()[1:])
            return Target(api_id=match[1], region=region, path=_without_default_stage(rest or "/"))
    return None


def _without_default_stage(path: str) -> str:
    """The emulator's own forms may name the `$default` stage as the first segment; AWS's never does."""
    first, _, rest = path.removeprefix("/").partition("/")
    return f"/{rest}" if first == DEFAULT else path


def select_stage(stages: Collection[str], path: str) -> tuple[str, str] | None:
    """(stage, path without it): the stage that the first segment names, else `$default`, else None."""
    first, slash, rest = path.removeprefix("/").partition("/")
    if first in stages and first != DEFAULT:
        return first, f"/{rest}" if slash else "/"
    return (DEFAULT, path) if DEFAULT in stages else None


def select_route(routes: Iterable[Route], *, method: str, path: str) -> Match | None:
    """The route that answers; None where none matches."""
    matches = []
    for route in routes:
        if route.key == DEFAULT:
            matches.append((_rank(route), Match(route=route, path_parameters={})))
        elif route.method in (method, "ANY"):
            parameters = match_path(route.template, path)
            if parameters is not None:
                matches.append((_rank(route), Match(route=route, path_parameters=parameters)))
    return min(matches, key=lambda ranked: ranked[0])[1] if matches else None


def match_path(template: str, path: str) -> dict[str, str] | None:
    """The path's parameters where it fits the template, else None. `{name}` is one segment, `{name+}` one or more."""
    names = re.findall(r"\{([^}]+?)\+?\}", template)
    pattern = "".join(
        "(.+)" if part.endswith("+}") else "([^/]+)" if part.startswith("{") else re.escape(part)
        for part in re.split(r"(\{[^}]+\})", template)
    )
    match = re.fullmatch(pattern, path, re.DOTALL)
    return dict(zip(names, match.groups(), strict=True)) if match else None


def _rank(route: Route) -> tuple[int, tuple[int, ...], bool]:
    """Smaller goes first: full match, greedy, `$default`; then literal segments before variables; then ANY last."""
    if route.key == DEFAULT:
        return 2, (), False
    segments = tuple(2 if part.endswith("+}") else int(part.startswith("{")) for part in route.template.split("/"))
    return int(2 in segments), segments, route.method == "ANY"
