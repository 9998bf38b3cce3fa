"""CORS"""

from __future__ import annotations

from ...convention import Convention, Example, Result, failed, not_applicable, passed, undecided, unproven
from ...stack import Resource, Stack
from ...values import Known, ListValue, ObjectValue, Value, is_known, is_null, text_of

_AT = "cors_configuration"


def check(stack: Stack, api: Resource) -> Result:
    if api.type == "aws_api_gateway_rest_api":
        return not_applicable(api, "a REST API has no CORS configuration of its own")
    blocks = stack.resolve(api.get(_AT))
    if not isinstance(blocks, ListValue):
        if is_null(blocks):
            return not_applicable(api, "no CORS is configured")
        return unproven(api, "the CORS configuration is undecided", undecided(_AT, blocks), at=_AT)
    if not blocks.items:
        return not_applicable(api, "no CORS is configured")
    configuration = blocks.items[0]
    if not isinstance(configuration, ObjectValue):
        return unproven(api, "the CORS configuration is undecided", undecided(_AT, configuration), at=_AT)

    credentials = configuration.fields.get("allow_credentials", Known(False))
    if credentials != Known(False) and not is_null(credentials):
        for name, what in (("allow_origins", "origins"), ("allow_methods", "methods"), ("allow_headers", "headers")):
            allowed = configuration.fields.get(name, ListValue(()))
            if _has_star(allowed):
                if credentials != Known(True):
                    missing = undecided("allow_credentials", credentials)
                    return unproven(api, f"whether * {what} meet credentials is undecided", missing, at=_AT)
                message = f"allow_credentials together with * in {name}: browsers refuse the answer"
                return failed(api, message, at=f"{_AT}.{name}")
            if not is_known(allowed):
                missing = undecided(name, allowed)
                return unproven(api, f"whether * {what} meet credentials is undecided", missing, at=f"{_AT}.{name}")
    return _judge_max_age(api, configuration.fields.get("max_age", Known(None)))


def _has_star(value: Value) -> bool:
    return isinstance(value, ListValue) and Known("*") in value.items


def _judge_max_age(api: Resource, max_age: Value) -> Result:
    at = f"{_AT}.max_age"
    if is_null(max_age):
        return passed(api, "no credentials meet a *", at=_AT)
    if not isinstance(max_age, Known):
        return unproven(api, "max_age is undecided", undecided("max_age", max_age), at=at)
    written = text_of(max_age.value) or ""
    if not written.lstrip("-").isdigit() or not -1 <= int(written) <= 86400:
        return failed(api, f"max_age is {written}, outside -1 to 86400 seconds", at=at)
    return passed(api, "no credentials meet a *", at=_AT)


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
    why="A browser ignores an answer that allows credentials and any origin, so the page fails although the API "
    "answers; and "
    "an API that worked around it would hand a visitor's session to every site.",
    fix="Name the origins, methods and headers, or leave allow_credentials out.",
    explains=(
        "No allow_credentials together with * in allow_origins, allow_methods or allow_headers. * origins alone pass.",
        "max_age is -1 to 86400 seconds.",
        "Not applicable to an API without cors_configuration.",
    ),
    subject="API",
    resource_types=("aws_apigatewayv2_api", "aws_api_gateway_rest_api"),
    check=check,
    good=Example(GOOD),
    bad=Example(GOOD.replace("https://shop.example", "*"), fails_at=(("aws_apigatewayv2_api.shop", 7),)),
    sources=("https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html",),
)
