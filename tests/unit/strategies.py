"""Hypothesis strategies that write Terraform.

`expressions(kind)` writes an expression that mostly has the kind asked for; sometimes it has not, or has no value at
all, so that what Terraform converts and what it refuses are seen too. What an expression may name is in `LOCALS`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, TypeAlias

from hypothesis import strategies as st

# Writes an expression: how to draw, how deep it may nest, the names that stand for values.
Writer: TypeAlias = Callable[[st.DrawFn, int, tuple[str, ...]], str]

# What random expressions refer to: values of every type, also those that no literal has.
LOCALS = """\
locals {
  last     = [for name in local.names : upper(name)]
  names    = tolist(["b", "a", "c"])
  ports    = tolist([443, 80])
  none     = tolist([])
  unique   = toset(["z", "x", "y", "x"])
  sizes    = toset([10, 9, 1.5])
  pair     = ["one", 2]
  ages     = tomap({ ann = 40, bob = 7 })
  tags     = tomap({ Name = "x", "a b" = "y" })
  empty    = tomap({})
  server   = { name = "web", port = 8080, tls = true, zones = ["a", "b"] }
  servers  = { web = { port = 80, hosts = ["w1", "w2"] }, db = { port = 5432, hosts = [] } }
  rows     = [{ id = 1, tag = "p" }, { id = 2, tag = "q" }]
  word     = "Straße"
  text     = "hello world"
  number   = 3.25
  whole    = 12
  digits   = "42"
  yes      = true
  no       = "false"
  nothing  = null
  maybe    = { size = null, zone = "a" }
  no_text  = tostring(null)
  lines    = "one\\ntwo\\r\\n three "
}
"""

STRING, NUMBER, BOOL, STRINGS, NUMBERS, MAP, OBJECT, SET = [
    "string",
    "number",
    "bool",
    "strings",
    "numbers",
    "map",
    "object",
    "set",
]
KINDS = (STRING, NUMBER, BOOL, STRINGS, NUMBERS, MAP, OBJECT, SET)

_NAMED = {
    STRING: [
        "local.word",
        "local.text",
        "local.digits",
        "local.server.name",
        'local.tags["Name"]',
        "local.names[0]",
        "local.pair.0",
        "local.lines",
        "local.rows.0.tag",
        "local.no_text",
        "local.rows[1].tag",
    ],
    NUMBER: [
        "local.number",
        "local.whole",
        "local.ports[1]",
        "local.ages.ann",
        "local.server.port",
        "local.digits",
        "local.pair[1]",
        'local.servers["db"].port',
        "local.rows[0].id",
    ],
    BOOL: ["local.yes", "local.no", "local.server.tls"],
    STRINGS: [
        "local.names",
        "local.last",
        "local.server.zones",
        "local.rows[*].tag",
        "local.none",
        "local.pair",
        "local.servers.web.hosts",
        "local.rows.*.tag",
        "local.server.zones[*]",
        "local.names.*",
    ],
    NUMBERS: ["local.ports", "local.rows[*].id", "values(local.ages)", "local.none", "values(local.servers)[*].port"],
    MAP: ["local.ages", "local.tags", "local.empty"],
    OBJECT: ["local.server", "local.servers", "local.rows[0]", "local.servers.web", "local.maybe"],
    SET: ["local.unique", "local.sizes", "toset(local.names)"],
}
_TEXT = st.text(st.sampled_from("abcXYZ 019_-./:,;é\u00fcß漢🙂'#%$&*()[]<>=+~|^@!?"), max_size=8)
_PLAIN_TEXT = st.text(st.sampled_from("abc XY-.é漢"), max_size=4)
_ESCAPES = st.sampled_from(
    ["\\n", "\\t", '\\"', "\\\\", "\\u00e9", "\\U0001F642", "$${", "%%{", "$", "%", "\\r", "$$", "%%"]
)
_SPACE = st.sampled_from(["", " ", "  "])
_WORDS = st.sampled_from(["a", "b", "k1", "name", "x-y"])


@st.composite
def expressions(draw: st.DrawFn, kind: str | None = None, *, depth: int = 3) -> str:
    """An expression on one line, nested `depth` deep at most."""
    return _expression(draw, kind, depth, ())


def _expression(draw: st.DrawFn, kind: str | None, depth: int, names: tuple[str, ...]) -> str:
    """`names` are those that stand for a value here, as in a `for`."""
    if kind is None or not draw(_ONE_IN_THIRTY):
        kind = draw(_among(KINDS))
    if names and not draw(_ONE_IN_THREE):
        return draw(_among(names))
    if depth <= 0 or not draw(_ONE_IN_FIVE):
        if not draw(_ONE_IN_THIRTY):
            return draw(_among(("null", "local.nothing")))
        return draw(_among(tuple(_NAMED[kind])) if draw(st.booleans()) else _literal(kind))
    writer = draw(_among(tuple(_WRITERS[kind])))
    return writer(draw, depth - 1, names)


_ONE_IN_THREE, _ONE_IN_FIVE, _ONE_IN_THIRTY = (st.integers(0, number - 1) for number in (3, 5, 30))


@cache
def _among(options: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    return st.sampled_from(options)


@cache
def _literal(kind: str) -> st.SearchStrategy[str]:
    return {
        STRING: quoted_texts(),
        NUMBER: numbers(),
        BOOL: st.sampled_from(["true", "false", '"true"', "true", "false"]),
        STRINGS: st.lists(quoted_texts(), max_size=3).map(_tuple),
        NUMBERS: st.lists(numbers(), max_size=3).map(_tuple),
        MAP: st.lists(st.tuples(_WORDS, quoted_texts()), max_size=2).map(_object),
        OBJECT: st.lists(st.tuples(_WORDS, numbers()), max_size=2).map(_object),
        SET: st.lists(quoted_texts(), max_size=3).map(lambda items: f"toset({_tuple(items)})"),
    }[kind]


def _tuple(items: list[str]) -> str:
    return f"[{', '.join(items)}]"


def _object(pairs: list[tuple[str, str]]) -> str:
    return f"{{ {', '.join(f'{name} = {value}' for name, value in pairs)} }}"


def quoted_texts() -> st.SearchStrategy[str]:
    """A string literal with escapes and without interpolations."""
    plain = _TEXT.map(lambda text: text.replace("${", "").replace("%{", ""))
    return st.lists(plain | _ESCAPES, max_size=3).map("".join).filter(_stays_literal).map(lambda text: f'"{text}"')


def _stays_literal(text: str) -> bool:
    return "${" not in text.replace("$${", "") and "%{" not in text.replace("%%{", "")


def numbers() -> st.SearchStrategy[str]:
    whole = st.integers(0, 100).map(str)
    large = st.integers(0, 10**40).map(str)
    fraction = st.tuples(st.integers(0, 99), st.integers(0, 9999)).map(lambda pair: f"{pair[0]}.{pair[1]}")
    exponent = st.tuples(st.integers(0, 99), st.sampled_from(["e", "E", "e+", "e-"]), st.integers(0, 30))
    return st.one_of(whole, whole, fraction, large, exponent.map(lambda parts: "".join(map(str, parts))))


def _call(name: str, *kinds: str | list[str]) -> Writer:
    """A call of a function; a kind is an expression of it, a list is one of its literal texts."""

    def write(draw: st.DrawFn, depth: int, names: tuple[str, ...]) -> str:
        arguments = (
            draw(_among(tuple(kind))) if isinstance(kind, list) else _expression(draw, kind, depth, names)
            for kind in kinds
        )
        return f"{name}({', '.join(arguments)})"

    return write


def _pattern(text: str) -> Writer:
    """An expression as a pattern: `<number>` stands for an expression of that kind."""

    def write(draw: st.DrawFn, depth: int, names: tuple[str, ...]) -> str:
        pieces = text.split("<")
        written = pieces[0]
        for piece in pieces[1:]:
            kind, closed, rest = piece.partition(">")
            if not closed or kind not in (*KINDS, "any", "space", "text"):
                written += "<" + piece
            elif kind == "space":
                written += draw(_SPACE) + rest
            elif kind == "text":
                written += draw(_PLAIN_TEXT) + rest
            else:
                written += _expression(draw, None if kind == "any" else kind, depth, names) + rest
        return written

    return write


def _loop(text: str, names: tuple[str, ...]) -> Writer:
    """A pattern whose `«kind»` parts may use the loop's names."""

    pattern = _pattern(text)

    def write(draw: st.DrawFn, depth: int, outer: tuple[str, ...]) -> str:
        written = pattern(draw, depth, outer)
        while "«" in written:
            before, _, after = written.partition("«")
            kind, _, rest = after.partition("»")
            inner = _expression(draw, None if kind == "any" else kind, depth, (*outer, *names))
            written = before + inner + rest
        return written

    return write


