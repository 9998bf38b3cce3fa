"""What was just deployed may take some seconds to be there everywhere: waiting for it."""

import time
from collections.abc import Callable
from typing import TypeVar

DEADLINE_SECONDS = 60
Result = TypeVar("Result")


def within_deadline(check: Callable[[], Result], *, seconds: float = DEADLINE_SECONDS) -> Result:
    """What `check` returns, which is repeated until it holds. Its last AssertionError where it never does."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return check()
        except AssertionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
