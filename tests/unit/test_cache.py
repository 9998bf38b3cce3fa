"""The cache: never another verdict than one without it, whatever has changed and whatever is in it."""

from __future__ import annotations

import json
import os
import random
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import routeproof
from routeproof import cache, report
from routeproof.catalogue import built_in
from routeproof.cli import main
from routeproof.judging import Judge
from routeproof.settings import SettingsFiles
from routeproof.sources.hcl.files import Files
from routeproof.sources.hcl.questions import QUESTIONS
from tests.unit.large_repository import GROUP, everything, fill, own_convention
from tests.unit.repository import Repository

ROOTS = 12
PACKAGE = Path(routeproof.__file__).parent


@pytest.fixture
def entries(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the entries will be."""
    directory = tmp_path_factory.mktemp("caches")
    monkeypatch.setenv("XDG_CACHE_HOME", str(directory))
    return directory / cache.NAME


@pytest.fixture
def large(repository: Repository, entries: Path) -> Repository:
    fill(repository)
    shutil.rmtree(entries, ignore_errors=True)
    return repository


def check(repository: Repository, *arguments: str) -> tuple[int, str, str]:
    """Exit code and both streams of a check whose report has all that there is."""
    code = main(["check", "live", "--format", "json", *arguments])
    return code, *repository.capsys.readouterr()


# What is remembered


@pytest.mark.parametrize("arguments", [("check", "live"), ("check", "live", "--jobs", "3"), ("path", "live")])
def test_the_report_is_the_same(large: Repository, entries: Path, arguments: tuple[str, ...]) -> None:
    without = everything(large, *arguments)
    assert not entries.exists()
    assert everything(large, *arguments, cached=True) == without
    assert len(list(entries.iterdir())) == ROOTS
    assert everything(large, *arguments, cached=True) == without
    assert everything(large, *arguments, "--jobs", "2", cached=True) == without


def test_what_has_not_changed_is_not_judged_again(large: Repository, entries: Path) -> None:
    """An entry that says something else is believed: nothing has been judged."""
    check(large)
    for entry in entries.iterdir():
        entry.write_text(entry.read_text().replace("retention_in_days is not set", "this was remembered"))
    remembered = [r["message"] for root in json.loads(check(large)[1])["roots"] for r in root["results"]]
    assert any(message.startswith("this was remembered") for message in remembered)
    assert not any(message.startswith("retention_in_days is not set") for message in remembered)
    changed = large.directory / "live" / "a" / "main.tf"
    changed.write_text(changed.read_text() + "\n")
    judged = {root["root"]: str(root) for root in json.loads(check(large)[1])["roots"]}
    assert [name for name, text in judged.items() if "retention_in_days is not set" in text] == ["live/a"]


# Whatever may matter


@pytest.mark.parametrize("seed", range(8))
def test_random_changes(large: Repository, entries: Path, seed: int) -> None:
    """After each change of the repository, and of the options, the cache's verdicts are those without it."""
    chance = random.Random(seed)
    options: list[tuple[str, ...]] = [
        (),
        ("--unproven", "fail"),
        ("--select", "LOG_RETENTION"),
        ("--today", "2031-01-01"),
        ("--no-suppressions",),
        ("--baseline", "known.json"),
        ("--var-file", "live/stack-1/terraform/x.tfvars"),
        ("--allow-outside",),
    ]
    before = set()
    for _ in range(12):
        change(large.directory, chance)
        arguments = chance.choice([(), (), (), *options])
        fresh = check(large, "--no-cache", *arguments)
        assert check(large, *arguments) == fresh
        before.add(fresh[1])
    assert len(before) > 3, "the changes change something"
    assert any(entries.iterdir())


FUNCTIONS = """\
resource "aws_cloudwatch_log_group" "files" {
  name              = fileexists("${path.module}/package.json") ? "a" : "b"
  retention_in_days = length(fileset(path.module, "*.json")) == 0 ? 14 : 13
}
"""
UNUSED = "nothing that this suppression is for fails LOG_RETENTION"
WORDS = {"14": "13", "arm64": "x86_64", '"2.0"': '"1.0"', "index": "main", "hello": "hallo", "null": "30", "old": "new"}
NEW = {
    "terraform.tfvars": "days = 7\nd = 13\n",
    "x.auto.tfvars": "d = 14\n",
    "z_override.tf": 'resource "aws_cloudwatch_log_group" "old" {\n  retention_in_days = 14\n}\n',
    "main.tofu": GROUP.format(name="tofu", more=""),
    "more.tf": 'module "m" {\n  source = "../../modules/shared"\n}\n',
    "routeproof.toml": 'unproven = "fail"\n',
    "pyproject.toml": '[tool.routeproof]\nignore = ["LOG_RETENTION"]\n',
    "package.json": '{"type": "module"}',
    "broken.tf": "a = = b\n",
    ".terraform/modules/modules.json": '{"Modules": []}',
    ".git/HEAD": "",
}


def change(top: Path, chance: random.Random) -> None:
    """One change somewhere in a repository."""
    files = sorted(path for path in top.rglob("*") if path.is_file() and ".git" not in path.relative_to(top).parts[:1])
    file, other = chance.choice(files), chance.choice(files)
    match chance.choice(
        ["word", "word", "word", "delete", "rename", "swap", "link", "directory", "new", "new", "move"]
    ):
        case "word":
            # One file in three has a word; what it stands for changes there and nowhere else.
            candidates = [path for path in files if any(word in path.read_text(errors="ignore") for word in WORDS)]
            file = chance.choice(candidates or files)
            text = file.read_text(errors="ignore")
            word = chance.choice([word for word in WORDS if word in text] or ["\n"])
            file.write_text(text.replace(word, WORDS.get(word, "\n\n"), 1))
        case "delete":
            file.unlink()
        case "rename":
            file.rename(file.with_name(f"x-{file.name}"))
        case "swap":
            one, two = file.read_bytes(), other.read_bytes()
            file.write_bytes(two)
            other.write_bytes(one)
        case "link" if file != other:
            file.unlink()
            file.symlink_to(chance.choice([other, Path(os.path.relpath(other, file.parent)), Path("/etc/hostname")]))
        case "directory" if file.parent != top:
            moved = top / f"moved-{chance.random()}"
            file.parent.rename(moved)
            file.parent.symlink_to(moved)
        case "move":
            file.rename(top / "live" / file.name)
        case _:
            name = chance.choice(sorted(NEW))
            path = file.parent / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                path.write_text(NEW[name])


@pytest.mark.parametrize("root", ["live/stack-1/terraform", "live/calls-a", "live/strict"])
def test_each_change_by_itself(large: Repository, monkeypatch: pytest.MonkeyPatch, root: str) -> None:
    """Each file that there is is changed and taken away, and each that there might be is put beside them."""
    monkeypatch.setattr(report, "WORTH_A_CACHE", 1)

    def compare() -> None:
        said = [
            (main(["check", root, "--format", "json", *no]), large.capsys.readouterr()) for no in ([], ["--no-cache"])
        ]
        assert said[0] == said[1]

    large.write("live/stack-1/terraform/files.tf", FUNCTIONS)
    compare()
    for path in sorted(path for path in large.directory.rglob("*") if path.is_file() and "stack-2" not in path.parts):
        content = path.read_bytes()
        path.write_bytes(content.replace(b"14", b"13").replace(b"hello", b"hallo") + b"\n")
        compare()
        path.unlink()
        compare()
        path.write_bytes(content)
        compare()
    directories = {Path(root), *Path(root).parents, Path("modules/shared"), Path("live/stack-1/lambda/hello")}
    for directory in sorted(directories):
        for name in NEW:
            path = directory / name
            if path.exists() or (directory == Path() and name.startswith(".git")):
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(NEW[name])
            compare()
            path.unlink()
            for empty in [parent for parent in path.parents if parent != directory and directory in parent.parents]:
                empty.rmdir()
            compare()


def test_a_module_that_moves_behind_a_link(large: Repository) -> None:
    """Who has read what goes by the real directories: what nothing needs is still told."""
    assert check(large) == check(large, "--no-cache")
    (large.directory / "other").mkdir()
    Path("modules/shared").rename("other/shared")
    Path("modules/shared").symlink_to("../other/shared")
    fresh = check(large, "--no-cache")
    told = [r["file"] for root in json.loads(fresh[1])["roots"] for r in root["results"] if r["message"] == UNUSED]
    assert "routeproof.toml" in told
    assert check(large) == fresh


def test_a_module_that_was_missing(large: Repository) -> None:
    call = 'module "m" {\n  source = "../../modules/absent"\n}\n'
    large.write("live/missing/main.tf", call + GROUP.format(name="g", more=""))
    before = check(large)
    large.write("modules/absent/main.tf", GROUP.format(name="now", more=""))
    fresh = check(large, "--no-cache")
    assert (fresh != before, check(large)) == (True, fresh)


def test_the_program_itself(large: Repository, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Another version of the program does not believe what this one wrote, although its number is the same."""
    copy = tmp_path_factory.mktemp("other") / "routeproof"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    program = [sys.executable, "-B", "-c", "import sys; from routeproof.cli import main; sys.exit(main())"]

    def run(*arguments: str) -> str:
        environment = {**os.environ, "PYTHONPATH": str(copy.parent)}
        command = [*program, "check", "live", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False).stdout

    assert "retention_in_days is not set" in run()
    for path, old, new in [
        ("conventions/logs/log_retention.py", "is not set", "is missing"),
        ("data/lambda_runtimes.json", "{", "{ "),
    ]:
        changed = copy / path
        text = changed.read_text()
        assert old in text
        changed.write_text(text.replace(old, new, 1 if path.endswith("json") else -1))
        assert run() == run("--no-cache")
    assert "retention_in_days is missing" in run()


def test_everything_that_is_looked_at_is_noted(large: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every path that Python hands to the operating system while a root module is judged is in its notes."""
    large.write("live/stack-1/terraform/terraform.tfvars", "")
    large.write("live/stack-1/terraform/files.tf", FUNCTIONS)
    (large.directory / "live" / "linked").symlink_to("a")
    seen: set[str] = set()
    for name in ("stat", "lstat", "readlink", "open", "scandir", "listdir"):
        monkeypatch.setattr(os, name, _watched(getattr(os, name), seen))
    _Opened.seen = seen
    files = Files(large.directory.resolve(), notes={})
    settings = SettingsFiles(large.directory.resolve(), files, built_in())
    judge = Judge(tuple(built_in().values()), {}, date(2026, 1, 1), None, None, True, True, None, None)
    for root in sorted(path.parent for path in Path("live").rglob("*.tf")):
        seen.clear()
        judge.judged(root, files, settings)
        assert files.notes
        assert {kind for kind, _ in files.notes} <= QUESTIONS
        noted = {_absolute(path) for _, path in files.notes}
        below = [_absolute(path) for kind, path in files.notes if kind == "names_below"]
        around = {str(parent) for path in noted for parent in Path(path).parents}
        # Whether the team has conventions of its own is asked anew in each run: there is no cache then.
        around |= {str(large.directory / name) for name in (".git", "routeproof.toml", "pyproject.toml")}
        looked = {path for path in map(_absolute, seen) if path.startswith(str(large.directory))}
        unknown = [path for path in looked - noted - around if not any(path.startswith(f"{top}/") for top in below)]
        assert unknown == [], root
    _Opened.seen = None


def _absolute(path: str) -> str:
    """With its links as they are."""
    return os.path.normpath(Path.cwd() / path)


def _watched(function: Any, seen: set[str]) -> Any:
    def watched(path: Any = ".", *arguments: Any, **options: Any) -> Any:
        if isinstance(path, str | Path):
            seen.add(str(path))
        return function(path, *arguments, **options)

    return watched


class _Opened:
    """Files are opened by C, which tells Python's auditing."""

    seen: set[str] | None = None

    @classmethod
    def audit(cls, event: str, arguments: tuple[Any, ...]) -> None:
        if cls.seen is not None and event == "open" and isinstance(arguments[0], str | Path):
            cls.seen.add(str(arguments[0]))


sys.addaudithook(_Opened.audit)


# Whatever is in it


@pytest.mark.parametrize(
    "content",
    [
        "",
        "\x00",
        "[]",
        "{}",
        "null",
        "[" * 100_000,
        '{"notes": [], "judged": {}}',
        '{"notes": [["forget", ".", ""]], "judged": {}}',
        '{"notes": [["__class__", ".", ""]], "judged": {}}',
        '{"notes": [["read", "/etc/hostname", ""], 1], "judged": {}}',
        '{"notes": {"read": 1}, "judged": {}}',
        "x" * (cache.MAX_BYTES + 1),
    ],
    ids=range(12),
)  # fmt: skip
def test_an_entry_that_is_none_is_written_again(large: Repository, entries: Path, content: str) -> None:
    fresh = check(large)
    good = {entry.name: entry.read_text() for entry in entries.iterdir()}
    for name in good:
        (entries / name).write_text(content)
    assert check(large) == fresh
    assert {entry.name: entry.read_text() for entry in entries.iterdir()} == good


def test_an_entry_without_notes_or_with_a_part_missing(large: Repository, entries: Path) -> None:
    fresh = check(large)
    for member in ("notes", "judged", "report", "results", "problems", "standing", "unproven_fails"):
        for entry in entries.iterdir():
            entry.write_text(entry.read_text().replace(f'"{member}"', '"x"', 1))
        assert check(large) == fresh, member
    for entry in entries.iterdir():
        document = json.loads(entry.read_text())
        document["notes"] = []
        document["judged"]["report"]["results"] = []
        entry.write_text(json.dumps(document))
    assert check(large) == fresh


def test_entries_that_are_directories_or_links(large: Repository, entries: Path, tmp_path: Path) -> None:
    fresh = check(large)
    for number, entry in enumerate(sorted(entries.iterdir())):
        entry.unlink()
        if number % 2:
            entry.mkdir()
        else:
            entry.symlink_to(tmp_path / "nowhere")
    assert check(large) == fresh
    assert not (tmp_path / "nowhere").exists()


# Where it is


def test_it_is_the_users_own(large: Repository, entries: Path) -> None:
    check(large)
    assert stat.S_IMODE(entries.stat().st_mode) == 0o700
    assert all(stat.S_IMODE(entry.stat().st_mode) == 0o600 for entry in entries.iterdir())


@pytest.mark.parametrize("how", ["others may write", "a file", "a link", "below a file"])
def test_where_there_can_be_none_there_is_none(
    large: Repository,
    entries: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
    how: str,
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    match how:
        case "others may write":
            entries.mkdir(parents=True)
            entries.chmod(0o770)
        case "a file":
            entries.parent.mkdir()
            entries.write_text("")
        case "a link":
            elsewhere.chmod(0o700)
            entries.parent.mkdir()
            entries.symlink_to(elsewhere)
        case _:
            (elsewhere / "file").write_text("")
            monkeypatch.setenv("XDG_CACHE_HOME", str(elsewhere / "file" / "caches"))
    assert check(large) == check(large, "--no-cache")
    assert [path for path in entries.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    ("platform", "told", "expected"),
    [
        ("linux", "/caches", "/caches/routeproof/verdicts"),
        ("linux", "", "/home/me/.cache/routeproof/verdicts"),
        ("linux", "caches", "/home/me/.cache/routeproof/verdicts"),
        ("darwin", "/caches", "/caches/routeproof/verdicts"),
        ("darwin", "", "/home/me/Library/Caches/routeproof/verdicts"),
    ],
)
def test_where_it_is_looked_for(monkeypatch: pytest.MonkeyPatch, platform: str, told: str, expected: str) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setenv("HOME", "/home/me")
    monkeypatch.setenv("XDG_CACHE_HOME", told)
    assert str(cache.cache_directory()) == expected


def test_it_does_not_grow_without_end(large: Repository, entries: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check(large)
    size = sum(entry.stat().st_size for entry in entries.iterdir())
    monkeypatch.setattr(cache, "MAX_TOTAL", size)
    check(large, "--today", "2031-01-01")
    assert len(list(entries.iterdir())) == 2 * ROOTS
    for age, entry in enumerate(sorted(entries.iterdir())):
        os.utime(entry, (1_000_000 + age, 1_000_000 + age))
    kept = sorted(entry.name for entry in entries.iterdir())[ROOTS:]
    monkeypatch.setattr(cache, "MAX_BYTES", 0)  # so that this run writes none
    check(large)
    assert sorted(entry.name for entry in entries.iterdir()) == kept


def test_two_runs_at_once(large: Repository, entries: Path) -> None:
    fresh = check(large, "--no-cache")
    command = [sys.executable, "-c", "import sys; from routeproof.cli import main; sys.exit(main())"]
    runs = [
        subprocess.Popen([*command, "check", "live", "--format", "json"], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    assert [run.communicate()[0] for run in runs] == [fresh[1]] * 3
    assert len(list(entries.iterdir())) == ROOTS


# When there is none


@pytest.fixture
def nothing_is_remembered(entries: Path) -> Iterator[None]:
    yield
    assert not entries.exists()


@pytest.mark.usefixtures("nothing_is_remembered")
@pytest.mark.parametrize("arguments", [("--no-cache",), ("--since", "HEAD")])
def test_options_that_go_without(large: Repository, arguments: tuple[str, ...]) -> None:
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.com"]
    for command in (["init", "-q"], ["add", "."], [*identity, "commit", "-qm", "first"]):
        subprocess.run(["git", *command], check=True)
    main(["check", "live", *arguments])


@pytest.mark.usefixtures("nothing_is_remembered")
def test_conventions_of_the_teams_own(large: Repository) -> None:
    """What their code depends on nobody knows."""
    own_convention(large, "pass")
    assert check(large)[0] == 1


@pytest.mark.usefixtures("nothing_is_remembered")
def test_few_root_modules(repository: Repository) -> None:
    for number in range(9):
        repository.write(f"live/{number}/main.tf", GROUP.format(name="g", more=""))
    assert check(repository)[0] == 1
