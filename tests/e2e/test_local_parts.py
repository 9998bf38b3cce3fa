"""The endpoint's pure parts. A property's docstring states the rule that it proves."""

import asyncio
import fnmatch
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.e2e.local_aws.access_logs import render
from tests.e2e.local_aws.asgi import json_response, send_response
from tests.e2e.local_aws.control_plane import ControlPlane
from tests.e2e.local_aws.permission import arn_like, find_refusal, like
from tests.e2e.local_aws.responses import MalformedResponse, from_function
from tests.e2e.local_aws.routing import Route, Target, find_target, match_path, select_route, select_stage
from tests.e2e.local_aws.throttling import Throttle

parts = st.text("ab/$*?", max_size=5)
plain_parts = st.text("ab/$", max_size=5)
arns = st.lists(plain_parts, min_size=6, max_size=6).map(":".join)


@given(st.lists(parts, min_size=6, max_size=6), st.lists(plain_parts, min_size=6, max_size=6))
def test_arn_like_is_part_by_part(patterns: list[str], texts: list[str]):
    """An ARN matches exactly where each of its six parts does, by shell wildcards that also match `/`."""
    expected = all(fnmatch.fnmatchcase(text, pattern) for pattern, text in zip(patterns, texts, strict=True))
    assert arn_like(":".join(patterns), ":".join(texts)) == expected


@given(arns)
def test_an_arn_is_like_itself(arn: str):
    """An ARN without wildcards matches itself, and six wildcards match every ARN."""
    assert arn_like(arn, arn)
    assert arn_like("*:*:*:*:*:*", arn)


@given(arns, st.text("ab/", min_size=1, max_size=3))
def test_what_follows_counts(arn: str, more: str):
    """Nothing is matched by its beginning alone."""
    assert not arn_like(arn, arn + more)


def test_fewer_than_six_parts():
    assert not arn_like("*", "arn:aws:execute-api:us-east-1:000000000000:abc/*/*")
    assert not arn_like("arn:aws:*", "arn:aws:execute-api:us-east-1:000000000000:abc/*/*")
    assert arn_like("arn:aws:*:*:*:*", "arn:aws:execute-api:us-east-1:000000000000:a:b")


@given(st.text(max_size=8))
def test_wildcards_only(text: str):
    """Every character but `*` and `?` stands for itself, whatever it means to a regular expression."""
    assert like(text, text)
    assert like("*", text)
    assert like("?" * len(text), text)
    assert not like("?" * (len(text) + 1), text)


STATEMENT = {
    "Sid": "S",
    "Effect": "Allow",
    "Principal": {"Service": "apigateway.amazonaws.com"},
    "Action": "lambda:InvokeFunction",
    "Resource": "arn:f",
    "Condition": {"ArnLike": {"AWS:SourceArn": "arn:aws:execute-api:r:1:api/*/*"}},
}
CALL = {"function_arn": "arn:f", "source_arn": "arn:aws:execute-api:r:1:api/s/GET/x", "source_account": "1"}


@pytest.mark.parametrize(
    ("difference", "reason"),
    [
        ({}, None),
        ({"Condition": {}}, None),
        ({"Principal": "*"}, None),
        ({"Condition": {"StringEquals": {"aws:sourceaccount": ["2", "1"]}}}, None),
        ({"Effect": "Deny"}, "S: its effect is Deny"),
        ({"Resource": "arn:f:live"}, "S: it is for arn:f:live"),
        ({"Action": "lambda:GetFunction"}, "S: its action is lambda:GetFunction"),
        ({"Principal": {"AWS": "1"}}, "S: its principal is {'AWS': '1'}"),
        (
            {"Condition": {"StringEquals": {"AWS:SourceAccount": "2"}}},
            "S: StringEquals AWS:SourceAccount 2 does not match 1",
        ),
        (
            {"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o"}}},
            "S: the condition StringEquals aws:PrincipalOrgID is not one that API Gateway's calls can be checked "
            "against here",
        ),
        (
            {"Condition": {"Bool": {"aws:SourceAccount": "1"}}},
            "S: the condition Bool aws:SourceAccount is not one that API Gateway's calls can be checked against here",
        ),
    ],
)
def test_statement(difference, reason):
    refusal = find_refusal([STATEMENT | difference], **CALL)
    assert refusal == (reason and f"{CALL['source_arn']} may not call arn:f: {reason}")


