"""Where the report meets pytest: evidence travels with each test's report, and the end of the run writes the page."""

from __future__ import annotations

import os
import shutil
import subprocess
import traceback
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.e2e.real_aws import RealAws
from tests.e2e.report import DIRECTORY, PAGE, evidence
from tests.e2e.report.recorder import RECORDER
from tests.tools.environments import ROOT


def add_options(parser: pytest.Parser) -> None:
    parser.getgroup("a report for people").addoption(
        "--report",
        dest="report_directory",
        metavar="DIR",
        type=Path,
        help=f"where the report goes (default: {DIRECTORY})",
    )


def set_up(config: pytest.Config, *, real: RealAws | None) -> None:
    """Every process writes down what its tests do; the one that people look at writes the page.

    Raises pytest.UsageError where there is no place for it.
    """
    config.pluginmanager.register(_Evidence())
    directory = directory_of(config.option.report_directory, os.environ)
    if directory is None or hasattr(config, "workerinput") or config.option.collectonly:
        return
    try:
        directory.mkdir(parents=True, exist_ok=True)
        (directory / PAGE).unlink(missing_ok=True)  # what lies there is another run's
    except OSError as problem:
        raise pytest.UsageError(f"--report: there is no place for the report: {problem}") from problem
    config.pluginmanager.register(_Writer(config, directory / PAGE, real))


def directory_of(asked_for: Path | None, environment: Mapping[str, str]) -> Path | None:
    """Where the report goes. A run that a test has started leaves none, unless it is told where."""
    if asked_for is not None:
        return asked_for.absolute()
    return None if "PYTEST_CURRENT_TEST" in environment else DIRECTORY


class _Evidence:
    """Gives each phase's report what the phase left behind, and what the test says of itself."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self) -> None:
        RECORDER.begin()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_call(self) -> None:
        RECORDER.begin()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_teardown(self) -> None:
        RECORDER.begin()

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Iterator[None]:
        """The innermost: what others look up because the test has failed is no evidence of the test."""
        report = yield
        report.evidence = evidence.plain(RECORDER.take())
        report.says = _first_paragraph(getattr(item, "function", None))
        report.subject = _first_paragraph(getattr(item, "module", None)).partition(". ")[0].removesuffix(".")
        return report


def _first_paragraph(documented: object) -> str:
    return " ".join((documented.__doc__ or "").split("\n\n")[0].split()) if documented is not None else ""


class _Writer:
    """Collects the reports of all processes, and writes the page when everything has ended."""

    def __init__(self, config: pytest.Config, file: Path, real: RealAws | None) -> None:
        self._config, self._file, self._real = config, file, real
        self._began = datetime.now(UTC)
        self._reports: list[pytest.TestReport | pytest.CollectReport] = []
        self._begun: dict[str, None] = {}
        self._ended: set[str] = set()
        self._planned = 0
        self._problem = ""

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self._planned = len(session.items)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        """Each worker collects all the tests."""
        self._planned = len(ids)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._reports.append(report)

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._begun[nodeid] = None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._reports.append(report)

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        self._ended.add(nodeid)

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> Iterator[None]:
        """After everybody's end, above all after what is deployed was destroyed, and before the terminal's summary."""
        result = yield
        try:
            self._write(int(exitstatus))
        except Exception:
            # It must not hide what the tests have found, and must not go unnoticed.
            self._problem = traceback.format_exc()
            if exitstatus == pytest.ExitCode.OK:
                session.exitstatus = pytest.ExitCode.INTERNAL_ERROR
        return result

    def _write(self, exit_code: int) -> None:
        from tests.e2e.report import model, path, render  # at the end: a run does not wait for it to begin

        unfinished = [name for name in self._begun if name not in self._ended]
        run = model.run_of(
            self._reports,
            exit_code=exit_code,
            planned=self._planned,
            unfinished=unfinished,
            # Of a test that was broken off in this very process.
            evidence=RECORDER.take(),
            began=self._began,
            ended=datetime.now(UTC),
            place=f"AWS account {self._real.account_id}, {self._real.region}" if self._real else "",
            commit=commit(ROOT),
        )
        root = Path(self._config.getoption("stack", None) or ROOT / "terraform")
        page = render.page(run, path.of_root(root))
        unfinished_file = self._file.with_suffix(".partial")
        unfinished_file.write_text(render.without_secrets(page, self._real and self._real.account_id, os.environ))
        unfinished_file.replace(self._file)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self._problem:
            terminalreporter.section("the report for people could not be written", sep="!", red=True)
            terminalreporter.write_line(self._problem)
            terminalreporter.write_line(f"ERROR: {self._file} is not there: see above. The tests' own result stands.")
        else:
            terminalreporter.write_line(f"report for people: {self._file}")


def commit(repository: Path) -> str:
    """The commit that is checked out, and whether files differ from it; empty where git knows none."""
    if (git := shutil.which("git")) is None:
        return ""
    asked = [
        subprocess.run([git, "-C", repository, *words], capture_output=True, text=True, check=False)
        for words in (("rev-parse", "--short=12", "HEAD"), ("status", "--porcelain", "--untracked-files=no"))
    ]
    if any(answer.returncode for answer in asked):
        return ""
    name, changed = (answer.stdout.strip() for answer in asked)
    return f"{name}, with changes" if changed else name
