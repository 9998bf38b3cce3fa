"""A repository with many root modules, and something in each that its neighbours or the whole run have a say in."""

from __future__ import annotations

import shutil

from routeproof.cli import main
from routeproof.output import FORMATS
from tests.lint.steps import ROOT
from tests.unit.repository import Repository

GROUP = 'resource "aws_cloudwatch_log_group" "{name}" {{\n  name = "{name}"{more}\n}}\n'
CALL = 'module "{name}" {{\n  source = "{source}"\n}}\n'
SHARED = """\
variable "days" {
  default = 14
}

# routeproof:skip=LOG_RETENTION: one caller keeps them for good
resource "aws_cloudwatch_log_group" "shared" {
  name              = "shared"
  retention_in_days = var.days
}

# routeproof:skip=LOG_RETENTION: nobody needs this any more
resource "aws_cloudwatch_log_group" "mended" {
  name              = "mended"
  retention_in_days = 14
}

# routeproof:skip=LOG_RETENTION
resource "aws_cloudwatch_log_group" "why" {
  name = "why"
}
"""
SETTINGS = """\
baseline = "known.json"

[[suppress]]
convention = "LOG_RETENTION"
address = "aws_cloudwatch_log_group.audit"
reason = "the law wants these kept"

[[suppress]]
convention = "LOG_RETENTION"
address = "aws_cloudwatch_log_group.gone"
reason = "there is none"
"""
OWN = """\
from routeproof.convention import Convention, Example, Result, Verdict

def _check(stack, group):
    {body}
    return Result(Verdict.PASS, group.address, "fine", group.location)

CONVENTION = Convention(
    id="OWN", title="own", why="own", fix="own", explains=("own",), subject="log group",
    resource_types=("aws_cloudwatch_log_group",), check=_check, good=Example("good {{}}"),
    bad=Example("bad {{}}", (("bad", 1),)), sources=("https://example.com",),
)
"""


def fill(repository: Repository, *, broken: bool = False, unused: bool = True) -> None:
    """Twelve root modules, two of them one below the other, and a module that three of them call.

    `broken`: two more do not parse. `unused`: one suppression in the shared module and one in the settings are unused.
    """
    shared = SHARED if unused else SHARED.replace("# routeproof:skip=LOG_RETENTION: nobody needs this any more\n", "")
    repository.write("modules/shared/main.tf", shared)
    repository.write("routeproof.toml", SETTINGS if unused else SETTINGS[: SETTINGS.rindex("[[suppress]]")])
    for name, days in (("calls-a", "14"), ("calls-b", "null"), ("calls-c", "30")):
        call = CALL.format(name="shared", source="../../modules/shared").replace("}", f"  days   = {days}\n}}")
        repository.write(f"live/{name}/main.tf", call)
    for name in ("a", "a/below", "a-b"):
        repository.write(f"live/{name}/main.tf", GROUP.format(name="old", more=""))
    repository.write("live/audit/main.tf", GROUP.format(name="audit", more=""))
    repository.write(
        "live/var/main.tf", GROUP.format(name="v", more="\n  retention_in_days = var.d") + 'variable "d" {}\n'
    )
    repository.write("live/empty/main.tf", 'variable "nothing" {}\n')
    repository.write(
        "live/strict/main.tf", GROUP.format(name="s", more="\n  retention_in_days = var.d") + 'variable "d" {}\n'
    )
    repository.write("live/strict/routeproof.toml", 'unproven = "fail"\n')
    for name in ("stack-1", "stack-2"):
        for part in ("terraform", "lambda"):
            ignored = shutil.ignore_patterns(".terraform*", "*.tfstate*", "build")
            shutil.copytree(ROOT / part, repository.directory / "live" / name / part, ignore=ignored)
    api = repository.directory / "live" / "stack-2" / "terraform" / "api.tf"
    api.write_text(api.read_text().replace('"2.0"', '"1.0"'))
    if broken:
        repository.write("live/broken/main.tf", "a = 1 b = 2\n")
        repository.write("live/zbroken/main.tf", 'resource "a" {\n')
    repository.write("known.json", '{"version": 1, "failures": []}')
    repository.check("--write-baseline", "known.json", "live/a", "live/a/below")


def everything(repository: Repository, *arguments: str, cached: bool = False) -> tuple[int, dict[str, str]]:
    """A command's exit code, and what it writes in each format; what is said on standard error is `said`."""
    outputs = [part for name in FORMATS for part in ("--output", f"{name}=.out/{name}")]
    fresh = [] if arguments[0] == "merge" or cached else ["--no-cache"]
    code = main([*arguments, *fresh, *outputs])
    streams = repository.capsys.readouterr()
    files = repository.directory / ".out"
    written = {file.name: file.read_text() for file in sorted(files.iterdir())} if files.exists() else {}
    shutil.rmtree(files, ignore_errors=True)
    return code, {**written, "stdout": streams.out, "said": streams.err}


def own_convention(repository: Repository, body: str) -> None:
    """Have a convention of the team's own do something at each log group that it judges."""
    repository.write("rules/own.py", OWN.format(body=body))
    settings = repository.directory / "routeproof.toml"
    before = settings.read_text() if settings.exists() else ""
    settings.write_text(f'conventions = ["rules"]\n{before}')
