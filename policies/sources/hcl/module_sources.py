"""Where on disk the modules are that a configuration calls."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from ...values import Location
from .files import Files, display
from .syntax import SourceError

MAX_MODULE_DEPTH = 20


def fetched_modules(root: Path, files: Files) -> dict[str, str]:
    """Directory of each module that `terraform init` has fetched, by its key (`a.b` for module b in module a)."""
    path = root / ".terraform" / "modules" / "modules.json"
    if not files.exists(path):
        return {}
    place = Location(display(path), 1, 1, 1, 1)
    try:
        content = json.loads(files.read(path))
        return {entry["Key"]: Path(entry["Dir"]).as_posix() for entry in content["Modules"]}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SourceError(f"the list of fetched modules cannot be read ({error}); run terraform init", place) from None


def directory_of_call(
    source: str, key: str, callers: Sequence[Path], fetched: Mapping[str, str], files: Files
) -> Path | str:
    """The directory of a called module, or why there is none on disk, as a clause.

    `key` is the call's in `fetched`; `callers` are the directories of the modules around it, the root first.
    """
    if len(callers) > MAX_MODULE_DEPTH:
        return f"modules are nested deeper than {MAX_MODULE_DEPTH}"
    advice = ""
    if source.startswith(("./", "../")):
        directory = Path(os.path.normpath(callers[-1] / source))
    elif key in fetched:
        directory = Path(os.path.normpath(callers[0] / fetched[key]))
        advice = "; run terraform init to fetch it again"
    else:
        return "run terraform init to fetch it"
    try:
        if not files.allows(directory):
            return "it is outside the repository; --allow-outside permits that"
        return directory if files.is_directory(directory) else f"there is no directory {display(directory)}{advice}"
    except (OSError, ValueError) as error:
        return f"its source names no directory ({error})"[:200]
