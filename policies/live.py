"""An account in, a report out: what is live in one region of it, judged."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from .convention import Convention
from .evaluate import evaluate
from .judging import RootReport, routes_of
from .report import Report
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
    paths, problems = routes_of(stack) if routes else ((), ())
    return Report((RootReport(stack.root, results, paths, unproven_fails),), problems)
