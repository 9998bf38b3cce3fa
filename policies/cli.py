"""Arguments in, exit code out."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from . import __version__, output

if TYPE_CHECKING:
    from .convention import Convention
    from .since import Changed

_EPILOG = """\
exit codes:
  0  nothing fails
  1  something fails
  2  the run is not to be trusted: bad usage, a path without Terraform, a file that does not parse, a broken check

examples:
  routeproof check                          every root module under terraform/, or under . without one
  routeproof check infra --format json      for other programs
  routeproof check --output sarif=out.sarif a file for code scanning, and text to read
  routeproof check --unproven fail          what cannot be decided before apply fails too
  routeproof check --write-baseline known.json   accept what fails today; then check --baseline known.json
  routeproof check --since origin/main      in a pull request: what it touches
  routeproof check --diff                   what --fix would change
  routeproof path                           the chain from every route to its function, link by link
  routeproof explain PERMISSION_EXPLICIT    why a convention, with a bad and a good example
"""


class UsageError(Exception):
    """What the user asked for cannot be done; the text says why."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="routeproof",
        description="Proves the conventions of a serverless HTTP API (Lambda behind an API Gateway HTTP API) on its "
        "Terraform source, before anything is deployed.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"routeproof {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)

    check = commands.add_parser(
        "check",
        help="judge every root module under the given paths",
        description="Judges every root module under PATH: a directory with Terraform files that no other one calls as "
        "a module. A file stands for the root modules that it belongs to.",
    )
    _add_source(check)
    output.add_options(check)
    check.add_argument("--select", metavar="ID,...", help="judge these conventions only")
    check.add_argument("--ignore", metavar="ID,...", help="leave these conventions out")
    check.add_argument(
        "--unproven", choices=("warn", "fail"), help="what an undecided verdict does (default: the settings', or warn)"
    )
    check.add_argument(
        "--since", metavar="REF", help="judge the root modules only that a change since this commit or branch concerns"
    )
    check.add_argument("--fix", action="store_true", help="change the source so that it passes, where that is safe")
    check.add_argument("--diff", action="store_true", help="show what --fix changes instead of the findings")
    check.add_argument("--no-suppressions", action="store_true", help="show what is suppressed too, for an audit")
    check.add_argument("--baseline", metavar="FILE", type=Path, help="let only failures fail that are not in it")
    check.add_argument(
        "--write-baseline", metavar="FILE", type=Path, help="write today's failures to it; those gone are left out"
    )

    path = commands.add_parser(
        "path",
        help="the request path of every route, link by link",
        description="Shows for every route of an HTTP API whether a request reaches the function and its answer the "
        "caller: route, integration, function, handler, package, permission, stage, access log, output. Each link is "
        "proven, broken, or unproven with the reason.",
    )
    _add_source(path)
    output.add_options(path, ("text", "json", "markdown"))

    explain = commands.add_parser(
        "explain", help="the catalogue, or one convention in full", description="Shows what is demanded, and why."
    )
    explain.add_argument(
        "id", metavar="ID", nargs="?", help="a convention's id; without it, all of them in a line each"
    )
    explain.add_argument("--format", choices=("text", "json"), default="text", help="what is written (default: text)")

    commands.add_parser("schema", help="the JSON Schema of --format json", description="Prints the JSON Schema.")
    return parser


def _add_source(parser: argparse.ArgumentParser) -> None:
    """What is read, and how."""
    parser.add_argument(
        "paths", metavar="PATH", nargs="*", type=Path, help="default: terraform/ if there is one, else ."
    )
    parser.add_argument(
        "--var-file", metavar="FILE", action="append", default=[], type=Path, help="values for variables; repeatable"
    )
    parser.add_argument(
        "--plan",
        metavar="FILE",
        type=Path,
        help="a plan of the one root module in PATH, as terraform show -json writes it",
    )
    parser.add_argument(
        "--allow-outside", action="store_true", help="read modules and files outside the repository that PATH is in"
    )
    parser.add_argument(
        "--today", metavar="YYYY-MM-DD", type=_date, help="judge for another day, for example a runtime's deprecation"
    )


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day; write it as 2026-01-31") from None


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. 0, 1 or 2, as `--help` says; argparse's own usage errors exit with 2 too."""
    options = _parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    from .catalogue import CatalogueError
    from .settings import Unusable
    from .since import NotComparable
    from .sources.hcl.roots import NothingFound

    try:
        commands = {"check": _check, "path": _path, "explain": _explain, "schema": _schema}
        return commands[options.command](options)
    except (UsageError, NothingFound, CatalogueError, output.Unwritable, Unusable, NotComparable) as error:
        print(f"routeproof: {_shown(str(error))}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # The reader went away; what it did not read is not ours to judge.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 2


def _check(options: argparse.Namespace) -> int:
    from .report import report

    conventions = _selected(options.select, options.ignore)
    judge = partial(
        report,
        _paths(options),
        conventions.values(),
        **_how(options),
        given=_given(options),
        suppressions=not options.no_suppressions,
        since=_since(options),
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
    if options.since is None:
        return None
    if options.write_baseline is not None:
        raise UsageError("--write-baseline goes without --since: a baseline is of everything")
    from .since import changed_since

    return changed_since(options.since, _paths(options)[0])


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
    from .report import report

    found = report(_paths(options), (), **_how(options), routes=True)
    output.write(options, lambda name, colour: output.render_paths(name, found, colour=colour))
    return found.path_exit_code()


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


def _schema(options: argparse.Namespace) -> int:
    from .reporters.json import SCHEMA

    sys.stdout.write(SCHEMA.read_text(encoding="utf-8"))
    return 0
