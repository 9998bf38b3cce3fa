"""What AWS tells, in Terraform's words."""

from typing import Any

import pytest

from routeproof.catalogue import catalogue
from routeproof.evaluate import judge
from routeproof.sources.aws.account import Options
from routeproof.stack import Resource, Stack
from routeproof.values import NULL, Known, ListValue, ObjectValue, Reference, Unknown, Value, template

from .made_up import API, FUNCTION, PLACE, ROLE, function, invocation, live, policy, shop, statement

EXECUTION_ARN = "arn:aws:execute-api:eu-west-1:123456789012:shop1"


def one(stack: Stack, kind: str) -> Resource:
    (found,) = stack.of_type(kind)
    return found


def verdicts(stack: Stack, name: str) -> dict[str | None, tuple[str, str]]:
    return {r.address: (r.verdict.value, r.message) for r in judge(stack, catalogue()[name])}


def with_function(**members: Any) -> Resource:
    return one(live(shop() | {"ListFunctions": {"Functions": [function(**members)]}}), "aws_lambda_function")


def with_statements(*statements: dict[str, Any], **answers: Any) -> Stack:
    given = shop()["GetPolicy"]
    return live(shop() | {"GetPolicy": lambda p: policy(*statements) if "FunctionName" in p else given(p)} | answers)


def with_part(operation: str, **members: Any) -> Stack:
    """The shop with other members of its only route, integration or stage."""
    (part,) = shop()[operation]["Items"]
    return live(shop() | {operation: {"Items": [part | members]}})


def test_a_function():
    found = one(live(shop()), "aws_lambda_function")
    assert (found.address, found.location) == (FUNCTION, None)
    hidden = ("filename", "source_code_hash")
    assert {name: item for name, item in found.attributes.items() if name not in hidden} == {
        "function_name": Known("orders"),
        "role": Reference(ROLE, "arn"),
        "handler": Known("index.handler"),
        "runtime": Known("nodejs22.x"),
        "package_type": Known("Zip"),
        "architectures": ListValue((Known("arm64"),)),
        "memory_size": Known(256),
        "timeout": Known(10),
        "logging_config": ListValue((ObjectValue({"log_group": Known("/aws/lambda/orders")}),)),
    }
    assert {isinstance(found.get(name), Unknown) for name in hidden} == {True}
    assert found.computed["source_code_hash"] == Known("c2hhMjU2")


def test_an_image_has_no_package():
    found = with_function(PackageType="Image", Runtime=None, Handler=None)
    assert {name: found.get(name) for name in ("runtime", "handler", "filename", "source_code_hash")} == dict.fromkeys(
        ("runtime", "handler", "filename", "source_code_hash"), NULL
    )


@pytest.mark.parametrize(
    ("member", "attribute", "default"), [("MemorySize", "memory_size", 128), ("Timeout", "timeout", 3)]
)
def test_a_default_may_have_been_stated(member: str, attribute: str, default: int):
    found = with_function(**{member: default})
    assert isinstance(found.get(attribute), Unknown)
    assert found.in_effect(attribute) == Known(default)
    assert with_function(**{member: default + 1}).get(attribute) == Known(default + 1)


def test_the_default_timeout_counts_for_the_chain():
    (integration,) = shop()["GetIntegrations"]["Items"]
    answers = {
        "ListFunctions": {"Functions": [function(Timeout=3)]},
        "GetIntegrations": {"Items": [integration | {"TimeoutInMillis": 2000}]},
    }
    verdict, message = verdicts(live(shop() | answers), "TIMEOUT_CHAIN")[f"{API}/integrations/int1"]
    assert (verdict, message) == ("fail", f"{FUNCTION} may take 3 s, and the API answers 503 after 2 s")


def test_a_permission():
    found = one(live(shop()), "aws_lambda_permission")
    assert found.address == f"{FUNCTION}/policy/shop"
    assert found.attributes == {
        "function_name": Reference(FUNCTION, "function_name"),
        "statement_id": Known("shop"),
        "action": Known("lambda:InvokeFunction"),
        "principal": Known("apigateway.amazonaws.com"),
        "source_arn": template([Reference(API, "execution_arn"), Known("/*/*")]),
    }


