"""A baseline: what it holds, what it lets pass, and what is said of what is fixed."""

from __future__ import annotations

import json
import re

import pytest

from routeproof.cli import main
from tests.unit.repository import Repository

GROUP = 'resource "aws_cloudwatch_log_group" "NAME" {\n}\n'
UNSET = "retention_in_days is not set, so the events never expire"


def group(name: str) -> str:
    return GROUP.replace("NAME", name)


def variable(name: str) -> str:
    return 'variable "days" {}\n' + group(name).replace("{\n", "{\n  retention_in_days = var.days\n")


def holding(*failures: str) -> str:
    return f'{{"version": 1, "failures": [{",".join(failures)}]}}'


def open_ones(repository: Repository, *arguments: str) -> list[str]:
    """The addresses of what fails in a run with the baseline known.json."""
    document = repository.check("--baseline", "known.json", *arguments).document
    results = [result for root in document["roots"] for result in root["results"]]
    return [r["address"] for r in results if r["verdict"] == "fail" and not r["baseline"] and not r["suppressed"]]


def entries(repository: Repository, path: str = "known.json") -> list[tuple[str, str, str]]:
    document = json.loads((repository.directory / path).read_text())
    return [(entry["root"], entry["convention"], entry["address"]) for entry in document["failures"]]


def test_what_is_written(repository: Repository) -> None:
    repository.write("infra/b/main.tf", group("y") + group("x"))
    repository.write("infra/a/main.tf", group("z"))
    found = repository.check("infra", "--select", "LOG_RETENTION", "--write-baseline", "known.json")
    assert (found.code, found.said) == (0, "routeproof: 3 failures in the baseline known.json\n")
    assert [how for _, _, how in found.results()] == ["baseline"] * 3
    assert found.document["summary"]["fail"] == 0
    text = (repository.directory / "known.json").read_text()
    assert re.sub(r"[0-9a-f]{32}", "FINGERPRINT", text) == (
        '{\n  "version": 1,\n  "failures": [\n'
        + ",\n".join(
            f'    {{"root": "infra/{root}", "convention": "LOG_RETENTION", '
            f'"address": "aws_cloudwatch_log_group.{name}", "message": "{UNSET}", "fingerprint": "FINGERPRINT:1"}}'
            for root, name in (("a", "z"), ("b", "x"), ("b", "y"))
        )
        + "\n  ]\n}\n"
    )


def test_a_run_without_failures_writes_an_empty_one(repository: Repository) -> None:
    repository.write("main.tf", "")
    found = repository.check("--write-baseline", "known.json")
    assert (found.code, found.said) == (0, "routeproof: 0 failures in the baseline known.json\n")
    assert (repository.directory / "known.json").read_text() == '{\n  "version": 1,\n  "failures": []\n}\n'
    assert repository.check("--baseline", "known.json").code == 0


def test_only_new_failures_fail(repository: Repository) -> None:
    repository.write("main.tf", group("old"))
    assert repository.check("--write-baseline", "known.json").code == 0
    found = repository.check("--baseline", "known.json")
    assert (found.code, found.document["summary"]["fail"], found.document["summary"]["baseline"]) == (0, 0, 1)
    repository.write("more.tf", group("new"))
    found = repository.check("--baseline", "known.json")
    assert (found.code, found.said) == (1, "")
    assert found.results() == [("LOG_RETENTION", "main.tf:1:1", "baseline"), ("LOG_RETENTION", "more.tf:1:1", "fail")]


def test_code_may_move(repository: Repository) -> None:
    repository.write("main.tf", group("old") + group("older"))
    repository.check("--write-baseline", "known.json")
    repository.write("main.tf", "# a line\n\n" + group("older"))
    repository.write("logs.tf", "locals {\n}\n" + group("old"))
    assert open_ones(repository) == []


def test_a_failure_that_becomes_another_is_new(repository: Repository) -> None:
    repository.write("main.tf", group("old"))
    repository.check("--write-baseline", "known.json")
    repository.write("main.tf", group("old").replace("{\n", "{\n  retention_in_days = 13\n"))
    assert open_ones(repository) == ["aws_cloudwatch_log_group.old"]


def test_the_same_root_module_elsewhere_is_another(repository: Repository) -> None:
    repository.write("a/main.tf", group("old"))
    repository.check(".", "--write-baseline", "known.json")
    repository.write("b/main.tf", group("old"))
    assert open_ones(repository, ".") == ["aws_cloudwatch_log_group.old"]


