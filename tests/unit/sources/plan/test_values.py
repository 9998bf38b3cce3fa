"""A planned value's three parts: what is known, what waits for apply, what is sensitive."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from routeproof.sources.plan.joining import joined
from routeproof.sources.plan.reading import Change
from routeproof.sources.plan.values import AFTER_APPLY, SENSITIVE, planned
from routeproof.values import (
    NULL,
    Call,
    Known,
    ListValue,
    ObjectValue,
    Reference,
    Template,
    Unknown,
    Value,
    describe,
)

LATER, SECRET = f"(unknown: {AFTER_APPLY})", f"(unknown: {SENSITIVE})"


def shown(value: Value) -> Any:
    """A value in Python's own, with a word for each unknown."""
    if isinstance(value, Unknown):
        return f"(unknown: {value.reason})"
    if isinstance(value, ListValue):
        return [shown(item) for item in value.items]
    if isinstance(value, ObjectValue):
        return {name: shown(item) for name, item in value.fields.items()}
    assert isinstance(value, Known)
    return value.value


@pytest.mark.parametrize(
    ("after", "unknown", "sensitive", "expected"),
    [
        ("x", None, None, "x"),
        ("x", False, False, "x"),
        (True, None, None, True),
        (Decimal("0.5"), None, None, Decimal("0.5")),
        (None, None, None, None),
        (None, True, None, LATER),
        (None, True, True, SECRET),
        ("x", None, True, SECRET),
        ([], [], [], None),
        ({}, {}, {}, {}),
        (["a", None], [False, True], None, ["a", LATER]),
        (["a", "b"], None, [False, True], ["a", SECRET]),
        ([], [True], [], [LATER]),
        (None, [{"b": True}], None, [{"b": LATER}]),
        ([{"a": 1}], [{"b": True}], [{"c": True}], [{"a": 1, "b": LATER, "c": SECRET}]),
        ({"a": {"k": "v", "s": "v"}}, {"b": True}, {"a": {"s": True}}, {"a": {"k": "v", "s": SECRET}, "b": LATER}),
        ({"a": []}, None, None, {"a": None}),
    ],
)
def test_planned(after: Any, unknown: Any, sensitive: Any, expected: Any) -> None:
    assert shown(planned(Change(after, unknown, sensitive))) == expected


def test_an_empty_list_of_a_data_source_is_one() -> None:
    assert planned(Change([]), keep_empty=True) == ListValue(())


API = Reference("aws_apigatewayv2_api.shop", "execution_arn")
LINK = Template((API, Known("/*/*")))
VARIABLE = Template((Reference("terraform", "workspace"), Known("-x")))
HASH = Call("filebase64sha256", (Known("a.zip"),))
UNKNOWN = Unknown("the source does not say")
WAITS = Unknown(AFTER_APPLY)
HIDDEN = Unknown(SENSITIVE)
CHOICE = Call("conditional", (Reference("aws_lambda_function.f", "arn"), LINK, Known("x")))


@pytest.mark.parametrize(
    ("written", "plan", "otherwise", "expected"),
    [
        (Known("old"), Known("new"), NULL, Known("new")),
        (UNKNOWN, Known("new"), NULL, Known("new")),
        (VARIABLE, Known("prod-x"), NULL, Known("prod-x")),
        (LINK, Known("arn:aws:execute-api:..."), NULL, LINK),
        (LINK, WAITS, NULL, LINK),
        (HASH, Known("47DEQpj8"), NULL, HASH),
        (LINK, NULL, NULL, NULL),
        (Call("*", (Reference("aws_lambda_function.f", "timeout"), Known(1000))), Known(3000), NULL, Known(3000)),
        (CHOICE, Known("arn:x"), NULL, Known("arn:x")),
        (CHOICE, WAITS, API, API),
        (UNKNOWN, WAITS, API, API),
        (VARIABLE, WAITS, API, VARIABLE),
        (Known("plain"), HIDDEN, API, HIDDEN),
        (LINK, HIDDEN, API, HIDDEN),
        (
            ListValue((ObjectValue({"arn": API, "format": UNKNOWN}),)),
            ListValue((ObjectValue({"arn": WAITS, "format": Known("x"), "other": NULL}),)),
            WAITS,
            ListValue((ObjectValue({"arn": API, "format": Known("x")}),)),
        ),
        (
            ListValue((ObjectValue({"arn": UNKNOWN}),)),
            ListValue((ObjectValue({"arn": WAITS}),)),
            ListValue((ObjectValue({"arn": API}),)),
            ListValue((ObjectValue({"arn": API}),)),
        ),
        (
            ObjectValue({"KEY": Known("s3cret"), "other": Known("x")}),
            ObjectValue({"KEY": HIDDEN, "other": Known("x")}),
            WAITS,
            ObjectValue({"KEY": HIDDEN, "other": Known("x")}),
        ),
        # Blocks of a set stand in another order in the plan: nothing is matched by position.
        (
            ListValue((UNKNOWN, Known("b"))),
            ListValue((Known("b"), Known("a"))),
            NULL,
            ListValue((Known("b"), Known("a"))),
        ),
        (
            Call("merge", (ObjectValue({"k": Known("s3cret")}), API)),
            ObjectValue({"k": HIDDEN}),
            NULL,
            ObjectValue({"k": HIDDEN}),
        ),
    ],
)
def test_joined(written: Value, plan: Value, otherwise: Value, expected: Value) -> None:
    linked = {API.address, "aws_lambda_function.f"}
    assert describe(joined(written, plan, otherwise, linked=linked)) == describe(expected)


def test_a_reference_to_something_else_is_no_link() -> None:
    assert joined(LINK, Known("arn:x"), NULL, linked=set()) == Known("arn:x")
