"""Fixes: what each changes, that the check passes afterwards, and that nothing else changes."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routeproof.catalogue import catalogue
from routeproof.changes import AddNestedBlock, Change, NotSafe, ReplaceText, SetAttribute
from routeproof.cli import main
from routeproof.convention import Result, Verdict
from routeproof.evaluate import evaluate
from routeproof.fixes import Fixer, NotFixed, Rewritten
from routeproof.sources.hcl.edits import changed
from routeproof.sources.hcl.files import Files
from routeproof.sources.hcl.modules import load
from routeproof.stack import Stack
from routeproof.values import Location
from tests.unit.oracle.terraform import terraform

ROOT = Path(__file__).resolve().parents[2]
REPAIRED = {name: convention for name, convention in catalogue().items() if convention.repair}


def judge(root: Path, *ids: str) -> list[Result]:
    stack = load(root, Files(root.parent), {})
    return evaluate(stack, [catalogue()[name] for name in ids or catalogue()])


def fix(root: Path, *ids: str) -> tuple[list[Rewritten], list[NotFixed]]:
    """Fix a root module's findings, of these conventions or of all."""
    stack = load(root, Files(root.parent), {})
    found = evaluate(stack, [catalogue()[name] for name in ids or catalogue()])
    fixer = Fixer(lambda name: Path(name).read_bytes())
    fixer.propose(stack, found)
    rewritten = fixer.rewritten()
    for file in rewritten:
        file.write()
    return rewritten, fixer.left


def is_formatted(directory: Path) -> str:
    """What `terraform fmt` would change; empty where it is content."""
    program, variables = terraform()
    command = [*program.command, "fmt", "-check", "-diff", "-recursive", str(directory)]
    return subprocess.run(command, env=dict(variables), capture_output=True, text=True, check=False).stdout


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "stack").mkdir()
    return (tmp_path / "stack").resolve()


def fixed(root: Path, source: str, *ids: str) -> str:
    """The source after its findings are fixed."""
    (root / "main.tf").write_text(textwrap.dedent(source))
    fix(root, *ids)
    return (root / "main.tf").read_text()


def why_left(root: Path, source: str, convention: str) -> str:
    """Why the only finding is left; nothing is written then."""
    (root / "main.tf").write_text(textwrap.dedent(source))
    rewritten, (left,) = fix(root, convention)
    assert rewritten == []
    assert left.result.convention == convention
    return left.why


def test_what_the_catalogue_can_fix() -> None:
    assert sorted(REPAIRED) == [
        *("ACCESS_LOGS", "API_URL_OUTPUT", "LAMBDA_ARM64", "LAMBDA_LIMITS", "LAMBDA_LOG_GROUP", "LOG_RETENTION"),
        *("PAYLOAD_V2", "PERMISSION_EXPLICIT", "PERMISSION_SCOPE", "SOURCE_CODE_HASH"),
    ]


# The bad example of ACCESS_LOGS has settings, and what fields it wants is its author's to say.
@pytest.mark.parametrize("convention", sorted(set(REPAIRED) - {"ACCESS_LOGS"}))
def test_a_bad_example_passes_after_its_fix(convention: str, root: Path) -> None:
    (root / "main.tf").write_text(catalogue()[convention].bad.source)
    before = {(r.convention, r.address): r.verdict for r in judge(root)}
    rewritten, left = fix(root, convention)
    assert (len(rewritten), left) == (1, [])
    after = {(r.convention, r.address): r.verdict for r in judge(root)}
    assert {verdict for (name, _), verdict in after.items() if name == convention} == {Verdict.PASS}
    # Nothing that was right before is wrong now.
    worse = {key for key, verdict in before.items() if verdict is Verdict.PASS and after.get(key) is not Verdict.PASS}
    assert worse == set()
    assert is_formatted(root) == ""
    assert fix(root, convention) == ([], [])


@pytest.mark.parametrize("convention", catalogue())
def test_a_good_example_is_not_touched(convention: str, root: Path) -> None:
    (root / "main.tf").write_text(catalogue()[convention].good.source)
    assert fix(root, convention) == ([], [])


# The reference stack with any of its parts taken away


