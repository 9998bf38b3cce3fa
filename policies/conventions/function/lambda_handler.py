"""LAMBDA_HANDLER"""

from __future__ import annotations

import posixpath
import re

from ...convention import (
    Convention,
    Example,
    NotShown,
    OtherRule,
    Result,
    Surface,
    failed,
    not_applicable,
    passed,
    undecided,
    unproven,
)
from ...exported_names import node_export, python_definition
from ...packages import Package, package_of
from ...stack import Resource, Stack
from ...values import NULL, Known, ListValue, ObjectValue, Unknown, Value, is_null, text_of

_AT = "handler"
_UNDECIDED = "whether the package has the handler is undecided"
_LANGUAGE = re.compile(r"(nodejs|python)(\d+)")


def check(stack: Stack, function: Resource) -> Result:
    package_type = stack.resolve(function.get("package_type"))
    if package_type == Known("Image"):
        return not_applicable(function, "a container image names its own command", at="package_type")
    runtime, handler = stack.resolve(function.get("runtime")), stack.resolve(function.get(_AT))
    for name, value in (("package_type", package_type), ("runtime", runtime), (_AT, handler)):
        if not isinstance(value, Known):
            return unproven(function, "the handler is undecided", undecided(name, value), at=name)
    if is_null(handler):
        return failed(function, "handler is not set, and Lambda needs it for a zip package", at=_AT)
    found = _LANGUAGE.match(_text(runtime))
    if found is None:
        why = f"a handler of {_text(runtime)} is not looked into" if _text(runtime) else "runtime is not set"
        return unproven(function, f"{_UNDECIDED}: {why}", at="runtime")
    return _judge(stack, function, _text(handler), found[1], int(found[2]))


def handler_of(stack: Stack, function: Resource) -> str | None:
    """The handler's file and name, `../lambda/hello/index.js#handler`, the path from the root module's directory.

    None where the check does not find the file.
    """
    handler = _text(stack.resolve(function.get(_AT)))
    found = _LANGUAGE.match(_text(stack.resolve(function.get("runtime"))))
    package = package_of(stack, function)
    if found is None or isinstance(package, Unknown):
        return None
    is_node = found[1] == "nodejs"
    split = _node_parts(handler) if is_node else _python_parts(handler)
    if split is None:
        return None
    files = _node_files(split[0]) if is_node else _python_files(split[0])
    path = next((path for path in files if package.read(path) is not None), None)
    return None if path is None else f"{package.file(path)}#{split[1]}"


def _judge(stack: Stack, function: Resource, handler: str, language: str, version: int) -> Result:
    split = _node_parts(handler) if language == "nodejs" else _python_parts(handler)
    if split is None:
        message = f'handler is "{handler}"; it takes the path of a file without its end, a dot and a name'
        return failed(function, message, at=_AT)
    module, name = split
    if module.startswith("/"):
        missing = Unknown(f"{module} is outside the package, in a layer")
        return unproven(function, _UNDECIDED, missing, at=_AT)
    package = package_of(stack, function)
    if isinstance(package, Unknown):
        return unproven(function, _UNDECIDED, package, at=_AT)
    search = _node_files(module) if language == "nodejs" else _python_files(module)
    file = next(((path, content) for path in search if (content := package.read(path)) is not None), None)
    if file is None:
        return _not_there(stack, function, package, module, search)
    path, content = file
    if isinstance(content, Unknown):
        return unproven(function, _UNDECIDED, content, at=_AT)
    if language == "python":
        problem = python_definition(content, name)
    else:
        options = _node_options(stack, function)
        problem = node_export(package.read, path, content, name, detects_modules=version >= 24, options=options)
    where = package.place(path)
    if isinstance(problem, str):
        return failed(function, f"{where} {problem}", at=_AT)
    if isinstance(problem, Unknown):
        return unproven(function, f"whether {where} has {name} is undecided", problem, at=_AT)
    return passed(function, f"{where} has {name}", at=_AT)


def _text(value: Value) -> str:
    return (text_of(value.value) or "") if isinstance(value, Known) else ""


def _node_parts(handler: str) -> tuple[str, str] | None:
    """`src/app.handler` is the name `handler` of `src/app`; a name may go on: `app.routes.get`."""
    directory, file = posixpath.split(handler)
    module, _, name = file.partition(".")
    if not (module and name) or ".." in handler.split("/"):
        return None
    return posixpath.normpath(posixpath.join(directory, module)), name


