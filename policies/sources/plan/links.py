"""What a plan's own configuration tells of its values where the source is not at hand.

It lists what an expression refers to, not what it does with that: `"${x.execution_arn}/*/*"` and `x.execution_arn` are
the same there. So a value that is known only after apply is a reference only where nothing else would be valid.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ...stack import MAX_LINKS, without_keys
from ...values import Call, Known, Reference, Unknown, Value, template
from .reading import Plan, PlannedResource, caller_of, prefixed

# An attribute that takes one kind of id or ARN only, and the attribute that it is.
_TAKES = {
    *(("api_id", "id"), ("rest_api_id", "id"), ("role", "arn"), ("destination_arn", "arn"), ("policy_arn", "arn")),
    *(("integration_uri", "invoke_arn"), ("uri", "invoke_arn"), ("authorizer_uri", "invoke_arn")),
}
# What AWS gave to what exists already, and what others are tied to by its text: by type, the attribute with the id that
# is in all of these texts, and theirs.
_IDENTITIES = {
    "aws_apigatewayv2_api": ("id", ("execution_arn", "arn", "api_endpoint", "id")),
    "aws_apigatewayv2_integration": ("id", ("id",)),
    "aws_apigatewayv2_stage": ("api_id", ("execution_arn", "invoke_url")),
    "aws_api_gateway_rest_api": ("id", ("execution_arn", "arn", "id")),
    "aws_api_gateway_stage": ("rest_api_id", ("execution_arn", "invoke_url")),
}
# Judged by what they are made from, and by whether `lifecycle` ignores their changes.
_BY_ORIGIN = {"source_code_hash", "s3_key", "s3_object_version"}
_NO_RESOURCES = {"local", "each", "count", "path", "terraform", "self"}

_WORD = re.compile(r"[A-Za-z0-9]+")
_KEY = r'\[(?:"(?:[^"\\]|\\.)*"|\d+)\]'
_REFERENCE = re.compile(
    rf"var\.(?P<variable>[^.\[]+)(?P<of_variable>.*)"
    rf"|(?P<module>module\.[^.\[]+(?:{_KEY})?)\.(?P<output>[^.\[]+)(?P<of_output>.*)"
    rf"|(?P<resource>(?:data\.)?(?P<type>[^.\[]+)\.[^.\[]+(?:{_KEY})?)(?P<of_resource>.*)"
)


class Configuration:
    """A plan's configuration, and the ids and ARNs that it knows."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._addresses = {resource.address for resource in plan.resources}
        self._blocks = {
            path: {block["address"]: block.get("expressions", {}) for block in module.get("resources", ())}
            for path, module in plan.modules.items()
        }

    def expressions(self, resource: PlannedResource) -> Mapping[str, Any]:
        """What stands for the attributes and nested blocks that the configuration sets; dynamic blocks are missing."""
        return self._blocks.get(without_keys(resource.module), {}).get(resource.block, {})

    def output(self, name: str) -> Mapping[str, Any]:
        """What stands for an output of the root module."""
        return self.plan.module("").get("outputs", {}).get(name, {}).get("expression", {})

    def reached_by_output(self, name: str) -> list[Reference]:
        return self.reached("", self.output(name).get("references", ())) or []

    @cached_property
    def _identities(self) -> Mapping[str, list[tuple[str, Value]]]:
        """Texts that AWS gave and what they are, by the id that stands in each of them."""
        found: dict[str, list[tuple[str, Value]]] = {}
        for resource in self.plan.resources:
            at, names = _IDENTITIES.get(resource.type, ("", ()))
            identifier = str(resource.change.after.get(at))
            for name in names if resource.managed else ():
                text, value = resource.change.after.get(name), Reference(resource.address, name)
                if not isinstance(text, str) or identifier not in text:
                    continue
                found.setdefault(identifier, []).append((text, value))
                if name == "invoke_url" and text.endswith("/"):
                    found[identifier].append((text[:-1], Call("trimsuffix", (value, Known("/")))))
        return found

    def identified(self, text: str) -> Value:
        """The text, with references in the place of what AWS gave to the plan's resources."""
        inside = [one for word in set(_WORD.findall(text)) for one in self._identities.get(word, ())]
        parts: list[Value] = [Known(text)]
        for identity, value in sorted(inside, key=lambda item: -len(item[0])):  # an execution_arn has the id in it
            parts = [piece for part in parts for piece in _split(part, identity, value)]
        return template(parts)

    def reached(self, module: str, references: Iterable[str], *, depth: int = 0) -> list[Reference] | None:
        """The resources' attributes behind what is referred to; None where one of them cannot be told.

        A root variable leads to none: its value is in the plan.
        """
        if depth > MAX_LINKS:
            return None
        found: list[Reference] = []
        for text in _longest(references):
            match = _REFERENCE.fullmatch(text)
            if match is None:
                return None
            behind = self._behind(module, match, depth)
            if behind is None:
                return None
            found.extend(behind)
        return list(dict.fromkeys(found))

    def _behind(self, module: str, match: re.Match[str], depth: int) -> list[Reference] | None:
        if match["resource"]:
            address = prefixed(module, match["resource"])
            known = match["type"] not in _NO_RESOURCES and address in self._addresses
            return [Reference(address, match["of_resource"].lstrip("."))] if known else None
        if match["variable"]:
            if not module:
                return []
            (parent, call), rest = caller_of(module), match["of_variable"]
            calls = self.plan.module(parent).get("module_calls", {})
            expression = calls.get(call, {}).get("expressions", {}).get(match["variable"])
        else:
            parent, rest = prefixed(module, match["module"]), match["of_output"]
            expression = self.plan.module(parent).get("outputs", {}).get(match["output"], {}).get("expression")
        if not isinstance(expression, dict):
            return None
        found = self.reached(parent, expression.get("references", ()), depth=depth + 1)
        if found is None or not rest:
            return found
        return [Reference(one.address, (one.attribute + rest).lstrip(".")) for one in found]


