"""An account in, a report out: what is live in one region of it, judged."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from .convention import Convention
from .evaluate import evaluate
from .links import BrokenCheck
from .report import Problem, Report, RootReport
from .request_path import request_path
from .sources.aws.account import Options
from .sources.aws.loading import load_account


def live_report(
    account: Options,
    conventions: Iterable[Convention],
    *,
    today: date | None = None,
    routes: bool = False,
    unproven_fails: bool = False,
) -> Report:
    """Judge what is live, for this day or another. `routes`: find the request path of every route too.

    Raises:
        LiveError: the account cannot be read.
    """
    stack = load_account(account, today=today)
    results = tuple(evaluate(stack, conventions))
    problems: tuple[Problem, ...] = ()
    paths = ()
    try:
        paths = request_path(stack) if routes else ()
    except BrokenCheck as error:
        problems = (Problem(error.location, str(error)),)
    return Report((RootReport(stack.root, results, paths, unproven_fails),), problems)
