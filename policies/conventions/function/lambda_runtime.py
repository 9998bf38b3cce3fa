"""LAMBDA_RUNTIME"""

from __future__ import annotations

from datetime import timedelta

from ...convention import Convention, Example, OtherRule, Result, failed, not_applicable, passed, undecided, unproven
from ...stack import Resource, Stack
from ...tables import Runtime, lambda_runtimes
from ...values import Known, is_null, text_of

SOON = timedelta(days=180)
_AT = "runtime"


def check(stack: Stack, function: Resource) -> Result:
    package_type = stack.resolve(function.get("package_type"))
    if package_type == Known("Image"):
        return not_applicable(function, "a container image brings its own runtime", at="package_type")
    if not isinstance(package_type, Known):
        missing = undecided("package_type", package_type)
        return unproven(function, "whether it is a container image is undecided", missing, at="package_type")
    runtime = stack.resolve(function.get(_AT))
    if is_null(runtime):
        return failed(function, "runtime is not set, and Lambda needs it for a zip package", at=_AT)
    if not isinstance(runtime, Known):
        return unproven(function, "the runtime is undecided", undecided(_AT, runtime), at=_AT)
    table = lambda_runtimes()
    name = str(text_of(runtime.value))
    as_of = f"by the table of {table.updated_at}"
    found = table.runtimes.get(name)
    if found is None:
        return failed(function, f"{name} is no runtime that the table of {table.updated_at} knows", at=_AT)
    if found.deprecated is None:
        return passed(function, f"{name} has no date of deprecation, {as_of}", at=_AT)
    if found.deprecated <= stack.today:
        message = f"{name} is deprecated since {found.deprecated}, {as_of}{_blocks(found)}"
        return failed(function, message, at=_AT)
    if found.deprecated <= stack.today + SOON:
        message = f"{name} will be deprecated on {found.deprecated}, within {SOON.days} days, {as_of}"
        return passed(function, message, at=_AT)
    return passed(function, f"{name} is supported until {found.deprecated}, {as_of}", at=_AT)


def _blocks(runtime: Runtime) -> str:
    """What AWS refuses with a deprecated runtime, from which day on, and what to take instead."""
    parts = [
        f"; functions with it cannot be {what} from {day} on"
        for what, day in (("made", runtime.create_block), ("updated", runtime.update_block))
        if day is not None
    ]
    return "".join(parts) + (f"; take {runtime.successor}" if runtime.successor else "")


GOOD = """\
resource "aws_lambda_function" "orders" {
  function_name = "orders"
  role          = "arn:aws:iam::123456789012:role/orders"
  filename      = "orders.zip"
  handler       = "index.handler"
  runtime       = "nodejs24.x"
}
"""

CONVENTION = Convention(
    id="LAMBDA_RUNTIME",
    title="Functions run on a supported runtime",
    why="A deprecated runtime gets no security patches; some months later AWS refuses new functions with it, and then "
    "every change of one, in the middle of a deployment.",
    fix="Set runtime to a supported one, for example the newest of the same language.",
    explains=(
        "The runtime is not deprecated today, or on the day that --today names, by a table of AWS's dates; the message "
        "says of which day the table is.",
        f"One that will be deprecated within {SOON.days} days passes, with the date in the message.",
        "A runtime that the table does not know fails, and so does a zip package without one.",
    ),
    subject="aws_lambda_function",
    resource_types=("aws_lambda_function",),
    check=check,
    good=Example(GOOD),
    bad=Example(GOOD.replace("nodejs24.x", "nodejs18.x"), fails_at=(("aws_lambda_function.orders", 6),)),
    sources=("https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html",),
    exemptions=("Container images, which bring their own runtime.",),
    elsewhere=(
        OtherRule(
            "Checkov",
            "CKV_AWS_363",
            "A list of runtimes without dates, on which nodejs18.x is not yet; what it does not know passes.",
        ),
        OtherRule(
            "tflint-ruleset-aws",
            "aws_lambda_function_deprecated_runtime",
            "By dates that are part of the ruleset; the day to judge for cannot be chosen.",
        ),
        OtherRule(
            "AWS Security Hub", "Lambda.2", "The same on what is deployed, by a list of runtimes that are supported."
        ),
    ),
)
