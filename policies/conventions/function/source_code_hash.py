"""SOURCE_CODE_HASH"""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

from ...changes import Change, NotSafe, reference, set_attribute
from ...convention import (
    Convention,
    Example,
    NotShown,
    Result,
    Surface,
    failed,
    not_applicable,
    passed,
    undecided,
    unproven,
)
from ...stack import Resource, Stack
from ...values import Call, Known, Reference, Value, describe, is_null, same, walk

_AT = "source_code_hash"
_OBJECTS = ("aws_s3_object", "aws_s3_bucket_object")
# What changes with the bytes of a file: functions of its path, and attributes of an archive_file.
_FUNCTIONS = {"filemd5", "filesha1", "filesha256", "filesha512", "filebase64sha256", "filebase64sha512"}
_ATTRIBUTES = {
    *("output_md5", "output_sha", "output_sha256", "output_sha512"),
    *("output_base64sha256", "output_base64sha512"),
}
# The two of them that are what Lambda compares with.
_EXACT = {"filebase64sha256", "output_base64sha256"}
_IGNORED = ("all", "filename", "s3_key", "s3_object_version", _AT)


def check(stack: Stack, function: Resource) -> Result:
    package_type = stack.resolve(function.get("package_type"))
    if package_type == Known("Image"):
        return not_applicable(function, "a container image is deployed by its own digest", at="package_type")
    if not isinstance(package_type, Known):
        missing = undecided("package_type", package_type)
        return unproven(function, "the package's type is undecided", missing, at="package_type")
    for name in _IGNORED:
        if name in function.ignored_changes:
            message = f"lifecycle ignores changes of {name}, so that new code is never deployed"
            return failed(function, message, at="lifecycle.ignore_changes")
    if not is_null(function.get("filename")):
        return _judge_hash(stack, function, function.get("filename"))
    if is_null(function.get("s3_key")):
        return unproven(function, "the function names no package: neither filename nor s3_key nor an image")
    return _judge_s3(stack, function)


def _judge_s3(stack: Stack, function: Resource) -> Result:
    uploaded = _uploaded(stack, function)
    version = function.get("s3_object_version")
    holder = stack.by_address.get(version.address) if isinstance(version, Reference) else None
    if holder is not None and holder.type in _OBJECTS and isinstance(version, Reference):
        return _judge_version(stack, function, version, holder)
    key = stack.resolve(uploaded.get("key") if uploaded else function.get("s3_key"))
    hashed = next((path for part in walk(key) if (path := _hashed_file(stack, part)) is not None), None)
    follows = hashed is not None and (uploaded is None or _same_file(stack, hashed, uploaded.get("source")))
    if follows:
        return passed(function, "s3_key changes with the package's content", at="s3_key")
    if is_null(function.get(_AT)):
        wrong_file = hashed is not None and follows is False
        return _judge_without_hash(stack, function, key, wrong_file=wrong_file)
    if uploaded is None:
        message = "the object behind s3_key is not declared in this stack, so nothing ties the hash to it"
        return unproven(function, message, at=_AT)
    if is_null(uploaded.get("source")):
        return unproven(function, f"{uploaded.address} has no source that the hash could be of", at=_AT)
    return _judge_hash(stack, function, uploaded.get("source"))


def _judge_without_hash(stack: Stack, function: Resource, key: Value, *, wrong_file: bool) -> Result:
    """`wrong_file`: the key has a hash in it, and that is of another file than the package."""
    version = stack.resolve(function.get("s3_object_version"))
    for attribute, value in (("s3_key", key), ("s3_object_version", version)):
        if not isinstance(value, Known) and not wrong_file:
            message = f"source_code_hash is not set, and whether {attribute} changes with the code is undecided"
            return unproven(function, message, undecided(attribute, value), at=attribute)
    message = "source_code_hash is not set: new code under the same s3_key is never deployed"
    return failed(function, message, at=_AT)


def _judge_version(stack: Stack, function: Resource, version: Reference, holder: Resource) -> Result:
    at = "s3_object_version"
    if version.attribute != "version_id":
        return failed(function, f"{version} is not the object's version: that is version_id", at=at)
    equal = _is_object(stack, function, holder)
    if equal:
        return passed(function, f"{version} changes when the object does", at=at)
    if equal is False:
        return failed(function, f"{version} is the version of another object than s3_key names", at=at)
    missing = undecided("s3_key", function.get("s3_key"))
    return unproven(function, f"whether {holder.address} is what is deployed is undecided", missing, at=at)


def _is_object(stack: Stack, function: Resource, item: Resource) -> bool | None:
    """Whether an S3 object is the one that the function's package is."""
    key = function.get("s3_key")
    if isinstance(key, Reference) and key.address == item.address:
        return True
    buckets = same(stack.resolve(item.get("bucket")), stack.resolve(function.get("s3_bucket")))
    keys = same(stack.resolve(item.get("key")), stack.resolve(key))
    return False if False in (buckets, keys) else keys


def _uploaded(stack: Stack, function: Resource) -> Resource | None:
    return next((item for item in stack.of_type(*_OBJECTS) if _is_object(stack, function, item)), None)


def _hashed_file(stack: Stack, value: Value) -> Value | None:
    """The path of the file that a value is a hash of; None where it is none of a file."""
    if isinstance(value, Call) and value.function in _FUNCTIONS:
        return value.arguments[0]
    if isinstance(value, Reference) and value.attribute in _ATTRIBUTES:
        archive = stack.by_address.get(value.address)
        if archive is not None and archive.type == "archive_file":
            return archive.get("output_path")
    return None


