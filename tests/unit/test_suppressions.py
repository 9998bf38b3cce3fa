"""Suppressions in comments and in settings: what they cover, and what is wrong with them."""

from __future__ import annotations

import subprocess

import pytest

from routeproof.cli import main
from tests.unit.repository import Repository

HEADER = 'resource "aws_cloudwatch_log_group" "g" {'
UNUSED = "nothing that this suppression is for fails LOG_RETENTION"
BESIDE = f"{UNUSED}; at this attribute it is for that alone, and at the top of the block for all of it"


def group(*lines: str, above: str = "", name: str = "g") -> str:
    """A log group whose events never expire: LOG_RETENTION fails at its header."""
    body = "".join(f"  {line}\n" for line in lines)
    return above + HEADER.replace('"g"', f'"{name}"') + f"\n{body}}}\n"


# What a comment covers


@pytest.mark.parametrize(
    "source",
    [
        group("# routeproof:skip=LOG_RETENTION: old", "", 'name = "g"'),
        group("# routeproof:skip=LOG_RETENTION: old", 'name = "g"'),
        group('name = "g"', "// routeproof:skip=LOG_RETENTION: old"),
        group('name = "g"', "/*", "routeproof:skip=LOG_RETENTION: old", "*/"),
        group('name = "g"', above="# routeproof:skip=LOG_RETENTION: old\n"),
        group('name = "g"', above="# routeproof:skip=LOG_RETENTION: old\n# and a word on why\n"),
        group('name = "g"', above="# routeproof:skip=LAMBDA_ARM64,LOG_RETENTION: old\n"),
        group('name = "g"', "# checkov:skip=LOG_RETENTION:old"),
        group('name = "g"', "/* checkov:skip= LAMBDA_ARM64,LOG_RETENTION:old */"),
        group('name = "g"', "# see bridgecrew:skip=LOG_RETENTION:old"),
        f"{HEADER} # routeproof:skip=LOG_RETENTION: old\n}}\n",
        group("retention_in_days = 13 # routeproof:skip=LOG_RETENTION: old"),
        group("# routeproof:skip=LOG_RETENTION: old", "retention_in_days = 13"),
        group("# routeproof:skip=LOG_RETENTION: old", 'name = "g"', "retention_in_days = 13"),
    ],
)
def test_a_comment_suppresses_its_blocks_failure(repository: Repository, source: str) -> None:
    repository.write("main.tf", source)
    found = repository.check("--select", "LOG_RETENTION")
    assert [how for _, _, how in found.results()] == ["suppressed"]
    assert (found.code, found.document["summary"]["fail"], found.document["summary"]["suppressed"]) == (0, 0, 1)


def test_a_suppressed_failure_says_why_until_when_and_where(repository: Repository) -> None:
    repository.write("infra/main.tf", group("# routeproof:skip=LOG_RETENTION until=2027-01-31: as long: as this"))
    found = repository.check("infra", "--today", "2027-01-31")
    (result,) = [r for r in found.document["roots"][0]["results"] if r["convention"] == "LOG_RETENTION"]
    assert result["verdict"] == "fail"
    place = {"file": "infra/main.tf", "line": 2, "column": 3, "end_line": 2, "end_column": 69}
    expected = {"reason": "as long: as this", "until": "2027-01-31", "where": "infra/main.tf:2", "location": place}
    assert result["suppressed"] == expected


def test_other_conventions_and_other_blocks_still_fail(repository: Repository) -> None:
    function = 'resource "aws_lambda_function" "f" {\n  # routeproof:skip=LAMBDA_ARM64: needs x86\n}\n'
    suppressed = group("# routeproof:skip=LOG_RETENTION: old", "")
    repository.write("main.tf", function + suppressed + group(name="h"))
    found = repository.check("--select", "LAMBDA_ARM64,LAMBDA_LIMITS,LOG_RETENTION")
    assert found.code == 1
    assert found.results() == [
        ("LAMBDA_ARM64", "main.tf:1:1", "suppressed"),
        ("LAMBDA_LIMITS", "main.tf:1:1", "fail"),
        ("LOG_RETENTION", "main.tf:4:1", "suppressed"),
        ("LOG_RETENTION", "main.tf:8:1", "fail"),
    ]


