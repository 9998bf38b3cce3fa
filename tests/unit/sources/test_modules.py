"""Which files a module has, and where on disk the modules are that it calls."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from routeproof.sources.hcl.files import Files
from routeproof.sources.hcl.modules import load
from routeproof.sources.hcl.roots import find_roots
from routeproof.sources.hcl.syntax import SourceError
from routeproof.stack import Stack
from routeproof.values import Known, Reference, Template, Unknown, Value


def output(value: str) -> str:
    return f'output "o" {{\n  value = {value}\n}}\n'


def call(source: str, *arguments: str) -> str:
    return f'module "m" {{\n  source = "{source}"\n' + "".join(f"  {line}\n" for line in arguments) + "}\n"


def loaded(directory: Path, files: dict[str, str]) -> Stack:
    for name, content in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return load(directory, Files(directory.resolve()), {})


def fetched(**directories: str) -> str:
    """What `terraform init` notes of modules, by their keys with _ for a dot."""
    entries = [{"Key": key.replace("_", "."), "Source": "", "Dir": path} for key, path in directories.items()]
    return json.dumps({"Modules": [{"Key": "", "Source": "", "Dir": "."}, *entries]})


@pytest.mark.parametrize(
    ("files", "value"),
    [
        ({"main.tf": output('"tf"'), "main.tofu": output('"tofu"')}, "tofu"),
        ({"main.tf.json": '{"output": {"o": {"value": "tf"}}}', "main.tofu.json": "{}", "o.tofu": output('"o"')}, "o"),
        ({"main.tf.json": '{"locals": {"a": "json"}}', "main.tofu": output("local.a")}, "json"),
        ({"main.tf": output('"a"'), "override.tofu": output('"over"')}, "over"),
        ({"main.tf": output('"a"'), "override.tf": "nonsense", "override.tofu": output('"over"')}, "over"),
        ({"main.tf": output('"a"'), "x_override.tofu.json": '{"output": {"o": {"value": "over"}}}'}, "over"),
        ({"main.tf": output('"a"'), ".hidden.tf": "nonsense", "main.tf.bak": "nonsense"}, "a"),
    ],
)
def test_opentofu_reads_its_own_files_first(tmp_path: Path, files: dict[str, str], value: str) -> None:
    assert loaded(tmp_path, files).outputs[0].value == Known(value)


def test_a_directory_with_opentofu_files_only_is_a_root(tmp_path: Path) -> None:
    (tmp_path / "main.tofu.json").write_text("{}")
    assert find_roots(tmp_path, Files(tmp_path.resolve())) == ([tmp_path], [])


def test_a_fetched_module_is_where_terraform_has_put_it(tmp_path: Path) -> None:
    modules = ".terraform/modules"
    stack = loaded(
        tmp_path,
        {
            "main.tf": call("org/lambda/aws", 'version = "1.0"', 'name = "orders"') + output("module.m.id"),
            f"{modules}/modules.json": fetched(m=f"{modules}/m/inner", m_deep=f"{modules}/m.deep"),
            f"{modules}/m/inner/main.tf": 'variable "name" {\n}\n'
            + 'module "deep" {\n  source = "git::https://example.com/deep.git"\n  name = var.name\n}\n'
            + 'module "beside" {\n  source = "../beside"\n}\n'
            + 'output "id" {\n  value = "${module.deep.path} ${module.beside.path} ${module.deep.name}"\n}\n',
            f"{modules}/m.deep/main.tf": 'variable "name" {\n}\noutput "name" {\n  value = var.name\n}\n'
            + 'output "path" {\n  value = path.module\n}\n',
            f"{modules}/m/beside/main.tf": 'output "path" {\n  value = path.module\n}\n',
        },
    )
    assert stack.outputs[0].value == Known(f"{modules}/m.deep {modules}/m/beside orders")
    assert stack.missing_modules == ()


def test_a_module_that_is_not_fetched_says_what_to_do(tmp_path: Path) -> None:
    stack = loaded(tmp_path, {"main.tf": call("org/lambda/aws") + output("module.m.id")})
    (missing,) = stack.missing_modules
    assert (missing.address, missing.source, missing.reason) == (
        "module.m",
        "org/lambda/aws",
        "run terraform init to fetch it",
    )
    value: Value = stack.outputs[0].value
    assert isinstance(value, Unknown)
    assert value.reason == "module.m is not on disk: run terraform init to fetch it"


@pytest.mark.parametrize(
    "content", ["", "{}", "[]", '{"Modules": [{"Key": "m"}]}', '{"Modules": [{"Key": "m", "Dir": 1}]}', "\x00"]
)
def test_a_broken_list_of_fetched_modules_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(
        SourceError, match=r"modules\.json:1:1: the list of fetched modules cannot be read .*terraform init"
    ):
        loaded(tmp_path, {"main.tf": call("org/x/aws"), ".terraform/modules/modules.json": content})


def test_a_fetched_module_outside_the_repository_is_not_read(tmp_path: Path) -> None:
    files = {"main.tf": call("org/x/aws"), ".terraform/modules/modules.json": fetched(m="../../outside")}
    (missing,) = loaded(tmp_path / "inside", files).missing_modules
    assert missing.reason == "it is outside the repository; --allow-outside permits that"


def test_an_override_of_a_lifecycle_keeps_its_other_arguments(tmp_path: Path) -> None:
    block = 'resource "aws_x" "x" {\n  lifecycle {\n    %s\n  }\n}\n'
    stack = loaded(
        tmp_path,
        {"main.tf": block % "ignore_changes = [name]", "override.tf": block % "create_before_destroy = true"},
    )
    assert stack.resources[0].ignored_changes == ("name",)


def test_a_template_reaches_into_what_it_is_given(tmp_path: Path) -> None:
    files = {
        "main.tf": call("./m")
        + 'resource "aws_x" "x" {\n}\n'
        + output('templatefile("t.tftpl", { m = module.m, x = aws_x.x })'),
        "m/main.tf": output('"from the module"'),
        "t.tftpl": "${m.o} ${x.arn}",
    }
    value = loaded(tmp_path, files).outputs[0].value
    assert value == Template((Known("from the module "), Reference("aws_x.x", "arn")))
