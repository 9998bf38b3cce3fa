"""LAMBDA_ROLE"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ...convention import Convention, Example, OtherRule, Related, Result, failed, passed, undecided, unproven
from ...iam_policies import Statement, statements
from ...roles import Policy, policies_of, role_of
from ...stack import Resource, Stack
from ...values import Known, Location, Reference, Template, Unknown, Value, text_of
from .lambda_arm64 import runs_at_edge

_AT = "role"
_TRUST_AT = "assume_role_policy"
_LAMBDA, _EDGE = "lambda.amazonaws.com", "edgelambda.amazonaws.com"
_EVERYTHING = re.compile(r"\*+|arn:\*+|arn:[^:]+:\*+|arn:[^:]+(:\*+){4}")
_WHOLE_SERVICE = re.compile(r"\*+|[^:]+:\*+")
_TOO_MUCH = re.compile(r"AdministratorAccess|PowerUserAccess|.*FullAccess")


@dataclass(frozen=True)
class Finding:
    """What is wrong with a role, as a clause after its address; with `doubt` the question that is undecided."""

    clause: str
    location: Location | None
    doubt: Unknown | None = None


def check(stack: Stack, function: Resource) -> Result:
    role = role_of(stack, function.get(_AT))
    if isinstance(role, str):
        return failed(function, role, at=_AT)
    if isinstance(role, Unknown):
        return unproven(function, "whom the role trusts and what it allows is undecided", role, at=_AT)
    findings = [*_judge_trust(stack, function, role), *_judge_policies(stack, function, role)]
    findings.sort(key=lambda finding: finding.doubt is not None)
    for finding in findings:
        if finding.doubt is not None:
            return unproven(function, f"{finding.clause} {role.address} is undecided", finding.doubt, at=_AT)
        related = [Related("the policy", finding.location)]
        return failed(function, f"{role.address} {finding.clause}", at=_AT, related=related)
    return passed(function, f"{role.address} trusts Lambda alone, and allows no whole service on everything", at=_AT)


def _judge_trust(stack: Stack, function: Resource, role: Resource) -> Iterator[Finding]:
    place = role.position(_TRUST_AT)
    found = statements(stack, role.get(_TRUST_AT))
    if isinstance(found, Unknown):
        yield Finding("who may take", place, found)
        return
    at_edge = runs_at_edge(stack, function)
    wanted = {_LAMBDA, _EDGE} if at_edge is True else {_LAMBDA}
    trusted: set[str] = set()
    doubts: list[Unknown] = []
    for statement in found:
        if statement.effect == Known("Deny"):
            if _denies_lambda(statement):
                doubts.append(Unknown("its trust policy has a Deny that may be about Lambda", place))
            continue
        if statement.effect != Known("Allow"):
            doubts.append(undecided("an Effect in its trust policy", statement.effect))
            continue
        if statement.all_but_principals:
            yield Finding("trusts all but those that NotPrincipal names", place)
            continue
        for kind, principal in statement.principals:
            if not isinstance(principal, Known):
                doubts.append(undecided("a principal of its trust policy", principal))
            elif kind == "Service" and principal.value in wanted:
                allowed = _allows_assuming(statement)
                if isinstance(allowed, Unknown):
                    doubts.append(allowed)
                elif allowed:
                    trusted.add(str(principal.value))
            elif kind == "Service" and principal.value == _EDGE and isinstance(at_edge, Unknown):
                doubts.append(at_edge)
            else:
                alone = " and ".join(sorted(wanted, reverse=True))
                yield Finding(f"trusts {principal.value}; it is to trust {alone} alone", place)
    missing = sorted(wanted - trusted, reverse=True)
    if missing and not doubts:
        yield Finding(f"does not trust {' and '.join(missing)}", place)
    for doubt in doubts:
        yield Finding("who may take", place, doubt)


def _allows_assuming(statement: Statement) -> bool | Unknown:
    if statement.all_but_actions:
        return Unknown("its trust policy has a NotAction")
    for action in statement.actions:
        if not isinstance(action, Known):
            return undecided("an Action of its trust policy", action)
        if str(action.value).lower() in ("sts:assumerole", "sts:*", "*"):
            return True
    return False


def _denies_lambda(statement: Statement) -> bool:
    """Whether a Deny may be about Lambda: not where it names other services, accounts or identities only."""
    if statement.all_but_principals:
        return True
    for kind, principal in statement.principals:
        if not isinstance(principal, Known) or kind == "*" or principal.value in ("*", _LAMBDA, _EDGE):
            return True
    return False


def _judge_policies(stack: Stack, function: Resource, role: Resource) -> Iterator[Finding]:
    for policy in policies_of(stack, role, existing=function):
        for finding in _judge_policy(stack, policy):
            if policy.doubt is not None and finding.doubt is None:
                clause = f"whether {policy.name}, which is too wide, is of"
                finding = replace(finding, clause=clause, doubt=policy.doubt)
            yield finding


def _judge_policy(stack: Stack, policy: Policy) -> Iterator[Finding]:
    if _TOO_MUCH.fullmatch(policy.managed_name):
        yield Finding(f"has the policy {policy.managed_name}", policy.location)
        return
    if policy.document is None:
        return
    found = statements(stack, policy.document)
    if isinstance(found, Unknown):
        yield Finding("what is allowed to", policy.location, found)
        return
    for statement in found:
        if statement.effect == Known("Deny"):
            continue  # what another statement allows too much of, this one does not make right
        action = _widest(statement.actions, _WHOLE_SERVICE, all_but=statement.all_but_actions)
        resource = _widest(statement.resources, _EVERYTHING, all_but=statement.all_but_resources)
        if action is None or resource is None:
            continue
        open_ = [part for part in (statement.effect, action, resource) if not isinstance(part, Known)]
        if open_:
            yield Finding("what is allowed to", policy.location, undecided(f"a part of {policy.name}", open_[0]))
        else:
            yield Finding(f"is allowed {action.value} on {resource.value} by {policy.name}", policy.location)


def _widest(items: tuple[Value, ...], wide: re.Pattern[str], *, all_but: bool) -> Known | Value | None:
    """The one of the actions or resources that is too wide, or else may be; None where none can be."""
    if all_but:
        return Known("all but " + ", ".join(_text(item) for item in items))
    matching = [item for item in items if wide.fullmatch(_text(item))]
    return next((item for item in matching if isinstance(item, Known)), matching[0] if matching else None)


def _text(value: Value) -> str:
    """The text, with a star for each part that may be one: what a resource's attribute is, is none."""
    if isinstance(value, Known):
        return text_of(value.value) or ""
    if isinstance(value, Template):
        return "".join(_text(part) for part in value.parts)
    if isinstance(value, Reference) and not value.address.startswith("var."):
        of_data = ".data." in f".{value.address}"
        return "x" if not of_data or value.attribute.endswith("arn") else "*"
    return "*"


