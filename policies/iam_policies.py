"""The statements of an IAM policy, whichever way Terraform writes it: JSON text, jsonencode(), a policy document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .convention import undecided
from .json_and_yaml import read_json
from .stack import MAX_LINKS, Resource, Stack
from .values import NULL, Call, Known, ListValue, ObjectValue, Reference, Template, Unknown, Value, is_null

_DOCUMENT = "aws_iam_policy_document"


@dataclass(frozen=True)
class Statement:
    """Values are texts, or undecided. With `all_but_...` it is about everything but what is named.

    `principals` are pairs of type and identifier: ("Service", "lambda.amazonaws.com"), ("*", "*").
    """

    effect: Value
    actions: tuple[Value, ...] = ()
    resources: tuple[Value, ...] = ()
    principals: tuple[tuple[str, Value], ...] = ()
    all_but_actions: bool = False
    all_but_resources: bool = False
    all_but_principals: bool = False
    sid: Value = NULL


def statements(stack: Stack, policy: Value, *, depth: int = 0) -> tuple[Statement, ...] | Unknown:
    """What a policy's value says, or why it cannot be read."""
    document = _document_of(stack, policy)
    policy = stack.resolve(policy)
    document = document or _document_of(stack, policy)
    if document is not None:
        return _of_document(stack, document, depth)
    if isinstance(policy, Call) and policy.function == "jsonencode":
        content = policy.arguments[0]
    elif isinstance(policy, Known | Template):
        content = read_json(policy, name="the policy")
    else:
        return undecided("the policy", policy)
    if isinstance(content, Unknown):
        return content
    if isinstance(content, Known | ListValue | Template):
        return Unknown("the policy is no JSON object", policy.location)
    if not isinstance(content, ObjectValue):
        return undecided("the policy", content)
    return tuple(_of_json(statement) for statement in _items(content.fields.get("Statement", NULL)))


def _undecided(statement: Value) -> Statement:
    """A statement that may say anything."""
    missing = undecided("a statement", statement)
    return Statement(missing, (missing,), (missing,), (("*", missing),))


# JSON


def _of_json(statement: Value) -> Statement:
    if not isinstance(statement, ObjectValue):
        return _undecided(statement)
    fields = statement.fields
    return Statement(
        effect=fields.get("Effect", NULL),
        actions=_items(fields.get("NotAction", fields.get("Action", NULL))),
        resources=_items(fields.get("NotResource", fields.get("Resource", NULL))),
        principals=tuple(_principals(fields.get("NotPrincipal", fields.get("Principal", NULL)))),
        all_but_actions="NotAction" in fields,
        all_but_resources="NotResource" in fields,
        all_but_principals="NotPrincipal" in fields,
        sid=fields.get("Sid", NULL),
    )


def _principals(value: Value) -> Iterator[tuple[str, Value]]:
    if isinstance(value, ObjectValue):
        for kind, identifiers in value.fields.items():
            for identifier in _items(identifiers):
                yield kind, identifier
    elif not is_null(value):
        yield "*", value


def _items(value: Value) -> tuple[Value, ...]:
    """One text or a list of them."""
    if isinstance(value, ListValue):
        return value.items
    return () if is_null(value) else (value,)


# data.aws_iam_policy_document


def _document_of(stack: Stack, policy: Value) -> Resource | None:
    if not isinstance(policy, Reference) or policy.attribute not in ("json", "minified_json"):
        return None
    found = stack.by_address.get(policy.address)
    return found if found is not None and found.type == _DOCUMENT else None


def _of_document(stack: Stack, document: Resource, depth: int) -> tuple[Statement, ...] | Unknown:
    """Its own statements, and those of the documents that it names; a Sid that comes again replaces the first."""
    if depth > MAX_LINKS:
        return Unknown("the policy documents go round in a circle", document.location)
    own = [_of_block(block) for block in _items(stack.resolve(document.get("statement")))]
    merged: list[Statement] = []
    for name in ("source_json", "source_policy_documents", None, "override_json", "override_policy_documents"):
        if name is None:
            merged = _replaced(merged, own)
            continue
        value = document.get(name)
        for inner in value.items if isinstance(value, ListValue) else _items(value):
            found = statements(stack, inner, depth=depth + 1)
            if isinstance(found, Unknown):
                return found
            merged = _replaced(merged, found)
    return tuple(merged)


def _replaced(before: list[Statement], after: list[Statement] | tuple[Statement, ...]) -> list[Statement]:
    again = [statement.sid for statement in after if isinstance(statement.sid, Known) and statement.sid.value]
    return [statement for statement in before if statement.sid not in again] + list(after)


def _of_block(block: Value) -> Statement:
    if not isinstance(block, ObjectValue):
        return _undecided(block)
    fields: Mapping[str, Value] = {name: value for name, value in block.fields.items() if not is_null(value)}
    return Statement(
        effect=fields.get("effect", Known("Allow")),
        actions=_items(fields.get("not_actions", fields.get("actions", NULL))),
        resources=_items(fields.get("not_resources", fields.get("resources", NULL))),
        principals=tuple(_block_principals(fields.get("not_principals", fields.get("principals", NULL)))),
        all_but_actions="not_actions" in fields,
        all_but_resources="not_resources" in fields,
        all_but_principals="not_principals" in fields,
        sid=fields.get("sid", NULL),
    )


def _block_principals(blocks: Value) -> Iterator[tuple[str, Value]]:
    for block in _items(blocks):
        if not isinstance(block, ObjectValue):
            yield "*", undecided("a principal", block)
            continue
        kind = block.fields.get("type", NULL)
        for identifier in _items(block.fields.get("identifiers", NULL)):
            if isinstance(kind, Known):
                yield str(kind.value), identifier
            else:
                yield "*", undecided("a principal's type", kind)
