"""What the refreshed table of runtimes says, and when its day changes."""

from __future__ import annotations

import json
import sys
from datetime import date

from tests.tools.refresh_data import FILE, TABLE, lifecycles, renewed

THEIRS = {
    "b": {"deprecated": "2026-01-01", "create-block": None, "update-block": "2026-03-01", "successor": None},
    "a": {"deprecated": None, "create-block": None, "update-block": None, "successor": "b"},
}
OURS = {
    "source": f"cfn-lint 9.9.9, {FILE}",
    "updated_at": "2025-12-31",
    "runtimes": {
        "a": {"deprecated": None, "create_block": None, "update_block": None, "successor": "b"},
        "b": {"deprecated": "2026-01-01", "create_block": None, "update_block": "2026-03-01", "successor": None},
    },
}


def test_the_table_has_the_dates_of_cfn_lint_sorted_by_runtime() -> None:
    before = {"source": "none", "updated_at": "2020-01-01", "runtimes": {}}
    after = renewed(before, "9.9.9", THEIRS, today=date(2025, 12, 31))
    assert json.dumps(after) == json.dumps(OURS)


def test_the_day_changes_only_where_the_table_does() -> None:
    today = date(2026, 5, 5)
    assert renewed(OURS, "9.9.9", THEIRS, today=today) == OURS
    assert renewed(OURS, "9.9.10", THEIRS, today=today)["updated_at"] == "2026-05-05"
    moved = THEIRS | {"b": THEIRS["b"] | {"deprecated": "2027-01-01"}}
    assert renewed(OURS, "9.9.9", moved, today=today)["updated_at"] == "2026-05-05"


def test_the_table_of_the_repository_is_as_the_script_writes_it() -> None:
    text = TABLE.read_text()
    assert text == json.dumps(json.loads(text), indent=1) + "\n"


def test_the_table_is_read_from_the_package_of_an_interpreter(tmp_path, monkeypatch) -> None:
    """A package of the same form, on the path of an interpreter that is started without the user's settings."""
    import venv

    venv.create(tmp_path / "venv", with_pip=False)
    packages = tmp_path / "venv" / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
    (packages / "cfn_lint-9.9.9.dist-info").mkdir()
    (packages / "cfn_lint-9.9.9.dist-info" / "METADATA").write_text("Name: cfn-lint\nVersion: 9.9.9\n")
    (packages / FILE).parent.mkdir(parents=True)
    (packages / FILE).write_text(json.dumps(THEIRS))
    assert lifecycles(tmp_path / "venv" / "bin" / "python") == ("9.9.9", THEIRS)
