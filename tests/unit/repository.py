"""A repository that a test writes, and what `routeproof check` says of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from routeproof.cli import main


@dataclass(frozen=True)
class Checked:
    """What one run said. `said` is what it wrote for people, on standard error."""

    code: int
    document: dict[str, Any]
    said: str

    def results(self, *conventions: str) -> list[tuple[str, str | None, str]]:
        """(convention, place, how it counts) of every result that is no pass, in order; `x.tf:3:1` is a place."""
        return [
            (result["convention"], f"{result['file']}:{result['line']}:{result['column']}", counted(result))
            for root in self.document["roots"]
            for result in root["results"]
            if result["verdict"] not in ("pass", "not_applicable")
            and (not conventions or result["convention"] in conventions)
        ]

    def messages(self, convention: str = "SUPPRESSION") -> list[str]:
        """Place and message of every failure of a convention."""
        return [
            f"{result['file']}:{result['line']}:{result['column']}: {result['message']}"
            for root in self.document["roots"]
            for result in root["results"]
            if result["convention"] == convention and result["verdict"] == "fail"
        ]

    @property
    def errors(self) -> list[str]:
        return [f"{e['file']}:{e['line']}:{e['column']}: {e['message']}" for e in self.document["errors"]]


def counted(result: dict[str, Any]) -> str:
    return "suppressed" if result["suppressed"] else "baseline" if result["baseline"] else result["verdict"]


@dataclass(frozen=True)
class Repository:
    """An empty repository, which is the working directory."""

    directory: Path
    capsys: pytest.CaptureFixture[str]

    def write(self, path: str, content: str) -> Path:
        file = self.directory / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
        return file

    def check(self, *arguments: str) -> Checked:
        code = main(["check", "--format", "json", *arguments])
        streams = self.capsys.readouterr()
        return Checked(code, json.loads(streams.out), streams.err)

    def said(self, *arguments: str) -> tuple[int, str]:
        """Exit code and standard error of a run that writes no report."""
        code = main(["check", *arguments])
        streams = self.capsys.readouterr()
        assert streams.out == ""
        return code, streams.err
