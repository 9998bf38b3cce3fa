"""Settings: which file counts, what each key does, and what is no setting."""

from __future__ import annotations

import re
from dataclasses import fields
from datetime import date
from pathlib import Path

import pytest

from routeproof.catalogue import built_in, catalogue
from routeproof.cli import main
from routeproof.settings import MAX_BYTES, Settings, SettingsFiles, Unusable
from routeproof.sources.hcl.files import Files
from routeproof.values import Location
from tests.lint.steps import ROOT
from tests.unit.repository import Repository

FAILING = 'resource "aws_cloudwatch_log_group" "g" {\n}\n'
UNPROVEN = 'variable "days" {}\nresource "aws_cloudwatch_log_group" "g" {\n  retention_in_days = var.days\n}\n'
FUNCTION = 'resource "aws_lambda_function" "f" {\n}\n'


def settings(repository: Repository, directory: str = ".", top: str = ".") -> Settings:
    """The settings for a directory; `top` is where the search ends."""
    boundary = (repository.directory / top).resolve()
    found = SettingsFiles(boundary, Files(boundary), built_in())
    return found.of((repository.directory / directory).resolve())


# Which file


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, None),
        ({"routeproof.toml": ""}, "routeproof.toml"),
        ({"pyproject.toml": "[tool.routeproof]\n"}, "pyproject.toml"),
        ({"pyproject.toml": "[tool.ruff]\n# routeproof\n"}, None),
        ({"pyproject.toml": "[project]\nname = 'routeproof'\n"}, None),
        ({"pyproject.toml": "this is no TOML, and not ours\n"}, None),
        ({"routeproof.toml": "", "pyproject.toml": "[tool.routeproof]\n"}, "routeproof.toml"),
        ({"a/routeproof.toml": "", "routeproof.toml": ""}, "a/routeproof.toml"),
        ({"a/pyproject.toml": "[tool.other]\n", "routeproof.toml": ""}, "routeproof.toml"),
        ({"a/b/routeproof.toml": "", "a/routeproof.toml": ""}, "a/b/routeproof.toml"),
        ({"a/b/c/routeproof.toml": ""}, None),
    ],
)
def test_the_nearest_file_upward_counts(repository: Repository, files: dict[str, str], expected: str | None) -> None:
    for path, content in files.items():
        repository.write(path, content)
    (repository.directory / "a" / "b").mkdir(parents=True, exist_ok=True)
    found = settings(repository, "a/b").file
    assert (str(found.relative_to(repository.directory.resolve())) if found else None) == expected


def test_nothing_above_the_boundary_counts(repository: Repository) -> None:
    repository.write("routeproof.toml", 'ignore = ["LOG_RETENTION"]\n')
    repository.write("inner/.git/HEAD", "")
    repository.write("inner/live/main.tf", FAILING)
    assert settings(repository, "inner/live", top="inner") == Settings()
    assert repository.check("inner/live", "--select", "LOG_RETENTION").code == 1
    repository.write("live/main.tf", FAILING)
    assert repository.check("live").code == 0


