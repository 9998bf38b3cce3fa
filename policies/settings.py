"""A team's settings: `routeproof.toml`, or `[tool.routeproof]` in `pyproject.toml`. docs/settings.md explains each key.

The command line's options win: what they say replaces the key of the same name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from .values import Location

if TYPE_CHECKING:
    from .sources.hcl.files import Files
    from .sources.hcl.questions import Notes

MAX_BYTES = 500_000
NAMES = ("routeproof.toml", "pyproject.toml")  # in this order where a directory has both


class Unusable(Exception):
    """A settings file or a baseline that cannot be used as it is."""

    def __init__(self, message: str, location: Location) -> None:
        super().__init__(f"{location}: {message}")
        self.message = message
        self.location = location


@dataclass(frozen=True)
class AddressSuppression:
    """`[[suppress]]`: a convention's failures at every address that the pattern matches are accepted."""

    convention: str
    address: str
    reason: str
    until: date | None
    where: Location


@dataclass(frozen=True)
class Settings:
    """The values of the keys, here with their defaults. Paths are relative to the working directory, or absolute.

    `select` None stands for every convention. `file` is where they come from, None without one.
    """

    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    unproven: str = "warn"
    permission_scope: str = "exact"
    var_files: tuple[Path, ...] = ()
    baseline: Path | None = None
    no_suppressions_for: tuple[str, ...] = ()
    suppress: tuple[AddressSuppression, ...] = ()
    conventions: tuple[Path, ...] = ()
    file: Path | None = None

    def wants(self, convention: str) -> bool:
        return (self.select is None or convention in self.select) and convention not in self.ignore


@dataclass(frozen=True)
class SettingsFiles:
    """The settings of the directories of one repository, each file read once.

    `top` is where the search ends, a resolved directory; `conventions` are the ids that there are.
    """

    top: Path
    files: Files
    conventions: Collection[str]
    _found: dict[Path, tuple[Settings, Notes]] = field(default_factory=dict)

    def of(self, directory: Path) -> Settings:
        """The settings for a resolved directory: of the nearest file in it or above it.

        Raises:
            Unusable: the nearest file cannot be read, or says something that is no setting.
        """
        return self.files.once(self._found, directory, lambda: self._in(directory) or self._above(directory))

    def _in(self, directory: Path) -> Settings | None:
        for name in NAMES:
            if self.files.is_file(directory / name):
                settings = _read(directory / name, self.files, self.conventions)
                if settings is not None:
                    return settings
        return None

    def _above(self, directory: Path) -> Settings:
        return Settings() if directory in (self.top, directory.parent) else self.of(directory.parent)


def own_top() -> Path:
    """The top of the repository that the working directory is in; where it is in none, the working directory.

    Settings there, and nowhere else, may name conventions: these are code, and what is judged may be a stranger's.
    """
    here = Path.cwd()
    return next((directory for directory in (here, *here.parents) if (directory / ".git").exists()), here)


def own_folders() -> tuple[Path, ...]:
    """The folders of conventions that the settings in `own_top` name, resolved.

    Raises:
        Unusable: these settings name some, and cannot be read.
    """
    from .sources.hcl.files import Files

    top = own_top()
    for path in (top / name for name in NAMES if (top / name).is_file()):
        # Whatever else is wrong with the file is said where a root module's settings are read, with their results.
        reading, table = _table(path, Files(top), ()) if b"conventions" in path.read_bytes() else (None, None)
        if reading is not None and table is not None:
            return tuple(folder.resolve() for folder in _folders(reading, "conventions", table.get("conventions", [])))
        if path.name == NAMES[0]:
            break
    return ()


def _read(path: Path, files: Files, conventions: Collection[str]) -> Settings | None:
    """None for a `pyproject.toml` of others."""
    reading, table = _table(path, files, conventions)
    if table is None:
        return None
    settings: dict[str, Any] = {}
    for key, value in table.items():
        if key not in _KEYS:
            raise reading.refusal(f"there is no setting {key!r}{_meant(key, _KEYS)}", key)
        settings[key.replace("-", "_")] = _KEYS[key](reading, key, value)
    return replace(Settings(file=path), **settings)


