"""One report that has everything: each verdict, a suppression, a baseline, a file that does not parse, hostile names.

It is made by a real run in the working directory, with conventions of its own: the catalogue's texts may change.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

from routeproof.convention import Convention, Example, Result, Suppression, Verdict, failed, passed, unproven
from routeproof.report import Report, report
from routeproof.stack import Resource, Stack
from routeproof.values import Known, Location, describe, is_null

# What could drive a terminal, a runner of GitHub Actions, Markdown, a browser, or the XML and JSON around it.
NAMES = (
    "plain",
    "::error file=a,line=1::x",
    "##[error]x",
    "a|b`c*d*_e_[f](javascript:g)",
    "<script>alert(1)</script>&amp;",
    "\x1b[31mred\x1b[0m\x07",
    "\u202eright to left\u2066",
    "two\nlines\r\n\tand tabs",
    "%0A%0D,:]]>",
    "@someone #1 $x$ ~~y~~",
    "\uffff\U000e0041\ufeff",
    "日本語",
)
MAIN = """\
variable "days" {}

locals {
  names = jsondecode(file("names.json"))
}

resource "aws_cloudwatch_log_group" "each" {
  for_each          = toset(local.names)
  name              = each.key
  retention_in_days = 13 # ##[error]not a command
}

resource "aws_cloudwatch_log_group" "kept" {
  name              = "kept"
  retention_in_days = 14
}

resource "aws_cloudwatch_log_group" "open" {
  name              = "open"
  retention_in_days = var.days
}

resource "aws_sns_topic" "broken" {
  name = "broken"
}
"""
UNREADABLE = "::error file=b::`<b>|*\u202e*\n.tf"


def _retention(stack: Stack, group: Resource) -> Result:
    days = group.get("retention_in_days")
    if not isinstance(days, Known) or is_null(days):
        return unproven(group, f"the retention is {describe(days)}", at="retention_in_days")
    if days == Known(14):
        return passed(group, "14 days", at="retention_in_days")
    return failed(group, f"{describe(group.get('name'))} has {describe(days)} days", at="retention_in_days")


def _broken(stack: Stack, topic: Resource) -> Iterator[Result]:
    raise RuntimeError("it broke \x1b[2J::error::")


def _convention(name: str, resource_type: str, check: object) -> Convention:
    return Convention(
        id=name,
        title=f"what {name} is",
        why=f"Without {name} it costs ${{money}} [a lot](of it).",
        fix="Write 14.",
        explains=("It is 14.", "It is written."),
        subject=resource_type,
        resource_types=(resource_type,),
        check=check,  # type: ignore[arg-type]
        good=Example("good {}\n"),
        bad=Example("bad {}\n", (("bad", 1),)),
        sources=("https://example.com/docs#retention",),
    )


CONVENTIONS = {
    "RETENTION": _convention("RETENTION", "aws_cloudwatch_log_group", _retention),
    "BROKEN": _convention("BROKEN", "aws_sns_topic", _broken),
    "NOTHING": _convention("NOTHING", "aws_sqs_queue", _retention),
}


def hostile_report() -> Report:
    """The report, of files that are written to the working directory, which becomes a repository."""
    Path(".git").mkdir(exist_ok=True)
    for directory in ("infra", "unread"):
        Path(directory).mkdir(exist_ok=True)
    Path("infra/main.tf").write_text(MAIN)
    Path("infra/names.json").write_text(json.dumps(NAMES))
    Path("unread", UNREADABLE).write_text("a = 1 b = 2\n")
    found = report([Path()], CONVENTIONS.values())
    (root,) = found.roots
    results = [*root.results]
    # The first three failures are accepted.
    accepted = [index for index, result in enumerate(results) if result.verdict is Verdict.FAIL][:3]
    reason, place = "we | <b>know</b>\n::error::", Location("infra/main.tf", 7, 1, 7, 50)
    results[accepted[0]] = replace(results[accepted[0]], suppressed=Suppression(reason, date(2027, 1, 31), place))
    settings = Location("routeproof.toml", 3, 1, 3, 9)
    results[accepted[1]] = replace(results[accepted[1]], suppressed=Suppression("for good", None, settings))
    results[accepted[2]] = replace(results[accepted[2]], baseline=True)
    return replace(found, roots=(replace(root, results=tuple(results)),))
