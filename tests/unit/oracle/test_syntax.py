"""Syntax: what Terraform refuses to parse, the engine refuses, and what it accepts the engine accepts.

tree-sitter's grammar is more tolerant than Terraform's, and in places less.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from routeproof.sources.hcl.blocks import Block, read_blocks
from routeproof.sources.hcl.syntax import SourceError, parse
from tests.unit.oracle.terraform import by_terraform, write

# The values that a local may or may not have; \n is a line break.
VALUES = r"""
1\n + 2
1 +\n 2
(1\n + 2)
[1\n + 2]
{b = 1\n + 2}
{b = true\n ? 1 : 2}
true\n ? 1 : 2
true ? 1\n : 2
true ?\n 1 : 2
true ? \n 1 : \n 2
(true\n ? 1\n : 2)
max(1\n + 2)
max(\n1,\n2,\n)
max(1,[2]...)
max(1 2)
"${1\n + 2}"
[1][0\n + 0]
[for x in [1] : x\n + 1]
[for x in [1] : x if\n true]
{for x in [1] : x => x\n + 1}
\n 1
[1 2]
[1,\n2\n,3]
[1, 2,]
[,]
[\n 1,\n # c\n 2 /* d */, // e\n ]
{b=1 c=2}
{b=1, c=2,}
{b=1\n, c=2}
{b=1\n c=2}
{b=1,\n c=2}
{"b" : 1}
{(1) = 2}
{b.c = 1}
{b = }
{}
{\n}
{\n\n b = 1\n\n\n c = 2\n}
"\q"
"\ud800"
"\u12"
"a\nb"
"a" "b"
"%{ if true }x%{ endif }"
"%{ if true }x"
"%{ endif }"
"%%{x}"
"${}"
"${1"
"$${x}"
"$$${"
"%%%{"
"100%"
1e10
1E+3
1.5e-3
1.
.5
0x10
1_000
01
-1
- 1
--1
!true
!!true
[1].0
[[1]].0.0
[[1]][0].0
[[1]].0[0]
["a"][*]
["a"].*
[["a"]][*][0]
<<EOT\nfoo\nEOT
<<-EOT\n  foo\n  EOT
<<EOT\nfoo\n  EOT
<<EOT\nEOT
<<EOT\n${1}\nEOT
<<EOT x\nfoo\nEOT
<<EOT \nfoo\nEOT
[<<EOT\nfoo\nEOT\n, 1]
upper(<<EOT\nfoo\nEOT\n)
true ? 1 : false ? 2 : 3
1 < 2 == true
1 == 1 == true
1 = 1
1 # comment
1 // comment
/* before */ 1
(1
1)
"unclosed
null
core::max(1)
a b
var
each
""".strip().splitlines()

FILES = [
    "locals { a = 1 }\n",
    "locals { a = 1 b = 2 }\n",
    "locals { a = 1, b = 2 }\n",
    "locals { \n a = 1 }\n",
    "locals { a = 1\n}\n",
    "locals \n{ \n a = 1 \n}\n",
    "locals {\n a = 1\n a = 2\n}\n",
    "locals {\n a = 1\n} locals {}\n",
    "locals {}",
    "locals {\n a = 1\n}",
    "locals {\r\n a = 1\r\n}\r\n",
    "locals {\n a = <<EOT\r\nx\r\nEOT\r\n}\n",
    "\ufefflocals {\n}\n",
    "locals {\n a-b = 1\n é = 2\n}\n",
    "locals {\n 1a = 1\n}\n",
    'variable "a" {\n}\nvariable "a" {}\n',
    "variable a {\n}\n",
    'variable "a" "b" {\n}\n',
    'output "x" { \n value = 1 \n}\nfoo = 1\n',
    'variable "a" { type = string }\n',
    'variable "a" { type = string\n default = "x" }\n',
    'variable "a" { validation { condition = true } }\n',
    'variable "${1}" {\n}\n',
    "",
    "# only a comment",
    "/* unclosed",
    "}\n",
    "locals {\n",
    "locals {\n a = 1\n}\n}\n",
]
CASES = ["locals {\n a = " + value.replace("\\n", "\n") + "\n}\n" for value in VALUES] + FILES


def refused_by_engine(source: str) -> bool:
    try:
        translated(read_blocks(parse(source.encode(), "main.tf")))
    except SourceError:
        return True
    return False


def translated(block: Block) -> None:
    for attribute in block.attributes.values():
        assert attribute.expression is not None
    for inner in block.blocks:
        translated(inner)


def refused_by_terraform(sources: list[str]) -> set[int]:
    """By their numbers. Each is a module of one root; what is only wrong in meaning does not count."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        files: dict[str, str | bytes] = {f"m{i}/main.tf": source for i, source in enumerate(sources)}
        files["main.tf"] = "".join(f'module "m{i}" {{\n  source = "./m{i}"\n}}\n' for i in range(len(sources)))
        write(files, directory)
        refusals = by_terraform(directory).refusals
    return {int(file.partition("/")[0][1:]) for file, _, summary in refusals if not summary.startswith(MEANING)}


# Complaints about names, blocks and values that parse.
MEANING = (
    "Reference to undeclared",
    "Invalid reference",
    "Duplicate variable declaration",
    "Unsupported argument",
    "Missing name for variable",
    "Extraneous label for variable",
    "Missing required argument",
    "Invalid validation",
    'Reference to "each"',
)


def test_terraform_agrees_on_what_is_refused() -> None:
    theirs = refused_by_terraform(CASES)
    ours = {number for number, source in enumerate(CASES) if refused_by_engine(source)}
    assert [CASES[number] for number in sorted(ours - theirs)] == [], "the engine alone refuses these"
    assert [CASES[number] for number in sorted(theirs - ours)] == [], "Terraform alone refuses these"
