"""What a killed run leaves is found and deleted, and nothing else is."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from botocore.awsrequest import AWSResponse

from routeproof.sources.aws.account import Account, Options, connect, iam_action
from tests.e2e import tags
from tests.e2e.deployment import ROOT, remaining
from tests.e2e.interrupted_runs import DEPLOYMENT, Case, Session
from tests.e2e.laboratory import Lab
from tests.e2e.local_aws import LocalAws
from tests.e2e.own_server import own_server
from tests.e2e.sweep import account as accounts
from tests.e2e.sweep.__main__ import sweep
from tests.e2e.waiting import within_deadline

HOUR = timedelta(hours=1)
ACCOUNT = ("--aws", "--account=000000000000", "--region=us-east-1")
TRUST = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
ALLOWED = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}


def document(statement: Mapping[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@dataclass(frozen=True)
class Places:
    """The temporary folder of a run and of the sweep that looks for it, and the description of the endpoint."""

    temporary: Path
    local_aws: Path

    @property
    def environment(self) -> dict[str, str]:
        return {"TMPDIR": str(self.temporary), "ROUTEPROOF_LOCAL_AWS": str(self.local_aws)}

    def sweep(self, *arguments: str, **environment: str) -> tuple[int, list[list[str]], str]:
        """Exit code, the table (each row's kind, run, what happens and name) and all that was printed."""
        command = [sys.executable, "-m", "tests.e2e.sweep", *arguments]
        variables = {**os.environ, **self.environment, **environment}
        found = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)
        lines = [re.split(" {2,}", line, maxsplit=4) for line in found.stdout.splitlines()]
        rows = [[kind, run, what, name] for kind, run, _, what, name in (line for line in lines if len(line) == 5)]
        return found.returncode, rows[1:], found.stdout + found.stderr