def test_beside_an_attribute_it_is_for_that_attribute_alone(repository: Repository) -> None:
    repository.write("main.tf", group('name = "g" # routeproof:skip=LOG_RETENTION: old'))
    found = repository.check("--select", "LOG_RETENTION")
    assert found.code == 1
    assert found.results() == [("LOG_RETENTION", "main.tf:1:1", "fail"), ("SUPPRESSION", "main.tf:2:14", "fail")]
    assert found.messages() == [f"main.tf:2:14: {BESIDE}"]


CORS = """\
resource "aws_apigatewayv2_api" "shop" {
  name          = "shop"
  protocol_type = "HTTP"
  cors_configuration {
    allow_credentials = true
    allow_origins     = ["*"]
    max_age           = 90000
  }
}
"""


MENDED = CORS.replace('["*"]', '["https://example.com"]')  # and max_age fails


@pytest.mark.parametrize(
    ("source", "line", "how"),
    [
        (CORS, 6, "suppressed"),
        (CORS, 7, "fail"),
        (CORS, 5, "fail"),
        (CORS, 3, "fail"),
        (CORS, 2, "suppressed"),  # the top of the block
        (CORS, 1, "suppressed"),
        (CORS, 8, "suppressed"),  # at no attribute
        (MENDED, 6, "fail"),
        (MENDED, 7, "suppressed"),
    ],
)
def test_above_an_attribute_it_is_for_that_attribute_alone(
    repository: Repository, source: str, line: int, how: str
) -> None:
    lines = source.splitlines(keepends=True)
    lines.insert(line - 1, "# routeproof:skip=CORS: for a while\n")
    repository.write("main.tf", "".join(lines))
    found = repository.check("--select", "CORS")
    assert [how for name, _, how in found.results() if name == "CORS"] == [how]
    expected = f"main.tf:{line}:1: {BESIDE}".replace("LOG_RETENTION", "CORS")
    assert found.messages() == ([] if how == "suppressed" else [expected])


@pytest.mark.parametrize("count", ["", '  for_each = toset(["a", "b"])\n'])
def test_a_comment_counts_for_every_instance_and_every_call_of_its_module(repository: Repository, count: str) -> None:
    repository.write("modules/m/main.tf", group("# routeproof:skip=LOG_RETENTION: old", "", "count = 2"))
    call = 'module "NAME" {\n  source = "../modules/m"\n' + count + "}\n"
    repository.write("live/main.tf", call.replace("NAME", "a") + call.replace("NAME", "b"))
    found = repository.check("live", "--select", "LOG_RETENTION")
    assert found.code == 0
    assert found.document["summary"]["suppressed"] == 4 * (2 if count else 1)


@pytest.mark.parametrize("word", ["routeproof:skip=LOG_RETENTION: theirs", "checkov:skip=LOG_RETENTION:theirs"])
def test_a_comment_in_a_module_call_is_for_all_that_the_module_declares(repository: Repository, word: str) -> None:
    """As Checkov has it; the only way to suppress something in a module of others."""
    repository.write("modules/inner/main.tf", group())
    repository.write("modules/m/main.tf", 'module "inner" {\n  source = "../inner"\n}\n' + group())
    call = 'module "NAME" {\n  MARK\n  source = "../modules/m"\n  count = 2\n}\n'
    repository.write(
        "live/main.tf",
        call.replace("NAME", "m").replace("MARK", f"# {word}") + call.replace("NAME", "mm").replace("MARK", ""),
    )
    found = repository.check("live", "--select", "LOG_RETENTION")
    suppressed = [result["address"] for result in found.document["roots"][0]["results"] if result["suppressed"]]
    assert suppressed == [
        f"module.m[{number}].{inner}aws_cloudwatch_log_group.g" for inner in ("module.inner.", "") for number in (0, 1)
    ]
    assert found.document["summary"]["fail"] == 4


