"""Expressions: the engine evaluates them to Terraform's type and value, and refuses what Terraform refuses.

Each expression stands in an output of its own, inside `try([...], "refused")`, so that one start of Terraform answers
for a whole batch.
"""

from __future__ import annotations

from collections import Counter

from hypothesis import strategies as st

from tests.unit.oracle.rounds import until
from tests.unit.oracle.terraform import agree, compare, version
from tests.unit.strategies import LOCALS, expressions, heredocs

BATCH = 60
REFUSED = ("string", "refused")

# What the engine may leave undecided of random expressions, each with the reason that it gives.
UNDECIDED = (
    "a remainder of a division by zero",
    "the common type of values",
    "the case of ",
    "something is null",
    "something null in one",
    "a null without a type",
    "a product of nulls",
    "merge of a null and a list",
    "the type of a loop that Terraform refuses",
    "a condition is known only after apply",
    "a key is known only after apply",
)

PINNED = """\
true ? 1 : "a"
true ? [1, 2] : ["a"]
true ? { a = 1 } : { a = "x" }
true ? { a = 1, b = "x" } : {}
true ? 1 : false
false ? 1 : true ? 2 : 3
true ? "a" : false ? "b" : "c"
true ? null : 1
true ? tostring(null) : 1
true ? toset(["a"]) : ["b"]
true ? local.servers.web : local.empty
local.yes ? local.sizes : setintersection(toset([""]), formatlist("%s!", ["x"]))
true ? { a = upper([]), b = "x" } : { a = 1, b = 2 }
strcontains("x", "y") ? { a = strrev({}) } : range(3)
1 == "1"
[1] == tolist([1])
{ a = 1 } == tomap({ a = 1 })
null == tostring(null)
toset([1, 2]) == toset([2, 1])
0.1 + 0.2
1 / 3
-5 % 3
5 % -3
7.5 % 2
1e3
1E-2 + 0.01
1.50
123456789012345678901234567890 * 987654321
2 + 3 * 4 - 5
1 < 2 == true
!true == false
-local.servers["db"].port / local.digits
signum(26.4)
signum(61e23)
pow(2, 10)
abs(-1.5)
floor(-1.5)
ceil(1.2)
parseint("ff", 16)
parseint(10, 16)
log(8, 2)
local.rows[*].tag[*]
local.rows.*.tag[0]
local.rows[*].tag[0]
local.names.*
local.pair.0
local.nothing[*]
"x"[*]
local.server[*].name
local.none[*]
toset([]) [*]
[for n in [] : n if local.pair]
[for n in [] : n if n > null]
{ for k, v in local.tags : v => k... }
{ for x in ["a", "a"] : x => 1 }
{ a = 1, a = 2 }
{ 1 = "x", true = "y" }
"$$${1}"
"$${%%%{"
"100%"
"$"
"${local.names}"
"${[1]}"
"a${null}"
"${1}"
"${true}${1.50}"
"%{ if true }a%{ else }b%{ endif }"
"%{ if false }a%{ endif }"
"%{ for i, x in [1, 2] ~} ${i}:${x} %{ endfor ~} end"
"  ${~ "a" ~}  b"
"\\u00e9\\U0001F642\\t\\\\"
length("e\\u0301x")
length("\\U0001F1E9\\U0001F1EA")
"e\\u0301" == "\\u00e9"
upper("straße é")
title("hello wor-ld o'neil a_b")
strrev("añb")
substr("hello", -3, 2)
substr("hello", 1, 100)
split("", "abc")
split(",", "")
replace("hello", "/l+/", "L")
replace("a.b.c", ".", "-")
replace("abc", "/(?P<x>b)/", "<${1}$${x}>")
replace("abc", "", "-")
regex("(\\\\d+)-(\\\\d+)", "10-20")
regex("(?P<a>\\\\d+)(?P<b>x)?", "10")
regex("a|ab", "ab")
regex("(a*)(b|abc)", "aabc")
regex("x*", "aaa")
regex("b", "a")
regex("(?i)HEL(lo)", "hello")
regex("^\\\\w+$", "two words")
regexall("[a-z]", "a1b2")
regexall("x*", "axb")
regexall("(a)(b)?", "aba")
regexall("q", "aba")
regex("[[:alpha:]]+", "12ab34")
regex("a{2,3}?", "aaaa")
regex("(?m)^b$", "a\\nb\\nc")
regex("(?s)a.b", "a\\nb")
regex("\\\\bfoo\\\\b", "a foo b")
regex("(", "a")
regex("a**", "a")
regex("[b-a]", "a")
regex("(?=a)", "a")
regex("\\\\.", "a.b")
format("%s-%d-%05.1f-%x-%t-%q-%v", "a", 5, 1.25, 255, true, "q&", [1, "a"])
format("%[2]s %[1]s", "a", "b")
format("%5s|%-5s|", "é", "ab")
format("%d", 1.5)
format("%s", ["a"])
format("%#v", { a = 1 })
format("%%")
format("%s")
format("x", 1)
format("%e", 1234.5)
format("%b %o %X", 5, 8, 255)
format("%+d % d", 5, 5)
format("%v", 1.50)
formatlist("%s-%s", ["a", "b"], "x")
formatlist("%s-%s", ["a", "b"], ["x"])
join(",", [1, true, "x"])
join(",", ["a"], ["b"])
jsonencode({ b = [1, 1.5, null], a = "<&>\\u2028\\\\" })
jsonencode(toset(["b", "a"]))
jsonencode("é\\n\\t")
jsondecode("{\\"a\\": [1, 2.50, null, true]}")
jsondecode("[1,]")
jsondecode("\\"\\\\ud800\\"")
yamlencode({ a = [1, "x"], b = { c = null, d = [] }, e = {} })
yamlencode([[1], { a = 1 }])
yamlencode("x")
yamlencode(1)
base64encode("é")
base64decode("w6k=")
urlencode("a b/é~*")
md5("a")
sha1("a")
sha512("a")
concat(["a"], [1])
concat(tolist(["a"]), tolist([1]))
concat(["a"], toset(["b"]))
merge({ a = 1 }, { b = "x" })
merge(tomap({ a = 1 }), tomap({ b = 2 }))
merge(null, { a = 1 })
merge()
keys(local.ages)
keys(local.server)
values(local.ages)
lookup(local.ages, "bob", "x")
lookup(local.ages, "none", "5")
lookup(local.server, "none", [1])
lookup(local.ages, "none")
element(local.names, 5)
element([], 0)
element(local.names, -1)
element(local.names, 43e25)
index(local.names, "c")
index(local.names, "x")
contains([1], "1")
contains(local.unique, "x")
coalesce(null, "", "x")
coalesce(1, "x")
coalesce("", null)
coalescelist([], ["a"])
coalescelist(null, ["a"])
coalescelist(["a"], null)
compact(["a", "", null])
chunklist(["a", "b", "c"], 2)
distinct([1, "1", 2, 2])
flatten([["a"], [["b"], []], "c"])
one([])
one(["x"])
one(["x", "y"])
range(5)
range(1, 10, 3)
range(5, 1)
range(1, 2, -1)
range(0, 1, 0.25)
range(2000)
reverse(["a", "b"])
reverse(toset(["a", "b"]))
setproduct(["a", "b"], [1, 2])
setproduct(toset(["b", "a"]), [true])
setunion(["a"], ["b", "a"])
setsubtract(["a", "b"], ["b"])
setintersection(["a", "b"], ["b"])
slice(["a", "b", "c"], 1, 2)
slice(["a"], 1, 3)
sort(["b", "a", "é", "B"])
sum([1, 2.5])
sum([])
tobool("1")
tobool("yes")
tolist(["a", 1])
tolist([1, [2]])
tomap({ a = 1, b = "x" })
tonumber("1e2")
tonumber("0x10")
tonumber(" 1")
toset([3, 10, 2])
toset(["b", 1, true])
tostring(1e20)
tostring([1])
transpose({ a = ["x", "y"], b = ["x"] })
trim("?!hello?!", "!?")
trimprefix("aab", "a")
trimspace("\\t a \\n")
chomp("a\\r\\n\\n")
indent(2, "a\\nb")
zipmap(["a", "b"], [1, 2])
zipmap(["a", "b"], tolist([1, 2]))
zipmap(["a"], [1, 2])
max(1, 2.5, "3")
min([1, 2]...)
max()
alltrue([])
anytrue([])
alltrue([true, "false"])
startswith("abc", "ab")
basename("a/b/")
dirname("a/b/c.txt")
dirname("c.txt")
dirname("/a")
cidrsubnet("10.0.0.0/16", 8, 2)
cidrhost("10.0.0.0/24", 5)
cidrhost("10.0.0.0/24", -1)
cidrnetmask("10.0.0.0/12")
cidrsubnets("10.1.0.0/16", 4, 4, 8)
cidrsubnet("fd00::/48", 16, 162)
try(local.server.none, "fallback")
try(local.names[9], local.names[0])
can(local.server.none)
can(regex("^a", "b"))
local.names[1.5]
local.names["1"]
local.names[-1]
local.ages["nobody"]
local.server["port"]
local.unique[0]
local.word.x
local.nothing.x
[1, 2, 3][local.rows[0].id]
nonsensitive(sensitive("x"))
true && "true"
true && null
1 + null
1 + [1]
-"5"
!"true"
[for k, v in { b = 1, a = 2 } : "${k}${v}"]
[for x in toset(["b", "a"]) : x]
[for x in "abc" : x]
{ for k, v in { a = 1 } : k => v if v > 1 }
endswith("abc", "bc")
lower("ABC É")
matchkeys(["a", "b"], ["x", "y"], ["y"])
pathexpand("a/b")
sha256("a")
trimsuffix("a//", "/")
core::upper("a")
provider::x::y(1)
nosuchfunction(1)
""".splitlines()


