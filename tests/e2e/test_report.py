"""The report for people: when it is written, what goes into it, and that it changes nothing of what a run says."""

import http.server
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from tests.e2e.deployment import ROOT
from tests.e2e.local_aws import LocalAws
from tests.e2e.report import DIRECTORY, PAGE
from tests.e2e.report.evidence import BODY, LOG_LINE, Call, Command, LogRead
from tests.e2e.report.plugin import commit, directory_of
from tests.e2e.report.recorder import RECORDER, RecordedSession, terraform_ended
from tests.tools.terraform import Ended

QUICK = "tests/e2e/test_local_parts.py::test_fewer_than_six_parts"
BREAKS = """\
from tests.e2e.report import render

def page(run, paths):
    raise ValueError("no page today")

render.page = page
"""


def run_pytest(*arguments: str, environment: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Exit code and output of a run that deploys nothing."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]
    variables = {**os.environ, **(environment or {})}
    found = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)
    return found.returncode, found.stdout + found.stderr


@pytest.fixture
def failing(tmp_path: Path) -> Mapping[str, str]:
    """An environment in which every test that needs AWS fails at once."""
    file = tmp_path / "aws.json"
    fields = {"endpoint_url": "http://192.0.2.1", "tls_port": 1, "ca_file": "ca", "log_file": "log"}
    file.write_text(json.dumps({**fields, "region": "us-east-1", "account_id": "000000000000"}))
    return {"ROUTEPROOF_LOCAL_AWS": str(file)}


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_run_writes_its_report(tmp_path: Path, workers: str):
    """Of that run: another one's is gone."""
    (tmp_path / PAGE).write_text("old")
    code, output = run_pytest(QUICK, "--numprocesses", workers, "--report", str(tmp_path))
    assert code == pytest.ExitCode.OK, output
    page = (tmp_path / PAGE).read_text()
    assert "<span>The only check passed</span>" in page
    assert "Fewer than six parts" in page
    assert commit(ROOT)[:12] in page
    assert f"report for people: {tmp_path / PAGE}" in output
    assert [file.name for file in tmp_path.iterdir()] == [PAGE]


def test_a_run_that_fails_writes_its_report(tmp_path: Path, failing: Mapping[str, str]):
    code, output = run_pytest("tests/e2e/probe.py::test_passes", "--report", str(tmp_path), environment=failing)
    assert code == pytest.ExitCode.TESTS_FAILED, output
    page = (tmp_path / PAGE).read_text()
    assert "<span>1 of 1 check failed</span>" in page
    assert "NotThisMachine: http://192.0.2.1 is not http:// and a loopback address" in page


def test_a_run_without_tests_writes_its_report(tmp_path: Path):
    code, output = run_pytest("tests/e2e/test_local_parts.py", "-k", "no_such_test", "--report", str(tmp_path))
    assert code == pytest.ExitCode.NO_TESTS_COLLECTED, output
    assert "<span>No check ran</span>" in (tmp_path / PAGE).read_text()


def test_the_account_of_a_run_on_aws(aws: LocalAws, tmp_path: Path):
    """Here a run on the local endpoint that takes it for AWS, and has nothing to do there."""
    options = (
        "--aws",
        f"--account={aws.account_id}",
        "--region=eu-west-1",
        "-k",
        "no_such_test",
        "--report",
        str(tmp_path),
    )
    code, output = run_pytest("tests/e2e/test_hello.py", *options)
    assert code == pytest.ExitCode.NO_TESTS_COLLECTED, output
    page = (tmp_path / PAGE).read_text()
    assert "<dd>AWS account ••••••••0000, eu-west-1</dd>" in page
    assert aws.account_id not in page


def test_a_run_that_runs_nothing_leaves_the_last_report(tmp_path: Path):
    (tmp_path / PAGE).write_text("old")
    code, output = run_pytest(QUICK, "--collect-only", "--report", str(tmp_path))
    assert code == pytest.ExitCode.OK, output
    assert (tmp_path / PAGE).read_text() == "old"


