"""Whether a permission's `source_arn` lets a route's calls through, as IAM compares them.

A route calls with the ARN `<execution_arn>/<stage>/<METHOD><path>`, the method being the request's and the path the
route's own, `{proxy+}` as it is written. A route key without a path (`$default`, a WebSocket API's `$connect`) calls
with `<execution_arn>/<stage>/<route key>`. `*` stands for any text, also none, `?` for one character; both match
slashes. Sources: docs/aws-behaviour.md, "Permission statements".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

# What a route key may name; ANY stands for all of them.
METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
# In a call: the name of a stage that only apply decides. One character or more, none of them a slash.
_STAGE = ""


def lets_in(suffix: str, route_key: str, stage: str | None) -> bool | None:
    """Whether every call of a route matches; None where that depends on the stage's name, which is None.

    `suffix` is what the `source_arn` has behind the API's execution ARN, `/*/*`. `ANY /x` needs every method let in.
    """
    if all(_matches(suffix, call, every=True) for call in _calls(route_key, stage)):
        return True
    return None if all(_matches(suffix, call, every=False) for call in _calls(route_key, stage)) else False


def _calls(route_key: str, stage: str | None) -> Iterable[Sequence[str]]:
    """Behind the execution ARN, what a route's calls come as: a character each, or `_STAGE`."""
    method, _, path = route_key.partition(" ")
    stages = [_STAGE] if stage is None else list(stage)
    for name in METHODS if path and method == "ANY" else (method,):
        yield ["/", *stages, "/", *name, *path]


def _matches(pattern: str, call: Sequence[str], *, every: bool) -> bool:
    """Whether the pattern matches the call, with every name for an unknown stage, or with some name.

    It keeps all the places in the pattern where the match may stand, so a hostile pattern costs no more than the
    product of both lengths.
    """
    places = _past_stars(pattern, {0})
    for character in call:
        if character != _STAGE:
            places = _step(pattern, places, character)
        elif every:
            places = _past_stars(pattern, {place for place in places if pattern[place : place + 1] == "*"})
        else:
            places, before = _step(pattern, places, _STAGE), set()
            while places != before:
                before, places = places, places | _step(pattern, places, _STAGE)
    return len(pattern) in places


def _step(pattern: str, places: set[int], character: str) -> set[int]:
    """Where the match may stand one character later; `_STAGE` is any character but a slash."""
    found: set[int] = set()
    for place in places:
        wanted = pattern[place : place + 1]
        if wanted == "*":
            found.add(place)
        elif wanted and (wanted in ("?", character) or (character == _STAGE and wanted != "/")):
            found.add(place + 1)
    return _past_stars(pattern, found)


def _past_stars(pattern: str, places: set[int]) -> set[int]:
    """A star may also stand for nothing."""
    found = set(places)
    for place in places:
        while pattern[place : place + 1] == "*":
            place += 1
            found.add(place)
    return found
