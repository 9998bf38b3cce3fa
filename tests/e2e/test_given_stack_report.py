"""What is said of a given stack that was deployed, or could not be."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.deployment import Deployment
from tests.e2e.given_stack.asking import the_api
from tests.e2e.given_stack.deploying import Copy, NotUsable, not_acted_on, resources
from tests.e2e.given_stack.diagnostics import plan_of, told
from tests.e2e.given_stack.linter import Said, failing_alone
from tests.e2e.given_stack.options import Expectation, GivenStack
from tests.e2e.local_aws.not_known import NotKnown

HELLO = Expectation(method="GET", path="/hello", status=200)


def copy_with(root: Path, apis: Mapping[str, str], api: str | None) -> Copy:
    """With a state that has these APIs: their protocols by name."""
    entry = {"mode": "managed", "type": "aws_apigatewayv2_api"}
    state = [
        {**entry, "name": name, "instances": [{"index_key": "k", "attributes": {"protocol_type": protocol}}]}
        for name, protocol in apis.items()
    ]
    (root / "terraform.tfstate").write_text(json.dumps({"resources": state}))
    given = GivenStack(directory=root, expectations=(HELLO,), api=api)
    nothing: Any = None
    return Copy(given, root, Deployment(root, "", nothing, {}), nothing, frozenset())


def test_the_api_that_is_asked(tmp_path: Path):
    first, second = 'aws_apigatewayv2_api.a["k"]', 'aws_apigatewayv2_api.b["k"]'
    several = {"a": "HTTP", "b": "HTTP", "c": "WEBSOCKET"}
    assert the_api(copy_with(tmp_path, {"a": "HTTP", "c": "WEBSOCKET"}, None)).address == first
    assert the_api(copy_with(tmp_path, several, second)).address == second
    for apis, api, message in (
        ({"c": "WEBSOCKET"}, None, "the stack has no HTTP API (aws_apigatewayv2_api with protocol_type HTTP) that "),
        (several, None, f"the stack has 2 HTTP APIs; name one with --api: {first}, {second}"),
        (several, "b", f"--api: the stack has no HTTP API b; it has {first}, {second}"),
    ):
        with pytest.raises(NotUsable) as refusal:
            the_api(copy_with(tmp_path, apis, api))
        assert str(refusal.value).startswith(message)


def test_resources_of_a_state(tmp_path: Path):
    file = tmp_path / "terraform.tfstate"
    assert resources(file) == []
    file.write_text(
        json.dumps(
            {
                "resources": [
                    {"mode": "data", "type": "aws_region", "name": "a", "instances": [{"attributes": {}}]},
                    {
                        "mode": "managed",
                        "type": "aws_x",
                        "name": "a",
                        "module": 'module.m["k"]',
                        "instances": [{"index_key": 0, "attributes": {"id": "1"}}],
                    },
                ]
            }
        )
    )
    assert [(one.address, one.attributes) for one in resources(file)] == [('module.m["k"].aws_x.a[0]', {"id": "1"})]


def test_what_is_not_acted_on():
    types = {"aws_apigatewayv2_authorizer.a": "aws_apigatewayv2_authorizer", "aws_sqs_queue.q": "aws_sqs_queue"}
    assert not_acted_on(types) == ["aws_apigatewayv2_authorizer.a: a route that asks it is answered with 501"]


def said(*results: tuple[str, str, bool]) -> Said:
    """A report with these results: convention, verdict, and whether it is accepted."""
    found = [
        {
            "convention": name,
            "verdict": verdict,
            "address": "a",
            "message": "m",
            "suppressed": None,
            "baseline": accepted,
        }
        for name, verdict, accepted in results
    ]
    return Said(1, "", {"roots": [{"results": found}]})


def test_what_fails_live_alone():
    """Neither what the source fails for, nor what is accepted or undecided."""
    source = said(("CORS", "fail", False))
    live = said(("CORS", "fail", False), ("DRIFT", "fail", False), ("HTTP_API", "fail", True), ("X", "unproven", False))
    assert failing_alone(live, source) == ["DRIFT a: m"]
    assert failing_alone(live, Said(2, "no report", None)) == ["CORS a: m", "DRIFT a: m"]


def event(kind: str, **members: Any) -> str:
    return json.dumps({"type": kind, **members})


def error(address: str | None, summary: str, detail: str = "") -> str:
    said = {"severity": "error", "address": address, "summary": summary, "detail": detail}
    return event("diagnostic", diagnostic=said)


def begun(address: str) -> str:
    return event("apply_start", hook={"resource": {"addr": address}})


def test_what_is_told_of_a_failure():
    """Unknown types first, then what else failed, what a crash took along, and what was never finished."""
    known = NotKnown(request_ids=["1-2"], asked="oam CreateSink", status=400, answer='{"error": "no"}')
    output = "\n".join(
        [
            begun("aws_e.e"),
            begun("aws_f.f"),
            event("apply_complete", hook={"resource": {"addr": "aws_f.f"}}),
            error("aws_b.b", "creating: RequestID: 3-4, api error", "more\n  of it"),
            error('module.m["x.y"].aws_a.a[0]', "creating: https response error StatusCode: 400, RequestID: 1-2, x"),
            error("aws_c.c", "Plugin did not respond", "..."),
            error("aws_d.d", "Request cancelled"),
            error(None, "Invalid value"),
            "panic: runtime error",
            "github.com/hashicorp/terraform-provider-aws/internal/service/lambda.resourceXCreate({0x1})",
        ]
    )
    assert told("It fails.", output, {"1-2": known}).splitlines() == [
        "It fails.",
        "The local endpoint does not know what it was asked for:",
        '  module.m["x.y"].aws_a.a[0] (aws_a): oam CreateSink was answered with 400 {"error": "no"}',
        "Terraform says:",
        "  the configuration: Invalid value",
        "  aws_b.b: creating: RequestID: 3-4, api error: more of it",
        "The provider crashed in lambda.resourceXCreate, at an answer of the endpoint. Under way were:",
        "  aws_c.c",
        "  aws_d.d",
        "Not finished:",
        "  aws_e.e",
    ]
    assert told("It fails.", "no JSON\n", {}).splitlines() == ["It fails.", "no JSON"]


def test_what_a_plan_would_do():
    read = "aws_a.a: Refreshing state...\n\n"
    change = "Terraform will perform the following actions:\n  # aws_a.a\n"
    hint = "Where the local endpoint does not give back what was applied, and AWS would, that shows here too."
    assert plan_of(read + change) == f"{change}{hint}"
    assert plan_of("Error: no\n") == "Error: no"
