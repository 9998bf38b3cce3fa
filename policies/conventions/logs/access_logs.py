"""ACCESS_LOGS"""

from __future__ import annotations

from collections.abc import Sequence

from ...access_log_format import judge_format
from ...changes import AddBlock, AddNestedBlock, Change, NotSafe, free_name, header_of, module_and_key, reference
from ...convention import Convention, Example, OtherRule, Result, Verdict, failed, is_set, passed, undecided, unproven
from ...stack import Resource, Stack
from ...values import (
    NULL,
    Call,
    Known,
    ListValue,
    ObjectValue,
    Reference,
    Template,
    Unknown,
    Value,
    describe,
    first_unknown,
    is_null,
    same,
    template,
)
from ...wiring import HTTP_API, api_of

_STAGE = "aws_apigatewayv2_stage"
_GROUP = "aws_cloudwatch_log_group"
_AT = "access_log_settings"
_DESTINATION = f"{_AT}.destination_arn"
_FORMAT = f"{_AT}.format"


def check(stack: Stack, resource: Resource) -> Result | tuple[()]:
    return _judge_quick_create(stack, resource) if resource.type == HTTP_API else _judge_stage(stack, resource)


def _judge_stage(stack: Stack, stage: Resource) -> Result | tuple[()]:
    api = api_of(stack, stage)
    protocol = api if isinstance(api, Unknown) else stack.resolve(api.get("protocol_type"))
    if protocol == Known("WEBSOCKET"):
        return ()
    result = _judge_settings(stack, stage)
    if result.verdict is Verdict.FAIL and not isinstance(protocol, Known):
        missing = undecided("protocol_type", protocol)
        return unproven(stage, "whether this is a stage of an HTTP API is undecided", missing, at="api_id")
    return result


def _judge_settings(stack: Stack, stage: Resource) -> Result:
    settings = stage.get(_AT)
    if is_null(settings):
        return failed(stage, "access_log_settings is not set: nobody can tell who called the API")
    if isinstance(settings, ListValue) and not settings.items:
        return failed(stage, "access_log_settings is a dynamic block over nothing, and sets nothing", at=_AT)
    block = settings.items[0] if isinstance(settings, ListValue) else settings
    if not isinstance(block, ObjectValue):
        return unproven(stage, "whether there are access logs is undecided", undecided(_AT, block), at=_AT)

    group = _destination(stack, block.fields.get("destination_arn", NULL))
    if isinstance(group, str):
        return failed(stage, group, at=_DESTINATION)
    problem = judge_format(stack.resolve(block.fields.get("format", NULL)))
    if isinstance(problem, str):
        return failed(stage, problem, at=_FORMAT)
    if isinstance(group, Unknown):
        return unproven(stage, "where the access logs go is undecided", group, at=_DESTINATION)
    if isinstance(problem, Unknown):
        return unproven(stage, "what the access logs say is undecided", problem, at=_FORMAT)
    where = group.address if group is not None else describe(block.fields["destination_arn"])
    return passed(stage, f"one line of JSON for each request, to {where}", at=_AT)


def log_group_of(stack: Stack, stage: Resource) -> Resource | None:
    """The log group of this stack that a stage's access logs go to; None where there is none, or it is elsewhere."""
    settings = stage.get(_AT)
    block = settings.items[0] if isinstance(settings, ListValue) and settings.items else settings
    if not isinstance(block, ObjectValue):
        return None
    group = _destination(stack, block.fields.get("destination_arn", NULL))
    return group if isinstance(group, Resource) else None


def _destination(stack: Stack, written: Value) -> Resource | Unknown | str | None:
    """The log group of this stack that an ARN names, None for one elsewhere; a text says what is wrong with it."""
    if is_null(written):
        return "destination_arn is not set"
    arn = _without_star(stack.resolve(written))
    source = stack.by_address.get(arn.address) if isinstance(arn, Reference) else None
    if source is not None and isinstance(arn, Reference):
        if source.type == _GROUP and arn.attribute == "arn":
            return source if source.managed else _elsewhere(stack, arn)
        if source.type == _GROUP or (source.managed and arn.attribute == "arn"):
            return f"destination_arn is {arn}, which is not the ARN of a log group"
    name = _group_name(arn)
    if isinstance(name, Unknown):
        return name
    if name is None:
        return f"destination_arn is {describe(arn)}, which is not the ARN of a log group"
    doubt: Unknown | None = None
    for group in stack.candidates(_GROUP, "name", name):
        group_name = stack.resolve(group.get("name"))
        equal = same(group_name, name)
        if equal:
            return group
        if equal is None:
            reason = f"whether {describe(name)} is the name of {group.address} shows only at apply"
            doubt = doubt or first_unknown(group_name) or Unknown(reason, written.location)
    return doubt or _elsewhere(stack, arn)


