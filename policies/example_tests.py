"""`routeproof test`: whether a team's conventions do on their examples what they say."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from .catalogue import built_in, in_folder
from .convention import Convention, Example, Verdict
from .report import report
from .sources.hcl.files import display

_SHOULD = {Verdict.FAIL: "should fail", Verdict.UNPROVEN: "should be unproven"}


def run_examples(folders: Sequence[Path]) -> tuple[int, str]:
    """Exit code and report: 0 every example is as it says, 1 one is not, 2 one cannot be judged.

    Raises:
        CatalogueError: a module does not import, or its convention is incomplete.
    """
    own: dict[str, Convention] = {}
    for folder in folders:
        own |= in_folder(folder, {*built_in(), *own})
    codes: list[int] = []
    lines: list[str] = []
    for name, convention in own.items():
        wrong = [*_wrong("good", convention.good, convention), *_wrong("bad", convention.bad, convention)]
        codes.append(max((code for code, _ in wrong), default=0))
        lines += [f"{('ok', 'FAILED', 'ERROR')[codes[-1]]:<6} {name}", *(f"       {text}" for _, text in wrong)]
    conventions = "1 convention" if len(codes) == 1 else f"{len(codes)} conventions"
    lines.append(f"{conventions} in {', '.join(map(display, folders))}: {codes.count(0)} as the examples say")
    return max(codes), "\n".join(lines) + "\n"


def _wrong(kind: str, example: Example, convention: Convention) -> Iterator[tuple[int, str]]:
    """What an example does that it does not say, or why it is not judged: exit code and message."""
    with tempfile.TemporaryDirectory(prefix="routeproof-test-") as temporary:
        (Path(temporary) / ".git").mkdir()  # the top of a repository: no settings further up count
        directory = Path(temporary) / kind
        write_example(directory, example)
        found = report([directory], [convention], suppressions=False)
    for problem in found.problems:
        yield 2, f"{kind} example, line {problem.location.line}: {problem.message}"
    if found.problems:
        return
    verdicts = {
        (result.address or "the whole of it", result.location.line if result.location else 0, result.verdict): result
        for root in found.roots
        for result in root.results
        if result.verdict is not Verdict.PASS
    }
    wanted = {(address, line, example.verdict) for address, line in example.fails_at}
    for address, line, verdict in sorted(wanted - verdicts.keys()):
        yield 1, f"{kind} example: {address} {_SHOULD[verdict]} at line {line}"
    for address, line, verdict in sorted(verdicts.keys() - wanted):
        message = verdicts[address, line, verdict].message
        at = f"{address} at line {line}" if line else address
        code = 2 if verdict is Verdict.ERROR else 1
        yield code, f"{kind} example: {at} is {verdict.value.replace('_', ' ')}: {message}"


def write_example(directory: Path, example: Example) -> None:
    """Write the example's files, in directories that are made."""
    for path, text in (("main.tf", example.source), *example.files):
        (directory / path).parent.mkdir(parents=True, exist_ok=True)
        (directory / path).write_text(text, encoding="utf-8")
