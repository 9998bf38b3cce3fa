"""Directories of killed processes are known, and nobody else's are ever removed."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lint.steps import ROOT
from tests.tools.held_directories import LOCK, abandoned, held_directory, hold, is_abandoned, remove

HOLDER = """
import signal, sys
from tests.tools.held_directories import held_directory
if "polite" in sys.argv:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
with held_directory("test") as directory:
    (directory / "file").touch()
    print(directory, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The temporary folder."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def held_by_another(folder: Path, *arguments: str) -> tuple[subprocess.Popen[str], Path]:
    """A process that holds a directory, and the directory."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, *arguments],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(folder)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    return process, Path(process.stdout.readline().rstrip("\n"))


def test_removed_with_the_block(folder: Path):
    def fail() -> None:
        with held_directory("test") as directory:
            assert directory.parent == folder
            assert (abandoned(), is_abandoned(directory)) == ([], False)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("number", "arguments", "is_left"),
    [(signal.SIGKILL, (), True), (signal.SIGTERM, (), True), (signal.SIGTERM, ("polite",), False)],
)
def test_of_a_process_that_was_killed(folder: Path, number: signal.Signals, arguments: tuple[str, ...], is_left: bool):
    """It is there for others as long as the process runs, and found when it is gone."""
    process, directory = held_by_another(folder, *arguments)
    with process:
        assert abandoned() == []
        remove(directory)
        assert (directory / "file").exists()
        process.send_signal(number)
    assert abandoned("test") == abandoned() == ([directory] if is_left else [])
    assert abandoned("other") == []
    remove(directory)
    assert list(folder.iterdir()) == []


def test_the_next_one_removes_what_is_left_of_its_purpose(folder: Path):
    process, left = held_by_another(folder)
    with process:
        process.kill()
    with held_directory("test", is_shared=True), held_directory("other"):
        assert left.exists()
    with held_directory("test"):
        assert not left.exists()


def test_children_do_not_hold_it(folder: Path):
    """Else a directory would be held as long as what a killed process had started."""
    place = folder / "place"
    place.mkdir()
    with subprocess.Popen(["sleep", "0"]), hold(place):
        child = subprocess.Popen(["cat"], stdin=subprocess.PIPE)
    with child:
        assert is_abandoned(place)


def test_not_ours(folder: Path, monkeypatch: pytest.MonkeyPatch):
    """A name alone is nothing, nor is a lock in a directory of another name, or behind a link, or of another user."""
    unmarked, misnamed, elsewhere = folder / "routeproof-test-abcdefgh", folder / "routeproof-x", folder / "elsewhere"
    for place in (unmarked, misnamed, elsewhere):
        place.mkdir()
    for place in (misnamed, elsewhere):
        hold(place).close()
    link, linked_lock = folder / "routeproof-test-00000000", folder / "routeproof-test-00000001"
    link.symlink_to(elsewhere)
    linked_lock.mkdir()
    (linked_lock / LOCK).symlink_to(elsewhere / LOCK)
    assert abandoned() == []
    for place in (unmarked, link, linked_lock, folder / "missing"):
        remove(place)
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        path.name for path in (unmarked, misnamed, elsewhere, link, linked_lock)
    )
    own = folder / "routeproof-test-00000002"
    own.mkdir()
    hold(own).close()
    assert abandoned() == [own]
    monkeypatch.setattr("os.geteuid", lambda: own.stat().st_uid + 1)
    assert abandoned() == []


def test_what_cannot_be_removed_stays_known(folder: Path, monkeypatch: pytest.MonkeyPatch):
    left = folder / "routeproof-test-abcdefgh"
    (left / "child").mkdir(parents=True)
    hold(left).close()

    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    with monkeypatch.context() as patch:
        patch.setattr("shutil.rmtree", refuse)
        with pytest.raises(PermissionError, match="child"):
            remove(left)
    assert abandoned() == [left]


def test_links_are_not_followed(folder: Path):
    left, elsewhere = folder / "routeproof-test-abcdefgh", folder / "elsewhere"
    for place in (left, elsewhere):
        place.mkdir()
    (elsewhere / "file").touch()
    (left / "link").symlink_to(elsewhere)
    hold(left).close()
    remove(left)
    assert (left.exists(), (elsewhere / "file").exists()) == (False, True)
