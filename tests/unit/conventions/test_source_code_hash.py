"""SOURCE_CODE_HASH, clause by clause."""

from __future__ import annotations

import pytest

from tests.unit.conventions.judging import expect

FUNCTION = "aws_lambda_function.orders"
UNSET = "source_code_hash is not set: changed code is packaged and never deployed"
ARCHIVE = 'data "archive_file" "{name}" {{\n  type = "zip"\n  source_dir = "src"\n  output_path = {path}\n}}\n'
ARCHIVED = ARCHIVE.format(name="orders", path='"${path.module}/build/orders.zip"')
OF_ARCHIVE = "the hash is of data.archive_file.orders, which is deployed"
HEADER = '«resource "aws_lambda_function" "orders"»'
OBJECT = """\
resource "aws_s3_object" "orders" {
  bucket = "packages"
  key    = "orders.zip"
  source = "build/orders.zip"
}
"""


def function(*lines: str, header: str = 'resource "aws_lambda_function" "orders"') -> str:
    return f"{header} {{\n" + "".join(f"  {line}\n" for line in lines) + "}\n"


def packaged(filename: str, code_hash: str) -> str:
    return function(f"filename = {filename}", f"source_code_hash = {code_hash}")


def from_s3(*lines: str, key: str = '"orders.zip"', header: str = 'resource "aws_lambda_function" "orders"') -> str:
    return function('s3_bucket = "packages"', f"s3_key = {key}", *lines, header=header)


@pytest.mark.parametrize(
    "filename",
    [
        "data.archive_file.orders.output_path",
        '"build/orders.zip"',
        '"./build/orders.zip"',
        '"${path.root}/build/orders.zip"',
    ],
)
def test_the_hash_of_the_archive_whose_output_path_is_filename_passes(filename: str) -> None:
    source = ARCHIVED + packaged(filename, "«data.archive_file.orders.output_base64sha256»")
    expect("SOURCE_CODE_HASH", source, ("pass", FUNCTION, OF_ARCHIVE))


def test_a_managed_archive_counts_too() -> None:
    source = ARCHIVED.replace("data", "resource", 1) + packaged(
        "archive_file.orders.output_path", "«archive_file.orders.output_base64sha256»"
    )
    message = "the hash is of archive_file.orders, which is deployed"
    expect("SOURCE_CODE_HASH", source, ("pass", FUNCTION, message))


@pytest.mark.parametrize(
    ("path", "filename"),
    [
        ('"orders.zip"', '"orders.zip"'),
        ('"${path.module}/orders.zip"', '"orders.zip"'),
        ("local.package", "local.package"),
        ("var.package", "var.package"),
        ('"${var.package}.zip"', '"${var.package}.zip"'),
        ("aws_lambda_function.orders.filename", '"orders.zip"'),
    ],
)
def test_filebase64sha256_of_the_same_path_passes(path: str, filename: str) -> None:
    source = packaged(filename, f"«filebase64sha256({path})»")
    source += 'locals {\n  package = "build/orders.zip"\n}\nvariable "package" {}\n'
    shown = {
        '"${path.module}/orders.zip"': '"./orders.zip"',
        "local.package": '"build/orders.zip"',
        "aws_lambda_function.orders.filename": '"orders.zip"',
    }.get(path, path)
    expect("SOURCE_CODE_HASH", source, ("pass", FUNCTION, f"the hash is of {shown}, which is deployed"))


def test_absent_fails_at_the_header() -> None:
    source = function('filename = "orders.zip"', header=HEADER)
    expect("SOURCE_CODE_HASH", source, ("fail", FUNCTION, UNSET))


def test_null_is_absent_and_fails_at_the_expression() -> None:
    expect("SOURCE_CODE_HASH", packaged('"orders.zip"', "«null»"), ("fail", FUNCTION, UNSET))


def test_the_hash_of_another_path_fails() -> None:
    source = packaged('"orders.zip"', '«filebase64sha256("other.zip")»')
    message = 'the hash is of "other.zip", and "orders.zip" is deployed'
    expect("SOURCE_CODE_HASH", source, ("fail", FUNCTION, message))