@given(st.dictionaries(st.from_regex(r"[a-z]+(\.[a-z]+)?", fullmatch=True), st.text(max_size=5)), st.text())
def test_render_leaves_no_variable(values: dict[str, str], between: str):
    """Each variable becomes its value, or `-` without one; the text between stays as it is."""
    between = between.replace("$", "")
    template = between.join(f"<$context.{name}>" for name in values) + between + "<$context.absent.entirely>"
    expected = between.join(f"<{value or '-'}>" for value in values.values()) + between + "<->"
    assert render(template, values) == expected


@given(st.text())
def test_render_is_not_applied_twice(value: str):
    """A value that looks like a variable is data."""
    assert render("$context.a", {"a": value + "$context.b", "b": "no"}) == value + "$context.b"


def test_render_stops_where_a_name_does():
    assert render("$context.status. $context.statusx", {"status": 200}) == "200. -"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)
answers = st.dictionaries(
    st.sampled_from(["statusCode", "headers", "multiValueHeaders", "cookies", "body", "isBase64Encoded"]), json_values
)


@given(json_values | answers, st.sampled_from(["1.0", "2.0"]))
def test_every_answer_is_judged(answer: object, version: str):
    """Whatever a function returns becomes a response that HTTP can carry, or is malformed: nothing else is raised."""
    try:
        response = from_function(json.dumps(answer).encode(), version=version)
    except MalformedResponse:
        return
    assert 200 <= response.status <= 599
    for name, value in response.headers:
        assert f"{name}{value}".encode("latin-1").find(b"\n") == -1


segments = st.text("abc.+", min_size=1, max_size=3)


@given(st.lists(segments, min_size=1, max_size=4))
def test_a_literal_path_matches_only_itself(names: list[str]):
    """A template without variables is no pattern."""
    path = "/" + "/".join(names)
    assert match_path(path, path) == {}
    assert match_path(path, f"{path}/more") is None
    assert match_path(path, path.replace("a", "A").replace("b", "B").replace("c", "C") + "x") is None


@given(st.lists(segments, min_size=1, max_size=4))
def test_variables_take_segments(names: list[str]):
    """`{x}` takes one segment, `{x+}` all that are left."""
    path = "/" + "/".join(names)
    assert match_path("/{first}/{rest+}", path) == (
        {"first": names[0], "rest": "/".join(names[1:])} if len(names) > 1 else None
    )
    assert match_path("/{only}", path) == ({"only": names[0]} if len(names) == 1 else None)


@given(st.permutations(["$default", "ANY /{proxy+}", "GET /{proxy+}", "ANY /{id}", "GET /{id}", "ANY /a", "GET /a"]))
def test_route_order_does_not_matter(keys: list[str]):
    """The most specific route is chosen, in whatever order they were made."""
    routes = [Route(key=key, integration_id="i") for key in keys]
    expected = ["GET /a", "ANY /a", "GET /{id}", "ANY /{id}", "GET /{proxy+}", "ANY /{proxy+}", "$default"]
    chosen = []
    while routes:
        match = select_route(routes, method="GET", path="/a")
        assert match is not None
        chosen.append(match.route.key)
        routes.remove(match.route)
    assert chosen == expected