def test_a_link_out_of_the_repository_is_not_followed(
    repository: Repository, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "settings.toml"
    outside.write_text("")
    (repository.directory / "routeproof.toml").symlink_to(outside)
    repository.write("main.tf", FAILING)
    found = repository.check()
    assert found.code == 2
    (error,) = found.errors
    assert error.startswith("routeproof.toml:1:1: the settings cannot be read: it is outside ")


def test_each_root_module_has_its_own(repository: Repository) -> None:
    """Also where one path stands for both, so that a verdict does not depend on the path that was named."""
    repository.write("a/routeproof.toml", 'ignore = ["LOG_RETENTION"]\n')
    repository.write("a/main.tf", FAILING)
    repository.write("b/main.tf", FAILING)
    for paths in (["."], ["a", "b"], ["a/main.tf", "b/main.tf"]):
        found = repository.check(*paths)
        assert [place for _, place, _ in found.results("LOG_RETENTION")] == ["b/main.tf:1:1"]


def test_one_root_module_with_broken_settings_leaves_the_others_judged(repository: Repository) -> None:
    repository.write("a/routeproof.toml", "unproven = 'maybe'\n")
    repository.write("a/main.tf", FAILING)
    repository.write("b/main.tf", FAILING)
    found = repository.check(".")
    assert (found.code, [root["root"] for root in found.document["roots"]]) == (2, ["b"])
    assert found.errors == ["a/routeproof.toml:1:1: unproven is one of warn, fail, not 'maybe'"]


# What each key does


def test_select_and_ignore(repository: Repository) -> None:
    repository.write("main.tf", FAILING + FUNCTION)
    judged = lambda *arguments: {  # noqa: E731
        result["convention"] for result in repository.check(*arguments).document["roots"][0]["results"]
    }
    repository.write("routeproof.toml", 'select = ["LOG_RETENTION", "LAMBDA_ARM64"]\nignore = ["LAMBDA_ARM64"]\n')
    assert judged() == {"LOG_RETENTION"}
    assert judged("--select", "LAMBDA_ARM64,CORS") == {"LAMBDA_ARM64", "CORS"}
    assert judged("--ignore", "LOG_RETENTION") == {"LAMBDA_ARM64"}
    repository.write("routeproof.toml", 'ignore = ["LAMBDA_ARM64"]\n')
    assert judged() == set(catalogue()) - {"LAMBDA_ARM64"}


def test_settings_that_leave_no_convention(repository: Repository) -> None:
    repository.write("main.tf", FAILING)
    repository.write("routeproof.toml", 'select = ["LOG_RETENTION"]\nignore = ["LOG_RETENTION"]\n')
    found = repository.check()
    assert (found.code, found.errors) == (
        2,
        ["routeproof.toml:1:1: select and ignore leave no convention to judge"],
    )


def test_unproven(repository: Repository) -> None:
    repository.write("a/main.tf", UNPROVEN)
    repository.write("b/main.tf", UNPROVEN)
    assert repository.check(".").code == 0
    repository.write("b/routeproof.toml", "unproven = 'fail'\n")
    assert (repository.check(".").code, repository.check("a").code) == (1, 0)
    assert repository.check(".", "--unproven", "warn").code == 0
    assert repository.check("a", "--unproven", "fail").code == 1


def test_var_files(repository: Repository) -> None:
    repository.write("infra/routeproof.toml", "var-files = ['days.tfvars', 'more.tfvars']\n")
    repository.write("infra/days.tfvars", "days = 13\n")
    repository.write("infra/more.tfvars", "days = 14\n")
    repository.write("infra/live/main.tf", UNPROVEN)
    assert repository.check("infra/live", "--unproven", "fail").code == 0
    repository.write("thirteen.tfvars", "days = 13\n")
    assert repository.check("infra/live", "--var-file", "thirteen.tfvars").code == 1
    (repository.directory / "infra/more.tfvars").unlink()
    found = repository.check("infra/live")
    reason = "infra/more.tfvars:1:1: the variable file cannot be read: there is no such file"
    assert (found.code, found.errors) == (2, [reason])


def test_permission_scope_reaches_the_conventions(repository: Repository) -> None:
    repository.write("routeproof.toml", "permission-scope = 'at-most'\n")
    assert settings(repository).permission_scope == "at-most"


def test_the_request_path_is_read_with_the_settings_too(repository: Repository) -> None:
    repository.write("routeproof.toml", "var-files = 1\n")
    repository.write("main.tf", FAILING)
    assert main(["path"]) == 2
    assert "routeproof.toml:1:1: " in repository.capsys.readouterr().out


def test_suppressions_by_address(repository: Repository) -> None:
    repository.write(
        "pyproject.toml",
        "[project]\nname = 'x'\n\n[tool.routeproof]\nno-suppressions-for = ['CORS']\n\n"
        "[[tool.routeproof.suppress]]\nconvention = 'LOG_RETENTION'\naddress = 'a.b[\"c\"]'\nreason = 'old'\n\n"
        "[[tool.routeproof.suppress]]\nconvention = 'CORS'\naddress = '*'\nreason = 'why'\nuntil = 2027-01-31\n",
    )
    found = settings(repository)
    assert found.no_suppressions_for == ("CORS",)
    assert [(s.convention, s.address, s.reason, s.until, s.where.line) for s in found.suppress] == [
        ("LOG_RETENTION", 'a.b["c"]', "old", None, 7),
        ("CORS", "*", "why", date(2027, 1, 31), 12),
    ]


# What is no setting

ENTRY = "[[suppress]]\nconvention = 'CORS'\naddress = '*'\nreason = 'why'\n"


@pytest.mark.parametrize(
    ("content", "place", "message"),
    [
        ("select = [\n", "1:1", "this is not TOML: Invalid value (at end of document)"),
        ("a = 1\nb = = 2\n", "2:5", "this is not TOML: Invalid value (at line 2, column 5)"),
        ("unproven = 'warn'\n\nvar-file = []\n", "3:1", "there is no setting 'var-file'; did you mean var-files?"),
        (
            "colour = true\n",
            "1:1",
            "there is no setting 'colour'; there are select, ignore, unproven, permission-scope, var-files, baseline, "
            "no-suppressions-for, suppress, conventions",
        ),
        ("# ignore\nignore = 'CORS'\n", "2:1", "ignore is a list of texts in quotes"),
        ("ignore = ['CORS', 1]\n", "1:1", "ignore is a list of texts in quotes"),
        ("ignore = [\n  'CORS',\n  'CROS',\n]\n", "3:1", "there is no convention CROS; did you mean CORS?"),
        (
            "select = ['NOTHING_LIKE_IT_AT_ALL']\n",
            "1:1",
            "there is no convention NOTHING_LIKE_IT_AT_ALL; routeproof explain lists them",
        ),
        ("no-suppressions-for = ['cors']\n", "1:1", "there is no convention cors; did you mean CORS?"),
        ("permission-scope = 'most'\n", "1:1", "permission-scope is one of exact, at-most, not 'most'"),
        ("unproven = ['warn']\n", "1:1", "unproven is one of warn, fail, not ['warn']"),
        ("baseline = 3\n", "1:1", "baseline is a text in quotes"),
        (
            "\nbaseline = '../known.json'\n",
            "2:1",
            "baseline: '../known.json' is outside the repository; --allow-outside permits that",
        ),
        (
            'var-files = ["a.tfvars", "/etc/passwd"]\n',
            "1:1",
            "var-files: '/etc/passwd' is outside the repository; --allow-outside permits that",
        ),
        (
            'var-files = ["a\\u0000b"]\n',
            "1:1",
            "var-files: 'a\\x00b' is outside the repository; --allow-outside permits that",
        ),
        ("suppress = ['CORS']\n", "1:1", "suppress is an array of tables: write [[suppress]]"),
        ("[suppress]\nconvention = 'CORS'\n", "1:1", "suppress is an array of tables: write [[suppress]]"),
        (ENTRY + "[[suppress]]\nconvention = 'CORS'\n", "5:1", "a suppression needs the key address, a text in quotes"),
        (ENTRY.replace("'why'", "' '"), "1:1", "a suppression needs the key reason, a text in quotes"),
        (ENTRY + "untill = 2027-01-31\n", "5:1", "a suppression has no 'untill'; did you mean until?"),
        (ENTRY + ENTRY.replace("CORS", "CROS"), "6:1", "there is no convention CROS; did you mean CORS?"),
        (ENTRY + "until = 'soon'\n", "5:1", "until is a day: write 2027-01-31, not soon"),
        (ENTRY + "until = 2027-01-31T10:00:00\n", "5:1", "until is a day: write 2027-01-31, not 2027-01-31 10:00:00"),
        ("suppress = [{ convention = 'CORS' }]\n", "1:1", "a suppression needs the key address, a text in quotes"),
        ("x" * (MAX_BYTES + 1), "1:1", f"the settings cannot be read: it is larger than {MAX_BYTES:,} bytes"),
        ("a = " + "[" * 50_000, "1:1", "this is not TOML: it is nested too deeply"),
    ],
)
def test_what_is_no_setting(repository: Repository, content: str, place: str, message: str) -> None:
    file = repository.write("routeproof.toml", content)
    with pytest.raises(Unusable) as refused:
        settings(repository)
    assert str(refused.value) == f"{file.name}:{place}: {message}"


def test_a_settings_file_that_is_not_utf_8(repository: Repository) -> None:
    (repository.directory / "routeproof.toml").write_bytes(b"ignore = ['\xff']\n")
    with pytest.raises(Unusable, match=r"^routeproof\.toml:1:1: this is not TOML: 'utf-8' codec can't decode"):
        settings(repository)


def test_a_table_of_pyproject_that_is_none(repository: Repository) -> None:
    repository.write("pyproject.toml", "[tool]\nroutefinder = 1\nrouteproof = 3\n")
    with pytest.raises(Unusable, match=r"^pyproject\.toml:3:1: tool\.routeproof is a table$"):
        settings(repository)


def test_names_in_other_tables_of_pyproject_are_not_taken_for_ours(repository: Repository) -> None:
    repository.write("pyproject.toml", "[tool.ruff]\nignore = ['CROS']\n\n[tool.routeproof]\nignore = ['CROS']\n")
    with pytest.raises(Unusable) as refused:
        settings(repository)
    assert refused.value.location == Location("pyproject.toml", 5, 1, 5, 18)


# The page

PAGE = (ROOT / "docs" / "settings.md").read_text()
TABLE = re.findall(r"^\| `([\w-]+)` \| `(.+?)` \| .+ \|$", PAGE, re.MULTILINE)
BLOCKS = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_the_page_has_every_key_with_its_default(repository: Repository) -> None:
    names = [field.name.replace("_", "-") for field in fields(Settings) if field.name != "file"]
    assert [name for name, _ in TABLE] == names
    stated = [(name, default) for name, default in TABLE if name not in ("select", "baseline", "suppress")]
    repository.write("routeproof.toml", "".join(f"{name} = {default}\n" for name, default in stated))
    found = settings(repository)
    assert found == Settings(file=found.file)
    assert [default for name, default in TABLE if name in ("select", "baseline", "suppress")] == ["all", "none", "none"]


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_the_pages_examples_are_settings(repository: Repository, number: int) -> None:
    name = "pyproject.toml" if "[tool.routeproof]" in BLOCKS[number] else "routeproof.toml"
    repository.write(name, BLOCKS[number])
    assert settings(repository) != Settings()


def test_the_pages_first_example_uses_every_key(repository: Repository) -> None:
    repository.write("routeproof.toml", BLOCKS[0])
    found, defaults = settings(repository), Settings()
    assert [
        field.name for field in fields(Settings) if getattr(found, field.name) == getattr(defaults, field.name)
    ] == []
    assert all(Path(path).is_relative_to(repository.directory.resolve()) for path in found.var_files)
