"""The reports of all shards, as the report that one run over everything would have written."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from .catalogue import catalogue
from .convention import Convention
from .judging import RootReport
from .reading import report_of
from .report import Report, with_complaints
from .shards import Shard
from .skips import SUPPRESSION
from .unused import unused

MAX_BYTES = 500_000_000


class NotMerged(Exception):
    """Reports that do not make one; the text says which and why."""


def merged(files: Sequence[Path]) -> tuple[Report, Mapping[str, Convention]]:
    """The one report of the shards' reports, and the conventions that it was judged by.

    Raises:
        NotMerged: a file is no report of a shard, or they are not all of one run.
    """
    reports = [(path, *_read(path)) for path in files]
    _, first, shard = reports[0]
    seen: dict[int, Path] = {}
    for path, report, other in reports:
        if other.part.of != shard.part.of:
            raise NotMerged(f"{path} is of {other.part.of} shards, and {files[0]} of {shard.part.of}")
        if other.part.number in seen:
            raise NotMerged(f"{path} and {seen[other.part.number]} are both shard {other.part}")
        seen[other.part.number] = path
        if other.roots != shard.roots:
            differing = sorted({*other.roots} ^ {*shard.roots})
            raise NotMerged(f"{path} and {files[0]} are not of the same root modules: {', '.join(differing[:3])}")
        if other.conventions != shard.conventions or report.variable_files != first.variable_files:
            raise NotMerged(f"{path} and {files[0]} were judged by other conventions or with other variables")
        _has_its_share(path, report, other)
    missing = [str(number) for number in range(1, shard.part.of + 1) if number not in seen]
    if missing:
        raise NotMerged(f"of {shard.part.of} shards these are missing: {', '.join(missing)}")
    return _together([report for _, report, _ in reports], [shard for _, _, shard in reports]), _known(shard)


def _has_its_share(path: Path, report: Report, shard: Shard) -> None:
    """A root module is in the report of its shard, and in no other, and in it once."""
    named = [*(root.root for root in report.roots), *report.left_out]
    times = Counter(named)
    share = dict.fromkeys(shard.part.share(shard.roots))
    wrong = next((name for name in named if times[name] > 1 or name not in share), None)
    if wrong is None and not report.problems:  # what cannot be read is in the errors alone
        wrong = next((name for name in share if name not in times), None)
    if wrong is not None:
        raise NotMerged(f"{path}: {wrong} is not there once in the shard that it is of")


def _known(shard: Shard) -> Mapping[str, Convention]:
    known = catalogue()
    for name in shard.conventions:
        if name not in known:
            raise NotMerged(f"the shards were judged by {name}, which there is not here; merge where they were run")
    return {name: known[name] for name in shard.conventions}


def _together(reports: Sequence[Report], shards: Sequence[Shard]) -> Report:
    problems = {problem: None for report in reports for problem in report.problems}
    left_out = sorted((name for report in reports for name in report.left_out), key=_order)
    roots = sorted((root for report in reports for root in report.roots), key=lambda root: _order(root.root))
    used = [use for shard in shards for use in shard.uses]
    # What a shard took for unused may be needed in another.
    undecided = {use.standing.unused for use in used}
    complaints = [
        (root.root, result)
        for root in roots
        for result in root.results
        if result.convention == SUPPRESSION and result not in undecided
    ]
    if not problems and not left_out:
        read = {name for shard in shards for name in shard.read}
        complaints += [(use.root, use.standing.unused) for use in unused(used, read)]
    return Report(
        with_complaints([_without_complaints(root) for root in roots], complaints),
        tuple(sorted(problems)),
        reports[0].variable_files,
        tuple(left_out),
    )


def _order(root: str) -> tuple[str, ...]:
    return Path(root).parts


def _without_complaints(root: RootReport) -> RootReport:
    return replace(root, results=tuple(result for result in root.results if result.convention != SUPPRESSION))


def _read(path: Path) -> tuple[Report, Shard]:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise ValueError(f"it is larger than {MAX_BYTES:,} bytes")
        report = report_of(json.loads(content))
    except OSError as error:
        raise NotMerged(f"{path} cannot be read: {error.strerror}") from None
    except KeyError as error:
        raise NotMerged(f"{path} is no report that this program wrote as JSON: it has no {error}") from None
    except (ValueError, TypeError, RecursionError) as error:
        raise NotMerged(f"{path} is no report that this program wrote as JSON: {error}") from None
    if report.shard is None:
        raise NotMerged(f"{path} is no report of a shard: routeproof check --shard I/N --output json=FILE writes one")
    return report, report.shard
