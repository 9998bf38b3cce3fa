"""PERMISSION_EXPLICIT"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...changes import AddBlock, Change, NotSafe, beside, free_name, header_of, module_and_key, reference
from ...convention import (
    Convention,
    Example,
    NotShown,
    OtherRule,
    Related,
    Result,
    Surface,
    Verdict,
    failed,
    is_set,
    not_applicable,
    passed,
    undecided,
    unproven,
)
from ...grants import allows
from ...named_functions import Target
from ...stack import Resource, Stack
from ...values import Unknown, describe, is_null
from ...wiring import CALLERS, CallSite, all_call_sites, call_sites

_SEVERITY = (Verdict.NOT_APPLICABLE, Verdict.PASS, Verdict.UNPROVEN, Verdict.FAIL)


def check(stack: Stack, resource: Resource) -> Iterator[Result]:
    """A function has one result for each API that calls it; a call site whose function is undecided has its own."""
    if resource.type != "aws_lambda_function":
        missing = [site.target for site in call_sites(stack, resource) if isinstance(site.target, Unknown)]
        if missing:
            yield unproven(resource, "which function this calls is undecided", missing[0])
        return
    callers: dict[tuple[str, bool], list[Result]] = {}
    for site in all_call_sites(stack):
        if isinstance(site.target, Target) and site.target.function is resource:
            api = site.api.address if isinstance(site.api, Resource) else site.name
            callers.setdefault((api, site.authorizer), []).append(_judge(stack, site, site.target))
    for results in callers.values():
        yield max(results, key=lambda result: _SEVERITY.index(result.verdict))


def _judge(stack: Stack, site: CallSite, target: Target) -> Result:
    function = target.function
    if is_set(site.credentials):
        return not_applicable(function, f"{site.name} calls it with a role of its own")
    if isinstance(site.api, Unknown):
        return unproven(function, f"which API calls it through {site.name} is undecided", site.api)
    caller = f"an authorizer of {site.api.address}" if site.authorizer else site.api.address
    doubts: list[Unknown] = []
    near: list[Related] = []
    for permission in stack.of_type("aws_lambda_permission"):
        found = allows(stack, permission, site.api, target, authorizer=site.as_authorizer)
        if found is True:
            doubt = permission.exists_with(site.resource, function)
            if doubt is None:
                return passed(function, f"{permission.address} lets {caller} invoke it")
            doubts.append(doubt)
        elif isinstance(found, Unknown):
            doubts.append(Unknown(f"{permission.address}: {found.reason}", found.location))
        elif found:
            near.append(Related(f"{permission.address} {found}", permission.location))
    if is_set(site.credentials) is None:
        role = f"the role that {site.name} calls with"
        doubts.append(undecided(role, site.credentials))
    missing = doubts[0] if doubts else stack.incomplete()
    if missing is not None:
        return unproven(function, f"whether {caller} may invoke it is undecided", missing)
    called = "" if is_null(target.qualifier) else f", qualifier {describe(target.qualifier)}"
    message = f"no aws_lambda_permission lets {caller} invoke it{called}: every call through it ends in a 500"
    if near:
        message += f"; {near[0].message}"
    return failed(function, message, related=[Related("what calls it", site.resource.location), *near])


def repair(stack: Stack, result: Result) -> Sequence[Change]:
    """A permission for each API that calls the function and may not, behind the last one of the module."""
    function = result.judged
    assert function is not None
    stands = beside(function)
    home, _ = module_and_key(function)
    others = [one for one in stack.of_type("aws_lambda_permission") if module_and_key(one)[0] == home]
    changes: list[Change] = []
    for site in all_call_sites(stack):
        target = site.target
        if not isinstance(target, Target) or target.function is not function or is_set(site.credentials):
            continue
        api = site.api
        if isinstance(api, Unknown) or not is_null(target.qualifier):
            raise NotSafe("it is called with a qualifier, or it is undecided by which API")
        if any(allows(stack, one, api, target, authorizer=site.authorizer) is True for one in others):
            continue
        suffix = "/authorizers/*" if site.authorizer else "/*/*"
        name = f"{api.name}_{function.name}" + ("_authorizer" if site.authorizer else "")
        name = free_name(stack, "aws_lambda_permission", name, f"{name}_invoke", near=function)
        text = f'''\
resource "aws_lambda_permission" "{name}" {{
{stands.repeated}  action        = "lambda:InvokeFunction"
  function_name = {stands.subject}.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${{{reference(api, "execution_arn", seen_from=function)}}}{suffix}"
}}
'''
        # Beside what calls it: where no other permission is, the function's own file may be about other things.
        place = header_of(others[-1]) if others else header_of(site.resource)
        changes.append(AddBlock(place, text))
    return changes


GOOD = """\
resource "aws_apigatewayv2_api" "shop" {
  name          = "shop"
  protocol_type = "HTTP"
}

resource "aws_lambda_function" "orders" {
  function_name = "orders"
  role          = "arn:aws:iam::123456789012:role/orders"
  image_uri     = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/orders:1"
  package_type  = "Image"
}

resource "aws_apigatewayv2_integration" "orders" {
  api_id                 = aws_apigatewayv2_api.shop.id
  integration_type       = "AWS_PROXY"
  integration_uri        = aws_lambda_function.orders.invoke_arn
  payload_format_version = "2.0"
}
"""

PERMISSION = """
resource "aws_lambda_permission" "shop_orders" {
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.orders.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.shop.execution_arn}/*/*"
}
"""

CONVENTION = Convention(
    id="PERMISSION_EXPLICIT",
    title="Each API is permitted to invoke its functions",
    why="Without an aws_lambda_permission the stack deploys just as well, and every call ends in a 500.",
    fix='Add an aws_lambda_permission: action "lambda:InvokeFunction", principal "apigateway.amazonaws.com", this '
    'function as function_name, source_arn "${<the API>.execution_arn}/*/*".',
    explains=(
        "For every function that an integration of an API calls there is an aws_lambda_permission: action "
        "lambda:InvokeFunction or lambda:*, principal apigateway.amazonaws.com, for that function and that API.",
        "HTTP, WebSocket and REST APIs count, quick create and OpenAPI bodies too.",
        "An integration with an alias or a version needs the permission with the same qualifier, and one without needs "
        "the permission without.",
        "Function and API are matched by reference, by the same literal or by the same expression.",
        "A permission for another API does not count; one without source_arn does, and fails PERMISSION_SCOPE.",
        "An authorizer's function needs one that covers /authorizers/*, which alone does not do for an integration.",
        "A function or an API that is not in the stack: unproven.",
    ),
    subject="API that calls a Lambda function",
    resource_types=("aws_lambda_function", *CALLERS),
    check=check,
    repair=repair,
    good=Example(GOOD + PERMISSION),
    bad=Example(GOOD, fails_at=(("aws_lambda_function.orders", 6),)),
    sources=(
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting-lambda.html",
        "https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html",
    ),
    exemptions=("Integrations that call with a role of their own (credentials_arn), which need no permission.",),
    not_shown=(
        NotShown(
            Surface.PLAN_ALONE,
            "source_arn is made from ..., and how does not show in a plan without its source",
            examples=("good",),
        ),
    ),
    elsewhere=(
        OtherRule(
            "KICS",
            "75ec6890-83af-4bf1-9f16-e83726df0bd0",
            "The action of permissions that are there; one that is missing is not seen.",
        ),
    ),
)