OUTPUT = """\
resource "aws_apigatewayv2_api" "shop" {
  name          = "shop"
  protocol_type = "HTTP"
}

resource "aws_apigatewayv2_stage" "live" {
  AT_STAGE
  api_id = aws_apigatewayv2_api.shop.id
  name   = "$default"
}

output "url" {
  AT_OUTPUT
  value = aws_apigatewayv2_stage.live.invoke_url
}
"""


@pytest.mark.parametrize(
    ("stage", "output"),
    [
        ("", "# routeproof:skip=API_URL_OUTPUT: the clients strip it"),
        ("", "# checkov:skip=API_URL_OUTPUT:the clients strip it"),
        ("# routeproof:skip=API_URL_OUTPUT: the clients strip it", ""),
        ("# checkov:skip=API_URL_OUTPUT:the clients strip it", ""),
    ],
)
def test_an_outputs_failure_is_suppressed_at_the_output_or_at_its_stage(
    repository: Repository, stage: str, output: str
) -> None:
    """Checkov reports it at the stage, and reads its comments there."""
    repository.write("main.tf", OUTPUT.replace("AT_OUTPUT", output).replace("AT_STAGE", stage))
    found = repository.check("--select", "API_URL_OUTPUT")
    assert [how for _, _, how in found.results()] == ["suppressed"]


def test_what_is_unproven_can_be_suppressed_too(repository: Repository) -> None:
    source = 'variable "days" {}\n' + group(
        "retention_in_days = var.days # routeproof:skip=LOG_RETENTION: 14 everywhere"
    )
    repository.write("main.tf", source)
    for mode in ("warn", "fail"):
        found = repository.check("--select", "LOG_RETENTION", "--unproven", mode)
        assert (found.code, found.document["summary"]["unproven"]) == (0, 0)
        assert found.document["summary"]["suppressed"] == 1
        assert found.document["roots"][0]["results"][0]["verdict"] == "unproven"
    assert repository.check("--select", "LOG_RETENTION", "--unproven", "fail", "--no-suppressions").code == 1


def test_an_audit_shows_everything_and_judges_no_suppression(repository: Repository) -> None:
    unused = "# routeproof:skip=LAMBDA_ARM64: no reason to be here"
    repository.write("main.tf", group("# routeproof:skip=LOG_RETENTION: old", unused, ""))
    found = repository.check("--no-suppressions")
    assert found.code == 1
    assert found.results() == [("LOG_RETENTION", "main.tf:1:1", "fail")]


def test_text_shows_what_is_open_and_counts_what_is_suppressed(repository: Repository) -> None:
    repository.write("main.tf", group("# routeproof:skip=LOG_RETENTION: old", ""))
    assert main(["check", "--select", "LOG_RETENTION"]) == 0
    assert repository.capsys.readouterr().out == "1 root module: 1 suppressed\n"


