"""Environments that are made on demand, with a package made here, so that no test asks a package index."""

import base64
import hashlib
import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from tests.tools import environments
from tests.tools.environments import ROOT, ToolMissing, environment, find_uv


def wheel(directory: Path, *, says: str) -> str:
    """Makes greeter 1.0, whose program `greeter` prints the text. Returns the wheel's line in a lock."""
    files = {
        "greeter.py": f"def main():\n    print({says!r})\n",
        "greeter-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: greeter\nVersion: 1.0\n",
        "greeter-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: us\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "greeter-1.0.dist-info/entry_points.txt": "[console_scripts]\ngreeter = greeter:main\n",
    }
    record = ""
    for name, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
        record += f"{name},sha256={digest},{len(text.encode())}\n"
    files["greeter-1.0.dist-info/RECORD"] = record + "greeter-1.0.dist-info/RECORD,,\n"
    path = directory / "greeter-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return f"greeter==1.0 --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


class Place:
    """A directory with a wheel, its lock, and the environments made from it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.lock = directory / "greeter.txt"
        self.made = directory / "made here" / "greeter"  # a space, as any path may have

    def write(self, *, says: str) -> None:
        self.lock.write_text(wheel(self.directory, says=says))

    def environment(self) -> Path:
        return environment("greeter", locks=self.directory, environments=self.made.parent)

    def greeting(self) -> str:
        program = self.environment() / "bin" / "greeter"
        return subprocess.run([program], capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    for installer in ("UV", "PIP"):
        monkeypatch.setenv(f"{installer}_FIND_LINKS", str(tmp_path))
        monkeypatch.setenv(f"{installer}_NO_INDEX", "1")
        monkeypatch.setenv(f"{installer}_NO_CACHE", "1")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    place = Place(tmp_path)
    place.write(says="hello")
    return place


def age(path: Path) -> int:
    return path.stat().st_mtime_ns


def test_made_by_uv(place: Place, caplog: pytest.LogCaptureFixture):
    caplog.set_level("INFO")
    assert find_uv()
    assert place.environment() == place.made
    assert place.greeting() == "hello"
    assert len(list(place.made.rglob("greeter*.pyc"))) == 1
    assert not list(place.made.rglob("pip"))
    installing, installed = caplog.messages
    assert installing == f"greeter: installing requirements/greeter.txt into {place.made}"
    assert installed.startswith("greeter: installed, ")


def test_made_by_pip(place: Place, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(environments, "find_uv", lambda: None)
    assert place.greeting() == "hello"
    assert len(list(place.made.rglob("greeter*.pyc"))) == 1
    assert list(place.made.rglob("pip"))


def test_kept(place: Place):
    made = age(place.environment() / "installed")
    assert age(place.environment() / "installed") == made


def test_made_anew_for_another_lock(place: Place):
    assert place.greeting() == "hello"
    (place.made / "left over").touch()
    place.write(says="good evening")
    assert place.greeting() == "good evening"
    assert not (place.made / "left over").exists()


def test_made_anew_for_another_interpreter(place: Place, monkeypatch: pytest.MonkeyPatch):
    place.environment()
    (place.made / "left over").touch()
    monkeypatch.setattr(sys, "version", "3.99.0")
    place.environment()
    assert not (place.made / "left over").exists()


def test_made_anew_elsewhere(place: Place):
    """A moved environment's scripts begin with the path of an interpreter that is no longer there."""
    place.environment()
    place.made.parent.rename(place.directory / "moved")
    place.made = place.directory / "moved" / "greeter"
    assert place.greeting() == "hello"


def test_interrupted(place: Place, monkeypatch: pytest.MonkeyPatch):
    """Neither the half of a new environment is taken for finished, nor what is left of the old one."""
    place.environment()
    old = place.lock.read_text()
    place.write(says="good evening")

    def interrupted(lock: Path, directory: Path) -> None:
        (directory / "bin" / "greeter").unlink()
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(environments, "_install", interrupted)
        with pytest.raises(KeyboardInterrupt):
            place.environment()
    new = place.lock.read_text()
    place.lock.write_text(old)
    with pytest.raises(ToolMissing, match="failed with exit code"):  # the old lock's wheel is gone: it does install
        place.environment()
    place.lock.write_text(new)
    assert place.greeting() == "good evening"


def test_asked_for_at_once(place: Place):
    """Four processes ask while a fifth holds the lock: one makes the environment, and all get it."""
    script = (
        "import logging, sys, pathlib; from tests.tools.environments import environment;"
        "logging.basicConfig(level=logging.INFO, format='%(message)s', stream=sys.stdout);"
        f"print(environment('greeter', locks=pathlib.Path({str(place.directory)!r}),"
        f" environments=pathlib.Path({str(place.made.parent)!r})))"
    )
    command = [sys.executable, "-c", script]
    place.made.parent.mkdir()
    with environments._alone(place.made.with_name("greeter.lock")):
        asking = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(4)]
        time.sleep(0.5)
        assert [process.poll() for process in asking] == [None] * 4
        assert not place.made.exists()
    said = [process.communicate(timeout=60)[0].splitlines() for process in asking]
    assert [lines[-1] for lines in said] == [str(place.made)] * 4
    assert sum("installing" in lines[0] for lines in said) == 1


def test_wrong_hash(place: Place):
    place.lock.write_text(f"greeter==1.0 --hash=sha256:{'0' * 64}\n")
    with pytest.raises(ToolMissing) as failure:
        place.environment()
    assert f"--requirement {place.lock}` failed with exit code 1:\n" in str(failure.value)
    assert "Hash mismatch for `greeter==1.0`" in str(failure.value)
    assert str(failure.value).endswith("set https_proxy and SSL_CERT_FILE.")


def test_no_hash(place: Place):
    place.lock.write_text("greeter==1.0\n")
    with pytest.raises(ToolMissing, match="In `--require-hashes` mode, all requirements must have a hash"):
        place.environment()


def test_no_lock(place: Place):
    with pytest.raises(ToolMissing, match=r"unknown\.txt is missing: write requirements/unknown\.in and run"):
        environment("unknown", locks=place.directory)


def test_uv_on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "bare").mkdir()
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bare" / "python"))
    monkeypatch.setenv("PATH", os.fspath(tmp_path))
    assert find_uv() is None
    uv = tmp_path / "uv"
    uv.write_text("#!/bin/sh\n")
    uv.chmod(0o755)
    assert find_uv() == str(uv)
