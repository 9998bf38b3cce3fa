"""The Chromium that is on the machine, without a line home."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
QUIET = ("--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run")


class NoBrowser(Exception):
    """There is no Chromium, or it does not run; the text says where it was looked for, or what it said."""


def find() -> str:
    """The program's path. Raises NoBrowser."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        raise NoBrowser(
            f"no Chromium on PATH: looked for {', '.join(NAMES)}. On Debian and Ubuntu: sudo apt-get install chromium"
        )
    return found


@contextmanager
def browser() -> Iterator[Browser]:
    """A browser without a window, in its sandbox; the administrator's has none, as Chromium refuses it there.

    Raises NoBrowser.
    """
    program = find()
    from playwright.sync_api import Error, sync_playwright  # after that: without a browser it is of no use

    is_administrator = os.geteuid() == 0
    try:
        with sync_playwright() as playwright:
            started = playwright.chromium.launch(
                executable_path=program, args=[*QUIET], chromium_sandbox=not is_administrator
            )
            try:
                yield started
            finally:
                started.close()
    except Error as problem:
        first, *others = str(problem).partition("Call log:")[0].splitlines()
        said = "".join(f"\n    {line}" for line in others if "[err]" in line)
        raise NoBrowser(f"{program} does not do what it is asked for: {first}{said}") from problem