# What is wrong with a suppression


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (
            group("# routeproof:skip=LOG_RETENTION", ""),
            "main.tf:2:3: this suppression of LOG_RETENTION gives no reason",
        ),
        (
            group("# routeproof:skip=LOG_RETENTION:  ", ""),
            "main.tf:2:3: this suppression of LOG_RETENTION gives no reason",
        ),
        (group("# checkov:skip=LOG_RETENTION", ""), "main.tf:2:3: this suppression of LOG_RETENTION gives no reason"),
        (
            group("# routeproof:skip=LOG_RETENTION until=2026-11-22: soon", ""),
            "main.tf:2:3: this suppression of LOG_RETENTION ended on 2026-11-22",
        ),
        (
            group("# routeproof:skip=LOG_RETENTION until=2026-13-01: soon", ""),
            "main.tf:2:3: until=2026-13-01 is no day",
        ),
        (group("# routeproof:skip=LOG_RETENTION until=20271231: soon", ""), "main.tf:2:3: until=20271231 is no day"),
        (group("# routeproof:skip=LOG_RETENTION because", ""), "main.tf:2:3: this suppression cannot be read"),
        (group("# routeproof: skip=LOG_RETENTION: old", ""), "main.tf:2:3: this suppression cannot be read"),
        (group("# routeproof:skip LOG_RETENTION: old", ""), "main.tf:2:3: this suppression cannot be read"),
        (
            group(above="# routeproof:skip=LOG_RETENTION: old\n\n"),
            "main.tf:1:1: this suppression of LOG_RETENTION is at no block",
        ),
        (
            group() + "# routeproof:skip=LOG_RETENTION: old\n",
            "main.tf:3:1: this suppression of LOG_RETENTION is at no block",
        ),
        (
            group(above="# checkov:skip=LOG_RETENTION:old\n"),
            "main.tf:1:1: Checkov reads this suppression of LOG_RETENTION only on a line between the block's braces",
        ),
        (
            f"{HEADER} # checkov:skip=LOG_RETENTION:old\n}}\n",
            "main.tf:1:43: Checkov reads this suppression of LOG_RETENTION only on a line between the block's braces",
        ),
    ],
)
def test_one_that_is_wrong_is_a_failure_and_suppresses_nothing(
    repository: Repository, source: str, message: str
) -> None:
    repository.write("main.tf", source)
    found = repository.check("--select", "LOG_RETENTION", "--today", "2026-11-23")
    assert (found.code, found.messages()) == (1, [message])
    assert found.document["summary"]["fail"] == 2
    (wrong,) = [r for r in found.document["roots"][0]["results"] if r["convention"] == "SUPPRESSION"]
    assert wrong["fix"]
    assert wrong["address"] is None


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (group("retention_in_days = 14", "", "# routeproof:skip=LOG_RETENTION: old", ""), f"main.tf:4:3: {UNUSED}"),
        (group("retention_in_days = 14", "# checkov:skip=LOG_RETENTION:old"), f"main.tf:3:3: {UNUSED}"),
        (group("retention_in_days = 14 # routeproof:skip=LOG_RETENTION: old"), f"main.tf:2:26: {BESIDE}"),
        (
            '# routeproof:skip=LOG_RETENTION: wrong block\nresource "aws_sqs_queue" "q" {\n}\n',
            f"main.tf:1:1: {UNUSED}",
        ),
        ("locals {\n  # routeproof:skip=LOG_RETENTION: wrong block\n}\n", f"main.tf:2:3: {UNUSED}"),
        (
            group(
                "# routeproof:skip=LOG_RETENTION: once",
                "retention_in_days = 14",
                "# routeproof:skip=LOG_RETENTION: twice",
                "",
            ),
            None,
        ),
    ],
)
def test_one_that_nothing_needs_is_a_failure(repository: Repository, source: str, message: str | None) -> None:
    repository.write("main.tf", source)
    found = repository.check("--select", "LOG_RETENTION")
    expected = [message] if message else [f"main.tf:{line}:3: {UNUSED}" for line in (2, 4)]
    assert (found.code, found.messages()) == (1, expected)


def test_a_block_with_no_instance_needs_no_verdict(repository: Repository) -> None:
    repository.write("main.tf", group("# routeproof:skip=LOG_RETENTION: old", "", "count = 0"))
    repository.write("more.tf", 'module "m" {\n  # checkov:skip=LOG_RETENTION:old\n  source = "./m"\n  count = 0\n}\n')
    repository.write("m/main.tf", group())
    assert repository.check("--select", "LOG_RETENTION").code == 0


def test_conventions_that_are_not_judged_leave_their_suppressions_alone(repository: Repository) -> None:
    repository.write("main.tf", group("# routeproof:skip=LOG_RETENTION until=2020-01-01: old", ""))
    assert repository.check("--ignore", "LOG_RETENTION").messages() == []


