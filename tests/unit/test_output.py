"""--format and --output: what is written where."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from routeproof.cli import main
from routeproof.output import FORMATS

GROUP = 'resource "aws_cloudwatch_log_group" "forever" {\n  name = "日本語"\n}\n'


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one failure, as working directory."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "main.tf").write_text(GROUP)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_several_files_at_once_are_what_stdout_would_get(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [part for name in FORMATS for part in ("--output", f"{name}=out/deep/report.{name}")]
    assert main(["check", *arguments]) == 1
    capsys.readouterr()
    for name in FORMATS:
        assert main(["check", "--format", name]) == 1
        assert Path(f"out/deep/report.{name}").read_text(encoding="utf-8") == capsys.readouterr().out, name


def test_stdout_has_its_own_format(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--format", "json", "--output", "markdown=report.md"]) == 1
    assert json.loads(capsys.readouterr().out)["summary"]["fail"] == 1
    assert Path("report.md").read_text().startswith("## Routeproof: 1 failure\n")


def test_a_file_that_is_there_is_replaced() -> None:
    Path("report.json").write_text("x" * 100_000)
    main(["check", "--output", "json=report.json"])
    assert json.loads(Path("report.json").read_text())["version"] == 1


@pytest.mark.parametrize(
    ("file", "why"),
    [
        (".", "Is a directory"),
        ("main.tf/report.json", "main.tf is no directory"),
        ("main.tf/below/report.json", "Not a directory"),
        ("loop", "Too many levels of symbolic links"),
        ("x" * 300, "File name too long"),
    ],
)
def test_a_file_that_cannot_be_written(file: str, why: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("loop").symlink_to("loop")
    assert main(["check", "--output", f"json={file}"]) == 2
    streams = capsys.readouterr()
    assert streams.err == f"routeproof: --output json: {file} cannot be written: {why}\n"
    assert streams.out == ""


@pytest.mark.parametrize("text", ["report.sarif", "yaml=report.yaml", "json=", "=report.json"])
def test_an_output_without_a_format_or_a_file(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["check", "--output", text])
    assert stop.value.code == 2
    expected = f"argument --output: '{text}' is not FORMAT=FILE with FORMAT one of {', '.join(FORMATS)}\n"
    assert capsys.readouterr().err.endswith(expected)


def test_the_request_path_goes_into_files_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["path", "--output", "json=path.json", "--output", "markdown=path.md"]) == 0
    (root,) = json.loads(Path("path.json").read_text())["roots"]
    assert (root["root"], root["results"], root["routes"]) == (".", [], [])
    assert Path("path.md").read_text().startswith("## Request path\n")


def test_bytes_of_a_name_that_are_no_text_are_written_escaped(capsys: pytest.CaptureFixture[str]) -> None:
    Path(os.fsdecode(b"\xff.tf")).write_text("a = 1 b = 2\n")
    arguments = [part for name in FORMATS for part in ("--output", f"{name}=report.{name}")]
    assert main(["check", *arguments]) == 2
    for name in FORMATS:
        expected = "%FF.tf" if name == "sarif" else r"\udcff.tf" if name != "markdown" else r"&#92;udcff.tf"
        assert expected in Path(f"report.{name}").read_text(encoding="utf-8"), name
