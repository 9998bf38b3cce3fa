"""What a killed run leaves is found and deleted, and nothing else is."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.e2e import tags
from tests.e2e.deployment import ROOT, remaining
from tests.e2e.interrupted_runs import DEPLOYMENT, Case, Session
from tests.e2e.laboratory import Lab
from tests.e2e.local_aws import LocalAws
from tests.e2e.made_by_hand import HOUR, make, tagged, there
from tests.e2e.own_server import own_server
from tests.e2e.waiting import within_deadline

ACCOUNT = ("--aws", "--account=000000000000", "--region=us-east-1")


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


def test_a_description_that_is_none(places: Places, tmp_path: Path):
    (tmp_path / "aws.json").write_text("{}")
    for name, problem in (
        ("aws.json", "KeyError('ca_file')"),
        ("missing", "FileNotFoundError(2, 'No such file or dir"),
    ):
        code, rows, output = places.sweep(ROUTEPROOF_LOCAL_AWS=str(tmp_path / name))
        assert (code, rows) == (2, [])
        assert output.startswith(f"sweep: ROUTEPROOF_LOCAL_AWS={tmp_path / name} describes no endpoint: {problem}")


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


def test_tags_say_whose_and_until_when():
    now = datetime(2026, 1, 1, 12, tzinfo=UTC)
    suffix = tags.new_suffix()
    variables = tags.default_tags(suffix, now)
    marks = {name.removeprefix("TF_AWS_DEFAULT_TAGS_"): value for name, value in variables.items()}
    assert tags.run_of(f"hello{suffix}", marks) == suffix
    assert tags.expiry(marks) == now + tags.LIFETIME
    assert tags.run_of(f"hello{suffix}\n", marks) is None
    assert tags.expiry({}) is None