def _same_file(stack: Stack, left: Value, right: Value) -> bool | None:
    if is_null(right):
        return None  # an S3 object whose content is given in another way
    return same(_path(stack.resolve(left)), _path(stack.resolve(right)))


def _path(value: Value) -> Value:
    """`./a.zip` and `a.zip` are one file."""
    return Known(posixpath.normpath(str(value.value))) if isinstance(value, Known) else value


def _judge_hash(stack: Stack, function: Resource, package: Value) -> Result:
    """Whether source_code_hash is the base64 SHA-256 of the package's bytes."""
    value = _of_present(stack, stack.resolve(function.get(_AT)), package)
    if is_null(value):
        return failed(function, "source_code_hash is not set: changed code is packaged and never deployed", at=_AT)
    hashed = _hashed_file(stack, value)
    if hashed is not None and isinstance(value, Reference | Call):
        return _judge_hash_of(stack, function, value, hashed, package)
    if isinstance(value, Call) and value.function in ("base64sha256", "base64sha512"):
        message = f"{value.function} hashes the text that it is given, not the package; filebase64sha256 hashes a file"
        return failed(function, message, at=_AT)
    if isinstance(value, Reference) and value.attribute in ("etag", "version_id"):
        return failed(function, f"{value} is not the base64 SHA-256 that Lambda compares with", at=_AT)
    if isinstance(value, Known):
        return failed(function, f"{describe(value)} is a fixed text, which does not change with the code", at=_AT)
    return unproven(function, "what the hash is of is undecided", undecided(_AT, value), at=_AT)


def _of_present(stack: Stack, value: Value, package: Value) -> Value:
    """`fileexists(P) ? hash : null` is the hash where P is the package: nothing could be deployed without it."""
    if isinstance(value, Call) and value.function == "conditional":
        condition, hashed, _ = value.arguments
        if isinstance(condition, Call) and condition.function == "fileexists":
            return hashed if _same_file(stack, condition.arguments[0], package) else value
    return value


def _judge_hash_of(stack: Stack, function: Resource, value: Reference | Call, hashed: Value, package: Value) -> Result:
    kind, what = (
        (value.attribute, value.address) if isinstance(value, Reference) else (value.function, describe(hashed))
    )
    if kind not in _EXACT:
        exact = "output_base64sha256" if isinstance(value, Reference) else "filebase64sha256"
        return failed(function, f"{kind} is not the base64 SHA-256 that Lambda compares with: {exact} is", at=_AT)
    equal = _same_file(stack, hashed, package)
    if equal:
        return passed(function, f"the hash is of {what}, which is deployed", at=_AT)
    if equal is False:
        return failed(function, f"the hash is of {what}, and {describe(package)} is deployed", at=_AT)
    missing = undecided("the package", package)
    return unproven(function, f"whether {what} is what is deployed is undecided", missing, at=_AT)


def repair(stack: Stack, result: Result) -> Sequence[Change]:
    function = result.judged
    assert function is not None
    path = function.get("filename")
    if is_null(path) or any(name in function.ignored_changes for name in _IGNORED):
        raise NotSafe("the package is not a file of this repository, or its changes are ignored on purpose")
    made = next((item for item in stack.resources if _is_archive_at(stack, item, path)), None)
    if made is None:
        return [set_attribute(function, _AT, "filebase64sha256({filename})", over_references=True)]
    expression = reference(made, "output_base64sha256", seen_from=function)
    return [set_attribute(function, _AT, expression, over_references=True)]


def _is_archive_at(stack: Stack, item: Resource, path: Value) -> bool:
    """Whether an archive_file makes the file of that path."""
    return item.type == "archive_file" and _same_file(stack, item.get("output_path"), path) is True


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
    why="Terraform compares attributes, not bytes. Without the package's hash, an apply after a change of code "
    "succeeds and leaves the old code in place.",
    fix="Set source_code_hash to the archive's output_base64sha256, or to filebase64sha256 of the path in filename.",
    explains=(
        "Every function with a zip package sets source_code_hash to the base64 SHA-256 of the bytes that it deploys: "
        "output_base64sha256 of the archive_file whose output_path is filename, filebase64sha256 of the same path, or "
        "either for the file behind the S3 object.",
        "base64sha256(path) hashes the path's own text, and fails. So do filemd5, an etag and another archive's hash.",
        "Without it, an s3_key with the content's hash in it passes, and s3_object_version from the uploaded object.",
        "ignore_changes on source_code_hash, or on what names the package, fails.",
    ),
    subject="aws_lambda_function",
    resource_types=("aws_lambda_function",),
    check=check,
    repair=repair,
    good=Example(GOOD),
    bad=Example(
        GOOD.replace("data.archive_file.orders.output_base64sha256", 'base64sha256("orders.zip")'),
        fails_at=(("aws_lambda_function.orders", 17),),
    ),
    sources=(
        "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/lambda_function#source_code_hash",
        "https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionCode.html",
    ),
    exemptions=("Container images, which are deployed by their digest.",),
    not_shown=(
        NotShown(Surface.PLAN_ALONE, "what it is made from does not show in a plan without its source"),
        NotShown(Surface.LIVE, "AWS tells the hash of the deployed package, not what Terraform made it from"),
    ),
)
