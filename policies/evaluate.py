"""A stack and conventions in, results out. A convention that breaks is an `error` result, never a pass."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from .convention import Convention, Result, Verdict
from .stack import Stack


def evaluate(stack: Stack, conventions: Iterable[Convention]) -> list[Result]:
    """Every convention's results, sorted by file, line, convention and address."""
    results = [result for convention in conventions for result in judge(stack, convention)]
    return sorted(results, key=_order)


def judge(stack: Stack, convention: Convention) -> list[Result]:
    """One convention's results; a convention without a subject says so once."""
    results: list[Result] = []
    try:
        for result in convention.check(stack):
            fix = convention.fix if result.verdict is Verdict.FAIL else ""
            results.append(replace(result, convention=convention.id, fix=result.fix or fix))
    except Exception as error:  # whatever it is, the gate must not stay silent
        after = f" after {results[-1].address}" if results else ""
        message = f"the check of {convention.id} broke{after}: {type(error).__name__}: {error}"
        results.append(Result(Verdict.ERROR, None, message, convention=convention.id))
    if not results:
        message = f"the stack has no {convention.subject}"
        results.append(Result(Verdict.NOT_APPLICABLE, None, message, convention=convention.id))
    return results


def _order(result: Result) -> tuple[str, int, str, str]:
    location = result.location
    return (location.file if location else "", location.line if location else 0, result.convention, result.address or "")
