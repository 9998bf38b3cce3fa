"""Questions to the file system whose answers are noted: what a verdict depends on, for whoever keeps verdicts."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, Protocol, TypeAlias, TypeVar

Notes: TypeAlias = "dict[tuple[str, str], str]"
"""Questions to the file system, each the name of a method of `Files` and a path, and what the answers were."""
QUESTIONS: set[str] = set()
_Asked = TypeVar("_Asked", bound=Callable[..., Any])


class _TakesNotes(Protocol):
    notes: Notes | None


def question(ask: _Asked) -> _Asked:
    """A method that asks the file system about one path. The answer is noted, if notes are taken."""
    QUESTIONS.add(ask.__name__)

    @wraps(ask)
    def asked(self: _TakesNotes, path: Path) -> Any:
        if self.notes is None:
            return ask(self, path)
        note = ""
        try:
            answer = ask(self, path)
            note = _digest(answer)
        except Exception as error:
            note = f"{type(error).__name__}: {error}"
            raise
        finally:
            key = ask.__name__, str(path)
            self.notes[key] = note if self.notes.get(key, note) == note else "it has changed meanwhile"
        return answer

    return asked  # type: ignore[return-value]


def _digest(answer: object) -> str:
    import hashlib  # imported where it is needed: it takes longer than many a check

    return hashlib.sha256(answer if isinstance(answer, bytes) else repr(answer).encode(errors="replace")).hexdigest()
