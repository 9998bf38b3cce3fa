"""`check --aws` on a whole account: what it reads, with which permissions, and what it leaves out."""

import json
import re
from dataclasses import replace

import pytest

from routeproof.catalogue import catalogue
from routeproof.evaluate import judge
from routeproof.sources.aws.account import Options, connect, iam_action
from routeproof.sources.aws.loading import load_account
from routeproof.sources.aws.reading import read
from routeproof.stack import Stack
from tests.e2e.deployment import ROOT
from tests.e2e.laboratory import ECHO, Lab
from tests.e2e.live_command import routeproof
from tests.e2e.local_aws import LocalAws
from tests.e2e.made_by_hand import ALLOWED, TRUST, document


@pytest.fixture(scope="module")
def lab(aws: LocalAws) -> Lab:
    return Lab(aws)


@pytest.fixture
def options(aws: LocalAws) -> Options:
    return Options(region=aws.region, endpoint_url=aws.endpoint_url)


def test_the_documented_policy_allows_what_is_called_and_no_more(aws: LocalAws, lab: Lab, options: Options):
    """Every kind of thing that is read is there; the operations are recorded as botocore makes them."""
    iam, rest = lab.client("iam"), lab.client("apigateway")
    policy = document(ALLOWED)
    role = iam.create_role(RoleName="documented", AssumeRolePolicyDocument=document(TRUST))["Role"]["Arn"]
    iam.put_role_policy(RoleName="documented", PolicyName="inline", PolicyDocument=policy)
    own = iam.create_policy(PolicyName="documented", PolicyDocument=policy)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="documented", PolicyArn=own)
    api = lab.api({"GET /": lab.function(ECHO, Role=role)})
    rest.create_rest_api(name="documented")

    called: dict[str, str] = {}

    def note(model, **_: object) -> None:
        called[iam_action(model.service_model.service_name, model.name)] = model.http["method"]

    for only in (options, replace(options, api=api.id)):
        account = connect(only)
        for client in account.clients.values():
            client.meta.events.register("before-call.*.*", note)
        read(account, only)
    page = (ROOT / "docs" / "live-account.md").read_text()
    (code,) = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    statements = json.loads(code)["Statement"]
    assert {statement["Effect"] for statement in statements} == {"Allow"}
    assert sorted(called) == sorted(action for statement in statements for action in statement["Action"])
    assert called["apigateway:GET"] == "GET"
    assert all(re.match("(Get|List|Describe|GET)", action.partition(":")[2]) for action in called)


def test_what_an_alias_is_called_with_needs_the_permission_of_the_alias(aws: LocalAws, lab: Lab, options: Options):
    function = lab.function(ECHO)
    name = function.rpartition(":")[2]
    version = lab.lambda_.publish_version(FunctionName=name)["Version"]
    lab.lambda_.create_alias(FunctionName=name, Name="live", FunctionVersion=version)
    api = lab.api({"GET /": f"{function}:live"}, permitted=False)
    lab.permit(function, f"{api.execution_arn}/*/*")
    only = replace(options, api=api.id)

    def verdict() -> tuple[str, str]:
        (result,) = judge(load_account(only), catalogue()["PERMISSION_EXPLICIT"])
        return result.verdict.value, result.message

    assert verdict()[0] == "fail"
    assert 'is for the function without qualifier, and the qualifier "live" is called' in verdict()[1]
    permitted = lab.permit(function, f"{api.execution_arn}/*/*", Qualifier="live")
    address = f"{function}:live/policy/{permitted}"
    assert verdict() == ("pass", f"{address} lets arn:aws:apigateway:{aws.region}::/apis/{api.id} invoke it")


def test_a_rest_api_calls_a_function_too(aws: LocalAws, lab: Lab, options: Options):
    function, rest = lab.function(ECHO), lab.client("apigateway")
    api_id = rest.create_rest_api(name="older")["id"]
    (resource,) = rest.get_resources(restApiId=api_id)["items"]
    method = {"restApiId": api_id, "resourceId": resource["id"], "httpMethod": "GET"}
    rest.put_method(**method, authorizationType="NONE")
    uri = lab.invoke_arn(function)
    rest.put_integration(**method, type="AWS_PROXY", integrationHttpMethod="POST", uri=uri)
    lab.permit(function, f"arn:aws:execute-api:{aws.region}:{aws.account_id}:{api_id}/*/*/*")
    stack = load_account(replace(options, function=function))
    address = f"arn:aws:apigateway:{aws.region}::/restapis/{api_id}"
    found = {
        (result.convention, result.address): result.verdict.value
        for name in ("HTTP_API", "PERMISSION_EXPLICIT")
        for result in judge(stack, catalogue()[name])
    }
    assert found == {("HTTP_API", address): "fail", ("PERMISSION_EXPLICIT", function): "pass"}


def test_only_what_is_asked_for_is_judged(lab: Lab, options: Options):
    one, other = lab.function(ECHO), lab.function(ECHO)
    both, alone = lab.api({"GET /one": one, "GET /other": other}), lab.api({"GET /": other})

    def seen(stack: Stack) -> dict[str, set[str]]:
        types = ("aws_lambda_function", "aws_apigatewayv2_api", "aws_apigatewayv2_route", "aws_lambda_permission")
        return {kind: {str(r.get(_NAMES[kind]).value) for r in stack.of_type(kind)} for kind in types}

    names = {arn: arn.rpartition(":")[2] for arn in (one, other)}
    found = seen(load_account(replace(options, function=names[one])))
    assert found["aws_lambda_function"] == {names[one]}
    assert found["aws_apigatewayv2_route"] == {"GET /one"}
    assert found["aws_apigatewayv2_api"] == {lab.apis.get_api(ApiId=both.id)["Name"]}
    found = seen(load_account(replace(options, api=alone.id)))
    assert found["aws_lambda_function"] == {names[other]}
    assert found["aws_apigatewayv2_route"] == {"GET /"}
    # The statement for the other API is left out with it.
    assert len(found["aws_lambda_permission"]) == 1


_NAMES = {
    "aws_lambda_function": "function_name",
    "aws_apigatewayv2_api": "name",
    "aws_apigatewayv2_route": "route_key",
    "aws_lambda_permission": "statement_id",
}


def test_environment_variables_are_not_kept(lab: Lab, options: Options):
    function = lab.function(ECHO, Environment={"Variables": {"TOKEN": "5ecretKey"}})
    stack = load_account(replace(options, function=function))
    assert "5ecretKey" not in repr(stack)


def test_a_region_with_nothing_in_it(aws: LocalAws):
    run = routeproof(aws, "check", "--region", "eu-central-2")
    assert (run.returncode, run.stderr) == (0, "")
    assert "no convention is applicable here" in run.stdout
