"""`routeproof init`: settings, a workflow and a commit hook, in a repository that has none of them yet."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

_REPOSITORY = re.compile(r"https://[\w.-]+(?::\d+)?/([\w.-]+/[\w.-]+?)(?:\.git)?/?", re.ASCII)
_REVISION = re.compile(r"[\w][\w./+-]*", re.ASCII)

SETTINGS = """\
# Settings of Routeproof. Each has a default: this file may as well be empty.

# What cannot be decided from the source: "warn", or "fail".
unproven = "warn"

# What failed on the day when you began: routeproof check --write-baseline known-failures.json
# baseline = "known-failures.json"
"""

WORKFLOW = """\
name: routeproof

on: pull_request

permissions:
  contents: read

jobs:
  routeproof:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
        with:
          fetch-depth: 0
          persist-credentials: false
      - uses: {name}@{revision}
        # with:
        #   since: origin/${{{{ github.base_ref }}}} # judges only what the pull request concerns
"""

HOOKS = """\
repos:
"""

HOOK = """\
  - repo: {url}
    rev: {revision}
    hooks:
      - id: routeproof
"""


class NotStarted(Exception):
    """There is nothing that can be written; the text says what to do."""


@dataclass(frozen=True)
class Origin:
    """Where Routeproof comes from: the repository's URL, `name` as OWNER/NAME, and a commit or a tag."""

    url: str
    name: str
    revision: str


@dataclass(frozen=True)
class New:
    """A file and its content; `addition` is what an existing file lacks, `sign` is in one that has it."""

    path: str
    content: str
    addition: str
    sign: str


def origin(repository: str | None, revision: str | None) -> Origin:
    """What is given; else what the installer has noted, where it installed from a git repository (PEP 610).

    Raises:
        NotStarted: it is not known, or no URL of a repository.
    """
    noted_url, noted_revision = (None, None) if repository and revision else _noted()
    repository, revision = repository or noted_url, revision or noted_revision
    if repository is None or revision is None:
        raise NotStarted(
            "where Routeproof comes from is not known, as it was not installed from a git repository: "
            "give --repository https://HOST/OWNER/routeproof and --rev COMMIT"
        )
    match = _REPOSITORY.fullmatch(repository)
    if match is None:
        raise NotStarted(f"--repository is https://HOST/OWNER/NAME, not {repository}")
    if not _REVISION.fullmatch(revision):
        raise NotStarted(f"--rev is a commit or a tag, not {revision}")
    return Origin(repository, match[1], revision)


def _noted() -> tuple[str | None, str | None]:
    try:
        noted = json.loads(distribution("routeproof").read_text("direct_url.json") or "{}")
    except PackageNotFoundError:
        return None, None
    commit = noted.get("vcs_info", {}).get("commit_id")
    return (noted.get("url"), commit) if commit else (None, None)


def new_files(source: Origin) -> list[New]:
    """What a repository needs to begin with."""
    workflow = WORKFLOW.format(name=source.name, revision=source.revision)
    hook = HOOK.format(url=source.url, revision=source.revision)
    uses = workflow[workflow.index(f"      - uses: {source.name}") :]
    return [
        New("routeproof.toml", SETTINGS, "", "unproven"),
        New(".github/workflows/routeproof.yml", workflow, uses, f"uses: {source.name}"),
        New(".pre-commit-config.yaml", HOOKS + hook, hook, "id: routeproof"),
    ]


def start(top: Path, source: Origin, *, write: bool) -> Iterator[str]:
    """Write what is not there, and say of each file what was done, or what to add to it.

    Raises:
        NotStarted: a file cannot be read or written.
    """
    if not (top / ".git").exists():
        raise NotStarted(f"{top} is in no git repository; run git init first")
    for new in new_files(source):
        path = top / new.path
        try:
            yield from _started(path, new, write=write)
        except OSError as error:
            raise NotStarted(f"{new.path} cannot be written: {error.strerror or error}") from None


def _started(path: Path, new: New, *, write: bool) -> Iterator[str]:
    in_pyproject = path.parent / "pyproject.toml"
    if (
        path.name == "routeproof.toml"
        and in_pyproject.is_file()
        and "[tool.routeproof" in in_pyproject.read_text(errors="replace")
    ):
        yield f"{new.path}: not needed, pyproject.toml has settings"
    elif path.exists() or path.is_symlink():
        if not new.addition or new.sign in path.read_text(errors="replace"):
            yield f"{new.path}: is there, and stays as it is"
        else:
            yield f"{new.path}: is there, and stays as it is; add to it:"
            yield from (f"    {line}" for line in new.addition.splitlines())
    elif write:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(new.content)
        yield f"{new.path}: written"
    else:
        yield f"{new.path}: would be written:"
        yield from (f"    {line}".rstrip() for line in new.content.splitlines())
