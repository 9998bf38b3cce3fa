"""Writes policies/data/lambda_runtimes.json anew: `python -m tests.tools.refresh_data`.

The dates are those that cfn-lint carries, of the version in requirements/cfn-lint.in: raise it there first, and run
`./toxw -e lock`. The table's own day changes only where the table does.

http_api_context_variables.json is kept by hand: its source is a page that no package carries.
"""

from __future__ import annotations

import json
import logging
import subprocess
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from tests.tools.environments import ROOT, environment

TABLE = ROOT / "policies" / "data" / "lambda_runtimes.json"
FILE = "cfnlint/data/AdditionalSpecs/LmbdRuntimeLifecycle.json"


def lifecycles(python: Path) -> tuple[str, Mapping[str, Any]]:
    """The version of the cfn-lint that an interpreter has, and its table."""
    code = (
        "import importlib.metadata, json\n"
        "package = importlib.metadata.distribution('cfn-lint')\n"
        f"table = json.loads(package.locate_file({FILE!r}).read_text())\n"
        "print(json.dumps([package.version, table]))\n"
    )
    version, table = json.loads(subprocess.run([python, "-I", "-c", code], capture_output=True, check=True).stdout)
    return version, table


def renewed(before: Mapping[str, Any], version: str, table: Mapping[str, Any], *, today: date) -> dict[str, Any]:
    """The table to write. `before` is the one that there is."""
    runtimes = {
        name: {
            "deprecated": dates["deprecated"],
            "create_block": dates["create-block"],
            "update_block": dates["update-block"],
            "successor": dates["successor"],
        }
        for name, dates in sorted(table.items())
    }
    after = {"source": f"cfn-lint {version}, {FILE}", "updated_at": before["updated_at"], "runtimes": runtimes}
    return after if after == before else after | {"updated_at": today.isoformat()}


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    before = json.loads(TABLE.read_text())
    after = renewed(before, *lifecycles(environment("cfn-lint") / "bin" / "python"), today=datetime.now(UTC).date())
    TABLE.write_text(json.dumps(after, indent=1) + "\n")
    changed = sorted(
        name
        for name in before["runtimes"].keys() | after["runtimes"].keys()
        if before["runtimes"].get(name) != after["runtimes"].get(name)
    )
    print(
        f"{TABLE}: {len(after['runtimes'])} runtimes of {after['updated_at']}; changed: {', '.join(changed) or 'none'}"
    )


if __name__ == "__main__":
    main()
