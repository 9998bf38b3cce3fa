"""The tables in data/: what AWS changes from time to time, with the source and the day on which it was taken."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).with_name("data")


@dataclass(frozen=True)
class Runtime:
    """A Lambda runtime's last days: None where AWS has not set one. `successor` is the newest of its language."""

    deprecated: date | None
    create_block: date | None
    update_block: date | None
    successor: str | None


@dataclass(frozen=True)
class RuntimeTable:
    updated_at: date
    runtimes: Mapping[str, Runtime]


@dataclass(frozen=True)
class VariableTable:
    """The $context variables of HTTP APIs, without `$context.`; one that ends in `*` stands for all that begin so.

    `instead` has variables of REST APIs that are often meant, with those that say the same of an HTTP API.
    """

    updated_at: date
    variables: tuple[str, ...]
    instead: Mapping[str, str]

    def knows(self, variable: str) -> bool:
        beginnings = [known[:-1] for known in self.variables if known.endswith("*")]
        return variable in self.variables or any(
            variable.startswith(beginning) and variable != beginning for beginning in beginnings
        )

    def nearest(self, variable: str) -> str:
        """The known variable that is most like one that is not."""
        from difflib import SequenceMatcher

        if variable in self.instead:
            return self.instead[variable]
        named = [known for known in self.variables if not known.endswith("*")]
        return max(named, key=lambda known: SequenceMatcher(None, known.lower(), variable.lower()).ratio())


@cache
def lambda_runtimes() -> RuntimeTable:
    table = _read("lambda_runtimes")
    runtimes = {
        name: Runtime(
            deprecated=_day(dates["deprecated"]),
            create_block=_day(dates["create_block"]),
            update_block=_day(dates["update_block"]),
            successor=dates["successor"],
        )
        for name, dates in table["runtimes"].items()
    }
    return RuntimeTable(date.fromisoformat(table["updated_at"]), runtimes)


@cache
def context_variables() -> VariableTable:
    table = _read("http_api_context_variables")
    return VariableTable(date.fromisoformat(table["updated_at"]), tuple(table["variables"]), table["instead"])


def _read(name: str) -> Any:
    return json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
