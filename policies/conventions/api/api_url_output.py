"""API_URL_OUTPUT"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...changes import Change, NotSafe, ReplaceText
from ...convention import Convention, Example, NotShown, Result, Surface, Verdict, undecided
from ...stack import Resource, Stack
from ...values import (
    Call,
    Known,
    ListValue,
    ObjectValue,
    Reference,
    Template,
    Unknown,
    Value,
    describe,
    first_unknown,
    same,
    walk,
)

_URL = {"aws_apigatewayv2_stage": "invoke_url", "aws_apigatewayv2_api": "api_endpoint"}
_SLASH = Known("/")


def check(stack: Stack, resource: Resource) -> Iterator[Result]:
    """The outputs that are made from URLs: each at the resource of the one that decides it."""
    for output in stack.outputs:
        value = stack.resolve(output.value)
        found = [(_judge(stack, owner, url, value), owner) for owner, url in _urls(stack, value)]
        if not found:
            continue
        worst = (Verdict.FAIL, Verdict.UNPROVEN, Verdict.PASS)
        (verdict, message), owner = min(found, key=lambda item: worst.index(item[0][0]))
        if owner is resource:
            yield Result(verdict, output.address, message, output.position)


def _urls(stack: Stack, value: Value) -> Iterator[tuple[Resource, Reference]]:
    for part in walk(value):
        owner = stack.by_address.get(part.address) if isinstance(part, Reference) else None
        if owner is not None and owner.managed and _URL.get(owner.type) == part.attribute:
            yield owner, part


def _judge(stack: Stack, owner: Resource, url: Reference, value: Value) -> tuple[Verdict, str]:
    if owner.type == "aws_apigatewayv2_api":
        return _unless_unknown(value, f"{url} has no slash at its end")
    name = stack.resolve(owner.get("name"))
    is_default = same(name, Known("$default"))
    if is_default is False:
        return _unless_unknown(value, f"{owner.address} is not $default, so its URL has no slash at its end")
    doubled = _is_doubled(value, url)
    if doubled is False:
        return _unless_unknown(value, f"{describe(value)} has one slash before a path")
    if is_default is None:
        missing = undecided("name", name)
        return Verdict.UNPROVEN, f"whether {owner.address} is the $default stage is undecided: {missing.reason}"
    if doubled is None:
        return Verdict.UNPROVEN, f"whether a second slash follows {url} shows only at apply: {describe(value)}"
    return Verdict.FAIL, f"{url} ends in a slash already, so that a path after it begins with two, and no route matches"


def _unless_unknown(value: Value, message: str) -> tuple[Verdict, str]:
    unknown = first_unknown(value)
    if unknown is not None:
        return Verdict.UNPROVEN, f"what the output is made of is undecided: {unknown.reason}"
    return Verdict.PASS, message


def _is_doubled(value: Value, url: Reference, *, stripped: bool = False) -> bool | None:
    """Whether a text in the value ends in the URL, or has a slash after it; None where only apply decides.

    `stripped`: a slash at its end is taken away.
    """
    if value == url:
        return not stripped
    if url not in walk(value) or isinstance(value, Reference | Known | Unknown):
        return False
    if isinstance(value, Template):
        return _worst(_follows(value.parts[index:], url, stripped) for index in range(len(value.parts)))
    if isinstance(value, ListValue):
        return _worst(_is_doubled(item, url) for item in value.items)
    if isinstance(value, ObjectValue):
        return _worst(_is_doubled(item, url) for item in value.fields.values())
    return _in_call(value, url, stripped)


def _follows(parts: tuple[Value, ...], url: Reference, stripped: bool) -> bool | None:
    """Whether what the first part ends in is doubled by what follows it."""
    first, *others = parts
    if not others:
        return _is_doubled(first, url, stripped=stripped)
    following = others[0]
    if isinstance(following, Known):
        return str(following.value).startswith("/") and _is_doubled(first, url)
    return None if _is_doubled(first, url) is not False else False


def _in_call(call: Call, url: Reference, stripped: bool) -> bool | None:
    if call.function == "conditional":
        return _worst(_is_doubled(branch, url, stripped=stripped) for branch in call.arguments[1:])
    if call.function == "trimsuffix" and call.arguments[1:] == (_SLASH,):
        return _is_doubled(call.arguments[0], url, stripped=True)
    return None


def _worst(answers: Iterator[bool | None]) -> bool | None:
    found = list(answers)
    return True if True in found else None if None in found else False


def repair(stack: Stack, result: Result) -> Sequence[Change]:
    owner, place = result.judged, result.location
    assert owner is not None
    if place is None or "." in (result.address or "").removeprefix("output."):
        raise NotSafe("the output is in no file")
    url = f"{owner.type}.{owner.name}.invoke_url"
    return [ReplaceText(place, url, f'trimsuffix({url}, "/")')]


GOOD = """\
resource "aws_apigatewayv2_api" "shop" {
  name          = "shop"
  protocol_type = "HTTP"
}

resource "aws_apigatewayv2_stage" "default" {
  api_id      = aws_apigatewayv2_api.shop.id
  name        = "$default"
  auto_deploy = true
}

output "api_url" {
  value = trimsuffix(aws_apigatewayv2_stage.default.invoke_url, "/")
}
"""

CONVENTION = Convention(
    id="API_URL_OUTPUT",
    title="URLs in outputs end without a slash",
    why="The URL of a $default stage ends in a slash: whoever appends /hello to it asks for //hello and gets a 404.",
    fix='Wrap it: trimsuffix(<the stage>.invoke_url, "/"), or output the API\'s api_endpoint.',
    explains=(
        "An output of the root module that is made from a $default stage's invoke_url is neither that URL as it is nor "
        "that URL followed by a literal that starts with a slash.",
        'trimsuffix(..., "/"), the API\'s api_endpoint and "${...invoke_url}hello" pass.',
    ),
    subject="output made from the URL of a stage or an API",
    resource_types=("aws_apigatewayv2_stage", "aws_apigatewayv2_api"),
    check=check,
    repair=repair,
    good=Example(GOOD),
    bad=Example(
        GOOD.replace(
            'trimsuffix(aws_apigatewayv2_stage.default.invoke_url, "/")', "aws_apigatewayv2_stage.default.invoke_url"
        ),
        fails_at=(("output.api_url", 13),),
        resources=("aws_apigatewayv2_stage.default",),
    ),
    sources=(
        "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/apigatewayv2_stage#invoke_url",
    ),
    not_shown=(
        NotShown(Surface.PLAN_ALONE, "whether a second slash follows ... shows only at apply"),
        NotShown(Surface.LIVE, "outputs are Terraform's, and AWS has none", Verdict.NOT_APPLICABLE),
    ),
)
