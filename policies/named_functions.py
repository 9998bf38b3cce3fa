"""Which function of the stack a value names: by identity of references, before anything is applied."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .stack import MAX_LINKS, Resource, Stack
from .values import NULL, Known, Reference, Template, Unknown, Value, describe, is_null, same, template

_FUNCTION_ATTRIBUTES = {"arn", "invoke_arn", "function_name", "id", "response_streaming_invoke_arn"}
_VERSION_ATTRIBUTES = {"qualified_arn", "qualified_invoke_arn"}
# arn:aws:apigateway:REGION:lambda:path/2015-03-31/functions/ARN/invocations
_BEFORE_FUNCTION = re.compile(r".*\blambda:path/[\d-]+/functions/", re.DOTALL)
_AFTER_FUNCTION = re.compile(r"/(response-streaming-)?invocations$")


@dataclass(frozen=True)
class Target:
    """A function and the qualifier (alias or version; null for none) that it is called or permitted with."""

    function: Resource
    qualifier: Value = NULL


def function_of(stack: Stack, value: Value) -> Target | Unknown:
    """The function that a value names: a reference, a name, an ARN, either with a qualifier, or an invocation URI.

    Without a reference it is the function whose `function_name` is the same literal or the same expression.
    """
    value = _looked_up(stack, value)
    resolved = stack.resolve(value)
    for form in (value, resolved):
        name, qualifier = _name_and_qualifier(form)
        found = _referenced(stack, name)
        if found is not None:
            return Target(found.function, found.qualifier if is_null(qualifier) else stack.resolve(qualifier))
    return _named(stack, resolved, value)


def _looked_up(stack: Stack, value: Value) -> Value:
    """The name by which a data source looks a function up, which may be one of the stack; any other value as it is."""
    resource = stack.by_address.get(value.address) if isinstance(value, Reference) else None
    if resource is None or resource.managed or resource.type != "aws_lambda_function":
        return value
    is_function = isinstance(value, Reference) and value.attribute in _FUNCTION_ATTRIBUTES
    return resource.get("function_name") if is_function else value


def is_other(stack: Stack, value: Value, function: Resource) -> bool:
    """Whether a value certainly names another function than this one, be it in the stack or not."""
    name, _ = _name_and_qualifier(stack.resolve(value))
    return same(name, stack.resolve(function.get("function_name"))) is False


def _named(stack: Stack, value: Value, written: Value) -> Target | Unknown:
    wanted, qualifier = _name_and_qualifier(value)
    named: list[Resource] = []
    undecided: Unknown | None = None
    for function in stack.of_type("aws_lambda_function"):
        name = stack.resolve(function.get("function_name"))
        equal = same(wanted, name)
        if equal:
            named.append(function)
        elif equal is None and undecided is None and not isinstance(value, Unknown):
            reason = f"whether {describe(value)} is {function.address}, named {describe(name)}, shows only at apply"
            undecided = Unknown(reason, written.location)
    if len(named) == 1:
        return Target(named[0], qualifier)
    if named:
        reason = f"{describe(value)} names both {named[0].address} and {named[1].address}"
        return Unknown(reason, written.location)
    return undecided or outside("the function", value, written)


def _referenced(stack: Stack, value: Value) -> Target | None:
    """The function that a reference leads to."""
    for _ in range(MAX_LINKS):
        if not isinstance(value, Reference):
            break
        resource = stack.by_address.get(value.address)
        if resource is not None and resource.managed:
            if resource.type == "aws_lambda_function":
                if value.attribute in _FUNCTION_ATTRIBUTES:
                    return Target(resource)
                if value.attribute in _VERSION_ATTRIBUTES:
                    return Target(resource, Reference(resource.address, "version"))
            if resource.type == "aws_lambda_alias" and value.attribute in ("arn", "invoke_arn"):
                target = function_of(stack, resource.get("function_name"))
                name = stack.resolve(resource.get("name"))
                return Target(target.function, name) if isinstance(target, Target) else None
        value = stack.configured(value) or NULL
    return None


def _name_and_qualifier(value: Value) -> tuple[Value, Value]:
    """`name`, `name:qualifier`, an ARN or a part of one, bare or in an invocation URI."""
    segments = _segments(_invoked(value))
    if len(segments) > 2 and Known("function") in segments[:-1]:
        segments = segments[segments.index(Known("function")) + 1 :]
    if len(segments) == 2:
        return segments[0], segments[1]
    return (segments[0] if len(segments) == 1 else value), NULL


def _invoked(value: Value) -> Value:
    """The function's ARN in an invocation URI; anything else as it is."""
    parts = value.parts if isinstance(value, Template) else (value,)
    for index, part in enumerate(parts):
        if isinstance(part, Known) and (match := _BEFORE_FUNCTION.match(str(part.value))):
            *middle, last = (Known(str(part.value)[match.end() :]), *parts[index + 1 :])
            if isinstance(last, Known):
                last = Known(_AFTER_FUNCTION.sub("", str(last.value)))
            return template([*middle, last])
    return value


def _segments(value: Value) -> list[Value]:
    """A text split at its colons, whatever the unknowns in it hold."""
    segments: list[list[Value]] = [[]]
    for part in value.parts if isinstance(value, Template) else (value,):
        if not isinstance(part, Known) or not isinstance(part.value, str):
            segments[-1].append(part)
            continue
        first, *others = part.value.split(":")
        segments[-1].append(Known(first))
        segments.extend([Known(text)] for text in others)
    return [segment[0] if len(segment) == 1 else template(segment) for segment in segments]


def is_service(uri: Value) -> bool:
    """Whether a URI names another service's action: arn:aws:apigateway:REGION:sqs:path/..."""
    segments = _segments(uri)
    if len(segments) < 6 or segments[0] != Known("arn") or segments[2] != Known("apigateway"):
        return False
    return isinstance(segments[4], Known) and segments[4] != Known("lambda")


def outside(what: str, value: Value, written: Value) -> Unknown:
    """Why a value leads to nothing in this stack; `written` is the value before references were resolved."""
    if isinstance(value, Unknown):
        return Unknown(f"{what} is unknown ({value.reason})", value.location)
    return Unknown(f"{what} {describe(value)} is not declared in this stack", written.location)
