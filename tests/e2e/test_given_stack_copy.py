"""The copy of a given stack: what is in it, and the values of its variables."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from routeproof.sources.hcl.files import Files
from routeproof.sources.hcl.variable_files import variable_values
from routeproof.values import Known
from tests.e2e.given_stack import copying
from tests.e2e.given_stack.copying import NotCopied, copy_repository
from tests.e2e.given_stack.deploying import NotUsable, set_variables
from tests.tools.terraform import Terraform


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A repository, not yet git's."""
    files = {
        ".gitignore": "build/\n*.zip\n",
        "terraform/main.tf": "",
        "terraform/.terraform.lock.hcl": "",
        "terraform/.terraform/modules/modules.json": "{}",
        "terraform/terraform.tfstate": "{}",
        "terraform/terraform.tfstate.backup": "{}",
        "lambda/index.js": "",
        "lambda/build/index.js": "",
        "lambda.zip": "",
    }
    for name, content in files.items():
        file = tmp_path / "shop" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    (tmp_path / "shop" / "latest").symlink_to(tmp_path / "shop" / "lambda")
    (tmp_path / "copy").mkdir()
    return tmp_path / "shop"


def copied(shop: Path, *also: str) -> set[str]:
    place = shop.parent / "copy"
    root = copy_repository(shop / "terraform", place, also=[(shop / name).resolve() for name in also])
    assert root == place / "terraform"
    return {path.relative_to(place).as_posix() for path in place.rglob("*") if not path.is_dir() or path.is_symlink()}


LISTED = {".gitignore", "terraform/main.tf", "terraform/.terraform.lock.hcl", "lambda/index.js", "latest"}


def git(directory: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    subprocess.run(["git", *identity, *arguments], cwd=directory, check=True, capture_output=True)


def test_the_copy_of_a_git_repository(shop: Path):
    """What is tracked, what is new, and a repository inside it; not what is gone. A link leads to the copy's file."""
    (shop / "gone.tf").write_text("")
    (shop / "inner").mkdir()
    (shop / "inner" / "module.tf").write_text("")
    git(shop / "inner", "init", "-q")
    git(shop / "inner", "add", ".")
    git(shop / "inner", "commit", "-qm", "first")
    git(shop, "init", "-q")
    git(shop, "add", "gone.tf", "lambda", "inner")
    (shop / "gone.tf").unlink()
    assert copied(shop) == {*LISTED, "inner/module.tf"}
    assert (shop.parent / "copy" / "latest").readlink() == Path("lambda")


def test_what_git_ignores_can_be_asked_for(shop: Path):
    git(shop, "init", "-q")
    assert copied(shop, "lambda/build", "lambda.zip") == {*LISTED, "lambda/build/index.js", "lambda.zip"}


def test_the_copy_where_there_is_no_git(shop: Path):
    assert copied(shop) == {*LISTED, "lambda/build/index.js", "lambda.zip"}


def test_a_link_that_leads_out_is_refused(shop: Path):
    (shop / "outside").symlink_to("/etc")
    with pytest.raises(NotCopied) as refusal:
        copied(shop)
    assert str(refusal.value) == f"{shop}/outside is a link to /etc, out of {shop}: nothing is read there"


def test_what_is_asked_for_and_is_outside(shop: Path):
    with pytest.raises(NotCopied) as refusal:
        copied(shop, "../copy")
    assert str(refusal.value).endswith(f"is not in {shop}, the repository of {shop}/terraform")


def test_a_repository_that_is_too_large(shop: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(copying, "MAX_FILES", 3)
    with pytest.raises(
        NotCopied, match=f"^{shop} has more than 3 files or 500 MB, and Terraform may read any of them: "
    ):
        copied(shop)


VARIABLES = """\
variable "text" { type = string }
variable "number" { type = number }
variable "plain" {}
variable "list" { type = list(string) }
variable "any" { type = any }
variable "file" {}
output "all" { value = [var.text, var.number, var.plain, var.list, var.any, var.file] }
"""


def test_variables_are_what_terraforms_command_line_makes_of_them(
    terraform: Terraform, variables: Mapping[str, str], tmp_path: Path
):
    root = tmp_path / "root"
    root.mkdir()
    (root / "main.tf").write_text(VARIABLES)
    file = tmp_path / "live.tfvars"
    file.write_text('file = "f"\ntext = "the option goes before it"\n')
    given = {"text": '${a} "b"', "number": "3", "plain": "[1]", "list": '["a"]', "any": "{ a = true }"}
    set_variables(root, list(given.items()), [file])
    terraform.run("apply", "-auto-approve", directory=root, variables=variables)
    printed = terraform.run("output", "-json", "all", directory=root, variables=variables)
    assert json.loads(printed) == ['${a} "b"', 3, "[1]", ["a"], {"a": True}, "f"]
    read = variable_values(root, Files(boundary=None), [])
    assert {name: value.value for name, value in read.items() if isinstance(value, Known)} == {
        "text": '${a} "b"',
        "number": "3",
        "plain": "[1]",
        "file": "f",
    }
    with pytest.raises(NotUsable) as refusal:
        set_variables(root, [("nothing", "1")], [])
    assert (
        str(refusal.value)
        == "--var: the root module has no variable nothing; it has text, number, plain, list, any, file"
    )