def test_a_run_that_a_test_starts_writes_none():
    """Else it would take the place of the report of this run."""
    code, output = run_pytest(QUICK)
    assert code == pytest.ExitCode.OK, output
    assert "report for people" not in output
    assert directory_of(None, os.environ) is None
    assert directory_of(None, {}) == DIRECTORY == ROOT / ".tox" / "e2e" / "report"
    assert directory_of(Path("here"), os.environ) == Path.cwd() / "here"


def test_no_place_for_it(tmp_path: Path):
    """Said before anything is deployed."""
    (tmp_path / "file").write_text("")
    code, output = run_pytest(QUICK, "--report", str(tmp_path / "file" / "report"))
    assert code == pytest.ExitCode.USAGE_ERROR, output
    assert "ERROR: --report: there is no place for the report: [Errno 20] Not a directory" in output


def test_a_report_that_cannot_be_written_fails_the_run(tmp_path: Path, failing: Mapping[str, str]):
    """The tests' own result is still there, above what went wrong."""
    (tmp_path / "breaks.py").write_text(BREAKS)
    breaks = {"PYTHONPATH": str(tmp_path)}
    (tmp_path / PAGE).write_text("old")
    options = ("-p", "breaks", "--report", str(tmp_path))
    code, output = run_pytest(QUICK, *options, environment=breaks)
    assert code == pytest.ExitCode.INTERNAL_ERROR, output
    assert "ValueError: no page today" in output
    assert f"ERROR: {tmp_path / PAGE} is not there: see above. The tests' own result stands." in output
    assert "1 passed" in output
    assert not (tmp_path / PAGE).exists()

    code, output = run_pytest("tests/e2e/probe.py::test_passes", *options, environment={**breaks, **failing})
    assert code == pytest.ExitCode.TESTS_FAILED, output
    assert "ValueError: no page today" in output
    assert "1 error" in output


def test_where_git_knows_no_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert commit(tmp_path) == ""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert commit(ROOT) == ""


