"""Random batches, round after round, until there are enough."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import count
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.unit.conftest import RUNS

BATCHES_IN_A_ROUND = 12


def until(
    enough: Callable[[], bool], check: Callable[[Any], None], batches: st.SearchStrategy[Any], *, runs: int
) -> None:
    """Give `check` batch after batch until there is enough: the same ones in each default run, others with `--runs`.

    A failing batch is not made smaller: each of its members is judged by itself anyway.
    """
    seeds = count() if runs == RUNS else iter(lambda: random.SystemRandom().getrandbits(32), None)
    limits = settings(
        max_examples=BATCHES_IN_A_ROUND,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    for number in seeds:
        if enough():
            return

        @seed(number)
        @limits
        @given(batches)
        def one_round(batch: Any) -> None:
            if not enough():
                check(batch)

        one_round()
