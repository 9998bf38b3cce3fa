"""DEFAULT_STAGE"""

from __future__ import annotations

from ...convention import (
    Convention,
    Example,
    Related,
    Result,
    failed,
    is_set,
    not_applicable,
    passed,
    undecided,
    unproven,
)
from ...routing import is_deployed, stages_of
from ...stack import Resource, Stack
from ...values import Known, Unknown


def check(stack: Stack, api: Resource) -> Result:
    protocol = stack.resolve(api.get("protocol_type"))
    if protocol == Known("WEBSOCKET"):
        return not_applicable(api, "a WebSocket API", at="protocol_type")
    if not isinstance(protocol, Known):
        missing = undecided("protocol_type", protocol)
        return unproven(api, "whether this is an HTTP API is undecided", missing, at="protocol_type")
    stages, doubt = stages_of(stack, api)
    deployed = {stage.address: is_deployed(stack, stage) for stage in stages}
    for stage in stages:
        if deployed[stage.address] is False:
            message = f"{stage.address} has neither auto_deploy = true nor a deployment_id: it never serves a change"
            return failed(api, message, related=[Related("the stage", stage.location)])
    for address, why in deployed.items():
        if isinstance(why, Unknown):
            return unproven(api, f"whether {address} is ever deployed is undecided", why)
    target = stack.resolve(api.get("target"))
    if is_set(target):
        return passed(api, "a quick-create API, whose stage $default is made and deployed by AWS", at="target")
    certain = [stage.address for stage in stages if stage.exists_with(api) is None]
    if certain:
        return passed(api, f"served by {' and '.join(certain)}")
    missing = stages[0].exists_with(api) if stages else doubt
    if missing is None and is_set(target) is None:
        missing = undecided("target", target)
    if missing is not None:
        return unproven(api, "whether it has a stage is undecided", missing)
    return failed(api, "no aws_apigatewayv2_stage: the API is deployed nowhere, and every call ends in a 404")


GOOD = """\
resource "aws_apigatewayv2_api" "shop" {
  name          = "shop"
  protocol_type = "HTTP"
}

resource "aws_apigatewayv2_stage" "default" {
  api_id      = aws_apigatewayv2_api.shop.id
  name        = "$default"
  auto_deploy = true
}
"""

CONVENTION = Convention(
    id="DEFAULT_STAGE",
    title="APIs are deployed to a stage",
    why="An API without a stage answers 404 to everything; a stage that is not deployed again goes on serving the old "
    "routes.",
    fix='Add an aws_apigatewayv2_stage with name = "$default" and auto_deploy = true.',
    explains=(
        "An HTTP API has a stage, and each of its stages has auto_deploy = true or a deployment_id.",
        "A quick-create API (target on the API itself) passes: AWS makes its $default stage.",
    ),
    subject="aws_apigatewayv2_api",
    resource_types=("aws_apigatewayv2_api",),
    check=check,
    good=Example(GOOD),
    bad=Example(
        GOOD.replace("auto_deploy = true", "auto_deploy = false"), fails_at=(("aws_apigatewayv2_api.shop", 1),)
    ),
    sources=("https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-stages.html",),
    exemptions=("WebSocket APIs.",),
)