HEREDOCS = [
    "<<-EOT\n    first\n      %{ for i in local.names ~}\n      item ${i}\n      %{ endfor ~}\n  last\n  EOT\n",
    "<<-EOT\n\n      indented\n\n    less\n  EOT\n",
    "<<-EOT\n    \n    EOT\n",
    "<<-EOT\n  ${1}\n\t\u00a0x\n EOT\n",
    "<<-EOT\n    a ${~ 1 ~}\n      b\n   c\n  EOT\n",
    "<<EOT\n  kept\n\\n $${x}\n    EOT\n",
]


def outputs(written: list[str]) -> str:
    return LOCALS + "".join(
        f'output "e{number}" {{\n  value = try([{expression}], "refused")\n}}\n'
        for number, expression in enumerate(written)
    )


def disagreements(written: list[str]) -> tuple[list[str], Counter[str]]:
    """What the engine and Terraform say differently, and what the engine does not decide, by reason."""
    ours, theirs = compare({"main.tf": outputs(written)})
    assert theirs.refusals == (), "Terraform refuses the whole batch"
    assert ours.refusals == (), "the engine refuses what Terraform accepts"
    found, undecided = [], Counter[str]()
    for number, expression in enumerate(written):
        mine, real = ours.outputs[f"e{number}"], theirs.outputs[f"e{number}"]
        if real[0] == "dynamic":
            continue  # Terraform does not know either
        if mine[0] == "unknown":
            undecided[mine[1]] += 1
        elif not agree(mine, real):
            found.append(f"{expression}\n    the engine: {mine}\n    Terraform:  {real}")
    return found, undecided


