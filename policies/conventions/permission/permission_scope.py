"""PERMISSION_SCOPE"""

from __future__ import annotations

from collections.abc import Sequence

from ...changes import Change, NotSafe, reference, set_attribute
from ...convention import Convention, Example, NotShown, OtherRule, Result, Surface, failed, passed, undecided, unproven
from ...grants import AUTHORIZERS, GATEWAY, SourceArn, permitted, same_qualifier, source_arn_of
from ...named_functions import Target
from ...route_permission import may_call
from ...stack import Resource, Stack
from ...values import Known, Unknown, describe, is_null, same
from ...ways import ways_to
from ...wiring import HTTP_API, CallSite, all_call_sites, api_of, operations_of
from .permission_explicit import GOOD, PERMISSION

_AT = "source_arn"


def check(stack: Stack, permission: Resource) -> Result | tuple[()]:
    principal = stack.resolve(permission.get("principal"))
    sites = list(all_call_sites(stack))
    if not sites or (isinstance(principal, Known) and principal.value != GATEWAY):
        return ()
    target = permitted(stack, permission)
    if isinstance(target, Unknown):
        return unproven(permission, "which function this is for is undecided", target, at="function_name")
    calls = [site for site in sites if isinstance(site.target, Target) and site.target.function is target.function]
    if not calls:
        unclear = [site.target for site in sites if isinstance(site.target, Unknown)]
        if not unclear:
            return ()
        return unproven(permission, "whether an API calls the function is undecided", unclear[0], at="function_name")
    if not isinstance(principal, Known):
        return unproven(permission, "whom this lets in is undecided", undecided("principal", principal), at="principal")
    return _judge(stack, permission, calls, sites)


def _judge(stack: Stack, permission: Resource, calls: list[CallSite], sites: list[CallSite]) -> Result:
    source = source_arn_of(stack, permission)
    if source is None:
        return failed(permission, "source_arn is not set: every API of every account may invoke the function", at=_AT)
    if isinstance(source, Unknown):
        return unproven(permission, "the scope is undecided", source, at=_AT)
    if source.api is None or source.made_from is None:
        value = describe(stack.resolve(permission.get(_AT)))
        message = f"source_arn is {value}, not made from the execution_arn of an API in this stack"
        return failed(permission, message, at=_AT)
    if source.made_from.address != source.api.address or not source.is_execution_arn:
        message = f"source_arn is made from {source.made_from}, not from {source.api.address}.execution_arn"
        return failed(permission, message, at=_AT)
    callers = [site for site in calls if site.api is source.api]
    if callers:
        return _judge_suffix(stack, permission, source, source.api, callers)
    missing = _possible_call(sites, calls, source.api) or stack.incomplete()
    if missing is not None:
        return unproven(permission, f"whether {source.api.address} calls the function is undecided", missing, at=_AT)
    called_by = " and ".join(dict.fromkeys(site.api.address for site in calls if isinstance(site.api, Resource)))
    message = f"source_arn is of {source.api.address}, and the function is called by {called_by}"
    return failed(permission, message, at=_AT)


def _possible_call(sites: list[CallSite], calls: list[CallSite], api: Resource) -> Unknown | None:
    """Why it is undecided whether the API calls the function, where it is."""
    for site in sites:
        if site in calls and isinstance(site.api, Unknown):
            return site.api
        if isinstance(site.target, Unknown) and (site.api is api or isinstance(site.api, Unknown)):
            return site.target
    return None


def _judge_suffix(
    stack: Stack, permission: Resource, source: SourceArn, api: Resource, callers: list[CallSite]
) -> Result:
    suffix = source.suffix
    if suffix == "/*/*":
        return passed(permission, f"scoped to {api.address}, all stages and routes", at=_AT)
    if suffix.startswith(AUTHORIZERS) and any(
        site.authorizer and source.covers(api, authorizer=site.resource) for site in callers
    ):
        return passed(permission, f"scoped to the authorizers of {api.address}", at=_AT)
    if suffix == "/*/*/*" and not all(site.authorizer for site in callers):
        missed = _missed(stack, api)
        if missed is None:
            return passed(permission, f"scoped to {api.address}, which has no $default route", at=_AT)
        if stack.settings.permission_scope == "at-most":
            return _judge_narrower(stack, permission, suffix, api)
        if isinstance(missed, Unknown):
            return unproven(
                permission, f"whether /*/*/* covers every route of {api.address} is undecided", missed, at=_AT
            )
        return failed(permission, f"/*/*/* does not cover {missed}, whose calls end in a 500; /*/* does", at=_AT)
    if suffix == "/*":
        return failed(permission, "/* means the same to IAM as /*/*, but the convention is /*/*", at=_AT)
    if not suffix:
        return failed(permission, "the execution_arn alone matches no call: /*/* must follow it", at=_AT)
    if suffix.startswith(AUTHORIZERS) and any(site.authorizer for site in callers):
        return failed(permission, f"source_arn ends in {suffix}, which is another authorizer than calls it", at=_AT)
    narrower = suffix.startswith("/") and not all(site.authorizer for site in callers)
    if narrower and stack.settings.permission_scope == "at-most":
        return _judge_narrower(stack, permission, suffix, api)
    return failed(permission, f"source_arn ends in {suffix}, not in /*/*: it covers some calls only", at=_AT)


