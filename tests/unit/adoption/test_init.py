"""`routeproof init` writes what is not there, and nothing else."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from routeproof.cli import main
from routeproof.init import origin
from routeproof.settings import Settings, SettingsFiles
from routeproof.sources.hcl.files import Files
from tests.lint.steps import ROOT
from tests.unit.repository import Repository

URL = "https://github.com/example/routeproof"
FROM = ("--repository", URL, "--rev", "v1.0.0")
FILES = ["routeproof.toml", ".github/workflows/routeproof.yml", ".pre-commit-config.yaml"]


def init(repository: Repository, *arguments: str) -> tuple[int, list[str], str]:
    """Exit code, the lines of stdout, stderr."""
    code = main(["init", *arguments])
    streams = repository.capsys.readouterr()
    return code, streams.out.splitlines(), streams.err


def contents(top: Path) -> Mapping[str, str]:
    return {path.relative_to(top).as_posix(): path.read_text() for path in top.rglob("*") if path.is_file()}


def test_it_writes_three_files(repository: Repository) -> None:
    assert init(repository, *FROM) == (0, [f"{name}: written" for name in FILES], "")
    assert sorted(contents(repository.directory)) == sorted(FILES)
    found = SettingsFiles(repository.directory, Files(repository.directory), ()).of(repository.directory.resolve())
    assert found == Settings(file=found.file)
    hooks = yaml.safe_load((repository.directory / FILES[2]).read_text())
    assert hooks == {"repos": [{"repo": URL, "rev": "v1.0.0", "hooks": [{"id": "routeproof"}]}]}
    workflow = yaml.safe_load((repository.directory / FILES[1]).read_text())
    assert workflow[True] == "pull_request"
    assert workflow["permissions"] == {"contents": "read"}
    steps = workflow["jobs"]["routeproof"]["steps"]
    assert [step["uses"].split("@")[0] for step in steps] == ["actions/checkout", "example/routeproof"]
    assert steps[0]["with"] == {"fetch-depth": 0, "persist-credentials": False}


def test_the_workflow_pins_what_this_projects_own_pins(repository: Repository) -> None:
    init(repository, *FROM)
    pin = "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1"
    assert pin in (repository.directory / FILES[1]).read_text()
    assert pin in (ROOT / ".github" / "workflows" / "pull-request.yml").read_text()


def test_it_never_overwrites(repository: Repository) -> None:
    for name in FILES:
        repository.write(name, "# ours\n")
    code, lines, _ = init(repository, *FROM)
    assert (code, set(contents(repository.directory).values())) == (0, {"# ours\n"})
    assert lines == [
        "routeproof.toml: is there, and stays as it is",
        ".github/workflows/routeproof.yml: is there, and stays as it is; add to it:",
        "          - uses: example/routeproof@v1.0.0",
        "            # with:",
        "            #   since: origin/${{ github.base_ref }} # judges only what the pull request concerns",
        ".pre-commit-config.yaml: is there, and stays as it is; add to it:",
        f"      - repo: {URL}",
        "        rev: v1.0.0",
        "        hooks:",
        "          - id: routeproof",
    ]


def test_twice_is_once(repository: Repository) -> None:
    init(repository, *FROM)
    before = contents(repository.directory)
    assert init(repository, *FROM) == (0, [f"{name}: is there, and stays as it is" for name in FILES], "")
    assert contents(repository.directory) == before


def test_what_it_tells_to_add_makes_the_file(repository: Repository) -> None:
    repository.write(FILES[2], "repos:\n  - repo: local\n    hooks: []\n")
    _, lines, _ = init(repository, *FROM)
    addition = lines[lines.index(f"{FILES[2]}: is there, and stays as it is; add to it:") + 1 :]
    file = repository.directory / FILES[2]
    file.write_text(file.read_text() + "".join(f"{line.removeprefix('    ')}\n" for line in addition))
    assert [one["repo"] for one in yaml.safe_load(file.read_text())["repos"]] == ["local", URL]


def test_settings_in_pyproject_are_not_hidden(repository: Repository) -> None:
    """A routeproof.toml beside them would count instead of them."""
    repository.write("pyproject.toml", "[tool.routeproof]\nunproven = 'fail'\n")
    _, lines, _ = init(repository, *FROM)
    assert lines[0] == "routeproof.toml: not needed, pyproject.toml has settings"
    assert not (repository.directory / "routeproof.toml").exists()


def test_a_dry_run_writes_nothing(repository: Repository) -> None:
    code, lines, _ = init(repository, "--dry-run", *FROM)
    assert (code, contents(repository.directory)) == (0, {})
    assert [line for line in lines if not line.startswith("    ") and line] == [
        f"{name}: would be written:" for name in FILES
    ]
    assert "      - repo: https://github.com/example/routeproof" in lines


def test_from_a_folder_further_down(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    (repository.directory / "infra").mkdir()
    monkeypatch.chdir(repository.directory / "infra")
    assert init(repository, *FROM)[0] == 0
    assert sorted(contents(repository.directory)) == sorted(FILES)


def test_a_link_that_leads_nowhere_is_left_alone(repository: Repository) -> None:
    (repository.directory / FILES[0]).symlink_to("/nowhere/at/all")
    assert init(repository, *FROM)[1][0] == "routeproof.toml: is there, and stays as it is"


def test_a_file_that_is_no_text_is_left_alone(repository: Repository) -> None:
    (repository.directory / FILES[2]).write_bytes(b"\xff")
    assert f"{FILES[2]}: is there, and stays as it is; add to it:" in init(repository, *FROM)[1]


def test_where_no_file_can_be(repository: Repository) -> None:
    repository.write(".github", "a file")
    code, _, said = init(repository, *FROM)
    assert (code, said.startswith("routeproof: .github/workflows/routeproof.yml cannot be written: ")) == (2, True)


def test_outside_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["init", *FROM]) == 2
    assert capsys.readouterr().err == f"routeproof: {tmp_path} is in no git repository; run git init first\n"


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (
            ("--repository", "git@github.com:example/routeproof", "--rev", "v1"),
            "--repository is https://HOST/OWNER/NAME, not git@github.com:example/routeproof",
        ),
        (
            ("--repository", f"{URL}\n    rev: x", "--rev", "v1"),
            f"--repository is https://HOST/OWNER/NAME, not {URL}\\n    rev: x",
        ),
        (("--repository", URL, "--rev", "v1 # a"), "--rev is a commit or a tag, not v1 # a"),
        (("--repository", URL, "--rev", "-x"), None),
    ],
)
def test_what_is_no_origin(repository: Repository, arguments: tuple[str, ...], why: str | None) -> None:
    if why is None:
        with pytest.raises(SystemExit) as left:
            main(["init", *arguments])
        assert left.value.code == 2
    else:
        assert init(repository, *arguments) == (2, [], f"routeproof: {why}\n")
    assert contents(repository.directory) == {}


@pytest.mark.parametrize(
    ("noted", "expected"),
    [
        ('{"url": "URL", "vcs_info": {"vcs": "git", "commit_id": "0123abc"}}', (URL, "example/routeproof", "0123abc")),
        ('{"url": "file:///somewhere", "dir_info": {"editable": true}}', None),
        (None, None),
    ],
)
def test_the_origin_that_the_installer_has_noted(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, noted: str | None, expected: tuple[str, str, str] | None
) -> None:
    """PEP 610's direct_url.json; test_adopting_page.py has a real one."""
    about = repository.directory / "site" / "routeproof-1.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: routeproof\nVersion: 1\n")
    if noted is not None:
        (about / "direct_url.json").write_text(noted.replace("URL", URL))
    found = importlib.metadata.Distribution.at(about)
    monkeypatch.setattr("routeproof.init.distribution", lambda name: found)
    if expected is not None:
        source = origin(None, None)
        assert (source.url, source.name, source.revision) == expected
    else:
        code, _, said = init(repository)
        assert (code, "give --repository https://HOST/OWNER/routeproof and --rev COMMIT" in said) == (2, True)