@pytest.mark.parametrize(
    ("members", "attribute", "expected"),
    [
        (
            {"Principal": {"AWS": "arn:aws:iam::123456789012:root"}},
            "principal",
            Known("arn:aws:iam::123456789012:root"),
        ),
        ({"Principal": "*"}, "principal", Known("*")),
        ({"Action": ["lambda:InvokeFunction"]}, "action", Known("lambda:InvokeFunction")),
        ({"Condition": {}}, "source_arn", NULL),
        ({"Condition": {"ArnLike": {"AWS:SourceArn": "arn:aws:s3:::b"}}}, "source_arn", Known("arn:aws:s3:::b")),
        (
            {"Condition": {"ArnLike": {"AWS:SourceArn": f"{EXECUTION_ARN}/prod/GET/x"}}},
            "source_arn",
            template([Reference(API, "execution_arn"), Known("/prod/GET/x")]),
        ),
        ({"Condition": {"StringEquals": {"AWS:SourceAccount": "123456789012"}}}, "source_arn", NULL),
    ],
)
def test_a_statement(members: dict[str, Any], attribute: str, expected: Value):
    assert one(with_statements(statement(**members)), "aws_lambda_permission").get(attribute) == expected


@pytest.mark.parametrize(
    ("statements", "reason"),
    [
        (
            [statement(Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}})],
            "the condition StringEquals aws:PrincipalOrgID",
        ),
        ([statement(Condition={"ArnLike": {"AWS:SourceArn": ["a", "b"]}})], "the condition ArnLike AWS:SourceArn"),
        ([statement(), statement(Sid="no", Effect="Deny")], "the policy has a Deny"),
        (
            [statement(Action=["lambda:InvokeFunction", "lambda:GetFunction"])],
            "not of the kind that AddPermission makes",
        ),
        ([statement(Principal={"Service": ["a.amazonaws.com", "apigateway.amazonaws.com"]})], "not of the kind"),
    ],
)
def test_what_a_statement_may_mean_is_not_guessed(statements: list[dict[str, Any]], reason: str):
    verdict, message = verdicts(with_statements(*statements), "PERMISSION_EXPLICIT")[FUNCTION]
    assert (verdict, reason in message) == ("unproven", True)


def test_a_statement_for_an_api_that_is_gone():
    other = {"Condition": {"ArnLike": {"AWS:SourceArn": f"{EXECUTION_ARN[:-5]}gone1/*/*"}}}
    stack = with_statements(statement(), statement(Sid="old", **other))
    verdict, message = verdicts(stack, "PERMISSION_SCOPE")[f"{FUNCTION}/policy/old"]
    assert (verdict, "not made from the execution_arn of an API in this stack" in message) == ("fail", True)


def test_a_statement_for_an_api_that_may_not_be_listed():
    """It may be a REST API."""
    other = {"Condition": {"ArnLike": {"AWS:SourceArn": f"{EXECUTION_ARN[:-5]}rest1/*/*"}}}
    stack = with_statements(statement(), statement(Sid="rest", **other), GetRestApis="AccessDeniedException")
    verdict, message = verdicts(stack, "PERMISSION_SCOPE")[f"{FUNCTION}/policy/rest"]
    assert (verdict, "AWS denies apigateway:GET" in message) == ("unproven", True)


def test_an_integration_of_a_version_needs_the_permission_of_the_version():
    stack = with_part("GetIntegrations", IntegrationUri=invocation(f"{FUNCTION}:7"))
    found = [permission.get("qualifier") for permission in stack.of_type("aws_lambda_permission")]
    # The answer is the same for the function and for its version; only the version's own statements count for it.
    assert found == [NULL]
    verdict, message = verdicts(stack, "PERMISSION_EXPLICIT")[FUNCTION]
    assert (verdict, 'qualifier "7"' in message) == ("fail", True)


def test_an_integration_of_another_account():
    """A function of the same name there is another one."""
    other = FUNCTION.replace("123456789012", "210987654321")
    stack = with_part("GetIntegrations", IntegrationUri=invocation(other))
    verdict, message = verdicts(stack, "ROUTE_TARGET")[f"{API}/routes/route1"]
    assert (verdict, f"there is no function {other} in aws:123456789012:eu-west-1" in message) == ("unproven", True)