def _python_parts(handler: str) -> tuple[str, str] | None:
    """`src/app.handler` and `src.app.handler` are both the name `handler` of `src/app`."""
    module, _, name = handler.rpartition(".")
    parts = module.lstrip("/").replace("/", ".").split(".")
    if not name or not all(parts):
        return None
    return ("/" if module.startswith("/") else "") + "/".join(parts), name


def _node_files(module: str) -> list[str]:
    """Where the runtime looks, in this order."""
    return [module + end for end in ("", ".js", ".mjs", ".cjs", "/index.js")]


def _python_files(module: str) -> list[str]:
    return [f"{module}/__init__.py", f"{module}.py"]


def _not_there(stack: Stack, function: Resource, package: Package, module: str, search: list[str]) -> Result:
    for end in (".ts", ".mts", ".cts", ".tsx"):
        if package.read(module + end) is not None:
            missing = Unknown(f"{package.place(module + end)} has to be compiled first")
            return unproven(function, _UNDECIDED, missing, at=_AT)
    if package.builder is not None:
        missing = Unknown(f"{package.origin} has no {module}, and {package.builder} may make it")
        return unproven(function, _UNDECIDED, missing, at=_AT)
    layers = stack.resolve(function.get("layers"))
    if not is_null(layers) and layers != ListValue(()):
        missing = Unknown(f"{module} is not in {package.origin}, and a layer may have it")
        return unproven(function, _UNDECIDED, missing, at=_AT)
    looked = " or ".join(path for path in search if path != module)
    return failed(function, f"{package.origin} has no {looked}", at=_AT)


def _node_options(stack: Stack, function: Resource) -> Unknown | None:
    """Why Node.js may be started with options of the stack's own; None where it is not."""
    blocks = stack.resolve(function.get("environment"))
    for block in blocks.items if isinstance(blocks, ListValue) else (blocks,):
        variables = block.fields.get("variables", NULL) if isinstance(block, ObjectValue) else block
        if isinstance(variables, ObjectValue):
            if "NODE_OPTIONS" in variables.fields:
                return Unknown("the environment sets NODE_OPTIONS", function.position("environment"))
        elif not is_null(variables):
            return undecided("environment", variables)
    return None


GOOD = """\
data "archive_file" "orders" {
  type        = "zip"
  output_path = "orders.zip"

  source {
    filename = "index.js"
    content  = "exports.handler = async () => ({ statusCode: 200 });"
  }
}

resource "aws_lambda_function" "orders" {
  function_name    = "orders"
  role             = "arn:aws:iam::123456789012:role/orders"
  runtime          = "nodejs24.x"
  handler          = "index.handler"
  filename         = data.archive_file.orders.output_path
  source_code_hash = data.archive_file.orders.output_base64sha256
}
"""

CONVENTION = Convention(
    id="LAMBDA_HANDLER",
    title="The package has the handler",
    why="Lambda takes any handler, and looks for it at the first call: a file that was renamed, or left out of the "
    "package, deploys without a word and answers 500 to everything.",
    fix="Set handler to the path of a file in the package without its end, a dot, and a name that the file exports.",
    explains=(
        "The file that handler names is in the package that is deployed, and exports the name.",
        "Node.js: exports.x, module.exports.x, module.exports = { x }, export const x, export function x, export { "
        "x }, "
        "in a file .js, .mjs or .cjs that Node.js takes for that kind of module.",
        "Python: a def, a class, an assignment or an import at the top level.",
        "Comments and texts do not count, and nothing is executed.",
        "Packages are read that archive_file makes from a directory, a file or contents of the repository, and zip "
        "files in it. Other packages, handlers in layers and other runtimes are unproven.",
    ),
    subject="aws_lambda_function",
    resource_types=("aws_lambda_function",),
    check=check,
    good=Example(GOOD),
    bad=Example(GOOD.replace("exports.handler", "exports.main"), fails_at=(("aws_lambda_function.orders", 15),)),
    sources=(
        "https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html",
        "https://docs.aws.amazon.com/lambda/latest/dg/python-handler.html",
    ),
    exemptions=("Container images, which name their own command.",),
    not_shown=(
        NotShown(Surface.PLAN_ALONE, "the files of the repository are not at hand"),
        NotShown(Surface.LIVE, "AWS tells the hash of the deployed package, not what Terraform made it from"),
    ),
    elsewhere=(
        OtherRule(
            "tflint-ruleset-aws",
            "aws_lambda_function_invalid_handler",
            "Looks at the form of the text only, not at the package.",
        ),
    ),
)
