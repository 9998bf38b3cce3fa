"""What a run for somebody else's stack is asked for."""

import argparse
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from routeproof.sources.hcl.files import module_files

CHECKS = Path(__file__).with_name("checks.py")
SUCCESS = 200
_REQUEST = re.compile(r"([A-Z]+) (/\S*)")
_VARIABLE = re.compile(r"(\w[\w-]*)=(.*)", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Expectation:
    """A request, and the status of its answer. `path` is all that follows the host, with the query if there is one."""

    method: str
    path: str
    status: int

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True, kw_only=True)
class GivenStack:
    """`directory` is the root module. `api` is the address of the HTTP API that is asked, where it has several.

    `also`: files and directories that the stack needs and git ignores.
    """

    directory: Path
    expectations: tuple[Expectation, ...]
    variables: tuple[tuple[str, str], ...] = ()
    variable_files: tuple[Path, ...] = ()
    also: tuple[Path, ...] = ()
    api: str | None = None


def add_options(parser: pytest.Parser) -> None:
    options = parser.getgroup("somebody else's stack, deployed on this machine")
    options.addoption("--stack", metavar="DIR", type=Path, help="the root module; it is copied and never written to")
    options.addoption(
        "--request",
        metavar='"METHOD /path"',
        action="append",
        default=[],
        help="a request to its HTTP API: all that follows the host, with the stage's name unless it is $default",
    )
    options.addoption(
        "--expect",
        metavar="STATUS",
        action="append",
        default=[],
        help=f"the status that the answer has to have: one for each --request, or none at all for {SUCCESS}",
    )
    options.addoption("--api", metavar="ADDRESS", help="the API that is asked, where the stack has several HTTP APIs")
    options.addoption("--var", metavar="NAME=VALUE", action="append", default=[], help="as Terraform's; repeatable")
    options.addoption(
        "--var-file",
        metavar="FILE",
        action="append",
        default=[],
        type=Path,
        help="as Terraform's; repeatable; --var goes before it",
    )
    options.addoption(
        "--also",
        metavar="PATH",
        action="append",
        default=[],
        type=Path,
        help="a file or directory that the stack needs and git ignores, for example a built package; repeatable",
    )


def set_up(config: pytest.Config) -> None:
    """A run with --stack has the checks of that stack only, in one process, which shows what it does."""
    if asked_for(config.option):
        config.args[:] = [str(CHECKS)]
        config.option.dist = "no"


def asked_for(options: argparse.Namespace) -> GivenStack | None:
    """The stack that the options name; None without --stack. Raises UsageError where they do not go together."""
    if options.stack is None:
        for name in ("request", "expect", "api", "var", "var_file", "also"):
            if getattr(options, name):
                raise pytest.UsageError(f"--{name.replace('_', '-')} goes with --stack")
        return None
    if options.aws:
        raise pytest.UsageError(
            "--stack goes without --aws: what it deploys would cost money, and nothing would limit its calls or tag it"
        )
    directory = options.stack.resolve()
    if not directory.is_dir() or not module_files(directory):
        raise pytest.UsageError(f"--stack: {options.stack} is no directory with Terraform files")
    for path in (*options.var_file, *options.also):
        if not path.exists():
            raise pytest.UsageError(f"there is no {path}")
    return GivenStack(
        directory=directory,
        expectations=_expectations(options.request, options.expect),
        variables=tuple(_variable(text) for text in options.var),
        variable_files=tuple(path.resolve() for path in options.var_file),
        also=tuple(path.resolve() for path in options.also),
        api=options.api,
    )


def _expectations(requests: list[str], statuses: list[str]) -> tuple[Expectation, ...]:
    if not requests:
        raise pytest.UsageError('--stack needs a request to ask, such as --request "GET /hello" --expect 200')
    if statuses and len(statuses) != len(requests):
        raise pytest.UsageError(
            f"--request is given {len(requests)} times and --expect {len(statuses)} times: "
            "each request has its status, in the same order"
        )
    return tuple(
        _expectation(request, status)
        for request, status in zip(requests, statuses or [str(SUCCESS)] * len(requests), strict=True)
    )


def _expectation(request: str, status: str) -> Expectation:
    found = _REQUEST.fullmatch(request)
    if found is None:
        raise pytest.UsageError(f'--request is a method and a path, such as "GET /hello", not "{request}"')
    if not re.fullmatch(r"[1-5]\d\d", status):
        raise pytest.UsageError(f"--expect is a status from 100 to 599, not {status}")
    return Expectation(method=found[1], path=found[2], status=int(status))


def _variable(text: str) -> tuple[str, str]:
    found = _VARIABLE.fullmatch(text)
    if found is None:
        raise pytest.UsageError(f"--var is NAME=VALUE, not {text}")
    return found[1], found[2]