def test_a_modules_comment_is_needed_where_one_root_module_needs_it(repository: Repository) -> None:
    days = 'variable "days" {\n  default = null\n}\n'
    repository.write(
        "modules/m/main.tf", days + group("# routeproof:skip=LOG_RETENTION: old", "", "retention_in_days = var.days")
    )
    call = 'module "m" {\n  source = "../modules/m"\n  days = %s\n}\n'
    repository.write("a/main.tf", call % "14")
    repository.write("b/main.tf", call % "13")
    assert repository.check(".", "--select", "LOG_RETENTION").code == 0
    # On its own, `a` does not show whether another root module needs it.
    assert repository.check("a", "--select", "LOG_RETENTION").code == 0
    repository.write("b/main.tf", call % "30")
    found = repository.check(".", "--select", "LOG_RETENTION")
    assert (found.code, found.messages()) == (1, [f"modules/m/main.tf:5:3: {UNUSED}"])
    assert repository.check("a", "--select", "LOG_RETENTION").code == 0
    assert repository.check("a", "b", "--select", "LOG_RETENTION").code == 1
    repository.write("c/main.tf", 'resource "x" {\n')
    found = repository.check(".", "--select", "LOG_RETENTION")
    assert (found.code, found.messages()) == (2, [])


@pytest.mark.parametrize(
    ("comment", "error"),
    [
        ("routeproof:skip=LOG_RETENTON: old", "there is no convention LOG_RETENTON; did you mean LOG_RETENTION?"),
        ("routeproof:skip=log_retention: old", "there is no convention log_retention; did you mean LOG_RETENTION?"),
        ("routeproof:skip=CKV_AWS_66: old", "there is no convention CKV_AWS_66; routeproof explain lists them"),
        ("routeproof:skip=SUPPRESSION: old", "there is no convention SUPPRESSION; routeproof explain lists them"),
        ("checkov:skip=LOG_RETENTON:old", "there is no convention LOG_RETENTON; did you mean LOG_RETENTION?"),
    ],
)
def test_an_unknown_id_is_not_to_be_trusted(repository: Repository, comment: str, error: str) -> None:
    repository.write("main.tf", group(f"# {comment}", ""))
    found = repository.check("--select", "LOG_RETENTION")
    assert (found.code, found.errors) == (2, [f"main.tf:2:3: {error}"])
    assert found.results() == [("LOG_RETENTION", "main.tf:1:1", "fail")]


@pytest.mark.parametrize("name", ["CKV_AWS_66", "CKV2_AWS_12", "CKV_LOG_RETENTION", "ACME_LOGS_7", "BC_AWS_LOGGING_1"])
def test_ids_of_checkovs_own_and_of_others_are_left_alone(repository: Repository, name: str) -> None:
    repository.write("main.tf", group("retention_in_days = 14", f"# checkov:skip={name}"))
    found = repository.check("--select", "LOG_RETENTION")
    assert (found.code, found.errors, found.results()) == (0, [], [])


def test_a_forbidden_one_suppresses_nothing(repository: Repository) -> None:
    repository.write("routeproof.toml", 'no-suppressions-for = ["LOG_RETENTION"]\n')
    repository.write("main.tf", group("# routeproof:skip=LOG_RETENTION: old", ""))
    found = repository.check("--select", "LOG_RETENTION")
    assert (found.code, found.document["summary"]["fail"]) == (1, 2)
    message = "LOG_RETENTION may not be suppressed: the settings name it in no-suppressions-for"
    assert found.messages() == [f"main.tf:2:3: {message}"]


def test_a_long_reason_is_cut(repository: Repository) -> None:
    repository.write("main.tf", group(f"# routeproof:skip=LOG_RETENTION: {'x' * 100_000}", ""))
    found = repository.check("--select", "LOG_RETENTION")
    assert found.document["roots"][0]["results"][0]["suppressed"]["reason"] == "x" * 1_000


def test_control_characters_of_a_comment_never_reach_the_terminal(repository: Repository) -> None:
    hostile = "\x1b[31m\u202e::set-output"
    repository.write("main.tf", group(f"# routeproof:skip=LOG_RETENTION until={hostile}: x", ""))
    assert main(["check", "--select", "LOG_RETENTION"]) == 1
    output = repository.capsys.readouterr().out
    assert "until=\\u001b[31m\\u202e is no day" in output
    assert not {"\x1b", "\u202e"} & set(output)