def test_another_archives_hash_fails() -> None:
    source = ARCHIVED + ARCHIVE.format(name="other", path='"other.zip"')
    source += packaged("data.archive_file.orders.output_path", "«data.archive_file.other.output_base64sha256»")
    message = "the hash is of data.archive_file.other, and data.archive_file.orders.output_path is deployed"
    expect("SOURCE_CODE_HASH", source, ("fail", FUNCTION, message))


def test_base64sha256_hashes_the_paths_text_and_fails() -> None:
    message = "base64sha256 hashes the text that it is given, not the package; filebase64sha256 hashes a file"
    expect("SOURCE_CODE_HASH", packaged('"a.zip"', '«base64sha256("a.zip")»'), ("fail", FUNCTION, message))
    message = message.replace("base64sha256 hashes the", "base64sha512 hashes the")
    expect("SOURCE_CODE_HASH", packaged('"a.zip"', '«base64sha512("a.zip")»'), ("fail", FUNCTION, message))


@pytest.mark.parametrize("name", ["filemd5", "filesha1", "filesha256", "filesha512", "filebase64sha512"])
def test_another_function_of_the_file_fails(name: str) -> None:
    message = f"{name} is not the base64 SHA-256 that Lambda compares with: filebase64sha256 is"
    expect("SOURCE_CODE_HASH", packaged('"a.zip"', f'«{name}("a.zip")»'), ("fail", FUNCTION, message))


@pytest.mark.parametrize("name", ["output_md5", "output_sha", "output_sha256", "output_sha512", "output_base64sha512"])
def test_another_attribute_of_the_archive_fails(name: str) -> None:
    source = ARCHIVED + packaged("data.archive_file.orders.output_path", f"«data.archive_file.orders.{name}»")
    message = f"{name} is not the base64 SHA-256 that Lambda compares with: output_base64sha256 is"
    expect("SOURCE_CODE_HASH", source, ("fail", FUNCTION, message))


@pytest.mark.parametrize("name", ["etag", "version_id"])
def test_an_objects_etag_or_version_as_hash_fails(name: str) -> None:
    source = OBJECT + from_s3(f"source_code_hash = «aws_s3_object.orders.{name}»")
    message = f"aws_s3_object.orders.{name} is not the base64 SHA-256 that Lambda compares with"
    expect("SOURCE_CODE_HASH", source, ("fail", FUNCTION, message))


def test_a_fixed_text_fails() -> None:
    message = '"47DEQpj8HBSa" is a fixed text, which does not change with the code'
    expect("SOURCE_CODE_HASH", packaged('"a.zip"', '«"47DEQpj8HBSa"»'), ("fail", FUNCTION, message))


def test_a_variable_without_default_is_unproven_with_advice() -> None:
    message = (
        "what the hash is of is undecided: source_code_hash is var.hash, and var.hash has no value; "
        "give it one with --var-file"
    )
    source = packaged('"a.zip"', "«var.hash»") + 'variable "hash" {}\n'
    expect("SOURCE_CODE_HASH", source, ("unproven", FUNCTION, message))


EXISTS = "fileexists(data.archive_file.orders.output_path) ? {code_hash} : null"


def test_a_hash_where_the_package_exists_is_that_hash() -> None:
    code_hash = EXISTS.format(code_hash="filebase64sha256(data.archive_file.orders.output_path)")
    source = ARCHIVED + packaged("data.archive_file.orders.output_path", f"«{code_hash}»")
    message = 'the hash is of "./build/orders.zip", which is deployed'
    expect("SOURCE_CODE_HASH", source, ("pass", FUNCTION, message))
    source = ARCHIVED + packaged("data.archive_file.orders.output_path", f"«{EXISTS.format(code_hash='null')}»")
    expect("SOURCE_CODE_HASH", source, ("fail", FUNCTION, UNSET))


def test_a_hash_where_another_file_exists_is_unproven() -> None:
    code_hash = EXISTS.format(code_hash='filebase64sha256("a.zip")')
    message = (
        'what the hash is of is undecided: source_code_hash is fileexists("./build/orders.zip") ? '
        'filebase64sha256("a.zip") : null, which only apply decides'
    )
    expect("SOURCE_CODE_HASH", ARCHIVED + packaged('"a.zip"', f"«{code_hash}»"), ("unproven", FUNCTION, message))


