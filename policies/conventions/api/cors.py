"""CORS"""

from __future__ import annotations

from collections.abc import Iterator

from ...convention import (
    Convention,
    Example,
    OtherRule,
    Result,
    Verdict,
    failed,
    not_applicable,
    passed,
    undecided,
    unproven,
)
from ...openapi import CORS
from ...stack import Resource, Stack
from ...values import Known, ListValue, ObjectValue, Value, describe, is_known, is_null, number_of, text_of
from ...wiring import definition_of

_AT = "cors_configuration"


def check(stack: Stack, api: Resource) -> Result:
    if api.type == "aws_api_gateway_rest_api":
        return not_applicable(api, "a REST API has no CORS configuration of its own")
    blocks = stack.resolve(api.get(_AT))
    if is_null(blocks) or blocks == ListValue(()):
        return not_applicable(api, f"no CORS is configured{_in_body(stack, api)}")
    configuration = blocks.items[0] if isinstance(blocks, ListValue) else blocks
    if not isinstance(configuration, ObjectValue):
        return unproven(api, "the CORS configuration is undecided", undecided(_AT, configuration), at=_AT)
    found = [*_judge_stars(api, configuration), *_judge_max_age(api, configuration)]
    found.sort(key=lambda result: result.verdict is not Verdict.FAIL)
    return found[0] if found else passed(api, "no credentials meet a *", at=_AT)


def _in_body(stack: Stack, api: Resource) -> str:
    """What to say of CORS in an OpenAPI body, which never takes effect.

    After an import the provider puts back what cors_configuration says, or deletes what the import brought:
    reimportOpenAPIDefinition in its internal/service/apigatewayv2/api.go.
    """
    document = definition_of(stack, api)
    if not isinstance(document, ObjectValue) or is_null(document.fields.get(CORS, Known(None))):
        return ""
    return f": the AWS provider deletes what {CORS} in the body says, and takes cors_configuration only"


def _judge_stars(api: Resource, configuration: ObjectValue) -> Iterator[Result]:
    """What is wrong or undecided where credentials are allowed."""
    credentials = configuration.fields.get("allow_credentials", Known(None))
    if isinstance(credentials, Known) and text_of(credentials.value) != "true":
        return
    for name in ("allow_origins", "allow_methods", "allow_headers"):
        allowed = configuration.fields.get(name, Known(None))
        question = f"whether credentials meet a * in {name} is undecided"
        at = f"{_AT}.{name}"
        if not _has_star(allowed):
            if not is_known(allowed):
                yield unproven(api, question, undecided(name, allowed), at=at)
        elif isinstance(credentials, Known):
            yield failed(api, f"allow_credentials together with * in {name}: browsers refuse the answer", at=at)
        else:
            yield unproven(api, question, undecided("allow_credentials", credentials), at=f"{_AT}.allow_credentials")


def _has_star(value: Value) -> bool:
    return Known("*") in (value.items if isinstance(value, ListValue) else (value,))


def _judge_max_age(api: Resource, configuration: ObjectValue) -> Iterator[Result]:
    max_age = configuration.fields.get("max_age", Known(None))
    at = f"{_AT}.max_age"
    if not isinstance(max_age, Known):
        yield unproven(api, "max_age is undecided", undecided("max_age", max_age), at=at)
    elif not is_null(max_age):
        seconds = number_of(max_age.value)
        if seconds is None or seconds % 1 or not -1 <= seconds <= 86400:
            yield failed(api, f"max_age is {describe(max_age)}, and has to be -1 to 86400 whole seconds", at=at)


GOOD = """\
resource "aws_apigatewayv2_api" "shop" {
  name          = "shop"
  protocol_type = "HTTP"

  cors_configuration {
    allow_credentials = true
    allow_origins     = ["https://shop.example"]
    allow_methods     = ["GET"]
  }
}
"""

CONVENTION = Convention(
    id="CORS",
    title="Credentials are for named origins only",
    why="Credentials for every origin are refused by AWS, which shows only in the apply. In methods and headers a "
    "browser takes a * beside credentials for the character, so the page fails though the API answers.",
    fix="Name the origins, methods and headers, or leave allow_credentials out.",
    explains=(
        "No allow_credentials together with * in allow_origins, allow_methods or allow_headers. * origins alone pass.",
        "max_age is -1 to 86400 seconds.",
        "x-amazon-apigateway-cors in an OpenAPI body has no effect and is not judged: the AWS provider replaces it by "
        "cors_configuration, or deletes it where there is none.",
    ),
    subject="API",
    resource_types=("aws_apigatewayv2_api", "aws_api_gateway_rest_api"),
    check=check,
    good=Example(GOOD),
    bad=Example(GOOD.replace("https://shop.example", "*"), fails_at=(("aws_apigatewayv2_api.shop", 7),)),
    sources=(
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html",
        "https://github.com/aws/aws-cdk/issues/9076",
        "https://fetch.spec.whatwg.org/#cors-protocol-and-credentials",
    ),
    exemptions=(
        "APIs without cors_configuration.",
        "REST APIs, which have no CORS configuration of their own.",
    ),
    elsewhere=(
        OtherRule(
            "KICS",
            "8af4c38a-e1d2-405b-ac41-995db44b5536",
            "Reports * in allow_origins, with credentials or without. See docs/other-tools.md.",
        ),
    ),
)
