"""What is read from other files: Terraform's JSON syntax, variable files, templates, sets of files."""

from __future__ import annotations

import pytest

from tests.unit.oracle.terraform import agree, compare

JSON = r"""{
  "//": "a comment",
  "variable": {
    "literal": {"type": "string", "default": "eu-${x}"},
    "typed": {"type": "object({a = number, b = optional(string, \"z\")})", "default": {"a": "5"}},
    "any": {"default": [1, "a", null, {"k": 1.50}]}
  },
  "locals": [
    {"a": "${upper(\"x\")}-1", "b": "${[1, 2]}", "é": 1.50, "d": {"${local.a}": [true, null]}},
    {"c": "%{ if true }yes%{ endif } $${no}", "e": "  a ${~ 1 ~}  \n b", "f": "\u00e9\ud83d\ude42\t\/"}
  ],
  "output": {
    "all": {"value": ["${local.a}", "${local.b}", "${local.é}", "${local.c}", "${local.d}", "${local.e}"]},
    "one": {"value": "${local.f}"},
    "variables": [{"value": {"l": "${var.literal}", "t": "${var.typed}", "a": "${var.any}"}}],
    "plain": {"value": "plain \\ \n text", "sensitive": false}
  }
}
"""
TEMPLATE = """\
%{ for name in names ~}
server ${name};
%{ endfor ~}
%{ if port == 80 }http%{ else }other ${port}%{ endif }
  $${kept} %%{kept} "quoted" \\n
   ${~ join(",", names) ~}

end"""
NATIVE = """\
variable "size" {
  type = number
}
variable "name" {
  default = "default"
}
variable "tags" {
  type = map(string)
}
output "values" {
  value = [var.size, var.name, var.tags]
}
output "template" {
  value = templatefile("list.tpl", { names = ["a", "b"], port = 8080 })
}
output "unwrapped" {
  value = templatefile("one.tpl", { x = [1, 2] })
}
output "refused" {
  value = try(templatefile("one.tpl", {}), "refused")
}
output "empty" {
  value = templatefile("empty.tpl", {})
}
output "file" {
  value = [file("list.tpl"), fileexists("list.tpl"), fileexists("none"), file("${path.module}/one.tpl"), path.root]
}
output "files" {
  value = [fileset(".", "*.tpl"), fileset(".", "{list,one}.*"), fileset(".", "deep/**"), fileset(".", "**/*.txt")]
}
output "more_files" {
  value = [fileset("deep", "*"), fileset(path.module, "deep/?.txt"), fileset(".", "none/*"), fileset("deep", "**")]
}
"""
CASES: dict[str, dict[str, str | bytes]] = {
    "JSON syntax": {"main.tf.json": JSON},
    "JSON beside native syntax": {
        "a.tf.json": '{"locals": {"a": "${local.b}1"}}',
        "b.tf": 'locals {\n  b = "x"\n}\noutput "o" {\n  value = local.a\n}\n',
    },
    "values, templates and files": {
        "main.tf": NATIVE,
        "terraform.tfvars": 'size = "5"\nname = "first"\ntags = { a = 1 }\n',
        "b.auto.tfvars.json": '{"name": "third"}',
        "a.auto.tfvars": 'name = "second"\n',
        "list.tpl": TEMPLATE,
        "one.tpl": "${x}",
        "empty.tpl": "",
        "deep/a.txt": "",
        "deep/b.txt": "",
        "deep/er/c.txt": "",
    },
    "override files": {
        "main.tf": 'locals {\n  a = 1\n  b = 2\n}\noutput "o" {\n  value = [local.a, local.b]\n}\n',
        "override.tf": "locals {\n  a = 10\n}\n",
        "x_override.tf.json": '{"locals": {"b": 20}}',
    },
    "line ends of Windows": {
        "main.tf": 'output "o" {\r\n  value = ["a",\r\n    <<EOT\r\nx\r\n  y\r\nEOT\r\n  ]\r\n}\r\n',
    },
    "a byte order mark": {"main.tf": '\ufeffoutput "o" {\n  value = "é"\n}\n'},
}


@pytest.mark.parametrize("files", CASES.values(), ids=CASES)
def test_terraform_agrees(files: dict[str, str | bytes]) -> None:
    ours, theirs = compare(files)
    assert (ours.refusals, theirs.refusals) == ((), ())
    assert ours.outputs.keys() == theirs.outputs.keys()
    for name, real in theirs.outputs.items():
        assert agree(ours.outputs[name], real), f"{name}\nthe engine: {ours.outputs[name]}\nTerraform:  {real}"


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[",
        "[]x",
        '{"locals": {"a": 1,}}',
        '{"locals": {"a": 01}}',
        '{"locals": {"a": nul}}',
        "{'locals': {}}",
        '{"locals": {"a": "\\q"}}',
        '{"locals": {"a": "line\nbreak"}}',
        '{"locals": 1}',
        '{"output": {"o": {"value": "${1"}}}',
        '{"nonsense": {}}',
        '{"locals": {"a": 1} "output": {}}',
    ],
)
def test_both_refuse_json_that_is_wrong(content: str) -> None:
    ours, theirs = compare({"main.tf.json": content})
    assert ours.refusals != ()
    assert theirs.refusals != ()
