"""The fixture `routeproof_stack`, for a team's own tests of its Terraform. pytest loads this wherever it runs, so that
nothing else is imported before the fixture is used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .convention import Result
    from .links import Route
    from .stack import Resource, Stack


class NotJudged(Exception):
    """A root module that cannot be judged; the text says why."""


@dataclass(frozen=True)
class JudgedStack:
    """One root module: every convention's results, the request path of every route, and the resources by address.

    `stack` is what a convention gets.
    """

    results: tuple[Result, ...]
    routes: tuple[Route, ...]
    resources: Mapping[str, Resource]
    stack: Stack

    @property
    def failures(self) -> list[Result]:
        """What fails and is neither suppressed nor in the baseline."""
        return [result for result in self.results if result.fails]


@pytest.fixture(scope="session")
def routeproof_stack(pytestconfig: pytest.Config) -> Callable[..., JudgedStack]:
    """Judge the root module in a directory: `stack = routeproof_stack("terraform")`.

    The path, and those of `var_files`, are relative to pytest's rootdir. The repository's settings count.

    Raises:
        NotJudged: the directory has no root module or several, or a file of it cannot be read.
    """

    def judge(path: str | Path, *, var_files: Iterable[str | Path] = ()) -> JudgedStack:
        top = pytestconfig.rootpath
        return _judged(top / path, [top / file for file in var_files])

    return judge


def _judged(path: Path, var_files: list[Path]) -> JudgedStack:
    from .catalogue import CatalogueError, catalogue
    from .report import report
    from .settings import Unusable
    from .sources.hcl.roots import NothingFound

    stacks: list[Stack] = []
    try:
        found = report(
            [path],
            catalogue().values(),
            variable_files=var_files,
            routes=True,
            each=lambda stack, results: stacks.append(stack),
        )
    except (NothingFound, CatalogueError, Unusable) as error:
        raise NotJudged(str(error)) from None
    broken = [f"{problem.location}: {problem.message}" for problem in found.problems]
    broken += [f"{r.location}: {r.message}" for root in found.roots for r in root.results if r.verdict == "error"]
    if broken:
        raise NotJudged("\n".join(broken))
    if len(found.roots) != 1:
        names = ", ".join(root.root for root in found.roots)
        raise NotJudged(f"{path} has {len(found.roots)} root modules; name one of them: {names}")
    (root,), (stack,) = found.roots, stacks
    return JudgedStack(root.results, root.routes, stack.by_address, stack)