def _longest(references: Iterable[str]) -> list[str]:
    """Without those that another one goes on from: Terraform lists `x.y.id`, then `x.y`."""
    kept: list[str] = []
    for text in references:
        if not any(longer.startswith((f"{text}.", f"{text}[")) for longer in kept):
            kept.append(text)
    return kept


@dataclass(frozen=True)
class ModuleLinks:
    """The values of one module instance: see `values.Links`."""

    configuration: Configuration
    module: str

    def unknown(self, attribute: str, expression: Any) -> Value:
        """A reference where the attribute takes no more and no less than what the one reference is."""
        references = expression.get("references", ()) if isinstance(expression, dict) else ()
        found = self.configuration.reached(self.module, references)
        if found and len(found) == 1 and (attribute, found[0].attribute) in _TAKES:
            return found[0]
        made_from = ", ".join(map(str, found or _longest(references))) or "what is known only after apply"
        return Unknown(
            f"{attribute or 'it'} is made from {made_from}, and how does not show in a plan without its source"
        )

    def known(self, attribute: str, text: str, expression: Any) -> Value:
        """The text, with what AWS gave to the plan's resources as references to them; a literal stays one."""
        if isinstance(expression, dict) and "constant_value" in expression:
            return Known(text)
        if attribute in _BY_ORIGIN:
            return Unknown("what it is made from does not show in a plan without its source")
        return self.configuration.identified(text) if self._refers(expression) else Known(text)

    def _refers(self, expression: Any) -> bool:
        """Whether the expression refers to more than variables that the plan has the values of."""
        references = expression.get("references", ()) if isinstance(expression, dict) else ()
        return bool(references) and self.configuration.reached(self.module, references) != []


def _split(part: Value, text: str, value: Value) -> list[Value]:
    if not isinstance(part, Known) or text not in str(part.value):
        return [part]
    first, *others = str(part.value).split(text)
    return [Known(first), *(piece for other in others for piece in (value, Known(other)))]