def test_the_working_directory_does_not_matter(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    repository.write("infra/live/main.tf", group("old"))
    repository.check("infra", "--write-baseline", "infra/known.json")
    assert entries(repository, "infra/known.json")[0][0] == "live"
    monkeypatch.chdir(repository.directory / "infra" / "live")
    assert repository.check("--baseline", "../known.json").code == 0


def test_what_is_fixed_is_said_and_can_be_taken_out(repository: Repository) -> None:
    repository.write("main.tf", group("a") + group("b") + group("c"))
    repository.check("--write-baseline", "known.json")
    repository.write("main.tf", group("b"))
    found = repository.check("--baseline", "known.json")
    assert found.code == 0
    assert found.said == (
        "routeproof: fixed: LOG_RETENTION aws_cloudwatch_log_group.a in .\n"
        "routeproof: fixed: LOG_RETENTION aws_cloudwatch_log_group.c in .\n"
        "routeproof: 2 failures of the baseline are fixed; --write-baseline takes what is fixed out of it\n"
    )
    fixed = found.document["roots"][0]["fixed"]
    assert [entry.pop("fingerprint")[-2:] for entry in fixed] == [":1", ":1"]
    assert fixed == [
        {"root": ".", "convention": "LOG_RETENTION", "address": f"aws_cloudwatch_log_group.{name}", "message": UNSET}
        for name in ("a", "c")
    ]
    repository.check("--write-baseline", "known.json")
    assert entries(repository) == [(".", "LOG_RETENTION", "aws_cloudwatch_log_group.b")]
    assert repository.check("--baseline", "known.json").said == ""


def test_long_lists_of_what_is_fixed_are_cut(repository: Repository) -> None:
    repository.write("main.tf", "".join(group(f"g{number}") for number in range(100)))
    repository.check("--write-baseline", "known.json")
    repository.write("main.tf", "")
    found = repository.check("--baseline", "known.json")
    assert (found.said.count("\n"), "100 failures of the baseline are fixed" in found.said) == (21, True)
    assert len(found.document["roots"][0]["fixed"]) == 100


def test_what_a_run_does_not_judge_stays(repository: Repository) -> None:
    function = 'resource "aws_lambda_function" "f" {\n}\n'
    repository.write("a/main.tf", group("old") + function)
    repository.write("b/main.tf", group("old"))
    repository.write("gone/main.tf", group("old"))
    repository.check(".", "--select", "LOG_RETENTION,LAMBDA_ARM64", "--write-baseline", "known.json")
    repository.write("a/main.tf", function.replace("{\n", '{\n  architectures = ["arm64"]\n'))
    (repository.directory / "gone" / "main.tf").unlink()
    (repository.directory / "gone").rmdir()
    found = repository.check("a", "--select", "LOG_RETENTION", "--baseline", "known.json")
    assert [entry["convention"] for entry in found.document["roots"][0]["fixed"]] == ["LOG_RETENTION"]
    repository.check("a", "--select", "LOG_RETENTION", "--write-baseline", "known.json")
    assert entries(repository) == [
        ("a", "LAMBDA_ARM64", "aws_lambda_function.f"),
        ("b", "LOG_RETENTION", "aws_cloudwatch_log_group.old"),
    ]


def test_what_is_suppressed_is_not_written_and_still_known_where_it_is(repository: Repository) -> None:
    comment = "# routeproof:skip=LOG_RETENTION: old\n"
    repository.write("main.tf", comment + group("a") + group("b"))
    repository.check("--write-baseline", "known.json")
    assert entries(repository) == [(".", "LOG_RETENTION", "aws_cloudwatch_log_group.b")]
    repository.write("main.tf", comment + group("a") + comment + group("b"))
    found = repository.check("--baseline", "known.json")
    assert (found.document["summary"]["suppressed"], found.document["roots"][0]["fixed"]) == (2, [])


def test_a_suppression_that_is_wrong_is_never_known(repository: Repository) -> None:
    repository.write("main.tf", "# routeproof:skip=LOG_RETENTION\n" + group("a"))
    for option in ("--write-baseline", "--baseline"):
        found = repository.check(option, "known.json")
        assert (found.code, found.document["summary"]["baseline"]) == (1, 1)
    assert [convention for _, convention, _ in entries(repository)] == ["LOG_RETENTION"]


def test_what_is_unproven_is_known_where_it_fails(repository: Repository) -> None:
    repository.write("main.tf", variable("g"))
    repository.check("--write-baseline", "known.json")
    assert entries(repository) == []
    assert repository.check("--baseline", "known.json", "--unproven", "fail").code == 1
    assert repository.check("--write-baseline", "known.json", "--unproven", "fail").code == 0
    found = repository.check("--baseline", "known.json", "--unproven", "fail")
    assert (found.code, found.document["summary"]["unproven"], found.document["summary"]["baseline"]) == (0, 0, 1)
    repository.write("terraform.tfvars", "days = 13\n")
    assert repository.check("--baseline", "known.json").code == 1, "what now certainly fails is new"


def test_alike_failures_are_counted(repository: Repository) -> None:
    """Two failures of one convention at one address with one message are two: mending one leaves one."""
    call = 'module "m" {\n  source = "./m"\n}\n'
    repository.write("m/main.tf", group("g"))
    repository.write("main.tf", call)
    repository.check(".", "--write-baseline", "known.json")
    document = json.loads((repository.directory / "known.json").read_text())
    (entry,) = document["failures"]
    document["failures"].append({**entry, "fingerprint": entry["fingerprint"].replace(":1", ":2")})
    repository.write("known.json", json.dumps(document))
    found = repository.check(".", "--baseline", "known.json")
    assert (found.document["summary"]["baseline"], len(found.document["roots"][0]["fixed"])) == (1, 1)


def test_the_settings_name_it(repository: Repository) -> None:
    repository.write("infra/routeproof.toml", "baseline = 'known.json'\n")
    repository.write("infra/live/main.tf", group("old"))
    found = repository.check("infra/live")
    advice = "there is no such baseline; routeproof check --write-baseline infra/known.json writes it"
    assert (found.code, found.errors) == (2, [f"infra/known.json:1:1: {advice}"])
    assert repository.check("infra/live", "--write-baseline", "infra/known.json").code == 0
    assert repository.check("infra/live").code == 0
    repository.write("empty.json", '{"version": 1, "failures": []}')
    assert repository.check("infra/live", "--baseline", "empty.json").code == 1


ENTRY = '{"root": ".", "convention": "CORS", "address": "a", "message": "m", "fingerprint": "f:1"}'
GONE = ENTRY.replace("CORS", "CROS")
NO_ENTRY = "this is no baseline: a failure has root, convention, address, message and fingerprint"
NO_BASELINE = "this is no baseline: it has no version and failures in JSON"


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        ("", 1, NO_BASELINE),
        ("[]", 1, NO_BASELINE),
        ("[" * 100_000, 1, NO_BASELINE),
        ('{"version": 1}', 1, NO_BASELINE),
        ('{"version": 2, "failures": []}', 1, "the baseline has version 2, and this program reads 1"),
        ('{"version": 1, "failures": 3}', 1, NO_ENTRY),
        ('{"version": 1, "failures": [3]}', 1, NO_ENTRY),
        ('{"version": 1, "failures": [{"root": "."}]}', 1, NO_ENTRY),
        (holding(ENTRY.replace('"f:1"', "1")), 1, NO_ENTRY),
        (holding(ENTRY.replace('"m"', '"m", "more": 1')), 1, NO_ENTRY),
        (
            holding(f"\n{ENTRY}", f"\n{GONE}"),
            3,
            "there is no convention CROS; did you mean CORS? (writing the baseline again takes it out)",
        ),
    ],
)
def test_what_is_no_baseline(repository: Repository, content: str, line: int, message: str) -> None:
    repository.write("main.tf", group("g"))
    repository.write("known.json", content)
    found = repository.check("--baseline", "known.json")
    assert (found.code, found.errors) == (2, [f"known.json:{line}:1: {message}"])
    if "CROS" not in content:
        # Whatever it is, it is not written over.
        assert repository.said("--write-baseline", "known.json") == (2, f"routeproof: known.json:1:1: {message}\n")
        assert (repository.directory / "known.json").read_text() == content


