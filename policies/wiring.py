"""Which function an integration calls, which API a resource belongs to, and whom a permission lets in.

By identity of references, before anything is applied. Three-valued: what cannot be decided is an `Unknown`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .stack import Resource, Stack
from .values import NULL, Known, Reference, Template, Unknown, Value, describe, is_null, same, template

HTTP_APIS = ("aws_apigatewayv2_api",)
REST_APIS = ("aws_api_gateway_rest_api",)
APIS = HTTP_APIS + REST_APIS
INTEGRATIONS = ("aws_apigatewayv2_integration", "aws_api_gateway_integration")
_URI = {"aws_apigatewayv2_integration": "integration_uri", "aws_api_gateway_integration": "uri", HTTP_APIS[0]: "target"}
STAGES = ("aws_apigatewayv2_stage", "aws_api_gateway_stage")
GATEWAY = "apigateway.amazonaws.com"

_FUNCTION_ATTRIBUTES = {"arn", "invoke_arn", "function_name", "id", "response_streaming_invoke_arn"}
_VERSION_ATTRIBUTES = {"qualified_arn", "qualified_invoke_arn"}
# arn:aws:lambda:us-east-1:123456789012:function:name:qualifier, as ARN or inside an integration's URI
_LAMBDA_ARN = re.compile(r"arn:[\w-]+:lambda:[\w-]+:\d{12}:function:([\w-]+)(?::([\w$-]+))?")
_NAME = re.compile(r"([\w-]+)(?::([\w$-]+))?")
_INVOCATION_URI = re.compile(r"arn:[^:]*:apigateway:.*:lambda:path/.*/functions/$", re.DOTALL)


@dataclass(frozen=True)
class Target:
    """A function and the qualifier (alias or version; null for none) that it is called or permitted with."""

    function: Resource
    qualifier: Value = NULL


def api_of(stack: Stack, resource: Resource) -> Resource | Unknown:
    """The API that an integration, route or stage belongs to."""
    if resource.type in APIS:
        return resource
    attribute = "rest_api_id" if resource.type.startswith("aws_api_gateway_") else "api_id"
    value = stack.resolve(resource.get(attribute))
    if isinstance(value, Reference) and value.attribute == "id":
        api = stack.by_address.get(value.address)
        if api is not None and api.type in APIS:
            return api
    return _outside("the API", value, resource.get(attribute))


def _outside(what: str, value: Value, written: Value) -> Unknown:
    if isinstance(value, Unknown):
        return Unknown(f"{what} is unknown ({value.reason})", value.location)
    return Unknown(f"{what} {describe(value)} is not declared in this stack", written.location)


def integrations(stack: Stack) -> Iterator[tuple[Resource, Target | Unknown]]:
    """The integrations that call a Lambda function, each with the function; service and HTTP integrations left out.

    A quick-create API (`target` on the API itself) stands for the integration that AWS makes for it.
    """
    for integration in stack.of_type(*INTEGRATIONS, *HTTP_APIS):
        if calls_lambda(integration) is not False:
            yield integration, target_of(stack, integration)


def calls_lambda(integration: Resource) -> bool | Unknown:
    """Whether an integration is one with a Lambda function."""
    if integration.type in HTTP_APIS:
        target = integration.get("target")
        return not is_null(target) and not (isinstance(target, Known) and str(target.value).startswith("http"))
    kind = integration.get("integration_type" if integration.type.startswith("aws_apigatewayv2") else "type")
    if isinstance(kind, Unknown):
        return kind
    if not isinstance(kind, Known):
        return Unknown(f"integration_type is {describe(kind)}", kind.location)
    if kind.value not in ("AWS_PROXY", "AWS"):
        return False
    if not is_null(integration.get("integration_subtype")):
        return False
    uri = integration.get(_URI[integration.type])
    if kind.value == "AWS" and isinstance(uri, Known) and ":lambda:" not in str(uri.value):
        return False
    return True


def target_of(stack: Stack, integration: Resource) -> Target | Unknown:
    """The function that an integration's URI names."""
    attribute = _URI[integration.type]
    uri = integration.get(attribute)
    if is_null(uri):
        return Unknown(f"{integration.address} has no {attribute}", integration.location)
    return function_of(stack, uri)


