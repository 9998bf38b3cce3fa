"""The catalogue refuses what is incomplete, double or broken: a convention that gets lost would pass everything."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from routeproof import conventions
from routeproof.catalogue import CatalogueError, built_in, catalogue
from routeproof.cli import main
from routeproof.convention import Convention

WHOLE = """\
from ...convention import Convention, Example

CONVENTION = Convention(
    id="GROUP_NAME",
    title="Groups have names",
    why="Because.",
    fix="Name it.",
    explains=("Every group has a name.",),
    subject="aws_cloudwatch_log_group",
    resource_types=("aws_cloudwatch_log_group",),
    check=lambda stack, resource: (),
    good=Example("good"),
    bad=Example("bad", fails_at=(("aws_cloudwatch_log_group.a", 1),)),
    sources=("https://docs.aws.amazon.com/",),
)
"""
Read = Callable[[Mapping[str, str]], Mapping[str, Convention]]


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Read:
    """Reads the catalogue of modules that are given by their paths below conventions/."""

    def read(modules: Mapping[str, str]) -> Mapping[str, Convention]:
        for path, text in modules.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text)
        for name in [name for name in sys.modules if name.startswith(f"{conventions.__name__}.")]:
            monkeypatch.delitem(sys.modules, name)
        monkeypatch.setattr(conventions, "__path__", [str(tmp_path)])
        try:
            return built_in.__wrapped__()
        finally:
            for name in [name for name in sys.modules if name.startswith(f"{conventions.__name__}.")]:
                del sys.modules[name]

    return read


def test_the_catalogue_has_a_convention_for_each_file_sorted_by_id() -> None:
    (root,) = map(Path, conventions.__path__)
    files = {path.stem.upper() for path in root.glob("*/*.py") if path.name != "__init__.py"}
    assert set(catalogue()) == files
    assert list(catalogue()) == sorted(catalogue())
    assert {name: convention.id for name, convention in catalogue().items()} == {name: name for name in catalogue()}


def test_a_new_file_is_a_new_convention(read: Read) -> None:
    other = WHOLE.replace("GROUP_NAME", "A_GROUP_NAME")
    assert list(read({"logs/__init__.py": "", "logs/group_name.py": WHOLE, "new/a_group_name.py": other})) == [
        "A_GROUP_NAME",
        "GROUP_NAME",
    ]


def test_an_id_twice_is_refused(read: Read) -> None:
    with pytest.raises(CatalogueError, match=r"^routeproof\.conventions\.logs\.b: the id GROUP_NAME is taken already$"):
        read({"logs/a.py": WHOLE, "logs/b.py": WHOLE})


@pytest.mark.parametrize("text", ["", "CONVENTION = 'GROUP_NAME'\n"])
def test_a_module_without_a_convention_is_refused(read: Read, text: str) -> None:
    with pytest.raises(CatalogueError, match=r"^routeproof\.conventions\.logs\.a has no CONVENTION$"):
        read({"logs/a.py": text})


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("import no_such_module\n", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("1 / 0\n", "ZeroDivisionError: division by zero"),
    ],
)
def test_a_module_that_does_not_import_is_refused(read: Read, text: str, why: str) -> None:
    with pytest.raises(CatalogueError) as refused:
        read({"logs/a.py": text})
    assert str(refused.value) == f"routeproof.conventions.logs.a does not import: {why}"


def test_a_folder_that_does_not_import_is_refused(read: Read) -> None:
    with pytest.raises(CatalogueError) as refused:
        read({"logs/__init__.py": "import no_such_module\n", "logs/a.py": WHOLE})
    why = "ModuleNotFoundError: No module named 'no_such_module'"
    assert str(refused.value) == f"routeproof.conventions.logs.a does not import: {why}"


@pytest.mark.parametrize("part", ["id", "title", "why", "fix", "subject"])
def test_an_empty_text_is_refused(read: Read, part: str) -> None:
    lines = [f'    {part}="",' if line.startswith(f"    {part}=") else line for line in WHOLE.splitlines()]
    with pytest.raises(CatalogueError, match=rf"lacks {part}$"):
        read({"logs/a.py": "\n".join(lines)})


@pytest.mark.parametrize("part", ["explains", "resource_types", "sources"])
def test_an_empty_list_is_refused(read: Read, part: str) -> None:
    lines = [f"    {part}=()," if line.startswith(f"    {part}=") else line for line in WHOLE.splitlines()]
    with pytest.raises(CatalogueError, match=rf"^routeproof\.conventions\.logs\.a: GROUP_NAME lacks {part}$"):
        read({"logs/a.py": "\n".join(lines)})


@pytest.mark.parametrize(
    "change",
    [
        (', fails_at=(("aws_cloudwatch_log_group.a", 1),)', ""),
        ('Example("good")', 'Example("good", fails_at=(("aws_cloudwatch_log_group.a", 1),))'),
    ],
)
def test_examples_that_show_nothing_are_refused(read: Read, change: tuple[str, str]) -> None:
    with pytest.raises(
        CatalogueError, match=r"GROUP_NAME needs a bad example that fails, and a good one that does not$"
    ):
        read({"logs/a.py": WHOLE.replace(*change)})


def with_not_shown(value: str) -> str:
    imports = WHOLE.replace("import Convention, Example", "import Convention, Example, NotShown, Surface, Verdict")
    return imports.replace("    sources=", f"    not_shown={value},\n    sources=")


def test_it_says_what_a_surface_does_not_show(read: Read) -> None:
    both = (
        'NotShown(Surface.PLAN_ALONE, "its ... does not show", examples=("good",))',
        'NotShown(Surface.LIVE, "AWS has none", Verdict.NOT_APPLICABLE)',
        'NotShown(Surface.LIVE, "AWS does not tell", examples=("bad",))',
    )
    (one,) = read({"logs/a.py": with_not_shown(f"({both[0]}, {both[1]})")}).values()
    assert [str(part) for part in one.not_shown] == [
        "a plan without its source, unproven in the example that keeps it: its ... does not show.",
        "what is live, not applicable: AWS has none.",
    ]
    (one,) = read({"logs/a.py": with_not_shown(f"({both[2]},)")}).values()
    assert [str(part) for part in one.not_shown] == [
        "what is live, unproven in the example that does not keep it: AWS does not tell."
    ]
    with pytest.raises(CatalogueError, match=r"logs\.a: GROUP_NAME says twice what a surface does not show$"):
        read({"logs/a.py": with_not_shown(f"({both[1]}, {both[2]})")})


@pytest.mark.parametrize(
    "value",
    [
        'NotShown(Surface.LIVE, "AWS does not tell")',
        '("AWS does not tell",)',
        '(NotShown("live", "AWS does not tell"),)',
        '(NotShown(Surface.LIVE, " "),)',
        "(NotShown(Surface.LIVE, None),)",
        '(NotShown(Surface.LIVE, "AWS does not tell", Verdict.PASS),)',
        '(NotShown(Surface.LIVE, "AWS does not tell", examples=()),)',
        '(NotShown(Surface.LIVE, "AWS does not tell", examples=("ugly",)),)',
    ],
)
def test_what_does_not_say_what_a_surface_does_not_show_is_refused(read: Read, value: str) -> None:
    with pytest.raises(CatalogueError, match=r"GROUP_NAME: not of the type that a Convention has there: not_shown$"):
        read({"logs/a.py": with_not_shown(value)})


def test_an_empty_catalogue_is_refused(read: Read) -> None:
    with pytest.raises(CatalogueError, match=r"^no convention found: the installation is broken$"):
        read({"__init__.py": ""})


def test_a_refused_catalogue_ends_a_run_with_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse() -> None:
        raise CatalogueError("no convention found: the installation is broken")

    monkeypatch.setattr("routeproof.catalogue.catalogue", refuse)
    (tmp_path / "main.tf").touch()
    assert main(["check", str(tmp_path)]) == 2
    assert capsys.readouterr().err == "routeproof: no convention found: the installation is broken\n"
