"""API_URL_OUTPUT"""

from __future__ import annotations

from collections.abc import Iterator

from ...convention import Convention, Example, Result, Verdict, undecided
from ...stack import Resource, Stack
from ...values import Known, Reference, Template, Value, describe, first_unknown, same, walk

_URL = {"aws_apigatewayv2_stage": "invoke_url", "aws_apigatewayv2_api": "api_endpoint"}


def check(stack: Stack, resource: Resource) -> Iterator[Result]:
    """The outputs that are made from the URL of a stage or an API: each at the first one that it is made from."""
    for output in stack.outputs:
        first = next((part for part in walk(output.value) if _is_url(stack, part)), None)
        if isinstance(first, Reference) and first.address == resource.address:
            verdict, message = _judge(stack, resource, first, output.value)
            yield Result(verdict, output.address, message, output.position)


def _is_url(stack: Stack, value: Value) -> bool:
    if not isinstance(value, Reference):
        return False
    owner = stack.by_address.get(value.address)
    return owner is not None and owner.managed and _URL.get(owner.type) == value.attribute


def _judge(stack: Stack, resource: Resource, url: Reference, value: Value) -> tuple[Verdict, str]:
    if first_unknown(value):
        return Verdict.UNPROVEN, f"what the output is made of is undecided: {undecided('value', value).reason}"
    if not _ends_in_slash(value, url):
        return Verdict.PASS, f"{describe(value)} has one slash before a path"
    if resource.type == "aws_apigatewayv2_api":
        return Verdict.PASS, f"{url} has no slash at its end"
    is_default = same(stack.resolve(resource.get("name")), Known("$default"))
    if is_default is False:
        return Verdict.PASS, f"{resource.address} is not $default, so its URL has no slash at its end"
    if is_default is None:
        missing = undecided("name", stack.resolve(resource.get("name")))
        return Verdict.UNPROVEN, f"whether {resource.address} is the $default stage is undecided: {missing.reason}"
    message = f"{url} ends in a slash already, so that a path after it begins with two, and no route matches"
    return Verdict.FAIL, message


def _ends_in_slash(value: Value, url: Reference) -> bool:
    """Whether a slash follows the URL's own: as the output's end, or as the literal after it."""
    if value == url:
        return True
    if isinstance(value, Template) and url in value.parts:
        following = value.parts[value.parts.index(url) + 1 :]
        return not following or (isinstance(following[0], Known) and str(following[0].value).startswith("/"))
    return False


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
)
