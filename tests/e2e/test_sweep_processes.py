"""The processes of killed runs are found and ended, and no others."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.e2e.deployment import ROOT
from tests.e2e.interrupted_runs import Case, Session
from tests.e2e.sweep import machine
from tests.e2e.sweep.__main__ import sweep
from tests.e2e.waiting import within_deadline
from tests.tools.held_directories import hold


def test_what_a_killed_run_started_ends_by_itself(tmp_path_factory: pytest.TempPathFactory, monkeypatch):
    """In the middle of an apply: the server ends with the run, and Terraform when it has asked in vain for a while."""
    tmp_path = tmp_path_factory.mktemp("run")  # a short name, so that there is room for those of sockets
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with Session(Case("test_passes"), directory=tmp_path, environment={"TMPDIR": str(tmp_path)}) as session:
        log = tmp_path / "temporary" / "aws0" / "endpoint.log"
        session.wait_until(lambda: log.exists() and "Lambda function created" in log.read_text())
        session.interrupt(signal.SIGKILL)
        assert session.wait() == -signal.SIGKILL
        found = [leftover.name.partition(" ")[2] for leftover in machine.processes().leftovers]
        assert any(name.endswith("apply -auto-approve") for name in found)

        def ended() -> None:
            assert (session.processes(), machine.processes().leftovers) == ([], [])

        within_deadline(ended, seconds=180)
    (directory,) = machine.directories().leftovers
    assert directory.name.startswith(f"{tmp_path}/routeproof-terraform-")
    assert sweep([machine.directories], delete=True, unexpired=False) == 0
    assert list(tmp_path.glob("routeproof-*")) == []


# It and its server are killed, and the handler that never ends is not.
HOLDER = """
import sys
from pathlib import Path
from tests.e2e.laboratory import Lab
from tests.e2e.local_aws import local_aws
with local_aws(Path(sys.argv[1]), node=Path(sys.argv[2])) as aws:
    lab = Lab(aws)
    code = f"exports.handler = () => {{ require('fs').writeFileSync('{sys.argv[1]}/busy', ''); for (;;); }};"
    endless = lab.function(code, Timeout=60)
    print(lab.api({"GET /": endless}, integration={"TimeoutInMillis": 100}).get("/").status_code, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path: Path, node: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", HOLDER, str(tmp_path / "aws"), str(node)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        try:
            assert holder.stdout.readline() == "503\n"

            def busy() -> None:
                assert (tmp_path / "aws" / "busy").exists()

            within_deadline(busy)
            yield holder
        finally:
            holder.kill()


def test_processes(tmp_path: Path, holder: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (server,) = psutil.Process(holder.pid).children()
    (handler,) = server.children()
    try:
        assert machine.processes().leftovers == []  # the run is there
        server.kill()  # first: it would end its handlers
        holder.kill()
        holder.wait()
        (found,) = machine.processes().leftovers
        assert found.name.startswith(f"{handler.pid} node {tmp_path}/aws/tmp/")
        assert sweep([machine.processes], delete=True, unexpired=False) == 0
        assert not machine._runs(handler)
    finally:
        with suppress(psutil.NoSuchProcess):
            handler.kill()


def test_only_processes_in_the_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Not those whose folder is elsewhere, has no lock, or has one that somebody holds."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    places = {name: tmp_path / name for name in ("elsewhere", "tmp/unmarked", "tmp/held", "tmp/left", "tmp/gone")}
    for place in places.values():
        place.mkdir(parents=True)
    hold(places["elsewhere"]).close()
    hold(places["tmp/left"]).close()
    places["tmp/gone"].rmdir()
    with hold(places["tmp/held"]):
        running = {
            name: subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, env={"TMPDIR": str(place)})
            for name, place in places.items()
        }
        try:
            found = machine.processes().leftovers
            assert [leftover.name.split()[0] for leftover in found] == [str(running["tmp/left"].pid)]
            assert sweep([machine.processes], delete=True, unexpired=False) == 0
            assert {name: process.poll() for name, process in running.items()} == {
                **dict.fromkeys(places),
                "tmp/left": -signal.SIGTERM,
            }
        finally:
            for process in running.values():
                process.kill()
                process.communicate()


def test_a_process_that_will_not_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    """It is asked, then killed; and it is another process's id by then that is spared."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(machine, "POLITE_SECONDS", 0.2)
    hold(tmp_path).close()
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); input()"
    command, pipe = [sys.executable, "-c", deaf], subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, env={"TMPDIR": str(tmp_path)}) as process:
        assert process.stdout.readline() == b"1\n"
        assert sweep([machine.processes], delete=True, unexpired=False) == 0
        assert process.wait() == -signal.SIGKILL
        assert f"deleted       {process.pid} {sys.executable} -c" in capsys.readouterr().out
