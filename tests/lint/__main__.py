"""The lint gate: `tox -e lint`, or `tox -e lint -- PATH...` for Terraform elsewhere.

Style, the generated catalogue, `terraform fmt`, every convention through `routeproof`, and every convention through
Checkov with the proof that its policies really ran. The steps run side by side; one that fails prints what it found.
"""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.lint import checkov, steps
from tests.lint.steps import Outcome, Untrusted


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when every step passes, 1 when one finds something, 2 when one cannot be trusted."""
    parser = argparse.ArgumentParser(prog="tox -e lint --", description=__doc__, add_help=True)
    parser.add_argument(
        "paths",
        metavar="PATH",
        nargs="*",
        type=Path,
        help="default: terraform/, and this project's own style and pages",
    )
    paths: list[Path] = parser.parse_args(arguments).paths

    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)  # what is being installed

    steps_to_run = planned(paths)
    with ThreadPoolExecutor(max_workers=len(steps_to_run)) as pool:
        running = [(name, pool.submit(_timed, step)) for name, step in steps_to_run]
        exit_codes = [_show(name, *future.result()) for name, future in running]
    return max(exit_codes)


def planned(paths: Sequence[Path]) -> list[tuple[str, Callable[[], Outcome]]]:
    """The steps for these paths, by name; without any, for terraform/ and for this project itself."""
    own: list[tuple[str, Callable[[], Outcome]]] = [
        ("ruff format", steps.ruff_format),
        ("ruff check", steps.ruff_check),
        ("catalogue", steps.catalogue_page),
    ]
    judged = paths or [Path("terraform")]
    return [
        *([] if paths else own),
        ("terraform fmt", lambda: steps.terraform_fmt(judged)),
        ("routeproof check", lambda: steps.routeproof_check(judged)),
        ("checkov", lambda: checkov.check(judged)),
    ]


def _timed(step: Callable[[], Outcome]) -> tuple[Outcome, float]:
    start = time.monotonic()
    try:
        outcome = step()
    except Untrusted as error:
        summary, _, details = str(error).partition("\n")
        outcome = Outcome(2, summary, details)
    return outcome, time.monotonic() - start


def _show(name: str, outcome: Outcome, seconds: float) -> int:
    word = ("ok", "FAILED", "ERROR")[outcome.exit_code]
    print(f"{name:<17} {word:<7} {seconds:4.1f} s  {outcome.summary}".rstrip(), flush=True)
    if outcome.details:
        print("    " + outcome.details.rstrip().replace("\n", "\n    "), flush=True)
    return outcome.exit_code


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what is temporary is removed then too
    sys.exit(main())