def test_writing_again_takes_conventions_out_that_are_gone(repository: Repository) -> None:
    repository.write("main.tf", group("g"))
    repository.write("known.json", holding(GONE))
    assert repository.check("--write-baseline", "known.json").code == 0
    assert entries(repository) == [(".", "LOG_RETENTION", "aws_cloudwatch_log_group.g")]


def test_a_baseline_that_is_not_there_or_not_text(repository: Repository) -> None:
    repository.write("main.tf", group("g"))
    advice = "there is no such baseline; routeproof check --write-baseline known.json writes it"
    assert repository.check("--baseline", "known.json").errors == [f"known.json:1:1: {advice}"]
    (repository.directory / "known.json").write_bytes(b"\xff")
    assert repository.check("--baseline", "known.json").errors == [
        "known.json:1:1: the baseline cannot be read: it is not UTF-8"
    ]
    assert repository.check("--baseline", ".").errors == [".:1:1: the baseline cannot be read: Is a directory"]


def test_a_baseline_that_cannot_be_written(repository: Repository) -> None:
    repository.write("main.tf", group("g"))
    message = "routeproof: no/where.json:1:1: the baseline cannot be written: No such file or directory\n"
    assert repository.said("--write-baseline", "no/where.json") == (2, message)


def test_a_run_that_is_not_to_be_trusted_writes_none(repository: Repository) -> None:
    repository.write("a/main.tf", group("g"))
    repository.write("b/main.tf", "resource {\n")
    found = repository.check(".", "--write-baseline", "known.json")
    message = "routeproof: the run is not to be trusted, so known.json is not written\n"
    assert (found.code, found.said) == (2, message)
    assert not (repository.directory / "known.json").exists()


def test_hostile_names_are_escaped(repository: Repository) -> None:
    hostile = "\x1b[31m\u202e::error\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    repository.write("main.tf", group("g").replace("{\n", f'{{\n  for_each = toset(["{hostile}"])\n'))
    assert main(["check", "--write-baseline", "known.json"]) == 0
    assert (repository.directory / "known.json").read_text().isascii()
    repository.write("main.tf", "")
    repository.capsys.readouterr()
    found = repository.check("--baseline", "known.json")
    assert "\\u001b[31m\\u202e::error" in found.said
    assert not {"\x1b", "\u202e"} & set(found.said)
