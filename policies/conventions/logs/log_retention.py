"""LOG_RETENTION"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from ...changes import Change, set_attribute
from ...convention import Convention, Example, OtherRule, Result, failed, not_applicable, passed, undecided, unproven
from ...stack import Resource, Stack
from ...values import Known, is_null, possible, text_of

# PutRetentionPolicy, retentionInDays: docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference
ACCEPTED_DAYS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)
_AT = "retention_in_days"


def check(stack: Stack, group: Resource) -> Result:
    group_class = stack.resolve(group.get("log_group_class"))
    if group_class == Known("DELIVERY"):
        return not_applicable(group, "CloudWatch fixes the retention of class DELIVERY", at="log_group_class")
    days = stack.resolve(group.get(_AT))
    outcomes = possible(days)
    if all(isinstance(outcome, Known) and _as_number(outcome) in ACCEPTED_DAYS for outcome in outcomes):
        written = " or ".join(str(text_of(outcome.value)) for outcome in outcomes if isinstance(outcome, Known))
        return passed(group, f"events expire after {written} days", at=_AT)
    if not isinstance(days, Known):
        return unproven(group, "the retention is undecided", undecided(_AT, days), at=_AT)
    if not isinstance(group_class, Known):
        missing = undecided("log_group_class", group_class)
        return unproven(group, "the log group's class is undecided", missing, at="log_group_class")
    if is_null(days):
        return failed(group, "retention_in_days is not set, so the events never expire", at=_AT)
    if _as_number(days) == 0:
        return failed(group, "retention_in_days is 0, so the events never expire", at=_AT)
    return failed(group, f"retention_in_days is {text_of(days.value)}, which CloudWatch does not accept", at=_AT)


def _as_number(days: Known) -> Decimal | None:
    """The number that Terraform converts the value to; None for none."""
    try:
        return Decimal(text_of(days.value) or "")
    except InvalidOperation:
        return None


def repair(stack: Stack, result: Result) -> Sequence[Change]:
    assert result.judged is not None
    return [set_attribute(result.judged, "retention_in_days", "14")]


GOOD = """\
resource "aws_cloudwatch_log_group" "orders" {
  name              = "/aws/lambda/orders"
  retention_in_days = 30
}
"""

CONVENTION = Convention(
    id="LOG_RETENTION",
    title="Log groups expire their events",
    why="A log group keeps its events forever unless it is told otherwise: the bill grows each month, and so does what "
    "a leak exposes.",
    fix="Set retention_in_days to a number of days that CloudWatch accepts, for example 14.",
    explains=(
        "Every aws_cloudwatch_log_group sets retention_in_days, to a value that CloudWatch accepts: "
        + ", ".join(map(str, ACCEPTED_DAYS))
        + ".",
        "0 means never, and fails.",
    ),
    subject="aws_cloudwatch_log_group",
    resource_types=("aws_cloudwatch_log_group",),
    check=check,
    repair=repair,
    good=Example(GOOD),
    bad=Example(
        GOOD.replace("retention_in_days = 30", "retention_in_days = 0"),
        fails_at=(("aws_cloudwatch_log_group.orders", 3),),
    ),
    sources=("https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html",),
    exemptions=("Log groups of class DELIVERY, whose retention CloudWatch fixes.",),
    elsewhere=(
        OtherRule("Checkov", "CKV_AWS_66", "Any value will do, 0 and a number that CloudWatch refuses too."),
        OtherRule("Checkov", "CKV_AWS_338", "At least a year, or 0. See docs/other-tools.md."),
        OtherRule(
            "tflint-ruleset-aws",
            "aws_cloudwatch_log_group_retention",
            "At least a year; off unless it is switched on. See docs/other-tools.md.",
        ),
        OtherRule(
            "KICS",
            "ef0b316a-211e-42f1-888e-64efe172b755",
            "Nearly the same; it does not know 1096, 2192, 2557, 2922 and 3288.",
        ),
        OtherRule("AWS Security Hub", "CloudWatch.16", "At least a year by default, on what is deployed."),
    ),
)