def _table(path: Path, files: Files, conventions: Collection[str]) -> tuple[_Reading, dict[str, Any] | None]:
    """What a file says, None for a `pyproject.toml` of others, and what turns it into settings."""
    import tomllib

    from .sources.hcl.files import display

    name = display(path)
    start = Location(name, 1, 1, 1, 1)
    try:
        content = files.read(path)
        if len(content) > MAX_BYTES:
            raise OSError(f"it is larger than {MAX_BYTES:,} bytes")
        if path.name == "pyproject.toml" and b"routeproof" not in content:
            return _Reading(path, name, [], files, conventions), None
        text = content.decode()
        table = tomllib.loads(text)
    except OSError as error:
        raise Unusable(f"the settings cannot be read: {error.strerror or error}", start) from None
    except (ValueError, RecursionError) as error:
        found = re.search(r"at line (\d+), column (\d+)", str(error))
        line, column = (int(found[1]), int(found[2])) if found else (1, 1)
        why = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise Unusable(f"this is not TOML: {why}", Location(name, line, column, line, column)) from None
    reading = _Reading(path, name, text.splitlines(), files, conventions)
    if path.name == "pyproject.toml":
        tools = table.get("tool")
        table = tools.get("routeproof") if isinstance(tools, dict) else None
        if table is not None and not isinstance(table, dict):
            raise reading.refusal("tool.routeproof is a table", "routeproof")
    return reading, table


def _meant(name: str, known: Collection[str]) -> str:
    import difflib

    close = difflib.get_close_matches(name, known, n=1) or difflib.get_close_matches(name.upper(), known, n=1)
    return f"; did you mean {close[0]}?" if close else f"; there are {', '.join(known)}" if len(known) < 12 else ""


@dataclass(frozen=True)
class _Reading:
    """One file that is being read. tomllib keeps no lines: a message's line is found by the word that it is about."""

    path: Path
    name: str
    lines: list[str]
    files: Files
    conventions: Collection[str]

    def refusal(self, message: str, *words: str, after: int = 0) -> Unusable:
        return Unusable(message, self.line_with(*words, after=after))

    def line_with(self, *words: str, after: int = 0) -> Location:
        """Each word is looked for from the line of the one before it on; where it is not found, it does not count."""
        number = after or self._section()
        for word in words:
            pattern = re.compile(rf"(?<![\w-]){re.escape(word)}(?![\w-])")
            for index in range(max(number, 1), len(self.lines) + 1):
                line = self.lines[index - 1]
                if pattern.search(line) and not line.lstrip().startswith("#"):
                    number = index
                    break
        line = max(number, 1)
        return Location(self.name, line, 1, line, 1 + len(self.lines[line - 1]) if self.lines else 1)

    def _section(self) -> int:
        if self.path.name != "pyproject.toml":
            return 1
        return self._matching(r"\s*\[+\s*tool\s*\.\s*routeproof\b", 0)

    def entry(self, key: str, index: int) -> Location:
        """Where the table of an array of tables starts, its index from 0."""
        header = rf"\s*\[\[\s*(tool\s*\.\s*routeproof\s*\.\s*)?{key}\s*\]\]"
        line = self._matching(header, index)
        return self.line_with(after=line) if line else self.line_with(key)

    def _matching(self, pattern: str, index: int) -> int:
        """The number of a matching line, from 1; 0 where there are not that many."""
        numbers = [number for number, line in enumerate(self.lines, 1) if re.match(pattern, line)]
        return numbers[index] if index < len(numbers) else 0


def _text(reading: _Reading, key: str, value: Any) -> str:
    if not isinstance(value, str):
        raise reading.refusal(f"{key} is a text in quotes", key)
    return value


