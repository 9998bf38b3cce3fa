"""Which calls a `source_arn` lets in. What AWS sends and how IAM compares it: docs/aws-behaviour.md."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routeproof.source_arns import METHODS, lets_in


@pytest.mark.parametrize(
    ("suffix", "route_key", "let_in"),
    [
        ("/*/*", "GET /hello", True),
        ("/*/*", "$default", True),
        ("/*/*", "ANY /{proxy+}", True),
        ("/*/*", "$connect", True),
        ("/*", "$default", True),
        ("*", "GET /hello", True),
        ("/*/*/*", "GET /hello", True),
        ("/*/*/*", "$default", False),
        ("/*/*/*", "$connect", False),
        ("/*/$default", "$default", True),
        ("/*/$default", "GET /hello", False),
        ("/live/*", "GET /hello", True),
        ("/test/*", "GET /hello", False),
        ("/live/GET/hello", "GET /hello", True),
        ("/live/GET/hello", "GET /hello/{id}", False),
        ("/live/GET/hello", "GET /hell", False),
        ("/live/GET/hello", "POST /hello", False),
        ("/live/get/hello", "GET /hello", False),
        ("/live/GET/hello*", "GET /hello/{id}", True),
        ("/live/GET/", "GET /", True),
        ("/live/GET", "GET /", False),
        ("/live/GET/{proxy+}", "GET /{proxy+}", True),
        ("/live/GET/pets", "GET /{proxy+}", False),
        ("/????/G?T/hell?", "GET /hello", True),
        ("/?????/GET/hello", "GET /hello", False),
        ("/live?GET/hello", "GET /hello", True),
        ("/*/GET/hello", "ANY /hello", False),
        ("/*/*/hello", "ANY /hello", True),
        ("/*/ANY/hello", "ANY /hello", False),
        ("", "GET /hello", False),
        ("/authorizers/*", "GET /hello", False),
    ],
)
def test_a_call_from_the_stage_live(suffix: str, route_key: str, let_in: bool) -> None:
    assert lets_in(suffix, route_key, "live") is let_in


@pytest.mark.parametrize(
    ("suffix", "let_in"),
    [
        ("/*/*", True),
        ("/*", True),
        ("/*/GET/hello", True),
        ("*hello", True),
        ("/live/*", None),
        ("/live/GET/hello", None),
        ("/????/GET/hello", None),
        ("/live*/*", None),
        ("/live/POST/hello", False),
        ("//GET/hello", False),
        ("/live/beta/GET/hello", False),
        ("/*/POST/*", False),
        ("/GET/hello", False),
    ],
)
def test_a_stage_whose_name_only_apply_decides(suffix: str, let_in: bool | None) -> None:
    assert lets_in(suffix, "GET /hello", None) is let_in


def test_any_needs_every_method() -> None:
    for left_out in METHODS:
        assert lets_in(f"/*/{left_out}/*", left_out + " /x", None) is True
        assert lets_in(f"/*/{left_out}/*", "ANY /x", None) is False


TEXT = st.text("a/*?", max_size=8)


@given(TEXT, st.text("a/", min_size=1, max_size=6))
def test_wildcards_are_iams(suffix: str, path: str) -> None:
    """`*` matches any text, also none, and `?` one character, across slashes: what this expression says."""
    expression = "".join({"*": ".*", "?": "."}.get(character, character) for character in suffix)
    assert lets_in("/live/GET" + suffix, "GET " + path, "live") is bool(re.fullmatch(expression, path))


@given(TEXT, st.text("a", min_size=1, max_size=3))
def test_what_holds_for_an_unknown_stage_holds_for_each(suffix: str, stage: str) -> None:
    let_in = lets_in("/" + suffix, "a /a", None)
    assert let_in is None or lets_in("/" + suffix, "a /a", stage) is let_in


def test_a_hostile_pattern_is_decided_at_once() -> None:
    assert lets_in("/*a" * 2_000 + "b", "GET /" + "a" * 2_000, None) is False
