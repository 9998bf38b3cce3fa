"""Source that means harm, or is broken.

It gets a clear error or an Unknown within about a second, and nothing is read outside the boundary.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from routeproof.sources.hcl.files import MAX_FILES, Files
from routeproof.sources.hcl.modules import load
from routeproof.sources.hcl.roots import NothingFound, boundary_of, find_roots
from routeproof.sources.hcl.syntax import SourceError
from routeproof.sources.hcl.variable_files import variable_values
from routeproof.values import Known, ListValue, Unknown, Value, first_unknown

MANY = 10_000
# Of the processor: the slowest takes 1.3 s on an idle machine. This is for those that would take minutes, or never end.
SECONDS = 15.0


def output(expression: str) -> str:
    return f'output "o" {{\n  value = {expression}\n}}\n'


def locals_(*lines: str) -> str:
    return "locals {\n" + "".join(f"  {line}\n" for line in lines) + "}\n"


def grown(first: str, next_one: str, times: int) -> str:
    """A local that grows `times` times: P stands for the one before."""
    lines = [f"a{i + 1} = {next_one.replace('P', f'local.a{i}')}" for i in range(times)]
    return locals_(f"a0 = {first}", *lines) + output(f"local.a{times}")


def judged(directory: Path, *, boundary: Path | None = None) -> Value:
    """The first output's value; errors pass through. Fails where it takes too long."""
    began = time.process_time()
    try:
        files = Files((boundary or directory).resolve())
        _, errors = find_roots(directory, files)
        if errors:
            raise errors[0]
        stack = load(directory, files, {})
    finally:
        assert time.process_time() - began < SECONDS
    return stack.outputs[0].value if stack.outputs else Known(None)


