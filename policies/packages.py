"""What is in the package that a function deploys, as far as the repository's own files tell."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from .convention import undecided
from .stack import Resource, RootFiles, Stack
from .values import NULL, Known, ListValue, ObjectValue, Reference, Unknown, Value, describe, is_null, same

MAX_UNPACKED = 5_000_000
_OBJECTS = ("aws_s3_object", "aws_s3_bucket_object")
# What may write files before the archive is made.
_BUILDERS = {"null_resource", "terraform_data", "local_file", "local_sensitive_file", "external"}


class Package(Protocol):
    """`origin` is what it is made from, for messages; `builder` a resource that may add files before it is packed."""

    @property
    def origin(self) -> str: ...

    @property
    def builder(self) -> str | None: ...

    def read(self, path: str) -> bytes | Unknown | None:
        """The content of the file of that path in the package; None where it has none."""

    def place(self, path: str) -> str:
        """What messages call the file of that path."""

    def file(self, path: str) -> str:
        """Where the file of that path comes from, as a path."""


def package_of(stack: Stack, function: Resource) -> Package | Unknown:
    """The zip package of a function, or why it cannot be looked into."""
    path, at = _path_of(stack, function)
    if isinstance(path, Unknown):
        return path
    archive = _archive_of(stack, path)
    if archive is not None:
        return _archived(stack, archive)
    resolved = stack.resolve(path)
    if not isinstance(resolved, Known):
        return undecided(at, resolved)
    if stack.files is None:
        return Unknown("the files of the repository are not at hand")
    name = str(resolved.value)
    try:
        return Zipped(name, stack.files.read(name))
    except FileNotFoundError:
        reason = f"{name} is neither made by an archive_file of this stack nor in the repository"
    except OSError as error:
        reason = f"{name} cannot be read ({error.strerror or error})"
    return Unknown(reason, path.location)


def packed_by(stack: Stack, function: Resource) -> Resource | str | None:
    """What a function's package is: the archive_file that makes it, or a file's path; None where that is undecided."""
    path, _ = _path_of(stack, function)
    if isinstance(path, Unknown):
        return None
    resolved = stack.resolve(path)
    return _archive_of(stack, path) or (str(resolved.value) if isinstance(resolved, Known) else None)


def _path_of(stack: Stack, function: Resource) -> tuple[Value | Unknown, str]:
    """The path of the package's file, and the attribute that says so."""
    path = function.get("filename")
    if not is_null(stack.resolve(path)):
        return path, "filename"
    key = function.get("s3_key")
    if is_null(stack.resolve(key)):
        return Unknown("the function names no package: neither filename nor s3_key nor an image", function.location), ""
    for item in stack.of_type(*_OBJECTS):
        named = isinstance(key, Reference) and key.address == item.address
        buckets = same(stack.resolve(item.get("bucket")), stack.resolve(function.get("s3_bucket")))
        if named or (buckets is not False and same(stack.resolve(item.get("key")), stack.resolve(key))):
            if is_null(item.get("source")):
                return Unknown(f"{item.address} is not made from a file", item.location), ""
            return item.get("source"), "source"
    return Unknown(f"the object {describe(stack.resolve(key))} is not uploaded by this stack", key.location), ""


def _archive_of(stack: Stack, path: Value) -> Resource | None:
    """The archive_file that makes the file."""
    if isinstance(path, Reference):
        made = stack.by_address.get(path.address)
        if made is not None and made.type == "archive_file" and path.attribute == "output_path":
            return made
    for resource in stack.resources:
        if resource.type == "archive_file":
            if _same_path(stack.resolve(resource.get("output_path")), stack.resolve(path)):
                return resource
    return None


def _same_path(left: Value, right: Value) -> bool | None:
    return same(*(_normal(value) for value in (left, right)))


def _normal(value: Value) -> Value:
    if isinstance(value, Known) and isinstance(value.value, str):
        return Known(posixpath.normpath(value.value), value.location)
    return value


def _archived(stack: Stack, archive: Resource) -> Package | Unknown:
    if stack.files is None:
        return Unknown("the files of the repository are not at hand")
    values = {
        name: stack.resolve(archive.get(name))
        for name in ("source_dir", "source_file", "source", "source_content", "source_content_filename", "excludes")
    }
    for name in ("source_dir", "source_file", "source_content_filename"):
        if not isinstance(values[name], Known):
            return undecided(f"{name} of {archive.address}", values[name])
    if not is_null(values["source_dir"]):
        excluded = _excluded(archive, values["excludes"])
        if isinstance(excluded, Unknown):
            return excluded
        builder = next((resource.address for resource in stack.resources if resource.type in _BUILDERS), None)
        return Folder(_text(values["source_dir"]), stack.files, excluded, builder)
    contents: dict[str, Value | str] = {}
    if not is_null(values["source_file"]):
        path = _text(values["source_file"])
        contents[posixpath.basename(path)] = path
    if not is_null(values["source_content_filename"]):
        contents[_text(values["source_content_filename"])] = values["source_content"]
    blocks = values["source"]
    for block in blocks.items if isinstance(blocks, ListValue) else ():
        name = block.fields.get("filename", NULL) if isinstance(block, ObjectValue) else block
        if not isinstance(block, ObjectValue) or not isinstance(name, Known):
            return undecided(f"filename in {archive.address}", name)
        contents[_text(name)] = block.fields.get("content", NULL)
    if not contents:
        return undecided(f"source of {archive.address}", blocks)
    return Listed(archive.address, stack.files, contents)