def test_terraform_agrees_on_every_expression_that_was_ever_decided_differently() -> None:
    found, undecided = disagreements(PINNED + HEREDOCS)
    assert found == []
    assert {reason.split("(unknown: ")[-1].removesuffix(")])") for reason in undecided} == {
        "the length of a text with combining characters",
        "the case of 'ß'",
        "the function provider::x::y is not supported",
        "the function nosuchfunction is not supported",
    }


def test_terraform_agrees_on_random_expressions(runs: int) -> None:
    compared: set[str] = set()
    undecided: Counter[str] = Counter()

    def check(written: list[str]) -> None:
        fresh = [expression for expression in written if expression not in compared]
        found, reasons = disagreements(fresh)
        assert found == [], "\n" + "\n".join(found)
        compared.update(fresh)
        undecided.update(reasons)

    batches = st.lists(expressions(), min_size=BATCH, max_size=BATCH, unique=True)
    until(lambda: len(compared) >= runs, check, batches, runs=runs)
    unexpected = [reason for reason in undecided if not any(known in reason for known in UNDECIDED)]
    assert unexpected == []
    print(
        f"\nTerraform {version()}: {len(compared):,} expressions, {sum(undecided.values())} undecided {dict(undecided)}"
    )


def test_terraform_agrees_on_random_heredocs(runs: int) -> None:
    compared: set[str] = set()

    def check(written: list[str]) -> None:
        found, undecided = disagreements([heredoc for heredoc in written if heredoc not in compared])
        assert found == [], "\n" + "\n".join(found)
        assert undecided == {}
        compared.update(written)

    batches = st.lists(heredocs(), min_size=BATCH, max_size=BATCH, unique=True)
    until(lambda: len(compared) >= runs // 10, check, batches, runs=runs)
