"""Asking the deployed API, and what there is to say of an answer that was not expected."""

import re
import time
from collections.abc import Iterable, Iterator

import boto3

from routeproof.reporters.escape import safe
from tests.e2e.client import Caller
from tests.e2e.given_stack.deploying import Copy, NotUsable, Resource, resources
from tests.e2e.given_stack.linter import routeproof
from tests.e2e.given_stack.options import Expectation
from tests.e2e.local_aws.routing import Route, select_route, select_stage

_SHOWN_CHARACTERS = 2_000
_SHOWN_LINES = 20


def complaint_of(copy: Copy, caller: Caller, expectation: Expectation) -> str | None:
    """Asks the stack's API. None where the answer is as expected; else all that is known of why it is not."""
    api = the_api(copy)
    logged, began = copy.aws.log_file.stat().st_size, time.time()
    url = f"https://{api.attributes['id']}.execute-api.{region_of(api)}.amazonaws.com{expectation.path}"
    response = caller.request(expectation.method, url, allow_redirects=False)
    if response.status_code == expectation.status:
        return None
    with copy.aws.log_file.open("rb") as file:
        file.seek(logged)
        lines = file.read().decode(errors="replace").splitlines()
    return "\n".join(
        [
            f"{expectation}: {response.status_code}, and {expectation.status} was expected",
            f"The answer: {safe(response.text[:_SHOWN_CHARACTERS]) or 'no body'}",
            *(f"The endpoint's reason: {safe(reason)}" for reason in _reasons(lines)),
            *_path(copy, api, expectation, since=began),
        ]
    )


def _path(copy: Copy, api: Resource, expectation: Expectation, *, since: float) -> Iterator[str]:
    """Of the route that matches: the links that are not proven, and what its functions have logged."""
    said = routeproof(copy, "path")
    if said.report is None:
        yield f"routeproof path: {said.text}"
        return
    found = [route for root in said.report["roots"] for route in root["routes"] if route["api"] == api.address]
    routes = {route["route_key"]: route for route in found}
    key = _selected(api, routes, expectation)
    if key is None:  # the endpoint's reason says so
        return
    yield f"routeproof path: {key} is {routes[key]['status']}"
    for link in routes[key]["links"]:
        if link["status"] != "proven":
            place = f" ({link['file']}:{link['line']})" if link["file"] else ""
            yield f"  {link['status']} {link['kind']}: {link['why']}{place}"
    addresses = {link["to"] for link in routes[key]["links"] if link["kind"] == "function"}
    for resource in resources(copy.deployment.state_file):
        if resource.address in addresses:
            yield from _log_of(resource, since)


def the_api(copy: Copy) -> Resource:
    """The HTTP API that is asked. Raises NotUsable where there is none, or several and none of them is named."""
    found = {
        resource.address: resource
        for resource in resources(copy.deployment.state_file)
        if resource.type == "aws_apigatewayv2_api" and resource.attributes["protocol_type"] == "HTTP"
    }
    if not found:
        raise NotUsable("the stack has no HTTP API (aws_apigatewayv2_api with protocol_type HTTP) that could be asked")
    if copy.given.api is None:
        if len(found) > 1:
            raise NotUsable(f"the stack has {len(found)} HTTP APIs; name one with --api: {', '.join(found)}")
        return next(iter(found.values()))
    if copy.given.api not in found:
        raise NotUsable(f"--api: the stack has no HTTP API {copy.given.api}; it has {', '.join(found)}")
    return found[copy.given.api]


def region_of(resource: Resource) -> str:
    return resource.attributes["arn"].split(":")[3]


def _selected(api: Resource, keys: Iterable[str], expectation: Expectation) -> str | None:
    """The key of the route that the endpoint selects."""
    client = boto3.client("apigatewayv2", region_name=region_of(api))
    stages = [stage["StageName"] for stage in client.get_stages(ApiId=api.attributes["id"])["Items"]]
    selected = select_stage(stages, expectation.path.partition("?")[0])
    if selected is None:
        return None
    routes = [Route(key=key, integration_id="") for key in keys]
    match = select_route(routes, method=expectation.method, path=selected[1])
    return match.route.key if match else None


def _reasons(lines: list[str]) -> Iterator[str]:
    """Why the endpoint answered as it did, by the lines of its log."""
    for line in lines:
        if found := re.search(r"\.endpoint INFO \w+ \S+ -> \d+, \d+ ms: (.*)", line):
            yield found[1]


def _log_of(function: Resource, since: float) -> Iterator[str]:
    """The lines of a function's log group from a moment on; Lambda's own lines too."""
    group = next((config["log_group"] for config in function.attributes.get("logging_config") or ()), "")
    group = group or f"/aws/lambda/{function.attributes['function_name']}"
    client = boto3.client("logs", region_name=region_of(function))
    try:
        events = client.filter_log_events(logGroupName=group, startTime=int(since * 1000))["events"]
    except client.exceptions.ResourceNotFoundException:
        yield f"{group}: there is no such log group"
        return
    yield f"{group}:" if events else f"{group}: nothing since the request"
    yield from (f"  {safe(event['message'].rstrip())}" for event in events[-_SHOWN_LINES:])
