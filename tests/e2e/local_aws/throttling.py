"""Stage and route throttling with the token bucket that API Gateway describes.

Source: API Gateway developer guide, "Throttle requests to your HTTP APIs".
"""

import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

# The account's own limits, which hold where a setting is absent ("HTTP API quotas").
ACCOUNT_RATE = 10_000.0
ACCOUNT_BURST = 5_000


@dataclass
class Bucket:
    tokens: float
    filled: float


class Throttle:
    """One bucket for each key; a request takes a token, `rate` tokens a second come back, up to `burst`."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: dict[Hashable, Bucket] = {}

    def admits(self, key: Hashable, settings: Mapping[str, Any]) -> bool:
        """Whether there is a token left, which is taken. `settings` as `get_stage` gives them, {} for no limit."""
        rate = settings.get("ThrottlingRateLimit", ACCOUNT_RATE)
        burst = settings.get("ThrottlingBurstLimit", ACCOUNT_BURST)
        now = self._clock()
        bucket = self._buckets.setdefault(key, Bucket(tokens=burst, filled=now))
        bucket.tokens = min(burst, bucket.tokens + (now - bucket.filled) * rate)
        bucket.filled = now
        if bucket.tokens < 1:
            return False
        bucket.tokens -= 1
        return True
