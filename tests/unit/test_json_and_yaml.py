"""JSON and YAML texts as values, with references in them, and with what a hostile file holds."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from routeproof.json_and_yaml import MAX_NESTING, read_json, read_yaml
from routeproof.values import NULL, Call, Known, ListValue, Location, ObjectValue, Reference, Unknown, Value, template

PLACE = Location("main.tf", 3, 10, 3, 20)
ARN = Reference("aws_lambda_function.orders", "invoke_arn")
ROLE = Reference("aws_iam_role.api", "arn")
X = Reference("var.x", location=PLACE)
BOTH = pytest.mark.parametrize("read", [read_json, read_yaml])


def text(*parts: str | Value) -> Known | Value:
    return template([Known(part) if isinstance(part, str) else part for part in parts], PLACE)


def fields(**values: Value) -> ObjectValue:
    return ObjectValue(values)


def reason(found: Value) -> str:
    assert isinstance(found, Unknown)
    return found.reason


@BOTH
def test_json_is_read_by_both(read: Callable[..., Value]) -> None:
    content = {"text": "a\nß", "int": 29000, "half": 0.5, "yes": True, "nothing": None, "list": ["a", [1]], "o": {}}
    expected = fields(
        text=Known("a\nß"),
        int=Known(29000),
        half=Known("0.5"),
        yes=Known(True),
        nothing=NULL,
        list=ListValue((Known("a"), ListValue((Known(1),)))),
        o=ObjectValue({}),
    )
    assert read(text(json.dumps(content)), name="the body") == expected


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("2.0", Known("2.0")),
        ('"2.0"', Known("2.0")),
        ("29000", Known(29000)),
        ("-1", Known(-1)),
        ("007", Known("007")),
        ("1_000", Known("1_000")),
        ("9" * 5000, Known("9" * 5000)),
        ("true", Known(True)),
        ('"true"', Known("true")),
        ("yes", Known("yes")),
        ("on", Known("on")),
        ("~", NULL),
        ("", NULL),
        ('""', Known("")),
        ("null", NULL),
        ("'null'", Known("null")),
        ("2026-11-23", Known("2026-11-23")),
        ("!!str 5", Known("5")),
        ("|\n  a\n  b", Known("a\nb\n")),
        (">\n  a\n  b", Known("a b\n")),
        ("aws:arn # not this", Known("aws:arn")),
        ("{}", ObjectValue({})),
        ("[a, b]", ListValue((Known("a"), Known("b")))),
    ],
)
def test_yaml_scalars_are_what_yaml_1_2_has_them_for(written: str, value: Value) -> None:
    assert read_yaml(text(f"a: {written}\n"), name="the body") == fields(a=value)


def test_yaml_keys_are_texts() -> None:
    expected = ObjectValue({"200": Known("a"), "on": Known("b"), "~": Known("c")})
    assert read_yaml(text("200: a\non: b\n~: c\n"), name="the body") == expected


def test_yaml_aliases_and_merges() -> None:
    written = "base: &b {type: aws_proxy, uri: x}\none: *b\n"
    written += "two: {<<: *b, uri: y}\nthree: {<<: [{a: 1}, {a: 2, c: 3}]}\n"
    base = fields(type=Known("aws_proxy"), uri=Known("x"))
    assert read_yaml(text(written), name="the body") == fields(
        base=base,
        one=base,
        two=fields(type=Known("aws_proxy"), uri=Known("y")),
        three=fields(a=Known(1), c=Known(3)),
    )
    assert read_yaml(text('"<<": a\n'), name="the body") == ObjectValue({"<<": Known("a")})
    assert read_yaml(text("&k a: *k\n"), name="the body") == fields(a=Known("a"))


# References


def test_references_in_json() -> None:
    inner = Call("jsonencode", (fields(uri=ARN),))
    written = text('{"a": "', ARN, '", "b": "role/', ROLE, "/", ARN, '", "c": [', X, ', "', X, '"], "d": ', inner, "}")
    assert read_json(written, name="the body") == fields(
        a=ARN, b=text("role/", ROLE, "/", ARN), c=ListValue((X, X)), d=fields(uri=ARN)
    )


def test_references_in_yaml() -> None:
    inner = Call("jsonencode", (fields(uri=ARN),))
    written = text("a: ", ARN, '\nb: "', ARN, '"\nc: role/', ROLE, "\nd: ", inner, "\ne: |\n  ", X, "\nf: 'x", X, "'\n")
    assert read_yaml(written, name="the body") == fields(
        a=ARN, b=ARN, c=text("role/", ROLE), d=fields(uri=ARN), e=text(X, "\n"), f=text("x", X)
    )


@BOTH
def test_what_is_encoded_inside_quotes_stays_a_text(read: Callable[..., Value]) -> None:
    inner = Call("jsonencode", (X,))
    assert read(text('{"a": "', inner, '"}'), name="the body") == fields(a=inner)


@BOTH
@pytest.mark.parametrize("character", ["\ue000", "\\ue000", "\\uE000"])
def test_a_text_cannot_forge_a_reference(read: Callable[..., Value], character: str) -> None:
    forged = f"{character}0{character}"
    expected = fields(a=ARN, b=Known("\ue0000\ue000"))
    assert read(text('{"a": "', ARN, f'", "b": "{forged}"}}'), name="the body") == expected


def test_a_text_full_of_characters_for_private_use_is_not_read() -> None:
    everything = "".join(map(chr, range(0xE000, 0xE020)))
    found = read_json(text('{"a": "', ARN, f'{everything}"}}'), name="the body")
    assert reason(found) == "the body is full of characters for private use"


@BOTH
def test_a_key_that_is_a_reference_makes_its_object_unknown(read: Callable[..., Value]) -> None:
    found = read(text('{"a": {"x', ARN, '": 1, "b": 2}, "c": 3}'), name="the body")
    assert isinstance(found, ObjectValue)
    assert found.fields["c"] == Known(3)
    assert reason(found.fields["a"]) == (
        'a key in the body is "x${aws_lambda_function.orders.invoke_arn}", which only apply decides'
    )


@pytest.mark.parametrize(
    ("read", "written", "why"),
    [
        (read_json, text("{", X, "}"), "JSON (Expecting ':' delimiter: line 1 column 8 (char 7))"),
        (read_yaml, text("a: 1\n", X, "\nb: 1\n"), "YAML (line 3, column 1: could not find expected ':')"),
    ],
)
def test_a_structure_that_a_reference_decides_is_unknown(read: Callable[..., Value], written: Value, why: str) -> None:
    found = read(written, name="the body")
    advice = "but a part of it is var.x, and var.x has no value; give it one with --var-file"
    assert reason(found) == f"the body is not {why}, {advice}"


# What cannot be read


@BOTH
def test_a_key_that_comes_twice_makes_its_object_unknown(read: Callable[..., Value]) -> None:
    found = read(text('{"a": {"get": 1, "get": 2}, "b": 1}'), name="the body")
    assert isinstance(found, ObjectValue)
    assert found.fields["b"] == Known(1)
    assert reason(found.fields["a"]) == 'the body has the key "get" twice in one place'


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("a: !Sub x", "holds the YAML tag !Sub, which is not supported"),
        (
            "a: !!python/object:os.x [id]",
            "holds the YAML tag tag:yaml.org,2002:python/object:os.x, which is not",
        ),
        ("a: !x {b: 1}", "holds the YAML tag !x, which is not supported"),
        ("a: {? [b] : 1}", "has a key that is not written as a text"),
        ("k: &k b\na: {*k : 1}", "has a key that is not written as a text"),
        ("a: {<<: 5}", "a << in the body names no object"),
        ("a: &a {b: 1, <<: *a}", "in the body the anchor &a stands in itself"),
    ],
)
def test_what_yaml_has_beyond_texts_lists_and_objects_is_unknown_in_its_place(written: str, why: str) -> None:
    found = read_yaml(text(written), name="the body")
    assert isinstance(found, ObjectValue)
    assert why in reason(found.fields["a"])


def test_an_anchor_in_itself_is_unknown_there() -> None:
    found = read_yaml(text("a: &a [1, *a]"), name="the body")
    assert isinstance(found, ObjectValue)
    items = found.fields["a"]
    assert isinstance(items, ListValue)
    assert items.items[0] == Known(1)
    assert reason(items.items[1]) == "in the body the anchor &a stands in itself"


TOO_LARGE = "is too large or nested too deeply to be read"
TOO_DEEP = f"is nested more than {MAX_NESTING} levels deep"
BIG = "base: &b {" + ",".join(f"k{number}: 1" for number in range(50_000)) + "}\n"
NOT_YAML = {
    "a bracket": ("[", "is not YAML (line 2, column 1: did not find expected node content)"),
    "many brackets": ("[" * 100_000, TOO_DEEP),
    "many braces": ("{a: " * 100_000, TOO_DEEP),
    "many dashes": ("- " * 100_000 + "a", TOO_DEEP),
    "many levels": ("\n".join(" " * level + "a:" for level in range(2_000)), TOO_DEEP),
    "many keys in keys": ("? " * 50_000, TOO_DEEP),
    "many items": ("- a\n" * 1_000_000, TOO_LARGE),
    "a list nine times, nine times": (
        "a: &a [x, x, x, x, x, x, x, x, x]\n"
        + "".join(f"{n}: &{n} [{', '.join([f'*{m}'] * 9)}]\n" for m, n in zip("abcdefgh", "bcdefghi", strict=True)),
        TOO_LARGE,
    ),
    "merged into many": (BIG + "list:\n" + "- {<<: *b}\n" * 5_000, TOO_LARGE),
    "merged many times": (BIG + "one:\n" + "  <<: *b\n" * 5_000, TOO_LARGE),
    "a long text": ("a: " + "b" * 5_000_000, "is longer than 5,000,000 characters"),
    "an alias of nothing": ("a: *b", "is not YAML (the alias *b names no anchor)"),
    "two documents": ("a: 1\n---\nb: 1\n", "holds more than one YAML document"),
    "another version": ("%YAML 9.9\n---\na: 1\n", "is not YAML (line 1, column 1: found incompatible YAML document)"),
    "a tab": ("a:\n\t- b", "is not YAML (line 2, column 1: found character that cannot start any token)"),
    "a control character": ("a: \x00", "is not YAML (control characters are not allowed)"),
    "half a character": ('a: "\ud800"', "is not YAML (it holds half a character)"),
}
NOT_JSON = {
    "a brace": ("{", "is not JSON (Expecting property name enclosed in double quotes: line 1 column 2 (char 1))"),
    "many braces": ('{"a":' * 100_000, TOO_LARGE),
    "braces past the bound": ('{"a":' * 200 + "1" + "}" * 200, TOO_DEEP),
    "brackets past the bound": ('{"a":' + "[" * 200 + "]" * 200 + "}", TOO_DEEP),
    "many items": ('{"a": [' + "1," * 1_000_000 + "1]}", TOO_LARGE),
    "a long text": ('{"a": "' + "b" * 5_000_000 + '"}', "is longer than 5,000,000 characters"),
    "no number": ('{"a": NaN}', "is not JSON (JSON has no NaN)"),
    "quotes": ('"\\"' * 100_000, "is not JSON (Extra data: line 1 column 5 (char 4))"),
}


@pytest.mark.parametrize(("written", "why"), NOT_YAML.values(), ids=NOT_YAML)
def test_what_is_not_yaml_or_too_much_is_unknown(written: str, why: str) -> None:
    found = read_yaml(Known(written, PLACE), name="the body")
    assert (reason(found), found.location) == (f"the body {why}", PLACE)


@pytest.mark.parametrize(("written", "why"), NOT_JSON.values(), ids=NOT_JSON)
def test_what_is_not_json_or_too_much_is_unknown(written: str, why: str) -> None:
    found = read_json(Known(written, PLACE), name="the body")
    assert (reason(found), found.location) == (f"the body {why}", PLACE)


def test_the_bound_of_nesting_is_the_same_for_both() -> None:
    deepest = '{"a":' * MAX_NESTING + "1" + "}" * MAX_NESTING
    for read in (read_json, read_yaml):
        assert isinstance(read(Known(deepest), name="the body"), ObjectValue)
        assert reason(read(Known(f'{{"a":{deepest}}}'), name="the body")) == f"the body {TOO_DEEP}"


def test_many_references_are_read_at_once() -> None:
    parts = [part for number in range(30_000) for part in (f', "k{number}": "', ARN, '"')]
    found = read_json(text('{"a": 1', *parts, "}"), name="the body")
    assert isinstance(found, ObjectValue)
    assert (len(found.fields), found.fields["k29999"]) == (30_001, ARN)
