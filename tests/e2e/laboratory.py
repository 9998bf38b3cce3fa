"""A laboratory on the local server: functions and APIs made with boto3, in a line each."""

import io
import itertools
import json
import time
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import boto3
import requests
from botocore.client import BaseClient

from .client import Caller
from .local_aws import LocalAws
from .report.recorder import RECORDER

_numbers = itertools.count(1)

ROLE = "arn:aws:iam::000000000000:role/lambda"
ECHO = "exports.handler = async (event) => event;"
LOG_DEADLINE_SECONDS = 10


@dataclass(frozen=True)
class Api:
    """An API of the laboratory. `execution_arn` is what Terraform calls so; `log_group` is where its stage logs to."""

    lab: "Lab"
    id: str
    log_group: str
    integration_ids: tuple[str, ...]

    @property
    def execution_arn(self) -> str:
        return f"arn:aws:execute-api:{self.lab.aws.region}:{self.lab.aws.account_id}:{self.id}"

    @property
    def host(self) -> str:
        return f"{self.id}.execute-api.{self.lab.aws.region}.amazonaws.com"

    def call(self, method: str, path: str, **arguments: Any) -> requests.Response:
        return self.lab.session.request(method, f"https://{self.host}{path}", timeout=35, **arguments)

    def get(self, path: str, **arguments: Any) -> requests.Response:
        return self.call("GET", path, **arguments)

    def log_lines(self, count: int) -> list[str]:
        """The first `count` lines of the access log, or all that came before the deadline."""
        deadline = time.monotonic() + LOG_DEADLINE_SECONDS
        while True:
            pages = self.lab.logs.get_paginator("filter_log_events").paginate(logGroupName=self.log_group)
            lines = [event["message"] for page in pages for event in page["events"]]
            if len(lines) >= count or time.monotonic() > deadline:
                RECORDER.read(self.log_group, lines)
                return lines
            time.sleep(0.02)


def package(code: str) -> bytes:
    """A zip package with this index.js."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("index.js", code)
    return content.getvalue()


@dataclass(frozen=True)
class Lab:
    aws: LocalAws

    def client(self, service: str) -> BaseClient:
        return boto3.client(
            service,
            region_name=self.aws.region,
            endpoint_url=self.aws.endpoint_url,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    @cached_property
    def lambda_(self) -> BaseClient:
        return self.client("lambda")

    @cached_property
    def apis(self) -> BaseClient:
        return self.client("apigatewayv2")

    @cached_property
    def logs(self) -> BaseClient:
        return self.client("logs")

    @cached_property
    def session(self) -> requests.Session:
        return Caller(self.aws).session()

    @cached_property
    def echo(self) -> str:
        """The ARN of a function that answers with its event, in response format 2.0: the event is the body."""
        return self.function(ECHO)

    def function(self, code: str, **settings: Any) -> str:
        """The ARN of a new Node.js function; `code` is its index.js and exports `handler`."""
        return self.lambda_.create_function(
            **{
                "FunctionName": f"function-{next(_numbers)}",
                "Runtime": "nodejs22.x",
                "Role": ROLE,
                "Handler": "index.handler",
                "Code": {"ZipFile": package(code)},
                "Timeout": 10,
                **settings,
            }
        )["FunctionArn"]

    def answering(self, answer: Any, **settings: Any) -> str:
        """The ARN of a new function that always answers the same."""
        return self.function(f"exports.handler = async () => ({json.dumps(answer)});", **settings)

    def api(
        self,
        routes: Mapping[str, str],
        *,
        permitted: bool = True,
        integration: Mapping[str, Any] | None = None,
        stage: Mapping[str, Any] | None = None,
        log_format: str = "$context.requestId",
        **settings: Any,
    ) -> Api:
        """A new API: route keys with the function ARN that answers them, one stage (`$default`), one access log group.

        `integration`, `stage` and `settings` are members of the three create calls that differ from the usual ones.
        """
        name = f"api-{next(_numbers)}"
        api_id = self.apis.create_api(Name=name, ProtocolType="HTTP", **settings)["ApiId"]
        integration_ids = []
        for route_key, function in routes.items():
            integration_id = self.apis.create_integration(
                **{
                    "ApiId": api_id,
                    "IntegrationType": "AWS_PROXY",
                    "IntegrationUri": self.invoke_arn(function),
                    "PayloadFormatVersion": "2.0",
                    **(integration or {}),
                }
            )["IntegrationId"]
            self.apis.create_route(ApiId=api_id, RouteKey=route_key, Target=f"integrations/{integration_id}")
            integration_ids.append(integration_id)
        log_group = f"/aws/apigw/{name}"
        self.logs.create_log_group(logGroupName=log_group)
        destination = f"arn:aws:logs:{self.aws.region}:{self.aws.account_id}:log-group:{log_group}"
        self.apis.create_stage(
            **{
                "ApiId": api_id,
                "StageName": "$default",
                "AutoDeploy": True,
                "AccessLogSettings": {"DestinationArn": destination, "Format": log_format},
                **(stage or {}),
            }
        )
        api = Api(self, api_id, log_group, tuple(integration_ids))
        if permitted:
            for function in sorted(set(routes.values())):
                self.permit(function, f"{api.execution_arn}/*/*")
        return api

    def invoke_arn(self, function: str) -> str:
        return f"arn:aws:apigateway:{self.aws.region}:lambda:path/2015-03-31/functions/{function}/invocations"

    def permit(self, function: str, source_arn: str | None, **members: Any) -> str:
        """A new permission for API Gateway; its statement id."""
        statement = f"statement-{next(_numbers)}"
        self.lambda_.add_permission(
            **{
                "FunctionName": function,
                "StatementId": statement,
                "Action": "lambda:InvokeFunction",
                "Principal": "apigateway.amazonaws.com",
                **({"SourceArn": source_arn} if source_arn else {}),
                **members,
            }
        )
        return statement
