"""Paths in, a report out: every root module found, loaded and judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .catalogue import catalogue
from .convention import Convention, Result, Verdict
from .evaluate import order
from .judging import Judge, Judged, Problem, RootReport
from .loading import roots_of
from .settings import SettingsFiles, own_folders
from .since import Changed
from .sources.hcl.files import Files, display
from .sources.hcl.roots import boundary_of
from .stack import Stack, current_day

if TYPE_CHECKING:
    from .cache import Cache
    from .links import Route
    from .shards import Part, Shard
    from .sources.aws.account import Options
    from .unused import Use


WORTH_A_CACHE = 10
"""From how many root modules on it pays to look for what was judged before."""


@dataclass(frozen=True)
class Report:
    """`variable_files` are the ones that all roots were judged with.

    `left_out` are the root modules that were not judged because nothing of theirs has changed. `shard` is what is known
    of the other runs, where several share the root modules.
    """

    roots: tuple[RootReport, ...]
    problems: tuple[Problem, ...]
    variable_files: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    shard: Shard | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there was nothing to judge. A shard may be left without a root module by the others."""
        return not (self.roots or self.left_out or self.shard)

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
        if self.problems or count["error"] or self.is_empty:
            return 2
        unproven = any(_counted_as(r) == "unproven" for root in self.roots if root.unproven_fails for r in root.results)
        return 1 if count["fail"] or unproven else 0

    def path_exit_code(self) -> int:
        """0 no link is broken, 1 one is, 2 the run is not to be trusted."""
        if self.problems or self.is_empty:
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
    jobs: int | None = 1,
    part: Part | None = None,
    each: Callable[[Stack, Sequence[Result]], None] | None = None,
    cached: bool = False,
    files_in: Callable[[Path | None], Files] = Files,
) -> Report:
    """Judge every root module that the paths stand for, each once, for this day or another.

    `given`, and `variable_files` where there are any, stand instead of what the settings say: `Settings`' names with
    their values. `plan` is what `terraform show -json` writes of a plan; there is one root module then. Without
    `suppressions` nothing is suppressed. `routes`: find the request path of every route too.
    `account`: what is live of it is judged, and how it differs from the source.
    `since`: judge those only that it concerns. `part`: judge these only. `jobs`: in how many processes, None for as
    many as pay; what they judge comes back without `Result.judged`. `each` is told every stack with its results, in
    this process. `cached`: what was judged before and has not changed is not judged again, where that pays. `files_in`
    gives the files inside a boundary.

    Raises:
        NothingFound: a path does not exist or holds no Terraform.
        LiveError: the account cannot be read.
        WorkerFailed: a process did not judge what it was to.
    """
    given = {**(given or {}), **({"var_files": tuple(variable_files)} if variable_files else {})}
    judge = Judge(
        *(tuple(conventions), given, today or current_day(), plan, account, routes, suppressions, since, each)
    )
    found, problems = _roots(paths, plan, None if allow_outside else boundary_of, files_in)
    if each is not None or account is not None:
        jobs = 1  # one asks for stacks, which stay in the process, the other for one connection
    mine = found if part is None else part.share(found)
    whole = each is not None or since is not None or plan is not None or account is not None or own_folders()
    cache = _cache(judge, mine) if cached and not whole else None
    judged = _judged(judge, mine if cache is None else _with_notes(mine), jobs, cache)
    for one in judged:
        problems.update(dict.fromkeys(one.problems))
    left_out = [display(root.path) for root, one in zip(mine, judged, strict=True) if one == Judged(None)]
    done = {root.resolved: one for root, one in zip(mine, judged, strict=True) if one.report is not None}
    # What is live does not show all that the source's suppressions are for.
    complete = not (problems or left_out or account)
    suppressed = {root: one.suppressed for root, one in done.items() if one.suppressed is not None}
    by_path = {root.resolved: root.files for root in found}
    used: tuple[Use, ...] = ()
    if complete and any(one.standing for one in suppressed.values()):
        from .unused import uses

        used = uses(suppressed, by_path.keys(), by_path.__getitem__)
    read = {name: None for one in suppressed.values() for name in one.read}
    complaints = [(display(root), wrong) for root, one in suppressed.items() for wrong in one.complaints]
    if used:
        from .unused import unused

        complaints += [(use.root, use.standing.unused) for use in unused(used, read.keys())]
    shard = None
    if part is not None:
        from .shards import Shard

        names, ids = (display(root.path) for root in found), (convention.id for convention in judge.conventions)
        shard = Shard(part, tuple(names), tuple(ids), tuple(read), used)
    return Report(
        with_complaints([one.report for one in done.values() if one.report is not None], complaints),
        tuple(sorted(problems)),
        tuple(map(display, variable_files)),
        tuple(left_out),
        shard,
    )