VARIABLE = 'variable "a" {\n}\n'
BIG = locals_("big = [for a in range(300) : range(300)]")
REFUSED = {
    "nested tuples": (output("[" * MANY + "]" * MANY), "2:411: nested too deeply"),
    "nested parentheses": (output("(" * MANY + "1" + ")" * MANY), "2:411: nested too deeply"),
    "nested objects": (output("{a=" * MANY + "1" + "}" * MANY), "nested too deeply"),
    "negations": (output("!" * MANY + "true"), "nested too deeply"),
    "a long sum": (output(" + ".join(["1"] * MANY)), "nested too deeply"),
    "a long conditional": (output("true ? 1 : " * MANY + "2"), "nested too deeply"),
    "indexes": (VARIABLE + output("var.a" + "[0]" * MANY), "nested too deeply"),
    "splats": (VARIABLE + output("var.a" + "[*]" * MANY), "nested too deeply"),
    "nested calls": (output("upper(" * MANY + '"a"' + ")" * MANY), "nested too deeply"),
    "nested interpolations": (output('"${' * MANY + "1" + '}"' * MANY), "not valid Terraform syntax"),
    "nested directives": (output('"' + "%{ if true }" * MANY + "%{ endif }" * MANY + '"'), "nested too deeply"),
    "nested blocks": ("a {\n" * MANY + "}\n" * MANY, "51:1: blocks are nested more than 50 deep"),
    "unclosed brackets": (output("[" * MANY), "not valid Terraform syntax"),
    "unclosed blocks": ("a {\n" * MANY, "not valid Terraform syntax"),
    "nested types": (
        'variable "a" {\n  type = '
        + "list(" * MANY
        + "string"
        + ")" * MANY
        + "\n  default = []\n}\n"
        + output("var.a"),
        "deep",
    ),
    "a chain of locals": (
        locals_(*(f"a{i} = local.a{i + 1}" for i in range(3000)), "a3000 = 1") + output("local.a0"),
        "401:10: nested too deeply, or a chain of definitions that is too long",
    ),
    "a list that grows": (
        grown("[1]", "[P, P, P, P, P, P, P, P, P, P]", 20),
        "7:8: a value of more than 200,000 parts",
    ),
    "a list that doubles": (grown("[1]", "concat(P, P)", 60), "200,000"),
    "a text that grows": (grown('"lol"', '"${P}${P}${P}${P}${P}"', 40), "200,000"),
    "a text that join grows": (grown('"lol"', 'join("", [P, P, P, P])', 40), "200,000"),
    "a text that format grows": (grown('"lol"', 'format("%s%s%s", P, P, P)', 40), "200,000"),
    "JSON in JSON": (grown('"\\""', "jsonencode([P, P, P])", 40), "200,000"),
    "a symbolic text that grows": (VARIABLE + grown("var.a", '"${P}x${P}"', 60), "200,000"),
    "a call that grows": (VARIABLE + grown("var.a", 'upper("${P}${P}")', 60), "200,000"),
    "a conditional that grows": (VARIABLE + grown("var.a", "P ? P : [P]", 60), "200,000"),
    "loops in loops": (
        output("[for a in range(1000) : length([for b in range(1000) : [for c in range(1000) : 1]])]"),
        "takes more than 200,000 steps",
    ),
    "large values compared": (BIG + output("[for a in range(1000) : local.big == local.big]"), "200,000 steps"),
    "large values converted": (BIG + output("[for a in range(1000) : toset(local.big)]"), "200,000 steps"),
    "large values chosen": (BIG + output("[for a in range(1000) : true ? local.big : local.big]"), "200,000 steps"),
    "regular expressions": (
        locals_('big = join("", [for a in range(1000) : "0123456789"])')
        + output('[for a in range(1000) : regexall("(a|b|[0-9])*x", local.big)]'),
        "200,000 steps",
    ),
    "dynamic blocks in dynamic blocks": (
        'resource "a" "b" {\n'
        + 'dynamic "x" {\nfor_each = range(1000)\ncontent {\n' * 3
        + "y = 1\n"
        + "}\n}\n" * 3
        + "}\n",
        "200,000 steps",
    ),
    "a module with many copies": (
        'module "m" {\n  source = "./empty"\n  count  = 10000\n}\n',
        "more than 2,000 modules",
    ),
    "a module that calls itself": ('module "m" {\n  source = "./"\n}\n', "main.tf:1:1: module.m is inside itself: "),
    "many copies of itself": (
        'module "m" {\n  source = "./."\n  count  = 10\n}\n',
        "1:1: module.m[0] is inside itself",
    ),
    "many resources": (
        "".join(f'resource "a" "b{i}" {{\n  count = 10000\n}}\n' for i in range(9)),
        "there are more than 10,000 instances of resources",
    ),
    "a huge number": (output("1e1000000000"), "2:11: a number with an exponent past 1,000"),
    "a tiny number": (output("1e-1000000000"), "2:11: a number with an exponent past 1,000"),
    "a long number": (output("9" * 100_000), "2:11: a number with an exponent past 1,000"),
    "a NUL": ("a = \0\n", "1:1: this is not valid Terraform syntax"),
    "a NUL in a string": (output('"a\0b"'), "this is not valid Terraform syntax"),
    "control characters": ("\x01\x02\x03", "1:1: this is not valid Terraform syntax"),
    "an escape that is none": (output('"\\q"'), "2:12: this is not valid Terraform syntax"),
    "half a character": (output('"\\ud800"'), "2:11: no character has the number d800"),
    "a character that is none": (output('"\\UFFFFFFFF"'), "2:11: no character has the number FFFFFFFF"),
    "a large file": (output('"' + "x" * 3_000_000 + '"'), "1:1: the file is larger than 2,000,000 bytes"),
    "a template that includes itself": (output('templatefile("self.tpl", {})'), "self.tpl:1:1: nested too deeply"),
}
UNDECIDED = {
    "two locals in a circle": (locals_("a = local.b", "b = local.a") + output("local.a"), "local.a refers to itself"),
    "a local of itself": (locals_("a = local.a") + output("local.a"), "local.a refers to itself"),
    "a circle inside try": (locals_("a = try(local.b, 1)", "b = local.a") + output("local.a"), "refers to itself"),
    "a product that grows": (grown("[1, 2]", "setproduct(P, P)", 60), "a product of more than 20,000 elements"),
    "a replacement that grows": (grown('"aaaaaaaaaa"', 'replace(P, "a", P)', 40), "a text of more than a million"),
    "a number that squares": (grown("9999999999", "P * P", 60), "a number of more than a thousand digits"),
    "a fraction that squares": (grown("1.1", "P * P", 60), "a number of more than a thousand digits"),
    "a huge power": (output("pow(9999999, 9999999)"), "pow gives no finite number"),
    "a huge number in a string": (output('tonumber("1e1000000000")'), "an exponent past 1,000"),
    "a huge number in JSON": (output('jsondecode("' + "9" * 100_000 + '")'), "an exponent past 1,000"),
    "nested JSON": (output('jsondecode("' + "[" * 100_000 + "]" * 100_000 + '")'), "nested so deeply"),
    "a huge range": (output("range(1000000000000)"), "more than 1024 values"),
    "a range in tiny steps": (output("range(0, 1, 1e-300)"), "more than 1024 values"),
    "a huge width": (output('format("%1000000000d", 1)'), "a width that large"),
    "a huge precision": (output('format("%.1000000000f", 1)'), "a width that large"),
    "a huge indentation": (output('indent(1000000000, "a\\nb")'), "an indentation that wide"),
    "an expression that multiplies": (output('regex("((a{100}){100}){100}", "a")'), "a regular expression that large"),
    "an expression that nests": (output('regex("' + "(" * 400 + ")" * 400 + '", "a")'), "nested so deeply"),
    "a file far above": (output('file("../../../../../../../etc/hostname")'), "it is outside"),
    "a file by its full name": (output('file("/etc/hostname")'), "it is outside"),
    "a template by its full name": (output('templatefile("/etc/hostname", {})'), "it is outside"),
    "all files": (output('fileset("/", "**")'), "it is outside"),
    "a name with a NUL": (output('file("a\\u0000b")'), "a path holds no NUL"),
    "a long name": (output('file("' + "a/" * 5000 + '")'), "File name too long"),
    "a directory as a file": (output('file(".")'), "there is no such file"),
}