_PATTERNS = {
    STRING: [
        '"<text><space>${<space><string><space>}<space><text>"',
        '"${<string>}${<number>}"',
        '"%{ if <bool> }<text>%{ else }${<string>}%{ endif }"',
        '"<text> %{~ if <bool> ~} ${<number>} %{~ endif ~} <text>"',
        '"${~ <string> ~} <text>"',
        'format("%s-%v", tostring(<string>), [<any>])',
        "join(<string>, <strings>)",
        "jsonencode(<any>)",
        "tostring(<number>)",
        'lookup(<map>, "Name", <string>)',
        "element(<strings>, <number>)",
        "<strings>[0]",
        'join(",", sort(<strings>))',
        "yamlencode(<numbers>)",
        'format("%05d|%-6s|%q", 1 + <number>, "${<string>}", "${<string>}")',
        'format("%.2f %t %x", 1 * <number>, !<bool>, 1 * <number>)',
    ],
    NUMBER: [
        "<number> + <number>",
        "<number> - <number> * <number>",
        "<number> / max(<number>, 1)",
        "<number> % <number>",
        "-<number>",
        "length(<any>)",
        "max(<number>, <number>)",
        "min(<number>, <number>...)",
        "min(<numbers>...)",
        "sum(<numbers>)",
        "floor(<number>)",
        "ceil(<number>)",
        "abs(<number>)",
        "signum(<number>)",
        "index(<strings>, <string>)",
        "lookup(local.ages, <string>, <number>)",
        "parseint(<string>, 16)",
        "tonumber(<string>)",
        "pow(local.whole, 2)",
    ],
    BOOL: [
        "<any> == <any>",
        "<number> == <number>",
        "<string> != <string>",
        "<strings> == <strings>",
        "<number> < <number>",
        "<number> >= <number>",
        "!<bool>",
        "<number> < <number> && true",
        "<string> == <string> || <string> == <string>",
        "!<bool> == <bool>",
        "contains(<strings>, <string>)",
        "can(<any>)",
        "alltrue([<bool>, <bool>])",
        "anytrue([<bool>])",
        "startswith(<string>, <string>)",
        "endswith(<string>, <string>)",
        "strcontains(<string>, <string>)",
        "<number> + 1 > <number> == <bool>",
        "tobool(<bool>)",
    ],
    STRINGS: [
        "[<string>, <any>]",
        "concat(<strings>, <strings>)",
        "keys(<map>)",
        "keys(<object>)",
        "split(<string>, <string>)",
        "tolist(<strings>)",
        "tolist(<set>)",
        "distinct(<strings>)",
        "reverse(<strings>)",
        "compact(<strings>)",
        "flatten([<strings>, [<strings>]])",
        "slice(<strings>, 0, <number>)",
        "sort(<strings>)",
        "<strings>[*]",
        "<object>[*].name",
        "values(<object>)",
        "chunklist(<strings>, 2)",
        "setproduct(<strings>, <set>)",
        'formatlist("%s!", concat(<strings>, []))',
        'regexall("[a-z]+", <string>)',
        "matchkeys(<strings>, <strings>, <strings>)",
        "coalescelist(<strings>, <strings>)",
        "[<strings>, <strings>][*][0]",
        "<any>[*]",
        "concat(<strings>, [<any>])",
    ],
    NUMBERS: [
        "[<number>, <number>]",
        "range(<number>)",
        "range(<number>, <number>)",
        "concat(<numbers>, <numbers>)",
        "values(<map>)",
        "[<any>, null]",
        "tolist([<number>, <any>])",
        "reverse(<numbers>)",
        "one([<numbers>])",
    ],
    MAP: [
        "tomap({ a = <string>, b = <any> })",
        "merge(<map>, <map>)",
        "zipmap(<strings>, <strings>)",
        "tomap(<object>)",
        "transpose({ a = <strings> })",
        "{ (<string>) = <any> }",
        "zipmap(<strings>, <numbers>)",
    ],
    OBJECT: [
        '{ a = <any>, "b-c" : <string> }',
        '{ "${<string>}" = <number>, b = <any> }',
        "merge(<object>, <map>)",
        "merge(<object>, { a = <any> })",
        "jsondecode(jsonencode(<any>))",
        "{ 1 = <any>, true = <number>, }",
    ],
    SET: [
        "toset(<strings>)",
        "toset([<any>, <any>])",
        "setunion(<set>, <set>)",
        "setintersection(<set>, <strings>)",
        "setsubtract(<set>, <set>)",
        "toset(<numbers>)",
    ],
}
_LOOPS = {
    STRING: [
        ('"%{ for x in <any> }${«string»},%{ endfor }"', ("x",)),
        ('"%{ for k, v in <map> ~} ${k}=${v} %{ endfor }"', ()),
    ],
    STRINGS: [
        ("[for x in <any> : «any»]", ("x",)),
        ("[for k, v in <any> : «any»]", ("k", "v")),
        ("[for x in <strings> : «string» if «bool»]", ("x",)),
        ("[for k, v in <object> : [k, «any»]]", ("k", "v")),
    ],
    NUMBERS: [("[for n in <numbers> : n * «number» if n > <number>]", ("n",)), ("[for i, x in <strings> : i]", ())],
    MAP: [
        ("{ for k, v in <map> : k => «any» }", ("k", "v")),
        ("{ for x in <set> : x => «any» }", ("x",)),
        ("{ for k, v in <any> : «string» => v... }", ("k", "v")),
        ("{ for i, x in <strings> : i => x if «bool» }", ("i", "x")),
    ],
    OBJECT: [("{ for k, v in <object> : upper(k) => «any» }", ("k", "v"))],
    SET: [("toset([for x in <strings> : «string»])", ("x",))],
}
_CALLS = {
    STRING: [
        _call("upper", STRING),
        _call("lower", STRING),
        _call("title", STRING),
        _call("trimspace", STRING),
        _call("trim", STRING, STRING),
        _call("trimprefix", STRING, STRING),
        _call("trimsuffix", STRING, ['"/"', '"b"', '"o world"']),
        _call("chomp", STRING),
        _call("substr", STRING, ["0", "1", "-2"], ["-1", "2", "3"]),
        _call("replace", STRING, ['"a"', '" "', '""', '"/[a-z]+/"', '"/(.)b?/"'], ['"-"', '"$1"', '""', '"<$${1}>"']),
        _call("strrev", STRING),
        _call("indent", ["2"], STRING),
        _call("base64encode", STRING),
        _call("urlencode", STRING),
        _call("md5", STRING),
        _call("sha256", STRING),
        _call("basename", STRING),
        _call("dirname", STRING),
        _call("regex", ['"[a-z]+"', '"(?:o)(\\\\w*)"', '"^(?P<first>.)(?P<rest>.*)$"', '"b|a"', '"[^a-z]"'], STRING),
    ],
}
_WRITERS = {
    kind: [
        *(_pattern(text) for text in texts),
        *(_loop(text, names) for text, names in _LOOPS.get(kind, ())),
        *_CALLS.get(kind, ()),
        *(_pattern(text.format(kind)) for text in ("<bool> ? <{0}> : <{0}>", "(<{0}>)", "try(<{0}>, <{0}>)")),
        *(
            _pattern(text.format(kind))
            for text in ("coalesce(<{0}>, <{0}>)", "<bool> ? <{0}> : <bool> ? <{0}> : <{0}>")
        ),
        _pattern(f"<bool> ? <{kind}> : <any>"),
    ]
    for kind, texts in _PATTERNS.items()
}


