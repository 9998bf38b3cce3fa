"""An account, or a part of it, to a Stack."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from ...convention import Result
from ...stack import Resource, Stack, current_day
from .account import Options, connect
from .drift import drift
from .errors import LiveError
from .reading import read
from .state import HOW_TO, read_state
from .translation import translate


def load_account(options: Options, *, today: date | None = None) -> Stack:
    """The stack that is live in one region of an account.

    Raises:
        LiveError: it cannot be read, or there is no such API or function.
    """
    account = connect(options)
    state = () if options.state is None else read_state(options.state, account.place)
    found = read(account, options)
    resources = translate(found, account.place, {one.called: one.address for one in state})
    return Stack(str(account.place), resources, today=today or current_day())


def load_beside(options: Options, source: Stack, root: Path) -> tuple[Stack, list[Result]]:
    """What is live of a root module, with the source's positions; and how it differs from the source.

    Terraform's state tells what is what, and what is of the root module at all.

    Raises:
        LiveError: the account or the state cannot be read, or there is no state.
    """
    file = options.state or root / "terraform.tfstate"
    if not file.is_file():
        raise LiveError(f"there is no state in {file}, and nothing else tells what is what: {HOW_TO}")
    account = connect(options)
    state = read_state(file, account.place)
    found = read(account, options, only={one.called for one in state})
    resources = translate(found, account.place, {one.called: one.address for one in state})
    placed = tuple(_placed(resource, source.by_address.get(resource.address)) for resource in resources)
    stack = replace(source, resources=placed, outputs=(), missing_modules=(), files=None)
    return stack, drift(source, stack, state, found)


def _placed(resource: Resource, declared: Resource | None) -> Resource:
    if declared is None:
        return resource
    return replace(resource, name=declared.name, location=declared.location, positions=declared.positions)
