"""Paths in, a report out: every root module found, loaded and judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from .convention import Convention, Result, Verdict
from .evaluate import evaluate
from .links import BrokenCheck, Route, Status
from .request_path import request_path
from .sources.hcl.files import Files, display
from .sources.hcl.modules import load
from .sources.hcl.roots import NothingFound, boundary_of, find_roots
from .sources.hcl.syntax import SourceError
from .sources.hcl.variable_files import variable_values
from .stack import Stack
from .values import Location


@dataclass(frozen=True)
class RootReport:
    """One root module's results; `root` is its directory relative to the working directory."""

    root: str
    results: tuple[Result, ...]
    routes: tuple[Route, ...] = ()


@dataclass(frozen=True)
class Problem:
    """Something that could not be read: its root is not judged."""

    location: Location
    message: str


@dataclass(frozen=True)
class Report:
    roots: tuple[RootReport, ...]
    problems: tuple[Problem, ...]

    @property
    def routes(self) -> list[Route]:
        """The request paths of every root, where they were asked for."""
        return [route for root in self.roots for route in root.routes]

    def count(self) -> Counter[str]:
        """How many results there are of each verdict; failures that are suppressed or in the baseline apart."""
        return Counter(_counted_as(result) for root in self.roots for result in root.results)

    def exit_code(self, *, unproven_fails: bool = False) -> int:
        """0 nothing fails, 1 something does, 2 the run is not to be trusted."""
        count = self.count()
        if self.problems or count["error"] or not self.roots:
            return 2
        return 1 if count["fail"] or (unproven_fails and count["unproven"]) else 0

    def path_exit_code(self) -> int:
        """0 no link is broken, 1 one is, 2 the run is not to be trusted."""
        if self.problems or not self.roots:
            return 2
        return 1 if any(route.status is Status.BROKEN for route in self.routes) else 0


def _counted_as(result: Result) -> str:
    if result.verdict is not Verdict.FAIL or result.fails:
        return result.verdict.value
    return "suppressed" if result.suppressed else "baseline"


def report(
    paths: Sequence[Path],
    conventions: Iterable[Convention],
    *,
    variable_files: Sequence[Path] = (),
    allow_outside: bool = False,
    today: date | None = None,
    plan: Path | None = None,
    routes: bool = False,
) -> Report:
    """Judge every root module that the paths stand for, each once, for this day or another.

    `plan` is what `terraform show -json` writes of a plan; there is one root module then. `routes`: find the request
    path of every route too.

    Raises:
        NothingFound: a path does not exist or holds no Terraform.
    """
    conventions = list(conventions)
    by_boundary: dict[Path | None, Files] = {}
    roots: dict[Path, RootReport] = {}
    problems: dict[tuple[Location, str], Problem] = {}
    for path in paths:
        boundary = None if allow_outside else boundary_of(path)
        files = by_boundary.setdefault(boundary, Files(boundary))
        found, errors = find_roots(path, files) if plan is None else _root_of_plan(path, files, plan)
        for root in found:
            if root.resolve() in roots:
                continue
            try:
                stack = _load(root, files, variable_files, today=today, plan=plan)
            except SourceError as error:
                errors.append(error)
            else:
                results = tuple(evaluate(stack, conventions))
                try:
                    found_routes = request_path(stack) if routes else ()
                except BrokenCheck as error:
                    problems[error.location, str(error)] = Problem(error.location, str(error))
                    found_routes = ()
                roots[root.resolve()] = RootReport(display(root), results, found_routes)
        for error in errors:
            problems[error.location, error.message] = Problem(error.location, error.message)
    return Report(tuple(roots.values()), tuple(problems.values()))


def _load(root: Path, files: Files, variable_files: Sequence[Path], *, today: date | None, plan: Path | None) -> Stack:
    if plan is None:
        return load(root, files, variable_values(root, files, variable_files), today=today)
    from .sources.plan.loading import load_plan

    return load_plan(plan, root, files, today=today)


def _root_of_plan(path: Path, files: Files, plan: Path) -> tuple[list[Path], list[SourceError]]:
    """The root module that a plan is of; a directory without Terraform files will do, where the source is not at hand.

    Raises:
        NothingFound: there is no such path, or several root modules are under it.
    """
    try:
        found, errors = find_roots(path, files)
    except NothingFound:
        if not path.is_dir():
            raise
        return [path], []
    if len(found) > 1 and path in found:  # the others are below it, and not called by it
        return [path], errors
    if len(found) > 1:
        names = ", ".join(display(root) for root in found)
        raise NothingFound(f"{plan} is the plan of one root module; name it, of these: {names}")
    return found, errors