@pytest.fixture(scope="module")
def aws(node: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """A server of these tests' own: what is deployed on the session's is in use."""
    with own_server(tmp_path_factory.mktemp("aws"), node=node) as server:
        yield server


@pytest.fixture(scope="module")
def places(aws: LocalAws, tmp_path_factory: pytest.TempPathFactory) -> Places:
    temporary = tmp_path_factory.mktemp("tmp")
    description = tmp_path_factory.mktemp("described") / "local-aws.json"
    description.write_text(json.dumps(asdict(aws), default=str))
    return Places(temporary, description)


@pytest.fixture(scope="module")
def lab(aws: LocalAws) -> Lab:
    return Lab(aws)


@pytest.fixture(scope="module")
def killed(aws: LocalAws, places: Places, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The suffix of a run that was killed in the middle of an apply; Terraform, which nobody killed, has ended."""
    directory = tmp_path_factory.mktemp("killed")
    with Session(Case("test_passes"), directory=directory, environment=places.environment) as session:
        suffix = session.wait_for_output(DEPLOYMENT)[1]
        session.wait_for_role(suffix)
        session.interrupt(signal.SIGKILL)
        assert session.wait() == -signal.SIGKILL

        def ended() -> None:
            assert session.processes() == []

        within_deadline(ended, seconds=180)
    return suffix


def tagged(suffix: str, expires: datetime | str) -> dict[str, str]:
    said = expires if isinstance(expires, str) else expires.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"routeproof-e2e": suffix, "routeproof-e2e-expires": said}


def make(lab: Lab, suffix: str, marks: Mapping[str, str], *, name: str = "by-hand") -> list[str]:
    """An API, a function, a role with policies and a log group, in the order in which they can be deleted."""
    iam = lab.client("iam")
    api = lab.api({"GET /": lab.function("", FunctionName=f"{name}{suffix}", Tags=marks)}, Tags=marks)
    lab.apis.update_api(ApiId=api.id, Name=f"{name}{suffix}")
    role = f"{name}-role{suffix}"
    listed = [{"Key": key, "Value": value} for key, value in marks.items()]
    iam.create_role(RoleName=role, AssumeRolePolicyDocument=document(TRUST), Tags=listed)
    iam.put_role_policy(RoleName=role, PolicyName="inline", PolicyDocument=document(ALLOWED))
    iam.attach_role_policy(RoleName=role, PolicyArn="arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole")
    lab.logs.create_log_group(logGroupName=f"/by/{name}{suffix}", tags=marks)
    arn = f"{lab.aws.region}:{lab.aws.account_id}"
    return [
        f"arn:aws:apigateway:{lab.aws.region}::/apis/{api.id}",
        f"arn:aws:lambda:{arn}:function:{name}{suffix}",
        f"arn:aws:iam::{lab.aws.account_id}:role/{role}",
        f"arn:aws:logs:{arn}:log-group:/by/{name}{suffix}",
    ]


def there(lab: Lab, arns: list[str]) -> list[str]:
    """Those of the resources that `make` has made which AWS still lists."""
    apis = [api["ApiId"] for api in lab.apis.get_apis()["Items"]]
    pages = {
        "function": [item["FunctionName"] for item in listed(lab.lambda_, "list_functions", "Functions")],
        "role": [item["RoleName"] for item in listed(lab.client("iam"), "list_roles", "Roles")],
        "log-group": [item["logGroupName"] for item in listed(lab.logs, "describe_log_groups", "logGroups")],
    }
    names = {*apis, *(name for found in pages.values() for name in found)}
    return [arn for arn in arns if re.split(r"/apis/|:function:|:role/|:log-group:", arn)[1] in names]


def listed(client, operation: str, member: str) -> list[dict]:
    return client.get_paginator(operation).paginate().build_full_result()[member]


def test_only_what_is_certainly_of_these_tests_and_has_expired_is_deleted(places: Places, lab: Lab):
    now = datetime.now(UTC)
    expired = make(lab, "-e2e-00000001", tagged("-e2e-00000001", now - HOUR))
    bystanders = [
        ("the same names without the tag", make(lab, "-e2e-00000002", {"owner": "somebody"})),
        ("the tag without the names", make(lab, "-prod", tagged("-prod", now - HOUR))),
        ("another run's tag", make(lab, "-e2e-00000003", tagged("-e2e-00000001", now - HOUR))),
        ("names that go on", make(lab, "-e2e-00000004x", tagged("-e2e-00000004", now - HOUR))),
    ]
    later = make(lab, "-e2e-00000005", tagged("-e2e-00000005", now + HOUR))
    unsaid = make(lab, "-e2e-00000006", tagged("-e2e-00000006", "tomorrow"))
    kinds = ["apigatewayv2", "lambda", "iam", "logs"]

    code, rows, output = places.sweep()
    assert code == 1, output
    assert sorted(rows) == sorted(
        [kind, suffix, what, arn]
        for suffix, what, arns in (
            ("-e2e-00000001", "to delete", expired),
            ("-e2e-00000005", "stays", later),
            ("-e2e-00000006", "stays", unsaid),
        )
        for kind, arn in zip(kinds, arns, strict=True)
    )
    assert output.count("    it has not expired\n") == output.count("    it does not say when it expires\n") == 4
    assert there(lab, expired) == expired

    code, rows, output = places.sweep("--yes")
    assert code == 1, output
    assert [name for _, _, what, name in rows if what == "deleted"] == expired
    assert output.splitlines()[-9:] == [
        "still there:",
        *(f"  {kind} {arns[number]}" for number, kind in enumerate(kinds) for arns in (later, unsaid)),
    ]
    everybody_else = [*(arn for _, arns in bystanders for arn in arns), *later, *unsaid]
    assert (there(lab, expired), there(lab, everybody_else)) == ([], everybody_else)

    code, _, output = places.sweep("--yes", "--unexpired")
    assert (code, output.splitlines()[-1]) == (0, "nothing is left")
    bystanding = [arn for _, arns in bystanders for arn in arns]
    assert (there(lab, [*later, *unsaid]), there(lab, bystanding)) == ([], bystanding)


def test_killed_run(places: Places, lab: Lab, killed: str):
    """By way of a named account, which is the local endpoint's. All that it made was tagged from the beginning."""
    left = remaining(killed)
    assert {name.partition(" ")[0] for name in left} >= {"apigatewayv2", "iam", "logs"}
    code, rows, output = places.sweep(*ACCOUNT)
    assert code == 1, output
    assert [kind for kind, run, *_ in rows if run == killed] == [name.partition(" ")[0] for name in left]
    assert [(kind, what) for kind, run, what, _ in rows if run == "-"] == [("directory", "to delete")]
    code, _, output = places.sweep(*ACCOUNT, "--yes", "--unexpired")
    assert (code, output.splitlines()[-1]) == (0, "nothing is left")
    assert output.startswith("looking at this machine and account 000000000000 in us-east-1\n")
    assert (remaining(killed), list(places.temporary.glob("routeproof-*"))) == ([], [])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("--aws", "--account=123456789012", "--region=us-east-1"),
            "sweep: --aws: the credentials are of account 000000000000 (arn:aws:iam::000000000000:root), "
            "not of 123456789012: refused\n",
        ),
        (("--aws",), "sweep: --aws needs --account with the account's 12 digits, and --region\n"),
        (
            ("--region=us-east-1",),
            "sweep: --account and --region are for --aws; without it nothing leaves this machine\n",
        ),
    ],
)
def test_refused(places: Places, arguments: tuple[str, ...], message: str):
    assert places.sweep(*arguments, "--yes", "--unexpired") == (2, [], message)


