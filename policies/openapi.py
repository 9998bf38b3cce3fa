"""What an API's OpenAPI body declares: operations with their integrations, and authorizers.

The extensions are AWS's: docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .convention import undecided
from .json_and_yaml import read_json, read_yaml
from .stack import MAX_LINKS
from .values import NULL, Call, Known, ListValue, ObjectValue, Template, Unknown, Value, describe, is_null, text_of

CORS = "x-amazon-apigateway-cors"
_INTEGRATION = "x-amazon-apigateway-integration"
_AUTHORIZER = "x-amazon-apigateway-authorizer"
_ANY_METHOD = "x-amazon-apigateway-any-method"
_METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}
# Where OpenAPI 3 and OpenAPI 2 have the security schemes.
_SCHEMES = (("components", "securitySchemes"), ("securityDefinitions",))


@dataclass(frozen=True)
class Operation:
    """An operation with an integration: `route_key` as a route has it, `integration` as the extension's object.

    `security` are the names of the security schemes that it asks for, among them its authorizer.
    """

    route_key: str
    integration: ObjectValue | Unknown
    security: tuple[str, ...] | Unknown = ()

    def get(self, name: str) -> Value:
        """What the integration says under that name; null where it says nothing."""
        return _field(self.integration, name)


@dataclass(frozen=True)
class Authorizer:
    """A security scheme with an authorizer: the scheme's name, `settings` as the extension's object."""

    name: str
    settings: ObjectValue | Unknown

    def get(self, name: str) -> Value:
        """What the authorizer says under that name; null where it says nothing."""
        return _field(self.settings, name)


def _field(value: ObjectValue | Unknown, name: str) -> Value:
    return value.fields.get(name, NULL) if isinstance(value, ObjectValue) else value


def document_of(body: Value) -> ObjectValue | Unknown:
    """The OpenAPI document of a resolved `body`: JSON or YAML text, or what is encoded as one of them."""
    content = body
    if isinstance(body, Call) and body.function in ("jsonencode", "yamlencode"):
        content = body.arguments[0]
    elif isinstance(body, Known | Template):
        content = _read(body)
    if isinstance(content, Known | ListValue | Template):
        return Unknown("the OpenAPI body is no object", body.location)
    return content if isinstance(content, ObjectValue) else undecided("body", content)


def _read(text: Known | Template) -> Value:
    """A text that begins as an object is JSON, and any other is YAML: as the AWS provider tells them apart."""
    first = text.parts[0] if isinstance(text, Template) else text
    is_json = isinstance(first, Known) and (text_of(first.value) or "").lstrip().startswith("{")
    return (read_json if is_json else read_yaml)(text, name="the OpenAPI body")


def operations(body: Value) -> tuple[Operation, ...] | Unknown:
    """The operations of a body, or why they cannot be told. `body` is resolved, or is the document itself."""
    document = body if isinstance(body, ObjectValue) else document_of(body)
    if isinstance(document, Unknown):
        return document
    found: list[Operation] = []
    paths = _fields(document, document.fields.get("paths", NULL))
    if isinstance(paths, Unknown):
        return paths
    for path, written in paths.items():
        item = {} if path.startswith("x-") else _fields(document, written)
        if isinstance(item, Unknown):
            return item
        for method, operation in item.items():
            if method != _ANY_METHOD and method.lower() not in _METHODS:
                continue
            fields = _fields(document, operation)
            if isinstance(fields, Unknown):
                return fields
            if not is_null(integration := fields.get(_INTEGRATION, NULL)):
                route_key = _route_key(method, path)
                settings = _extension(document, integration, f"{_INTEGRATION} of {route_key}")
                security = _security(fields.get("security", document.fields.get("security", NULL)))
                found.append(Operation(route_key, settings, security))
    return tuple(found)


def _route_key(method: str, path: str) -> str:
    if path == "/$default":
        return "$default"
    return f"{'ANY' if method == _ANY_METHOD else method.upper()} {path}"


def _security(written: Value) -> tuple[str, ...] | Unknown:
    """The names in a list of security requirements: `[{"guard": []}]`."""
    names: list[str] = []
    for requirement in written.items if isinstance(written, ListValue) else (written,):
        if isinstance(requirement, ObjectValue):
            names += requirement.fields
        elif not isinstance(requirement, Known | ListValue):
            return undecided("a security requirement in the OpenAPI body", requirement)
    return tuple(names)


def authorizers(body: Value) -> tuple[Authorizer, ...] | Unknown:
    """The authorizers of a body, or why they cannot be told. `body` is resolved, or is the document itself."""
    document = body if isinstance(body, ObjectValue) else document_of(body)
    if isinstance(document, Unknown):
        return document
    found: list[Authorizer] = []
    for names in _SCHEMES:
        schemes = _fields(document, document)
        for name in names:
            schemes = _fields(document, schemes.get(name, NULL)) if isinstance(schemes, Mapping) else schemes
        if isinstance(schemes, Unknown):
            return schemes
        for name, written in schemes.items():
            scheme = _fields(document, written)
            if isinstance(scheme, Unknown):
                found.append(Authorizer(name, scheme))
            elif not is_null(settings := scheme.get(_AUTHORIZER, NULL)):
                found.append(Authorizer(name, _extension(document, settings, f"{_AUTHORIZER} of {name}")))
    return tuple(found)


def _extension(document: ObjectValue, written: Value, name: str) -> ObjectValue | Unknown:
    value = _followed(document, written)
    if isinstance(value, ObjectValue | Unknown):
        return value
    if isinstance(value, Known | ListValue | Template):
        return Unknown(f"the {name} is no object")
    return undecided(f"the {name}", value)


def _fields(document: ObjectValue, written: Value) -> Mapping[str, Value] | Unknown:
    """The fields of a part of the document; none where it is known to be no object."""
    value = _followed(document, written)
    if isinstance(value, ObjectValue):
        return value.fields
    return {} if isinstance(value, Known | ListValue) else undecided("a part of the OpenAPI body", value)


def _followed(document: ObjectValue, value: Value) -> Value:
    """The value, or what it names by `$ref` in the same document: Terraform sends no other."""
    for _ in range(MAX_LINKS):
        if not isinstance(value, ObjectValue) or "$ref" not in value.fields:
            return value
        pointer = value.fields["$ref"]
        if not isinstance(pointer, Known):
            return undecided("a $ref in the OpenAPI body", pointer)
        others = sorted(value.fields.keys() - {"$ref", "summary", "description"})
        if others:
            return Unknown(f"the $ref {describe(pointer)} stands beside {others[0]}: keep one of the two")
        value = _pointed_at(document, pointer)
    return Unknown(f"the $ref {describe(pointer)} leads in a circle, or through more than {MAX_LINKS} others")


def _pointed_at(document: ObjectValue, pointer: Known) -> Value:
    """What a JSON pointer names: `#/paths/~1orders/get` is the field `get` of the path `/orders`."""
    from urllib.parse import unquote

    text = text_of(pointer.value) or ""
    if not text.startswith("#"):
        return Unknown(f"the $ref {describe(pointer)} leads out of the OpenAPI body: copy into it what that names")
    nothing = Unknown(f"the $ref {describe(pointer)} names nothing in the OpenAPI body")
    first, *segments = unquote(text[1:]).split("/")
    value: Value = nothing if first else document
    for segment in segments:
        name = segment.replace("~1", "/").replace("~0", "~")
        if isinstance(value, ObjectValue) and name in value.fields:
            value = value.fields[name]
        elif isinstance(value, ListValue) and name.isdecimal() and len(name) < 9 and int(name) < len(value.items):
            value = value.items[int(name)]
        elif isinstance(value, ObjectValue | ListValue | Known | Template):
            return nothing
        else:
            return undecided(f"what the $ref {describe(pointer)} names", value)
    return value