def _text(value: Value) -> str:
    return str(value.value) if isinstance(value, Known) else ""


def _excluded(archive: Resource, value: Value) -> tuple[re.Pattern[str], ...] | Unknown:
    if is_null(value):
        return ()
    items = value.items if isinstance(value, ListValue) else (value,)
    patterns: list[re.Pattern[str]] = []
    for item in items:
        if not isinstance(item, Known):
            return undecided(f"excludes of {archive.address}", value)
        try:
            patterns.append(_pattern(_text(item)))
        except re.error:
            reason = f"the pattern {describe(item)} in excludes of {archive.address} cannot be read"
            return Unknown(reason, item.location)
    return tuple(patterns)


def _pattern(glob: str) -> re.Pattern[str]:
    """A pattern of archive_file's `excludes`; a directory that it matches is left out with all that is in it."""
    pieces = []
    for part in re.split(r"(\*\*/|\*\*|\*|\?|\[[^\]]+\]|\{[^}]*\})", posixpath.normpath(glob)):
        if part in ("**/", "**"):
            pieces.append("(?:.*/)?" if part == "**/" else ".*")
        elif part in ("*", "?"):
            pieces.append("[^/]" + part.replace("?", ""))
        elif part.startswith("["):
            pieces.append(part.replace("[!", "[^").replace("\\", "\\\\"))
        elif part.startswith("{") and part.endswith("}"):
            pieces.append("(?:" + "|".join(re.escape(choice) for choice in part[1:-1].split(",")) + ")")
        else:
            pieces.append(re.escape(part))
    return re.compile("".join(pieces) + "(?:/.*)?", re.DOTALL)


@dataclass(frozen=True)
class Folder:
    """The files of a directory."""

    directory: str
    files: RootFiles
    excluded: tuple[re.Pattern[str], ...] = ()
    builder: str | None = None

    @property
    def origin(self) -> str:
        return posixpath.normpath(self.directory)

    def place(self, path: str) -> str:
        return posixpath.normpath(f"{self.directory}/{path}")

    file = place

    def read(self, path: str) -> bytes | Unknown | None:
        if any(pattern.fullmatch(path) for pattern in self.excluded):
            return None
        whole = self.place(path)
        try:
            if all(name.startswith(".") for name in self.files.list(self.directory)):
                return Unknown(f"{self.origin} is empty: its files are made by something else")
        except FileNotFoundError:
            return Unknown(f"there is no directory {self.origin} in the repository: it is made by something else")
        except OSError as error:
            return Unknown(f"{self.origin} cannot be read ({error.strerror or error})")
        try:
            # Not whether it can be opened: a file system that ignores case would say yes to Index.js.
            names = self.files.list(posixpath.dirname(whole) or ".")
            return self.files.read(whole) if posixpath.basename(whole) in names else None
        except FileNotFoundError:
            return None
        except OSError as error:
            return Unknown(f"{whole} cannot be read ({error.strerror or error})")


@dataclass(frozen=True)
class Listed:
    """Files that an archive_file names one by one: by its name in the package, a file's path or a content."""

    origin: str
    files: RootFiles
    contents: Mapping[str, Value | str]
    builder: None = None

    def place(self, path: str) -> str:
        found = self.contents.get(path)
        return posixpath.normpath(found) if isinstance(found, str) else path

    file = place

    def read(self, path: str) -> bytes | Unknown | None:
        found = self.contents.get(path)
        if found is None:
            return None
        if isinstance(found, str):
            try:
                return self.files.read(found)
            except FileNotFoundError:
                return Unknown(f"{self.place(path)} is not in the repository: it is made by something else")
            except OSError as error:
                return Unknown(f"{self.place(path)} cannot be read ({error.strerror or error})")
        return _text(found).encode() if isinstance(found, Known) else undecided(f"the content of {path}", found)


@dataclass(frozen=True)
class Zipped:
    """A zip file of the repository; nothing is unpacked but the file that is asked for."""

    origin: str
    content: bytes = field(repr=False)
    builder: None = None

    def place(self, path: str) -> str:
        return f"{path} in {self.origin}"

    def file(self, path: str) -> str:
        return f"{self.origin}/{path}"

    def read(self, path: str) -> bytes | Unknown | None:
        import io
        import zipfile
        import zlib

        try:
            with zipfile.ZipFile(io.BytesIO(self.content)) as archive:
                if path not in archive.namelist():
                    return None
                with archive.open(path) as member:
                    found = member.read(MAX_UNPACKED + 1)
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError, EOFError) as error:
            return Unknown(f"{self.origin} is no zip file that can be read ({error})")
        if len(found) > MAX_UNPACKED:
            return Unknown(f"{self.place(path)} is larger than {MAX_UNPACKED:,} bytes")
        return found
