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
from .sources.hcl.roots import boundary_of, find_roots
from .sources.hcl.syntax import SourceError
from .sources.hcl.variable_files import variable_values
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
    """`variable_files` are the ones that all roots were judged with."""

    roots: tuple[RootReport, ...]
    problems: tuple[Problem, ...]
    variable_files: tuple[str, ...] = ()

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
    routes: bool = False,
) -> Report:
    """Judge every root module that the paths stand for, each once, for this day or another.

    `routes`: find the request path of every route too.

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
        found, errors = find_roots(path, files)
        for root in found:
            if root.resolve() in roots:
                continue
            try:
                stack = load(root, files, variable_values(root, files, variable_files), today=today)
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
    return Report(tuple(roots.values()), tuple(problems.values()), tuple(map(display, variable_files)))