APPLY = "which only apply decides"


@pytest.mark.parametrize(
    ("code_hash", "shown", "decided_by"),
    [
        ("data.archive_file.orders.output_size", "data.archive_file.orders.output_size", APPLY),
        (
            'var.hash == "" ? filebase64sha256("a.zip") : var.hash',
            'var.hash == "" ? filebase64sha256("a.zip") : var.hash',
            "and var.hash has no value; give it one with --var-file",
        ),
        ("aws_s3_object.orders.checksum_sha256", "aws_s3_object.orders.checksum_sha256", APPLY),
    ],
)
def test_a_hash_of_something_that_only_apply_decides_is_unproven(code_hash: str, shown: str, decided_by: str) -> None:
    source = ARCHIVED + OBJECT + packaged('"a.zip"', f"«{code_hash}»") + 'variable "hash" {}\n'
    message = f"what the hash is of is undecided: source_code_hash is {shown}, {decided_by}"
    expect("SOURCE_CODE_HASH", source, ("unproven", FUNCTION, message))


def test_an_undecided_package_is_unproven() -> None:
    source = packaged("var.package", '«filebase64sha256("a.zip")»') + 'variable "package" {}\n'
    message = (
        'whether "a.zip" is what is deployed is undecided: the package is var.package, and var.package has no value; '
        "give it one with --var-file"
    )
    expect("SOURCE_CODE_HASH", source, ("unproven", FUNCTION, message))


def test_a_package_from_a_module_that_is_not_fetched_is_unproven() -> None:
    source = packaged("module.build.path", "«module.build.hash»") + 'module "build" {\n  source = "example.com/b"\n}\n'
    message = "what the hash is of is undecided: module.build is not on disk: run terraform init to fetch it"
    expect("SOURCE_CODE_HASH", source, ("unproven", FUNCTION, message))


def test_an_archive_in_a_module_and_the_function_in_another() -> None:
    outputs = 'output "path" {\n  value = data.archive_file.orders.output_path\n}\n'
    outputs += 'output "hash" {\n  value = data.archive_file.orders.output_base64sha256\n}\n'
    files = {
        "main.tf": 'module "build" {\n  source = "./build"\n}\nmodule "fn" {\n  source = "./fn"\n'
        "  path = module.build.path\n  hash = module.build.hash\n}\n",
        "build/main.tf": ARCHIVED + outputs,
        "fn/main.tf": packaged("var.path", "«var.hash»") + 'variable "path" {}\nvariable "hash" {}\n',
    }
    message = "the hash is of module.build.data.archive_file.orders, which is deployed"
    expect("SOURCE_CODE_HASH", files, ("pass", f"module.fn.{FUNCTION}", message))


def test_archives_for_each_function() -> None:
    source = (
        'locals {\n  names = toset(["a", "b"])\n}\n'
        'data "archive_file" "all" {\n  for_each = local.names\n  type = "zip"\n  source_dir = each.key\n'
        '  output_path = "${each.key}.zip"\n}\n'
        'resource "aws_lambda_function" "all" {\n  for_each = local.names\n'
        "  filename = data.archive_file.all[each.key].output_path\n"
        '  source_code_hash = «data.archive_file.all["a"].output_base64sha256»\n}\n'
    )
    deployed = 'data.archive_file.all["b"].output_path is deployed'
    expect(
        "SOURCE_CODE_HASH",
        source,
        ("pass", 'aws_lambda_function.all["a"]', 'the hash is of data.archive_file.all["a"], which is deployed'),
        ("fail", 'aws_lambda_function.all["b"]', f'the hash is of data.archive_file.all["a"], and {deployed}'),
    )


def test_a_container_image_is_not_applicable() -> None:
    source = function('package_type = «"Image"»', 'image_uri = "registry/orders:1"')
    expect("SOURCE_CODE_HASH", source, ("not_applicable", FUNCTION, "a container image is deployed by its own digest"))


