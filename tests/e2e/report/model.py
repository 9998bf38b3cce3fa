"""What the page says: checks in groups that a reader understands, out of pytest's reports."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

import pytest

from tests.e2e.report.evidence import NOTHING, Call, Command, Evidence, Excerpt, end, from_plain
from tests.e2e.report.titles import SUBJECTS, file_of, readable, title_of

PHASES = {"setup": "Set up for it", "call": "The check", "teardown": "Cleaned up after it", "": "Broken off"}

FAILURE = 20_000  # characters, as all of these
SECTION = 6_000
GIST = 120
REASON = 200
SECTIONS = 12
# All evidence of a page, before it is escaped. The page is some megabytes then, however many tests there are.
BUDGET = 3_000_000
# A state has sensitive values as they are.
NOT_SHOWN = re.compile(r"terraform\.tfstate")


class Status(StrEnum):
    FAILED = "failed"
    UNFINISHED = "not finished"
    SKIPPED = "skipped"
    PASSED = "passed"


_WORST_FIRST = [*Status]


@dataclass(frozen=True)
class Phase:
    """`name` is one of PHASES. `failure` is empty where it passed, and `reason` is one line of it; `sections` are what
    was printed then, by title."""

    name: str
    seconds: float
    evidence: Evidence
    reason: str = ""
    failure: Excerpt = NOTHING
    sections: tuple[tuple[str, Excerpt], ...] = ()

    @property
    def title(self) -> str:
        return PHASES[self.name]

    @property
    def worth_showing(self) -> bool:
        return bool(self.failure.text or self.evidence.pieces)


@dataclass(frozen=True)
class Check:
    """One test. `says` is the first paragraph of its docstring; `counted` is what it counted; `cut`: its evidence is
    not on the page."""

    id: str
    sentence: str
    parameter: str
    says: str
    status: Status
    phases: tuple[Phase, ...]
    counted: tuple[tuple[str, str], ...] = ()
    cut: bool = False

    @property
    def seconds(self) -> float:
        return sum(phase.seconds for phase in self.phases)

    @property
    def reason(self) -> str:
        """How it failed, in a line."""
        return next((phase.reason for phase in self.phases if phase.reason), "")

    @property
    def gist(self) -> str:
        """The last that it called or ran."""
        pieces = [piece for phase in self.phases if phase.name == "call" for piece in phase.evidence.pieces]
        calls = [f"{one.method} {one.path} → {one.answer}" for one in pieces if isinstance(one, Call)]
        commands = [one.line for one in pieces if isinstance(one, Command)]
        return next(iter([*calls[-1:], *commands[-1:]]), "")[:GIST]


@dataclass(frozen=True)
class Group:
    """The checks of one file, the worst first."""

    name: str
    title: str
    says: str
    checks: tuple[Check, ...]

    def count(self, status: str) -> int:
        return sum(check.status == status for check in self.checks)

    @property
    def rows(self) -> list[list[Check]]:
        """What failed one by one; of the others, the cases of one test together."""
        rows: dict[str, list[Check]] = {}
        for check in self.checks:
            alone = check.status is Status.FAILED
            rows.setdefault(check.id if alone else f"{check.status} {check.id.partition('[')[0]}", []).append(check)
        return [*rows.values()]

    @property
    def status(self) -> Status:
        return min((check.status for check in self.checks), key=_WORST_FIRST.index)


@dataclass(frozen=True)
class Run:
    """All of it. `place` is the AWS account, and empty where it was this machine; `commit` is empty where git knows
    none; `tools` are Terraform and its providers, with their versions."""

    exit_code: int
    planned: int
    began: datetime
    ended: datetime
    place: str
    commit: str
    groups: tuple[Group, ...]
    tools: tuple[tuple[str, str], ...] = field(default=())

    @property
    def checks(self) -> tuple[Check, ...]:
        return tuple(check for group in self.groups for check in group.checks)

    @property
    def failed(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if check.status is Status.FAILED)

    def count(self, status: str) -> int:
        return sum(group.count(status) for group in self.groups)

    @property
    def not_run(self) -> int:
        return max(0, self.planned - len(self.checks))

    @property
    def seconds(self) -> float:
        return (self.ended - self.began).total_seconds()

    @property
    def verdict(self) -> tuple[Status, str]:
        """A word for the mark, and a sentence. Only a run that pytest calls successful has passed."""
        total = max(self.planned, len(self.checks))
        if self.failed:
            one = "check" if total == 1 else "checks"
            return Status.FAILED, f"{len(self.failed)} of {total} {one} failed"
        if self.exit_code == pytest.ExitCode.INTERRUPTED:
            return Status.UNFINISHED, f"Interrupted: {self.count(Status.PASSED)} of {total} checks passed before"
        if not self.checks:
            return Status.FAILED, "No check ran"
        if self.exit_code != pytest.ExitCode.OK:
            return Status.FAILED, f"The run broke, though no check failed: pytest ended with exit code {self.exit_code}"
        return Status.PASSED, f"All {total} checks passed" if total > 1 else "The only check passed"


def run_of(
    reports: Iterable[pytest.TestReport | pytest.CollectReport],
    *,
    exit_code: int,
    planned: int,
    began: datetime,
    ended: datetime,
    unfinished: Sequence[str] = (),
    evidence: Evidence | None = None,
    place: str = "",
    commit: str = "",
) -> Run:
    """`unfinished` are the ids of the tests that were broken off; `evidence` is what the last of them left behind."""
    by_id: dict[str, list[pytest.TestReport | pytest.CollectReport]] = {}
    for report in reports:
        by_id.setdefault(report.nodeid, []).append(report)
    subjects = {
        file_of(name): text
        for name, found in by_id.items()
        for report in found
        if (text := getattr(report, "subject", ""))
    }
    checks = [_check(name, found, name in unfinished) for name, found in by_id.items()]
    checks += [_broken_off(name) for name in unfinished if name not in by_id]
    if unfinished and evidence and evidence.pieces:
        checks = [_with(check, evidence) if check.id == unfinished[-1] else check for check in checks]
    tools = dict.fromkeys(version for check in checks for phase in check.phases for version in phase.evidence.versions)
    return Run(
        exit_code, planned, began, ended, place, commit, _groups(_within_budget(checks), subjects), tuple(sorted(tools))
    )


def _check(name: str, reports: Sequence[pytest.TestReport | pytest.CollectReport], is_unfinished: bool) -> Check:
    outcomes = {report.outcome for report in reports}
    status = Status.UNFINISHED if is_unfinished else Status.PASSED
    status = Status.SKIPPED if "skipped" in outcomes else status
    status = Status.FAILED if "failed" in outcomes else status
    counted = dict(item for report in reports for item in getattr(report, "user_properties", ()))
    sentence, parameter = readable(name)
    return Check(
        id=name,
        sentence=sentence,
        parameter=parameter,
        says=next(filter(None, (getattr(report, "says", "") for report in reports)), ""),
        status=status,
        phases=tuple(_phase(report) for report in reports),
        counted=tuple((str(key), str(value)) for key, value in counted.items()),
    )


def _broken_off(name: str) -> Check:
    sentence, parameter = readable(name)
    return Check(name, sentence, parameter, "", Status.UNFINISHED, ())


def _with(check: Check, evidence: Evidence) -> Check:
    return replace(check, phases=(*check.phases, Phase("", 0.0, evidence)))


def _phase(report: pytest.TestReport | pytest.CollectReport) -> Phase:
    found = getattr(report, "evidence", None)
    when = getattr(report, "when", "setup")  # a file that is read has no phases
    sections = [(title, text) for title, text in report.sections if report.failed and not NOT_SHOWN.match(title)]
    return Phase(
        when if when in PHASES else "call",  # of a worker that has died nobody knows it
        getattr(report, "duration", 0.0),
        from_plain(found) if found else Evidence(),
        _reason(report) if report.failed else "",
        end(report.longreprtext, FAILURE) if report.failed else NOTHING,
        tuple((title, end(text, SECTION)) for title, text in sections[:SECTIONS]),
    )


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    """The first line of what was raised; where pytest has only a text, its last line."""
    crash = getattr(report.longrepr, "reprcrash", None)
    lines = crash.message.splitlines() if crash else report.longreprtext.rstrip().splitlines()[-1:]
    return lines[0].strip()[:REASON] if lines else ""


def _within_budget(checks: Sequence[Check]) -> list[Check]:
    """Evidence for as many checks as the page has room for: those that failed come first."""
    left = BUDGET
    kept: dict[str, Check] = {}
    for check in sorted(checks, key=lambda check: _WORST_FIRST.index(check.status)):
        size = sum(_size(phase) for phase in check.phases)
        left -= size
        kept[check.id] = check if left >= 0 else _without_evidence(check)
    return [kept[check.id] for check in checks]


def _size(phase: Phase) -> int:
    return phase.evidence.size() + len(phase.failure.text) + sum(len(text.text) for _, text in phase.sections)


def _without_evidence(check: Check) -> Check:
    """Only how it failed remains, in a line."""
    phases = (replace(phase, evidence=Evidence(), failure=NOTHING, sections=()) for phase in check.phases)
    return replace(check, phases=tuple(phases), cut=True)


def _groups(checks: Sequence[Check], subjects: Mapping[str, str]) -> tuple[Group, ...]:
    """Groups with failures first, then as SUBJECTS has them."""
    by_file: dict[str, list[Check]] = {}
    for check in checks:
        by_file.setdefault(file_of(check.id), []).append(check)
    groups = [
        Group(
            name,
            title_of(name),
            subjects.get(name, ""),
            tuple(sorted(found, key=lambda check: _WORST_FIRST.index(check.status))),
        )
        for name, found in by_file.items()
    ]
    order = [*SUBJECTS]

    def place(group: Group) -> tuple[int, int]:
        return (
            min(_WORST_FIRST.index(group.status), 1),
            order.index(group.name) if group.name in SUBJECTS else len(order),
        )

    return tuple(sorted(groups, key=place))
