"""LAMBDA_HANDLER, clause by clause."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from routeproof.convention import Verdict
from routeproof.conventions.function.lambda_handler import check
from routeproof.stack import Stack
from tests.unit.conventions.judging import expect, loaded

FUNCTION = "aws_lambda_function.orders"
UNDECIDED = "whether the package has the handler is undecided: "
NODE = "exports.handler = async () => {};\n"


def function(*lines: str, handler: str = "index.handler", runtime: str = "nodejs22.x", mark: str = "handler") -> str:
    written = {"handler": f'"{handler}"', "runtime": f'"{runtime}"'}
    if mark:
        written[mark] = f"«{written[mark]}»"
    body = "".join(f"  {line}\n" for line in lines or ["filename = data.archive_file.orders.output_path"])
    return (
        f'resource "aws_lambda_function" "orders" {{\n  handler = {written["handler"]}\n'
        f"  runtime = {written['runtime']}\n{body}}}\n"
    )


def archive(*lines: str) -> str:
    body = "".join(f"  {line}\n" for line in lines or ['source_dir = "src"'])
    return f'data "archive_file" "orders" {{\n  type        = "zip"\n  output_path = "orders.zip"\n{body}}}\n'


def expect_files(files: dict[str, str], verdict: str, message: str, **options: str) -> None:
    """A package made from the directory `src`."""
    inside = {f"src/{name}": text for name, text in files.items()}
    expect("LAMBDA_HANDLER", {"main.tf": archive() + function(**options), **inside}, (verdict, FUNCTION, message))


# Node.js


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("index.js", "exports.handler = async () => {};"),
        ("index.js", "module.exports = { handler };"),
        ("index.js", "module.exports.handler = f;"),
        ("index.cjs", "exports.handler = f;"),
        ("index.mjs", "export const handler = f;"),
        ("index.mjs", "export async function handler() {}"),
        ("index.mjs", "export { handler };"),
        ("index", "exports.handler = f;"),
        ("index/index.js", "exports.handler = f;"),
    ],
)
def test_an_exported_name_passes_in_every_form_and_kind_of_file(name: str, text: str) -> None:
    expect_files({name: text}, "pass", f"src/{name} has handler")


def test_a_name_that_is_not_exported_fails() -> None:
    expect_files({"index.js": "exports.main = f;"}, "fail", "src/index.js does not export handler")


@pytest.mark.parametrize("text", ["// exports.handler = f", "/* exports.handler = f */", "x = 'exports.handler = f'"])
def test_comments_and_texts_are_no_exports(text: str) -> None:
    expect_files({"index.js": text}, "fail", "src/index.js does not export handler")


def test_a_file_that_is_not_there_fails() -> None:
    message = "src has no index.js or index.mjs or index.cjs or index/index.js"
    expect_files({"app.js": NODE}, "fail", message)


def test_a_name_in_other_letter_case_is_another_file() -> None:
    message = "src has no index.js or index.mjs or index.cjs or index/index.js"
    expect_files({"Index.js": NODE}, "fail", message)


def test_a_path_in_the_handler_is_one_in_the_package() -> None:
    expect_files({"api/v1/app.js": NODE}, "pass", "src/api/v1/app.js has handler", handler="api/v1/app.handler")
    expect_files({"api/v1/app.js": NODE}, "pass", "src/api/v1/app.js has handler", handler="./api/v1/app.handler")
    message = "src has no api/app.js or api/app.mjs or api/app.cjs or api/app/index.js"
    expect_files({"app.js": NODE}, "fail", message, handler="api/app.handler")


@pytest.mark.parametrize("handler", ["index", "index.", ".handler", "src/index", "../src/index.handler", ""])
def test_a_handler_of_another_form_fails(handler: str) -> None:
    message = f'handler is "{handler}"; it takes the path of a file without its end, a dot and a name'
    expect_files({"index.js": NODE}, "fail", message, handler=handler)


def test_what_is_inside_an_export_is_unproven() -> None:
    message = (
        "whether src/index.js has api.get is undecided: it exports api, and what get of that is shows only when it runs"
    )
    expect_files({"index.js": "exports.api = { get }"}, "unproven", message, handler="index.api.get")
    expect_files({"index.js": NODE}, "fail", "src/index.js does not export api", handler="index.api.get")


def test_what_the_scanner_cannot_follow_is_unproven() -> None:
    message = "whether src/index.js has handler is undecided: module.exports is no object that is written there"
    expect_files({"index.js": "module.exports = require('./app')"}, "unproven", message)
    message = "whether src/index.js has handler is undecided: it cannot be read as JavaScript (a text is not closed)"
    expect_files({"index.js": "'"}, "unproven", message)


# CommonJS and ES modules

NO_MODULE = 'has export, and is no ES module: neither .mjs, nor beside a package.json with "type": "module"'
MODULE = "export const handler = f;"


@pytest.mark.parametrize("name", ["index.js", "index.cjs", "index"])
def test_export_in_a_commonjs_file_fails(name: str) -> None:
    expect_files({name: MODULE}, "fail", f"src/{name} {NO_MODULE}")


def test_exports_in_an_es_module_fails() -> None:
    message = "is an ES module, in which exports.handler is an error; export it"
    expect_files({"index.mjs": NODE}, "fail", f"src/index.mjs {message}")
    files = {"index.js": NODE, "package.json": '{"type": "module"}'}
    expect_files(files, "fail", f"src/index.js {message}")


def test_package_json_makes_js_an_es_module_and_the_nearest_counts() -> None:
    module, commonjs = '{"type": "module"}', '{"name": "x"}'
    expect_files(
        {"a/b/index.js": MODULE, "package.json": module},
        "pass",
        "src/a/b/index.js has handler",
        handler="a/b/index.handler",
    )
    files = {"a/b/index.js": MODULE, "a/package.json": commonjs, "package.json": module}
    expect_files(files, "fail", f"src/a/b/index.js {NO_MODULE}", handler="a/b/index.handler")
    expect_files({"index.js": MODULE, "package.json": "[]"}, "fail", f"src/index.js {NO_MODULE}")


def test_a_package_json_that_cannot_be_read_is_unproven() -> None:
    message = "whether src/index.js has handler is undecided: package.json is not JSON"
    expect_files({"index.js": MODULE, "package.json": "{"}, "unproven", message)
    expect_files({"index.js": MODULE, "package.json": "[" * 100_000}, "unproven", message)


def test_a_package_json_above_the_package_does_not_count() -> None:
    files = {"main.tf": archive() + function(), "src/index.js": MODULE, "package.json": '{"type": "module"}'}
    expect("LAMBDA_HANDLER", files, ("fail", FUNCTION, f"src/index.js {NO_MODULE}"))


def test_node_24_finds_out_by_itself_in_a_js_file() -> None:
    expect_files({"index.js": MODULE}, "pass", "src/index.js has handler", runtime="nodejs24.x")
    expect_files({"index.cjs": MODULE}, "fail", f"src/index.cjs {NO_MODULE}", runtime="nodejs24.x")


@pytest.mark.parametrize(
    ("variables", "why"),
    [
        ('{ NODE_OPTIONS = "--experimental-detect-module" }', "the environment sets NODE_OPTIONS"),
        ("var.more", "environment is var.more, and var.more has no value; give it one with --var-file"),
    ],
)
def test_options_of_node_may_change_that(variables: str, why: str) -> None:
    lines = ["filename = data.archive_file.orders.output_path", "environment {", f"  variables = {variables}", "}"]
    files = {"main.tf": archive() + function(*lines) + 'variable "more" {}\n', "src/index.js": MODULE}
    expect("LAMBDA_HANDLER", files, ("unproven", FUNCTION, f"whether src/index.js has handler is undecided: {why}"))


def test_other_environment_variables_change_nothing() -> None:
    lines = [
        "filename = data.archive_file.orders.output_path",
        "environment {",
        '  variables = { LEVEL = "info" }',
        "}",
    ]
    files = {"main.tf": archive() + function(*lines), "src/index.js": MODULE}
    expect("LAMBDA_HANDLER", files, ("fail", FUNCTION, f"src/index.js {NO_MODULE}"))
    empty = {"main.tf": archive() + function(lines[0], "environment {", "}"), "src/index.js": MODULE}
    expect("LAMBDA_HANDLER", empty, ("fail", FUNCTION, f"src/index.js {NO_MODULE}"))


# Python

PYTHON = {"runtime": "python3.13", "handler": "app.handler"}


@pytest.mark.parametrize(
    "text",
    [
        "def handler(event, context): pass",
        "async def handler(event, context): pass",
        "class handler: pass",
        "handler = make()",
        "handler: object = make()",
        "a, (handler, b) = make()",
        "a = handler = make()",
        "from other import handler",
        "from other import main as handler",
        "import handler",
        "import handler.deeper",
        "import other as handler",
        "x = '\\w'\ndef handler(e, c): pass",
    ],
)
def test_a_definition_at_the_top_level_passes(text: str) -> None:
    expect_files({"app.py": text}, "pass", "src/app.py has handler", **PYTHON)


@pytest.mark.parametrize(
    "text",
    [
        "def main(event, context): pass",
        "# def handler(): pass",
        "'''\ndef handler(): pass\n'''",
        "class A:\n    def handler(self): pass",
        "def a():\n    handler = 1",
        "handler: object",
        "import other.handler",
        "a.handler = 1",
        "a[handler] = 1",
        "def handler(): pass\ndel handler",
    ],
)
def test_anything_else_is_no_definition(text: str) -> None:
    expect_files({"app.py": text}, "fail", "src/app.py has no handler at its top level", **PYTHON)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("if a:\n    def handler(): pass", "it defines handler only under a condition"),
        ("try:\n    from a import handler\nexcept ImportError:\n    pass", "it defines handler only under a condition"),
        ("def a():\n    global handler\n    handler = 1", "it defines handler only when a function is called"),
        ("from other import *", "it imports everything from other"),
        ("from . import *", "it imports everything from its package"),
        ("def __getattr__(name): pass", "its __getattr__ may make it"),
        ("def (", "it cannot be read as Python (invalid syntax (<unknown>, line 1))"),
    ],
)
def test_what_may_define_it_is_unproven(text: str, why: str) -> None:
    expect_files({"app.py": text}, "unproven", f"whether src/app.py has handler is undecided: {why}", **PYTHON)


@pytest.mark.parametrize("text", ["x = " + "(" * 5_000, "x = " + "-" * 200_000 + "1"])
def test_hostile_python_is_unproven_and_never_a_crash(text: str) -> None:
    with_file = {"main.tf": archive() + function(**PYTHON).replace("«", "").replace("»", ""), "src/app.py": text}
    (result,) = _judged(with_file)
    assert result.verdict is Verdict.UNPROVEN
    assert result.message.startswith("whether src/app.py has handler is undecided: it cannot be read as Python (")


@pytest.mark.parametrize("handler", ["api/v1/app.handler", "api.v1.app.handler"])
def test_slashes_and_dots_both_lead_into_packages(handler: str) -> None:
    text = "def handler(e, c): pass"
    expect_files(
        {"api/v1/app.py": text}, "pass", "src/api/v1/app.py has handler", runtime="python3.13", handler=handler
    )
    files = {"api/v1/app/__init__.py": text, "api/v1/app.py": ""}
    expect_files(files, "pass", "src/api/v1/app/__init__.py has handler", runtime="python3.13", handler=handler)


@pytest.mark.parametrize("handler", ["handler", "app.", ".handler", "a//b.handler"])
def test_a_python_handler_of_another_form_fails(handler: str) -> None:
    message = f'handler is "{handler}"; it takes the path of a file without its end, a dot and a name'
    expect_files({"app.py": ""}, "fail", message, runtime="python3.13", handler=handler)


def test_a_python_file_that_is_not_there_fails() -> None:
    expect_files({"main.py": ""}, "fail", "src has no app/__init__.py or app.py", **PYTHON)


# Which package


def test_source_file_is_in_the_package_under_its_own_name() -> None:
    files = {"main.tf": archive('source_file = "lib/index.js"') + function(), "lib/index.js": NODE}
    expect("LAMBDA_HANDLER", files, ("pass", FUNCTION, "lib/index.js has handler"))
    other = {"main.tf": archive('source_file = "lib/main.js"') + function(), "lib/main.js": NODE}
    message = "data.archive_file.orders has no index.js or index.mjs or index.cjs or index/index.js"
    expect("LAMBDA_HANDLER", other, ("fail", FUNCTION, message))


def test_a_source_file_that_is_not_there_is_unproven() -> None:
    message = UNDECIDED + "dist/index.js is not in the repository: it is made by something else"
    expect("LAMBDA_HANDLER", archive('source_file = "dist/index.js"') + function(), ("unproven", FUNCTION, message))


def test_source_blocks_are_read() -> None:
    blocks = ["source {", '  filename = "index.js"', '  content = file("lib/a.js")', "}"]
    blocks += ["source {", '  filename = "b.js"', "  content = var.b", "}"]
    files = {"main.tf": archive(*blocks) + function() + 'variable "b" {}\n', "lib/a.js": NODE}
    expect("LAMBDA_HANDLER", files, ("pass", FUNCTION, "index.js has handler"))
    message = "the content of b.js is var.b, and var.b has no value; give it one with --var-file"
    files["main.tf"] = archive(*blocks) + function(handler="b.handler") + 'variable "b" {}\n'
    expect("LAMBDA_HANDLER", files, ("unproven", FUNCTION, UNDECIDED + message))


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (["source {", "  filename = var.x", '  content = ""', "}"], "filename in data.archive_file.orders is var.x"),
        (["source_dir = var.x"], "source_dir of data.archive_file.orders is var.x"),
        (["source_file = var.x"], "source_file of data.archive_file.orders is var.x"),
        (["source_content_filename = var.x"], "source_content_filename of data.archive_file.orders is var.x"),
        (['source_dir = "src"', "excludes = var.x"], "excludes of data.archive_file.orders is var.x"),
        (['source_dir = "src"', "excludes = [var.x]"], "excludes of data.archive_file.orders is [var.x]"),
    ],
)
def test_an_archive_that_apply_decides_is_unproven(lines: list[str], why: str) -> None:
    message = f"{UNDECIDED}{why}, and var.x has no value; give it one with --var-file"
    files = {"main.tf": archive(*lines) + function() + 'variable "x" {}\n', "src/index.js": NODE}
    expect("LAMBDA_HANDLER", files, ("unproven", FUNCTION, message))


def test_undecided_source_blocks_and_no_source_at_all_are_unproven() -> None:
    dynamic = [
        'dynamic "source" {',
        "  for_each = var.x",
        "  content {",
        "    filename = source.key",
        '    content = ""',
    ]
    source = archive(*dynamic, "  }", "}") + function() + 'variable "x" {}\n'
    message = UNDECIDED + "a dynamic block goes over var.x, and var.x has no value; give it one with --var-file"
    expect("LAMBDA_HANDLER", source, ("unproven", FUNCTION, message))
    message = UNDECIDED + "source of data.archive_file.orders is null, which only apply decides"
    expect("LAMBDA_HANDLER", archive("") + function(), ("unproven", FUNCTION, message))


def test_source_content_is_read() -> None:
    lines = ['source_content_filename = "index.js"', 'source_content = "exports.handler = 1"']
    expect("LAMBDA_HANDLER", archive(*lines) + function(), ("pass", FUNCTION, "index.js has handler"))


@pytest.mark.parametrize(
    "pattern",
    ["index.js", "./index.js", "*.js", "**/*.js", "**", "index.?s", "[hi]ndex.js", "[!a]ndex.js", "{index,app}.js"],
)
def test_an_excluded_file_is_not_in_the_package(pattern: str) -> None:
    lines = ['source_dir = "src"', f'excludes = ["README.md", "{pattern}"]']
    message = "src has no index.js or index.mjs or index.cjs or index/index.js"
    files = {"main.tf": archive(*lines) + function(), "src/index.js": NODE}
    expect("LAMBDA_HANDLER", files, ("fail", FUNCTION, message))


@pytest.mark.parametrize("pattern", ["ndex.js", "*.ts", "src/index.js", "*/index.js", "inde?.mjs", "[!i]ndex.js"])
def test_a_pattern_that_does_not_match_excludes_nothing(pattern: str) -> None:
    lines = ['source_dir = "src"', f'excludes = ["{pattern}"]']
    files = {"main.tf": archive(*lines) + function(), "src/index.js": NODE}
    expect("LAMBDA_HANDLER", files, ("pass", FUNCTION, "src/index.js has handler"))


def test_a_directory_that_is_excluded_is_so_with_all_that_is_in_it() -> None:
    lines = ['source_dir = "src"', 'excludes = ["api"]']
    message = "src has no api/v1/app.js or api/v1/app.mjs or api/v1/app.cjs or api/v1/app/index.js"
    files = {"main.tf": archive(*lines) + function(handler="api/v1/app.handler"), "src/api/v1/app.js": NODE}
    expect("LAMBDA_HANDLER", files, ("fail", FUNCTION, message))


def test_a_pattern_that_cannot_be_read_is_unproven() -> None:
    lines = ['source_dir = "src"', 'excludes = ["[z-a]"]']
    message = UNDECIDED + 'the pattern "[z-a]" in excludes of data.archive_file.orders cannot be read'
    files = {"main.tf": archive(*lines) + function(), "src/index.js": NODE}
    expect("LAMBDA_HANDLER", files, ("unproven", FUNCTION, message))


def test_a_directory_that_is_not_there_or_empty_is_made_by_something_else() -> None:
    message = UNDECIDED + "there is no directory src in the repository: it is made by something else"
    expect("LAMBDA_HANDLER", archive() + function(), ("unproven", FUNCTION, message))
    message = UNDECIDED + "src is empty: its files are made by something else"
    files = {"main.tf": archive() + function(), "src/.gitkeep": ""}
    expect("LAMBDA_HANDLER", files, ("unproven", FUNCTION, message))


@pytest.mark.parametrize("end", [".ts", ".mts", ".cts", ".tsx"])
def test_typescript_has_to_be_compiled_and_is_unproven(end: str) -> None:
    message = f"{UNDECIDED}src/index{end} has to be compiled first"
    expect_files({f"index{end}": "export const handler = f;"}, "unproven", message)


def test_something_that_builds_leaves_a_missing_file_unproven_and_a_file_that_is_there_judged() -> None:
    build = 'resource "terraform_data" "build" {}\n'
    files = {"main.tf": archive() + function(mark="") + build, "src/app.js": NODE}
    (result,) = _judged(files)
    message = UNDECIDED + "src has no index, and terraform_data.build may make it"
    assert (result.verdict, result.message) == (Verdict.UNPROVEN, message)
    (result,) = _judged(files | {"src/index.js": NODE})
    assert (result.verdict, result.message) == (Verdict.PASS, "src/index.js has handler")


def test_layers_may_have_a_missing_file() -> None:
    lines = [
        "filename = data.archive_file.orders.output_path",
        'layers = ["arn:aws:lambda:eu-west-1:123456789012:layer:l:1"]',
    ]
    files = {"main.tf": archive() + function(*lines), "src/app.js": NODE}
    message = UNDECIDED + "index is not in src, and a layer may have it"
    expect("LAMBDA_HANDLER", files, ("unproven", FUNCTION, message))
    files["main.tf"] = archive() + function(lines[0], "layers = []")
    message = "src has no index.js or index.mjs or index.cjs or index/index.js"
    expect("LAMBDA_HANDLER", files, ("fail", FUNCTION, message))


@pytest.mark.parametrize(
    ("handler", "runtime", "module"),
    [
        ("/opt/nodejs/node_modules/x/handler.handler", "nodejs22.x", "/opt/nodejs/node_modules/x/handler"),
        ("/opt/python/x.handler", "python3.13", "/opt/python/x"),
    ],
)
def test_a_handler_in_a_layer_is_unproven(handler: str, runtime: str, module: str) -> None:
    message = f"{UNDECIDED}{module} is outside the package, in a layer"
    expect_files({"index.js": NODE}, "unproven", message, handler=handler, runtime=runtime)


@pytest.mark.parametrize("path", ["data.archive_file.orders.output_path", '"orders.zip"', '"./orders.zip"'])
def test_the_archive_is_found_by_reference_and_by_path(path: str) -> None:
    files = {"main.tf": archive() + function(f"filename = {path}"), "src/index.js": NODE, "orders.zip": "stale"}
    expect("LAMBDA_HANDLER", files, ("pass", FUNCTION, "src/index.js has handler"))


def test_paths_are_those_of_the_module_that_names_them() -> None:
    module = archive('source_dir = "${path.module}/src"') + function(mark="")
    module = module.replace('"orders.zip"', '"${path.module}/orders.zip"')
    files = {
        "main.tf": 'module "orders" {\n  source = "./modules/orders"\n}\n',
        "modules/orders/main.tf": module.replace('"index.handler"', '«"index.handler"»'),
        "modules/orders/src/index.js": NODE,
    }
    expect("LAMBDA_HANDLER", files, ("pass", f"module.orders.{FUNCTION}", "modules/orders/src/index.js has handler"))


OBJECT = (
    'resource "aws_s3_object" "orders" {\n  bucket = "code"\n  key    = "orders.zip"\n'
    "  source = data.archive_file.orders.output_path\n}\n"
)


@pytest.mark.parametrize(
    "lines",
    [
        ["s3_bucket = aws_s3_object.orders.bucket", "s3_key = aws_s3_object.orders.key"],
        ['s3_bucket = "code"', 's3_key = "orders.zip"'],
    ],
)
def test_the_file_behind_an_s3_object_of_the_stack_is_read(lines: list[str]) -> None:
    files = {"main.tf": archive() + OBJECT + function(*lines), "src/index.js": NODE}
    expect("LAMBDA_HANDLER", files, ("pass", FUNCTION, "src/index.js has handler"))


def test_an_object_of_another_bucket_or_of_no_stack_is_unproven() -> None:
    source = archive() + OBJECT + function('s3_bucket = "other"', 's3_key = "orders.zip"')
    message = UNDECIDED + 'the object "orders.zip" is not uploaded by this stack'
    expect("LAMBDA_HANDLER", source, ("unproven", FUNCTION, message))


def test_an_object_without_a_file_is_unproven() -> None:
    item = OBJECT.replace("source = data.archive_file.orders.output_path", 'content = "x"')
    source = item + function('s3_bucket = "code"', "s3_key = aws_s3_object.orders.key")
    message = UNDECIDED + "aws_s3_object.orders is not made from a file"
    expect("LAMBDA_HANDLER", source, ("unproven", FUNCTION, message))


def test_a_function_without_a_package_is_unproven() -> None:
    message = UNDECIDED + "the function names no package: neither filename nor s3_key nor an image"
    expect("LAMBDA_HANDLER", function("memory_size = 128"), ("unproven", FUNCTION, message))


def test_a_path_that_apply_decides_is_unproven() -> None:
    message = "filename is var.x, and var.x has no value; give it one with --var-file"
    source = function("filename = var.x") + 'variable "x" {}\n'
    expect("LAMBDA_HANDLER", source, ("unproven", FUNCTION, UNDECIDED + message))


# Zip files in the repository


def zipped(files: dict[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return buffer.getvalue()


def expect_zip(tmp_path: Path, content: bytes, verdict: Verdict, message: str) -> None:
    (tmp_path / "orders.zip").write_bytes(content)
    stack = loaded(tmp_path, {"main.tf": function('filename = "orders.zip"', mark="")})
    result = check(stack, stack.by_address[FUNCTION])
    assert (result.verdict, result.message) == (verdict, message)


def test_a_zip_file_in_the_repository_is_read(tmp_path: Path) -> None:
    expect_zip(tmp_path, zipped({"index.js": NODE}), Verdict.PASS, "index.js in orders.zip has handler")
    message = "index.js in orders.zip does not export handler"
    expect_zip(tmp_path, zipped({"index.js": "exports.main = f"}), Verdict.FAIL, message)
    message = "orders.zip has no index.js or index.mjs or index.cjs or index/index.js"
    expect_zip(tmp_path, zipped({"src/index.js": NODE}), Verdict.FAIL, message)


def test_what_is_no_zip_file_or_a_broken_one_is_unproven(tmp_path: Path) -> None:
    message = UNDECIDED + "orders.zip is no zip file that can be read (File is not a zip file)"
    expect_zip(tmp_path, b"PK", Verdict.UNPROVEN, message)
    content = zipped({"index.js": NODE * 100})
    start = content.index(b"index.js") + len("index.js")
    broken = content[:start] + bytes([content[start] ^ 255]) + content[start + 1 :]
    (tmp_path / "orders.zip").write_bytes(broken)
    stack = loaded(tmp_path, {"main.tf": function('filename = "orders.zip"', mark="")})
    result = check(stack, stack.by_address[FUNCTION])
    assert result.verdict is Verdict.UNPROVEN
    assert result.message.startswith(UNDECIDED + "orders.zip is no zip file that can be read (")


def test_a_zip_bomb_is_unpacked_to_a_bound_only(tmp_path: Path) -> None:
    message = UNDECIDED + "index.js in orders.zip is larger than 5,000,000 bytes"
    expect_zip(tmp_path, zipped({"index.js": b" " * 50_000_000}), Verdict.UNPROVEN, message)


def test_a_zip_file_that_is_not_there_or_too_large_is_unproven(tmp_path: Path) -> None:
    stack = loaded(tmp_path, {"main.tf": function('filename = "orders.zip"', mark="")})
    result = check(stack, stack.by_address[FUNCTION])
    reason = "orders.zip is neither made by an archive_file of this stack nor in the repository"
    assert (result.verdict, result.message) == (Verdict.UNPROVEN, UNDECIDED + reason)
    message = UNDECIDED + "orders.zip cannot be read (it is larger than 5,000,000 bytes)"
    expect_zip(tmp_path, b" " * 5_000_001, Verdict.UNPROVEN, message)


# What may be read


def _judged(files: dict[str, str]) -> list:
    import tempfile

    with tempfile.TemporaryDirectory() as directory:
        stack = loaded(Path(directory).resolve(), files)
        return [check(stack, stack.by_address[FUNCTION])]


def test_nothing_is_read_out_of_the_repository(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "index.js").write_text(NODE)
    root = tmp_path / "root"
    for lines, what in (
        (['source_dir = "../outside"'], "../outside"),
        (['source_file = "../outside/index.js"'], "../outside/index.js"),
    ):
        stack = loaded(root, {"main.tf": archive(*lines) + function(mark="")})
        result = check(stack, stack.by_address[FUNCTION])
        reason = f"{what} cannot be read (it is outside {root}; --allow-outside permits that)"
        assert (result.verdict, result.message) == (Verdict.UNPROVEN, UNDECIDED + reason)


def test_a_link_out_of_the_repository_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.js").write_text(NODE)
    root = tmp_path / "root"
    stack = loaded(root, {"main.tf": archive() + function(mark=""), "src/a.js": ""})
    (root / "src" / "index.js").symlink_to(tmp_path / "secret.js")
    result = check(stack, stack.by_address[FUNCTION])
    reason = f"src/index.js cannot be read (it is outside {root}; --allow-outside permits that)"
    assert (result.verdict, result.message) == (Verdict.UNPROVEN, UNDECIDED + reason)


@pytest.mark.parametrize("source", [archive() + function(mark=""), function('filename = "orders.zip"', mark="")])
def test_a_stack_without_files_is_unproven(source: str, tmp_path: Path) -> None:
    stack = loaded(tmp_path, {"main.tf": source})
    without = Stack(stack.root, stack.resources)
    result = check(without, without.by_address[FUNCTION])
    reason = UNDECIDED + "the files of the repository are not at hand"
    assert (result.verdict, result.message) == (Verdict.UNPROVEN, reason)


# Which functions


def test_a_container_image_is_not_applicable() -> None:
    source = function('package_type = «"Image"»', mark="")
    expect("LAMBDA_HANDLER", source, ("not_applicable", FUNCTION, "a container image names its own command"))


@pytest.mark.parametrize("runtime", ["java21", "provided.al2023", "ruby3.4", "dotnet10"])
def test_other_runtimes_are_unproven(runtime: str) -> None:
    message = f"{UNDECIDED}a handler of {runtime} is not looked into"
    expect_files({"index.js": NODE}, "unproven", message, runtime=runtime, mark="runtime")


def test_no_runtime_is_unproven_and_no_handler_fails() -> None:
    source = archive() + function(mark="")
    header = 'resource "aws_lambda_function" "orders"'
    marked = source.replace(header, f"«{header}»")
    without = marked.replace('  runtime = "nodejs22.x"\n', "")
    expect("LAMBDA_HANDLER", without, ("unproven", FUNCTION, UNDECIDED + "runtime is not set"))
    without = marked.replace('  handler = "index.handler"\n', "")
    expect("LAMBDA_HANDLER", without, ("fail", FUNCTION, "handler is not set, and Lambda needs it for a zip package"))


@pytest.mark.parametrize("name", ["package_type", "runtime", "handler"])
def test_what_only_apply_decides_is_unproven(name: str) -> None:
    source = archive() + function("filename = data.archive_file.orders.output_path", 'package_type = "Zip"', mark="")
    old = {"package_type": '"Zip"', "runtime": '"nodejs22.x"', "handler": '"index.handler"'}[name]
    source = source.replace(old, "«var.x»") + 'variable "x" {}\n'
    message = f"the handler is undecided: {name} is var.x, and var.x has no value; give it one with --var-file"
    expect("LAMBDA_HANDLER", source, ("unproven", FUNCTION, message))


def test_a_stack_without_functions_says_so() -> None:
    expect("LAMBDA_HANDLER", archive(), ("not_applicable", None, "the stack has no aws_lambda_function"))