GOOD = """\
resource "aws_iam_role" "orders" {
  name = "orders"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "orders_logs" {
  role       = aws_iam_role.orders.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
}

resource "aws_lambda_function" "orders" {
  function_name = "orders"
  role          = aws_iam_role.orders.arn
  image_uri     = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/orders:1"
  package_type  = "Image"
}
"""

CONVENTION = Convention(
    id="LAMBDA_ROLE",
    title="Functions have a role for what they do",
    why="Whoever gets a function to run code of theirs has its role: with a whole service allowed on everything, a "
    "hole in one handler is a hole in the account.",
    fix="Let the role trust lambda.amazonaws.com alone, and allow the actions that the function calls on the resources "
    "that it uses.",
    explains=(
        "The function's role trusts lambda.amazonaws.com, for Lambda@Edge edgelambda.amazonaws.com too, and "
        "nothing else.",
        "No statement of its policies allows * or service:* on the resource *; a Deny beside it does not help, and "
        "NotAction and NotResource count as all that they do not name.",
        "No managed policy is named AdministratorAccess, PowerUserAccess or ...FullAccess.",
        "Policies are read as JSON, jsonencode() or data.aws_iam_policy_document, in the role and in all resources "
        "that add one to it.",
        "A role, a policy or a part of a policy that is not in the stack is unproven; AWS's own policies are judged by "
        "their names.",
    ),
    subject="aws_lambda_function",
    resource_types=("aws_lambda_function",),
    check=check,
    good=Example(GOOD),
    bad=Example(
        GOOD.replace("service-role/AWSLambdaBasicExecutionRole", "AdministratorAccess"),
        fails_at=(("aws_lambda_function.orders", 20),),
    ),
    sources=(
        "https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege",
    ),
    elsewhere=(
        OtherRule(
            "Checkov", "CKV_AWS_274", "The policy AdministratorAccess alone, by its ARN, wherever it is attached."
        ),
        OtherRule(
            "Checkov",
            "CKV_AWS_62",
            "Action * on resource * alone, and only in policies that are resources of their own.",
        ),
        OtherRule("Checkov", "CKV_AWS_63", "Action * on any resource; a whole service on everything passes."),
        OtherRule(
            "Checkov",
            "CKV_AWS_60",
            "Fails a role that every AWS account may take; another service as principal passes.",
        ),
        OtherRule(
            "Trivy",
            "AVD-AWS-0057",
            "Any wildcard in an action or a resource, however narrow.",
        ),
        OtherRule(
            "KICS",
            "1b3af2f9-af8c-4dfc-a0f1-a03adb70deb2",
            "Actions that lead to more rights, from a list of its own, on whatever resource.",
        ),
    ),
)