# By address, in the settings


def suppress(address: str, more: str = "", *, convention: str = "LOG_RETENTION") -> str:
    return f"[[suppress]]\nconvention = '{convention}'\naddress = '{address}'\nreason = 'old'\n{more}\n"


@pytest.mark.parametrize(
    ("address", "suppressed"),
    [
        ("aws_cloudwatch_log_group.g", ['g["a"]', 'g["b"]']),
        ('aws_cloudwatch_log_group.g["a"]', ['g["a"]']),
        ('aws_cloudwatch_log_group.?["b"]', ['g["b"]']),
        ("aws_cloudwatch_log_group.[gh]", []),
        ("aws_cloudwatch_log_group.*", ['g["a"]', 'g["b"]', "h"]),
        ("module.*", []),
        ("AWS_CLOUDWATCH_LOG_GROUP.G", []),
    ],
)
def test_an_address_pattern(repository: Repository, address: str, suppressed: list[str]) -> None:
    repository.write("routeproof.toml", suppress(address))
    repository.write("main.tf", group('for_each = toset(["a", "b"])') + group(name="h"))
    found = repository.check("--select", "LOG_RETENTION")
    results = [r for r in found.document["roots"][0]["results"] if r["suppressed"]]
    assert [r["address"].removeprefix("aws_cloudwatch_log_group.") for r in results] == suppressed
    if suppressed:
        place = {"file": "routeproof.toml", "line": 1, "column": 1, "end_line": 1, "end_column": 13}
        expected = {"reason": "old", "until": None, "where": "routeproof.toml:1", "location": place}
        assert results[0]["suppressed"] == expected
    assert found.messages() == ([] if suppressed else [f"routeproof.toml:1:1: {UNUSED}"])


def test_one_that_has_ended(repository: Repository) -> None:
    repository.write("routeproof.toml", "\n" + suppress("*", "until = 2026-11-22"))
    repository.write("main.tf", group())
    found = repository.check("--today", "2026-11-23")
    assert (found.code, found.document["summary"]["suppressed"]) == (1, 0)
    assert found.messages() == ["routeproof.toml:2:1: this suppression of LOG_RETENTION ended on 2026-11-22"]
    assert repository.check("--today", "2026-11-22").code == 0


def test_it_is_judged_once_all_root_modules_below_the_settings_are(repository: Repository) -> None:
    repository.write("routeproof.toml", suppress("*"))
    passing = group("retention_in_days = 14")
    repository.write("a/main.tf", passing)
    repository.write("b/main.tf", passing)
    assert repository.check("a").code == 0
    found = repository.check("a", "b")
    assert (found.code, found.messages()) == (1, [f"routeproof.toml:1:1: {UNUSED}"])
    repository.write("b/main.tf", group())
    assert repository.check("a", "b").code == 0


def test_many_suppressions_of_many_instances_are_judged_at_once(repository: Repository) -> None:
    comments = ["# routeproof:skip=LOG_RETENTION: old"] * 490
    repository.write("main.tf", group("count = 9000", *comments, ""))
    found = repository.check("--select", "LOG_RETENTION")
    assert (found.code, found.document["summary"]["suppressed"]) == (0, 9_000)


def test_a_run_on_what_has_changed_judges_no_suppression_that_others_may_need(repository: Repository) -> None:
    git = ("git", "-c", "user.name=a", "-c", "user.email=a@example.com", "-C", str(repository.directory))
    (repository.directory / ".git").rmdir()
    repository.write("routeproof.toml", suppress("*"))
    repository.write("a/main.tf", group("retention_in_days = 14"))
    repository.write("b/main.tf", group())
    for arguments in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "--message", "all"]):
        subprocess.run([*git, *arguments], check=True)
    repository.write("a/main.tf", group("retention_in_days = 30"))
    found = repository.check(".", "--since", "HEAD")
    assert [root["root"] for root in found.document["roots"]] == ["a"]
    assert (found.code, found.messages()) == (0, [])