def function_of(stack: Stack, value: Value) -> Target | Unknown:
    """The function that a value names: a reference, an ARN, a name or `name:qualifier`, an invocation URI, or the same
    expression as a function's `function_name`."""
    written = value
    value = _unwrapped(value) if isinstance(value, Template) else value
    while isinstance(value, Reference):
        found = _referenced(stack, value)
        if found is not None:
            return found
        configured = stack.configured(value)
        if configured is None:
            return _outside("the function", value, written)
        value = configured
    value = stack.resolve(value)
    undecided: Unknown | None = None
    for function in stack.of_type("aws_lambda_function"):
        name = stack.resolve(function.get("function_name"))
        for candidate, qualifier in _readings(value):
            equal = same(candidate, name)
            if equal:
                return Target(function, qualifier)
            if equal is None and undecided is None:
                reason = f"whether {describe(value)} is {function.address}, named {describe(name)}, shows only at apply"
                undecided = Unknown(reason, written.location)
    return undecided or _outside("the function", value, written)


def _unwrapped(value: Template) -> Value:
    """The function's ARN in `arn:aws:apigateway:REGION:lambda:path/.../functions/ARN/invocations`."""
    first, *middle, last = value.parts
    if not (isinstance(last, Known) and last.value == "/invocations" and middle):
        return value
    *before, inner = middle
    text = "".join(str(part.value) if isinstance(part, Known) else "x" for part in (first, *before))
    return inner if _INVOCATION_URI.match(text) else value


def _referenced(stack: Stack, reference: Reference) -> Target | None:
    resource = stack.by_address.get(reference.address)
    if resource is None:
        return None
    if resource.type == "aws_lambda_function" and resource.managed:
        if reference.attribute in _FUNCTION_ATTRIBUTES:
            return Target(resource)
        if reference.attribute in _VERSION_ATTRIBUTES:
            return Target(resource, Reference(resource.address, "version"))
    if resource.type == "aws_lambda_alias" and reference.attribute in ("arn", "invoke_arn"):
        target = function_of(stack, resource.get("function_name"))
        if isinstance(target, Target):
            return Target(target.function, stack.resolve(resource.get("name")))
    return None


def _readings(value: Value) -> Iterator[tuple[Value, Value]]:
    """A value read as a function's name and a qualifier, in each way that Lambda takes."""
    yield value, NULL
    if isinstance(value, Known) and isinstance(value.value, str):
        match = _LAMBDA_ARN.search(value.value) or _NAME.fullmatch(value.value)
        if match:
            yield Known(match[1]), Known(match[2])
    if isinstance(value, Template):
        last = value.parts[-1]
        if isinstance(last, Known) and ":" in str(last.value):
            name, _, qualifier = str(last.value).rpartition(":")
            yield template([*value.parts[:-1], Known(name)]), Known(qualifier)
        elif len(value.parts) > 1 and isinstance(value.parts[-2], Known) and str(value.parts[-2].value).endswith(":"):
            name = str(value.parts[-2].value)[:-1]
            yield template([*value.parts[:-2], Known(name)]), last
        first = value.parts[0]
        if isinstance(first, Known) and str(first.value).startswith("arn:"):
            yield from _hand_built(value)


def _hand_built(value: Template) -> Iterator[tuple[Value, Value]]:
    """`arn:aws:lambda:${region}:${account}:function:NAME`, whatever region and account are."""
    for index, part in enumerate(value.parts):
        if isinstance(part, Known) and ":function:" in str(part.value):
            rest = str(part.value).partition(":function:")[2]
            name = template([Known(rest), *value.parts[index + 1 :]])
            yield name, NULL
            if isinstance(name, Known) and ":" in str(name.value):
                head, _, qualifier = str(name.value).partition(":")
                yield Known(head), Known(qualifier)


def permitted(stack: Stack, permission: Resource) -> Target | Unknown:
    """The function and qualifier that a permission is for."""
    target = function_of(stack, permission.get("function_name"))
    if isinstance(target, Unknown):
        return target
    qualifier = stack.resolve(permission.get("qualifier"))
    return Target(target.function, target.qualifier if is_null(qualifier) else qualifier)


