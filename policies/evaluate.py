"""A stack and conventions in, results out. A convention that breaks is an `error` result, never a pass."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from .convention import Convention, Result, Verdict
from .stack import Resource, Stack


def evaluate(stack: Stack, conventions: Iterable[Convention]) -> list[Result]:
    """Every convention's results, sorted by file, line, convention and address."""
    results = [result for convention in conventions for result in judge(stack, convention)]
    return sorted(results, key=order)


def judge(stack: Stack, convention: Convention) -> list[Result]:
    """One convention's results; a convention without a subject says so once."""
    results: list[Result] = []
    for resource in stack.of_type(*convention.resource_types):
        try:
            found = convention.check(stack, resource)
            results.extend(_completed(result, convention, resource) for result in _results(found))
        except (Exception, SystemExit) as error:  # whatever it is, the gate must not stay silent
            message = f"the check of {convention.id} broke: {type(error).__name__}: {error}"
            broken = Result(Verdict.ERROR, resource.address, message, resource.location)
            results.append(_completed(broken, convention, resource))
    if not results:
        message = f"the stack has no {convention.subject}"
        results.append(Result(Verdict.NOT_APPLICABLE, None, message, convention=convention.id))
    return results


def _results(found: Result | Iterable[Result]) -> Iterator[Result]:
    for result in [found] if isinstance(found, Result) else found:
        if not isinstance(result, Result):
            raise TypeError(f"{result!r} is no Result")
        yield result


def _completed(result: Result, convention: Convention, resource: Resource) -> Result:
    fix = convention.fix if result.verdict is Verdict.FAIL else ""
    return replace(result, convention=convention.id, fix=result.fix or fix, judged=resource)


def order(result: Result) -> tuple[str, int, str, str]:
    """How results are sorted."""
    location = result.location
    return (
        location.file if location else "",
        location.line if location else 0,
        result.convention,
        result.address or "",
    )