def _without(file: str, text: str) -> Callable[[Path], None]:
    def take_away(root: Path) -> None:
        path = root / file
        source = path.read_text()
        assert text in source
        path.write_text(source.replace(text, ""))

    return take_away


def _without_block(file: str, header: str) -> Callable[[Path], None]:
    def take_away(root: Path) -> None:
        path = root / file
        source, count = re.subn(rf"{re.escape(header)} \{{\n.*?\n\}}\n", "", path.read_text(), flags=re.DOTALL)
        assert count == 1
        path.write_text(source.rstrip() + "\n")

    return take_away


def _with(file: str, old: str, new: str) -> Callable[[Path], None]:
    def put(root: Path) -> None:
        path = root / file
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new))

    return put


DEFECTS = {
    "architectures": _without("function.tf", '  architectures = ["arm64"]\n'),
    "memory_size": _without("function.tf", "  memory_size   = var.memory_size\n"),
    "source_code_hash": _without("function.tf", "  source_code_hash = data.archive_file.hello.output_base64sha256\n"),
    "payload": _with("api.tf", 'payload_format_version = "2.0"', 'payload_format_version = "1.0"'),
    "scope": _with("api.tf", "execution_arn}/*/*", "execution_arn}/*"),
    "permission": _without_block("api.tf", 'resource "aws_lambda_permission" "api"'),
    "access logs": _without_block("api.tf", "  access_log_settings"),
    "retention": _without("logs.tf", "  retention_in_days = var.log_retention_days\n"),
    "trimsuffix": _with(
        "outputs.tf",
        'trimsuffix(aws_apigatewayv2_stage.default.invoke_url, "/")',
        "aws_apigatewayv2_stage.default.invoke_url",
    ),
}


@settings(max_examples=20, deadline=None)
@given(st.sets(st.sampled_from(sorted(DEFECTS)), min_size=1))
def test_the_reference_stack_is_whole_again(tmp_path_factory: pytest.TempPathFactory, defects: set[str]) -> None:
    base = tmp_path_factory.mktemp("reference").resolve()
    for name in ("terraform", "lambda"):
        shutil.copytree(ROOT / name, base / name, ignore=shutil.ignore_patterns(".terraform*", "build"))
    root = base / "terraform"
    if "permission" in defects:
        defects = defects - {"scope"}
    for name in sorted(defects - {"access logs"}):
        DEFECTS[name](root)
    if "access logs" in defects:
        source = (root / "api.tf").read_text()
        source, count = re.subn(r"\n  access_log_settings \{\n.*?\n  \}\n", "", source, flags=re.DOTALL)
        assert count == 1
        (root / "api.tf").write_text(source)
    subprocess.run(
        [*terraform()[0].command, "fmt", str(root)], env=dict(terraform()[1]), capture_output=True, check=True
    )
    before = {path.name: path.read_bytes() for path in root.glob("*.tf")}
    previous = Path.cwd()
    os.chdir(base)
    try:
        assert any(result.verdict is Verdict.FAIL for result in judge(root))
        rewritten, left = fix(root)
        assert left == []
        assert {result.verdict for result in judge(root)} <= {Verdict.PASS, Verdict.NOT_APPLICABLE}
        assert is_formatted(root) == ""
        assert fix(root) == ([], [])
    finally:
        os.chdir(previous)
    names = {Path(file.name).name for file in rewritten}
    for path in root.glob("*.tf"):
        assert (path.read_bytes() != before[path.name]) is (path.name in names), path.name


# Each fix


FUNCTION = """\
resource "aws_lambda_function" "orders" {
  function_name = "orders" # not before Monday
  role          = "arn:aws:iam::123456789012:role/orders"
  filename      = "build.zip"

  handler = "index.handler"

  environment {
    variables = {}
  }
}
"""


def test_an_attribute_is_added_behind_the_last_one_and_aligned(root: Path) -> None:
    assert fixed(root, FUNCTION, "LAMBDA_ARM64") == FUNCTION.replace(
        '  handler = "index.handler"\n', '  handler       = "index.handler"\n  architectures = ["arm64"]\n'
    )