@st.composite
def heredocs(draw: st.DrawFn) -> str:
    """A heredoc, indented or not, with interpolations and nested directives; a few lines ends the expression."""
    opening = draw(_among(("<<EOT", "<<-EOT", "<<-EOT")))
    closing = draw(_INDENTATION).replace("\u00a0", "")
    return f"{opening}\n{_lines(draw, 2, draw(_INDENTATION))}{closing}EOT\n"


_INDENTATION = st.sampled_from(["", "  ", "    ", "      ", "\t", " \t", "\u00a0 "])
_STRIP = st.sampled_from(["", "", "~"])
_PIECES = ["text", " ", "  ", "$", "%", "$${x}", "%%{x}", '"', "\\n", "é", "~}", "$$", " {"]


def _lines(draw: st.DrawFn, depth: int, indentation: str) -> str:
    written = ""
    for _ in range(draw(st.integers(0, 3))):
        more = indentation + draw(_INDENTATION) if draw(st.booleans()) else draw(_INDENTATION)
        form = draw(_among(("text", "text", "blank", "if", "else", "for"))) if depth else "text"
        line_break = draw(_among(("\n", "\n", "\n", "", " ")))
        if form == "text":
            written += more + "".join(draw(st.lists(_piece(), max_size=3))) + "\n"
            continue
        if form == "blank":
            written += draw(_among(("\n", more + "\n")))
            continue
        inner = line_break + _lines(draw, depth - 1, more)
        if form == "for":
            written += f"{more}{_directive(draw, 'for x in local.names')}{inner}{more}{_directive(draw, 'endfor')}\n"
            continue
        condition = draw(_among(("true", "local.no")))
        written += f"{more}{_directive(draw, f'if {condition}')}{inner}{more}"
        if form == "else":
            written += _directive(draw, "else") + line_break + _lines(draw, depth - 1, more) + more
        written += f"{_directive(draw, 'endif')}\n"
    return written


