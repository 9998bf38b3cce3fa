"""Whether a handler's file has the name that Lambda asks it for. A text says what is wrong; None is: it has."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Callable, Iterable

from .javascript import Unreadable, exports
from .values import Unknown


def node_export(
    read: Callable[[str], bytes | Unknown | None],
    path: str,
    content: bytes,
    name: str,
    *,
    detects_modules: bool,
    options: Unknown | None,
) -> str | Unknown | None:
    """`read` reads other files of the package.

    Lambda starts Node.js before 24 so that it does not find out by itself that a .js file is an ES module
    (`detects_modules`); `options` is why the stack may have it started otherwise.
    """
    try:
        found = exports(content.decode())
    except (UnicodeDecodeError, Unreadable) as error:
        return Unknown(f"it cannot be read as JavaScript ({error})")
    first, _, rest = name.partition(".")
    as_module = _is_module(read, path)
    if isinstance(as_module, Unknown):
        return as_module
    names, others = (found.module, found.commonjs) if as_module else (found.commonjs, found.module)
    if first not in names and first in others:
        if as_module:
            return f"is an ES module, in which exports.{first} is an error; export it"
        if not path.endswith(".js") or not (detects_modules or options):
            return 'has export, and is no ES module: neither .mjs, nor beside a package.json with "type": "module"'
        if not detects_modules:
            return options
        names = others
    if first not in names:
        return Unknown(found.open_) if found.open_ else f"does not export {first}"
    return Unknown(f"it exports {first}, and what {rest} of that is shows only when it runs") if rest else None


def _is_module(read: Callable[[str], bytes | Unknown | None], path: str) -> bool | Unknown:
    """Whether Node.js takes the file for an ES module: by its name, else by the nearest package.json."""
    if not path.endswith(".js"):
        return path.endswith(".mjs")
    directory = posixpath.dirname(path)
    while True:
        found = read(posixpath.join(directory, "package.json"))
        if isinstance(found, Unknown):
            return found
        if found is not None:
            try:
                content = json.loads(found)
            except (ValueError, RecursionError):
                return Unknown(f"{posixpath.join(directory, 'package.json')} is not JSON")
            return isinstance(content, dict) and content.get("type") == "module"
        if not directory:
            return False
        directory = posixpath.dirname(directory)


def python_definition(content: bytes, name: str) -> str | Unknown | None:
    import ast
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            body = ast.parse(content).body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return Unknown(f"it cannot be read as Python ({error})")
    if name in _defined(body):
        return None
    for node in ast.walk(ast.Module(body, [])):
        if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
            return Unknown(f"it imports everything from {node.module or 'its package'}")
    blocks = [node for node in body if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)]
    inner = [node for block in blocks for node in ast.walk(block) if isinstance(node, ast.stmt)]
    if name in _defined(inner):
        return Unknown(f"it defines {name} only under a condition")
    if any(isinstance(node, ast.Global) and name in node.names for node in ast.walk(ast.Module(body, []))):
        return Unknown(f"it defines {name} only when a function is called")
    if "__getattr__" in _defined(body):
        return Unknown("its __getattr__ may make it")
    return f"has no {name} at its top level"


def _defined(body: Iterable[object]) -> set[str]:
    """The names that statements bind."""
    import ast

    names: set[str] = set()
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {alias.asname or alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            bound = (part for target in targets for part in ast.walk(target))
            names |= {part.id for part in bound if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
        elif isinstance(node, ast.Delete):
            names -= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return names
