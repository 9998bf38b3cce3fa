"""What the command line accepts: the commands and their options."""

from __future__ import annotations

import argparse
import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from . import __version__, output

if TYPE_CHECKING:
    from .shards import Part

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
  routeproof check --shard 1/4 --output json=1.json   one of four jobs; then merge 1.json 2.json 3.json 4.json
  routeproof check --diff                   what --fix would change
  routeproof check --aws --api shop         what is live of one API
  routeproof path                           the chain from every route to its function, link by link
  routeproof test our_rules                 a team's own conventions, on their examples
  routeproof explain PERMISSION_EXPLICIT    why a convention, with a bad and a good example
"""


def parser() -> argparse.ArgumentParser:
    """The parser of all commands; what it parses has the command's name as `command`."""
    top = argparse.ArgumentParser(
        prog="routeproof",
        description="Proves the conventions of a serverless HTTP API (Lambda behind an API Gateway HTTP API) on its "
        "Terraform source, before anything is deployed.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"routeproof {__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)

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
    check.add_argument(
        "--changed",
        action="store_true",
        help="PATHs are files that have changed, for a commit hook: judge the root modules below . that they concern",
    )
    check.add_argument(
        "--shard",
        metavar="I/N",
        type=_part,
        help="judge the part I, from 1, of N parts of the root modules; merge puts the JSON reports together",
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
    output.add_options(path)

    merge = commands.add_parser(
        "merge",
        help="the reports of all shards in one",
        description="Puts the JSON reports of every check --shard I/N together: the report and the exit code are those "
        "of one check of everything. Run it where the checks ran.",
    )
    merge.add_argument("files", metavar="FILE", nargs="+", type=Path, help="what check --shard wrote as JSON")
    output.add_options(merge)

    explain = commands.add_parser(
        "explain", help="the catalogue, or one convention in full", description="Shows what is demanded, and why."
    )
    explain.add_argument(
        "id", metavar="ID", nargs="?", help="a convention's id; without it, all of them in a line each"
    )
    explain.add_argument("--format", choices=("text", "json"), default="text", help="what is written (default: text)")

    test = commands.add_parser(
        "test",
        help="a team's own conventions, on their examples",
        description="Judges the good and the bad example of every convention in a folder: the good one passes, and the "
        "bad one fails exactly where it says. The folder's modules are run.",
    )
    test.add_argument("folders", metavar="FOLDER", nargs="*", type=Path, help="default: those that the settings name")

    init = commands.add_parser(
        "init",
        help="settings, a workflow and a commit hook, in the repository that you are in",
        description="Writes routeproof.toml, .github/workflows/routeproof.yml and .pre-commit-config.yaml at the top "
        "of the repository. What is there already stays as it is, and you are told what to add to it.",
    )
    init.add_argument("--dry-run", action="store_true", help="show what would be written")
    init.add_argument("--repository", metavar="URL", help="where Routeproof comes from (default: as it was installed)")
    init.add_argument("--rev", metavar="COMMIT", help="the commit or tag of it to use (default: as it was installed)")

    lsp = commands.add_parser(
        "lsp",
        help="the language server for editors",
        description="Speaks the Language Server Protocol with an editor on stdin and stdout.",
    )
    lsp.add_argument(
        "--own-conventions", action="store_true", help="run the conventions that the settings name: they are code"
    )

    commands.add_parser("schema", help="the JSON Schema of --format json", description="Prints the JSON Schema.")
    return top


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
    account = parser.add_argument_group("what is live", "Instead of the source; with PATH, and how it differs from it.")
    account.add_argument("--aws", action="store_true", help="read a region of an AWS account; nothing is changed")
    account.add_argument("--region", metavar="REGION", help="default: as the AWS CLI has it")
    account.add_argument("--profile", metavar="NAME", help="a profile of the AWS CLI")
    account.add_argument("--endpoint-url", metavar="URL", help="where AWS is, if elsewhere")
    account.add_argument("--api", metavar="NAME_OR_ID", help="only this API, and the functions that it calls")
    account.add_argument("--function", metavar="NAME", help="only this function, and the APIs that call it")
    account.add_argument(
        "--state",
        metavar="FILE",
        type=Path,
        help="Terraform's state, for its addresses: terraform show -json, or the file (default: the one in PATH)",
    )
    parser.add_argument(
        "--allow-outside", action="store_true", help="read modules and files outside the repository that PATH is in"
    )
    parser.add_argument(
        "--today", metavar="YYYY-MM-DD", type=_date, help="judge for another day, for example a runtime's deprecation"
    )
    parser.add_argument(
        "--no-cache",
        action="store_true",
        help="judge what has not changed since it was judged last, too; it is the same verdict",
    )
    parser.add_argument(
        "--jobs",
        metavar="N",
        type=_number,
        help="judge in N processes; the report is the same (default: as many as pay, on macOS 1; what --fix, --diff "
        "and --aws look at is always judged in one)",
    )


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day; write it as 2026-01-31") from None


def _number(text: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,2}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to 999")
    return int(text)


def _part(text: str) -> Part:
    number, _, of = text.partition("/")
    if not all(re.fullmatch(r"[1-9][0-9]{0,3}", part) for part in (number, of)) or int(number) > int(of):
        raise argparse.ArgumentTypeError(f"{text!r} is no part like 1/4: one from 1 to 4, of 4")
    from .shards import Part

    return Part(int(number), int(of))
