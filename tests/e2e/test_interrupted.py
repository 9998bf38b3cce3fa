"""However a run ends, what it deployed is destroyed, what it started has ended, and its report says how it ended."""

import html
import re
import signal
import subprocess
from collections.abc import Mapping
from concurrent.futures import Future
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.e2e.hostile import ACCESS_KEY, Hostile
from tests.e2e.interrupted_runs import Case, Run, Session

Runs = Mapping[str, Future[Run]]


@pytest.mark.parametrize("name", ["ctrl-c", "terminated"])
def test_interrupted_in_the_middle_of_an_apply(runs: Runs, name: str):
    run = runs[name].result()
    assert run.exit_code == pytest.ExitCode.INTERRUPTED, run.output
    assert "interrupted: `terraform apply -auto-approve` may finish first" in run.output
    assert "PASSED" not in run.output
    assert (run.remaining, run.processes) == ([], []), run.output


def test_apply_fails(runs: Runs):
    run = runs["apply fails"].result()
    assert run.exit_code == pytest.ExitCode.TESTS_FAILED, run.output
    assert "`terraform apply -auto-approve` ended with exit code 1" in run.output
    assert "ResourceAlreadyExistsException" in run.output
    assert "terraform destroy -auto-approve: " in run.output
    assert (run.remaining, run.processes) == ([], []), run.output


def test_test_fails(runs: Runs):
    """The report also says what was deployed and what was logged."""
    run = runs["test fails"].result()
    assert run.exit_code == pytest.ExitCode.TESTS_FAILED, run.output
    for section in (
        r"terraform plan of -e2e-\w{8} -+\n(.*\n)*No changes\.",
        r'terraform.tfstate of -e2e-\w{8} -+\n(.*\n)* *"type": "aws_lambda_permission",\n',
        r"log group /aws/lambda/hello-e2e-\w{8} -+\n(.*\n)*START RequestId: ",
        r'log group /aws/apigw/hello-api-e2e-\w{8} -+\n(.*\n)*\{.*"routeKey":"GET /hello"',
        r"the endpoint's log, its end -+\n(.*\n)*.*GET .*/hello -> 200",
    ):
        assert re.search(section, run.output), f"{section} is not in\n{run.output}"
    assert (run.remaining, run.processes) == ([], []), run.output


def test_report_of_a_failure(runs: Runs):
    """It has what the test did in another process: the commands, the call, the answer and its line in the log."""
    run = runs["test fails"].result()
    assert "<h1>" in run.report, run.output
    page = " ".join(re.sub(r"<(style|svg).*?</\1>|<[^>]*>", " ", run.report, flags=re.DOTALL).split())
    page = html.unescape(page)
    for shown in (
        r"1 of 1 check failed 0 passed ?, 1 failed",
        r"Terraform \d+\.\d+\.\d+ .* hashicorp/aws \d+\.\d+\.\d+ ",
        r"What failed Fails assert .* == 'something else'",
        r"Set up for it .* \$ terraform apply -auto-approve ok .* Apply complete! Resources: 10 added",
        r"GET https://\w+\.execute-api\.us-east-1\.amazonaws\.com/hello 200 OK [\d.]+ m?s Request Origin: "
        r"https://example\.com Response .* apigw-requestid: (?P<id>\S+) .*"
        r'\{"message":"Hello from Lambda!","path":"/hello"\} log /aws/apigw/hello-api-e2e-\w{8} 1 event '
        r'\{"httpMethod":"GET","requestId":"(?P=id)",.*"routeKey":"GET /hello",.*"status":"200"\}',
        r"E - something else E \+ \{\"message\":\"Hello from Lambda!\",\"path\":\"/hello\"\}",
        r"Cleaned up after it .* \$ terraform destroy -auto-approve ok",
    ):
        assert re.search(shown, page), f"{shown} is not in\n{page}"
    # The state has sensitive values as they are; the terminal has shown it to whoever ran this.
    assert "terraform.tfstate" not in page


@pytest.mark.parametrize("name", ["ctrl-c", "terminated"])
def test_report_of_an_interrupted_run(runs: Runs, name: str):
    run = runs[name].result()
    assert "Interrupted: 0 of 1 checks passed before" in run.report, run.output
    assert '<strong class="word not-finished">not finished</strong>' in run.report
    assert "report for people: " in run.output


def test_nothing_of_the_users_is_used(runs: Runs, hostile: Hostile):
    """All these runs had the profile, the credentials and the endpoints of a user who works with AWS."""
    outputs = [run.result().output for run in runs.values()]
    assert hostile.sprung() == []
    assert [output for output in outputs if ACCESS_KEY in output or "eu-central-1" in output] == []


def test_server_ends_with_the_run(tmp_path: Path):
    """However it is asked to end. The server has a session of its own: the directory in its command line tells it."""
    places = {number: tmp_path / number.name for number in (signal.SIGINT, signal.SIGTERM)}
    with ExitStack() as ends:
        sessions = {}
        for number, place in places.items():
            place.mkdir()
            sessions[number] = ends.enter_context(Session(Case("test_takes_long"), directory=place))
        for number, session in sessions.items():
            session.wait_for_output(re.compile("the server runs"))
            assert servers(places[number]) != []
            session.interrupt(number)
        for number, session in sessions.items():
            assert session.wait() == pytest.ExitCode.INTERRUPTED, session.output()
            assert (servers(places[number]), session.processes()) == ([], [])


def servers(directory: Path) -> list[str]:
    listed = subprocess.run(["ps", "-axww", "-o", "pid=,command="], capture_output=True, text=True, check=True)
    return [line for line in listed.stdout.splitlines() if "local_aws" in line and f"{directory}/" in line]
