"""What a run might have left, made by hand: with the tags that it should have, and with others."""

import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from botocore.client import BaseClient

from tests.e2e.laboratory import Lab

HOUR = timedelta(hours=1)
TRUST = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
ALLOWED = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}


def document(statement: Mapping[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def tagged(suffix: str, expires: datetime | str) -> dict[str, str]:
    said = expires if isinstance(expires, str) else expires.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"routeproof-e2e": suffix, "routeproof-e2e-expires": said}


def make(lab: Lab, suffix: str, marks: Mapping[str, str], *, name: str = "by-hand") -> list[str]:
    """An API, a function, a role with policies and a log group, in the order in which they can be deleted."""
    iam = lab.client("iam")
    api = lab.api({"GET /": lab.function("", FunctionName=f"{name}{suffix}", Tags=marks)}, Tags=marks)
    lab.apis.update_api(ApiId=api.id, Name=f"{name}{suffix}")
    role = f"{name}-role{suffix}"
    listed = [{"Key": key, "Value": value} for key, value in marks.items()]
    iam.create_role(RoleName=role, AssumeRolePolicyDocument=document(TRUST), Tags=listed)
    iam.put_role_policy(RoleName=role, PolicyName="inline", PolicyDocument=document(ALLOWED))
    iam.attach_role_policy(RoleName=role, PolicyArn="arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole")
    lab.logs.create_log_group(logGroupName=f"/by/{name}{suffix}", tags=marks)
    arn = f"{lab.aws.region}:{lab.aws.account_id}"
    return [
        f"arn:aws:apigateway:{lab.aws.region}::/apis/{api.id}",
        f"arn:aws:lambda:{arn}:function:{name}{suffix}",
        f"arn:aws:iam::{lab.aws.account_id}:role/{role}",
        f"arn:aws:logs:{arn}:log-group:/by/{name}{suffix}",
    ]


def there(lab: Lab, arns: list[str]) -> list[str]:
    """Those of the resources that `make` has made which AWS still lists."""
    apis = [api["ApiId"] for api in lab.apis.get_apis()["Items"]]
    pages = {
        "function": [item["FunctionName"] for item in listed(lab.lambda_, "list_functions", "Functions")],
        "role": [item["RoleName"] for item in listed(lab.client("iam"), "list_roles", "Roles")],
        "log-group": [item["logGroupName"] for item in listed(lab.logs, "describe_log_groups", "logGroups")],
    }
    names = {*apis, *(name for found in pages.values() for name in found)}
    return [arn for arn in arns if re.split(r"/apis/|:function:|:role/|:log-group:", arn)[1] in names]


def listed(client: BaseClient, operation: str, member: str) -> list[dict]:
    return client.get_paginator(operation).paginate().build_full_result()[member]
