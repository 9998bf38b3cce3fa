"""PERMISSION_SCOPE"""

from __future__ import annotations

from collections.abc import Iterator

from ...convention import Convention, Example, Result, failed, passed, undecided, unproven
from ...stack import Resource, Stack
from ...values import Known, Unknown, describe, is_null, same
from ...wiring import (
    GATEWAY,
    SourceArn,
    Target,
    api_of,
    function_of,
    integrations,
    permitted,
    source_arn_of,
)
from .permission_explicit import GOOD, PERMISSION

_AT = "source_arn"


def check(stack: Stack) -> Iterator[Result]:
    callers: dict[str, list[Resource | Unknown]] = {}
    for integration, target in integrations(stack):
        if isinstance(target, Target):
            callers.setdefault(target.function.address, []).append(api_of(stack, integration))
    for permission in stack.of_type("aws_lambda_permission"):
        principal = stack.resolve(permission.get("principal"))
        if isinstance(principal, Known) and principal.value != GATEWAY:
            continue
        target = permitted(stack, permission)
        if isinstance(target, Unknown):
            if callers:
                yield unproven(permission, "which function this is for is undecided", target, at="function_name")
        elif target.function.address in callers:
            if isinstance(principal, Known):
                yield _judge(stack, permission, target, callers[target.function.address])
            else:
                missing = undecided("principal", principal)
                yield unproven(permission, "whom this lets in is undecided", missing, at="principal")


def _judge(stack: Stack, permission: Resource, target: Target, apis: list[Resource | Unknown]) -> Result:
    source = source_arn_of(stack, permission)
    if source is None:
        return failed(permission, "source_arn is not set: every API of every account may invoke the function")
    if isinstance(source, Unknown):
        return unproven(permission, "the scope is undecided", source, at=_AT)
    if source.api is None:
        written = describe(Known(source.suffix))
        message = f"source_arn is {written}, which is not derived from the execution_arn of an API in this stack"
        return failed(permission, message, at=_AT)
    if not any(api is source.api for api in apis):
        unknown = next((api for api in apis if isinstance(api, Unknown)), None)
        if unknown is not None:
            return unproven(permission, f"whether {source.api.address} calls the function is undecided", unknown, at=_AT)
        called_by = " and ".join(dict.fromkeys(api.address for api in apis if isinstance(api, Resource)))
        message = f"source_arn is of {source.api.address}, and the function is called by {called_by}"
        return failed(permission, message, at=_AT)
    return _judge_suffix(stack, permission, target, source, source.api)


def _judge_suffix(stack: Stack, permission: Resource, target: Target, source: SourceArn, api: Resource) -> Result:
    suffix = source.suffix
    if source.stage:
        message = f"source_arn is made from {source.stage}; take {api.address}.execution_arn followed by /*/*"
        return failed(permission, message, at=_AT)
    if suffix == "/*/*":
        return passed(permission, f"scoped to {api.address}, all stages and routes", at=_AT)
    if suffix == "/*/*/*":
        route = _default_route(stack, api)
        if isinstance(route, Unknown):
            return unproven(permission, f"whether {api.address} has a $default route is undecided", route, at=_AT)
        if route is not None:
            message = f"/*/*/* does not cover the route $default ({route.address}), whose calls end in a 500; /*/* does"
            return failed(permission, message, at=_AT)
        return passed(permission, f"scoped to {api.address}, which has no $default route", at=_AT)
    if suffix.startswith("/authorizers/") and _authorizes(stack, api, target):
        return passed(permission, f"scoped to the authorizers of {api.address}", at=_AT)
    if suffix == "/*":
        return failed(permission, "/* means the same to IAM as /*/*, but the convention is /*/*", at=_AT)
    if not suffix:
        return failed(permission, "the execution_arn alone matches no call: /*/* must follow it", at=_AT)
    return failed(permission, f"source_arn ends in {suffix}, not in /*/*: it covers some calls only", at=_AT)


def _default_route(stack: Stack, api: Resource) -> Resource | Unknown | None:
    """The API's $default route, None where it has none."""
    if not is_null(api.get("target")) and is_null(api.get("route_key")):
        return api
    if not is_null(api.get("body")):
        return Unknown("its routes stand in an OpenAPI body", api.position("body"))
    for route in stack.of_type("aws_apigatewayv2_route"):
        owner = api_of(stack, route)
        if isinstance(owner, Resource) and owner is not api:
            continue
        key = stack.resolve(route.get("route_key"))
        is_default = same(key, Known("$default"))
        if is_default is False:
            continue
        if is_default is None:
            return undecided("route_key", key)
        return owner if isinstance(owner, Unknown) else route
    return stack.incomplete()


def _authorizes(stack: Stack, api: Resource, target: Target) -> bool:
    for authorizer in stack.of_type("aws_apigatewayv2_authorizer", "aws_api_gateway_authorizer"):
        found = function_of(stack, authorizer.get("authorizer_uri"))
        if api_of(stack, authorizer) is api and isinstance(found, Target) and found.function is target.function:
            return True
    return False


CONVENTION = Convention(
    id="PERMISSION_SCOPE",
    title="Permissions are scoped to the API that calls",
    why="Without source_arn any API of any account may invoke the function; with a wrong one the right API may not, and answers 500.",
    fix='Set source_arn = "${<the API>.execution_arn}/*/*".',
    explains=(
        "The source_arn of each permission for apigateway.amazonaws.com, on a function that an API of the stack calls, is "
        "that API's execution_arn followed by /*/*.",
        "Derived by reference, by concatenation, format or join, or as a hand-built ARN on the same API's id.",
        "/*/*/* passes only where the API has no $default route: it does not cover that route.",
        "/* means the same to IAM and is still not the convention.",
        "No source_arn, another API's, a stage's, a literal: fail.",
        "/authorizers/* passes for the function of an authorizer of that API.",
    ),
    check=check,
    subject="aws_lambda_permission for API Gateway on a function that an API of the stack calls",
    resource_types=("aws_lambda_permission",),
    good=Example(GOOD + PERMISSION),
    bad=Example(
        GOOD + PERMISSION.replace('  source_arn    = "${aws_apigatewayv2_api.shop.execution_arn}/*/*"\n', ""),
        fails_at=(("aws_lambda_permission.shop_orders", 20),),
    ),
    sources=(
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting-lambda.html",
        "https://github.com/terraform-aws-modules/terraform-aws-apigateway-v2/issues/41",
    ),
)

