"""One root module with a copy of the stack for every defect, and one as it is: an apply deploys them all.

A copy's name is its module's, the output's that has its URL, and the beginning of the name of all that it deploys.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.e2e.defects import DEFECTS, HANDLER, Edit
from tests.e2e.deployment import copy_stack

REFERENCE = "reference"
CHANGED = (REFERENCE, "no-code-hash")
NEW_CODE = Edit(HANDLER, "Hello from Lambda!", "Hello again!")
# The provider makes one function at a time and looks for it after five seconds. Each configuration of the provider is a
# process of its own, and so these work side by side.
LANES = 3


def write(place: Path) -> None:
    """The root module in `place`/terraform, with the copies inside it."""
    root = place / "terraform"
    copies = {REFERENCE: (), **{defect.name: defect.edits for defect in DEFECTS}}
    for name, edits in copies.items():
        copy_stack(root / name)
        (root / name / "terraform" / "providers.tf").unlink()  # the root's are for all of them
        for edit in edits:
            edit.apply(root / name)
    lanes = [LANE.replace("LANE", f"lane{number}") for number in range(LANES)]
    modules = [
        MODULE.replace("NAME", name).replace("LANE", f"lane{number % LANES}") for number, name in enumerate(copies)
    ]
    (root / "main.tf").write_text("\n".join([VARIABLE, *lanes, *modules]))


def change_code(root: Path) -> None:
    """Gives CHANGED another code, and nothing else."""
    for name in CHANGED:
        NEW_CODE.apply(root / name)


VARIABLE = """\
variable "name_suffix" {
  type = string
}
"""
LANE = """\
provider "aws" {
  alias = "LANE"
}
"""
MODULE = """\
module "NAME" {
  source      = "./NAME/terraform"
  providers   = { aws = aws.LANE }
  name_prefix = "NAME-"
  name_suffix = var.name_suffix
}

output "NAME" {
  value = module.NAME.api_url
}
"""


def judged(command: str, root: Path) -> dict[str, Any]:
    """What `routeproof COMMAND` says of a root module in which something is broken."""
    program = [sys.executable, "-m", "routeproof", command, str(root), "--format", "json"]
    finished = subprocess.run(program, capture_output=True, text=True, check=False)
    assert finished.returncode == 1, finished.stdout + finished.stderr
    report = json.loads(finished.stdout)
    assert report["errors"] == []
    (found,) = report["roots"]
    return found
