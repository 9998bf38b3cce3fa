"""A team's own conventions: from the settings to the reports, `routeproof test`, and what is refused."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from routeproof.catalogue import CatalogueError, built_in, catalogue, in_folder
from routeproof.cli import main
from tests.lint.checkov import CHECKS
from tests.lint.steps import ROOT
from tests.tools.environments import environment
from tests.unit.repository import Repository

PAGE = (ROOT / "docs" / "custom-conventions.md").read_text()
(RULE,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
(SETTINGS,) = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
COMMANDS = re.findall(r"^\$ (routeproof .+)$", PAGE, re.MULTILINE)
KEYLESS = 'resource "aws_cloudwatch_log_group" "a" {\n  retention_in_days = 14\n}\n'


@pytest.fixture
def team(repository: Repository) -> Repository:
    """A repository with the page's convention and settings, and a log group without a key."""
    repository.write("our_rules/log_group_key.py", RULE)
    repository.write("routeproof.toml", SETTINGS)
    repository.write("main.tf", KEYLESS)
    return repository


def refused(team: Repository) -> str:
    """What is said of conventions that are not used, with exit code 2."""
    code, said = team.said()
    assert code == 2
    return said.removeprefix("routeproof: ").removesuffix("\n")


# The page


def test_the_pages_commands(team: Repository) -> None:
    assert COMMANDS == ["routeproof test our_rules/", "routeproof explain LOG_GROUP_KEY", "routeproof check"]
    test, explain, check = (command.split()[1:] for command in COMMANDS)
    (shown,) = re.findall(r"^\$ routeproof test our_rules/\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert (main(test), team.capsys.readouterr().out) == (0, shown)
    assert (main(explain), team.capsys.readouterr().out.split("\n")[0]) == (
        0,
        "LOG_GROUP_KEY: Log groups have a key of ours",
    )
    assert (main(check), team.capsys.readouterr().out.split("\n")[0]) == (
        1,
        "main.tf:1:1: fail LOG_GROUP_KEY aws_cloudwatch_log_group.a",
    )


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)#:]+)\)", PAGE))
def test_every_link_leads_somewhere(link: str) -> None:
    assert (ROOT / "docs" / link).exists()


def test_the_page_has_the_parts_of_a_convention() -> None:
    parts = set(re.findall(r"`(\w+)`", " ".join(re.findall(r"^\| (`.+?) \|", PAGE, re.MULTILINE))))
    assert parts == set(built_in()["CORS"].__dataclass_fields__)


# From the settings to the reports


@pytest.mark.usefixtures("team")
def test_it_is_one_of_the_catalogue() -> None:
    assert set(catalogue()) == {*built_in(), "LOG_GROUP_KEY"}
    assert list(catalogue()) == sorted(catalogue())


def test_it_can_be_selected_ignored_and_suppressed(team: Repository) -> None:
    failure = ("LOG_GROUP_KEY", "main.tf:1:1", "fail")
    assert team.check("--select", "LOG_GROUP_KEY").results() == [failure]
    assert team.check("--ignore", "LOG_GROUP_KEY").results() == []
    team.write("main.tf", f"# routeproof:skip=LOG_GROUP_KEY: not secret\n{KEYLESS}")
    assert team.check().results() == [("LOG_GROUP_KEY", "main.tf:2:1", "suppressed")]
    team.write("main.tf", KEYLESS)
    assert team.check("--write-baseline", "known.json").code == 0
    assert team.check("--baseline", "known.json").results() == [("LOG_GROUP_KEY", "main.tf:1:1", "baseline")]


@pytest.mark.parametrize("name", ["sarif", "junit", "github", "markdown"])
def test_it_is_in_every_report(team: Repository, name: str) -> None:
    assert main(["check", "--format", name]) == 1
    assert "LOG_GROUP_KEY" in team.capsys.readouterr().out