def _texts(reading: _Reading, key: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise reading.refusal(f"{key} is a list of texts in quotes", key)
    return tuple(value)


def _ids(reading: _Reading, key: str, value: Any) -> tuple[str, ...]:
    for name in _texts(reading, key, value):
        if name not in reading.conventions:
            raise reading.refusal(unknown_convention(name, reading.conventions), key, name)
    return tuple(value)


def unknown_convention(name: str, known: Collection[str]) -> str:
    """A message for an id that is none."""
    return f"there is no convention {name}{_meant(name, known) or '; routeproof explain lists them'}"


def _choice(*choices: str) -> _Reader:
    def read(reading: _Reading, key: str, value: Any) -> str:
        if value not in choices:
            raise reading.refusal(f"{key} is one of {', '.join(choices)}, not {value!r}", key)
        return str(value)

    return read


def _file(reading: _Reading, key: str, value: Any) -> Path:
    """A path from the settings' directory, inside what may be read."""
    text = _text(reading, key, value)
    path = reading.path.parent / text
    if "\0" in text or not reading.files.allows(path):
        raise reading.refusal(f"{key}: {text!r} is outside the repository; --allow-outside permits that", key, text)
    return path


def _files(reading: _Reading, key: str, value: Any) -> tuple[Path, ...]:
    return tuple(_file(reading, key, text) for text in _texts(reading, key, value))


def _folders(reading: _Reading, key: str, value: Any) -> tuple[Path, ...]:
    folders, top = _texts(reading, key, value), own_top()
    if folders and reading.path.parent.resolve() != top:
        message = f"{key} are code, which runs only from the settings at the top of the repository that you are in"
        raise reading.refusal(message, key)
    for text in folders:
        if "\0" in text or not (top / text).resolve().is_relative_to(top):
            raise reading.refusal(f"{key}: {text!r} is outside the repository", key, text)
    return tuple(top / text for text in folders)


def _suppressions(reading: _Reading, key: str, value: Any) -> tuple[AddressSuppression, ...]:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise reading.refusal(f"{key} is an array of tables: write [[{key}]]", key)
    return tuple(_suppression(reading, item, reading.entry(key, index)) for index, item in enumerate(value))


def _suppression(reading: _Reading, table: Mapping[str, Any], where: Location) -> AddressSuppression:
    wanted = ("convention", "address", "reason", "until")
    for name in table:
        if name not in wanted:
            message = f"a suppression has no {name!r}{_meant(name, wanted)}"
            raise reading.refusal(message, name, after=where.line)
    texts: dict[str, str] = {}
    for name in wanted[:3]:
        text = table.get(name)
        if not isinstance(text, str) or not text.strip():
            raise reading.refusal(f"a suppression needs the key {name}, a text in quotes", after=where.line)
        texts[name] = text
    if texts["convention"] not in reading.conventions:
        message = unknown_convention(texts["convention"], reading.conventions)
        raise reading.refusal(message, texts["convention"], after=where.line)
    until = table.get("until")
    if isinstance(until, str):
        until = day(until)
    if "until" in table and (not isinstance(until, date) or isinstance(until, datetime)):
        raise reading.refusal(f"until is a day: write 2027-01-31, not {table['until']}", "until", after=where.line)
    return AddressSuppression(**texts, until=until, where=where)


def day(text: str) -> date | None:
    """The day that a text like 2027-01-31 names; None for any other text."""
    try:
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII) else None
    except ValueError:
        return None


_Reader: TypeAlias = Callable[[_Reading, str, Any], Any]
_KEYS: Mapping[str, _Reader] = {
    "select": _ids,
    "ignore": _ids,
    "unproven": _choice("warn", "fail"),
    "permission-scope": _choice("exact", "at-most"),
    "var-files": _files,
    "baseline": _file,
    "no-suppressions-for": _ids,
    "suppress": _suppressions,
    "conventions": _folders,
}
