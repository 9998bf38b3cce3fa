"""This project as other repositories find it: a git repository behind a URL, with nothing of the network."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.lint.steps import ROOT

NAME = "example/routeproof"
URL = f"https://github.com/{NAME}"
PARTS = (
    *("policies", "requirements", "pyproject.toml", "setup.py", "README.md", "LICENSE"),
    *("action.yml", ".pre-commit-hooks.yaml"),
)


@dataclass(frozen=True)
class Published:
    """`revision` is the commit. `variables` are an environment in which git finds the repository at URL."""

    directory: Path
    revision: str
    variables: dict[str, str]

    def run(self, command: str, directory: Path) -> subprocess.CompletedProcess[str]:
        """Run a line of a shell, what it writes on both streams in `stdout`."""
        return subprocess.run(
            ["bash", "-c", command],
            cwd=directory,
            env=self.variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )


def publish(directory: Path) -> Published:
    """The project's files, as they are now, in a repository of their own."""
    source = directory / "routeproof"
    source.mkdir()
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, source / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / part, source)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "GITHUB_", "PYTEST_"))}
    variables = {
        **kept,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "PRE_COMMIT_HOME": str(directory / "pre-commit"),
        "VIRTUALENV_NO_PERIODIC_UPDATE": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        # pre-commit hands on to git these of git's own variables, and not GIT_CONFIG_GLOBAL.
        **git_settings(
            {
                f"url.{source.as_uri()}.insteadOf": URL,
                "user.name": "Test",
                "user.email": "test@example.com",
                "init.defaultBranch": "main",
                "protocol.file.allow": "always",
            }
        ),
    }
    published = Published(source, "", variables)
    made = published.run("git init -q && git add . && git commit -qm first && git rev-parse HEAD", source)
    assert made.returncode == 0, made.stdout
    return Published(source, made.stdout.strip(), variables)


def git_settings(settings: dict[str, str]) -> dict[str, str]:
    """The variables that give git these settings."""
    pairs = list(enumerate(settings.items()))
    keys = {f"GIT_CONFIG_KEY_{number}": key for number, (key, _) in pairs}
    values = {f"GIT_CONFIG_VALUE_{number}": value for number, (_, value) in pairs}
    return {"GIT_CONFIG_COUNT": str(len(pairs)), **keys, **values}
