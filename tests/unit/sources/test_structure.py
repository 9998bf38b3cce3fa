"""The rooms of the Terraform source: imports go one way, so each can be read without those that stand on it."""

from __future__ import annotations

import ast
from pathlib import Path

ROOM = Path(__file__).resolve().parents[3] / "policies" / "sources" / "hcl"
MODULES = {".".join(path.relative_to(ROOM).with_suffix("").parts): path for path in ROOM.rglob("*.py")}
LONGEST = 300


def imported_by(name: str) -> set[str]:
    """The rooms that a room imports, inside functions too; what is for type checkers alone is not counted."""
    package = name.split(".")[:-1]
    found: set[str] = set()
    tree = ast.parse(MODULES[name].read_text())
    checkers_only = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING"
        for node in ast.walk(block)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level and id(node) not in checkers_only:
            base = package[: len(package) - node.level + 1] if node.level - 1 <= len(package) else None
            if base is None:
                continue
            target = ".".join([*base, *(node.module or "").split(".")]).strip(".")
            found |= {target, *(f"{target}.{alias.name}".strip(".") for alias in node.names)} & MODULES.keys()
    return found


def test_no_room_imports_itself_through_another() -> None:
    graph = {name: imported_by(name) for name in MODULES}
    assert "functions.calls" in graph["expressions"], "the imports were not read"
    while graph:
        free = {name for name, needed in graph.items() if not needed & graph.keys()}
        assert free, f"these import each other in a circle: {sorted(graph)}"
        graph = {name: needed for name, needed in graph.items() if name not in free}


def test_no_room_is_two() -> None:
    assert {name for name, path in MODULES.items() if len(path.read_text().splitlines()) > LONGEST} == set()
