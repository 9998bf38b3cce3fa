"""What the parts of a live stack are called: their ARNs, and what comes nearest to one where AWS gives none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_FUNCTION_ARN = re.compile(r"(arn:[^:]+:lambda:[^:]*:[^:]*:function:[^:/]+)(?::([^/]+))?")
_BY_ARN = {
    *("aws_lambda_function", "aws_lambda_alias", "aws_apigatewayv2_api", "aws_iam_role", "aws_iam_policy"),
    *("aws_apigatewayv2_stage", "aws_cloudfront_distribution"),
}


@dataclass(frozen=True)
class Place:
    """One region of an account."""

    partition: str
    region: str
    account_id: str

    def __str__(self) -> str:
        return f"aws:{self.account_id}:{self.region}"

    def function(self, name: str) -> str:
        return f"arn:{self.partition}:lambda:{self.region}:{self.account_id}:function:{name}"

    def permission(self, function: str, statement_id: str) -> str:
        """A statement of the policy of a function, an alias or a version, by the ARN of that."""
        return f"{function}/policy/{statement_id}"

    def api(self, api_id: str) -> str:
        return f"arn:{self.partition}:apigateway:{self.region}::/apis/{api_id}"

    def api_part(self, api_id: str, kind: str, name: str) -> str:
        """`kind` is routes, integrations, stages or authorizers."""
        return f"{self.api(api_id)}/{kind}/{name}"

    def api_mapping(self, domain: str, mapping_id: str) -> str:
        return f"arn:{self.partition}:apigateway:{self.region}::/domainnames/{domain}/apimappings/{mapping_id}"

    def rest_api(self, api_id: str) -> str:
        return f"arn:{self.partition}:apigateway:{self.region}::/restapis/{api_id}"

    def rest_integration(self, api_id: str, resource_id: str, method: str) -> str:
        return f"{self.rest_api(api_id)}/resources/{resource_id}/methods/{method}/integration"

    def rest_authorizer(self, api_id: str, authorizer_id: str) -> str:
        return f"{self.rest_api(api_id)}/authorizers/{authorizer_id}"

    def execution_arn(self, api_id: str) -> str:
        return f"arn:{self.partition}:execute-api:{self.region}:{self.account_id}:{api_id}"

    def log_group(self, name: str) -> str:
        return f"arn:{self.partition}:logs:{self.region}:{self.account_id}:log-group:{name}"

    def role(self, name: str) -> str:
        """Without a path."""
        return f"arn:{self.partition}:iam::{self.account_id}:role/{name}"

    def role_policy(self, role: str, name: str) -> str:
        return f"{role}/policy/{name}"

    def role_attachment(self, role: str, policy: str) -> str:
        return f"{role}/attached/{policy}"

    def in_state(self, kind: str, attributes: Mapping[str, Any]) -> str | None:
        """What a resource of a Terraform state is called here; None for a type that is not read."""
        get = attributes.get
        if kind in _BY_ARN:
            return get("arn")
        if kind == "aws_cloudwatch_log_group":
            return self.log_group(get("name", ""))
        if kind == "aws_lambda_permission":
            function, _ = function_arn(get("function_name", ""), self)
            qualifier = f":{get('qualifier')}" if get("qualifier") else ""
            return self.permission(f"{function}{qualifier}", get("statement_id", ""))
        if kind in ("aws_apigatewayv2_integration", "aws_apigatewayv2_route", "aws_apigatewayv2_authorizer"):
            return self.api_part(get("api_id", ""), f"{kind.removeprefix('aws_apigatewayv2_')}s", get("id", ""))
        if kind == "aws_apigatewayv2_api_mapping":
            return self.api_mapping(get("domain_name", ""), get("id", ""))
        if kind == "aws_api_gateway_rest_api":
            return self.rest_api(get("id", ""))
        if kind == "aws_api_gateway_integration":
            return self.rest_integration(get("rest_api_id", ""), get("resource_id", ""), get("http_method", ""))
        if kind == "aws_api_gateway_authorizer":
            return self.rest_authorizer(get("rest_api_id", ""), get("id", ""))
        return self._of_role_in_state(kind, attributes)

    def _of_role_in_state(self, kind: str, attributes: Mapping[str, Any]) -> str | None:
        role = self.role(attributes.get("role", ""))
        if kind == "aws_iam_role_policy":
            return self.role_policy(role, attributes.get("name", ""))
        if kind == "aws_iam_role_policy_attachment":
            return self.role_attachment(role, attributes.get("policy_arn", ""))
        return None


def function_arn(text: str, place: Place) -> tuple[str, str | None]:
    """A function's ARN and the qualifier behind it, from a name, `name:qualifier` or an ARN."""
    match = _FUNCTION_ARN.fullmatch(text)
    if match:
        return match[1], match[2]
    name, _, qualifier = text.partition(":")
    return place.function(name), qualifier or None


def invoked(uri: str) -> tuple[str, str | None] | None:
    """The function's ARN and the qualifier in the URI that an API calls; None where it calls no function.

    A URI may have a stage variable in it: which function that is, nothing else says.
    """
    match = _FUNCTION_ARN.search(uri)
    if match is None or "${" in match[0]:
        return None
    return match[1], match[2]
