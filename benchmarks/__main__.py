"""How fast the linter is beside its peers, measured in one run on one machine.

Each line is a ratio, so that it means the same on a slow machine, with the bound that it has to keep. Each number is
the fastest of several runs, taken in turn: what else the machine does at the time only ever adds to it.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.tools.environments import ToolMissing, environment
from tests.tools.held_directories import held_directory

ROOT = Path(__file__).resolve().parents[1]
STACKS = 100
LARGE = 1_000


@dataclass(frozen=True)
class Ratio:
    """`at_most` bounds `value`; `seconds` are both sides' times."""

    name: str
    value: float
    at_most: float
    seconds: tuple[float, float]

    @property
    def kept(self) -> bool:
        return self.value <= self.at_most

    def __str__(self) -> str:
        mine, other = self.seconds
        word = "ok" if self.kept else "TOO SLOW"
        return f"{self.name:<58} {self.value:7.3f}  at most {self.at_most:<6g} ({mine:.3f} s, {other:.3f} s)  {word}"


def measure(commands: Sequence[Sequence[str]], *, rounds: int, directory: Path) -> list[float]:
    """The fastest run of each command, in seconds; the commands take turns.

    Raises:
        SystemExit: a command did not do its work.
    """
    best = [float("inf")] * len(commands)
    environment = {**os.environ, "XDG_CACHE_HOME": str(directory / "caches")}
    for _ in range(rounds):
        for index, command in enumerate(commands):
            began = time.perf_counter()
            ended = subprocess.run(command, cwd=directory, env=environment, capture_output=True, text=True, check=False)
            best[index] = min(best[index], time.perf_counter() - began)
            if ended.returncode != 0:
                raise SystemExit(f"{' '.join(command)} ended with {ended.returncode}:\n{ended.stdout}{ended.stderr}")
    return best


def ratios(directory: Path, *, checkov: Path | None) -> list[Ratio]:
    """What is pinned: starting beside Python itself, one more stack beside starting, many stacks beside Checkov, and
    stacks that have not changed beside judging them.
    """
    one, many, large = directory / "one", directory / "many", directory / "large"
    stacks = [many / f"stack{number}" for number in range(STACKS)]
    for target in (one, *stacks, *(large / f"stack{number}" for number in range(LARGE))):
        for name in ("terraform", "lambda"):
            shutil.copytree(ROOT / name, target / name, ignore=shutil.ignore_patterns(".terraform*", "build"))
    (directory / ".git").mkdir()
    routeproof = str(Path(sys.executable).with_name("routeproof"))
    on_one = [routeproof, "check", str(one)]
    on_many = [routeproof, "check", str(many), "--no-cache", "--jobs", "1"]
    on_large = [routeproof, "check", str(large), "--jobs", "2"]
    start, first, all_of_them = measure(
        [[sys.executable, "-c", "pass"], on_one, on_many], rounds=5, directory=directory
    )
    each = (all_of_them - first) / (STACKS - 1)
    fresh, known = measure([[*on_large, "--no-cache"], on_large], rounds=2, directory=directory)
    found = [
        Ratio("one stack, cold, beside the start of an empty Python", first / start, 7.5, (first, start)),
        Ratio("one more stack, beside the start of an empty Python", each / start, 0.5, (each, start)),
        Ratio(f"{LARGE:,} stacks that have not changed, beside judging them", known / fresh, 0.6, (known, fresh)),
    ]
    if checkov is not None:
        peer = [str(checkov), "-d", str(many), "--framework", "terraform", "--skip-download", "--compact", "--quiet"]
        (theirs,) = measure([[*peer, "--soft-fail"]], rounds=1, directory=directory)
        name = f"{STACKS} stacks, beside Checkov with its own policies"
        found.append(Ratio(name, all_of_them / theirs, 0.15, (all_of_them, theirs)))
        # Checkov judges a sample of them: all would take half a minute.
        name = f"a stack of {LARGE:,} with --jobs 2, beside one of Checkov's {STACKS}"
        sample = theirs / STACKS
        found.append(Ratio(name, fresh / LARGE / sample, 0.08, (fresh / LARGE, sample)))
    return found


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--without-checkov", action="store_true", help="leave out what takes long")
    options = parser.parse_args()
    try:
        checkov = None if options.without_checkov else environment("checkov") / "bin" / "checkov"
    except ToolMissing as error:
        print(error, file=sys.stderr)
        return 2
    with held_directory("bench") as temporary:
        found = ratios(temporary.resolve(), checkov=checkov)
    print("\n".join(map(str, found)))
    return 0 if all(ratio.kept for ratio in found) else 1


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what is temporary is removed then too
    sys.exit(main())
