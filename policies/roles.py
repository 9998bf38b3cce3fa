"""IAM roles of a stack, and the policies that are added to them in any of Terraform's ways."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from .stack import Resource, Stack
from .values import (
    NULL,
    Known,
    ListValue,
    Location,
    ObjectValue,
    Reference,
    Template,
    Unknown,
    Value,
    describe,
    first_unknown,
    is_null,
    same,
    template,
)

# The attributes of resources that add policies to a role: of the role, and of the policies.
_ADDING = {
    "aws_iam_role_policy": ("role", "policy"),
    "aws_iam_role_policy_attachment": ("role", "policy_arn"),
    "aws_iam_role_policy_attachments_exclusive": ("role_name", "policy_arns"),
    "aws_iam_policy_attachment": ("roles", "policy_arn"),
}


@dataclass(frozen=True)
class Policy:
    """A policy of a role. `name` is what messages call it.

    `document` is what it says, and an Unknown where the stack does not tell; None where AWS wrote it. `managed_name` is
    empty for a policy in the role itself. `doubt` is why it is undecided whether the role has it.
    """

    name: str
    document: Value | None
    location: Location | None
    managed_name: str = ""
    doubt: Unknown | None = None


def role_of(stack: Stack, written: Value) -> Resource | Unknown | str:
    """The role that an ARN names; a text says what is wrong with it."""
    value = stack.resolve(written)
    if is_null(value):
        return "role is not set"
    role = stack.by_address.get(value.address) if isinstance(value, Reference) else None
    if role is not None and role.type == "aws_iam_role" and role.managed and isinstance(value, Reference):
        return role if value.attribute == "arn" else f"role is {value}, which is not the role's ARN"
    name = _name_in_arn(value, "role")
    if name is not None:
        for role in stack.of_type("aws_iam_role"):
            if _names(stack, name, role) is True:
                return role
    if isinstance(value, Known) and not str(value.value).startswith("arn:"):
        return f"role is {describe(value)}, which is not a role's ARN"
    reason = f"the role {describe(value)} is not declared in this stack"
    return first_unknown(value) or Unknown(reason, written.location)


def policies_of(stack: Stack, role: Resource, *, existing: Resource) -> Iterator[Policy]:
    """The policies that a role has where `existing`, which has the role, exists."""
    place = role.position("inline_policy")
    for block in _items(stack.resolve(role.get("inline_policy"))):
        document = block.fields.get("policy", NULL) if isinstance(block, ObjectValue) else block
        if not is_null(document):
            yield Policy("inline_policy", document, place)
    for arn in _items(stack.resolve(role.get("managed_policy_arns"))):
        yield _managed(stack, arn, role.position("managed_policy_arns"))
    name = role.get("name")
    for resource in (one for kind, (at, _) in _ADDING.items() for one in stack.candidates(kind, at, name)):
        role_at, policy_at = _ADDING[resource.type]
        belongs = _is_among(stack, resource.get(role_at), role)
        if belongs is False:
            continue
        doubt = belongs if isinstance(belongs, Unknown) else resource.exists_with(existing)
        place = resource.position(policy_at)
        if resource.type == "aws_iam_role_policy":
            yield Policy(resource.address, resource.get(policy_at), place, doubt=doubt)
            continue
        for arn in _items(stack.resolve(resource.get(policy_at))):
            yield replace(_managed(stack, arn, place), doubt=doubt)


def _items(value: Value) -> tuple[Value, ...]:
    if isinstance(value, ListValue):
        return value.items
    return () if is_null(value) else (value,)


def _is_among(stack: Stack, written: Value, role: Resource) -> bool | Unknown:
    """Whether a role's name, or a list of names, has the role's."""
    doubt: Unknown | None = None
    for name in written.items if isinstance(written, ListValue) else (written,):
        found = _names(stack, name, role)
        if found is True:
            return True
        if isinstance(found, Unknown):
            doubt = doubt or found
    return doubt or False


def _names(stack: Stack, name: Value, role: Resource) -> bool | Unknown:
    """Whether a value is the role's name."""
    if isinstance(name, Reference):
        other = stack.by_address.get(name.address)
        if other is not None and other.type == "aws_iam_role" and other.managed:
            return other is role
    equal = same(stack.resolve(name), stack.resolve(role.get("name")))
    if equal is not None:
        return equal
    reason = f"whether {describe(name)} is the name of {role.address} shows only at apply"
    return first_unknown(name) or Unknown(reason, name.location)


def _managed(stack: Stack, arn: Value, place: Location | None) -> Policy:
    """The policy with an ARN, which is resolved."""
    found = stack.by_address.get(arn.address) if isinstance(arn, Reference) else None
    policy = found if found is not None and found.type == "aws_iam_policy" else None
    if policy is not None and not policy.managed:
        known = stack.resolve(policy.get("arn"))
        name = stack.resolve(policy.get("name")) if is_null(known) else _name_in_arn(known, "policy")
        arn, policy = (arn if is_null(known) else known), None
    else:
        name = _name_in_arn(arn, "policy") if policy is None else stack.resolve(policy.get("name"))
    if policy is None and name is not None:
        declared = stack.candidates("aws_iam_policy", "name", name)
        policy = next((other for other in declared if same(stack.resolve(other.get("name")), name)), None)
    text = str(name.value) if isinstance(name, Known) and name.value is not None else ""
    if policy is not None:
        return Policy(policy.address, policy.get("policy"), policy.position("policy"), text)
    if text and _is_of_aws(arn):
        return Policy(text, None, place, text)
    missing = first_unknown(arn) or Unknown(f"the policy {describe(arn)} is not declared in this stack", arn.location)
    return Policy(describe(arn), missing, place, text)


def _is_of_aws(arn: Value) -> bool:
    parts = arn.parts if isinstance(arn, Template) else (arn,)
    return any(isinstance(part, Known) and ":iam::aws:policy/" in str(part.value) for part in parts)


def _name_in_arn(arn: Value, kind: str) -> Value | None:
    """The name at the end of `arn:aws:iam::123456789012:role/path/NAME`; None where it is no ARN of that kind."""
    parts = arn.parts if isinstance(arn, Template) else (arn,)
    before = ""
    name: Value | None = None
    for index, part in enumerate(parts):
        text = str(part.value) if isinstance(part, Known) else ""
        before += text
        if "/" in text and f":{kind}/" in before:
            name = template([Known(text.rpartition("/")[2]), *parts[index + 1 :]])
    return name
