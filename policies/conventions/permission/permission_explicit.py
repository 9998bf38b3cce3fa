"""PERMISSION_EXPLICIT"""

from __future__ import annotations

from collections.abc import Iterator

from ...convention import Convention, Example, Related, Result, Verdict, failed, not_applicable, passed, unproven
from ...stack import Resource, Stack
from ...values import Known, Unknown, Value, describe, is_null, same
from ...wiring import Target, api_of, integrations, lets_gateway_in, permitted, source_arn_of


def check(stack: Stack) -> Iterator[Result]:
    pairs: dict[tuple[str, str], list[Result]] = {}
    for integration, target in integrations(stack):
        api = api_of(stack, integration)
        result = _judge(stack, integration, api, target)
        named = api.address if isinstance(api, Resource) else ""
        pairs.setdefault((result.address or "", named), []).append(result)
    for results in pairs.values():
        yield max(results, key=lambda result: _SEVERITY.index(result.verdict))
    for api in stack.of_type("aws_apigatewayv2_api", "aws_api_gateway_rest_api"):
        if not is_null(api.get("body")):
            yield unproven(api, "the integrations in this API's OpenAPI body are not judged", at="body")


_SEVERITY = (Verdict.NOT_APPLICABLE, Verdict.PASS, Verdict.UNPROVEN, Verdict.FAIL)


def _judge(stack: Stack, integration: Resource, api: Resource | Unknown, target: Target | Unknown) -> Result:
    if isinstance(target, Unknown):
        return unproven(integration, "which function this calls is undecided", target)
    if not is_null(integration.get("credentials_arn")):
        message = f"{integration.address} calls it with a role of its own (credentials_arn)"
        return not_applicable(target.function, message)
    if isinstance(api, Unknown):
        return unproven(target.function, f"which API calls this through {integration.address} is undecided", api)

    doubts: list[Unknown] = []
    near: list[Related] = []
    for permission in stack.of_type("aws_lambda_permission"):
        allows = _allows(stack, permission, api, target)
        if allows is True:
            doubt = permission.exists_with(integration, target.function)
            if doubt is None:
                return passed(target.function, f"{permission.address} lets {api.address} invoke it")
            doubts.append(doubt)
        elif isinstance(allows, Unknown):
            doubts.append(Unknown(f"{permission.address}: {allows.reason}", allows.location))
        elif allows:
            near.append(Related(f"{permission.address} {allows}", permission.location))
    missing = doubts[0] if doubts else stack.incomplete()
    if missing is not None:
        return unproven(target.function, f"whether {api.address} may invoke it is undecided", missing)
    called = f" ({describe(target.qualifier)})" if not is_null(target.qualifier) else ""
    message = f"no aws_lambda_permission lets {api.address} invoke it{called}: every call through it ends in a 500"
    if near:
        message += f"; {near[0].message}"
    return failed(target.function, message, related=[Related("the integration", integration.location), *near])


def _allows(stack: Stack, permission: Resource, api: Resource, target: Target) -> bool | str | Unknown:
    """True, why not (empty where it is about something else), or why that is undecided."""
    found = permitted(stack, permission)
    if isinstance(found, Target) and found.function is not target.function:
        return ""
    gateway = lets_gateway_in(stack, permission)
    if gateway is False:
        return "" if isinstance(found, Unknown) else _why_not_gateway(stack, permission)
    for part in (found, gateway):
        if isinstance(part, Unknown):
            return part
    assert isinstance(found, Target)
    qualified = _same_qualifier(found.qualifier, target.qualifier)
    if qualified is False:
        return f"is for {_named(found.qualifier)}, and the integration calls {_named(target.qualifier)}"
    source = source_arn_of(stack, permission)
    if isinstance(source, Unknown):
        return source
    covers = True if source is None else source.may_mean(api)
    if covers is False:
        other = source.api.address if source is not None and source.api is not None else "another source"
        return f"is for {other}"
    if isinstance(covers, Unknown):
        return covers
    if qualified is None:
        reason = f"whether qualifier {describe(found.qualifier)} is {describe(target.qualifier)} shows only at apply"
        return Unknown(reason, permission.position("qualifier"))
    return True


def _why_not_gateway(stack: Stack, permission: Resource) -> str:
    principal = stack.resolve(permission.get("principal"))
    if principal != Known("apigateway.amazonaws.com"):
        return f"is for the principal {describe(principal)}"
    return f"allows the action {describe(stack.resolve(permission.get('action')))}"


def _same_qualifier(left: Value, right: Value) -> bool | None:
    if is_null(left) != is_null(right):
        return False
    return same(left, right)


def _named(qualifier: Value) -> str:
    return "the function without qualifier" if is_null(qualifier) else f"the qualifier {describe(qualifier)}"


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
    fix='Add an aws_lambda_permission: action "lambda:InvokeFunction", principal "apigateway.amazonaws.com", function_name of '
    'this function, source_arn "${<the API>.execution_arn}/*/*".',
    explains=(
        "For every function that an API's integration targets there is an aws_lambda_permission: action "
        "lambda:InvokeFunction or lambda:*, principal apigateway.amazonaws.com, for that function and that API.",
        "An integration with an alias or a version needs the permission with the same qualifier, and one without needs "
        "the permission without.",
        "Function and API are matched by reference, by the same literal or by the same expression.",
        "A permission for another API does not count; one without source_arn does, and fails PERMISSION_SCOPE.",
        "An integration with credentials_arn needs none.",
        "A function or an API that is not in the stack: unproven.",
    ),
    check=check,
    subject="integration that calls a Lambda function",
    resource_types=("aws_lambda_function", "aws_apigatewayv2_integration", "aws_apigatewayv2_api", "aws_api_gateway_rest_api"),
    good=Example(GOOD + PERMISSION),
    bad=Example(GOOD, fails_at=(("aws_lambda_function.orders", 6),)),
    sources=(
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting-lambda.html",
        "https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html",
    ),
)
