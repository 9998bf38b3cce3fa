"""The lint gate's steps but Checkov's: each runs a program and says how it went."""

from __future__ import annotations

import difflib
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from routeproof.catalogue import CatalogueError
from tests.tools import catalogue
from tests.tools.environments import ToolMissing
from tests.tools.terraform import UnusableTerraform, find_terraform, terraform_variables

ROOT = Path(__file__).resolve().parents[2]


class Untrusted(Exception):
    """A step that could not do its work; the text says what to do."""


@dataclass(frozen=True)
class Outcome:
    """Exit code 0, 1 (something found) or 2 (not to be trusted), a line, and what a person has to read."""

    exit_code: int
    summary: str = ""
    details: str = ""


def run(
    *command: str | Path, directory: Path = ROOT, variables: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """A program's output and exit code; `variables` are its environment (default: this process's).

    Raises:
        Untrusted: there is no such program.
    """
    try:
        return subprocess.run(
            [str(part) for part in command], cwd=directory, env=variables, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        raise Untrusted(f"{command[0]} is not there; remove .tox and run this again") from None


def ruff_format() -> Outcome:
    found = run(sys.executable, "-m", "ruff", "format", "--check", ".")
    return _of(found, "run: ruff format .")


def ruff_check() -> Outcome:
    return _of(run(sys.executable, "-m", "ruff", "check", "."), "many are mended by: ruff check --fix .")


def _of(found: subprocess.CompletedProcess[str], advice: str) -> Outcome:
    if found.returncode == 0:
        return Outcome(0)
    return Outcome(min(found.returncode, 2), advice, found.stdout + found.stderr)


def terraform_fmt(paths: Sequence[Path]) -> Outcome:
    """`terraform fmt -check` on each path, modules below it included."""
    variables = terraform_variables(os.environ, aws={})
    try:
        terraform = find_terraform(variables)
    except (UnusableTerraform, ToolMissing) as error:
        raise Untrusted(str(error)) from None
    unformatted = ""
    for path in paths:
        if not path.exists():
            raise Untrusted(f"{path}: there is no such file or directory")
        command = (*terraform.command, "fmt", "-check", "-recursive", "-diff", path)
        found = run(*command, directory=Path.cwd(), variables=variables)
        if found.returncode not in (0, 3):
            raise Untrusted(f"terraform fmt cannot read {path}:\n{found.stdout}{found.stderr}")
        unformatted += found.stdout
    if unformatted:
        return Outcome(1, "run: terraform fmt -recursive", unformatted)
    return Outcome(0)


def catalogue_page() -> Outcome:
    """docs/catalogue.md is what the conventions' own files make."""
    try:
        made = catalogue.page()
    except CatalogueError as error:
        raise Untrusted(str(error)) from None
    written = catalogue.PAGE.read_text() if catalogue.PAGE.exists() else ""
    lines = difflib.unified_diff(written.splitlines(), made.splitlines(), "docs/catalogue.md", "made anew", lineterm="")
    difference = "\n".join(lines)
    return Outcome(1, f"run: {catalogue.COMMAND}", difference) if difference else Outcome(0)


def routeproof_check(paths: Sequence[Path]) -> Outcome:
    """`routeproof check`; what is unproven is shown, and is no pass."""
    command = (sys.executable, "-m", "routeproof", "check", *paths)
    counted = run(*command, "--format", "json", directory=Path.cwd())
    if counted.returncode not in (0, 1):
        return Outcome(2, "the run is not to be trusted", counted.stderr + run(*command, directory=Path.cwd()).stdout)
    summary = {name: number for name, number in json.loads(counted.stdout)["summary"].items() if number}
    line = ", ".join(f"{number} {name.replace('_', ' ')}" for name, number in summary.items())
    if counted.returncode or summary.get("unproven"):
        return Outcome(counted.returncode, line, run(*command, directory=Path.cwd()).stdout)
    return Outcome(0, line)
