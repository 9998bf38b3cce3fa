"""The integrations in OpenAPI bodies: `jsonencode` of an object, or JSON text."""

from __future__ import annotations

import json

import pytest

from routeproof.openapi import operations
from routeproof.values import Call, Known, ListValue, Location, ObjectValue, Reference, Unknown, Value

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


@pytest.mark.parametrize("text", ["openapi: 3.0.1", "{", ""])
def test_a_text_that_is_not_json_is_unknown(text: str) -> None:
    found = operations(Known(text, PLACE))
    assert isinstance(found, Unknown)
    assert (found.reason, found.location) == ("the OpenAPI body is not JSON, and nothing else is read", PLACE)


@pytest.mark.parametrize(
    "integration", [ObjectValue({"$ref": Known("#/components/x")}), Known("a text"), ListValue(())]
)
def test_an_integration_that_is_no_object_in_its_place_is_unknown(integration: Value) -> None:
    found = operations(encoded(operation(integration)))
    assert isinstance(found, Unknown)
    reason = "the x-amazon-apigateway-integration of /orders is no object in its place"
    assert (found.reason, found.location) == (reason, PLACE)


X = Reference("var.x", location=PLACE)
ADVICE = "which only apply decides; give var.x a value with --var-file"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (X, f"body is var.x, {ADVICE}"),
        (Call("yamlencode", (ObjectValue({}),)), "body is yamlencode({}), which only apply decides"),
        (Known("[1]"), "body is [1], which only apply decides"),
        (encoded(X), f"a part of the OpenAPI body is var.x, {ADVICE}"),
        (encoded(ObjectValue({"/a": X})), f"a part of the OpenAPI body is var.x, {ADVICE}"),
        (encoded(ObjectValue({"/a": ObjectValue({"get": X})})), f"a part of the OpenAPI body is var.x, {ADVICE}"),
        (encoded(Unknown("it is not on disk", PLACE)), "it is not on disk"),
    ],
)
def test_a_body_with_an_undecided_structure_is_unknown(body: Value, reason: str) -> None:
    found = operations(body)
    assert isinstance(found, Unknown)
    assert found.reason == reason
