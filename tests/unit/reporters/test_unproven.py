"""What is unproven, in the formats that a gate reads: an error where it fails, else a warning."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from routeproof.cli import main

UNPROVEN_ROOT = 'variable "days" {\n}\nresource "aws_cloudwatch_log_group" "a" {\n  retention_in_days = var.days\n}\n'


@pytest.mark.parametrize(("arguments", "fails"), [([], False), (["--unproven", "fail"], True)])
def test_what_is_unproven_is_an_error_where_it_fails(
    arguments: list[str],
    fails: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "main.tf").write_text(UNPROVEN_ROOT)

    def said(name: str) -> str:
        assert main(["check", "--select", "LOG_RETENTION", "--format", name, *arguments]) == int(fails)
        return capsys.readouterr().out

    (result,) = json.loads(said("sarif"))["runs"][0]["results"]
    assert result["level"] == ("error" if fails else "warning")
    assert said("github").startswith("::error " if fails else "::warning ")
    case = ElementTree.fromstring(said("junit")).find("testsuite/testcase")
    assert case is not None
    assert [child.tag for child in case] == ["failure" if fails else "skipped"]