@pytest.mark.parametrize(("source", "message"), REFUSED.values(), ids=REFUSED)
def test_it_is_refused(tmp_path: Path, source: str, message: str) -> None:
    (tmp_path / "main.tf").write_text(source)
    (tmp_path / "self.tpl").write_text('${templatefile("self.tpl", {})}')
    (tmp_path / "empty").mkdir()
    with pytest.raises(SourceError) as refused:
        judged(tmp_path)
    assert message in str(refused.value)


@pytest.mark.parametrize(("source", "reason"), UNDECIDED.values(), ids=UNDECIDED)
def test_it_is_unknown(tmp_path: Path, source: str, reason: str) -> None:
    (tmp_path / "main.tf").write_text(source)
    unknown = first_unknown(judged(tmp_path))
    assert isinstance(unknown, Unknown)
    assert reason in unknown.reason


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("../../../../../../etc", "it is outside the repository; --allow-outside permits that"),
        ("./a\\u0000", "its source names no directory"),
        ("./" + "a/" * 5000, "its source names no directory"),
        ("./none", "there is no directory"),
    ],
)
def test_a_module_that_cannot_be_read_is_named(tmp_path: Path, source: str, reason: str) -> None:
    (tmp_path / "main.tf").write_text(f'module "m" {{\n  source = "{source}"\n}}\n')
    files = Files(tmp_path.resolve())
    find_roots(tmp_path, files)
    (missing,) = load(tmp_path, files, {}).missing_modules
    assert reason in missing.reason


def test_modules_nested_too_deeply_are_named(tmp_path: Path) -> None:
    for number in range(30):
        directory = tmp_path / f"m{number}"
        directory.mkdir()
        (directory / "main.tf").write_text(f'module "m" {{\n  source = "../m{number + 1}"\n}}\n')
    (missing,) = load(tmp_path / "m0", Files(tmp_path.resolve()), {}).missing_modules
    assert (missing.address.count("module.m"), missing.reason) == (21, "modules are nested deeper than 20")


def test_directories_that_call_each_other_are_refused(tmp_path: Path) -> None:
    for here, there in (("a", "b"), ("b", "a")):
        (tmp_path / here).mkdir()
        (tmp_path / here / "main.tf").write_text(f'module "m" {{\n  source = "../{there}"\n}}\n')
    files = Files(tmp_path.resolve())
    roots, errors = find_roots(tmp_path, files)
    assert ([root.name for root in roots], errors) == (["a", "b"], [])
    with pytest.raises(SourceError, match=r"b/main\.tf:1:1: module\.m\.module\.m is inside itself: .*/a calls itself"):
        load(roots[0], files, {})