def test_it_counts_below_settings_of_their_own_and_from_a_folder_further_down(
    team: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    team.write("infra/main.tf", KEYLESS)
    team.write("infra/routeproof.toml", "unproven = 'fail'\n")
    assert team.check("infra").results() == [("LOG_GROUP_KEY", "infra/main.tf:1:1", "fail")]
    monkeypatch.chdir(team.directory / "infra")
    assert team.check(".").results() == [("LOG_GROUP_KEY", "main.tf:1:1", "fail")]


def test_a_table_of_pyproject_names_them_too(team: Repository) -> None:
    (team.directory / "routeproof.toml").unlink()
    team.write("pyproject.toml", f"[tool.routeproof]\n{SETTINGS}")
    assert team.check().results() == [("LOG_GROUP_KEY", "main.tf:1:1", "fail")]


def test_modules_import_each_other_and_leave_nothing_behind(team: Repository) -> None:
    team.write("our_rules/_texts.py", "TITLE = 'Keys'\n")
    rule = RULE.replace('title="Log groups have a key of ours"', "title=TITLE")
    team.write(
        "our_rules/log_group_key.py", rule.replace("from routeproof", "from ._texts import TITLE\nfrom routeproof", 1)
    )
    assert catalogue()["LOG_GROUP_KEY"].title == "Keys"
    assert sorted(path.name for path in (team.directory / "our_rules").rglob("*")) == ["_texts.py", "log_group_key.py"]


def through_checkov(team: Repository, convention: str) -> list[str]:
    """What fails, by address, in a run of Checkov in the team's repository."""
    arguments = ["-d", ".", "--framework", "terraform", "--skip-download", "--external-checks-dir", str(CHECKS)]
    command = [str(environment("checkov") / "bin" / "checkov"), *arguments, "--check", convention, "--output", "json"]
    ended = subprocess.run(command, cwd=team.directory, capture_output=True, text=True, check=False)
    return [failed["resource"] for failed in json.loads(ended.stdout)["results"]["failed_checks"]]


def test_through_checkov(team: Repository) -> None:
    assert through_checkov(team, "LOG_GROUP_KEY") == ["aws_cloudwatch_log_group.a"]


# What is refused


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (
            ("GOOD = ", "1 / 0\nGOOD = "),
            " does not import: ZeroDivisionError: division by zero",
        ),
        (("GOOD = ", "exit(0)\nGOOD = "), " does not import: SystemExit: 0"),
        (("CONVENTION = ", "RULE = "), " has no CONVENTION"),
        (('"LOG_GROUP_KEY",', '"CORS",'), ": the id CORS is taken already"),
        (('"LOG_GROUP_KEY",', '"SUPPRESSION",'), ": the id SUPPRESSION is taken already"),
        (
            ('"LOG_GROUP_KEY",', '"key",'),
            ": the id 'key' is not in capitals, digits and underscores",
        ),
        (
            ('title="Log groups have a key of ours"', 'title=""'),
            ": LOG_GROUP_KEY lacks title",
        ),
        (
            ("check=check", "check='check'"),
            ": LOG_GROUP_KEY: not of the type that a Convention has there: check",
        ),
        (
            ('("Every aws_cloudwatch_log_group sets kms_key_id.",)', "'sets kms_key_id'"),
            ": LOG_GROUP_KEY: not of the type that a Convention has there: explains",
        ),
        (
            ("good=Example(GOOD)", "good=GOOD"),
            ": LOG_GROUP_KEY: not of the type that a Convention has there: good",
        ),
        (
            ('(("aws_cloudwatch_log_group.orders", 3),)', '("aws_cloudwatch_log_group.orders", 3)'),
            ": LOG_GROUP_KEY: not of the type that a Convention has there: bad",
        ),
        (
            ('        fails_at=(("aws_cloudwatch_log_group.orders", 3),),\n', ""),
            ": LOG_GROUP_KEY needs a bad example that fails, and a good one that does not",
        ),
    ],
)
def test_what_is_no_convention(team: Repository, change: tuple[str, str], why: str) -> None:
    assert change[0] in RULE
    team.write("our_rules/log_group_key.py", RULE.replace(*change))
    said = f"our_rules/log_group_key.py{why}"
    assert refused(team) == said
    assert (main(["test"]), team.capsys.readouterr().err) == (2, f"routeproof: {said}\n")


def test_one_without_an_example(team: Repository) -> None:
    team.write("our_rules/log_group_key.py", RULE.replace("    good=Example(GOOD),\n", ""))
    assert refused(team).endswith("missing 1 required positional argument: 'good'")


