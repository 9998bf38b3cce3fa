"""What stands elsewhere in an OpenAPI body: what `$ref` names, and the authorizers of its security schemes."""

from __future__ import annotations

import pytest

from routeproof.openapi import Authorizer, Operation, authorizers, operations
from routeproof.values import Call, Known, ListValue, ObjectValue, Reference, Unknown, Value

EXTENSION = "x-amazon-apigateway-integration"
X = Reference("var.x")
ADVICE = "and var.x has no value; give it one with --var-file"
ARN = Reference("aws_lambda_function.orders", "invoke_arn")
SETTINGS = ObjectValue({"type": Known("aws_proxy"), "uri": ARN})


def reason(value: object) -> str:
    assert isinstance(value, Unknown)
    return value.reason


# $ref


def document(**parts: Value) -> ObjectValue:
    integrations = ObjectValue(
        {
            "a/b~c d": ObjectValue({"uri": ARN}),
            "~1": ObjectValue({"uri": ARN}),
            "again": ref("#/components/x/a~1b~0c%20d"),
        }
    )
    return ObjectValue({"components": ObjectValue({"x": integrations, "list": ListValue((SETTINGS,))}), **parts})


def ref(pointer: str, **others: Value) -> ObjectValue:
    return ObjectValue({"$ref": Known(pointer), **others})


def referring(value: Value) -> ObjectValue:
    return document(paths=ObjectValue({"/a": ObjectValue({"get": ObjectValue({EXTENSION: value})})}))


@pytest.mark.parametrize(
    ("reference", "uri"),
    [
        (ref("#/components/x/a~1b~0c%20d"), ARN),
        (ref("#/components/x/~01"), ARN),
        (ref("#/components/x/again"), ARN),
        (ref("#/components/x/again", description=Known("twice")), ARN),
        (ref("#/components/list/0"), ARN),
    ],
)
def test_a_reference_leads_to_its_integration(reference: Value, uri: Value) -> None:
    found = operations(referring(reference))
    assert isinstance(found, tuple)
    assert [(operation.route_key, operation.get("uri")) for operation in found] == [("GET /a", uri)]


def test_a_reference_leads_to_a_path_item_and_to_an_operation() -> None:
    item = ObjectValue({"get": ObjectValue({EXTENSION: SETTINGS})})
    paths = ObjectValue({"/a": item, "/b": ref("#/paths/~1a"), "/c": ObjectValue({"put": ref("#/paths/~1a/get")})})
    found = operations(document(paths=paths))
    assert found == tuple(Operation(key, SETTINGS) for key in ("GET /a", "GET /b", "PUT /c"))


@pytest.mark.parametrize(
    ("reference", "why"),
    [
        (ref("#/components/x/c"), 'the $ref "#/components/x/c" names nothing in the OpenAPI body'),
        (ref("#/components/list/1"), 'the $ref "#/components/list/1" names nothing in the OpenAPI body'),
        (ref("#/components/list/x"), 'the $ref "#/components/list/x" names nothing in the OpenAPI body'),
        (ref("#components/x"), 'the $ref "#components/x" names nothing in the OpenAPI body'),
        (ref("#x"), 'the $ref "#x" names nothing in the OpenAPI body'),
        (ref("#/openapi/x"), 'the $ref "#/openapi/x" names nothing in the OpenAPI body'),
        (ref("other.yaml#/a"), 'the $ref "other.yaml#/a" leads out of the OpenAPI body: copy into it what that names'),
        (
            ref("https://example.com/a"),
            'the $ref "https://example.com/a" leads out of the OpenAPI body: copy into it what that names',
        ),
        (
            ref("#/components/x/again", uri=ARN),
            'the $ref "#/components/x/again" stands beside uri: keep one of the two',
        ),
        (
            ref("#/paths/~1a/get/x-amazon-apigateway-integration"),
            'the $ref "#/paths/~1a/get/x-amazon-apigateway-integration" leads in a circle, '
            "or through more than 50 others",
        ),
        (
            ref("#/info/x"),
            'what the $ref "#/info/x" names is aws_lambda_function.orders.invoke_arn, which only apply decides',
        ),
        (ObjectValue({"$ref": X}), f"a $ref in the OpenAPI body is var.x, {ADVICE}"),
    ],
)
def test_a_reference_that_leads_nowhere_is_unknown(reference: Value, why: str) -> None:
    body = ObjectValue({**referring(reference).fields, "openapi": Known("3.0.1"), "info": ARN})
    found = operations(body)
    assert isinstance(found, tuple)
    assert reason(found[0].get("uri")) == why


def test_path_items_in_a_circle_are_unknown() -> None:
    paths = ObjectValue({"/a": ref("#/paths/~1b"), "/b": ref("#/paths/~1a")})
    why = 'the $ref "#/paths/~1a" leads in a circle, or through more than 50 others'
    assert reason(operations(document(paths=paths))) == why


# Authorizers

GUARD = ObjectValue({"type": Known("request"), "authorizerUri": ARN})
AUTHORIZER = "x-amazon-apigateway-authorizer"


def schemes(**named: Value) -> ObjectValue:
    return ObjectValue({"components": ObjectValue({"securitySchemes": ObjectValue(named)})})


def test_authorizers_of_openapi_3_and_2() -> None:
    scheme = ObjectValue({"type": Known("apiKey"), AUTHORIZER: GUARD})
    plain = ObjectValue({"type": Known("apiKey"), AUTHORIZER: Known(None)})
    body = schemes(guard=scheme, plain=plain, again=ref("#/components/securitySchemes/guard"))
    assert authorizers(body) == (Authorizer("guard", GUARD), Authorizer("again", GUARD))
    body = ObjectValue({"securityDefinitions": ObjectValue({"guard": scheme})})
    assert authorizers(encoded_whole(body)) == (Authorizer("guard", GUARD),)
    assert authorizers(ObjectValue({})) == authorizers(schemes()) == ()


def encoded_whole(body: Value) -> Call:
    return Call("jsonencode", (body,))


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (X, f"body is var.x, {ADVICE}"),
        (ObjectValue({"components": X}), f"a part of the OpenAPI body is var.x, {ADVICE}"),
        (
            ObjectValue({"components": ObjectValue({"securitySchemes": X})}),
            f"a part of the OpenAPI body is var.x, {ADVICE}",
        ),
        (ObjectValue({"securityDefinitions": Unknown("no such file")}), "no such file"),
    ],
)
def test_authorizers_that_cannot_be_told_are_unknown(body: Value, why: str) -> None:
    assert reason(authorizers(body)) == why


@pytest.mark.parametrize(
    ("scheme", "why"),
    [
        (X, f"a part of the OpenAPI body is var.x, {ADVICE}"),
        (ObjectValue({AUTHORIZER: X}), f"the {AUTHORIZER} of guard is var.x, {ADVICE}"),
        (ObjectValue({AUTHORIZER: Known("a")}), f"the {AUTHORIZER} of guard is no object"),
    ],
)
def test_an_authorizer_that_is_undecided_is_unknown_by_itself(scheme: Value, why: str) -> None:
    found = authorizers(schemes(guard=scheme, other=ObjectValue({AUTHORIZER: GUARD})))
    assert isinstance(found, tuple)
    assert reason(found[0].get("authorizerUri")) == why
    assert found[1] == Authorizer("other", GUARD)
    assert (found[1].get("authorizerUri"), found[1].get("authorizerCredentials")) == (ARN, Known(None))