def _judge_narrower(stack: Stack, permission: Resource, suffix: str, api: Resource) -> Result:
    """Narrower is enough where every route to the function, called as this permission has it, is let in by one."""
    target = permitted(stack, permission)
    assert isinstance(target, Target), "the permission has been matched with the calls of its function"
    ways, doubt = ways_to(stack, api, target.function)
    covered: list[str] = []
    for way in ways:
        assert isinstance(way.site.target, Target), "a way leads to a function"
        mine = same_qualifier(target.qualifier, way.site.target.qualifier)
        if mine is False:
            continue
        answer = may_call(stack, way.site, way.site.target, way.route_key)
        if answer.allowed is False and mine:
            key = f" ({way.route_key})" if isinstance(way.route_key, str) and way.route_key not in way.name else ""
            return failed(permission, f"{way.name}{key} is not covered: {answer.why}", at=_AT)
        if not answer.allowed or mine is None:
            doubt = doubt or Unknown(f"{way.name}: {answer.why}", permission.position(_AT))
        covered.append(way.name)
    if doubt is not None:
        return unproven(permission, f"whether every route of {api.address} is covered is undecided", doubt, at=_AT)
    routes = "every route to the function is covered" if covered else "no route leads to the function"
    return passed(permission, f"{suffix} of {api.address}: {routes}", at=_AT)


def _missed(stack: Stack, api: Resource) -> str | Unknown | None:
    """Which routes of the API `/*/*/*` leaves out: those whose ARN is API/STAGE/ROUTE, without a method."""
    if api.type != HTTP_API:
        return None
    protocol = stack.resolve(api.get("protocol_type"))
    if protocol == Known("WEBSOCKET"):
        return f"the routes of {api.address}, a WebSocket API"
    if not isinstance(protocol, Known):
        return undecided("protocol_type", protocol)
    return _default_route(stack, api)


def _default_route(stack: Stack, api: Resource) -> str | Unknown | None:
    unclear: Unknown | None = None
    if not is_null(api.get("target")):
        key = stack.resolve(api.get("route_key"))
        if is_null(key) or key == Known("$default"):
            return f"the route $default that AWS makes for {api.address}"
        unclear = None if isinstance(key, Known) else undecided("route_key", key)
    found = operations_of(stack, api)
    if isinstance(found, Unknown):
        unclear = unclear or found
    elif any(operation.route_key == "$default" for operation, _ in found):
        return f"the route $default in the body of {api.address}"
    for route in stack.of_type("aws_apigatewayv2_route"):
        owner = api_of(stack, route)
        if isinstance(owner, Resource) and owner is not api:
            continue
        key = stack.resolve(route.get("route_key"))
        is_default = same(key, Known("$default"))
        if is_default and owner is api:
            return f"the route $default ({route.address})"
        if is_default is not False:
            unclear = unclear or (owner if isinstance(owner, Unknown) else undecided("route_key", key))
    return unclear or stack.incomplete()


def repair(stack: Stack, result: Result) -> Sequence[Change]:
    """For the API that calls the function, if it is one; another one would be shut out."""
    permission = result.judged
    assert permission is not None
    target = permitted(stack, permission)
    callers = [
        site.api
        for site in all_call_sites(stack)
        if isinstance(target, Target) and isinstance(site.target, Target) and site.target.function is target.function
    ]
    apis = {api.address: api for api in callers if isinstance(api, Resource)}
    if len(apis) != 1 or len(callers) != sum(isinstance(api, Resource) for api in callers):
        raise NotSafe("more than one API calls the function, or it is undecided which one does")
    (api,) = apis.values()
    written = f'"${{{reference(api, "execution_arn", seen_from=permission)}}}/*/*"'
    return [set_attribute(permission, "source_arn", written, over_references=True)]


CONVENTION = Convention(
    id="PERMISSION_SCOPE",
    title="Permissions are scoped to the API that calls",
    why="Without source_arn any API of any account may invoke the function. With a wrong one the right API may not, "
    "and answers 500.",
    fix='Set source_arn = "${<the API>.execution_arn}/*/*".',
    explains=(
        "The source_arn of each permission for apigateway.amazonaws.com on a function that an API of the stack calls "
        "is that API's execution_arn followed by /*/*.",
        "Derived by reference, by concatenation, format or join, or as a hand-built ARN on the same API's id.",
        "/*/*/* fails where the API has a $default route, or is a WebSocket API: it does not cover those calls.",
        "/* means the same to IAM and is still not the convention. Anything narrower fails too.",
        'With the setting permission-scope = "at-most" a narrower one passes where every route to the function is '
        "covered, by it or by other permissions.",
        "No source_arn, another API's, a stage's, a literal: fail.",
        "/authorizers/* passes for the function of an authorizer of that API.",
    ),
    subject="aws_lambda_permission for API Gateway on a function that an API of the stack calls",
    resource_types=("aws_lambda_permission",),
    check=check,
    repair=repair,
    good=Example(GOOD + PERMISSION),
    bad=Example(
        GOOD + PERMISSION.replace('  source_arn    = "${aws_apigatewayv2_api.shop.execution_arn}/*/*"\n', ""),
        fails_at=(("aws_lambda_permission.shop_orders", 20),),
    ),
    sources=(
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting-lambda.html",
        "https://github.com/terraform-aws-modules/terraform-aws-apigateway-v2/issues/41",
    ),
    not_shown=(
        NotShown(
            Surface.PLAN_ALONE,
            "source_arn is made from ..., and how does not show in a plan without its source",
            examples=("good",),
        ),
    ),
    elsewhere=(
        OtherRule("Checkov", "CKV_AWS_364", "Any source_arn or source_account will do, another API's too."),
        OtherRule("Trivy", "AVD-AWS-0067", "Any source_arn will do."),
        OtherRule(
            "KICS",
            "3ef8696c-e4ae-4872-92c7-520bb44dfe77",
            "The opposite: it reports a source_arn that ends in /*/*. See docs/other-tools.md.",
        ),
        OtherRule(
            "AWS Security Hub",
            "Lambda.1",
            "Public access, on what is deployed; of services only S3 has to be limited.",
        ),
    ),
)
