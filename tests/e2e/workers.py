"""Tests in several processes (pytest-xdist), each with a server and deployments of its own.

xdist ends its workers some seconds after Ctrl-C. Here they are asked to end, and waited for: each destroys what it has
deployed. A worker does not listen to the terminal: asked twice, it would break Terraform off.
"""

import fcntl
import os
import signal
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from tests.tools.held_directories import held_directory

# The tests that share a deployment or take long, the longest group first. Any other file is a group too.
GROUPS = {
    "test_hello": "stack",
    "test_live_stack": "stack",
    "test_plan": "stack",
    "test_redeploy": "stack",
    "test_symptoms": "symptoms",
    "test_surfaces_agree": "examples",
    "test_drift": "examples",
    "test_interrupted": "interrupted",
    "test_sweep_processes": "sweep_processes",
    "test_sweep": "sweep",
    "test_given_stack": "given",
}
_ORDER = [*dict.fromkeys(GROUPS.values())]
_ASKED = signal.SIGUSR1


def set_up(config: pytest.Config) -> None:
    """A polite request to end counts as Ctrl-C, and that counts in the background too: what is deployed goes first."""
    if is_worker(config):
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: None)  # not SIG_IGN: the programs that the tests start would inherit that
        signal.signal(_ASKED, signal.default_int_handler)
        config.pluginmanager.register(_Worker(Path(config.workerinput["file"])))
        return
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    if config.option.dist != "no":
        config.pluginmanager.register(_Controller(config))


def is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


def group_of(file: Path) -> str:
    return GROUPS.get(file.stem, file.stem)


def sort(items: list[pytest.Item]) -> None:
    """In the order of GROUPS, then as they were."""
    items.sort(key=lambda item: _ORDER.index(group) if (group := group_of(item.path)) in _ORDER else len(_ORDER))


class _ByGroup(LoadScopeScheduling):
    """A worker takes a whole group."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(Path(nodeid.partition("::")[0]))


class _Controller:
    """What the process that starts the workers does besides."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._end = ExitStack()
        self._files = self._end.enter_context(held_directory("workers"))

    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> _ByGroup:
        config.option.loadscopereorder = False  # in the order in which they are collected, not the biggest group first
        return _ByGroup(config, log)

    def pytest_configure_node(self, node: Any) -> None:
        node.workerinput["file"] = str(self._files / node.gateway.id)

    def pytest_keyboard_interrupt(self) -> None:
        """Asks and waits, before xdist ends the workers. Another Ctrl-C is passed on, and waited for as well."""
        files = sorted(self._files.glob("*.worker"))
        self._config.get_terminal_writer().line(
            f"\ninterrupted: {len(files)} workers destroy what they deployed (Ctrl-C again breaks Terraform off)"
        )
        while True:
            try:
                for file in files:
                    ask_to_end(file)
                for file in files:
                    wait_for_end(file)
                return
            except KeyboardInterrupt:
                continue

    def pytest_unconfigure(self) -> None:
        self._end.close()


class _Worker:
    """Holds the lock of a file with its process id as long as it has something to clean up."""

    def __init__(self, file: Path) -> None:
        unfinished = file.open("w")
        fcntl.flock(unfinished, fcntl.LOCK_EX)
        unfinished.write(str(os.getpid()))
        unfinished.flush()
        file.rename(file.with_suffix(".worker"))
        self._held = unfinished

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self) -> None:
        self._held.close()


def ask_to_end(file: Path) -> None:
    """Interrupts a worker, unless it has ended."""
    with file.open() as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            with suppress(ProcessLookupError):
                os.kill(int(held.read()), _ASKED)


def wait_for_end(file: Path) -> None:
    with file.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
