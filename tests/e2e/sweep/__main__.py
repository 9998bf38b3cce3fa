"""Lists what killed runs of the end-to-end tests left, and with --yes deletes it."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from routeproof.sources.aws.account import Account, Options, connect
from routeproof.sources.aws.errors import LiveError
from tests.e2e import real_aws
from tests.e2e.local_aws import LocalAws, NotThisMachine
from tests.e2e.sweep import account as accounts
from tests.e2e.sweep import machine
from tests.e2e.sweep.leftovers import Found, Leftover, NotRemoved

DESCRIPTION = """\
Lists what killed runs of the end-to-end tests left, and with --yes deletes it.

A run that ends, however it ends, destroys what it has deployed. One that is killed (SIGKILL, a machine that loses its
power) cannot. On this machine its processes end by themselves within a minute, as a rule; what stays are directories
in the temporary folder, and handlers that never end. In an account everything stays.

  ./toxw -e sweep                      what is on this machine
  ./toxw -e sweep -- --yes             ends and deletes it
  ./toxw -e sweep -- --aws --account 123456789012 --region eu-west-1
                                       and what is in that region of that account, with the credentials of this shell
                                       if they are of that account; with --yes as well, deletes it

Only that is ever touched which is certainly one of these tests': a process or a directory that a run held which is
gone; a resource that has the tag routeproof-e2e and a name that ends in the tag's value, such as -e2e-1a2b3c4d. Without
--unexpired a resource stays until the time in its tag routeproof-e2e-expires, since its run may still be going on.
The policy that this needs is in docs/real-account.md.
"""
EXIT_CODES = """\
Exit codes: 0 nothing is left; 1 something is left, and be it that it has not expired; 2 the list is not to be trusted,
or the options are wrong.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code. Without --aws all that this process knows of AWS is a local endpoint, or nothing."""
    parser = argparse.ArgumentParser(
        prog="./toxw -e sweep --",
        description=DESCRIPTION,
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--yes", action="store_true", help="delete what is listed")
    parser.add_argument("--unexpired", action="store_true", help="also what has not expired: of runs that may go on")
    parser.add_argument("--aws", action="store_true", help="also in an account; needs the two options below")
    parser.add_argument("--account", metavar="ID", help="the account; anybody else's credentials are refused")
    parser.add_argument("--region", metavar="REGION", help="the region")
    options = parser.parse_args(arguments)
    try:
        account, places = _account(options)
    except (pytest.UsageError, LiveError, NotThisMachine) as problem:
        print(f"sweep: {problem}", file=sys.stderr)
        return 2
    print(f"looking at {' and '.join(places)}")
    return sweep(
        [machine.processes, *([lambda: accounts.resources(account)] if account else []), machine.directories],
        delete=options.yes,
        unexpired=options.unexpired,
    )


def _account(options: argparse.Namespace) -> tuple[Account | None, list[str]]:
    """What is to be looked at besides this machine, and all places in words.

    Raises UsageError, LiveError, NotThisMachine.
    """
    places = ["this machine"]
    if real := real_aws.asked_for(options):
        places.append(f"account {real.account_id} in {real.region}")
        return connect(Options(region=real.region)), places
    given = os.environ.get("ROUTEPROOF_LOCAL_AWS")
    real_aws.forget()
    if not given:
        return None, places
    try:
        local = LocalAws.read(Path(given))
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise pytest.UsageError(f"ROUTEPROOF_LOCAL_AWS={given} describes no endpoint: {problem!r}") from None
    os.environ.update(local.environment())
    return connect(Options()), [*places, f"the local endpoint {local.endpoint_url}"]


def sweep(sources: Sequence[Callable[[], Found]], *, delete: bool, unexpired: bool) -> int:
    """Goes through the sources in their order, each when the one before is dealt with; the exit code."""
    now = datetime.now(UTC)
    left: list[str] = []
    problems: list[str] = []
    rows = 0
    for look in sources:
        found = look()
        problems += found.problems
        for leftover in found.leftovers:
            if not rows:
                print(_row("kind", "run", "expires", "what happens", "name"))
            rows += 1
            word, reason = _outcome(leftover, delete=delete, is_due=unexpired or leftover.is_due(now))
            expires = leftover.expires.strftime("%Y-%m-%dT%H:%M:%SZ") if leftover.expires else "-"
            print(_row(leftover.kind, leftover.run or "-", expires, word, leftover.name), flush=True)
            if reason:
                print(f"    {_printable(reason)}")
            if word != DELETED:
                left.append(f"{leftover.kind} {leftover.name}")
    for problem in problems:
        print(f"sweep: this cannot be known: {_printable(problem)}", file=sys.stderr)
    print(_summary(left, delete=delete, is_complete=not problems))
    return 2 if problems else 1 if left else 0


DELETED = "deleted"


def _outcome(leftover: Leftover, *, delete: bool, is_due: bool) -> tuple[str, str]:
    """What happens, or has happened, in a word or two; and why, where that needs one."""
    if not is_due:
        return "stays", "it has not expired" if leftover.expires else "it does not say when it expires"
    if not delete:
        return "to delete", ""
    try:
        leftover.remove()
    except NotRemoved as problem:
        return "FAILED", str(problem)
    return DELETED, ""


def _summary(left: Sequence[str], *, delete: bool, is_complete: bool) -> str:
    if not left:
        return "nothing is left" if is_complete else "nothing else is known to be left"
    if not delete:
        return f"left: {len(left)}; with --yes they are deleted, with --unexpired also those that stay"
    return "\n".join(["still there:", *(f"  {_printable(name)}" for name in left)])


def _row(kind: str, run: str, expires: str, word: str, name: str) -> str:
    return f"{kind:<12}  {run:<13}  {expires:<20}  {word:<12}  {_printable(name)}"


def _printable(text: str) -> str:
    """What a terminal would take for a command is shown as Python writes it."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


if __name__ == "__main__":
    sys.exit(main())
