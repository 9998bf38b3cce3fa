"""Fake programs for the tests of what finds and runs real ones."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.tools.terraform import Terraform, find_terraform

Program = Callable[..., Path]


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """Makes an executable shell script; its directory, `tmp_path / "bin"`, can be put on PATH."""

    def make(name: str, script: str, *, directory: Path = tmp_path / "bin") -> Path:
        directory.mkdir(parents=True, exist_ok=True)
        file = directory / name
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)
        return file

    return make


@pytest.fixture(scope="session")
def real_terraform() -> Terraform:
    return find_terraform()