def test_an_endpoint_elsewhere_is_refused(places: Places, aws: LocalAws, tmp_path: Path):
    elsewhere = tmp_path / "aws.json"
    elsewhere.write_text(json.dumps(asdict(aws) | {"endpoint_url": "http://10.0.0.1:80"}, default=str))
    message = "sweep: http://10.0.0.1:80 is not http:// and a loopback address such as 127.0.0.1: refused\n"
    assert places.sweep("--yes", ROUTEPROOF_LOCAL_AWS=str(elsewhere)) == (2, [], message)


def test_local_mode_uses_nothing_of_the_users(places: Places):
    """Whoever has not named an account has none."""
    code, rows, output = places.sweep(ROUTEPROOF_LOCAL_AWS="", AWS_ENDPOINT_URL="http://127.0.0.1:1")
    assert (code, rows, output) == (0, [], "looking at this machine\nnothing is left\n")
    trap = {"AWS_ENDPOINT_URL_LAMBDA": "http://127.0.0.1:1", "AWS_PROFILE": "canary"}
    code, _, output = places.sweep(**trap)
    assert code == 0, output


def test_what_aws_refuses_is_named_and_the_rest_goes_on(places: Places, lab: Lab):
    arns = make(lab, "-e2e-00000011", tagged("-e2e-00000011", datetime.now(UTC) - HOUR))
    iam, role = lab.client("iam"), arns[2].rpartition("/")[2]
    iam.create_instance_profile(InstanceProfileName="holds")
    iam.add_role_to_instance_profile(InstanceProfileName="holds", RoleName=role)
    code, rows, output = places.sweep("--yes")
    assert code == 1, output
    assert [what for _, _, what, _ in rows] == ["deleted", "deleted", "FAILED", "deleted"]
    assert "must remove role from all instance profiles first" in output
    assert output.endswith(f"still there:\n  iam {arns[2]}\n")
    assert there(lab, arns) == [arns[2]]
    iam.remove_role_from_instance_profile(InstanceProfileName="holds", RoleName=role)
    assert places.sweep("--yes")[0] == 0


@pytest.fixture
def account(aws: LocalAws) -> Account:
    return connect(Options(region=aws.region, endpoint_url=aws.endpoint_url))


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
    deny(account, service, operation)
    try:
        assert sweep([lambda: accounts.resources(account)], delete=True, unexpired=False) == 2
        printed = capsys.readouterr()
        assert printed.err == (
            f"sweep: this cannot be known: {service}: AWS denies {action} to arn:aws:iam::000000000000:root\n"
        )
        assert printed.out.endswith("nothing else is known to be left\n")
        assert len(there(lab, arns)) == 1
    finally:
        fresh = connect(Options(region=lab.aws.region, endpoint_url=lab.aws.endpoint_url))
        assert sweep([lambda: accounts.resources(fresh)], delete=True, unexpired=False) == 0


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
    deny(account, service, operation)
    try:
        assert sweep([lambda: accounts.resources(account)], delete=True, unexpired=False) == 1
        printed = capsys.readouterr().out
        assert f"\n    AWS denies {action} to arn:aws:iam::000000000000:root\n" in printed
        (left,) = there(lab, arns)
        assert printed.endswith(f"still there:\n  {service} {left}\n")
    finally:
        fresh = connect(Options(region=lab.aws.region, endpoint_url=lab.aws.endpoint_url))
        assert sweep([lambda: accounts.resources(fresh)], delete=True, unexpired=False) == 0


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
    assert sweep([lambda: accounts.resources(account)], delete=True, unexpired=False) == 0
    page = (ROOT / "docs" / "real-account.md").read_text()
    (code,) = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    statements = json.loads(code)["Statement"]
    assert {statement["Effect"] for statement in statements} == {"Allow"}
    assert sorted(called) == sorted(action for statement in statements for action in statement["Action"])
    on_everything = [action for part in statements if part["Resource"] == "*" for action in part["Action"]]
    assert [action for action in on_everything if re.search("Delete|DELETE|Detach", action)] == []


def test_tags_say_whose_and_until_when():
    now = datetime(2026, 1, 1, 12, tzinfo=UTC)
    suffix = tags.new_suffix()
    variables = tags.default_tags(suffix, now)
    marks = {name.removeprefix("TF_AWS_DEFAULT_TAGS_"): value for name, value in variables.items()}
    assert tags.run_of(f"hello{suffix}", marks) == suffix
    assert tags.expiry(marks) == now + tags.LIFETIME
    assert tags.run_of(f"hello{suffix}\n", marks) is None
    assert tags.expiry({}) is None