def _directive(draw: st.DrawFn, text: str) -> str:
    return f"%{{{draw(_STRIP)} {text} {draw(_STRIP)}}}"


@cache
def _piece() -> st.SearchStrategy[str]:
    names = st.sampled_from(['"a"', "local.whole", "local.text", '" x "', "null"])
    written = st.tuples(_STRIP, names, _STRIP).map(lambda parts: f"${{{parts[0]} {parts[1]} {parts[2]}}}")
    return st.sampled_from(_PIECES) | st.sampled_from(_PIECES) | written


@st.composite
def configurations(draw: st.DrawFn) -> tuple[str, str, str]:
    """A module that takes a typed variable: its source, the arguments of its call, and what of it is asked for.

    The call has a count or a for_each, or neither.
    """
    kind, value = draw(_typed(2))
    default = f"  default  = {value}\n" if draw(st.booleans()) else ""
    nullable = draw(_among(("", "", "  nullable = false\n")))
    locals_ = draw(
        st.permutations(["  late  = local.early\n", "  early = var.given\n", "  whole = [local.late, var.given]\n"])
    )
    expression = draw(
        _among(("local.late", "local.whole", "[for x in [local.early] : x]", "try(local.late.a, var.given)"))
    )
    source = (
        f'variable "given" {{\n  type     = {kind}\n{default}{nullable}}}\n'
        'variable "other" {\n  default = "none"\n}\n'
        f"locals {{\n{''.join(locals_)}}}\n"
        f'output "result" {{\n  value = {expression}\n}}\n'
        'output "other" {\n  value = "${var.other}/${path.module}"\n}\n'
    )
    given = f"given = {draw(_value_near(kind, value))}\n" if not default or draw(st.booleans()) else ""
    repetition, other, asked = draw(_among(_REPETITIONS))
    return source, f"{repetition}\n{given}\nother = {other}\n", asked