def test_a_link_out_of_the_boundary_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "outside.tf").write_text(output('"secret"'))
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / "main.tf").symlink_to(tmp_path / "outside.tf")
    with pytest.raises(SourceError, match=r"main\.tf:1:1: the file cannot be read: it is outside"):
        judged(tmp_path / "inside")


def test_a_link_to_values_out_of_the_boundary_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "outside.tfvars").write_text('a = "secret"\n')
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / "terraform.tfvars").symlink_to(tmp_path / "outside.tfvars")
    with pytest.raises(SourceError, match=r"the variable file cannot be read: it is outside"):
        variable_values(tmp_path / "inside", Files((tmp_path / "inside").resolve()), [])


def test_a_link_to_itself_is_refused(tmp_path: Path) -> None:
    (tmp_path / "main.tf").symlink_to(tmp_path / "main.tf")
    with pytest.raises(SourceError, match=r"main\.tf:1:1: the file cannot be read: Too many levels of symbolic links"):
        judged(tmp_path)


def test_a_path_that_is_a_link_to_itself_is_not_found(tmp_path: Path) -> None:
    (tmp_path / "round").symlink_to(tmp_path / "round")
    assert boundary_of(tmp_path / "round") == tmp_path.parent.resolve()
    with pytest.raises(NothingFound, match=r"round: there is no such file or directory"):
        find_roots(tmp_path / "round", Files(None))


def test_a_module_behind_a_link_to_itself_is_named(tmp_path: Path) -> None:
    (tmp_path / "round").symlink_to(tmp_path / "round")
    (tmp_path / "main.tf").write_text('module "m" {\n  source = "./round"\n}\n')
    files = Files(tmp_path.resolve())
    find_roots(tmp_path, files)
    (missing,) = load(tmp_path, files, {}).missing_modules
    assert missing.reason.startswith("there is no directory ")


def test_a_file_behind_a_link_out_of_the_boundary_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_text("secret")
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "folder").symlink_to(tmp_path / "outside")
    (inside / "link").symlink_to(tmp_path / "outside" / "secret")
    (inside / "main.tf").write_text(output('[file("folder/secret"), file("link"), file("folder/../secret")]'))
    value = judged(inside)
    assert isinstance(value, ListValue)
    assert ["it is outside" in part.reason for part in value.items if isinstance(part, Unknown)] == [True] * 3


def test_a_directory_with_a_longer_name_is_outside(tmp_path: Path) -> None:
    for name in ("stack", "stack-secret"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text("secret")
    (tmp_path / "stack" / "main.tf").write_text(output('file("../stack-secret/file")'))
    unknown = judged(tmp_path / "stack")
    assert isinstance(unknown, Unknown)
    assert "it is outside" in unknown.reason


def test_a_fifo_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "main.tf")
    with pytest.raises(SourceError, match=r"main\.tf:1:1: the file cannot be read: there is no such file"):
        judged(tmp_path)


def test_a_directory_named_as_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "main.tf").mkdir()
    (tmp_path / "other.tf").touch()
    with pytest.raises(SourceError, match=r"main\.tf:1:1: the file cannot be read: there is no such file"):
        judged(tmp_path)


def test_too_many_files_are_refused(tmp_path: Path) -> None:
    for number in range(MAX_FILES + 1):
        (tmp_path / f"f{number}.tf").touch()
    with pytest.raises(SourceError, match=r"more than 5,000 files in one module"):
        judged(tmp_path)


def test_bytes_that_are_not_utf_8_are_refused_with_their_line(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_bytes(b'locals {\n  a = 1\n  b = "\xff"\n}\n')
    with pytest.raises(SourceError, match=r"main\.tf:3:1: the file is not UTF-8"):
        judged(tmp_path)


@pytest.mark.parametrize(
    ("source", "value"),
    [
        (output('"a"').replace("\n", "\r\n"), "a"),
        ("\ufeff" + output('"a"'), "a"),
        (output("<<EOT\nx\n  y\nEOT").replace("\n", "\r\n"), "x\r\n  y\r\n"),
    ],
)
def test_odd_line_ends_and_marks_are_read_as_terraform_does(tmp_path: Path, source: str, value: str) -> None:
    (tmp_path / "main.tf").write_bytes(source.encode())
    assert judged(tmp_path) == Known(value)
