"""Source, plan, what is live and Checkov come to the same verdict on every example, at the same address.

What a surface does not show is declared in the convention, and is unproven there for the reason that is declared.
"""

import re

import pytest

from routeproof.catalogue import catalogue
from routeproof.convention import NotShown, Surface, Verdict
from routeproof.evaluate import evaluate
from tests.e2e.examples import CASES, DEPLOYED, NOT_CREATED, NOT_PLANNED, PLANNED, Case
from tests.e2e.surfaces import CHECKOV, LIVE, PLAN, PLAN_ALONE, SOURCE, ByAddress, Surfaces
from tests.e2e.surfaces_table import FILE

DECLARED = {PLAN_ALONE: Surface.PLAN_ALONE, LIVE: Surface.LIVE}
# What Checkov says of the engine's verdicts; of the others it says nothing.
WORDS = {"pass": "passed", "fail": "failed"}
AGREEING = [
    pytest.param(surface, case, id=f"{case.convention_id}-{case.kind}-{surface}")
    for case in CASES
    for surface in (PLAN, PLAN_ALONE, LIVE, CHECKOV)
    if case in {LIVE: DEPLOYED, CHECKOV: CASES}.get(surface, PLANNED)
]


def named(cases: list[Case]) -> list:
    return [pytest.param(case, id=f"{case.convention_id}-{case.kind}") for case in cases]


@pytest.mark.parametrize("case", named(CASES))
def test_the_source_has_the_verdicts_of_the_example(surfaces: Surfaces, case: Case):
    """A good example passes. A bad one does not, at its addresses and nowhere else."""
    found = verdicts(surfaces.found[SOURCE][case])
    wrong = {address: case.example.verdict.value for address, _ in case.example.fails_at}
    assert found == dict.fromkeys(found, "pass") | wrong
    assert found.keys() != {""}


@pytest.mark.parametrize(("surface", "case"), AGREEING)
def test_the_surfaces_agree(surfaces: Surfaces, surface: str, case: Case):
    by_source, found = surfaces.found[SOURCE][case], surfaces.found[surface][case]
    gap = not_shown(surface, case)
    if surface == CHECKOV:
        assert verdicts(found) == {one.judged: WORDS[one.verdict] for one in by_source.values() if one.verdict in WORDS}
    elif gap is None:
        assert verdicts(found) == verdicts(by_source)
    elif gap.verdict is Verdict.NOT_APPLICABLE:
        assert {address: (one.verdict, one.message) for address, one in found.items()} == {
            "": ("not_applicable", f"the stack has no {case.convention.subject}")
        }
    else:
        assert verdicts(found) == dict.fromkeys(by_source, "unproven")
        reason = ".+".join(map(re.escape, gap.reason.split("...")))
        assert [one.message for one in found.values() if not re.search(reason, one.message)] == []


def not_shown(surface: str, case: Case) -> NotShown | None:
    """What the convention declares of its example on that surface."""
    declared = [gap for gap in case.convention.not_shown if gap.surface is DECLARED.get(surface)]
    return next((gap for gap in declared if case.kind in gap.examples), None)


def verdicts(found: ByAddress) -> dict[str, str]:
    return {address: one.verdict for address, one in found.items()}


def test_nothing_else_is_refused(surfaces: Surfaces):
    assert surfaces.refusals == NOT_PLANNED | NOT_CREATED


def test_every_result_of_a_plan_without_its_source_is_without_a_place(surfaces: Surfaces):
    results = evaluate(surfaces.plan_alone, catalogue().values())
    assert {result.location for result in results} == {None}


def test_the_table_for_people_has_every_verdict(surfaces: Surfaces):
    rows = [line.strip("| ").split(" | ") for line in FILE.read_text().splitlines() if line.startswith("| `")]
    told = {(name.strip("`"), kind, address.strip("`")): cells for name, kind, address, *cells in rows}
    assert {key[:2] for key in told} == {tuple(case) for case in CASES}
    function = "aws_lambda_function.orders"
    assert told["LAMBDA_ARM64", "bad", function] == ["fail", "fail", "fail", "fail", "failed"]
    assert told["LAMBDA_HANDLER", "good", function] == ["pass", "pass", "unproven", "unproven", "passed"]
    assert told["API_URL_OUTPUT", "bad", "output.api_url"] == ["fail", "fail", "unproven", "not applicable", "failed"]
    api = "aws_apigatewayv2_api.shop"
    assert told["CORS", "bad", api] == ["fail", "fail", "fail", "refused", "failed"]
    assert told["MODULE_FETCHED", "bad", "module.orders"] == ["unproven", "refused", "refused", "refused", "nothing"]
