"""A root module and the modules that it calls, to a Stack."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from ...stack import Output, Resource, Stack, current_day
from ...values import TooLarge, Value
from .computing import computing
from .decided import Decided
from .files import Files, FilesBelow, display
from .limits import room_to_recurse
from .module_sources import fetched_modules
from .module_tree import Module, Tree
from .refused import Refused, TooDeep
from .syntax import SourceError


def load(
    root: Path,
    files: Files,
    given: Mapping[str, Value],
    *,
    today: date | None = None,
    decided: Decided | None = None,
) -> Stack:
    """Everything that a root module declares, at any depth. `given` are the values from variable files.

    `today` is the day for which the stack is judged, this one by default; `decided` is what else is known, by a plan.

    Raises:
        SourceError: a file does not parse, or the source is past a bound.
    """
    tree = Tree(root, files, fetched_modules(root, files), decided or Decided())
    try:
        with room_to_recurse():
            resources, outputs = _evaluated(tree, given)
    except TooDeep as error:
        raise SourceError(error.message, error.location) from None
    except (TooLarge, Refused, RecursionError) as error:
        raise SourceError(str(error), next(iter(files.blocks(root))).location) from None
    missing = tuple(tree.missing.values())
    below, day = FilesBelow(root, files), today or current_day()
    modules = {address: module.directory for address, module in tree.modules.items()}
    return Stack(display(root), resources, outputs, missing, below, day, computing(), modules=modules)


def _evaluated(tree: Tree, given: Mapping[str, Value]) -> tuple[tuple[Resource, ...], tuple[Output, ...]]:
    constants = {name: _constant(value) for name, value in given.items()}
    top = Module(tree, tree.root, address="", key="", given=constants)
    waiting: Sequence[str] = [""]
    while waiting:
        before = set(tree.modules)
        for address in waiting:
            _expand_all(tree.modules[address])
        waiting = [address for address in tree.modules if address not in before]
    for resource in tree.resources.values():
        dict(resource.attributes)
    return tuple(tree.resources.values()), tuple(_outputs(top))


def _constant(value: Value) -> Callable[[], Value]:
    return lambda: value


def _expand_all(module: Module) -> None:
    for block in module.of_kind("resource", "data", "module"):
        module.instances(block.type, ".".join(block.labels))


def _outputs(module: Module) -> Iterator[Output]:
    for block in module.of_kind("output"):
        name = block.labels[0]
        value = block.attributes.get("value")
        yield Output(name, module.output(name), block.location, value.location if value else block.location)
