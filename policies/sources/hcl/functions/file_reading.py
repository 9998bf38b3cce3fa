"""Functions that read files: only inside the boundary, and only what the module lets them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from ....values import Known, Location, Unknown, Value
from ..conversion import as_set, convert
from ..names import Names
from ..refused import Refused, Undecided
from ..types import STRING

MAX_PATTERN = 200


def text_of_file(path: str, module: Names) -> str:
    """What a file holds.

    Raises:
        Undecided: it cannot be read.
        Refused: it is not UTF-8.
    """
    try:
        content = module.read_file(path)
    except OSError as error:
        raise Undecided(f"the file {path[:200]} cannot be read ({error.strerror or error})") from None
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise Refused(f"{path} is not UTF-8") from None


def _file_value(arguments: Sequence[Value], module: Names, location: Location) -> Value:
    (path,) = _texts(arguments, 1)
    return Known(text_of_file(path, module), location)


def _fileexists(arguments: Sequence[Value], module: Names, location: Location) -> Value:
    (path,) = _texts(arguments, 1)
    try:
        module.read_file(path)
    except FileNotFoundError:
        return Known(False, location)
    except OSError as error:
        return Unknown(f"whether the file {path[:200]} exists is not known ({error.strerror or error})", location)
    return Known(True, location)


def _fileset(arguments: Sequence[Value], module: Names, location: Location) -> Value:
    directory, pattern = _texts(arguments, 2)
    try:
        paths = module.files_in(directory)
    except OSError as error:
        return Unknown(f"the directory {directory[:200]} cannot be read ({error.strerror or error})", location)
    matcher = re.compile(_glob(pattern))
    return as_set([Known(path, location) for path in paths if matcher.fullmatch(path)], STRING)


def _glob(pattern: str) -> str:
    """`*` and `?` within a name, `**/` over directories, `{a,b}`; nothing in it can backtrack far."""
    if len(pattern) > MAX_PATTERN or pattern.count("*") > 6 or "[" in pattern or "\\" in pattern:
        raise Undecided("fileset with a pattern like this")
    written = ""
    depth = position = 0
    while position < len(pattern):
        if pattern.startswith("**/", position):
            written += r"(?:[^/]+/)*"
            position += 3
            continue
        character = pattern[position]
        if pattern.startswith("**", position):
            written += r".*"
            position += 1
        elif character in "*?":
            written += r"[^/]*" if character == "*" else r"[^/]"
        elif character in "{}":
            depth += 1 if character == "{" else -1
            written += "(?:" if character == "{" else ")"
        else:
            written += "|" if character == "," and depth else re.escape(character)
        if depth not in (0, 1):
            raise Undecided("fileset with a pattern like this")
        position += 1
    if depth:
        raise Undecided("fileset with a pattern like this")
    return written


def _texts(arguments: Sequence[Value], count: int) -> list[str]:
    if len(arguments) != count:
        raise Refused(f"a function of files takes {count} argument{'s' * (count > 1)}, not {len(arguments)}")
    texts = []
    for argument in arguments:
        converted = convert(argument, STRING)
        if not isinstance(converted, Known) or not isinstance(converted.value, str):
            raise Refused("a path is null")
        texts.append(converted.value)
    return texts


_FUNCTIONS: Mapping[str, Callable[[Sequence[Value], Names, Location], Value]] = {
    "file": _file_value,
    "fileexists": _fileexists,
    "fileset": _fileset,
}
NAMES = frozenset(_FUNCTIONS)


def call(name: str, arguments: Sequence[Value], module: Names, location: Location) -> Value:
    return _FUNCTIONS[name](arguments, module, location)
