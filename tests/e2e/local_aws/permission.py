"""Whether a function's resource policy lets an API call it.

Sources: Lambda developer guide, "Using resource-based policies for Lambda"; IAM user guide, "Amazon Resource Name (ARN)
condition operators": the six parts of an ARN are compared one by one, and `*` and `?` match across slashes.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

PRINCIPAL = "apigateway.amazonaws.com"
ACTION = "lambda:InvokeFunction"

Statement = Mapping[str, Any]


def source_arn(*, region: str, account_id: str, api_id: str, stage: str, method: str, route_key: str) -> str:
    """The ARN that an API calls a function with: `.../<stage>/<METHOD>/<route path>`, or `.../<stage>/$default`.

    The method is the request's and the path the route's template, `{proxy+}` as it is written: AWS documents neither,
    and docs/aws-behaviour.md marks them as inferred.
    """
    template = route_key.partition(" ")[2]
    resource = f"{method}{template}" if template else route_key
    return f"arn:aws:execute-api:{region}:{account_id}:{api_id}/{stage}/{resource}"


def find_refusal(
    statements: Iterable[Statement], *, function_arn: str, source_arn: str, source_account: str
) -> str | None:
    """None where a statement lets the call through, else a line that says why each one does not.

    `function_arn` is the one that the integration calls: a qualifier (`:live`) has a policy of its own, and the
    statements of the function without one do not count for it.
    """
    context = {"aws:sourcearn": source_arn, "aws:sourceaccount": source_account}
    reasons = []
    for statement in statements:
        reason = _why_not(statement, function_arn=function_arn, context=context)
        if reason is None:
            return None
        reasons.append(f"{statement.get('Sid', 'a statement without Sid')}: {reason}")
    return f"{source_arn} may not call {function_arn}: " + ("; ".join(reasons) or "the function has no statement")


def _why_not(statement: Statement, *, function_arn: str, context: Mapping[str, str]) -> str | None:
    if statement.get("Effect") != "Allow":
        return f"its effect is {statement.get('Effect')}"
    if statement.get("Resource") != function_arn:
        return f"it is for {statement.get('Resource')}"
    if not any(like(pattern, ACTION) for pattern in _as_list(statement.get("Action"))):
        return f"its action is {statement.get('Action')}"
    principal = statement.get("Principal")
    services = _as_list(principal.get("Service")) if isinstance(principal, Mapping) else _as_list(principal)
    if PRINCIPAL not in services and "*" not in services:
        return f"its principal is {principal}"
    for operator, keys in statement.get("Condition", {}).items():
        for key, expected in keys.items():
            reason = _condition_refuses(operator, key, _as_list(expected), context)
            if reason:
                return reason
    return None


def _condition_refuses(operator: str, key: str, expected: list[str], context: Mapping[str, str]) -> str | None:
    """An operator or key that is not known here refuses: better a call too few than one that AWS would not make."""
    compare = _OPERATORS.get(operator)
    actual = context.get(key.lower())
    if compare is None or actual is None:
        return f"the condition {operator} {key} is not one that API Gateway's calls can be checked against here"
    if any(compare(pattern, actual) for pattern in expected):
        return None
    return f"{operator} {key} {' or '.join(expected)} does not match {actual}"


def arn_like(pattern: str, arn: str) -> bool:
    """IAM's ArnLike: part by part, so that a `*` in one part never swallows the next colon before the sixth part."""
    patterns, parts = pattern.split(":", 5), arn.split(":", 5)
    return len(patterns) == len(parts) == 6 and all(map(like, patterns, parts))


def like(pattern: str, text: str) -> bool:
    """IAM's wildcards: `*` for any text, also none, and `?` for one character; case counts."""
    expression = "".join({"*": ".*", "?": "."}.get(character, re.escape(character)) for character in pattern)
    return re.fullmatch(expression, text, re.DOTALL) is not None


def _as_list(value: Any) -> list[str]:
    return [] if value is None else [value] if isinstance(value, str) else list(value)


_OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "ArnLike": arn_like,
    "ArnEquals": arn_like,
    "StringLike": like,
    "StringEquals": str.__eq__,
}
