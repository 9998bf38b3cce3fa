"""toxw installs tox once and hands over to it, wherever it is called from. A small package stands for tox."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tools.environments import ROOT
from tests.unit.wheels import wheel

# All that toxw may rely on, besides Python and a shell.
UTILITIES = ("cmp", "cp", "dirname", "head", "mkdir", "rm", "sh", "tail")
INSTALLING = "toxw: installing tox into .tox/toxw\n"
# Says where it runs, with which arguments, and what the first directory on PATH is.
TOX = """\
import os, sys
print(os.getcwd(), sys.argv[1:], os.environ["PATH"].split(":")[0], sep="\\n")
sys.exit(int(os.environ.get("TOX_FAILS", 0)))
"""


class Project:
    """A copy of toxw with a lock of its own, and a PATH with nothing on it but what a test puts there."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory / "a project"
        self.packages = directory / "packages"
        self.path = directory / "bin"
        self.lock = self.directory / "requirements" / "tox.txt"
        self.finished = self.directory / ".tox" / "toxw" / "tox.txt"
        for made in (self.lock.parent, self.packages, self.path):
            made.mkdir(parents=True)
        shutil.copy(ROOT / "toxw", self.directory)
        for name in UTILITIES:
            found = shutil.which(name)
            assert found
            (self.path / name).symlink_to(found)
        self.write_lock()

    def write_lock(self, tox: str = TOX) -> None:
        self.lock.write_text(wheel(self.packages, "tox", {"tox/__init__.py": "", "tox/__main__.py": tox}))

    def python(self, name: str = "python3", *, first: str = "") -> None:
        """Puts a Python on PATH which runs the statements before all that it is asked to run with -c."""
        program = self.path / name
        real = Path(sys.executable).resolve()
        if first:
            program.write_text(f'#!/bin/sh\nexec \'{real}\' -I -c "import sys; {first}; exec(sys.argv[1])" "$3"\n')
            program.chmod(0o755)
        else:
            program.symlink_to(real)

    def start(self, *arguments: str, through: Path | None = None, **variables: str) -> subprocess.Popen[str]:
        pip = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.packages), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
        return subprocess.Popen(
            [(through or self.directory) / "toxw", *arguments],
            cwd=self.packages,
            env={"PATH": str(self.path), "HOME": str(self.packages), **pip, **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, **variables: str) -> tuple[int, str, str]:
        """Exit code, standard output and standard error of toxw, called from another directory."""
        return ended(self.start(*arguments, **variables))

    def ran_tox(self, *arguments: str) -> str:
        return f"{self.directory}\n{list(arguments)}\n{self.directory}/.tox/toxw/bin\n"


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Installed by a first run, with no Python on PATH any more."""
    project = Project(tmp_path_factory.mktemp("toxw"))
    project.python()
    assert project.run("-e", "first") == (0, project.ran_tox("-e", "first"), INSTALLING)
    (project.path / "python3").unlink()
    return project


NEEDED = "toxw: Python 3.11 or newer is needed, with its modules venv and ensurepip. On PATH is"


def test_no_python(project: Project):
    assert project.run() == (1, "", f"{NEEDED} no Python\n")
    assert not (project.directory / ".tox").exists()


def test_no_python_that_will_do(project: Project):
    (project.path / "python3").write_text("#!/bin/sh\necho 'python3: command not found' >&2\necho 3.9 >&2\nexit 127\n")
    (project.path / "python3").chmod(0o755)
    project.python("python3.13", first="sys.modules['ensurepip'] = None")
    project.python("python", first="sys.version_info = (3, 10, 9)")
    assert project.run() == (
        1,
        "",
        f"{NEEDED}:\n"
        "    python3: python3: command not found\n"
        "    python3.13: it cannot make virtual environments (on Debian and Ubuntu, "
        "the package python3-venv is missing)\n"
        "    python: it is Python 3.10\n",
    )
    assert not (project.directory / ".tox").exists()


def test_first_runs_at_once(project: Project, tmp_path: Path):
    """One of three installs, with the one Python that will do; one of them is called through a symbolic link."""
    project.python("python3", first="sys.version_info = (3, 9, 0)")
    project.python("python3.12")
    (tmp_path / "link").symlink_to(project.directory)
    processes = [project.start(), project.start("-e", "x y"), project.start(through=tmp_path / "link")]
    ends = [ended(process) for process in processes]
    assert [end[:2] for end in ends] == [
        (0, project.ran_tox()),
        (0, project.ran_tox("-e", "x y")),
        (0, project.ran_tox()),
    ]
    assert sorted(end[2] for end in ends) == ["", "", INSTALLING]


def test_run_again(installed: Project):
    """No Python on PATH: none starts but tox's own. Its exit code is toxw's."""
    before = installed.finished.stat().st_mtime_ns
    assert installed.run("-e", "lint", "--", "a b") == (0, installed.ran_tox("-e", "lint", "--", "a b"), "")
    assert installed.run(TOX_FAILS="5") == (5, installed.ran_tox(), "")
    assert installed.finished.stat().st_mtime_ns == before


def test_python_settings_of_the_caller_do_not_reach_tox(installed: Project, tmp_path: Path):
    (tmp_path / "tox.py").write_text("raise SystemExit('another tox')\n")
    assert installed.run(PYTHONPATH=str(tmp_path)) == (0, installed.ran_tox(), "")


def test_interpreter_is_gone(installed: Project):
    """Then it looks for one, as at first."""
    python = installed.directory / ".tox" / "toxw" / "bin" / "python"
    target = python.readlink()
    python.unlink()
    python.symlink_to("/nowhere/python3")
    assert installed.run() == (1, "", f"{NEEDED} no Python\n")
    python.unlink()
    python.symlink_to(target)


def test_installation_that_fails(installed: Project, project: Project):
    """It is not taken for finished, and what there was before is not either. The next one starts from nothing."""
    shutil.copytree(installed.directory / ".tox", project.directory / ".tox", symlinks=True)
    left_over = project.finished.with_name("left over")
    left_over.touch()
    project.python()
    good = project.lock.read_text()
    project.lock.write_text(f"tox==1.0 --hash=sha256:{'0' * 64}\n")
    code, out, err = project.run()
    assert (code, out) == (1, "")
    assert err.startswith(INSTALLING)
    assert "THESE PACKAGES DO NOT MATCH THE HASHES" in err
    assert err.endswith("toxw: tox was not installed, see above. Behind a proxy, set https_proxy and PIP_CERT.\n")
    assert not project.finished.exists()
    project.lock.write_text(good)
    assert project.run() == (0, project.ran_tox(), INSTALLING)
    assert not left_over.exists()
