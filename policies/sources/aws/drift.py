"""What is live and differs from the source: gone, added beside it, or changed."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from ...convention import Result, Verdict
from ...stack import Resource, Stack
from ...values import (
    NULL,
    Known,
    ListValue,
    ObjectValue,
    Reference,
    Template,
    Unknown,
    Value,
    describe,
    is_null,
    same,
    template,
)
from .reading import NARROWED, Found
from .state import Managed

DRIFT = "DRIFT"
_FIX = "Apply the source again, or bring the change into the source."

# What is compared where the source sets it, by type.
_COMPARED = {
    "aws_lambda_function": ("role", "handler", "runtime", "package_type", "architectures", "memory_size", "timeout"),
    "aws_lambda_permission": ("action", "principal", "source_arn"),
    "aws_apigatewayv2_api": ("protocol_type", "disable_execute_api_endpoint"),
    "aws_apigatewayv2_integration": (
        *("integration_type", "integration_uri", "credentials_arn", "payload_format_version", "timeout_milliseconds"),
    ),
    "aws_apigatewayv2_route": ("route_key", "target", "authorizer_id", "authorization_type"),
    "aws_apigatewayv2_stage": ("auto_deploy", "access_log_settings"),
    "aws_cloudwatch_log_group": ("retention_in_days",),
}
# What AWS answers as nothing.
_NOTHING = (Known(0), Known(False), Known(""))
# Parts that somebody may add, with the attribute that names what they are of.
_PARTS = {
    "aws_lambda_permission": "function_name",
    "aws_lambda_alias": "function_name",
    "aws_apigatewayv2_integration": "api_id",
    "aws_apigatewayv2_route": "api_id",
    "aws_apigatewayv2_stage": "api_id",
    "aws_apigatewayv2_authorizer": "api_id",
}


def drift(source: Stack, live: Stack, state: Sequence[Managed], found: Found) -> list[Result]:
    """The differences, each at the source's address. What the source leaves open is not compared.

    `live` has the state's addresses, and was translated from `found`.
    """
    return list(_Drift(source, live, state, found).results())


@dataclass(frozen=True)
class _Drift:
    source: Stack
    live: Stack
    state: Sequence[Managed]
    found: Found

    def results(self) -> Iterator[Result]:
        for one in self.state:
            declared, there = self.source.by_address.get(one.address), self.live.by_address.get(one.address)
            if declared is None:
                continue
            if there is not None:
                yield from self._changed(declared, there)
            elif self._was_looked_for(one):
                yield _failed(declared, f"{one.called} is in Terraform's state, and is not there any more")
        yield from self._added()

    @cached_property
    def _managed(self) -> Collection[str]:
        return {one.address for one in self.state}

    def _was_looked_for(self, one: Managed) -> bool:
        """Whether it would have been found: AWS lists the others of its kind, and what it is a part of is there."""
        return isinstance(self._listed_with(one), list | tuple)

    def _listed_with(self, one: Managed) -> object:
        if one.type == "aws_lambda_permission":
            return self.found.statements.get(one.called.partition("/policy/")[0])
        if one.type == "aws_lambda_alias":
            return self.found.aliases.get(one.called.rpartition(":")[0])
        if self.found.left_out_by == NARROWED:
            return None
        if one.type.startswith("aws_apigatewayv2_") and one.type != "aws_apigatewayv2_api":
            apis = () if isinstance(self.found.apis, Unknown) else self.found.apis
            api = next((api for api in apis if api.id == one.attributes.get("api_id")), None)
            return getattr(api, f"{one.type.removeprefix('aws_apigatewayv2_')}s", None)
        lists = {
            "aws_lambda_function": self.found.functions,
            "aws_cloudwatch_log_group": self.found.log_groups,
            "aws_apigatewayv2_api": self.found.apis,
        }
        return lists.get(one.type)

    def _added(self) -> Iterator[Result]:
        for part in self.live.of_type(*_PARTS):
            owner = _owner(part)
            declared = self.source.by_address.get(owner or "")
            if declared is None or part.address in self._managed or part.name == "*" or owner not in self._managed:
                continue
            if not is_null(declared.get("body")):
                continue  # its OpenAPI document makes the parts
            yield _failed(declared, f"{_told(part)} is not in Terraform's state: added by hand, or by another stack")

    def _changed(self, declared: Resource, there: Resource) -> Iterator[Result]:
        for name in _COMPARED.get(declared.type, ()):
            if is_null(declared.get(name)):
                continue
            wanted = self._settled(self.source.resolve(declared.get(name)))
            is_ = self._settled(there.in_effect(name))
            if same(wanted, is_) is False and not (is_null(is_) and wanted in _NOTHING):
                yield _failed(declared, f"{name} is {describe(is_)}, and the source says {describe(wanted)}", at=name)
        if declared.type == "aws_lambda_function":
            yield from self._code(declared, there)

    def _settled(self, value: Value) -> Value:
        """The value with what AWS gave in the place of references."""
        if isinstance(value, Reference):
            owner = self.live.by_address.get(value.address)
            known = (owner.computed.get(value.attribute), owner.get(value.attribute)) if owner else ()
            return next((item for item in known if isinstance(item, Known) and item != NULL), value)
        if isinstance(value, Template):
            return template([self._settled(part) for part in value.parts])
        if isinstance(value, ListValue):
            return ListValue(tuple(self._settled(item) for item in value.items))
        if isinstance(value, ObjectValue):
            return ObjectValue({name: self._settled(item) for name, item in value.fields.items()})
        return value

    def _code(self, declared: Resource, there: Resource) -> Iterator[Result]:
        """Whether the deployed package is the one that is in the repository, as Terraform packed it last."""
        path = self.source.resolve(declared.get("filename"))
        if not isinstance(path, Known) or path == NULL or self.source.files is None:
            return
        try:
            content = self.source.files.read(str(path.value))
        except OSError:
            message = (
                f"whether the code is the package's is undecided: there is no {path.value}; terraform plan makes it"
            )
            place = declared.position("filename")
            yield Result(Verdict.UNPROVEN, declared.address, message, place, convention=DRIFT, judged=declared)
            return
        digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
        if there.computed.get("source_code_hash") != Known(digest):
            live = there.computed.get("source_code_hash", NULL)
            message = f"the code is not that of {path.value}: its hash is {describe(live)}, and the package's {digest}"
            yield _failed(declared, message, at="filename")


def _owner(part: Resource) -> str | None:
    """The address of what a part is of."""
    value = part.attributes.get(_PARTS.get(part.type, ""), NULL) if part.type in _PARTS else NULL
    return value.address if isinstance(value, Reference) else None


def _told(part: Resource) -> str:
    if part.type != "aws_lambda_permission":
        return part.address
    allowed = f"{describe(part.get('principal'))} may {describe(part.get('action'))}"
    return f"{part.address} ({allowed})"


def _failed(declared: Resource, message: str, *, at: str | None = None) -> Result:
    place = declared.position(at)
    return Result(Verdict.FAIL, declared.address, message, place, convention=DRIFT, fix=_FIX, judged=declared)
