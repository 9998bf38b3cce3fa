"""The table for people: every example's verdict on every surface."""

from collections.abc import Iterator, Mapping

from tests.e2e.deployment import ROOT
from tests.e2e.examples import CASES, NOT_CREATED, NOT_PLANNED, Case
from tests.e2e.surfaces import CHECKOV, SOURCE, SURFACES, ByAddress

FILE = ROOT / ".tox" / "e2e" / "surfaces.md"


def write_table(found: Mapping[str, Mapping[Case, ByAddress]]) -> None:
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text("\n".join(_lines(found)) + "\n")


def _lines(found: Mapping[str, Mapping[Case, ByAddress]]) -> Iterator[str]:
    yield "# Every convention's examples on every surface"
    yield ""
    yield "Live addresses are mapped through Terraform's state. Checkov says nothing of what is unproven."
    yield ""
    yield f"| convention | example | address | {' | '.join(SURFACES)} |"
    yield "|---" * (3 + len(SURFACES)) + "|"
    for case in CASES:
        for address, one in found[SOURCE][case].items():
            cells = [_cell(found, surface, case, one.judged if surface == CHECKOV else address) for surface in SURFACES]
            yield f"| `{case.convention_id}` | {case.kind} | `{address}` | {' | '.join(cells)} |"
    yield ""
    for case in CASES[::2]:
        yield from (f"- `{case.convention_id}`: {gap}" for gap in case.convention.not_shown)
    for case, reason in (NOT_PLANNED | NOT_CREATED).items():
        yield f"- `{case.convention_id}`, {case.kind}: {reason}"


def _cell(found: Mapping[str, Mapping[Case, ByAddress]], surface: str, case: Case, address: str) -> str:
    if case not in found[surface]:
        return "refused"
    by_address = found[surface][case]
    one = by_address.get(address) or by_address.get("")  # "" where the convention has no subject on that surface
    return one.verdict.replace("_", " ") if one else "nothing"
