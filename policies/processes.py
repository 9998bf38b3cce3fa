"""Work that several processes share. They are forked, so that each has all that was read before they were."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

T = TypeVar("T")
MOST_BY_THEMSELVES = 8
"""How many processes there are at most that nobody asked for: a container's bounds do not show in its processors."""
WORTH_A_PROCESS = 16
"""How many root modules make up for starting a process."""


class WorkerFailed(Exception):
    """A process did not do its work; the text says at what, and why."""


def as_many_as_pay(count: int) -> int:
    """How many processes make a run over so many root modules faster.

    One elsewhere than on Linux: macOS's own libraries do not all bear forking, so there it is for the user to decide.
    """
    if sys.platform != "linux":
        return 1
    return max(1, min(len(os.sched_getaffinity(0)), MOST_BY_THEMSELVES, count // WORTH_A_PROCESS))


def in_processes(work: Callable[[int], T], names: Sequence[str], jobs: int) -> list[T]:
    """What `work` returns for 0, 1, ... in this order, one for each name. It can be pickled.

    However this ends, no process is left.

    Raises:
        WorkerFailed: the work raised something, or its process ended without a result.
    """
    import multiprocessing
    from multiprocessing.connection import wait

    context = multiprocessing.get_context("fork")
    turn = context.Value("q", 0)
    workers: dict[Connection, Any] = {}
    try:
        for _ in range(jobs):
            reader, writer = context.Pipe(duplex=False)
            others = [*workers, reader]
            process = context.Process(target=_work, args=(work, len(names), turn, writer, others), daemon=True)
            process.start()
            writer.close()
            workers[reader] = process
        results: dict[int, T] = {}
        at: dict[Any, int] = {}
        running = list(workers)
        while running:
            for reader in wait(running):
                try:
                    kind, value = reader.recv()
                except EOFError:
                    raise WorkerFailed(_died(workers[reader], names, at.get(reader))) from None
                if kind == "begins":
                    at[reader] = value
                elif kind == "done":
                    results[at.pop(reader)] = value
                elif kind == "raised":
                    raise WorkerFailed(f"{names[at[reader]]}: judging it broke: {value}")
                else:
                    running.remove(reader)
        return [results[index] for index in range(len(names))]
    finally:
        for reader, process in workers.items():
            process.kill()
            process.join()
            reader.close()


def _work(work: Callable[[int], object], count: int, turn: Any, writer: Connection, others: list[Connection]) -> None:
    """In a process of its own: take the next index until there is none. `others` are the ends that the parent reads."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is interrupted too, and ends this
    for reader in others:
        reader.close()  # so that writing fails once the parent is gone
    try:
        while (index := _next(turn)) < count:
            writer.send(("begins", index))
            writer.send(_result(work, index))
        writer.send(("ends", None))
    except BrokenPipeError:
        return  # nobody wants to know any more


def _next(turn: Any) -> int:
    with turn.get_lock():
        turn.value += 1
        return turn.value - 1


def _result(work: Callable[[int], object], index: int) -> tuple[str, object]:
    try:
        return "done", work(index)
    except Exception as error:
        return "raised", f"{type(error).__name__}: {error}"


def _died(process: Any, names: Sequence[str], index: int | None) -> str:
    process.join()
    code = process.exitcode
    how = f"was killed by signal {-code}" if code < 0 else f"ended with {code}"
    where = f"{names[index]}: " if index is not None else ""
    return f"{where}the process that judged it {how}; --jobs 1 judges everything in one"
