"""One root module judged: its report, and what the whole run needs to know of it. All of it is plain data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .catalogue import catalogue
from .convention import Convention, Result, Verdict
from .evaluate import evaluate, order
from .loading import stack_of
from .settings import Settings, SettingsFiles, Unusable
from .since import Changed
from .sources.hcl.files import Files, Used, display
from .sources.hcl.questions import Notes
from .sources.hcl.syntax import SourceError
from .stack import Stack
from .suppressions import Suppressed, suppressed
from .values import Location

if TYPE_CHECKING:
    from .baseline import Entry
    from .links import Route
    from .sources.aws.account import Options


@dataclass(frozen=True)
class RootReport:
    """One root module's results; `root` is its directory relative to the working directory.

    `unproven_fails`: what is unproven in it fails too. `fixed`: what its baseline has and no longer fails.
    """

    root: str
    results: tuple[Result, ...]
    routes: tuple[Route, ...] = ()
    unproven_fails: bool = False
    fixed: tuple[Entry, ...] = ()

    def fails(self, result: Result) -> bool:
        """Whether a result of this root module makes the run fail."""
        return result.fails or (self.unproven_fails and not result.accepted and result.verdict is Verdict.UNPROVEN)


@dataclass(frozen=True, order=True)
class Problem:
    """Something that cannot be trusted. Where it cannot be read, its root is not judged."""

    location: Location
    message: str


@dataclass(frozen=True)
class Judged:
    """`report` is None where there is none: of a root module with a problem, or in which nothing has changed."""

    report: RootReport | None
    problems: tuple[Problem, ...] = ()
    suppressed: Suppressed | None = None

    def without_resources(self) -> Judged:
        """The same without the resources that were judged: these hold the source's syntax, and stay in the process."""
        if self.report is None:
            return self
        results = tuple(replace(result, judged=None) for result in self.report.results)
        return replace(self, report=replace(self.report, results=results))


@dataclass
class Judge:
    """How the root modules of one run are judged; `report` explains each."""

    conventions: tuple[Convention, ...]
    given: Mapping[str, Any]
    today: date
    plan: Path | None
    account: Options | None
    routes: bool
    suppressions: bool
    since: Changed | None
    each: Callable[[Stack, Sequence[Result]], None] | None
    _baselines: dict[Path, tuple[tuple[Entry, ...], Notes]] = field(default_factory=dict)

    def judged(self, root: Path, files: Files, settings: SettingsFiles) -> Judged:
        """One root module. What is wrong with its files, its settings or its baseline is among its problems.

        Raises:
            LiveError: the account cannot be read.
        """
        try:
            return self._judged(root, files, settings)
        except (SourceError, Unusable) as error:
            return Judged(None, (Problem(error.location, error.message),))

    def _judged(self, root: Path, files: Files, settings_files: SettingsFiles) -> Judged:
        files.used = Used()
        if files.notes is not None:
            files.notes = {}
        settings = replace(settings_files.of(root.resolve()), **self.given)
        stack = stack_of(root, files, settings.var_files, today=self.today, plan=self.plan)
        stack = replace(stack, settings=settings)
        judged = self._chosen(settings)
        if self.account is None:
            results = evaluate(stack, judged)
        else:
            from .sources.aws.loading import load_beside

            stack, drift = load_beside(self.account, stack, root)
            results = sorted((*evaluate(stack, judged), *(drift if judged else ())), key=order)
        if self.since is not None and not self.since.concerns(root, files.used):
            return Judged(None)
        done, problems = None, ()
        if self.suppressions and judged:
            ids = {convention.id for convention in judged}
            results, done, unknown = suppressed(stack, files, results, known=catalogue(), judged=ids)
            problems = tuple(Problem(one.location, one.message) for one in unknown)
        fixed: tuple[Entry, ...] = ()
        if settings.baseline is not None and judged:
            results, fixed = self._compared(settings.baseline, root, results, files)
        if self.each is not None:
            self.each(stack, results)
        routes, broken = routes_of(stack) if self.routes else ((), ())
        report = RootReport(display(root), tuple(results), routes, settings.unproven == "fail", fixed)
        return Judged(report, (*problems, *broken), done)

    def _chosen(self, settings: Settings) -> list[Convention]:
        chosen = [convention for convention in self.conventions if settings.wants(convention.id)]
        if self.conventions and not chosen:
            assert settings.file is not None, "without settings every convention is wanted"
            raise Unusable(
                "select and ignore leave no convention to judge", Location(display(settings.file), 1, 1, 1, 1)
            )
        return chosen

    def _compared(
        self, path: Path, root: Path, results: list[Result], files: Files
    ) -> tuple[list[Result], tuple[Entry, ...]]:
        from .baseline import compared, read_baseline, root_name

        def read() -> tuple[Entry, ...]:
            entries = read_baseline(path, catalogue())
            if files.notes is not None:
                files.named(path)
            return entries

        return compared(files.once(self._baselines, path, read), root_name(path, root), results)


def routes_of(stack: Stack) -> tuple[tuple[Route, ...], tuple[Problem, ...]]:
    """The request path of every route; where one of its checks breaks, none, and what broke."""
    from .links import BrokenCheck
    from .request_path import request_path

    try:
        return request_path(stack), ()
    except BrokenCheck as error:
        return (), (Problem(error.location, str(error)),)
