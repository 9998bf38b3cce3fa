"""--shard and merge: the parts together say what one run over everything says."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routeproof.cli import main
from routeproof.output import FORMATS
from routeproof.reporters.json import SCHEMA
from routeproof.shards import Part
from tests.unit.large_repository import CALL, GROUP, everything, fill, own_convention
from tests.unit.reporters.test_json import strict, validate
from tests.unit.repository import Repository

NO = "is no report that this program wrote as JSON"
UNUSED = "nothing that this suppression is for fails LOG_RETENTION"


def judge_in_parts(repository: Repository, of: int, *arguments: str) -> tuple[list[int], list[str]]:
    """The exit codes of the parts, and the files with their reports."""
    files = [f"shard-{number}.json" for number in range(1, of + 1)]
    codes = [
        main([*arguments, "--no-cache", "--shard", f"{number}/{of}", "--output", f"json={file}"])
        for number, file in enumerate(files, 1)
    ]
    repository.capsys.readouterr()
    return codes, files


def refused(repository: Repository, *files: str) -> str:
    """What merge says when it refuses."""
    code = main(["merge", *files])
    streams = repository.capsys.readouterr()
    assert (code, streams.out) == (2, "")
    return streams.err.removeprefix("routeproof: ").removesuffix("\n")


# The parts


@given(items=st.lists(st.integers()), of=st.integers(1, 40))
def test_the_parts_are_disjoint_complete_and_alike_in_size(items: list[int], of: int) -> None:
    places = range(len(items))
    shares = [Part(number, of).share(places) for number in range(1, of + 1)]
    assert sorted(place for share in shares for place in share) == list(places)
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


@pytest.mark.parametrize(
    "text", ["0/2", "3/2", "1", "1/", "/2", "1/0", "a/b", "1/2/3", "-1/2", "1 /2", "\u0661/\u0662", "1/10000"]
)
def test_a_part_that_is_none(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["check", f"--shard={text}"])
    assert ended.value.code == 2
    assert f"{text!r} is no part like 1/4: one from 1 to 4, of 4" in capsys.readouterr().err


def test_a_part_without_a_root_module_is_no_empty_run(repository: Repository) -> None:
    repository.write("main.tf", GROUP.format(name="g", more="\n  retention_in_days = 14"))
    assert main(["check", "--shard", "2/2", "--select", "LOG_RETENTION"]) == 0
    assert repository.capsys.readouterr().out == "0 root modules: nothing judged; part 2/2 of 1 in all\n"
    assert main(["check", "--shard", "1/2", "--select", "LOG_RETENTION"]) == 0
    assert repository.capsys.readouterr().out == "1 root module: 1 pass; part 1/2 of 1 in all\n"
    codes, files = judge_in_parts(repository, 3, "check")
    assert codes == [0, 0, 0]
    assert main(["merge", *files]) == 0
    assert main(["check", "nowhere", "--shard", "2/2"]) == 2


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (
            ["--plan", "plan.json"],
            "--shard goes without --plan, which is of one root module, and without --write-baseline",
        ),
        (
            ["--write-baseline", "b"],
            "--shard goes without --plan, which is of one root module, and without --write-baseline",
        ),
        (["--aws", "."], "--aws goes without --shard"),
    ],
)
def test_what_a_part_goes_without(repository: Repository, arguments: list[str], why: str) -> None:
    repository.write("main.tf", GROUP.format(name="g", more=""))
    assert repository.said("--shard", "1/2", *arguments) == (2, f"routeproof: {why}\n")


# Merging


@pytest.mark.parametrize("of", [1, 3, 20])
@pytest.mark.parametrize("broken", [False, True])
@pytest.mark.parametrize(
    "arguments", [(), ("--unproven", "fail"), ("--select", "LOG_RETENTION", "--var-file", "d.tfvars")]
)
def test_the_parts_together_are_the_whole(
    repository: Repository, arguments: tuple[str, ...], broken: bool, of: int
) -> None:
    """In every format, with the same exit code, whatever the order of the files."""
    fill(repository, broken=broken)
    own_convention(repository, "pass")
    repository.write("d.tfvars", "d = 13\n")
    if "--select" in arguments:
        arguments = ("--select", "LOG_RETENTION,OWN", *arguments[2:])
    known = repository.directory / "known.json"  # one of its failures is gone
    known.write_text(known.read_text().replace('"address": "aws_', '"address": "gone.aws_', 1).replace(':1"', ':2"', 1))
    whole = everything(repository, "check", "live", *arguments)
    codes, files = judge_in_parts(repository, of, "check", "live", *arguments)
    assert (max(codes), whole[0]) == ((2, 2) if broken else (1, 1))
    random.Random(of).shuffle(files)
    assert everything(repository, "merge", *files) == whole
    assert len(whole[1]) == len(FORMATS) + 2
    assert "of the baseline is fixed" in whole[1]["said"]
    for file in files:
        validate(json.loads(Path(file).read_text()), strict(json.loads(SCHEMA.read_text())))


def test_the_exit_code_is_0_where_it_would_be(repository: Repository) -> None:
    repository.write("a/main.tf", GROUP.format(name="a", more="\n  retention_in_days = 14"))
    repository.write("b/main.tf", GROUP.format(name="b", more="\n  retention_in_days = 30"))
    codes, files = judge_in_parts(repository, 2, "check")
    assert (codes, main(["merge", *files])) == ([0, 0], 0)


def test_what_nothing_has_changed_in(repository: Repository) -> None:
    """With --changed: those left out are of the whole too."""
    fill(repository)
    whole = everything(repository, "check", "--changed", "live/a/main.tf", "modules/shared/main.tf")
    _, files = judge_in_parts(repository, 3, "check", "--changed", "live/a/main.tf", "modules/shared/main.tf")
    assert json.loads(whole[1]["json"])["left_out"]
    assert everything(repository, "merge", *files) == whole


# Suppressions


def test_a_suppression_that_another_part_needs_is_not_unused(repository: Repository) -> None:
    """Its comment is in a module of both, or it is in the settings, and only the second needs it."""
    repository.write(
        "shared/main.tf",
        'variable "days" {}\n# routeproof:skip=LOG_RETENTION: for good\nresource "aws_cloudwatch_log_group" "g" {\n'
        "  retention_in_days = var.days\n}\n",
    )
    for name, days in (("a", "14"), ("b", "null")):
        call = CALL.format(name="m", source="../shared").replace("}", f"  days = {days}\n}}")
        repository.write(f"{name}/main.tf", call + GROUP.format(name=name, more=""))
    settings = '[[suppress]]\nconvention = "LOG_RETENTION"\naddress = "aws_cloudwatch_log_group.{}"\nreason = "so"\n'
    repository.write("routeproof.toml", settings.format("a") + settings.format("b"))
    assert repository.check().code == 0
    codes, files = judge_in_parts(repository, 2, "check")
    assert (codes, main(["merge", *files])) == ([0, 0], 0)
    repository.write("b/main.tf", (repository.directory / "b/main.tf").read_text().replace("null", "14"))
    codes, files = judge_in_parts(repository, 2, "check")
    assert codes == [0, 0]  # neither can tell
    repository.capsys.readouterr()
    assert main(["merge", *files, "--format", "json"]) == 1
    merged = json.loads(repository.capsys.readouterr().out)
    found = [
        (root["root"], r["file"], r["message"])
        for root in merged["roots"]
        for r in root["results"]
        if r["verdict"] == "fail"
    ]
    assert [one for one in found if one[2].startswith(UNUSED)] == [("a", "shared/main.tf", UNUSED)]
    assert merged == repository.check().document


def test_a_suppression_of_a_root_module_that_another_calls(repository: Repository) -> None:
    """The first part takes it for unused; the second, which calls its module, needs it."""
    repository.write(
        "a/main.tf",
        'variable "days" {\n  default = 14\n}\n# routeproof:skip=LOG_RETENTION: for good\n'
        'resource "aws_cloudwatch_log_group" "g" {\n  retention_in_days = var.days\n}\n',
    )
    repository.write("b/main.tf", CALL.format(name="m", source="../a").replace("}", "  days = null\n}"))
    whole = everything(repository, "check", "a", "b")
    codes, files = judge_in_parts(repository, 2, "check", "a", "b")
    assert (whole[0], codes) == (0, [1, 0])
    assert everything(repository, "merge", *files) == whole


# What is not merged


def changed(repository: Repository, file: str, change: Callable[[Any], object]) -> str:
    """A copy of a report with something changed."""
    document = json.loads(Path(file).read_text())
    change(document)
    repository.write(f"changed-{file}", json.dumps(document))
    return f"changed-{file}"


def test_reports_that_are_not_of_one_run(repository: Repository) -> None:
    for name in ("a", "b", "c"):
        repository.write(f"{name}/main.tf", GROUP.format(name=name, more=""))
    _, (first, second) = judge_in_parts(repository, 2, "check")
    assert main(["merge", first, second]) == 1
    repository.capsys.readouterr()
    assert refused(repository, first) == "of 2 shards these are missing: 2"
    assert refused(repository, first, second, first) == "shard-1.json and shard-1.json are both shard 1/2"
    main(["check", "--shard", "3/3", "--output", "json=third.json"])
    repository.capsys.readouterr()
    assert refused(repository, first, second, "third.json") == "third.json is of 3 shards, and shard-1.json of 2"
    main(["check", "--shard", "2/2", "--select", "LOG_RETENTION", "--output", "json=other.json"])
    repository.capsys.readouterr()
    said = "other.json and shard-1.json were judged by other conventions or with other variables"
    assert refused(repository, first, "other.json") == said
    repository.write("v.tfvars", "")
    main(["check", "--shard", "2/2", "--var-file", "v.tfvars", "--output", "json=other.json"])
    repository.capsys.readouterr()
    assert refused(repository, first, "other.json") == said
    repository.write("d/main.tf", GROUP.format(name="d", more=""))
    main(["check", "--shard", "2/2", "--output", "json=other.json"])
    repository.capsys.readouterr()
    assert refused(repository, first, "other.json") == "other.json and shard-1.json are not of the same root modules: d"

    twice = changed(repository, second, lambda d: d["roots"].append(d["roots"][0]))
    assert refused(repository, first, twice) == f"{twice}: b is not there once in the shard that it is of"
    moved = changed(repository, second, lambda d: d["roots"][0].update(root="a"))
    assert refused(repository, first, moved) == f"{moved}: a is not there once in the shard that it is of"
    lost = changed(repository, second, lambda d: d["roots"].clear())
    assert refused(repository, first, lost) == f"{lost}: b is not there once in the shard that it is of"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "cannot be read: No such file or directory"),
        ("", f"{NO}: Expecting value: line 1 column 1 (char 0)"),
        ("\udcff", f"{NO}: 'utf-8' codec can't decode byte 0xff"),
        ("[" * 100_000, f"{NO}: maximum recursion depth exceeded"),
        ("{}", f"{NO}: it has no 'version'"),
        ("[]", f"{NO}: version is asked of something that is no object"),
        ('{"version": 2}', f"{NO}: it has version 2, and this program reads 1"),
        ('{"version": true}', f"{NO}: version is not of the type that it has"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_report(repository: Repository, content: str | None, why: str) -> None:
    if content is not None:
        Path("report.json").write_bytes(content.encode(errors="surrogateescape"))
    assert refused(repository, "report.json").startswith(f"report.json {why}")


def test_a_report_that_is_of_no_shard(repository: Repository) -> None:
    repository.write("main.tf", GROUP.format(name="g", more=""))
    main(["check", "--output", "json=whole.json"])
    repository.capsys.readouterr()
    advice = "routeproof check --shard I/N --output json=FILE writes one"
    assert refused(repository, "whole.json") == f"whole.json is no report of a shard: {advice}"


def test_conventions_that_there_are_not_here(repository: Repository) -> None:
    repository.write("main.tf", GROUP.format(name="g", more=""))
    own_convention(repository, "pass")
    _, files = judge_in_parts(repository, 1, "check")
    repository.write("routeproof.toml", "")
    assert (
        refused(repository, *files)
        == "the shards were judged by OWN, which there is not here; merge where they were run"
    )


def test_whatever_is_wrong_in_a_report_is_refused_or_judged(repository: Repository) -> None:
    """Each member of each object in turn is taken out or replaced: nothing breaks, and nothing gets the code 0."""
    fill(repository)
    _, (file,) = judge_in_parts(
        repository, 1, "check", "live/stack-2", "live/calls-a", "live/strict", "--format", "json"
    )
    good = json.loads(Path(file).read_text())
    tried = 0
    for path in _members(good):
        for wrong in (..., [], {}, None, 0, "x", True):
            document = copy.deepcopy(good)
            *above, last = path
            inside = document
            for step in above:
                inside = inside[step]
            if wrong is ...:
                del inside[last]
            elif inside[last] == wrong and type(inside[last]) is type(wrong):
                continue
            else:
                inside[last] = wrong
            tried += 1
            Path(file).write_text(json.dumps(document))
            code = main(["merge", file, "--format", "sarif"])
            said = repository.capsys.readouterr()
            assert code in (1, 2), path
            assert code == 1 or said.err.startswith("routeproof: "), path
    assert tried > 500


def _members(document: Any) -> list[tuple[Any, ...]]:
    """The path of every member of an object, those of lists' first and last items only."""
    found: list[tuple[Any, ...]] = []
    if isinstance(document, dict):
        for name, value in document.items():
            found.append((name,))
            found += [(name, *rest) for rest in _members(value)]
    elif isinstance(document, list) and document:
        found = [(index, *rest) for index in {0, len(document) - 1} for rest in _members(document[index])]
    return found