def test_a_function_behind_a_stage_variable():
    uri = invocation("arn:aws:lambda:eu-west-1:123456789012:function:${stageVariables.name}")
    verdict, message = verdicts(with_part("GetIntegrations", IntegrationUri=uri), "ROUTE_TARGET")[
        f"{API}/routes/route1"
    ]
    assert (verdict, "names a function by a stage variable" in message) == ("unproven", True)


def test_an_integration_with_a_role_of_its_own():
    stack = with_part("GetIntegrations", CredentialsArn="arn:aws:iam::123456789012:role/caller")
    assert verdicts(stack, "PERMISSION_EXPLICIT")[FUNCTION][0] == "not_applicable"


def test_a_route_to_an_integration_that_is_gone():
    verdict, message = verdicts(with_part("GetRoutes", Target="integrations/gone1"), "ROUTE_TARGET")[
        f"{API}/routes/route1"
    ]
    assert (verdict, '"integrations/gone1", which names no integration' in message) == ("unproven", True)


def test_a_route_that_leads_nowhere():
    assert verdicts(with_part("GetRoutes", Target=None), "ROUTE_TARGET")[f"{API}/routes/route1"][0] == "fail"


@pytest.mark.parametrize(
    ("members", "verdict"), [({"AutoDeploy": False}, "fail"), ({"AutoDeploy": False, "DeploymentId": "d1"}, "pass")]
)
def test_a_stage_that_is_deployed_by_hand(members: dict[str, Any], verdict: str):
    assert verdicts(with_part("GetStages", **members), "DEFAULT_STAGE")[API][0] == verdict


def test_a_stage_without_access_logs():
    assert verdicts(with_part("GetStages", AccessLogSettings={}), "ACCESS_LOGS")[f"{API}/stages/$default"][0] == "fail"


def test_cors():
    cors = {"AllowOrigins": ["*"], "AllowCredentials": True, "MaxAge": 300}
    answers = {"GetApis": {"Items": [{**shop()["GetApis"]["Items"][0], "CorsConfiguration": cors}]}}
    found = one(live(shop() | answers), "aws_apigatewayv2_api").get("cors_configuration")
    fields = {"allow_credentials": Known(True), "allow_origins": ListValue((Known("*"),)), "max_age": Known(300)}
    assert found == ListValue((ObjectValue(fields),))
    assert verdicts(live(shop() | answers), "CORS")[API][0] == "fail"


def test_quick_create_is_the_api_itself():
    """As in the source: what AWS made for `target` is no integration, no route and no stage."""
    answers = {
        operation: {"Items": [{**shop()[operation]["Items"][0], "ApiGatewayManaged": True, **more}]}
        for operation, more in (
            ("GetIntegrations", {}),
            ("GetRoutes", {"RouteKey": "$default"}),
            ("GetStages", {"AccessLogSettings": None}),
        )
    }
    stack = live(shop() | answers)
    api = one(stack, "aws_apigatewayv2_api")
    assert (api.get("target"), api.get("route_key")) == (Reference(FUNCTION, "invoke_arn"), Known("$default"))
    assert [r.type for r in stack.resources if r.address.startswith(f"{API}/")] == []
    assert verdicts(stack, "DEFAULT_STAGE")[API][0] == "pass"
    assert verdicts(stack, "ACCESS_LOGS")[API][0] == "fail"
    assert verdicts(stack, "PERMISSION_EXPLICIT")[FUNCTION][0] == "pass"


def test_an_authorizer_and_its_permission():
    answers = {
        "GetAuthorizers": {
            "Items": [{"AuthorizerId": "auth1", "AuthorizerType": "REQUEST", "AuthorizerUri": invocation()}]
        },
        "GetRoutes": {"Items": [{**shop()["GetRoutes"]["Items"][0], "AuthorizerId": "auth1"}]},
    }
    stack = live(shop() | answers)
    assert one(stack, "aws_apigatewayv2_route").get("authorizer_id") == Reference(f"{API}/authorizers/auth1", "id")
    assert verdicts(stack, "PERMISSION_EXPLICIT")[FUNCTION][0] == "pass"
    only = {"Condition": {"ArnLike": {"AWS:SourceArn": f"{EXECUTION_ARN}/authorizers/auth1"}}}
    stack = with_statements(statement(**only), **answers)
    found = [r for r in judge(stack, catalogue()["PERMISSION_EXPLICIT"]) if r.address == FUNCTION]
    assert sorted(r.verdict.value for r in found) == ["fail", "pass"]  # the integration's calls are not let in


