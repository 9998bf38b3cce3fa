"""Arguments in, exit code out."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from . import output
from .options import parser

if TYPE_CHECKING:
    from .convention import Convention
    from .report import Report
    from .shards import Part
    from .since import Changed
    from .sources.aws.account import Options

_OF_ACCOUNT = ("region", "profile", "endpoint_url", "api", "function", "state")


class UsageError(Exception):
    """What the user asked for cannot be done; the text says why."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. 0, 1 or 2, as `--help` says; argparse's own usage errors exit with 2 too."""
    if arguments is None:
        # The program lives for seconds and keeps what it makes: looking for garbage would be a fifth of its work.
        gc.disable()
    options = parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    from .catalogue import CatalogueError
    from .processes import WorkerFailed
    from .settings import Unusable
    from .since import NotComparable
    from .sources.aws.errors import LiveError
    from .sources.hcl.roots import NothingFound

    try:
        return _COMMANDS[options.command](options)
    except (
        *(UsageError, NothingFound, CatalogueError, LiveError),
        *(output.Unwritable, Unusable, NotComparable, WorkerFailed),
    ) as error:
        print(f"routeproof: {_shown(str(error))}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("routeproof: interrupted", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # The reader went away; what it did not read is not ours to judge.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 2
    except Exception as error:  # Python's own exit code is 1, which says that something fails
        import traceback

        what = f"{type(error).__name__}: {error}"
        said = f"routeproof: a defect of this program, please report it: {what}"
        for line in (*traceback.format_exc().splitlines(), said):
            print(_shown(line), file=sys.stderr)
        return 2


def _check(options: argparse.Namespace) -> int:
    conventions = _selected(options.select, options.ignore)
    if options.aws and not options.paths:
        judge = _live(options, conventions.values())
    else:
        from .report import report

        judge = partial(
            report,
            [Path()] if options.changed else _paths(options),
            conventions.values(),
            **_how(options),
            given=_given(options),
            suppressions=not options.no_suppressions,
            since=_since(options),
            part=_part(options),
        )
    if options.fix or options.diff:
        if options.plan is not None:
            raise UsageError("--fix and --diff go without --plan: it is the source that is changed")
        from .fix_command import fix

        fix(lambda each: judge(each=each), write=options.fix, diff=options.diff)
        if options.diff:
            return judge().exit_code()
    found = judge(routes=not output.formats(options).isdisjoint(("json", "markdown")))
    if options.write_baseline is not None:
        from .baseline_command import recorded

        found = recorded(options.write_baseline, found)
    output.write(options, lambda name, colour: output.render_report(name, found, conventions, colour=colour))
    if options.write_baseline is not None or any(root.fixed for root in found.roots):
        from .baseline_command import said_of_baseline

        for line in said_of_baseline(found, options.write_baseline):
            print(f"routeproof: {_shown(line)}", file=sys.stderr)
    return found.exit_code()


def _since(options: argparse.Namespace) -> Changed | None:
    if options.since is None and not options.changed:
        return None
    if options.write_baseline is not None:
        raise UsageError("--write-baseline goes without --since and --changed: a baseline is of everything")
    from .since import Changed, changed_since

    if not options.changed:
        return changed_since(options.since, _paths(options)[0])
    if options.since is not None:
        raise UsageError("--changed goes without --since: both say what has changed")
    if not options.paths:
        raise UsageError("--changed needs the files that have changed")
    return Changed(frozenset(path.resolve() for path in options.paths))


def _part(options: argparse.Namespace) -> Part | None:
    if options.shard is not None and (options.plan is not None or options.write_baseline is not None):
        raise UsageError("--shard goes without --plan, which is of one root module, and without --write-baseline")
    return options.shard


def _given(options: argparse.Namespace) -> dict[str, Any]:
    """What the command line says instead of the settings. What --select and --ignore leave has been chosen already."""
    given: dict[str, Any] = {}
    if options.select is not None:
        given |= {"select": None, "ignore": ()}
    elif options.ignore is not None:
        given["ignore"] = ()
    if options.unproven is not None:
        given["unproven"] = options.unproven
    if options.baseline is not None or options.write_baseline is not None:
        given["baseline"] = None if options.write_baseline is not None else options.baseline
    return given


def _shown(text: str) -> str:
    from .reporters.escape import safe

    return safe(text)


def _path(options: argparse.Namespace) -> int:
    if options.aws and not options.paths:
        found = _live(options, ())(routes=True)
    else:
        from .report import report

        found = report(_paths(options), (), **_how(options), routes=True)
    output.write(options, lambda name, colour: output.render_paths(name, found, colour=colour))
    return found.path_exit_code()


def _live(options: argparse.Namespace, conventions: Iterable[Convention]) -> Callable[..., Report]:
    """Judges what is live, beside no source."""
    from .live import live_report

    for name in ("var_file", "baseline", "write_baseline"):
        if getattr(options, name, None):
            raise UsageError(f"--aws without PATH goes without {_option(name)}")
    unproven_fails = getattr(options, "unproven", None) == "fail"
    return partial(live_report, _account(options), conventions, today=options.today, unproven_fails=unproven_fails)


def _account(options: argparse.Namespace) -> Options | None:
    """Which account is read; None for the source alone."""
    given = {name: getattr(options, name) for name in _OF_ACCOUNT}
    if not options.aws:
        for name, value in given.items():
            if value is not None:
                raise UsageError(f"{_option(name)} goes with --aws")
        return None
    for name in ("plan", "since", "changed", "fix", "diff", "shard"):
        if getattr(options, name, None):
            raise UsageError(f"--aws goes without {_option(name)}")
    if len(options.paths) > 1:
        raise UsageError("--aws goes with one PATH at most")
    from .sources.aws.account import Options

    return Options(**given)


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _paths(options: argparse.Namespace) -> Sequence[Path]:
    return options.paths or [Path("terraform") if Path("terraform").is_dir() else Path()]


def _how(options: argparse.Namespace) -> dict[str, Any]:
    if options.plan is not None and (len(options.paths) > 1 or options.var_file):
        raise UsageError("--plan goes with one PATH and without --var-file: the plan has the variables' values")
    return {
        "variable_files": options.var_file,
        "allow_outside": options.allow_outside,
        "today": options.today,
        "plan": options.plan,
        "account": _account(options),
        "jobs": options.jobs,
        "cached": not options.no_cache,
    }


def _selected(select: str | None, ignore: str | None) -> Mapping[str, Convention]:
    from .catalogue import catalogue

    chosen = dict(catalogue())
    if select is not None:
        chosen = {name: chosen[name] for name in _ids(select, catalogue())}
    for name in _ids(ignore, catalogue()) if ignore is not None else ():
        chosen.pop(name, None)
    if not chosen:
        raise UsageError("--select and --ignore leave no convention to judge")
    return chosen


def _ids(text: str, known: Mapping[str, Convention]) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in known:
            _unknown_id(name, known)
    return names


def _unknown_id(name: str, known: Mapping[str, Convention]) -> NoReturn:
    from .settings import unknown_convention

    raise UsageError(unknown_convention(name, known))


def _explain(options: argparse.Namespace) -> int:
    from .catalogue import catalogue
    from .reporters import explain

    chosen = catalogue()
    if options.id is not None:
        if options.id not in chosen:
            _unknown_id(options.id, chosen)
        chosen = {options.id: chosen[options.id]}
    if options.format == "json":
        sys.stdout.write(explain.as_json(chosen.values()))
    elif options.id is not None:
        sys.stdout.write(explain.full(chosen[options.id]))
    else:
        sys.stdout.write(explain.listing(chosen.values()))
    return 0


def _test(options: argparse.Namespace) -> int:
    from .example_tests import run_examples
    from .settings import own_folders

    folders = options.folders or own_folders()
    if not folders:
        raise UsageError("name a folder of conventions; the settings name none either")
    code, text = run_examples(folders)
    sys.stdout.write("".join(f"{_shown(line)}\n" for line in text.splitlines()))
    return code


def _merge(options: argparse.Namespace) -> int:
    from .baseline_command import said_of_baseline
    from .merge import NotMerged, merged

    try:
        found, conventions = merged(options.files)
    except NotMerged as error:
        raise UsageError(str(error)) from None
    output.write(options, lambda name, colour: output.render_report(name, found, conventions, colour=colour))
    for line in said_of_baseline(found, None):
        print(f"routeproof: {_shown(line)}", file=sys.stderr)
    return found.exit_code()


def _init(options: argparse.Namespace) -> int:
    from .init import NotStarted, origin, start
    from .settings import own_top

    try:
        for line in start(own_top(), origin(options.repository, options.rev), write=not options.dry_run):
            print(_shown(line))
    except NotStarted as error:
        raise UsageError(str(error)) from None
    return 0


def _lsp(options: argparse.Namespace) -> int:
    try:
        from .lsp.server import serve
    except ModuleNotFoundError as error:
        if error.name not in ("lsprotocol", "pygls"):
            raise
        raise UsageError("lsp needs pygls, which is not installed: python3 -m pip install 'routeproof[lsp]'") from None
    serve(own_conventions=options.own_conventions)
    return 0


def _schema(options: argparse.Namespace) -> int:
    from .reporters.json import SCHEMA

    sys.stdout.write(SCHEMA.read_text(encoding="utf-8"))
    return 0


_COMMANDS = {"check": _check, "path": _path, "explain": _explain, "test": _test, "init": _init, "schema": _schema}
_COMMANDS |= {"lsp": _lsp, "merge": _merge}
