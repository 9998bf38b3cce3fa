"""Paths in, a report out: every root module found, loaded and judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .catalogue import catalogue
from .convention import Convention, Result, Verdict
from .evaluate import evaluate, order
from .loading import roots_of, stack_of
from .settings import Settings, SettingsFiles, Unusable
from .since import Changed
from .sources.hcl.files import Files, Used, display
from .sources.hcl.roots import boundary_of
from .sources.hcl.syntax import SourceError
from .stack import Stack
from .suppressions import Suppressions
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


@dataclass(frozen=True)
class Problem:
    """Something that cannot be trusted. Where it cannot be read, its root is not judged."""

    location: Location
    message: str


@dataclass(frozen=True)
class Report:
    """`variable_files` are the ones that all roots were judged with.

    `left_out` are the root modules that were not judged because nothing of theirs has changed.
    """

    roots: tuple[RootReport, ...]
    problems: tuple[Problem, ...]
    variable_files: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def routes(self) -> list[Route]:
        """The request paths of every root, where they were asked for."""
        return [route for root in self.roots for route in root.routes]

    def count(self) -> Counter[str]:
        """How many results there are of each verdict; failures that are suppressed or in the baseline apart."""
        return Counter(_counted_as(result) for root in self.roots for result in root.results)

    def exit_code(self) -> int:
        """0 nothing fails, 1 something does, 2 the run is not to be trusted."""
        count = self.count()
        if self.problems or count["error"] or not (self.roots or self.left_out):
            return 2
        unproven = any(_counted_as(r) == "unproven" for root in self.roots if root.unproven_fails for r in root.results)
        return 1 if count["fail"] or unproven else 0

    def path_exit_code(self) -> int:
        """0 no link is broken, 1 one is, 2 the run is not to be trusted."""
        if self.problems or not (self.roots or self.left_out):
            return 2
        from .links import Status

        return 1 if any(route.status is Status.BROKEN for route in self.routes) else 0


def _counted_as(result: Result) -> str:
    """What is unproven can be suppressed, or in the baseline, like a failure: where `unproven` is `fail` it is one."""
    if result.verdict in (Verdict.FAIL, Verdict.UNPROVEN):
        if result.suppressed is not None:
            return "suppressed"
        if result.baseline:
            return "baseline"
    return result.verdict.value


def report(
    paths: Sequence[Path],
    conventions: Iterable[Convention],
    *,
    variable_files: Sequence[Path] = (),
    given: Mapping[str, Any] | None = None,
    allow_outside: bool = False,
    today: date | None = None,
    suppressions: bool = True,
    plan: Path | None = None,
    account: Options | None = None,
    routes: bool = False,
    since: Changed | None = None,
    each: Callable[[Stack, Sequence[Result]], None] | None = None,
    files_in: Callable[[Path | None], Files] = Files,
) -> Report:
    """Judge every root module that the paths stand for, each once, for this day or another.

    `given`, and `variable_files` where there are any, stand instead of what the settings say: `Settings`' names with
    their values. `plan` is what `terraform show -json` writes of a plan; there is one root module then. Without
    `suppressions` nothing is suppressed. `routes`: find the request path of every route too.
    `account`: what is live of it is judged, and how it differs from the source.
    `since`: judge those only that it concerns. `each` is told every stack with its results. `files_in` gives the files
    inside a boundary.

    Raises:
        NothingFound: a path does not exist or holds no Terraform.
        LiveError: the account cannot be read.
    """
    given = {**(given or {}), **({"var_files": tuple(variable_files)} if variable_files else {})}
    skips = Suppressions(catalogue()) if suppressions else None
    run = _Run(tuple(conventions), given, today, plan, account, routes, skips, since, each)
    by_boundary: dict[Path | None, Files] = {}
    roots: dict[Path, RootReport] = {}
    for path in paths:
        boundary = None if allow_outside else boundary_of(path)
        files = by_boundary[boundary] = by_boundary.get(boundary) or files_in(boundary)
        settings = SettingsFiles(boundary_of(path), files, catalogue())
        found, errors = roots_of(path, files, plan=plan)
        run.remember(errors)
        for root in found:
            if root.resolve() in roots:
                continue
            try:
                judged = run.judged(root, files, settings)
                if judged is None:
                    run.left_out[root.resolve()] = display(root)
                else:
                    roots[root.resolve()] = judged
            except (SourceError, Unusable) as error:
                run.remember([error])
    complete = tuple(run.with_complaints(roots))
    left_out = tuple(run.left_out.values())
    return Report(complete, tuple(run.problems.values()), tuple(map(display, variable_files)), left_out)


@dataclass
class _Run:
    """What the root modules of one run share."""

    conventions: tuple[Convention, ...]
    given: Mapping[str, Any]
    today: date | None
    plan: Path | None
    account: Options | None
    routes: bool
    suppressions: Suppressions | None
    since: Changed | None
    each: Callable[[Stack, Sequence[Result]], None] | None
    problems: dict[tuple[Location, str], Problem] = field(default_factory=dict)
    left_out: dict[Path, str] = field(default_factory=dict)
    _baselines: dict[Path, tuple[Entry, ...]] = field(default_factory=dict)

    def remember(self, errors: Iterable[SourceError | Unusable]) -> None:
        for error in errors:
            self.problems[error.location, error.message] = Problem(error.location, error.message)

    def judged(self, root: Path, files: Files, settings_files: SettingsFiles) -> RootReport | None:
        """One root module's report; None where nothing of it has changed.

        Raises:
            SourceError: a file of it does not parse.
            Unusable: its settings or its baseline.
        """
        files.used = Used()
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
            return None
        if self.suppressions is not None and judged:
            ids = {convention.id for convention in judged}
            results = self.suppressions.apply(root.resolve(), stack, files, results, ids)
        fixed: tuple[Entry, ...] = ()
        if settings.baseline is not None and judged:
            results, fixed = self._compared(settings.baseline, root, results)
        if self.each is not None:
            self.each(stack, results)
        return RootReport(display(root), tuple(results), self._routes(stack), settings.unproven == "fail", fixed)

    def _chosen(self, settings: Settings) -> list[Convention]:
        chosen = [convention for convention in self.conventions if settings.wants(convention.id)]
        if self.conventions and not chosen:
            assert settings.file is not None, "without settings every convention is wanted"
            raise Unusable(
                "select and ignore leave no convention to judge", Location(display(settings.file), 1, 1, 1, 1)
            )
        return chosen

    def _compared(self, path: Path, root: Path, results: list[Result]) -> tuple[list[Result], tuple[Entry, ...]]:
        from .baseline import compared, read_baseline, root_name

        if path not in self._baselines:
            self._baselines[path] = read_baseline(path, catalogue())
        return compared(self._baselines[path], root_name(path, root), results)

    def _routes(self, stack: Stack) -> tuple[Route, ...]:
        if not self.routes:
            return ()
        from .links import BrokenCheck
        from .request_path import request_path

        try:
            return request_path(stack)
        except BrokenCheck as error:
            self.problems[error.location, str(error)] = Problem(error.location, str(error))
            return ()

    def with_complaints(self, roots: Mapping[Path, RootReport]) -> Iterable[RootReport]:
        """The reports, with what is wrong with suppressions among their results."""
        wrong: dict[Path, list[Result]] = {}
        if self.suppressions is not None:
            self.remember(self.suppressions.problems)
            # What is live does not show all that the source's suppressions are for.
            complete = not (self.problems or self.left_out or self.account)
            for root, result in self.suppressions.complaints(roots, complete=complete):
                wrong.setdefault(root, []).append(result)
        for root, found in roots.items():
            results = sorted((*found.results, *wrong[root]), key=order) if root in wrong else found.results
            yield replace(found, results=tuple(results))