@dataclass(frozen=True)
class SourceArn:
    """A permission's `source_arn`: of which API, and what follows the API's part (`/*/*`).

    `api` is None where the text names no API of this stack; `suffix` is then the whole text. `stage` is set where it is
    made from a stage's ARN.
    """

    api: Resource | None
    suffix: str
    stage: str = ""

    def may_mean(self, api: Resource) -> bool | Unknown:
        """Whether it covers some call of the API."""
        if self.api is not None:
            return self.api is api
        match = re.fullmatch(r"arn:[^:]+:execute-api:[^:]*:[^:]*:([^/]*)(/.*)?", self.suffix)
        if self.suffix == "*" or (match and match[1] == "*"):
            return True
        if match is None:
            return False
        return Unknown(f'source_arn names an API by the id "{match[1]}", and AWS gives {api.address} its id at apply')


def source_arn_of(stack: Stack, permission: Resource) -> SourceArn | Unknown | None:
    """What the permission's `source_arn` says; None where it has none."""
    written = permission.get("source_arn")
    value = stack.resolve(written)
    if is_null(value):
        return None
    if isinstance(value, Unknown):
        return value
    if isinstance(value, Known):
        return SourceArn(None, str(value.value))
    parts = value.parts if isinstance(value, Template) else (value,)
    before, after = "", ""
    api: Resource | None = None
    through = ""
    for part in parts:
        if api is not None:
            if not isinstance(part, Known):
                return Unknown(f"source_arn ends in {describe(part)}", written.location)
            after += str(part.value)
        elif isinstance(part, Known):
            before += str(part.value)
        elif isinstance(part, Reference):
            api = _api_in_arn(stack, part, before)
            stage = stack.by_address.get(part.address)
            if api is None and stage is not None and stage.type in STAGES and part.attribute == "execution_arn":
                owner = api_of(stack, stage)
                if isinstance(owner, Unknown):
                    return owner
                api, through = owner, stage.address
            before += "x"
        else:
            before += "x"
    if api is not None:
        return SourceArn(api, after, through)
    return Unknown(f"source_arn is {describe(value)}", written.location)


def _api_in_arn(stack: Stack, reference: Reference, before: str) -> Resource | None:
    """The API whose execution ARN starts here: its attribute at the start, or its id in a hand-built ARN."""
    resource = stack.by_address.get(reference.address)
    if resource is None or resource.type not in APIS:
        return None
    if reference.attribute == "execution_arn" and not before:
        return resource
    if reference.attribute == "id" and re.fullmatch(r"arn:[^:]+:execute-api:[^:]+:[^:]+:", before):
        return resource
    return None


def lets_gateway_in(stack: Stack, permission: Resource) -> bool | Unknown:
    """Whether a permission allows API Gateway, as principal, to invoke."""
    for attribute, wanted in (("principal", (GATEWAY,)), ("action", ("lambda:InvokeFunction", "lambda:*"))):
        value = stack.resolve(permission.get(attribute))
        if isinstance(value, Unknown):
            return value
        if not isinstance(value, Known):
            return Unknown(f"{attribute} is {describe(value)}", value.location)
        if value.value not in wanted:
            return False
    return True


def integration_of(stack: Stack, route: Resource) -> Resource | str | Unknown:
    """The integration that a route's target names; a text says what is wrong with the target."""
    written = route.get("target")
    value = stack.resolve(written)
    if isinstance(value, Unknown):
        return value
    parts = value.parts if isinstance(value, Template) else (value,)
    last = parts[-1]
    if isinstance(last, Reference) and last.attribute == "id":
        found = stack.by_address.get(last.address)
        if found is not None and found.type == "aws_apigatewayv2_integration":
            if parts[:-1] == (Known("integrations/"),):
                return found
            return f"target is {describe(written)}; it has to be integrations/ followed by the id"
        if found is not None:
            return f"target names {last.address}, which is no integration"
    if isinstance(value, Known):
        return f"target is {describe(value)}, which names no integration of this stack"
    return Unknown(f"target is {describe(value)}", written.location)


def stages_of(stack: Stack, api: Resource) -> tuple[list[Resource], Unknown | None]:
    """The stages of an API, and why there may be more."""
    stages: list[Resource] = []
    doubt = stack.incomplete()
    for stage in stack.of_type("aws_apigatewayv2_stage"):
        owner = api_of(stack, stage)
        if owner is api:
            stages.append(stage)
        elif isinstance(owner, Unknown):
            doubt = doubt or owner
    return stages, doubt