@pytest.mark.parametrize("kind", ['"Zip"', "null"])
def test_a_zip_by_name_is_judged(kind: str) -> None:
    source = function(f"package_type = {kind}", 'filename = "a.zip"', header=HEADER)
    expect("SOURCE_CODE_HASH", source, ("fail", FUNCTION, UNSET))


def test_an_undecided_package_type_is_unproven() -> None:
    source = function("package_type = «var.type»", 'filename = "a.zip"') + 'variable "type" {}\n'
    message = (
        "the package's type is undecided: package_type is var.type, and var.type has no value; "
        "give it one with --var-file"
    )
    expect("SOURCE_CODE_HASH", source, ("unproven", FUNCTION, message))


def test_a_function_without_a_package_is_unproven() -> None:
    message = "the function names no package: neither filename nor s3_key nor an image"
    expect("SOURCE_CODE_HASH", function(header=HEADER), ("unproven", FUNCTION, message))


@pytest.mark.parametrize(
    ("ignored", "name"),
    [
        ("[source_code_hash]", "source_code_hash"),
        ('["source_code_hash"]', "source_code_hash"),
        ("[filename]", "filename"),
        ("[filename # by hand\n    ]", "filename"),
        ("[tags, filename, layers]", "filename"),
        ("[\n      # deployed by a pipeline\n      filename, # and the rest\n    ]", "filename"),
        ("[s3_key]", "s3_key"),
        ("[s3_object_version]", "s3_object_version"),
        ("all", "all"),
    ],
)
def test_ignore_changes_of_the_package_fails(ignored: str, name: str) -> None:
    source = ARCHIVED + function(
        "filename = data.archive_file.orders.output_path",
        "source_code_hash = data.archive_file.orders.output_base64sha256",
        f"lifecycle {{\n    ignore_changes = «{ignored}»\n  }}",
    )
    message = f"lifecycle ignores changes of {name}, so that new code is never deployed"
    expect("SOURCE_CODE_HASH", source, ("fail", FUNCTION, message))


@pytest.mark.parametrize("ignored", ["[]", "[tags]", '[environment[0].variables["filename"]]', "[last_modified]"])
def test_ignore_changes_of_anything_else_passes(ignored: str) -> None:
    source = ARCHIVED + function(
        "filename = data.archive_file.orders.output_path",
        "source_code_hash = «data.archive_file.orders.output_base64sha256»",
        f"lifecycle {{\n    ignore_changes = {ignored}\n  }}",
    )
    expect("SOURCE_CODE_HASH", source, ("pass", FUNCTION, OF_ARCHIVE))


# Packages in S3


@pytest.mark.parametrize("key", ['"orders.zip"', "aws_s3_object.orders.key", "aws_s3_object.orders.id"])
def test_the_hash_of_the_file_behind_the_object_passes(key: str) -> None:
    source = OBJECT + from_s3('source_code_hash = «filebase64sha256("build/orders.zip")»', key=key)
    message = 'the hash is of "build/orders.zip", which is deployed'
    expect("SOURCE_CODE_HASH", source, ("pass", FUNCTION, message))


def test_the_hash_of_the_archive_behind_the_object_passes() -> None:
    uploaded = OBJECT.replace('"build/orders.zip"', "data.archive_file.orders.output_path")
    source = ARCHIVED + uploaded + from_s3("source_code_hash = «data.archive_file.orders.output_base64sha256»")
    expect("SOURCE_CODE_HASH", source, ("pass", FUNCTION, OF_ARCHIVE))


def test_the_hash_of_another_file_than_the_objects_fails() -> None:
    source = OBJECT + from_s3('source_code_hash = «filebase64sha256("other.zip")»')
    message = 'the hash is of "other.zip", and "build/orders.zip" is deployed'
    expect("SOURCE_CODE_HASH", source, ("fail", FUNCTION, message))


def test_the_old_object_type_counts_too() -> None:
    uploaded = OBJECT.replace("aws_s3_object", "aws_s3_bucket_object")
    source = uploaded + from_s3('source_code_hash = «filebase64sha256("build/orders.zip")»')
    message = 'the hash is of "build/orders.zip", which is deployed'
    expect("SOURCE_CODE_HASH", source, ("pass", FUNCTION, message))


