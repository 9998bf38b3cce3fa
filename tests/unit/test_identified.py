"""Literal ids and ARNs of what exists already, as a plan or an account knows it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from routeproof.catalogue import catalogue
from routeproof.evaluate import judge
from routeproof.route_permission import may_call
from routeproof.routing import integration_of
from routeproof.stack import Resource, Stack
from routeproof.values import Known, Reference, Unknown
from routeproof.wiring import Target, all_call_sites, api_of

ARN = "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5"
OTHER = "arn:aws:execute-api:eu-west-1:123456789012:z9z9z9z9z9"
PERMISSION = "aws_lambda_permission.shop"


def resource(address: str, computed: dict[str, str] | None = None, **attributes: str | Reference) -> Resource:
    kind, name = address.split(".")
    values = {key: Known(value) if isinstance(value, str) else value for key, value in attributes.items()}
    return Resource(address, kind, name, values, computed={k: Known(v) for k, v in (computed or {}).items()})


def stack(source_arn: str, *, exists: bool = True) -> Stack:
    api = {"id": "a1b2c3d4e5", "execution_arn": ARN} if exists else None
    return Stack(
        ".",
        (
            resource("aws_apigatewayv2_api.shop", api, protocol_type="HTTP"),
            resource("aws_lambda_function.orders", function_name="orders"),
            resource(
                "aws_apigatewayv2_integration.orders",
                {"id": "f6g7h8i"} if exists else None,
                api_id="a1b2c3d4e5" if exists else Reference("aws_apigatewayv2_api.shop", "id"),
                integration_type="AWS_PROXY",
                integration_uri="arn:aws:lambda:eu-west-1:123456789012:function:orders",
            ),
            resource("aws_apigatewayv2_route.orders", api_id="a1b2c3d4e5", target="integrations/f6g7h8i"),
            resource(
                PERMISSION,
                action="lambda:InvokeFunction",
                principal="apigateway.amazonaws.com",
                function_name="orders",
                source_arn=source_arn,
            ),
        ),
    )


def verdict(found: Stack, convention: str) -> tuple[str, str]:
    (result,) = judge(found, catalogue()[convention])
    return result.verdict.value, result.message


def test_an_api_by_its_id() -> None:
    found = stack(f"{ARN}/*/*")
    assert api_of(found, found.by_address["aws_apigatewayv2_integration.orders"]) is found.resources[0]
    strange = resource("aws_apigatewayv2_stage.x", api_id="z9z9z9z9z9")
    assert isinstance(api_of(found, strange), Unknown)


def test_an_integration_by_its_id() -> None:
    found = stack(f"{ARN}/*/*")
    route = found.by_address["aws_apigatewayv2_route.orders"]
    assert integration_of(found, route) is found.by_address["aws_apigatewayv2_integration.orders"]
    missing = integration_of(found, replace(route, attributes={"target": Known("integrations/gone")}))
    assert isinstance(missing, Unknown)
    assert missing.reason == 'target is "integrations/gone", which names no integration of this stack'


def test_an_api_by_a_literal_source_arn() -> None:
    found = stack(f"{ARN}/*/*")
    assert verdict(found, "PERMISSION_EXPLICIT") == ("pass", f"{PERMISSION} lets aws_apigatewayv2_api.shop invoke it")


def test_a_literal_is_still_not_made_from_the_api() -> None:
    message = f'source_arn is "{ARN}/*/*", not made from the execution_arn of an API in this stack'
    assert verdict(stack(f"{ARN}/*/*"), "PERMISSION_SCOPE") == ("fail", message)


def test_another_api_s_literal_source_arn() -> None:
    verdict_, message = verdict(stack(f"{OTHER}/*/*"), "PERMISSION_EXPLICIT")
    assert verdict_ == "fail"
    assert message.endswith(f"{PERMISSION} has a source_arn that is not of its routes")


@pytest.mark.parametrize(
    ("source_arn", "exists"),
    [(f"{ARN}/*/*", False), (ARN[:-2] + "*/*/*", True), (ARN.replace("eu-west-1", "*") + "/*/*", True)],
)
def test_what_may_be_its_arn_is_undecided(source_arn: str, exists: bool) -> None:
    assert verdict(stack(source_arn, exists=exists), "PERMISSION_EXPLICIT")[0] == "unproven"


@pytest.mark.parametrize(
    ("suffix", "allowed"), [("/*/*", True), ("/$default/GET/orders", True), ("/$default/GET/others", False)]
)
def test_a_route_by_a_literal_source_arn(suffix: str, allowed: bool) -> None:
    found = stack(ARN + suffix)
    stage = resource("aws_apigatewayv2_stage.default", api_id="a1b2c3d4e5", name="$default")
    found = replace(found, resources=(*found.resources, stage))
    (site,) = all_call_sites(found)
    assert isinstance(site.target, Target)
    assert may_call(found, site, site.target, "GET /orders").allowed is allowed
