"""What the command line does with a baseline: it writes one, and says what is fixed since."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from .baseline import as_text, compared, root_name, updated
from .catalogue import catalogue
from .report import Report
from .settings import Unusable
from .sources.hcl.files import display
from .values import Location

MOST_FIXED = 20  # lines


def recorded(path: Path, found: Report) -> Report:
    """Write a run's failures to a baseline: the report with all of them in it.

    A run that is not to be trusted writes nothing, and comes back as it is.

    Raises:
        Unusable: the file cannot be written, or is something else.
    """
    if found.exit_code() == 2:
        return found
    judged = {Path(root.root): root.results for root in found.roots}
    unproven = {Path(root.root) for root in found.roots if root.unproven_fails}
    entries = updated(path, judged, unproven=unproven, known=catalogue())
    try:
        path.write_text(as_text(entries), encoding="utf-8")
    except OSError as error:
        place = Location(display(path), 1, 1, 1, 1)
        raise Unusable(f"the baseline cannot be written: {error.strerror}", place) from None
    marked = (
        replace(root, results=tuple(compared(entries, root_name(path, Path(root.root)), root.results)[0]))
        for root in found.roots
    )
    return replace(found, roots=tuple(marked))


def said_of_baseline(found: Report, wrote: Path | None) -> Iterator[str]:
    """Lines for a person: what was written, or what is fixed."""
    if wrote is not None and found.exit_code() == 2:
        yield f"the run is not to be trusted, so {display(wrote)} is not written"
    elif wrote is not None:
        yield f"{_counted(found.count()['baseline'])} in the baseline {display(wrote)}"
    fixed = [(root.root, entry) for root in found.roots for entry in root.fixed]
    for root, entry in fixed[:MOST_FIXED]:
        yield f"fixed: {entry.convention} {entry.address} in {root}"
    if fixed:
        are = "is" if len(fixed) == 1 else "are"
        yield f"{_counted(len(fixed))} of the baseline {are} fixed; --write-baseline takes what is fixed out of it"


def _counted(number: int) -> str:
    return "1 failure" if number == 1 else f"{number} failures"