def test_no_hash_and_a_fixed_key_fails() -> None:
    message = "source_code_hash is not set: new code under the same s3_key is never deployed"
    expect("SOURCE_CODE_HASH", OBJECT + from_s3(header=HEADER), ("fail", FUNCTION, message))


def test_the_same_key_in_another_bucket_is_another_object() -> None:
    uploaded = OBJECT.replace('"packages"', '"backups"')
    source = uploaded + from_s3('source_code_hash = «filebase64sha256("build/orders.zip")»')
    message = "the object behind s3_key is not declared in this stack, so nothing ties the hash to it"
    expect("SOURCE_CODE_HASH", source, ("unproven", FUNCTION, message))


def test_an_object_with_content_instead_of_a_source_is_unproven() -> None:
    uploaded = OBJECT.replace("source =", "content =")
    source = uploaded + from_s3('source_code_hash = «filebase64sha256("build/orders.zip")»')
    message = "aws_s3_object.orders has no source that the hash could be of"
    expect("SOURCE_CODE_HASH", source, ("unproven", FUNCTION, message))


@pytest.mark.parametrize(
    "key",
    [
        '"orders/${filemd5("build/orders.zip")}.zip"',
        '"orders/${substr(filesha256("./build/orders.zip"), 0, 8)}.zip"',
        '"orders/${data.archive_file.orders.output_md5}.zip"',
    ],
)
def test_a_content_addressed_key_passes(key: str) -> None:
    message = "s3_key changes with the package's content"
    alone = ARCHIVED + from_s3(key=f"«{key}»")
    expect("SOURCE_CODE_HASH", alone, ("pass", FUNCTION, message))
    uploaded = OBJECT.replace('"orders.zip"\n  source', f"{key}\n  source")
    through_the_object = ARCHIVED + uploaded + from_s3(key="«aws_s3_object.orders.key»")
    expect("SOURCE_CODE_HASH", through_the_object, ("pass", FUNCTION, message))


def test_a_content_addressed_key_through_the_objects_id_passes() -> None:
    uploaded = OBJECT.replace('"orders.zip"\n  source', '"${filemd5("build/orders.zip")}.zip"\n  source')
    message = "s3_key changes with the package's content"
    expect("SOURCE_CODE_HASH", uploaded + from_s3(key="«aws_s3_object.orders.id»"), ("pass", FUNCTION, message))


@pytest.mark.parametrize("given", ["source = var.file", "content_base64 = var.file"])
def test_a_content_addressed_key_of_an_object_with_an_undecided_source_is_unproven(given: str) -> None:
    uploaded = OBJECT.replace('"orders.zip"\n  source', '"${filemd5("build/orders.zip")}.zip"\n  source')
    source = uploaded.replace('source = "build/orders.zip"', given) + 'variable "file" {}\n'
    source += from_s3(key="«aws_s3_object.orders.key»")
    message = (
        "source_code_hash is not set, and whether s3_key changes with the code is undecided: s3_key is "
        '"${filemd5("build/orders.zip")}.zip", which only apply decides'
    )
    expect("SOURCE_CODE_HASH", source, ("unproven", FUNCTION, message))


def test_a_content_addressed_key_of_an_archive_in_a_module_passes() -> None:
    files = {
        "main.tf": 'module "build" {\n  source = "./build"\n}\n' + from_s3(key='«"${module.build.sha}.zip"»'),
        "build/main.tf": ARCHIVED + 'output "sha" {\n  value = data.archive_file.orders.output_sha\n}\n',
    }
    expect("SOURCE_CODE_HASH", files, ("pass", FUNCTION, "s3_key changes with the package's content"))


def test_a_key_with_the_hash_of_another_file_is_not_content_addressed() -> None:
    uploaded = OBJECT.replace('"orders.zip"\n  source', '"${filemd5("other.zip")}.zip"\n  source')
    source = uploaded + from_s3(key="aws_s3_object.orders.key", header=HEADER)
    message = "source_code_hash is not set: new code under the same s3_key is never deployed"
    expect("SOURCE_CODE_HASH", source, ("fail", FUNCTION, message))