class _Answers(http.server.BaseHTTPRequestHandler):
    """`/long` is long, `/moved` leads there, and `/N` has the request id N."""

    def do_GET(self) -> None:
        moved = self.path == "/moved"
        body = b"x" * 5_000 if self.path == "/long" else b"{}"
        self.send_response(302 if moved else 200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("apigw-requestid", f"id-{self.path[1:]}=")
        if moved:
            self.send_header("Location", "/long")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing in the terminal."""


@pytest.fixture
def server() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Answers) as listening:
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.server_port}"
        finally:
            listening.shutdown()
            thread.join()


@pytest.fixture
def session() -> Iterator[requests.Session]:
    """Nothing is written down yet."""
    RECORDER.begin()
    with RecordedSession() as session:
        session.trust_env = False
        yield session


def test_a_call_is_written_down(server: str, session: requests.Session):
    session.get(f"{server}/7", headers={"Origin": "https://example.com", "Authorization": "Bearer secret"})
    (call,) = RECORDER.take().pieces
    assert isinstance(call, Call)
    assert (call.method, call.url.text, call.status, call.reason, call.body.text) == (
        "GET",
        f"{server}/7",
        200,
        "OK",
        "{}",
    )
    assert call.sent == (("Origin", "https://example.com"), ("Authorization", "(not shown)"))
    assert ("apigw-requestid", "id-7=") in call.received
    assert 0 < call.seconds < 30
    assert RECORDER.take().pieces == ()


def test_a_body_is_cut_and_each_step_of_a_redirect_is_a_call(server: str, session: requests.Session):
    assert session.get(f"{server}/moved", data="sent").status_code == 200
    long, moved = (call for call in RECORDER.take().pieces if isinstance(call, Call))
    assert (moved.status, moved.sent_body.text, long.status) == (302, "sent", 200)
    assert (long.body.text, long.body.left_out) == ("x" * BODY, 5_000 - BODY)


def test_a_stream_is_not_read_for_the_report(server: str, session: requests.Session):
    with session.get(f"{server}/long", stream=True) as response:
        (call,) = RECORDER.take().pieces
        assert isinstance(call, Call)
        assert (call.status, call.body.text) == (200, "")
        assert len(response.content) == 5_000


def test_a_call_without_an_answer(session: requests.Session):
    with pytest.raises(requests.ConnectionError):
        session.get("http://127.0.0.1:1/")
    (call,) = RECORDER.take().pieces
    assert isinstance(call, Call)
    assert (call.status, call.received) == (None, ())
    assert call.problem.startswith("ConnectionError: ")


def test_of_many_calls_some_are_kept_and_the_others_counted(server: str, session: requests.Session):
    """From many threads at once none is lost; the commands among them all stay."""
    for number in range(6):
        session.get(f"{server}/{number}")
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: session.get(f"{server}/many"), range(60)))
    terraform_ended(Ended(("plan",), Path(), "1.11.4", 1.0, "", "No changes."))
    for number in range(6, 12):
        session.get(f"{server}/{number}")
    found = RECORDER.take()
    calls = [piece.path for piece in found.pieces if isinstance(piece, Call)]
    assert calls == [f"/{number}" for number in range(12)]
    assert found.left_out == {"GET → 200": 60}
    assert [type(piece) for piece in found.pieces[:7]] == [*[Call] * 6, Command]


def test_log_lines_are_those_of_the_calls(server: str, session: requests.Session):
    """However often the group was read in waiting for them; without a call's line, the last ones."""
    session.get(f"{server}/3")
    lines = [f'{{"requestId": "id-{number}="}}\n' for number in range(40)]
    for read in (lines[:1], lines[:2], lines):
        RECORDER.read("/aws/apigw/a", read)
    RECORDER.read("/aws/lambda/b", [f"START {number} {'x' * 2_000}" for number in range(40)])
    _, access, function = RECORDER.take().pieces
    assert isinstance(access, LogRead)
    assert isinstance(function, LogRead)
    assert (access.chosen, access.total, access.times) == (True, 40, 3)
    assert [line.text for line in access.lines] == ['{"requestId": "id-3="}']
    assert (function.chosen, function.total, function.times) == (False, 40, 1)
    assert [line.text.split()[1] for line in function.lines] == [str(number) for number in range(28, 40)]
    assert {line.left_out for line in function.lines} == {2_009 - LOG_LINE}


def test_terraforms_outputs_and_state_are_not_shown(tmp_path: Path):
    """They have sensitive values as they are; what else Terraform prints hides them itself."""
    RECORDER.begin()
    (tmp_path / ".terraform.lock.hcl").write_text(
        'provider "registry.terraform.io/hashicorp/aws" {\n  version     = "5.100.0"\n  constraints = ">= 5"\n}\n'
    )
    for arguments in (
        ("init",),
        ("plan", "-json"),
        ("output", "-json"),
        ("output", "-raw", "password"),
        ("show", "-json", "plan.bin"),
        ("state", "pull"),
    ):
        terraform_ended(Ended(arguments, tmp_path, "1.11.4", 0.5, "", f"printed by {arguments[0]}"))
    terraform_ended(Ended(("apply", "-auto-approve"), tmp_path, "1.11.4", 2.5, "ended with exit code 1", "Error: no"))
    found = RECORDER.take()
    not_shown = "(not shown: there may be sensitive values in it)"
    assert [(piece.line, piece.output.text) for piece in found.pieces if isinstance(piece, Command)] == [
        ("terraform init", "printed by init"),
        ("terraform plan -json", not_shown),
        ("terraform output -json", not_shown),
        ("terraform output -raw password", not_shown),
        ("terraform show -json plan.bin", not_shown),
        ("terraform state pull", not_shown),
        ("terraform apply -auto-approve", "Error: no"),
    ]
    assert [piece.failure for piece in found.pieces if isinstance(piece, Command)][-1] == "ended with exit code 1"
    assert found.versions == (("Terraform", "1.11.4"), ("hashicorp/aws", "5.100.0"))
