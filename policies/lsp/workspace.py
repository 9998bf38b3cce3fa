"""What is open in an editor, and what is found in it. Nothing here knows the protocol.

While something does not parse, its root module cannot be judged: what was last found there stays, where its lines are.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..catalogue import CatalogueError, catalogue
from ..convention import Convention, Result, Verdict
from ..fixes import Fixer, Rewritten
from ..report import Problem, report
from ..settings import own_folders
from ..sources.hcl.files import Files, display, is_terraform, module_files
from ..stack import Stack
from ..values import Location

_SHOWN = (Verdict.FAIL, Verdict.UNPROVEN, Verdict.ERROR)


@dataclass(frozen=True)
class Judged:
    """A root module's findings, and the open files as they were then."""

    stack: Stack
    results: tuple[Result, ...]
    unproven_fails: bool
    texts: Mapping[str, bytes]
    directories: frozenset[str]
    """The real paths of the directories that its modules are in."""

    def of(self, texts: Mapping[str, bytes]) -> dict[str, bytes]:
        """Those of the open files that are among its own."""
        return {file: text for file, text in texts.items() if str(Path(file).parent) in self.directories}


@dataclass(frozen=True)
class Found:
    """A finding, and where it stands now."""

    result: Result
    place: Location
    root: Judged


@dataclass
class Workspace:
    """The open files of Terraform by their real paths, as the editor has them, and the findings of their root modules.

    `judge` takes the state of the files; the findings stand where their lines are after later changes too.
    `own_conventions`: those that the settings name may be run.
    """

    own_conventions: bool = False
    texts: dict[str, bytes] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    judged_by: Mapping[str, Convention] = field(default_factory=dict)
    _problem_texts: Mapping[str, bytes] = field(default_factory=dict)
    _roots: dict[str, Judged] = field(default_factory=dict)
    _files: dict[Path | None, Files] = field(default_factory=dict)

    def put(self, file: str, text: str) -> None:
        """A file was opened, or somebody types in it."""
        self.texts[file] = text.encode(errors="replace")
        for files in self._files.values():
            files.forget(str(Path(file).parent))

    def close(self, file: str) -> None:
        """From now on a file is what it is on disk."""
        self.texts.pop(file, None)
        self.reread()

    def reread(self) -> None:
        """Something on disk may have changed."""
        self._files.clear()

    def judge(self) -> None:
        """Judge the root modules of every open file that is on disk.

        Raises:
            CatalogueError, Unusable: the conventions cannot be told; the findings are what they were.
        """
        self.judged_by = self.conventions()
        stacks: dict[str, Stack] = {}
        texts = dict(self.texts)
        paths = [path for path in map(Path, texts) if is_terraform(path.name) and path in _beside(path)]
        found = report(
            paths,
            self.judged_by.values(),
            files_in=self._files_in,
            each=lambda stack, _: stacks.update({display(stack.modules[""]): stack}),
        )
        roots = {
            root.root: Judged(
                stacks[root.root],
                root.results,
                root.unproven_fails,
                texts,
                frozenset(map(os.path.realpath, stacks[root.root].modules.values())),
            )
            for root in found.roots
        }
        if found.problems:
            roots = self._with_last(roots)
        self._roots, self.problems, self._problem_texts = roots, found.problems, texts

    def conventions(self) -> Mapping[str, Convention]:
        """Those that files are judged by. Looking at a stranger's repository must not run its code.

        Raises:
            CatalogueError: the settings name some, and those may not be run, or are broken.
            Unusable: the settings cannot be read.
        """
        if own_folders() and not self.own_conventions:
            raise CatalogueError("the settings name conventions, which are code; lsp --own-conventions runs them")
        return catalogue()

    def _files_in(self, boundary: Path | None) -> Files:
        if boundary not in self._files:
            self._files[boundary] = Files(boundary, unsaved=self.texts)
        return self._files[boundary]

    def _with_last(self, roots: dict[str, Judged]) -> dict[str, Judged]:
        """The root modules together with those that cannot be judged now, as they were judged last.

        A module whose caller does not parse looks like a root module: it is left out.
        """
        last = {name: judged for name, judged in self._roots.items() if name not in roots and judged.of(self.texts)}
        called = {directory for judged in last.values() for directory in judged.directories}
        real = {
            name: judged
            for name, judged in roots.items()
            if name in self._roots or os.path.realpath(name) not in called
        }
        return real | last

    def found(self) -> Iterator[Found]:
        """What is not kept, not proven or not judged, each where it stands now; accepted ones too."""
        seen: set[tuple[object, ...]] = set()
        for judged in self._roots.values():
            for result in judged.results:
                if result.verdict not in _SHOWN or result.location is None:
                    continue
                place = place_now(result.location, judged.texts, self.texts)
                said = (place, result.convention, result.message, result.accepted)
                if place is not None and said not in seen:  # several roots may call a module
                    seen.add(said)
                    yield Found(result, place, judged)

    def unreadable(self) -> Iterator[tuple[Location, str]]:
        """What cannot be read, where that stands now, and why."""
        for problem in self.problems:
            place = place_now(problem.location, self._problem_texts, self.texts)
            if place is not None:
                yield place, problem.message

    def fixed(self, found: Iterable[Found]) -> list[Rewritten]:
        """The files that change when these are fixed; none for what was judged before its files changed."""
        self.conventions()  # raises where they may not be run
        fixer = Fixer(self.read)
        for one in found:
            if one.root.of(one.root.texts) == one.root.of(self.texts):
                fixer.propose(one.root.stack, [one.result])
        return fixer.rewritten()

    def read(self, name: str) -> bytes:
        """A file as it is now."""
        text = self.texts.get(os.path.realpath(name))
        return Path(name).read_bytes() if text is None else text


def _beside(path: Path) -> Sequence[Path]:
    return module_files(path.parent) if path.is_file() else ()


def place_now(place: Location, then: Mapping[str, bytes], now: Mapping[str, bytes]) -> Location | None:
    """Where something stands after its file was changed in one place; None where it was in that place."""
    file = os.path.realpath(place.file)
    before, after = then.get(file), now.get(file)
    if before == after or before is None or after is None:
        return place
    old, new = before.split(b"\n"), after.split(b"\n")
    shorter = min(len(old), len(new))
    same = next((row for row in range(shorter) if old[row] != new[row]), shorter)
    same_after = next((row for row in range(shorter - same) if old[-1 - row] != new[-1 - row]), shorter - same)
    if place.end_line <= same:
        return place
    if place.line > len(old) - same_after:
        more = len(new) - len(old)
        return place._replace(line=place.line + more, end_line=place.end_line + more)
    return None
