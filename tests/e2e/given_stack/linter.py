"""What `routeproof` says of the copy, run as a user runs it; it reads the settings that the stack has."""

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from routeproof.sources.hcl.files import module_files
from tests.e2e.given_stack.confinement import OVERRIDE
from tests.e2e.given_stack.deploying import Copy


@dataclass(frozen=True)
class Said:
    """The exit code, what it printed for a person, and the JSON report; None where there is none."""

    exit_code: int
    text: str
    report: Any

    def failing(self) -> dict[str, str]:
        """The message of each failure that is not accepted, by convention and address."""
        return {
            f"{result['convention']} {result['address']}": result["message"]
            for root in (self.report["roots"] if self.report else ())
            for result in root["results"]
            if result["verdict"] == "fail" and not result["suppressed"] and not result["baseline"]
        }


def failing_alone(live: Said, in_source: Said) -> list[str]:
    """What fails where it is live, and not in the source."""
    known = in_source.failing()
    return [f"{where}: {why}" for where, why in live.failing().items() if where not in known]


def routeproof(copy: Copy, command: str, *options: str) -> Said:
    """Runs a command on the root module, from the top of its repository."""
    # A directory would stand for every root module below it.
    file = next(file for file in module_files(copy.root) if file.name != OVERRIDE)
    report = copy.top / ".git" / f"{command}.json"
    report.unlink(missing_ok=True)
    # -P: a module of the repository's own is not imported by its name.
    arguments = [sys.executable, "-P", "-m", "routeproof", command, str(file.relative_to(copy.top)), *options]
    ended = subprocess.run(
        [*arguments, "--output", f"json={report}"], cwd=copy.top, capture_output=True, text=True, check=False
    )
    found = json.loads(report.read_text()) if report.exists() else None
    return Said(ended.returncode, f"{ended.stdout}{ended.stderr}".rstrip(), found)
