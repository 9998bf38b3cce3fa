"""The operations, integrations and authorizers of OpenAPI bodies, however they are written."""

from __future__ import annotations

import json

import pytest

from routeproof.openapi import Operation, operations
from routeproof.values import Call, Known, ListValue, Location, ObjectValue, Reference, Unknown, Value, template

EXTENSION = "x-amazon-apigateway-integration"
PLACE = Location("main.tf", 3, 10, 3, 20)
INTEGRATION = {"type": "aws_proxy", "timeoutInMillis": 29000, "weight": 0.5, "tlsConfig": None, "cache": ["a", True]}


def keys(paths: object) -> list[str]:
    found = operations(Known(json.dumps({"openapi": "3.0.1", "paths": paths}), PLACE))
    assert not isinstance(found, Unknown)
    return [operation.route_key for operation in found]


def encoded(paths: Value) -> Call:
    return Call("jsonencode", (ObjectValue({"paths": paths}),), PLACE)


def operation(integration: Value) -> ObjectValue:
    return ObjectValue({"/orders": ObjectValue({"get": ObjectValue({EXTENSION: integration})})})


@pytest.mark.parametrize(
    ("path", "method", "key"),
    [
        ("/orders", "get", "GET /orders"),
        ("/orders/{id}", "delete", "DELETE /orders/{id}"),
        ("/{proxy+}", "x-amazon-apigateway-any-method", "ANY /{proxy+}"),
        ("/$default", "x-amazon-apigateway-any-method", "$default"),
    ],
)
def test_route_keys_are_as_routes_have_them(path: str, method: str, key: str) -> None:
    assert keys({path: {method: {EXTENSION: INTEGRATION}}}) == [key]


def test_every_operation_with_an_integration_counts_and_nothing_else() -> None:
    paths = {
        "/a": {"get": {EXTENSION: INTEGRATION}, "post": {"summary": "without"}, "parameters": [{"name": "id"}]},
        "/b": {"summary": "text", "put": {"operationId": "b", EXTENSION: INTEGRATION}},
        "/c": None,
    }
    assert keys(paths) == ["GET /a", "PUT /b"]
    assert keys({}) == keys(None) == []
    assert operations(Known("{}")) == ()


def test_json_text_and_jsonencode_give_the_same_integration() -> None:
    text = operations(Known(json.dumps({"paths": {"/orders": {"get": {EXTENSION: INTEGRATION}}}})))
    fields: dict[str, Value] = {
        "type": Known("aws_proxy"),
        "timeoutInMillis": Known(29000),
        "weight": Known("0.5"),
        "tlsConfig": Known(None),
        "cache": ListValue((Known("a"), Known(True))),
    }
    assert text == operations(encoded(operation(ObjectValue(fields))))
    assert not isinstance(text, Unknown)
    assert (text[0].get("type"), text[0].get("uri")) == (Known("aws_proxy"), Known(None))


def test_an_integration_may_hold_what_only_apply_decides() -> None:
    uri = Reference("aws_lambda_function.orders", "invoke_arn")
    found = operations(encoded(operation(ObjectValue({"uri": uri}))))
    assert not isinstance(found, Unknown)
    assert found[0].get("uri") == uri


@pytest.mark.parametrize(
    ("integration", "why"),
    [
        (Known("a text"), "the x-amazon-apigateway-integration of GET /orders is no object"),
        (ListValue(()), "the x-amazon-apigateway-integration of GET /orders is no object"),
        (Unknown("it is not on disk"), "it is not on disk"),
        (
            Reference("var.x"),
            "the x-amazon-apigateway-integration of GET /orders is var.x, and var.x has no value; "
            "give it one with --var-file",
        ),
    ],
)
def test_an_integration_that_is_no_object_is_unknown_and_the_others_are_read(integration: Value, why: str) -> None:
    other = ObjectValue({EXTENSION: ObjectValue({"uri": Known("x")})})
    methods = ObjectValue({"get": ObjectValue({EXTENSION: integration}), "put": other})
    found = operations(encoded(ObjectValue({"/orders": methods})))
    assert isinstance(found, tuple)
    assert [operation.route_key for operation in found] == ["GET /orders", "PUT /orders"]
    assert reason(found[0].get("uri")) == reason(found[0].get("type")) == why
    assert found[1].get("uri") == Known("x")