@pytest.mark.parametrize(
    ("host", "path", "expected"),
    [
        ("abc.execute-api.eu-west-1.amazonaws.com", "/x", ("abc", "eu-west-1", "/x")),
        ("ABC.Execute-Api.eu-west-1.amazonaws.com:443", "/$default/x", ("abc", "eu-west-1", "/$default/x")),
        ("abc.execute-api.localhost:4566", "/$default/x", ("abc", "r", "/x")),
        ("127.0.0.1:4566", "/_aws/execute-api/abc/prod/x", ("abc", "r", "/prod/x")),
        ("127.0.0.1:4566", "/_aws/execute-api/abc", ("abc", "r", "/")),
        ("127.0.0.1:4566", "/restapis/abc/prod/_user_request_/x", ("abc", "r", "/prod/x")),
        ("127.0.0.1:4566", "/restapis/abc", None),
        ("127.0.0.1:4566", "/v2/apis", None),
        ("lambda.us-east-1.amazonaws.com", "/", None),
    ],
)
def test_target(host: str, path: str, expected):
    target = find_target(host=host, path=path, region="r")
    assert target == (expected and Target(api_id=expected[0], region=expected[1], path=expected[2]))


def test_stage_of_a_path():
    assert select_stage({"prod": {}}, "/prod/x") == ("prod", "/x")
    assert select_stage({"prod": {}}, "/prod") == ("prod", "/")
    assert select_stage({"prod": {}}, "/x") is None
    assert select_stage({"prod": {}, "$default": {}}, "/production/x") == ("$default", "/production/x")
    assert select_stage({"$default": {}}, "/$default/x") == ("$default", "/$default/x")


@given(st.integers(0, 5), st.floats(0.5, 5), st.lists(st.floats(0, 2), max_size=30))
def test_token_bucket(burst: int, rate: float, pauses: list[float]):
    """In any time t, no more than burst + rate * t requests are admitted."""
    now = 0.0
    throttle = Throttle(clock=lambda: now)
    settings = {"ThrottlingBurstLimit": burst, "ThrottlingRateLimit": rate}
    admitted = 0
    for pause in pauses:
        now += pause
        admitted += throttle.admits("key", settings)
    assert admitted <= burst + rate * now + 1e-6
    assert admitted >= min(burst, len(pauses))


def test_token_bucket_refills():
    now = 0.0
    throttle = Throttle(clock=lambda: now)
    settings = {"ThrottlingBurstLimit": 1, "ThrottlingRateLimit": 2.0}
    assert [throttle.admits("a", settings), throttle.admits("a", settings)] == [True, False]
    assert throttle.admits("b", settings)
    now = 0.5
    assert throttle.admits("a", settings)
    now = 1000.0  # an idle bucket does not grow past its burst
    assert [throttle.admits("a", settings), throttle.admits("a", settings)] == [True, False]


def test_a_change_during_a_reading():
    """What was read while something changed is not kept: the next reading sees the change."""
    statements = [[{"Sid": "old"}], [{"Sid": "new"}]]

    async def emulator(scope, receive, send):
        answer = json_response(200, {"Policy": json.dumps({"Statement": statements.pop(0)})})
        control_plane.forget()
        await send_response(send, answer)

    async def read_twice() -> list:
        control_plane.start()
        return [await control_plane.policy(region="us-east-1", function="f", qualifier=None) for _ in range(2)]

    control_plane = ControlPlane(emulator)
    assert asyncio.run(read_twice()) == [[{"Sid": "old"}], [{"Sid": "new"}]]


def test_readings_are_kept():
    """Nothing is read twice until `forget` is called."""
    calls = []

    async def emulator(scope, receive, send):
        calls.append(scope["path"])
        await send_response(send, json_response(200, {"Policy": '{"Statement":[]}'}))

    async def read() -> None:
        control_plane.start()
        for _ in range(3):
            await control_plane.policy(region="us-east-1", function="f", qualifier="live")
        control_plane.forget()
        await control_plane.policy(region="us-east-1", function="f", qualifier="live")

    control_plane = ControlPlane(emulator)
    asyncio.run(read())
    assert calls == ["/2015-03-31/functions/f/policy"] * 2
