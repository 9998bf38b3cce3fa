"""Looks at the end-to-end tests' report in a browser: `tox -e browser`, or `tox -e browser -- FILE` for another page.

The page of the last run, and one that is rendered from a run in which everything is hostile, at two widths, light and
dark. Screenshots are in .tox/browser/screenshots/.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from itertools import product
from pathlib import Path

from tests.browser import chromium
from tests.browser.example import HOSTILE, hostile_run
from tests.browser.looking import CHECKS, HERE, SCHEMES, WIDTHS, Finding, View, look
from tests.e2e.report import DIRECTORY, PAGE, path, render
from tests.tools.environments import ROOT

PLACE = ROOT / ".tox" / "browser"


class Untrusted(Exception):
    """Nothing can be said of the pages."""


def main(arguments: Sequence[str] | None = None) -> int:
    """0 where the pages are as they should be, 1 where they are not, 2 where they could not be looked at."""
    usual = DIRECTORY / PAGE
    parser = argparse.ArgumentParser(prog="tox -e browser --", description=__doc__)
    parser.add_argument(
        "file", metavar="FILE", nargs="?", type=Path, default=usual, help=f"default: {_shown(usual)}, the last run's"
    )
    file: Path = parser.parse_args(arguments).file
    screenshots = PLACE / "screenshots"
    try:
        if not file.is_file():
            raise Untrusted(
                f"there is no {_shown(file)}: run `tox -e e2e` first, or name a page: tox -e browser -- FILE"
            )
        chromium.find()
        screenshots.mkdir(parents=True, exist_ok=True)
        for old in screenshots.glob("*.png"):
            old.unlink()
        failed = look_at_all(file, screenshots)
    except (Untrusted, chromium.NoBrowser) as problem:
        print(f"ERROR: {problem}", file=sys.stderr)
        return 2
    print(f"screenshots: {_shown(screenshots)}")
    return 1 if failed else 0


def look_at_all(file: Path, screenshots: Path) -> bool:
    """Whether anything is wrong with the page, or with the hostile one. Raises Untrusted and NoBrowser."""
    hostile = PLACE / "hostile.html"
    hostile.write_text(render.page(hostile_run(), path.of_root(ROOT / "terraform")))
    failed = False
    with chromium.browser() as browser:
        canary = View("canary", HERE / "canary.html", 390, "light")
        seen = {finding.check for finding in look(browser, canary, PLACE, texts=("What is not in it",))}
        if missed := [check for check in CHECKS if check not in seen]:
            raise Untrusted(f"tests/browser/canary.html has a defect for each check, and these saw none: {missed}")
        texts = [str(render.visible(text)) for text in HOSTILE]
        for (name, page, shown), width, scheme in product(
            (("report", file, []), ("hostile", hostile, texts)), WIDTHS, SCHEMES
        ):
            view = View(name, page, width, scheme)
            found = look(browser, view, screenshots, texts=shown)
            failed = failed or bool(found)
            _show(view, found)
    return failed


def _show(view: View, found: Sequence[Finding]) -> None:
    print(f"{view.name:<8} {view.width:>5} {view.scheme:<6} {'FAILED' if found else 'ok'}", flush=True)
    for finding in found:
        print(f"    {finding.check}: {render.visible(finding.message)}")


def _shown(file: Path) -> str:
    return os.path.relpath(file)


if __name__ == "__main__":
    sys.exit(main())
