"""`check --fix` and `check --diff`: findings become changes to the source."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from .convention import Result
from .fixes import Fixer
from .reporters.escape import safe
from .settings import Unusable
from .stack import Stack
from .values import Location


def fix(judge: Callable[[Callable[[Stack, Sequence[Result]], None]], object], *, write: bool, diff: bool) -> None:
    """Fix what `judge` finds: it is given a function that wants every stack with its results.

    What is left to a person is said on stderr, with the reason. With `diff` the changes are shown on stdout.

    Raises:
        Unusable: a file cannot be written.
    """
    fixer = Fixer(lambda name: Path(name).read_bytes())
    judge(fixer.propose)
    files = fixer.rewritten()
    for file in files:
        if diff:
            # A diff is for git apply as well: on a terminal the scanned source must not drive it.
            text = file.diff()
            sys.stdout.write("".join(f"{safe(line)}\n" for line in text.splitlines()) if sys.stdout.isatty() else text)
        if write:
            try:
                file.write()
            except OSError as error:
                raise Unusable(
                    f"cannot be written ({error.strerror or error})", Location(file.name, 1, 1, 1, 1)
                ) from None
            print(f"routeproof: fixed {safe(file.name)}", file=sys.stderr)
    for one in fixer.left:
        place = f"{one.result.location}: " if one.result.location else ""
        why = one.why or one.result.fix
        print(f"routeproof: {safe(place)}{one.result.convention} is left to you: {safe(why)}", file=sys.stderr)
