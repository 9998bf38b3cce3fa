"""Configurations: variables with types and defaults, locals in any order, modules with count and for_each.

Several stand side by side as modules of one root, so that one start of Terraform answers for all. What Terraform
refuses is left out, and the rest asked for again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping

from hypothesis import strategies as st

from tests.unit.oracle.rounds import until
from tests.unit.oracle.terraform import agree, compare, version
from tests.unit.strategies import LOCALS, configurations

BATCH = 30
ATTEMPTS = 5
# A batch of configurations stands for this many of `--runs`.
SHARE = 10

Configuration = tuple[str, str, str]


def written(batch: list[Configuration], without: Collection[int]) -> tuple[dict[str, str | bytes], Mapping[int, int]]:
    """The files of a root that calls each configuration as a module, and which one each line of main.tf belongs to."""
    files: dict[str, str | bytes] = {}
    main = LOCALS
    owners: dict[int, int] = {}
    for number, (source, arguments, asked) in enumerate(batch):
        if number in without:
            continue
        files[f"m{number}/main.tf"] = source
        first = main.count("\n") + 1
        main += f'module "m{number}" {{\n  source = "./m{number}"\n{arguments}}}\n'
        main += f'output "m{number}" {{\n  value = {asked.replace("M", f"module.m{number}")}\n}}\n'
        owners |= dict.fromkeys(range(first, main.count("\n") + 1), number)
    return {**files, "main.tf": main}, owners


def test_terraform_agrees_on_random_configurations(runs: int) -> None:
    counted: Counter[str] = Counter()
    wanted = runs // SHARE

    def check(batch: list[Configuration]) -> None:
        refused: set[int] = set()
        for _ in range(ATTEMPTS):
            files, owners = written(batch, refused)
            ours, theirs = compare(files)
            if not theirs.refusals:
                break
            for file, line, _ in theirs.refusals:
                refused.add(owners[line] if file == "main.tf" else int(file.partition("/")[0][1:]))
        assert theirs.refusals == ()
        assert ours.refusals == (), "the engine refuses what Terraform accepts"
        counted["refused"] += len(refused)
        for name, real in theirs.outputs.items():
            counted["compared"] += 1
            mine = ours.outputs[name]
            assert agree(mine, real), f"{batch[int(name[1:])]}\nthe engine: {mine}\nTerraform:  {real}"

    batches = st.lists(configurations(), min_size=BATCH, max_size=BATCH, unique=True)
    until(lambda: counted["compared"] >= wanted, check, batches, runs=runs)
    print(f"\nTerraform {version()}: {counted['compared']} configurations the same, {counted['refused']} refused by it")