def test_a_literal_is_replaced_in_its_place(root: Path) -> None:
    source = FUNCTION.replace("  handler", '  architectures = [ "x86_64" ] # why\n  handler')
    assert fixed(root, source, "LAMBDA_ARM64") == source.replace('[ "x86_64" ]', '["arm64"]')


def test_a_value_from_a_variable_is_left(root: Path) -> None:
    source = FUNCTION.replace("  handler", "  architectures = var.architectures\n  handler")
    source += 'variable "architectures" {\n  default = ["x86_64"]\n}\n'
    assert why_left(root, source, "LAMBDA_ARM64") == "architectures comes from var.architectures"


def test_a_block_on_one_line_is_opened(root: Path) -> None:
    source = 'resource "aws_cloudwatch_log_group" "a" { name = "a" }\n'
    assert fixed(root, source, "LOG_RETENTION") == (
        'resource "aws_cloudwatch_log_group" "a" {\n  name              = "a"\n  retention_in_days = 14\n}\n'
    )
    empty = 'resource "aws_cloudwatch_log_group" "a" {}\n'
    assert fixed(root, empty, "LOG_RETENTION") == (
        'resource "aws_cloudwatch_log_group" "a" {\n  retention_in_days = 14\n}\n'
    )


def test_an_attribute_goes_before_tags_and_behind_for_each(root: Path) -> None:
    source = """\
        resource "aws_cloudwatch_log_group" "a" {
          for_each = toset(["a"])

          tags = {
            team = "shop"
          }
        }
        """
    assert fixed(root, source, "LOG_RETENTION") == textwrap.dedent("""\
        resource "aws_cloudwatch_log_group" "a" {
          for_each          = toset(["a"])
          retention_in_days = 14

          tags = {
            team = "shop"
          }
        }
        """)


def test_windows_line_breaks_and_a_byte_order_mark_are_kept(root: Path) -> None:
    source = b'\xef\xbb\xbfresource "aws_cloudwatch_log_group" "a" {\r\n  name = "a"\r\n}\r\n'
    (root / "main.tf").write_bytes(source)
    fix(root)
    assert (root / "main.tf").read_bytes() == (
        b'\xef\xbb\xbfresource "aws_cloudwatch_log_group" "a" {\r\n  name              = "a"\r\n'
        b"  retention_in_days = 14\r\n}\r\n"
    )


def test_the_hash_is_of_what_filename_names(root: Path) -> None:
    source = FUNCTION.replace('"build.zip"', '"${path.module}/build.zip"')
    assert '  source_code_hash = filebase64sha256("${path.module}/build.zip")\n' in fixed(
        root, source, "SOURCE_CODE_HASH"
    )
    archive = """\
data "archive_file" "orders" {
  type        = "zip"
  source_dir  = "src"
  output_path = "build.zip"
}
"""
    wrong = FUNCTION.replace("  handler", '  source_code_hash = base64sha256("build.zip")\n  handler')
    assert "  source_code_hash = data.archive_file.orders.output_base64sha256\n" in fixed(
        root, wrong + archive, "SOURCE_CODE_HASH"
    )
    for value in ("var.hash", "local.hashes[0]", 'module.code.hashes["a"]'):
        left = wrong.replace('base64sha256("build.zip")', value)
        others = 'variable "hash" {\n  default = "x"\n}\nlocals {\n  hashes = ["x"]\n}\n'
        others += 'module "code" {\n  source = "./code"\n}\n'
        (root / "code").mkdir(exist_ok=True)
        (root / "code" / "main.tf").write_text('output "hashes" {\n  value = { a = "x" }\n}\n')
        why = f"source_code_hash comes from {value}"
        assert why_left(root, left + archive + others, "SOURCE_CODE_HASH") == why
    without = fixed(root, FUNCTION + archive, "SOURCE_CODE_HASH")
    assert "  source_code_hash = data.archive_file.orders.output_base64sha256\n" in without


