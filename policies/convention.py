"""A convention: what it demands, why, how to fix it, examples, and the check itself, in one place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from .changes import Change
from .stack import Resource, Stack
from .values import Call, Known, Location, Reference, Unknown, Value, describe, first_unknown, walk, what_decides


class Verdict(StrEnum):
    """`unproven`: this source alone cannot decide it. `error`: the check itself broke."""

    PASS = "pass"
    FAIL = "fail"
    NOT_APPLICABLE = "not_applicable"
    UNPROVEN = "unproven"
    ERROR = "error"


@dataclass(frozen=True)
class Related:
    """Another place that a result is about."""

    message: str
    location: Location | None


@dataclass(frozen=True)
class Suppression:
    """Why a failure is accepted, until when (None: for good), and where that is written."""

    reason: str
    until: date | None
    where: Location


@dataclass(frozen=True)
class Result:
    """One convention's verdict on one subject. A convention with no subject has one result without an address."""

    verdict: Verdict
    address: str | None
    message: str
    location: Location | None = None
    related: tuple[Related, ...] = ()
    convention: str = ""
    fix: str = ""
    judged: Resource | None = None
    """The resource that was judged. It has another address than the result where the subject is an output."""
    suppressed: Suppression | None = None
    baseline: bool = False
    """Whether the failure was there before: it is in the baseline file."""

    @property
    def accepted(self) -> bool:
        """Whether it is suppressed or in the baseline. Only a failure is, and what is unproven, which may fail too."""
        return self.suppressed is not None or self.baseline

    @property
    def fails(self) -> bool:
        """Whether it is a failure that is neither suppressed nor in the baseline."""
        return self.verdict is Verdict.FAIL and not self.accepted


@dataclass(frozen=True)
class Example:
    """A complete root module, and where the convention is not kept in it: (address, line), lines from 1.

    `source` is its main.tf, `files` are the others, each a path and a text. `resources` are the addresses of the
    resources that are judged there, where the subjects are none. `verdict` is what the convention says where it is not
    kept: `unproven` for one that nothing breaks, only leaves open.
    """

    source: str
    fails_at: tuple[tuple[str, int], ...] = ()
    resources: tuple[str, ...] = ()
    verdict: Verdict = Verdict.FAIL
    files: tuple[tuple[str, str], ...] = ()

    @property
    def failing_resources(self) -> tuple[str, ...]:
        return self.resources or tuple(address for address, _ in self.fails_at)


@dataclass(frozen=True)
class OtherRule:
    """The rule of another tool that comes nearest to a convention, and how it differs from it."""

    tool: str
    id: str
    differs: str


class Surface(StrEnum):
    """What shows less than the source. A plan beside its source does not, and Checkov gets the source's verdicts."""

    PLAN_ALONE = "a plan without its source"
    LIVE = "what is live"


@dataclass(frozen=True)
class NotShown:
    """What a surface does not show of a convention: there its examples get `verdict`, `unproven` or `not_applicable`.

    `reason` is why. It is in the message of what is unproven, where names may stand for its three dots. `examples` are
    those that get the verdict; the other one is decided there as by the source.
    """

    surface: Surface
    reason: str
    verdict: Verdict = Verdict.UNPROVEN
    examples: tuple[str, ...] = ("good", "bad")

    def __str__(self) -> str:
        where = {("good",): " in the example that keeps it", ("bad",): " in the example that does not keep it"}
        verdict = self.verdict.value.replace("_", " ")
        return f"{self.surface}, {verdict}{where.get(self.examples, '')}: {self.reason}."


@dataclass(frozen=True)
class Convention:
    """`explains` are the exact definition's clauses, one sentence each; `subject` is what a stack without any lacks.

    `exemptions` are the subjects that it does not apply to. `not_shown` has each surface that does not show all of
    its examples, once.

    `check` is a pure function of a stack and one of its resources, and is asked about each resource of `resource_types`
    in turn. It gives one result, several where the resource is several subjects, or none. Results stand at resources of
    these types only.
    """

    id: str
    title: str
    why: str
    fix: str
    explains: tuple[str, ...]
    subject: str
    resource_types: tuple[str, ...]
    check: Callable[[Stack, Resource], Result | Iterable[Result]]
    good: Example
    bad: Example
    sources: tuple[str, ...]
    repair: Callable[[Stack, Result], Sequence[Change]] | None = None
    """What to change in the source so that a failure passes; raises NotSafe where that cannot be told."""
    exemptions: tuple[str, ...] = ()
    not_shown: tuple[NotShown, ...] = ()
    elsewhere: tuple[OtherRule, ...] = ()


def passed(resource: Resource, message: str, *, at: str | None = None) -> Result:
    return Result(Verdict.PASS, resource.address, message, resource.position(at))


def failed(resource: Resource, message: str, *, at: str | None = None, related: Iterable[Related] = ()) -> Result:
    return Result(Verdict.FAIL, resource.address, message, resource.position(at), tuple(related))


def not_applicable(resource: Resource, message: str, *, at: str | None = None) -> Result:
    return Result(Verdict.NOT_APPLICABLE, resource.address, message, resource.position(at))


def unproven(resource: Resource, message: str, unknown: Unknown | None = None, *, at: str | None = None) -> Result:
    """`unknown` is the value that is missing: its reason is added to the message, its place becomes related."""
    related: tuple[Related, ...] = ()
    if unknown is not None:
        message = f"{message}: {unknown.reason}"
        if unknown.location is not None and unknown.location != resource.position(at):
            related = (Related("the value that is missing", unknown.location),)
    return Result(Verdict.UNPROVEN, resource.address, message, resource.position(at), related)


def is_set(value: Value) -> bool | None:
    """Whether an optional attribute is set: None where only apply decides whether its value is null."""
    if isinstance(value, Known):
        return value.value is not None
    if isinstance(value, Reference):  # of a resource's attribute it is known that the provider fills it in
        return None if value.address.startswith("var.") else True
    return None if isinstance(value, Call | Unknown) else True


def undecided(attribute: str, value: Value) -> Unknown:
    """Why an attribute's value does not decide a convention, and what would."""
    unknown = first_unknown(value)
    if unknown is not None:
        return unknown
    variables = [part for part in walk(value) if isinstance(part, Reference) and part.address.startswith("var.")]
    place = variables[0].location if variables else value.location
    return Unknown(f"{attribute} is {describe(value)}, {what_decides(value)}", place)
