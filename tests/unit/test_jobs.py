"""--jobs: several processes say what one says, and none of them outlives the run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from routeproof.cli import main
from routeproof.processes import MOST_BY_THEMSELVES, WORTH_A_PROCESS, WorkerFailed, as_many_as_pay, in_processes
from tests.unit.large_repository import GROUP, everything, fill, own_convention
from tests.unit.repository import Repository

PROGRAM = [sys.executable, "-c", "import sys; from routeproof.cli import main; sys.exit(main())"]


def children() -> set[str]:
    """The processes that this one has started and that are still there, zombies too."""
    return {
        directory.name
        for directory in Path("/proc").glob("[0-9]*")
        if f"\nPPid:\t{os.getpid()}\n" in _status(directory / "status")
    }


def _status(path: Path) -> str:
    try:
        return path.read_text()
    except (FileNotFoundError, ProcessLookupError):  # it has just ended
        return ""


@pytest.mark.parametrize("broken", [False, True])
@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "live"),
        ("check", "live/stack-2", "live/a", "live"),
        ("check", "live", "--unproven", "fail", "--no-suppressions", "--var-file", "days.tfvars"),
        ("check", "live", "--diff"),
        ("path", "live"),
    ],
)
def test_the_report_is_the_same(repository: Repository, arguments: tuple[str, ...], broken: bool) -> None:
    fill(repository, broken=broken)
    own_convention(repository, "pass")
    repository.write("days.tfvars", "d = 13\n")
    before = children()
    alone = everything(repository, *arguments, "--jobs", "1")
    assert "--diff" in arguments or len(json.loads(alone[1]["json"])["roots"]) == 12
    for jobs in ("2", "5", "99"):
        assert everything(repository, *arguments, "--jobs", jobs) == alone
    assert children() == before


def test_what_changes_the_source_changes_the_same(repository: Repository) -> None:
    fill(repository)
    sources = sorted(repository.directory.rglob("*.tf"))
    before = {path: path.read_text() for path in sources}
    alone = everything(repository, "check", "live", "--fix", "--jobs", "1")
    fixed = {path: path.read_text() for path in sources}
    assert fixed != before
    for path, text in before.items():
        path.write_text(text)
    assert everything(repository, "check", "live", "--fix", "--jobs", "3") == alone
    assert {path: path.read_text() for path in sources} == fixed


def test_the_work_is_shared(repository: Repository) -> None:
    for number in range(8):
        repository.write(f"live/{number}/main.tf", GROUP.format(name="g", more=""))
    own_convention(repository, "import os, time; open('pids', 'a').write(f'{os.getpid()}\\n'); time.sleep(0.2)")
    assert main(["check", "live", "--jobs", "2"]) == 1
    pids = Path("pids").read_text().split()
    assert (len(pids), len(set(pids))) == (8, 2)
    assert str(os.getpid()) not in pids


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("import os; os._exit(7)", "the process that judged it ended with 7; --jobs 1 judges everything in one"),
        (
            "import os; os.kill(os.getpid(), 9)",
            "the process that judged it was killed by signal 9; --jobs 1 judges everything in one",
        ),
        (
            "return Result(Verdict.PASS, group.address, 'm', 'here')",
            "judging it broke: AttributeError: 'str' object has no attribute 'file'",
        ),
    ],
)
def test_a_process_that_fails_is_an_error_of_the_run(repository: Repository, body: str, why: str) -> None:
    for name in ("a", "b", "c"):
        repository.write(f"live/{name}/main.tf", GROUP.format(name=name, more=""))
    own_convention(repository, f"if group.name == 'b':\n        {body}")
    before = children()
    code, said = repository.said("live", "--jobs", "2")
    assert (code, said) == (2, f"routeproof: live/b: {why}\n")
    assert children() == before


def test_the_others_are_ended_with_one_that_fails(repository: Repository) -> None:
    for name in ("a", "b"):
        repository.write(f"live/{name}/main.tf", GROUP.format(name=name, more=""))
    own_convention(repository, "import os, time; time.sleep(600) if group.name == 'a' else os._exit(7)")
    ended = subprocess.run([*PROGRAM, "check", "--jobs", "2"], capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, "live/b: the process that judged it ended with 7" in ended.stderr) == (2, True)


def test_only_the_first_process_decides_on_an_interrupt(repository: Repository) -> None:
    """As Ctrl-C reaches all of them, each would otherwise tell of its own end."""
    for name in ("a", "b"):
        repository.write(f"live/{name}/main.tf", GROUP.format(name=name, more=""))
    own_convention(repository, "import os, signal; os.kill(os.getpid(), signal.SIGINT)")
    assert repository.check("live", "--jobs", "2").code == 1


def test_results_come_in_order_and_none_is_lost() -> None:
    names = [str(number) for number in range(50)]
    assert in_processes(lambda index: f"{index}" * 20_000, names, 4) == [name * 20_000 for name in names]
    with pytest.raises(WorkerFailed, match=r"^3: judging it broke: ZeroDivisionError: division by zero$"):
        in_processes(lambda index: 1 / (3 - index), names[:4], 4)


@pytest.mark.parametrize("number", ["0", "-1", "two", "1.5", "", "1000", "٣"])
def test_a_number_that_is_none(number: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["check", f"--jobs={number}"])
    assert ended.value.code == 2
    assert f"argument --jobs: {number!r} is no number from 1 to 999" in capsys.readouterr().err


def test_few_root_modules_are_judged_in_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(64)), raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    counts = [0, 1, WORTH_A_PROCESS, 2 * WORTH_A_PROCESS - 1, 2 * WORTH_A_PROCESS, 100_000]
    assert [as_many_as_pay(count) for count in counts] == [1, 1, 1, 1, 2, MOST_BY_THEMSELVES]
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0}, raising=False)
    assert as_many_as_pay(100_000) == 1
    monkeypatch.setattr(sys, "platform", "darwin")
    assert as_many_as_pay(100_000) == 1


@pytest.mark.parametrize("whom", ["everybody", "parent alone", "killed"])
def test_nothing_is_left_of_a_run_that_is_ended(repository: Repository, whom: str) -> None:
    """Ctrl-C in a terminal reaches every process of the run; a server may interrupt or kill the first alone."""
    for number in range(4):
        repository.write(f"live/{number}/main.tf", GROUP.format(name="g", more=""))
    wait = "1000" if whom != "killed" else "0.5"  # who is killed kills nobody: the others end when they want to tell it
    own_convention(repository, f"import time; open(f'began-{{group.location.line}}', 'w'); time.sleep({wait})")
    command = [*PROGRAM, "check", "live", "--jobs", "2"]
    run = subprocess.Popen(command, start_new_session=True, stderr=subprocess.PIPE, text=True)
    try:
        while not Path("began-1").exists():
            assert run.poll() is None
            time.sleep(0.01)
        match whom:
            case "everybody":
                os.killpg(run.pid, signal.SIGINT)
            case "parent alone":
                run.send_signal(signal.SIGINT)
            case _:
                run.kill()
        _, said = run.communicate(timeout=60)  # all that have the pipe have ended
        assert (run.returncode, said) == ((2, "routeproof: interrupted\n") if whom != "killed" else (-9, ""))
        while _is_there(run.pid):
            time.sleep(0.01)
    finally:
        if run.poll() is None:
            os.killpg(run.pid, signal.SIGKILL)
            run.wait()


def _is_there(group: int) -> bool:
    """Whether a process of the group is left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
