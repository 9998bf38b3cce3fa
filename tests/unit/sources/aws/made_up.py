"""An account whose answers are made up: boto3's own clients, answered before anything is sent."""

import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from functools import cache
from typing import Any

import boto3
from botocore.awsrequest import AWSResponse

from routeproof.sources.aws.account import SERVICES, Account, Options
from routeproof.sources.aws.places import Place
from routeproof.sources.aws.reading import read
from routeproof.sources.aws.translation import translate
from routeproof.stack import Stack

PLACE = Place("aws", "eu-west-1", "123456789012")
CALLER = "arn:aws:sts::123456789012:assumed-role/reader/me"
FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:orders"
API = "arn:aws:apigateway:eu-west-1::/apis/shop1"
ROLE = "arn:aws:iam::123456789012:role/service-role/orders"

Answers = Mapping[str, Any]
"""By operation: the answer, an error's code, or a function of the parameters that returns either."""


def invocation(function: str = FUNCTION) -> str:
    return f"arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/{function}/invocations"


def statement(**members: Any) -> dict[str, Any]:
    """A statement as AddPermission makes it for the API."""
    return {
        "Sid": "shop",
        "Effect": "Allow",
        "Principal": {"Service": "apigateway.amazonaws.com"},
        "Action": "lambda:InvokeFunction",
        "Resource": FUNCTION,
        "Condition": {
            "ArnLike": {"AWS:SourceArn": "arn:aws:execute-api:eu-west-1:123456789012:shop1/*/*"},
        },
        **members,
    }


def policy(*statements: Mapping[str, Any]) -> dict[str, Any]:
    return {"Policy": json.dumps({"Version": "2012-10-17", "Id": "default", "Statement": statements})}


def function(**members: Any) -> dict[str, Any]:
    return {
        "FunctionName": "orders",
        "FunctionArn": FUNCTION,
        "Role": ROLE,
        "Runtime": "nodejs22.x",
        "Handler": "index.handler",
        "PackageType": "Zip",
        "Architectures": ["arm64"],
        "MemorySize": 256,
        "Timeout": 10,
        "CodeSha256": "c2hhMjU2",
        "LoggingConfig": {"LogFormat": "Text", "LogGroup": "/aws/lambda/orders"},
        **members,
    }


def shop() -> dict[str, Any]:
    """A shop in which everything is as it should be: one API, one function."""
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    return {
        "ListFunctions": {"Functions": [function()]},
        "GetFunctionConfiguration": function(),
        "ListAliases": {"Aliases": []},
        "GetPolicy": lambda parameters: policy(statement()) if "FunctionName" in parameters else own_policy(),
        "GetApis": {"Items": [{"ApiId": "shop1", "Name": "shop", "ProtocolType": "HTTP"}]},
        "GetIntegrations": {
            "Items": [
                {
                    "IntegrationId": "int1",
                    "IntegrationType": "AWS_PROXY",
                    "IntegrationUri": invocation(),
                    "PayloadFormatVersion": "2.0",
                    "TimeoutInMillis": 30000,
                }
            ]
        },
        "GetRoutes": {"Items": [{"RouteId": "route1", "RouteKey": "GET /orders", "Target": "integrations/int1"}]},
        "GetStages": {
            "Items": [
                {
                    "StageName": "$default",
                    "AutoDeploy": True,
                    "AccessLogSettings": {
                        "DestinationArn": "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/apigw/shop",
                        "Format": json.dumps({name: f"$context.{name}" for name in _LOGGED}),
                    },
                }
            ]
        },
        "GetAuthorizers": {"Items": []},
        "GetRestApis": {"items": []},
        "GetResources": {"items": []},
        "DescribeLogGroups": {
            "logGroups": [
                {"logGroupName": name, "retentionInDays": 14, "logGroupClass": "STANDARD"}
                for name in ("/aws/apigw/shop", "/aws/lambda/orders")
            ]
        },
        "GetRole": {
            "Role": {
                "RoleName": "orders",
                "Arn": ROLE,
                "AssumeRolePolicyDocument": json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
            }
        },
        "ListAttachedRolePolicies": {"AttachedPolicies": [{"PolicyName": "own", "PolicyArn": OWN}]},
        "ListRolePolicies": {"PolicyNames": ["inline"]},
        "GetRolePolicy": {"PolicyDocument": NARROW},
        "GetPolicyVersion": {"PolicyVersion": {"Document": NARROW}},
        "ListDistributions": {"DistributionList": {"Items": []}},
    }


_LOGGED = ("requestId", "identity.sourceIp", "requestTime", "httpMethod", "routeKey", "status", "responseLength")
OWN = "arn:aws:iam::123456789012:policy/own"
NARROW = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
)


def own_policy() -> dict[str, Any]:
    return {"Policy": {"Arn": OWN, "DefaultVersionId": "v3"}}


def account(answers: Answers, *, place: Place = PLACE, called: list[str] | None = None) -> Account:
    """An account that answers so, as long as no other is made; `called` gets the name of every operation."""
    _now.answers, _now.called = answers, [] if called is None else called
    return Account(_clients(), place, CALLER)


class _Now:
    answers: Answers
    called: list[str]


_now = _Now()


@cache
def _clients() -> Mapping[str, Any]:
    """Making clients takes longer than all that is done with them."""
    session = boto3.Session("key", "secret", region_name=PLACE.region)
    clients = {service: session.client(service) for service in SERVICES}
    for client in clients.values():
        client.meta.events.register("before-parameter-build.*.*", _keep)
        client.meta.events.register("before-call.*.*", _answer)
    return clients


def _keep(params: Mapping[str, Any], context: dict[str, Any], **_: Any) -> None:
    context["made_up"] = params


def _answer(model: Any, context: Mapping[str, Any], **_: Any) -> tuple[Any, Any]:
    _now.called.append(model.name)
    given = _now.answers[model.name]
    if isinstance(given, Callable):
        given = given(context["made_up"])
    if isinstance(given, str):
        return _response(400), {"Error": {"Code": given, "Message": "made up"}, "ResponseMetadata": {}}
    return _response(200), deepcopy(given)  # botocore decodes policies in place


def _response(status: int) -> AWSResponse:
    return AWSResponse("https://aws.example", status, {}, None)


def live(answers: Answers, options: Options = Options(), *, place: Place = PLACE) -> Stack:  # noqa: B008
    """The stack of such an account."""
    return Stack("live", translate(read(account(answers, place=place), options), place))
