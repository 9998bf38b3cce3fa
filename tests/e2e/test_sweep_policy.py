"""What AWS denies to the sweep is named; and the documented policy is all that it needs."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from botocore.awsrequest import AWSResponse

from routeproof.sources.aws.account import Account, Options, connect, iam_action
from tests.e2e.deployment import ROOT
from tests.e2e.laboratory import Lab
from tests.e2e.local_aws import LocalAws
from tests.e2e.made_by_hand import HOUR, make, tagged, there
from tests.e2e.own_server import own_server
from tests.e2e.sweep import account as accounts
from tests.e2e.sweep.__main__ import sweep


@pytest.fixture(scope="module")
def aws(node: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """A server of these tests' own: what is deployed on the session's is in use."""
    with own_server(tmp_path_factory.mktemp("aws"), node=node) as server:
        yield server


@pytest.fixture(scope="module")
def lab(aws: LocalAws) -> Lab:
    return Lab(aws)


@pytest.fixture
def account(aws: LocalAws) -> Account:
    return connected(aws)


def connected(aws: LocalAws) -> Account:
    return connect(Options(region=aws.region, endpoint_url=aws.endpoint_url))


def swept(account: Account) -> int:
    """The exit code of a sweep of what has expired."""
    return sweep([lambda: accounts.resources(account)], delete=True, unexpired=False)


@contextmanager
def denied(account: Account, lab: Lab, service: str, operation: str) -> Iterator[None]:
    """One operation is denied while the block runs. What that leaves is deleted afterwards, when nothing is denied."""
    deny(account, service, operation)
    try:
        yield
    finally:
        assert swept(connected(lab.aws)) == 0


def deny(account: Account, service: str, operation: str) -> None:
    """The endpoint knows no policies: AWS's refusal is put in the place of its answer."""

    def refusal(request, **_: object) -> AWSResponse:
        content = {"__type": "AccessDeniedException", "message": "no", "Code": "AccessDenied"}
        body = json.dumps(content).encode()
        if service == "iam":
            body = b"<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>"
        raw = type("Raw", (), {"stream": lambda self, *_, **__: iter([body])})()
        return AWSResponse(request.url, 403, {"x-amzn-errortype": "AccessDeniedException"}, raw)

    account.clients[service].meta.events.register(f"before-send.{service}.{operation}", refusal)


@pytest.mark.parametrize(
    ("service", "operation", "action"),
    [
        ("lambda", "ListFunctions", "lambda:ListFunctions"),
        ("lambda", "ListTags", "lambda:ListTags"),
        ("apigatewayv2", "GetApis", "apigateway:GET"),
        ("iam", "ListRoleTags", "iam:ListRoleTags"),
        ("logs", "DescribeLogGroups", "logs:DescribeLogGroups"),
    ],
)
def test_a_list_that_is_denied_is_no_list(
    account: Account, lab: Lab, capsys: pytest.CaptureFixture[str], service: str, operation: str, action: str
):
    """What else there is is deleted all the same."""
    arns = make(lab, "-e2e-00000021", tagged("-e2e-00000021", datetime.now(UTC) - HOUR))
    with denied(account, lab, service, operation):
        assert swept(account) == 2
        printed = capsys.readouterr()
        assert printed.err == (
            f"sweep: this cannot be known: {service}: AWS denies {action} to arn:aws:iam::000000000000:root\n"
        )
        assert printed.out.endswith("nothing else is known to be left\n")
        assert len(there(lab, arns)) == 1


@pytest.mark.parametrize(
    ("service", "operation", "action"),
    [
        ("apigatewayv2", "DeleteApi", "apigateway:DELETE"),
        ("lambda", "DeleteFunction", "lambda:DeleteFunction"),
        ("iam", "DetachRolePolicy", "iam:DetachRolePolicy"),
        ("iam", "DeleteRole", "iam:DeleteRole"),
        ("logs", "DeleteLogGroup", "logs:DeleteLogGroup"),
    ],
)
def test_a_deletion_that_is_denied_names_the_action(
    account: Account, lab: Lab, capsys: pytest.CaptureFixture[str], service: str, operation: str, action: str
):
    arns = make(lab, "-e2e-00000022", tagged("-e2e-00000022", datetime.now(UTC) - HOUR))
    with denied(account, lab, service, operation):
        assert swept(account) == 1
        printed = capsys.readouterr().out
        assert f"\n    AWS denies {action} to arn:aws:iam::000000000000:root\n" in printed
        (left,) = there(lab, arns)
        assert printed.endswith(f"still there:\n  {service} {left}\n")


def test_what_somebody_else_has_deleted_is_deleted(account: Account, lab: Lab):
    arns = make(lab, "-e2e-00000023", tagged("-e2e-00000023", datetime.now(UTC) - HOUR))
    found = accounts.resources(account).leftovers
    assert [leftover.name for leftover in found] == arns
    for leftover in [*found, *found]:
        leftover.remove()
    assert there(lab, arns) == []


def test_every_page_is_read(account: Account, lab: Lab):
    """Log groups come in fifties."""
    marks = tagged("-e2e-00000031", datetime.now(UTC) - HOUR)
    names = [f"/page/{number:02}-e2e-00000031" for number in range(60)]
    for name in names:
        lab.logs.create_log_group(logGroupName=name, tags=marks)
    found = accounts.resources(account).leftovers
    try:
        assert [leftover.name.partition(":log-group:")[2] for leftover in found] == names
    finally:
        for leftover in found:
            leftover.remove()


def test_the_documented_policy_allows_what_is_called_and_no_more(account: Account, lab: Lab):
    make(lab, "-e2e-00000041", tagged("-e2e-00000041", datetime.now(UTC) - HOUR))
    called = set()

    def note(model, **_: object) -> None:
        called.add(iam_action(model.service_model.service_name, model.name))

    for client in account.clients.values():
        client.meta.events.register("before-call.*.*", note)
    assert swept(account) == 0
    page = (ROOT / "docs" / "real-account.md").read_text()
    (code,) = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    statements = json.loads(code)["Statement"]
    assert {statement["Effect"] for statement in statements} == {"Allow"}
    assert sorted(called) == sorted(action for statement in statements for action in statement["Action"])
    on_everything = [action for part in statements if part["Resource"] == "*" for action in part["Action"]]
    assert [action for action in on_everything if re.search("Delete|DELETE|Detach", action)] == []