def test_a_key_that_only_apply_decides_is_unproven_without_a_hash() -> None:
    source = from_s3(key='«"${data.aws_caller_identity.me.id}.zip"»') + 'data "aws_caller_identity" "me" {}\n'
    message = (
        "source_code_hash is not set, and whether s3_key changes with the code is undecided: s3_key is "
        '"${data.aws_caller_identity.me.id}.zip", which only apply decides'
    )
    expect("SOURCE_CODE_HASH", source, ("unproven", FUNCTION, message))


@pytest.mark.parametrize("key", ['"orders.zip"', "aws_s3_object.orders.key"])
def test_the_version_of_the_uploaded_object_passes(key: str) -> None:
    source = OBJECT + from_s3("s3_object_version = «aws_s3_object.orders.version_id»", key=key)
    message = "aws_s3_object.orders.version_id changes when the object does"
    expect("SOURCE_CODE_HASH", source, ("pass", FUNCTION, message))


def test_the_version_of_an_object_that_is_looked_up_passes() -> None:
    looked_up = 'data "aws_s3_object" "orders" {\n  bucket = "packages"\n  key = "orders.zip"\n}\n'
    source = looked_up + from_s3("s3_object_version = «data.aws_s3_object.orders.version_id»")
    message = "data.aws_s3_object.orders.version_id changes when the object does"
    expect("SOURCE_CODE_HASH", source, ("pass", FUNCTION, message))


def test_the_version_of_another_object_fails() -> None:
    source = OBJECT + from_s3("s3_object_version = «aws_s3_object.orders.version_id»", key='"other.zip"')
    message = "aws_s3_object.orders.version_id is the version of another object than s3_key names"
    expect("SOURCE_CODE_HASH", source, ("fail", FUNCTION, message))


def test_the_version_of_an_object_with_an_undecided_key_is_unproven() -> None:
    source = OBJECT + from_s3("s3_object_version = «aws_s3_object.orders.version_id»", key="var.key")
    message = (
        "whether aws_s3_object.orders is what is deployed is undecided: s3_key is var.key, and var.key has no value; "
        "give it one with --var-file"
    )
    expect("SOURCE_CODE_HASH", source + 'variable "key" {}\n', ("unproven", FUNCTION, message))


def test_another_attribute_as_version_fails() -> None:
    source = OBJECT + from_s3("s3_object_version = «aws_s3_object.orders.etag»")
    message = "aws_s3_object.orders.etag is not the object's version: that is version_id"
    expect("SOURCE_CODE_HASH", source, ("fail", FUNCTION, message))


def test_a_field_of_a_variable_is_no_archives_hash() -> None:
    source = from_s3(key='«"${var.archive.output_md5}.zip"»') + 'variable "archive" {}\n'
    message = (
        "source_code_hash is not set, and whether s3_key changes with the code is undecided: s3_key is "
        '"${var.archive.output_md5}.zip", and var.archive has no value; give it one with --var-file'
    )
    expect("SOURCE_CODE_HASH", source, ("unproven", FUNCTION, message))


@pytest.mark.parametrize(
    ("version", "decided_by"),
    [
        ("var.version", "and var.version has no value; give it one with --var-file"),
        ("aws_s3_bucket.packages.id", APPLY),
    ],
)
def test_a_version_that_only_apply_decides_is_unproven_without_a_hash(version: str, decided_by: str) -> None:
    source = OBJECT + from_s3(f"s3_object_version = «{version}»") + 'variable "version" {}\n'
    source += 'resource "aws_s3_bucket" "packages" {\n  bucket_prefix = "packages"\n}\n'
    message = (
        "source_code_hash is not set, and whether s3_object_version changes with the code is undecided: "
        f"s3_object_version is {version}, {decided_by}"
    )
    expect("SOURCE_CODE_HASH", source, ("unproven", FUNCTION, message))


@pytest.mark.parametrize("version", ['"3HL4kqtJlcpXroDTDmJ"', "null"])
def test_a_fixed_version_does_not_replace_the_hash(version: str) -> None:
    source = OBJECT + from_s3(f"s3_object_version = {version}", header=HEADER)
    message = "source_code_hash is not set: new code under the same s3_key is never deployed"
    expect("SOURCE_CODE_HASH", source, ("fail", FUNCTION, message))