def with_complaints(roots: Sequence[RootReport], complaints: Iterable[tuple[str, Result]]) -> tuple[RootReport, ...]:
    """The reports with what is wrong with suppressions, each time in the first of the root modules that have it."""
    first: dict[Result, str] = {}
    for root, wrong in complaints:
        first.setdefault(wrong, root)
    found: dict[str, list[Result]] = {}
    for wrong, root in first.items():
        found.setdefault(root, []).append(wrong)
    return tuple(
        replace(root, results=tuple(sorted((*root.results, *found[root.root]), key=order)))
        if root.root in found
        else root
        for root in roots
    )


@dataclass(frozen=True)
class _Root:
    """A root module, its directory resolved, and what it is read with."""

    path: Path
    resolved: Path
    files: Files
    settings: SettingsFiles


def _roots(
    paths: Sequence[Path],
    plan: Path | None,
    boundary: Callable[[Path], Path] | None,
    files_in: Callable[[Path | None], Files],
) -> tuple[list[_Root], dict[Problem, None]]:
    """The root modules that paths stand for, each once, sorted; and what could not be read on the way."""
    by_boundary: dict[Path | None, Files] = {}
    roots: dict[Path, _Root] = {}
    problems: dict[Problem, None] = {}
    for path in paths:
        around = boundary(path) if boundary is not None else None
        files = by_boundary[around] = by_boundary.get(around) or files_in(around)
        settings = SettingsFiles(boundary_of(path), files, catalogue())
        found, errors = roots_of(path, files, plan=plan)
        problems.update(dict.fromkeys(Problem(error.location, error.message) for error in errors))
        for root in found:
            real = root.resolve()
            roots.setdefault(real, _Root(root, real, files, settings))
    return sorted(roots.values(), key=lambda root: Path(display(root.path)).parts), problems


def _cache(judge: Judge, roots: Sequence[_Root]) -> Cache | None:
    """Where there is little to judge, judging it takes less than asking whether it is known."""
    if len(roots) < WORTH_A_CACHE:
        return None
    from .cache import open_cache

    ids = [convention.id for convention in judge.conventions]
    told = {"today": judge.today, "given": sorted(judge.given.items()), "routes": judge.routes, "conventions": ids}
    return open_cache({**told, "suppressions": judge.suppressions})


def _with_notes(roots: Sequence[_Root]) -> list[_Root]:
    """The same with files of which nothing has been read: of what was, there are no notes."""
    fresh = {id(root.files): Files(root.files.boundary, notes={}) for root in roots}
    settings = {
        id(root.settings): SettingsFiles(root.settings.top, fresh[id(root.files)], root.settings.conventions)
        for root in roots
    }
    return [replace(root, files=fresh[id(root.files)], settings=settings[id(root.settings)]) for root in roots]


def _judged(judge: Judge, roots: Sequence[_Root], jobs: int | None, cache: Cache | None) -> list[Judged]:
    """What is said of each root module, in their order."""
    from .processes import as_many_as_pay, in_processes

    def judged(root: _Root) -> Judged:
        known = cache.get(root.path, root.files, root.settings.top) if cache is not None else None
        if known is not None:
            return known
        fresh = judge.judged(root.path, root.files, root.settings)
        if cache is not None and fresh.report is not None:
            cache.put(root.path, root.files, root.settings.top, fresh)
        return fresh

    jobs = min(as_many_as_pay(len(roots)) if jobs is None else jobs, len(roots))
    if jobs <= 1:
        return [judged(root) for root in roots]
    names = [display(root.path) for root in roots]
    return in_processes(lambda index: judged(roots[index]).without_resources(), names, jobs)
