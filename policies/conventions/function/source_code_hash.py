"""SOURCE_CODE_HASH"""

from __future__ import annotations

from collections.abc import Iterator

from ...convention import Convention, Example, Result, failed, not_applicable, passed, undecided, unproven
from ...stack import Resource, Stack
from ...values import Call, Known, Reference, Value, describe, is_null, same, walk

_ARCHIVE_HASHES = {"output_base64sha256"}
_CONTENT_ATTRIBUTES = {"output_md5", "output_sha", "output_sha256", "output_sha512", "output_base64sha256"}
_CONTENT_FUNCTIONS = {"filemd5", "filesha1", "filesha256", "filesha512", "filebase64sha256", "filebase64sha512"}
_OBJECTS = ("aws_s3_object", "aws_s3_bucket_object")
_AT = "source_code_hash"


def check(stack: Stack) -> Iterator[Result]:
    for function in stack.of_type("aws_lambda_function"):
        yield _judge(stack, function)


def _judge(stack: Stack, function: Resource) -> Result:
    package_type = stack.resolve(function.get("package_type"))
    if package_type == Known("Image"):
        return not_applicable(function, "a container image is deployed by its own digest", at="package_type")
    if not isinstance(package_type, Known):
        return unproven(function, "the package's type is undecided", undecided("package_type", package_type), at="package_type")
    for name in ("all", "filename", _AT):
        if name in function.ignored_changes:
            return failed(function, f"lifecycle ignores changes of {name}, so that new code is never deployed", at=_AT)
    package = function.get("filename")
    if not is_null(package):
        return _judge_hash(stack, function, package)
    if is_null(function.get("s3_key")):
        return unproven(function, "the function names no package: neither filename nor s3_key nor image_uri is set")
    return _judge_s3(stack, function)


def _judge_s3(stack: Stack, function: Resource) -> Result:
    version = function.get("s3_object_version")
    if isinstance(version, Reference) and version.attribute == "version_id":
        return passed(function, f"{version} changes when the object does", at="s3_object_version")
    key = stack.resolve(function.get("s3_key"))
    if any(_follows_content(part) for part in walk(key)):
        return passed(function, "s3_key changes with the package's content", at="s3_key")
    uploaded = _uploaded_object(stack, function)
    if is_null(function.get(_AT)):
        return failed(function, "source_code_hash is not set: new code under the same s3_key is never deployed")
    if uploaded is None:
        message = "the object behind s3_key is not declared in this stack, so nothing ties the hash to it"
        return unproven(function, message, at=_AT)
    return _judge_hash(stack, function, uploaded.get("source"))


def _follows_content(part: Value) -> bool:
    if isinstance(part, Reference):
        return part.address.startswith(("data.archive_file.", "archive_file.")) and part.attribute in _CONTENT_ATTRIBUTES
    return isinstance(part, Call) and part.function in _CONTENT_FUNCTIONS


def _uploaded_object(stack: Stack, function: Resource) -> Resource | None:
    key = function.get("s3_key")
    if isinstance(key, Reference) and (target := stack.by_address.get(key.address)) and target.type in _OBJECTS:
        return target
    matches = (item for item in stack.of_type(*_OBJECTS) if same(stack.resolve(item.get("key")), stack.resolve(key)))
    return next(matches, None)


def _judge_hash(stack: Stack, function: Resource, package: Value) -> Result:
    """Whether source_code_hash is the base64 SHA-256 of the package's bytes."""
    value = function.get(_AT)
    if is_null(value):
        return failed(function, "source_code_hash is not set: changed code is packaged and never deployed")
    if isinstance(value, Reference) and _is_archive(stack, value):
        return _judge_archive(stack, function, value, package)
    if isinstance(value, Call) and value.function == "filebase64sha256" and len(value.arguments) == 1:
        path = value.arguments[0]
        if path == package or same(stack.resolve(path), stack.resolve(package)):
            return passed(function, f"the hash is of {describe(package)}", at=_AT)
        if same(stack.resolve(path), stack.resolve(package)) is False:
            message = f"the hash is of {describe(path)}, and {describe(package)} is deployed"
            return failed(function, message, at=_AT)
        missing = undecided("its path", path)
        return unproven(function, f"whether the hash is of {describe(package)} is undecided", missing, at=_AT)
    if isinstance(value, Call) and value.function == "base64sha256":
        message = "base64sha256 hashes the text it is given, here not the package; filebase64sha256 hashes the file"
        return failed(function, message, at=_AT)
    if isinstance(value, Call) and value.function in _CONTENT_FUNCTIONS:
        return failed(function, f"{value.function} is not the base64 SHA-256 that Lambda compares with", at=_AT)
    if isinstance(value, Reference) and value.attribute in ("etag", "version_id"):
        return failed(function, f"{value} is not the base64 SHA-256 that Lambda compares with", at=_AT)
    if isinstance(value, Known):
        return failed(function, f"{describe(value)} is a fixed text, which does not change with the code", at=_AT)
    return unproven(function, "what the hash is of is undecided", undecided(_AT, value), at=_AT)


def _is_archive(stack: Stack, reference: Reference) -> bool:
    resource = stack.by_address.get(reference.address)
    return resource is not None and resource.type == "archive_file"


def _judge_archive(stack: Stack, function: Resource, value: Reference, package: Value) -> Result:
    if value.attribute not in _ARCHIVE_HASHES:
        message = f"{value} is not the base64 SHA-256 that Lambda compares with: that is output_base64sha256"
        return failed(function, message, at=_AT)
    output_path = stack.by_address[value.address].get("output_path")
    if package == Reference(value.address, "output_path"):
        return passed(function, f"the hash is of {value.address}, which is deployed", at=_AT)
    equal = same(stack.resolve(output_path), stack.resolve(package))
    if equal:
        return passed(function, f"the hash is of {value.address}, which is deployed", at=_AT)
    if equal is False:
        message = f"the hash is of {value.address}, and {describe(package)} is deployed"
        return failed(function, message, at=_AT)
    return unproven(function, f"whether {value.address} is what is deployed is undecided", undecided("filename", package), at=_AT)


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
  runtime          = "nodejs22.x"
  handler          = "index.handler"
  filename         = data.archive_file.orders.output_path
  source_code_hash = data.archive_file.orders.output_base64sha256
}
"""

CONVENTION = Convention(
    id="SOURCE_CODE_HASH",
    title="New code is deployed",
    why="Terraform compares attributes, not bytes: without the package's hash an apply after a change of code succeeds, "
    "and the old code goes on answering.",
    fix="Set source_code_hash to the archive's output_base64sha256, or to filebase64sha256() of the same path as filename.",
    explains=(
        "Every function with a zip package sets source_code_hash to the base64 SHA-256 of the bytes that it deploys: "
        "output_base64sha256 of the archive_file whose output_path is filename, filebase64sha256 of the same path, or "
        "either for the file behind the S3 object.",
        "base64sha256(path) hashes the path's own text, and fails; so do filemd5, an etag and another archive's hash.",
        "An s3_key that contains the content's hash, or s3_object_version from the uploaded object, passes.",
        "ignore_changes on source_code_hash or filename fails.",
        "Not applicable to container images.",
    ),
    check=check,
    subject="aws_lambda_function",
    resource_types=("aws_lambda_function",),
    good=Example(GOOD),
    bad=Example(
        GOOD.replace("data.archive_file.orders.output_base64sha256", 'base64sha256("orders.zip")'),
        fails_at=(("aws_lambda_function.orders", 17),),
    ),
    sources=(
        "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/lambda_function#source_code_hash",
        "https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionCode.html",
    ),
)
