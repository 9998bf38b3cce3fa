"""docs/aws-behaviour.md is the specification: each row names a test, and that test begins with the row's case."""

import ast
import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SPECIFICATION = HERE.parents[1] / "docs" / "aws-behaviour.md"
HEADER = "| case | what AWS does | source | test |"
TEST_FILES = ["data_plane", "responses", "cors", "events", "permission", "access_logs"]


def rows() -> list[tuple[str, str]]:
    """(case, test id) of each row of the tables that have tests."""
    found = []
    inside = False
    for line in SPECIFICATION.read_text().splitlines():
        inside = line == HEADER or (inside and line.startswith("|"))
        if inside and line != HEADER and not line.startswith("|---"):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            assert len(cells) == 4, f"not four cells: {line}"
            found.append((cells[0], cells[3]))
    return found


def docstrings() -> dict[str, str]:
    """The first line of each test's docstring, by test id."""
    found = {}
    for path in (HERE / f"test_local_{name}.py" for name in TEST_FILES):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                found[f"{path.name}::{node.name}"] = (ast.get_docstring(node) or "").partition("\n")[0]
    return found


def test_the_tables_are_read():
    assert SPECIFICATION.read_text().count(HEADER) == 4
    assert len(rows()) == len(re.findall(r"test_local_\w+\.py::", SPECIFICATION.read_text()))
    assert len(rows()) > 40


@pytest.mark.parametrize(("case", "test"), rows(), ids=[case for case, _ in rows()])
def test_each_row_has_its_test(case: str, test: str):
    assert docstrings().get(test.strip("`")) == f"{case}."


def test_no_two_rows_share_a_test():
    tests = [test for _, test in rows()]
    assert sorted(set(tests)) == sorted(tests)