def test_an_integration_that_is_null_is_none() -> None:
    assert operations(encoded(operation(Known(None)))) == ()


def reason(value: object) -> str:
    assert isinstance(value, Unknown)
    return value.reason


X = Reference("var.x", location=PLACE)
ADVICE = "and var.x has no value; give it one with --var-file"


NO_NAME = "the OpenAPI body is not JSON (Expecting property name enclosed in double quotes: line 1 column 2 (char 1))"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (X, f"body is var.x, {ADVICE}"),
        (Known("{"), NO_NAME),
        (Known(" {"), NO_NAME.replace("2 (char 1)", "3 (char 2)")),
        (Known("a: ["), "the OpenAPI body is not YAML (line 2, column 1: did not find expected node content)"),
        (Known("[1]"), "the OpenAPI body is no object"),
        (Known("openapi.yaml"), "the OpenAPI body is no object"),
        (Known("# nothing"), "the OpenAPI body is no object"),
        (Call("jsonencode", (Known("{}"),)), "the OpenAPI body is no object"),
        (Call("yamlencode", (Call("merge", (X,)),)), f"body is merge(var.x), {ADVICE}"),
        (encoded(ObjectValue({"$ref": X})), f"a $ref in the OpenAPI body is var.x, {ADVICE}"),
        (encoded(X), f"a part of the OpenAPI body is var.x, {ADVICE}"),
        (encoded(ObjectValue({"/a": X})), f"a part of the OpenAPI body is var.x, {ADVICE}"),
        (encoded(ObjectValue({"/a": ObjectValue({"get": X})})), f"a part of the OpenAPI body is var.x, {ADVICE}"),
        (encoded(Unknown("it is not on disk", PLACE)), "it is not on disk"),
    ],
)
def test_a_body_with_an_undecided_structure_is_unknown(body: Value, why: str) -> None:
    assert reason(operations(body)) == why


@pytest.mark.parametrize(
    "item",
    [
        {"summary": X, "description": Unknown("no")},
        {"parameters": X, "servers": X, "x-amazon-apigateway-other": X},
        {"get": ObjectValue({"summary": X, "responses": Unknown("no")})},
    ],
)
def test_what_declares_no_route_may_be_undecided(item: dict[str, Value]) -> None:
    put = ObjectValue({EXTENSION: ObjectValue({})})
    found = operations(encoded(ObjectValue({"/a": ObjectValue({**item, "put": put}), "x-note": X})))
    assert found == (Operation("PUT /a", ObjectValue({})),)


# How a body is written

ARN = Reference("aws_lambda_function.orders", "invoke_arn")
YAML = """\
openapi: 3.0.1
paths:
  /orders:
    get: &orders
      x-amazon-apigateway-integration:
        type: aws_proxy
        uri: ARN
        payloadFormatVersion: 2.0
        timeoutInMillis: 29000
    put: *orders
"""


def with_arn(text: str) -> Value:
    first, *others = text.split("ARN")
    return template([Known(first), *(part for other in others for part in (ARN, Known(other)))])


SETTINGS = ObjectValue(
    {
        "type": Known("aws_proxy"),
        "uri": ARN,
        "payloadFormatVersion": Known("2.0"),
        "timeoutInMillis": Known(29000),
    }
)
DOCUMENT = ObjectValue(
    {"paths": ObjectValue({"/orders": ObjectValue(dict.fromkeys(("get", "put"), ObjectValue({EXTENSION: SETTINGS})))})}
)
GET = {EXTENSION: {"type": "aws_proxy", "uri": "ARN", "payloadFormatVersion": "2.0", "timeoutInMillis": 29000}}
JSON = json.dumps({"paths": {"/orders": {"get": GET, "put": GET}}})


@pytest.mark.parametrize(
    "body",
    [
        with_arn(YAML),
        with_arn(YAML.replace("ARN", '"ARN"')),
        with_arn(JSON),
        Call("jsonencode", (DOCUMENT,)),
        Call("yamlencode", (DOCUMENT,)),
        DOCUMENT,
    ],
    ids=["YAML", "YAML, quoted", "JSON", "jsonencode", "yamlencode", "object"],
)
def test_a_body_says_the_same_however_it_is_written(body: Value) -> None:
    assert operations(body) == (Operation("GET /orders", SETTINGS), Operation("PUT /orders", SETTINGS))