def _without_star(arn: Value) -> Value:
    """The ARN without `:*` at its end, which API Gateway does not mind and the provider takes away."""
    if isinstance(arn, Call) and arn.function in ("trimsuffix", "replace") and arn.arguments[1] == Known(":*"):
        return arn.arguments[0]
    if isinstance(arn, Known) and isinstance(arn.value, str):
        return Known(arn.value.removesuffix(":*"), arn.location)
    if isinstance(arn, Template) and isinstance(arn.parts[-1], Known):
        last = str(arn.parts[-1].value).removesuffix(":*")
        return template([*arn.parts[:-1], Known(last)], arn.location)
    return arn


def _group_name(arn: Value) -> Value | Unknown | None:
    """The log group's name in `arn:aws:logs:REGION:ACCOUNT:log-group:NAME`; None where it is another ARN, or none."""
    parts = arn.parts if isinstance(arn, Template) else (arn,)
    for index, part in enumerate(parts):
        if isinstance(part, Known) and ":log-group:" in str(part.value):
            before, _, name = str(part.value).partition(":log-group:")
            is_logs = index > 0 or before.split(":")[2:3] == ["logs"]
            return template([Known(name), *parts[index + 1 :]]) if is_logs else None
    return None if isinstance(arn, Known) else undecided("destination_arn", arn)


def _elsewhere(stack: Stack, arn: Value) -> str | None:
    """What is wrong with a log group that is not of this stack: nothing where the stack has none for the purpose."""
    for group in stack.of_type(_GROUP):
        name = stack.resolve(group.get("name"))
        first = name.parts[0] if isinstance(name, Template) else name
        if not (isinstance(first, Known) and str(first.value).startswith("/aws/lambda/")):
            return f"destination_arn is {describe(arn)}, not a log group of this stack, such as {group.address}"
    return None


def _judge_quick_create(stack: Stack, api: Resource) -> Result | tuple[()]:
    """With `target` AWS makes a stage $default, which has no access logs."""
    target = stack.resolve(api.get("target"))
    if is_set(target) is False or stack.resolve(api.get("protocol_type")) == Known("WEBSOCKET"):
        return ()
    doubt = stack.incomplete() if is_set(target) else undecided("target", target)
    for stage in stack.of_type(_STAGE):
        owner = api_of(stack, stage)
        if owner is not api and isinstance(owner, Resource):
            continue
        is_default = same(stack.resolve(stage.get("name")), Known("$default"))
        if is_default and owner is api:
            return ()
        if is_default is not False:
            missing = owner if isinstance(owner, Unknown) else undecided("name", stack.resolve(stage.get("name")))
            doubt = doubt or Unknown(f"{stage.address} may be it: {missing.reason}", missing.location)
    if doubt is not None:
        message = "whether AWS makes a stage without access logs for target is undecided"
        return unproven(api, message, doubt, at="target")
    return failed(api, "the stage $default that AWS makes for target has no access logs", at="target")


def repair(stack: Stack, result: Result) -> Sequence[Change]:
    """A log group of its own behind the stage, and the settings where there are none."""
    stage = result.judged
    assert stage is not None
    if stage.type != _STAGE:
        raise NotSafe("AWS makes the stage; declare an aws_apigatewayv2_stage first")
    if not is_null(stage.get(_AT)):
        raise NotSafe("there are settings already; the message says what is wrong with them")
    _, key = module_and_key(stage)
    api = api_of(stack, stage)
    if key or isinstance(api, Unknown):
        raise NotSafe("the stage has instances, or its API is undecided")
    name = free_name(stack, _GROUP, f"{stage.name}_access", f"{stage.name}_access_logs", near=stage)
    group = f'''\
resource "aws_cloudwatch_log_group" "{name}" {{
  name              = "/aws/apigateway/${{{reference(api, "name", seen_from=stage)}}}/{stage.name}"
  retention_in_days = 14
}}
'''
    settings = f"access_log_settings {{\n  destination_arn = aws_cloudwatch_log_group.{name}.arn\n{_FIELDS}}}\n"
    return [AddNestedBlock(header_of(stage), settings), AddBlock(header_of(stage), group)]


