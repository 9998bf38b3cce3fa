"""Results from a stack and conventions: sorted, labelled, and never silent about a check that breaks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from routeproof.catalogue import catalogue
from routeproof.convention import Convention, Result, Verdict, failed, passed
from routeproof.evaluate import evaluate, judge
from routeproof.report import Report, RootReport
from routeproof.stack import Resource, Stack
from routeproof.values import Known, Location

KIND = "aws_cloudwatch_log_group"


def group(name: str, line: int = 1, *, file: str = "main.tf") -> Resource:
    return Resource(f"{KIND}.{name}", KIND, name, {"name": Known(name)}, Location(file, line, 1, line, 9))


def convention(check: Callable[[Stack, Resource], object], name: str = "LOG_RETENTION") -> Convention:
    return replace(catalogue()["LOG_RETENTION"], id=name, check=check)


def verdicts(results: list[Result]) -> list[tuple[str, str | None, str]]:
    return [(result.verdict.value, result.address, result.message) for result in results]


STACK = Stack("stack", (group("a", 1), group("b", 5), group("c", 9)))


def breaks_at_b(stack: Stack, resource: Resource) -> Result:
    if resource.name == "b":
        raise KeyError("retention")
    return passed(resource, "fine")


def test_a_check_that_breaks_is_an_error_at_the_resource_and_the_others_are_judged() -> None:
    results = judge(STACK, convention(breaks_at_b))
    assert verdicts(results) == [
        ("pass", f"{KIND}.a", "fine"),
        ("error", f"{KIND}.b", "the check of LOG_RETENTION broke: KeyError: 'retention'"),
        ("pass", f"{KIND}.c", "fine"),
    ]
    assert results[1].location == Location("main.tf", 5, 1, 5, 9)
    assert [result.convention for result in results] == ["LOG_RETENTION"] * 3


def test_a_check_that_breaks_after_its_first_result_keeps_it() -> None:
    def check(stack: Stack, resource: Resource) -> Iterator[Result]:
        yield passed(resource, "fine")
        raise RuntimeError("later")

    (first, second) = judge(Stack("stack", (group("a"),)), convention(check))
    assert verdicts([first, second]) == [
        ("pass", f"{KIND}.a", "fine"),
        ("error", f"{KIND}.a", "the check of LOG_RETENTION broke: RuntimeError: later"),
    ]


@pytest.mark.parametrize("wrong", [None, "fail", [None]])
def test_a_check_that_returns_no_result_is_an_error(wrong: object) -> None:
    (result,) = judge(Stack("stack", (group("a"),)), convention(lambda stack, resource: wrong))
    assert (result.verdict, result.address) == (Verdict.ERROR, f"{KIND}.a")
    assert result.message.startswith("the check of LOG_RETENTION broke: TypeError: ")


def test_an_error_stops_the_gate_whatever_else_there_is() -> None:
    results = tuple(evaluate(STACK, [convention(breaks_at_b)]))
    assert Report((RootReport("stack", results),), ()).exit_code() == 2


def test_one_broken_convention_leaves_the_others_judged() -> None:
    whole = convention(lambda stack, resource: failed(resource, "bad"), "OTHER")
    results = evaluate(Stack("stack", (group("b"),)), [convention(breaks_at_b), whole])
    assert [(result.convention, result.verdict.value) for result in results] == [
        ("LOG_RETENTION", "error"),
        ("OTHER", "fail"),
    ]


def test_a_convention_without_a_subject_says_so_once_without_a_place() -> None:
    for stack, check in ((Stack("stack", ()), breaks_at_b), (STACK, lambda stack, resource: ())):
        (result,) = judge(stack, convention(check))
        assert verdicts([result]) == [("not_applicable", None, f"the stack has no {KIND}")]
        assert (result.location, result.convention) == (None, "LOG_RETENTION")


def test_a_failure_carries_the_fix_and_nothing_else_does() -> None:
    def check(stack: Stack, resource: Resource) -> Result:
        return failed(resource, "bad") if resource.name == "a" else passed(resource, "fine")

    results = judge(STACK, convention(check))
    assert [result.fix for result in results] == [catalogue()["LOG_RETENTION"].fix, "", ""]


def test_a_results_own_fix_stays() -> None:
    result = replace(failed(group("a"), "bad"), fix="Do this.")
    assert [found.fix for found in judge(Stack("stack", (group("a"),)), convention(lambda *_: result))] == ["Do this."]


def test_data_sources_and_other_types_are_not_judged() -> None:
    others = (replace(group("a"), managed=False), replace(group("b"), type="aws_sqs_queue"), group("c"))
    results = judge(Stack("stack", others), convention(lambda stack, resource: passed(resource, "fine")))
    assert [result.address for result in results] == [f"{KIND}.c"]


def test_results_are_sorted_by_file_line_convention_and_address() -> None:
    groups = (group("z", 3), group("y", 3), group("x", 2), group("w", 4, file="a.tf"))
    check = lambda stack, resource: passed(resource, "fine")  # noqa: E731
    results = evaluate(
        Stack("stack", groups), [convention(check, "B"), convention(check, "A"), convention(lambda *_: ())]
    )
    assert [(result.convention, (result.address or "").removeprefix(f"{KIND}.")) for result in results] == [
        ("LOG_RETENTION", ""),
        *(("A", "w"), ("B", "w"), ("A", "x"), ("B", "x")),
        *(("A", "y"), ("A", "z"), ("B", "y"), ("B", "z")),
    ]
