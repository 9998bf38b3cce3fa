"""What never changes a verdict, and what always does."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routeproof.catalogue import catalogue
from routeproof.convention import Verdict
from routeproof.report import report

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = "\n".join(path.read_text() for path in sorted((ROOT / "terraform").glob("*.tf")))
# The top-level blocks of formatted source, with the comments above them.
BLOCKS = [block.strip() + "\n" for block in re.split(r"(?<=\n}\n)", REFERENCE) if block.strip()]
EXAMPLES = [e.source for c in catalogue().values() for e in (c.good, c.bad)]

UNRELATED = st.sampled_from(
    [
        'resource "aws_s3_bucket" "other" {\n  bucket = "other"\n}\n',
        'resource "aws_sqs_queue" "other" {\n  name = "other"\n}\n',
        'data "aws_caller_identity" "other" {}\n',
        'locals {\n  other = "aws_lambda_function.hello"\n}\n',
        'variable "other" {\n  default = "x86_64"\n}\n',
        'output "other" {\n  value = "other"\n}\n',
        'resource "aws_iam_user" "other" {\n  count = 3\n  name  = "user-${count.index}"\n}\n',
    ]
)


def verdicts(*files: str) -> dict[tuple[str, str | None], Verdict]:
    """Convention and address to verdict, of a root module with these files."""
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory) / "terraform"
        shutil.copytree(ROOT / "lambda", Path(directory) / "lambda")
        root.mkdir()
        for number, content in enumerate(files):
            (root / f"file{number}.tf").write_text(content)
        found = report([root], catalogue().values())
    assert found.problems == ()
    (root,) = found.roots
    return {(result.convention, result.address): result.verdict for result in root.results}


EXPECTED = verdicts(REFERENCE)


def test_the_reference_stack_is_judged_and_passes() -> None:
    assert len(EXPECTED) == len(catalogue()) + 1, "one subject for each, but for two log groups"
    passed = {place: verdict for place, verdict in EXPECTED.items() if verdict is Verdict.PASS}
    assert passed | {("MODULE_FETCHED", None): Verdict.NOT_APPLICABLE} == EXPECTED, "it calls no modules"
    assert {convention for convention, _ in EXPECTED} == set(catalogue())


@given(st.permutations(BLOCKS))
def test_the_order_of_blocks_never_changes_a_verdict(blocks: list[str]) -> None:
    assert verdicts("\n".join(blocks)) == EXPECTED


@given(st.lists(st.integers(0, 4), min_size=len(BLOCKS), max_size=len(BLOCKS)))
def test_the_split_into_files_never_changes_a_verdict(files: list[int]) -> None:
    contents = [
        "\n".join(block for block, file in zip(BLOCKS, files, strict=True) if file == wanted) for wanted in range(5)
    ]
    assert verdicts(*contents) == EXPECTED


@given(st.sampled_from(EXAMPLES), st.lists(UNRELATED, min_size=1, max_size=4, unique=True))
def test_an_unrelated_block_never_changes_a_verdict(example: str, unrelated: list[str]) -> None:
    assert verdicts(example, *unrelated) == verdicts(example)


# What each attribute of the reference stack becomes, and the convention that has to fail, at which address.
BREAKS = [
    ('architectures = ["arm64"]', "", "LAMBDA_ARM64", "aws_lambda_function.hello"),
    ('architectures = ["arm64"]', 'architectures = ["x86_64"]', "LAMBDA_ARM64", "aws_lambda_function.hello"),
    ('architectures = ["arm64"]', 'architectures = ["arm64", "x86_64"]', "LAMBDA_ARM64", "aws_lambda_function.hello"),
    (
        "source_code_hash = data.archive_file.hello.output_base64sha256",
        "",
        "SOURCE_CODE_HASH",
        "aws_lambda_function.hello",
    ),
    ("hello.output_base64sha256", "hello.output_sha", "SOURCE_CODE_HASH", "aws_lambda_function.hello"),
    ('payload_format_version = "2.0"', "", "PAYLOAD_V2", "aws_apigatewayv2_integration.hello"),
    (
        'payload_format_version = "2.0"',
        'payload_format_version = "1.0"',
        "PAYLOAD_V2",
        "aws_apigatewayv2_integration.hello",
    ),
    ('principal     = "apigateway.', 'principal     = "events.', "PERMISSION_EXPLICIT", "aws_lambda_function.hello"),
    ('"lambda:InvokeFunction"', '"lambda:GetFunction"', "PERMISSION_EXPLICIT", "aws_lambda_function.hello"),
    ('execution_arn}/*/*"', 'execution_arn}/*"', "PERMISSION_SCOPE", "aws_lambda_permission.api"),
    ('execution_arn}/*/*"', 'execution_arn}"', "PERMISSION_SCOPE", "aws_lambda_permission.api"),
    ('"${aws_apigatewayv2_api.main.execution_arn}/*/*"', '"*"', "PERMISSION_SCOPE", "aws_lambda_permission.api"),
    (
        'name              = "/aws/apigw/${local.api_name}"\n  retention_in_days = var.log_retention_days',
        'name              = "/aws/apigw/${local.api_name}"',
        "LOG_RETENTION",
        "aws_cloudwatch_log_group.api",
    ),
    ("  default     = 14", "  default     = 13", "LOG_RETENTION", "aws_cloudwatch_log_group.hello"),
    ("  default     = 14", "  default     = 0", "LOG_RETENTION", "aws_cloudwatch_log_group.api"),
]


@pytest.mark.parametrize(("written", "broken", "convention", "address"), BREAKS)
def test_breaking_the_attribute_always_changes_the_verdict(
    written: str, broken: str, convention: str, address: str
) -> None:
    assert REFERENCE.count(written) == 1
    assert verdicts(REFERENCE.replace(written, broken))[convention, address] is Verdict.FAIL


@given(st.permutations(BLOCKS), st.sampled_from(BREAKS))
def test_a_break_is_found_wherever_the_block_stands(blocks: list[str], case: tuple[str, str, str, str]) -> None:
    written, broken, convention, address = case
    assert verdicts("\n".join(blocks).replace(written, broken))[convention, address] is Verdict.FAIL