def test_a_permission_for_every_instance(root: Path) -> None:
    source = """\
        resource "aws_apigatewayv2_api" "shop" {
          name          = "shop"
          protocol_type = "HTTP"
        }

        resource "aws_lambda_function" "part" {
          for_each = toset(["a", "b"])

          function_name = each.key
          role          = "arn:aws:iam::123456789012:role/orders"
        }

        resource "aws_apigatewayv2_integration" "part" {
          for_each = aws_lambda_function.part

          api_id           = aws_apigatewayv2_api.shop.id
          integration_type = "AWS_PROXY"
          integration_uri  = each.value.invoke_arn
        }
        """
    assert fixed(root, source, "PERMISSION_EXPLICIT") == textwrap.dedent(source) + textwrap.dedent("""\

        resource "aws_lambda_permission" "shop_part" {
          for_each = aws_lambda_function.part

          action        = "lambda:InvokeFunction"
          function_name = each.value.function_name
          principal     = "apigateway.amazonaws.com"
          source_arn    = "${aws_apigatewayv2_api.shop.execution_arn}/*/*"
        }
        """)
    assert [result.verdict for result in judge(root, "PERMISSION_EXPLICIT")] == [Verdict.PASS] * 2
    assert is_formatted(root) == ""


def test_a_permission_goes_behind_the_last_one(root: Path) -> None:
    good, bad = REPAIRED["PERMISSION_EXPLICIT"].good.source, REPAIRED["PERMISSION_EXPLICIT"].bad.source
    other = bad.replace('"orders"', '"items"').replace("function.orders", "function.items")
    other = other[other.index('resource "aws_lambda_function"') :]
    found = fixed(root, good + "\n" + other, "PERMISSION_EXPLICIT")
    assert found.index('"shop_orders"') < found.index('"shop_items"') < found.index('"aws_lambda_function" "items"')


def test_a_permission_across_modules_is_left(root: Path) -> None:
    bad = REPAIRED["PERMISSION_EXPLICIT"].bad.source
    api, rest = bad[: bad.index('resource "aws_lambda_function"')], bad[bad.index('resource "aws_lambda_function"') :]
    (root / "part").mkdir()
    (root / "part" / "main.tf").write_text(
        'variable "api" {\n}\n' + rest.replace("aws_apigatewayv2_api.shop.id", "var.api")
    )
    call = 'module "part" {\n  source = "./part"\n  api    = aws_apigatewayv2_api.shop.id\n}\n'
    assert why_left(root, api + call, "PERMISSION_EXPLICIT") == (
        "aws_apigatewayv2_api.shop is in another module than module.part.aws_lambda_function.orders"
    )


def test_a_fetched_module_is_left(root: Path) -> None:
    fetched = root / ".terraform" / "modules" / "logs"
    fetched.mkdir(parents=True)
    (fetched / "main.tf").write_text('resource "aws_cloudwatch_log_group" "a" {\n  name = "a"\n}\n')
    (fetched.parent / "modules.json").write_text(
        '{"Modules": [{"Key": "logs", "Source": "x/y/z", "Dir": ".terraform/modules/logs"}]}'
    )
    source = 'module "logs" {\n  source = "x/y/z"\n}\n'
    why = why_left(root, source, "LOG_RETENTION")
    assert why == "stack/.terraform/modules/logs/main.tf is of a fetched module"


def test_json_syntax_is_left(root: Path) -> None:
    (root / "main.tf.json").write_text('{"resource": {"aws_cloudwatch_log_group": {"a": {"name": "a"}}}}')
    rewritten, (left,) = fix(root, "LOG_RETENTION")
    assert (rewritten, left.why) == ([], "stack/main.tf.json is in JSON syntax")


def test_a_suppressed_finding_is_left_alone(root: Path) -> None:
    (root / "main.tf").write_text('resource "aws_cloudwatch_log_group" "a" {\n  name = "a"\n}\n')
    stack = load(root, Files(root.parent), {})
    (result,) = judge(root, "LOG_RETENTION")
    fixer = Fixer(lambda name: Path(name).read_bytes())
    fixer.propose(stack, [replace(result, baseline=True)])
    assert (fixer.rewritten(), fixer.left) == ([], [])


