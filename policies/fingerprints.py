"""A name for a finding that stays the same while the source around it moves: what SARIF and a baseline compare."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from .convention import Result

# `main.tf:3:1` in a message becomes `main.tf`, and `line 3 column 1 (char 20)` of a JSON error loses its numbers.
_AFTER_A_FILE = re.compile(r"(\.(?:tf|json|tofu|tfvars)):\d+(:\d+)?")
_IN_WORDS = re.compile(r"\b(line|column|char) \d+")


def fingerprint(root: str, result: Result) -> str:
    """32 hexadecimal digits of the root, the convention, the address and the message without positions.

    `root` is the root module's directory relative to the working directory, as `RootReport.root` has it. The file and
    the range take no part, so that blocks may move. Two findings alike in all four have the same fingerprint; where
    each needs its own, `fingerprints` counts them.
    """
    message = _IN_WORDS.sub(r"\1", _AFTER_A_FILE.sub(r"\1", result.message))
    import hashlib  # imported where it is needed: it takes longer than many a check

    identity = json.dumps([root, result.convention, result.address, message])
    return hashlib.sha256(identity.encode()).hexdigest()[:32]


def fingerprints(root: str, results: Iterable[Result]) -> Iterator[str]:
    """Each result's fingerprint and, behind a colon, the how manieth of its kind it is in the root, from 1."""
    seen: Counter[str] = Counter()
    for result in results:
        name = fingerprint(root, result)
        seen[name] += 1
        yield f"{name}:{seen[name]}"