_FIELDS = """\
  format = jsonencode({
    requestId      = "$context.requestId"
    sourceIp       = "$context.identity.sourceIp"
    requestTime    = "$context.requestTime"
    httpMethod     = "$context.httpMethod"
    routeKey       = "$context.routeKey"
    status         = "$context.status"
    responseLength = "$context.responseLength"
  })
"""


GOOD = """\
resource "aws_apigatewayv2_api" "shop" {
  name          = "shop"
  protocol_type = "HTTP"
}

resource "aws_cloudwatch_log_group" "shop" {
  name              = "/aws/apigw/shop"
  retention_in_days = 30
}

resource "aws_apigatewayv2_stage" "default" {
  api_id      = aws_apigatewayv2_api.shop.id
  name        = "$default"
  auto_deploy = true

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.shop.arn
    format = jsonencode({
      requestId      = "$context.requestId"
      sourceIp       = "$context.identity.sourceIp"
      requestTime    = "$context.requestTime"
      httpMethod     = "$context.httpMethod"
      routeKey       = "$context.routeKey"
      status         = "$context.status"
      responseLength = "$context.responseLength"
    })
  }
}
"""

CONVENTION = Convention(
    id="ACCESS_LOGS",
    title="Every request is logged, in JSON",
    why="Without access logs nobody can tell who called, what failed, or that anybody called at all: what an API "
    "answers itself never reaches a function's log. A variable that HTTP APIs do not know is logged as a hyphen.",
    fix="Add access_log_settings with the ARN of a log group and a jsonencode()d format that has requestId, "
    "identity.sourceIp, requestTime, httpMethod, routeKey, status and responseLength of $context.",
    explains=(
        "Every stage of an HTTP API has access_log_settings; a dynamic block over nothing is none.",
        "destination_arn is a log group's, and one of this stack where it declares one that is no function's.",
        "format is JSON in one line, with at least the variables requestId, identity.sourceIp, requestTime, "
        "httpMethod, routeKey, status and responseLength of $context, under whatever keys.",
        "It has no $context variable that HTTP APIs do not know.",
        "A quick-create API (target on the API itself) fails at the API: AWS makes its stage $default without access "
        "logs. With a stage resource of that name it is the stage that is judged.",
    ),
    subject="aws_apigatewayv2_stage of an HTTP API",
    resource_types=(_STAGE, HTTP_API),
    check=check,
    repair=repair,
    good=Example(GOOD),
    bad=Example(
        GOOD.replace("$context.routeKey", "$context.resourcePath"),
        fails_at=(("aws_apigatewayv2_stage.default", 18),),
    ),
    sources=(
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging.html",
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html",
    ),
    exemptions=("Stages of WebSocket APIs.",),
    elsewhere=(
        OtherRule("Checkov", "CKV_AWS_76", "Any destination_arn will do; the format is not looked at."),
        OtherRule("Trivy", "AVD-AWS-0001", "Any access_log_settings with a destination will do."),
        OtherRule(
            "serverless-rules (tflint)",
            "aws_apigatewayv2_stage_logging_rule",
            "Asks for a resource type that the provider does not have, so that it reports nothing.",
        ),
        OtherRule(
            "serverless-rules (tflint)",
            "aws_apigatewayv2_stage_structured_logging",
            "The format is JSON; which variables it has is not looked at.",
        ),
        OtherRule(
            "KICS",
            "1b6799eb-4a7a-4b04-9001-8cceb9999326",
            "Demands execution logs too, which HTTP APIs do not have. See docs/other-tools.md.",
        ),
        OtherRule("AWS Security Hub", "APIGateway.9", "access_log_settings is there, on what is deployed."),
    ),
)
