"""What a configuration is made of: each directory of features/ is one, and comes to what Terraform makes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from routeproof.sources.hcl.files import Files
from routeproof.sources.hcl.modules import load
from tests.unit.oracle.terraform import agree, by_terraform, compare, write

FEATURES = Path(__file__).with_name("features")
NAMES = sorted(path.name for path in FEATURES.iterdir())


def files_of(name: str) -> dict[str, str | bytes]:
    directory = FEATURES / name
    return {
        path.relative_to(directory).as_posix(): path.read_bytes() for path in directory.rglob("*") if path.is_file()
    }


@pytest.mark.parametrize("name", NAMES)
def test_terraform_agrees(name: str) -> None:
    files = files_of(name)
    ours, theirs = compare(files, init=any("/" in path for path in files))
    assert (ours.refusals, theirs.refusals) == ((), ())
    assert (ours.outputs.keys(), ours.resources.keys()) == (theirs.outputs.keys(), theirs.resources.keys())
    assert theirs.outputs, "nothing was compared"
    for place, real in {**theirs.outputs, **theirs.resources}.items():
        mine = {**ours.outputs, **ours.resources}[place]
        assert agree(mine, real), f"{place}\nthe engine: {mine}\nTerraform:  {real}"


OUTPUT = 'output "o" {\n  value = 1\n}\n'


@pytest.mark.parametrize(
    ("files", "place"),
    [
        ({"main.tf": OUTPUT, "override.tf": "locals {\n  x = 1\n}\n"}, ("override.tf", 2)),
        ({"override.tf": OUTPUT}, ("override.tf", 1)),
        ({"main.tf": OUTPUT, "a_override.tf": 'check "x" {\n}\n'}, ("a_override.tf", 1)),
        ({"main.tf": OUTPUT, "a_override.tf": "moved {\n  from = a.b\n  to   = a.c\n}\n"}, ("a_override.tf", 1)),
        ({"main.tf": OUTPUT + 'nonsense "a" {\n}\n'}, ("main.tf", 4)),
        ({"main.tf": OUTPUT + 'locals "a" {\n}\n'}, ("main.tf", 4)),
    ],
)
def test_both_refuse_it_at_the_same_place(files: dict[str, str | bytes], place: tuple[str, int]) -> None:
    ours, theirs = compare(files)
    assert place in [refusal[:2] for refusal in theirs.refusals]
    assert [refusal[:2] for refusal in ours.refusals] == [place]


@pytest.mark.parametrize(
    ("argument", "reason"),
    [
        ("count = null", "a number is needed"),
        ("count = 1.5", "a whole number of at most 64 bits is needed"),
        ("count = -1", "count is -1, outside 0 to 10,000"),
        ('count = "x"', "'x' is not a number"),
        ("for_each = null", "for_each needs a map or a set of strings"),
        ('for_each = ["a"]', "for_each needs a map or a set of strings"),
        ("for_each = toset([1])", "for_each needs a map or a set of strings, none of them null"),
        ('for_each = toset(["a", null])', "for_each needs a map or a set of strings, none of them null"),
        ("count = 1\n  for_each = {}", "a block has count or for_each, not both"),
    ],
)
def test_terraform_refuses_a_count_or_for_each_that_the_engine_leaves_undecided(
    tmp_path: Path, argument: str, reason: str
) -> None:
    write({"main.tf": f'resource "terraform_data" "a" {{\n  {argument}\n}}\n'}, tmp_path)
    assert by_terraform(tmp_path).refusals != ()
    (resource,) = load(tmp_path, Files(tmp_path), {}).resources
    (condition,) = resource.conditions
    assert (resource.address, condition.reason) == (
        "terraform_data.a",
        f"Terraform refuses its count or for_each: {reason}",
    )