def test_a_finding_without_a_fix_is_named(root: Path) -> None:
    (root / "main.tf").write_text(catalogue()["HTTP_API"].bad.source)
    rewritten, (left,) = fix(root, "HTTP_API")
    assert (rewritten, left.result.convention, left.why) == ([], "HTTP_API", "")


def test_a_repair_that_breaks_is_named(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(stack: Stack, result: Result) -> list[Change]:
        raise RuntimeError("oops")

    chosen = {**catalogue(), "LOG_RETENTION": replace(catalogue()["LOG_RETENTION"], repair=broken)}
    monkeypatch.setattr("routeproof.fixes.catalogue", lambda: chosen)
    source = 'resource "aws_cloudwatch_log_group" "a" {\n}\n'
    assert why_left(root, source, "LOG_RETENTION") == "its repair broke: RuntimeError: oops"


def test_an_output_of_several_urls_is_left(root: Path) -> None:
    stage = REPAIRED["API_URL_OUTPUT"].bad.source
    stage = stage[: stage.index("output ")]
    url = "aws_apigatewayv2_stage.default.invoke_url"
    name = re.search(r'"aws_apigatewayv2_stage" "(\w+)"', stage)
    assert name is not None
    url = url.replace("default", name[1])
    both = (
        stage
        + f"""\
output "url" {{
  value = "${{{url}}} ${{{url}}}"
}}
"""
    )
    assert why_left(root, both, "API_URL_OUTPUT").startswith(f'{url} does not stand once in "${{{url}}}')


# Through the command


@pytest.fixture
def two_roots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two root modules that call one module, whose log group has no retention."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.tf").write_text('module "logs" {\n  source = "../logs"\n}\n')
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "main.tf").write_text('resource "aws_cloudwatch_log_group" "a" {\n  name = "a"\n}\n')
    return tmp_path


RETAINED = 'resource "aws_cloudwatch_log_group" "a" {\n  name              = "a"\n  retention_in_days = 14\n}\n'