def test_an_id_twice_among_them(team: Repository) -> None:
    team.write("our_rules/more/log_key.py", RULE)
    assert refused(team) == "our_rules/more/log_key.py: the id LOG_GROUP_KEY is taken already"


def test_an_id_twice_in_two_folders(team: Repository) -> None:
    team.write("more/log_key.py", RULE)
    team.write("routeproof.toml", 'conventions = ["our_rules", "more"]\n')
    assert refused(team) == "more/log_key.py: the id LOG_GROUP_KEY is taken already"


def test_folders_without_one(team: Repository) -> None:
    team.write("routeproof.toml", 'conventions = ["our_rulse"]\n')
    assert refused(team) == "our_rulse: there is no such folder of conventions"
    team.write("our_rulse/_only.py", "")
    assert refused(team) == "our_rulse: no convention is in it: no module with a CONVENTION"


def test_a_folder_outside_the_repository(team: Repository) -> None:
    team.write("routeproof.toml", 'ignore = []\nconventions = ["../our_rules"]\n')
    why = "routeproof: routeproof.toml:2:1: conventions: '../our_rules' is outside the repository\n"
    assert team.said() == (2, why)
    assert team.said("--allow-outside") == (2, why)


def test_settings_that_are_not_toml(team: Repository) -> None:
    team.write("routeproof.toml", "conventions = [\n")
    assert refused(team).startswith("routeproof.toml:")


CODE_ELSEWHERE = "conventions are code, which runs only from the settings at the top of the repository that you are in"


@pytest.mark.parametrize("top", [True, False], ids=["a submodule", "a folder"])
def test_settings_further_down_run_nothing(repository: Repository, *, top: bool) -> None:
    repository.write("theirs/main.tf", KEYLESS)
    repository.write("theirs/routeproof.toml", SETTINGS)
    repository.write("theirs/our_rules/evil.py", f"open({str(repository.directory / 'ran')!r}, 'w')\n")
    if top:
        repository.write("theirs/.git", "gitdir: ../.git/modules/theirs\n")
    found = repository.check("theirs")
    assert (found.code, found.errors) == (2, [f"theirs/routeproof.toml:1:1: {CODE_ELSEWHERE}"])
    assert not (repository.directory / "ran").exists()