def test_a_websocket_api():
    answers = {"GetApis": {"Items": [{**shop()["GetApis"]["Items"][0], "ProtocolType": "WEBSOCKET"}]}}
    assert verdicts(live(shop() | answers), "HTTP_API")[API][0] == "not_applicable"


@pytest.mark.parametrize(("region", "verdict"), [("us-east-1", "not_applicable"), ("eu-west-1", "fail")])
def test_a_function_at_the_edge(region: str, verdict: str):
    """CloudFront is asked where such functions are, and only there."""
    from dataclasses import replace

    place = replace(PLACE, region=region)
    arn = place.function("orders")
    item = {
        "ARN": "arn:aws:cloudfront::123456789012:distribution/E1",
        "DefaultCacheBehavior": {"LambdaFunctionAssociations": {"Items": [{"LambdaFunctionARN": f"{arn}:3"}]}},
    }
    answers = {
        "ListFunctions": {"Functions": [function(FunctionArn=arn, Architectures=["x86_64"])]},
        "ListDistributions": {"DistributionList": {"Items": [item]}},
    }
    assert verdicts(live(shop() | answers, place=place), "LAMBDA_ARM64")[arn][0] == verdict


def test_distributions_that_are_denied_leave_the_architecture_undecided():
    from dataclasses import replace

    place = replace(PLACE, region="us-east-1")
    arn = place.function("orders")
    answers = {
        "ListFunctions": {"Functions": [function(FunctionArn=arn, Architectures=["x86_64"])]},
        "ListDistributions": "AccessDenied",
    }
    verdict, message = verdicts(live(shop() | answers, place=place), "LAMBDA_ARM64")[arn]
    assert (verdict, "AWS denies cloudfront:ListDistributions" in message) == ("unproven", True)


def test_a_log_group_of_class_delivery():
    groups = [*shop()["DescribeLogGroups"]["logGroups"], {"logGroupName": "d", "logGroupClass": "DELIVERY"}]
    stack = live(shop() | {"DescribeLogGroups": {"logGroups": groups}})
    address = "arn:aws:logs:eu-west-1:123456789012:log-group:d"
    assert verdicts(stack, "LOG_RETENTION")[address][0] == "not_applicable"


def test_a_log_group_that_never_expires():
    groups = [{"logGroupName": "/aws/lambda/orders"}]
    stack = live(shop() | {"DescribeLogGroups": {"logGroups": groups}})
    address = "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/orders"
    assert verdicts(stack, "LOG_RETENTION")[address] == (
        "fail",
        "retention_in_days is not set, so the events never expire",
    )


def test_a_role_that_may_do_everything():
    wide = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}'
    for operation, answer, name in (
        ("GetRolePolicy", {"PolicyDocument": wide}, "arn:aws:iam::123456789012:role/orders/policy/inline"),
        ("GetPolicyVersion", {"PolicyVersion": {"Document": wide}}, "arn:aws:iam::123456789012:policy/own"),
    ):
        verdict, message = verdicts(live(shop() | {operation: answer}), "LAMBDA_ROLE")[FUNCTION]
        assert (verdict, message) == ("fail", f"{ROLE} is allowed s3:* on * by {name}")


def test_narrowed_to_an_api_the_statements_of_others_are_left_out():
    other = {"Condition": {"ArnLike": {"AWS:SourceArn": f"{EXECUTION_ARN[:-5]}other/*/*"}}}
    everyone = {"Condition": {}}
    given = shop()["GetPolicy"]
    statements = policy(statement(), statement(Sid="other", **other), statement(Sid="everyone", **everyone))
    answers = shop() | {"GetPolicy": lambda p: statements if "FunctionName" in p else given(p)}
    found = live(answers, Options(api="shop")).of_type("aws_lambda_permission")
    assert [str(permission.get("statement_id").value) for permission in found] == ["shop", "everyone"]