def test_fix_writes_and_reports_what_is_left(two_roots: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", ".", "--fix"]) == 0
    captured = capsys.readouterr()
    assert captured.err == "routeproof: fixed logs/main.tf\n"
    assert captured.out.startswith("2 root modules: ")
    assert (two_roots / "logs" / "main.tf").read_text() == RETAINED
    assert main(["check", ".", "--fix"]) == 0
    assert capsys.readouterr().err == ""


def test_diff_writes_nothing(two_roots: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (two_roots / "logs" / "main.tf").read_text()
    assert main(["check", ".", "--diff"]) == 1
    assert capsys.readouterr().out == (
        "--- a/logs/main.tf\n+++ b/logs/main.tf\n@@ -1,3 +1,4 @@\n"
        ' resource "aws_cloudwatch_log_group" "a" {\n-  name = "a"\n+  name              = "a"\n'
        "+  retention_in_days = 14\n }\n"
    )
    assert (two_roots / "logs" / "main.tf").read_text() == before
    assert main(["check", ".", "--diff", "--fix"]) == 0
    assert (two_roots / "logs" / "main.tf").read_text() == RETAINED


def test_what_cannot_be_fixed_is_said(two_roots: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (two_roots / "logs" / "main.tf").write_text(
        'variable "days" {\n  default = 13\n}\n'
        'resource "aws_cloudwatch_log_group" "a" {\n  retention_in_days = var.days\n}\n'
    )
    assert main(["check", "one", "--fix"]) == 1
    assert capsys.readouterr().err == (
        "routeproof: logs/main.tf:5:23: LOG_RETENTION is left to you: retention_in_days comes from var.days\n"
    )


def test_a_plan_is_not_fixed(two_roots: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "one", "--fix", "--plan", "plan.json"]) == 2
    expected = "routeproof: --fix and --diff go without --plan: it is the source that is changed\n"
    assert capsys.readouterr().err == expected


def test_a_link_is_not_written_through(two_roots: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (two_roots / "logs" / "main.tf").rename(two_roots / "logs" / "real")
    (two_roots / "logs" / "main.tf").symlink_to(two_roots / "logs" / "real")
    assert main(["check", "one", "--fix"]) == 2
    expected = "routeproof: logs/main.tf:1:1: cannot be written (logs/main.tf is a symbolic link)\n"
    assert capsys.readouterr().err == expected


# Edits, one by one


HEADER = Location("main.tf", 1, 1, 1, 2)


def test_a_changed_file_is_left() -> None:
    with pytest.raises(NotSafe, match="the file has changed since it was read"):
        changed(b"\n\n", "main.tf", [SetAttribute(HEADER, "a", "1")])
    with pytest.raises(NotSafe, match="the file has changed since it was read"):
        changed(b"\n", "main.tf", [ReplaceText(Location("main.tf", 9, 1, 9, 2), "a", "b")])


def test_a_dynamic_block_is_left() -> None:
    source = b'resource "a" "b" {\n  dynamic "c" {\n    for_each = []\n    content {}\n  }\n}\n'
    with pytest.raises(NotSafe, match="c is a dynamic block"):
        changed(source, "main.tf", [SetAttribute(HEADER, "c", "1")])


def test_a_nested_block_in_an_empty_one() -> None:
    found = changed(b'resource "a" "b" {}\n', "main.tf", [AddNestedBlock(HEADER, "c {\n  d = 1\n}\n")])
    assert found == b'resource "a" "b" {\n  c {\n    d = 1\n  }\n}\n'
    found = changed(b'resource "a" "b" { e = 1 }\n', "main.tf", [AddNestedBlock(HEADER, "c {\n  d = 1\n}\n")])
    assert found == b'resource "a" "b" {\n  e = 1\n\n  c {\n    d = 1\n  }\n}\n'


def test_a_diff_that_git_applies(root: Path) -> None:
    source = 'resource "aws_cloudwatch_log_group" "a" {\n  name = "a"\n}'
    (root / "main.tf").write_text(source)
    stack = load(root, Files(root.parent), {})
    fixer = Fixer(lambda name: Path(name).read_bytes())
    fixer.propose(stack, judge(root, "LOG_RETENTION"))
    (file,) = fixer.rewritten()
    applied = subprocess.run(
        ["git", "apply", "-"], input=file.diff(), cwd=root.parent, capture_output=True, text=True, check=False
    )
    assert applied.stderr == ""
    assert (root / "main.tf").read_bytes() == file.after


def test_permissions_are_kept_and_links_refused(root: Path) -> None:
    path = root / "main.tf"
    path.write_text('resource "aws_cloudwatch_log_group" "a" {\n}\n')
    path.chmod(0o640)
    fix(root)
    assert path.stat().st_mode & 0o777 == 0o640
    assert sorted(entry.name for entry in root.iterdir()) == ["main.tf"]
    real = root / "real.txt"
    path.rename(real)
    path.symlink_to(real)
    with pytest.raises(OSError, match=r"stack/main\.tf is a symbolic link"):
        Rewritten("stack/main.tf", b"", b"x").write()


# Any block


def lines() -> Iterator[st.SearchStrategy[str]]:
    yield st.sampled_from(
        ["a = 1", "bbbb = [1, 2]", 'c-d = "x" # why', "  e=2", "f = {\n  g = 1\n}", "# only a comment"]
    )
    yield st.just("")
    yield st.sampled_from(["nested {\n  h = 1\n}", "nested {}"])


@settings(max_examples=30, deadline=None)
@given(st.lists(st.one_of(*lines()), max_size=8, unique=True))
def test_an_added_attribute_leaves_formatted_source_formatted(
    tmp_path_factory: pytest.TempPathFactory, body: list[str]
) -> None:
    directory = tmp_path_factory.mktemp("any")
    file = directory / "main.tf"
    file.write_text('resource "a" "b" {\n' + "\n".join(body) + "\n}\n")
    program, variables = terraform()
    subprocess.run([*program.command, "fmt", str(file)], env=dict(variables), capture_output=True, check=True)
    before = file.read_text()
    file.write_bytes(changed(before.encode(), "main.tf", [SetAttribute(HEADER, "new_name", "1")]))
    assert is_formatted(directory) == ""
    without = [line for line in file.read_text().splitlines() if line.split() != ["new_name", "=", "1"]]
    assert [line.split() for line in without] == [line.split() for line in before.splitlines()]