def test_settings_of_another_repository_run_nothing(
    repository: Repository, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.write("main.tf", KEYLESS)
    repository.write("routeproof.toml", SETTINGS)
    repository.write("our_rules/evil.py", f"open({str(repository.directory / 'ran')!r}, 'w')\n")
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    place = os.path.relpath(repository.directory / "routeproof.toml")
    found = repository.check(str(repository.directory))
    assert (found.code, found.errors) == (2, [f"{place}:1:1: {CODE_ELSEWHERE}"])
    assert not (repository.directory / "ran").exists()


def test_a_check_that_leaves_is_no_pass(team: Repository) -> None:
    """A gate that a check can end with exit code 0 lets everything through."""
    team.write(
        "our_rules/log_group_key.py", RULE.replace("    key = stack.resolve", "    exit(0)\n    key = stack.resolve")
    )
    found = team.check("--select", "LOG_GROUP_KEY")
    assert (found.code, found.results()) == (2, [("LOG_GROUP_KEY", "main.tf:1:1", "error")])


def test_a_broken_one_fails_through_checkov(team: Repository) -> None:
    """Checkov itself passes where a policy does not import."""
    team.write("our_rules/log_group_key.py", "1 / 0\n")
    assert through_checkov(team, "LOG_RETENTION") == ["aws_cloudwatch_log_group.a"]


# routeproof test


def outcome(team: Repository, *changes: tuple[str, str]) -> tuple[int, list[str]]:
    """Exit code and report of `routeproof test` on the page's convention, changed."""
    text = RULE
    for change in changes:
        assert change[0] in text
        text = text.replace(*change)
    team.write("our_rules/log_group_key.py", text)
    return main(["test", "our_rules"]), team.capsys.readouterr().out.splitlines()


LAST = "1 convention in our_rules: 0 as the examples say"
FAILS = "kms_key_id is not set, so CloudWatch encrypts with a key of its own"


def test_a_bad_example_that_fails_elsewhere(team: Repository) -> None:
    assert outcome(team, ('.orders", 3)', '.orders", 4)')) == (
        1,
        [
            "FAILED LOG_GROUP_KEY",
            "       bad example: aws_cloudwatch_log_group.orders should fail at line 4",
            f"       bad example: aws_cloudwatch_log_group.orders at line 3 is fail: {FAILS}",
            LAST,
        ],
    )


def test_a_bad_example_that_passes(team: Repository) -> None:
    assert outcome(team, ("if not has_key:", "if False:")) == (
        1,
        ["FAILED LOG_GROUP_KEY", "       bad example: aws_cloudwatch_log_group.orders should fail at line 3", LAST],
    )


def test_a_bad_example_that_fails_in_one_more_place(team: Repository) -> None:
    more = 'GOOD.replace("  kms_key_id = aws_kms_key.logs.arn\\n", "")'
    assert outcome(team, (more, f'{more} + \'resource "aws_cloudwatch_log_group" "b" {{}}\'')) == (
        1,
        [
            "FAILED LOG_GROUP_KEY",
            f"       bad example: aws_cloudwatch_log_group.b at line 6 is fail: {FAILS}",
            LAST,
        ],
    )


def test_a_good_example_that_fails(team: Repository) -> None:
    code, lines = outcome(team, ("good=Example(GOOD)", 'good=Example(\'resource "aws_cloudwatch_log_group" "g" {}\')'))
    assert (code, lines[1]) == (1, f"       good example: aws_cloudwatch_log_group.g at line 1 is fail: {FAILS}")


def test_a_good_example_that_shows_nothing(team: Repository) -> None:
    code, lines = outcome(team, ("good=Example(GOOD)", "good=Example('locals {}')"))
    nothing = "the whole of it is not applicable: the stack has no aws_cloudwatch_log_group"
    assert (code, lines[1]) == (1, f"       good example: {nothing}")


def test_an_example_that_does_not_parse(team: Repository) -> None:
    code, lines = outcome(team, ("good=Example(GOOD)", "good=Example('locals {')"))
    assert (code, lines[0], lines[1][:29]) == (2, "ERROR  LOG_GROUP_KEY", "       good example, line 1: ")


def test_a_check_that_breaks(team: Repository) -> None:
    code, lines = outcome(team, ("    has_key = is_set(key)\n", "    has_key = 1 / 0\n"))
    broke = "the check of LOG_GROUP_KEY broke: ZeroDivisionError: division by zero"
    assert (code, lines[1]) == (2, f"       good example: aws_cloudwatch_log_group.orders at line 3 is error: {broke}")


def test_without_a_folder_it_takes_the_settings(team: Repository) -> None:
    assert (main(["test"]), team.capsys.readouterr().out.splitlines()[-1]) == (
        0,
        "1 convention in our_rules: 1 as the examples say",
    )
    (team.directory / "routeproof.toml").unlink()
    assert (main(["test"]), team.capsys.readouterr().err) == (
        2,
        "routeproof: name a folder of conventions; the settings name none either\n",
    )


def test_settings_around_the_examples_do_not_count(team: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    team.write("tmp/routeproof.toml", 'ignore = ["LOG_GROUP_KEY"]\n')
    monkeypatch.setattr("tempfile.tempdir", str(team.directory / "tmp"))
    assert main(["test"]) == 0


def test_a_folder_is_read_anew(team: Repository) -> None:
    """What a module was is not what it is."""
    folder = team.directory / "our_rules"
    assert list(in_folder(folder, ())) == ["LOG_GROUP_KEY"]
    team.write("our_rules/log_group_key.py", RULE.replace('"LOG_GROUP_KEY",', '"LOG_KEY",'))
    assert list(in_folder(folder, ())) == ["LOG_KEY"]
    with pytest.raises(CatalogueError, match=r"the id LOG_KEY is taken already$"):
        in_folder(folder, ("LOG_KEY",))


def test_the_program(team: Repository) -> None:
    """From a directory of its own, with nothing else on Python's path."""
    program = Path(sys.executable).parent / "routeproof"
    found = subprocess.run([program, "test"], cwd=team.directory, capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout.splitlines()[0], found.stderr) == (0, "ok     LOG_GROUP_KEY", "")
