"""What a team accepts, as it is written: in comments of the source, and by address in the settings.

A suppression needs a reason, and one that is wrong is a failure of its own, with the id `SUPPRESSION`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date

from .convention import Result, Suppression, Verdict
from .settings import AddressSuppression, Settings, Unusable, day, unknown_convention
from .sources.hcl.comments import Comment
from .sources.hcl.files import Files
from .stack import Stack
from .values import Location

SUPPRESSION = "SUPPRESSION"
FORM = "# routeproof:skip=ID until=2027-01-31: reason"
MAX_REASON = 1_000  # characters; the rest is cut

_OURS = re.compile(r"routeproof\s*:\s*skip\b")
_OURS_IN_FULL = re.compile(r"routeproof:skip= *(?P<ids>[\w,-]+)(?:\s+until=(?P<until>[^\s:]*))?\s*(?::(?P<reason>.*))?")
# As Checkov has it: github.com/bridgecrewio/checkov, common/comment/enum.py
_CHECKOVS = re.compile(r"(?:checkov|bridgecrew|cortex):skip= *(?P<ids>[\w,-]+)?(?::(?P<reason>.*))?")


@dataclass(frozen=True)
class Skip:
    """One convention that is accepted somewhere."""

    convention: str
    suppression: Suppression
    by: Comment | AddressSuppression


@dataclass(frozen=True)
class Written:
    """What a stack's comments and settings say: suppressions that count, failures, and what is not to be trusted."""

    skips: tuple[Skip, ...]
    complaints: tuple[Result, ...]
    problems: tuple[Unusable, ...]


def complaint(message: str, where: Location, fix: str) -> Result:
    """A suppression that is wrong."""
    return Result(Verdict.FAIL, None, message, where, convention=SUPPRESSION, fix=fix)


def written(stack: Stack, files: Files, known: Collection[str], judged: Collection[str]) -> Written:
    """Every suppression in a stack of the conventions that are `judged`. `known` are the ids that there are."""
    skips: list[Skip] = []
    complaints: list[Result] = []
    problems: list[Unusable] = []
    found = list(_from_settings(stack.settings))
    for directory in dict.fromkeys(stack.modules.values()):
        for comment in files.comments(directory):
            found.extend(_from_comment(comment, known))
    for item in found:
        if isinstance(item, Unusable):
            problems.append(item)
        elif isinstance(item, Result):
            complaints.append(item)
        elif item.convention in judged:
            wrong = _refused(item, stack.settings, stack.today)
            if wrong is None:
                skips.append(item)
            else:
                complaints.append(wrong)
    return Written(tuple(skips), tuple(complaints), tuple(problems))


def _from_settings(settings: Settings) -> Iterator[Skip | Result | Unusable]:
    for entry in settings.suppress:
        yield Skip(entry.convention, Suppression(entry.reason, entry.until, entry.where), entry)


def _from_comment(comment: Comment, known: Collection[str]) -> Iterator[Skip | Result | Unusable]:
    ours = _OURS.match(comment.text)
    match = _OURS_IN_FULL.fullmatch(comment.text) if ours else _CHECKOVS.search(comment.text)
    if match is None:
        if ours:
            yield complaint("this suppression cannot be read", comment.location, f"Write it as {FORM}")
        return
    until = match["until"] if ours else None
    last = day(until) if until else None
    if until is not None and last is None:
        yield complaint(f"until={until[:40]} is no day", comment.location, f"Write it as {FORM}")
        return
    reason = (match["reason"] or "").strip()[:MAX_REASON]
    for name in filter(None, (match["ids"] or "").split(",")):
        if name in known:
            yield _of_convention(name, Suppression(reason, last, comment.location), comment, checkovs=not ours)
        elif ours or _is_meant_for_us(name, known):
            yield Unusable(unknown_convention(name, known), comment.location)


def _is_meant_for_us(name: str, known: Collection[str]) -> bool:
    """Checkov has ids of its own, and so have other teams' policies: only what is nearly one of ours is a mistake."""
    from difflib import get_close_matches

    return not name.startswith("CKV") and bool(get_close_matches(name.upper(), known, n=1, cutoff=0.85))


def _of_convention(name: str, suppression: Suppression, comment: Comment, *, checkovs: bool) -> Skip | Result:
    where = suppression.where
    if not suppression.reason:
        form = FORM.replace("ID", name).replace("routeproof", "checkov" if checkovs else "routeproof")
        form = form.replace(" until=2027-01-31", "") if checkovs else form
        return complaint(f"this suppression of {name} gives no reason", where, f"Say why: {form}")
    block = comment.block
    if block is None:
        return complaint(
            f"this suppression of {name} is at no block", where, "Put it inside a block, or on the line above it."
        )
    if checkovs and not (comment.inside and block.location.line < where.line < block.location.end_line):
        return complaint(
            f"Checkov reads this suppression of {name} only on a line between the block's braces",
            where,
            "Move it into the block, below its first line.",
        )
    # What Checkov reads counts for the whole block.
    return Skip(name, suppression, replace(comment, attribute=None) if checkovs else comment)


def _refused(skip: Skip, settings: Settings, today: date) -> Result | None:
    """Why a suppression does not count, where it does not."""
    where, until = skip.suppression.where, skip.suppression.until
    if skip.convention in settings.no_suppressions_for:
        message = f"{skip.convention} may not be suppressed: the settings name it in no-suppressions-for"
        return complaint(message, where, "Mend what it hides, and delete it.")
    if until is not None and until < today:
        message = f"this suppression of {skip.convention} ended on {until.isoformat()}"
        return complaint(message, where, "Mend what it hides and delete it, or set a later day.")
    return None
