"""The conventions through Checkov, and the proof that its policies ran.

Checkov exits 0 when a policy does not import, when one raises, when its directory is missing and when an id is
mistyped. So the stack stands beside a canary, every convention's examples, and one run judges both: the canary has to
fail where the bad examples say, and every verdict of the engine has to be in Checkov's report.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

from routeproof.catalogue import catalogue
from routeproof.convention import Verdict
from routeproof.example_tests import write_example
from routeproof.report import Report, report
from routeproof.sources.hcl.roots import NothingFound, boundary_of
from routeproof.stack import MODULE, without_keys
from tests.lint.steps import ROOT, Outcome, Untrusted, run
from tests.tools.environments import ToolMissing, environment
from tests.tools.held_directories import held_directory

CHECKS = ROOT / "policies" / "checkov_checks"
_LEFT_OUT = {".git", ".tox", "node_modules", ".venv", "__pycache__"}
_FAILURES = {Verdict.FAIL, Verdict.ERROR}
_WORST = ("passed", "skipped", "failed")  # the last is the worst
# Convention, file (from the scanned directory, with a leading slash) and address: passed, failed or skipped.
Place = tuple[str, str, str]
Reported = dict[Place, str]
# The last name in an address, with its key.
_LAST_NAME = re.compile(r'[^.\[\]"]+(\[\d+\]|\["(?:[^"\\]|\\.)*"\])?$')


def check(paths: Sequence[Path]) -> Outcome:
    """Judge copies of the paths' repositories beside the canary.

    Raises:
        Untrusted: Checkov, or one of the policies, did not do its work.
    """
    with held_directory("lint") as temporary:
        parent = temporary.resolve()
        copies = [_copy(path, parent / f"stack-{number}") for number, path in enumerate(paths)]
        try:
            engine = report(copies, catalogue().values())
        except NothingFound as error:
            raise Untrusted(str(error)) from None
        if engine.problems:
            raise Untrusted("; ".join(f"{problem.location}: {problem.message}" for problem in engine.problems))
        canary = write_canary(parent / "canary")
        reported = run_checkov(parent)
        _require_canary(reported, canary)
        judged = _of_stack(reported, parent, copies)
        _require_same(judged, engine, parent)
    failed = [place for place, word in judged.items() if word == "failed"]
    proven = f"all {len(catalogue())} policies proven on the canary"
    skipped = sum(word == "skipped" for word in judged.values())
    counted = f"{len(judged) - len(failed) - skipped} passed, {len(failed)} failed"
    counted += f", {skipped} skipped" if skipped else ""
    summary = f"{counted}; {proven}"
    details = "\n".join(f"{name} {address} in {file.split('/', 2)[2]}" for name, file, address in failed)
    return Outcome(1 if failed else 0, summary, details)


def _copy(path: Path, target: Path) -> Path:
    """The path inside a copy of what the engine may read of it."""
    path = path.resolve()
    boundary = boundary_of(path)
    ignored = shutil.ignore_patterns(*_LEFT_OUT, "*.tfstate*")
    shutil.copytree(boundary, target, symlinks=True, ignore=ignored)
    (target / ".git").mkdir(exist_ok=True)  # the copy's boundary
    return target / path.relative_to(boundary)


def write_canary(directory: Path) -> Reported:
    """Every convention's bad example in a directory of its own, and what Checkov has to say of it.

    Of one that is unproven Checkov says nothing, which proves nothing: its good example stands beside it, and passes.
    """
    expected: Reported = {}
    for convention in catalogue().values():
        bad_only = convention.bad.verdict is Verdict.FAIL
        written = {"bad": convention.bad} if bad_only else {"bad": convention.bad, "good": convention.good}
        for name, example in written.items():
            write_example(directory / convention.id / name, example)
            for address in convention.bad.failing_resources:
                place = (convention.id, f"/{directory.name}/{convention.id}/{name}/main.tf", address)
                expected[place] = "passed" if name == "good" else "failed" if bad_only else "nothing"
    return expected


def run_checkov(directory: Path, checks: Path | None = None) -> Reported:
    """What Checkov says with these policies of every resource below the directory.

    Raises:
        Untrusted: Checkov's report is missing, or a file did not parse.
    """
    try:
        program = environment("checkov") / "bin" / "checkov"
    except ToolMissing as error:
        raise Untrusted(str(error)) from None
    found = run(
        *(
            program,
            "-d",
            directory,
            "--external-checks-dir",
            checks or CHECKS,
            "--framework",
            "terraform",
            "--skip-download",
        ),
        *("--check", ",".join(catalogue()), "--output", "json", "--compact"),
    )
    if "Cannot load external check" in found.stderr:
        raise Untrusted(f"a policy does not import:\n{found.stderr}")
    try:
        printed = json.loads(found.stdout)
    except ValueError:
        raise Untrusted(f"Checkov printed no report:\n{found.stdout[-2000:]}{found.stderr[-2000:]}") from None
    if "results" not in printed:
        return {}  # no policy said anything of any resource
    results = printed["results"]
    if results["parsing_errors"]:
        raise Untrusted("Checkov cannot parse " + ", ".join(results["parsing_errors"]))
    return {
        (record["check_id"], record["file_path"], _terraform_address(record["check_id"], record["resource"])): word
        for word in ("passed", "failed", "skipped")
        for record in results[f"{word}_checks"]
    }


def _terraform_address(convention: str, address: str) -> str:
    """`module.a.module.b` for a module call, which Checkov calls `module.a.b`."""
    if catalogue()[convention].resource_types != (MODULE,):
        return address
    return _LAST_NAME.sub(lambda name: f"module.{name[0]}", address)


def _require_canary(reported: Reported, canary: Reported) -> None:
    wrong = sorted({place[0] for place, word in canary.items() if reported.get(place, "nothing") != word})
    if wrong:
        raise Untrusted(
            f"these policies did not judge their examples right under Checkov: {', '.join(wrong)}. "
            "Nothing that Checkov says of the stack is to be trusted"
        )


def _of_stack(reported: Reported, parent: Path, copies: Iterable[Path]) -> Reported:
    """The results below the copied stacks."""
    below = tuple(f"/{copy.relative_to(parent).as_posix()}" for copy in copies)
    return {place: word for place, word in reported.items() if place[1].startswith(below)}


def _require_same(judged: Reported, engine: Report, parent: Path) -> None:
    """Every verdict of the engine is in Checkov's report: the worst of a resource, and of what Checkov lumps together.

    Where something there is unproven and nothing fails, Checkov says nothing, or passes an instance that it sees apart.
    """
    seen: Reported = {}
    for (name, file, address), word in judged.items():
        place = (name, file, without_keys(address))
        seen[place] = max((word, seen.get(place, word)), key=_WORST.index)
    verdicts: dict[Place, set[Verdict | str]] = {}
    for result in (result for root in engine.roots for result in root.results):
        judged = result.judged
        if judged is not None and judged.location is not None:
            file = "/" + Path(judged.location.file).resolve().relative_to(parent).as_posix()
            place = (result.convention, file, without_keys(judged.address))
            verdicts.setdefault(place, set()).add("accepted" if result.accepted else result.verdict)
    for place, found in verdicts.items():
        word = _expected(found)
        if word is not None and seen.get(place) not in (word, "skipped"):
            name, file, address = place
            raise Untrusted(
                f"{name} at {address} ({file}): the engine says {word}, Checkov {seen.get(place, 'nothing')}"
            )


def _expected(found: set[Verdict | str]) -> str | None:
    """What Checkov has to say of a resource; None where it may have nothing to say."""
    if found & _FAILURES:
        return "failed"
    if Verdict.UNPROVEN in found:
        return None
    return "skipped" if "accepted" in found else "passed" if Verdict.PASS in found else None