# How often a module is called, what its second variable gets, and what of it (of M) is asked for.
_REPETITIONS = (
    ("", '"plain"', "[M.result, M.other]"),
    ("count = 2", "count.index", "[M[*].result, M[1].other, length(M)]"),
    ("count = local.yes ? 1 : 0", '"x"', "[one(M[*].result), M[0].other]"),
    ("count = local.no ? 1 : 0", '"x"', "[M[*].result, length(M), try(M[0].other, null)]"),
    ("for_each = toset(local.names)", "each.key", '[{ for k, m in M : k => m.result }, M["a"].other]'),
    (
        "for_each = { x = 1, y = 2 }",
        '"${each.key}${each.value}"',
        "[keys(M), [for m in M : m.other], values(M)[*].result]",
    ),
    ("for_each = local.servers", "each.value.port", '[for name in sort(keys(M)) : "${name}=${M[name].other}"]'),
    (
        "for_each = { for row in local.rows : row.tag => row if row.id > 1 }",
        "each.value.id",
        "[for k, m in M : [k, m.result]]",
    ),
)


@st.composite
def _typed(draw: st.DrawFn, depth: int) -> tuple[str, str]:
    """A type constraint and a value that it takes."""
    kind = draw(_among(("string", "number", "bool", "any", "list", "set", "map", "tuple", "object", "object")))
    if depth == 0 or kind in ("string", "number", "bool", "any"):
        kind = kind if kind in ("string", "number", "bool", "any") else "string"
        return kind, draw(_among({**_VALUES, "any": (*_VALUES["string"], "[1, 2]", "{ a = 1 }", "null")}[kind]))
    if kind in ("list", "set", "map"):
        inner, value = draw(_typed(depth - 1))
        values = [value, *draw(st.lists(_value_near(inner, value), max_size=2))]
        if kind == "map":
            return f"map({inner})", _object([(f"k{i}", item) for i, item in enumerate(values)])
        return f"{kind}({inner})", _tuple(values)
    parts = draw(st.lists(_typed(depth - 1), min_size=1, max_size=3))
    if kind == "tuple":
        return f"tuple([{', '.join(inner for inner, _ in parts)}])", _tuple([value for _, value in parts])
    attributes, given = [], []
    for name, (inner, value) in zip("abc", parts, strict=False):
        form = draw(_among(("required", "optional", "default")))
        attributes.append(
            (name, {"required": inner, "optional": f"optional({inner})"}.get(form, f"optional({inner}, {value})"))
        )
        if form == "required" or draw(st.booleans()):
            given.append((name, draw(_among((value, value, "null")))))
    extra = [("extra", "1")] if draw(st.booleans()) else []
    return f"object({_object(attributes)})", _object([*given, *extra])


_VALUES = {
    "string": ('"a"', '"1"', "2", "true", '"x y"'),
    "number": ("1", '"2"', "0.5", "1e3"),
    "bool": ("true", '"false"', "false"),
}


def _value_near(kind: str, value: str) -> st.SearchStrategy[str]:
    """The value, or one of the type, or one that may not fit."""
    return st.sampled_from((value, value, *_VALUES.get(kind, ()), *_VALUES["string"][:2], "null", "[]", "{}"))
