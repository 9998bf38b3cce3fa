"""What a configuration says of where its state and its AWS are is overridden: nothing may leave this machine.

Terraform merges override files in the order of their names, and the last wins. A `dynamic` block over nothing takes the
place of every block of its type (https://developer.hashicorp.com/terraform/language/files/override).
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from routeproof.sources.hcl.blocks import Block, read_blocks
from routeproof.sources.hcl.expressions import evaluate
from routeproof.sources.hcl.files import display, module_files
from routeproof.sources.hcl.json_syntax import read_json_blocks
from routeproof.sources.hcl.names import no_names
from routeproof.sources.hcl.syntax import parse
from routeproof.values import Known, ObjectValue, Value

OVERRIDE = "zzz_routeproof_override.tf"
# Nothing listens there, and nobody but the system's own services may.
NOWHERE = "http://127.0.0.1:1"

_AWS = "hashicorp/aws"
# What gives the provider another address, credentials, or an account that it insists on; unset, its environment counts.
_ARGUMENTS = {
    *("access_key", "secret_key", "token", "profile"),
    *("shared_config_files", "shared_credentials_file", "shared_credentials_files"),
    *("allowed_account_ids", "forbidden_account_ids"),
    *("http_proxy", "https_proxy", "no_proxy", "custom_ca_bundle"),
    *("ec2_metadata_service_endpoint", "ec2_metadata_service_endpoint_mode"),
    *("use_dualstack_endpoint", "use_fips_endpoint", "sts_region", "max_retries"),
}
_BLOCKS = {"assume_role", "assume_role_with_web_identity", "endpoints"}


class Outside(Exception):
    """A module of the stack is outside its repository."""


BACKEND = 'terraform {\n  backend "local" {}\n}\n'
NO_BLOCK = '  dynamic "{name}" {{\n    for_each = []\n    content {{}}\n  }}\n'
DESTROYABLE = 'resource "{type}" "{name}" {{\n  lifecycle {{\n    prevent_destroy = false\n  }}\n}}\n'


def environment(variables: Mapping[str, str]) -> dict[str, str]:
    """The environment for all but `terraform init`, which has to reach a registry.

    Whatever a provider asks for elsewhere goes to a proxy that is not there.
    """
    proxies = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), NOWHERE)
    proxies |= {name.lower(): NOWHERE for name in proxies}
    loopback = dict.fromkeys(("NO_PROXY", "no_proxy"), "127.0.0.1,localhost")
    # What the emulator fails on it fails on again; the provider's own number is 25, with minutes between them.
    return {**variables, **proxies, **loopback, "AWS_MAX_ATTEMPTS": "3"}


def keep_state_here(root: Path) -> None:
    """For `terraform init`: no backend, and no HCP Terraform."""
    (root / OVERRIDE).write_text(BACKEND)


def confine(place: Path, root: Path) -> None:
    """Writes an override file into each module that needs one; after `terraform init`, which says where they are.

    Raises:
        Outside: a module is not in the copy, `place`.
        SourceError, TooDeep: a file does not parse.
    """
    for directory in _modules(root):
        if not directory.is_relative_to(place):
            raise Outside(f"the module in {directory} is not in the repository")
        blocks = list(_blocks(directory))
        parts = [BACKEND] if directory == root else []
        parts += [*_providers(blocks), *_protected(blocks)]
        if parts:
            (directory / OVERRIDE).write_text("\n".join(parts))


def _modules(root: Path) -> list[Path]:
    """The directories of all modules, the root's among them, by Terraform's own note."""
    note = root / ".terraform" / "modules" / "modules.json"
    found = [module["Dir"] for module in json.loads(note.read_text())["Modules"]] if note.exists() else []
    return list(dict.fromkeys([root, *(Path(os.path.realpath(root / directory)) for directory in found)]))


def _blocks(directory: Path) -> Iterator[Block]:
    """The blocks of a module, those of its override files too."""
    for file in module_files(directory):
        if file.name == OVERRIDE:
            continue
        content, name = file.read_bytes(), display(file)
        read = read_json_blocks(content, name) if name.endswith(".json") else read_blocks(parse(content, name))
        yield from read.blocks


def _providers(blocks: Iterable[Block]) -> Iterator[str]:
    """For each configuration of the AWS provider whatever of it leads elsewhere, unset."""
    blocks = list(blocks)
    names = _local_names(blocks)
    unset: dict[tuple[str, str | None], set[str]] = {}
    for block in blocks:
        if block.type == "provider" and names.intersection(block.labels):
            given = {*block.attributes, *(inner.name_of_blocks for inner in block.blocks)}
            unset.setdefault((block.labels[0], _text(block, "alias")), set()).update(given & (_ARGUMENTS | _BLOCKS))
    for (name, alias), found in unset.items():
        if found:
            lines = [f'  alias = "{alias}"\n'] if alias else []
            lines += [f"  {argument} = null\n" for argument in sorted(found & _ARGUMENTS)]
            lines += [NO_BLOCK.format(name=inner) for inner in sorted(found & _BLOCKS)]
            yield f'provider "{name}" {{\n{"".join(lines)}}}\n'


def _local_names(blocks: Iterable[Block]) -> set[str]:
    """What the module calls the AWS provider."""
    required: dict[str, Value] = {}
    for block in blocks:
        for inner in block.of_type("required_providers") if block.type == "terraform" else ():
            required |= {name: evaluate(one.expression, no_names()) for name, one in inner.attributes.items()}
        if block.type == "terraform" and "required_providers" in block.attributes:  # as the JSON syntax has it
            value = evaluate(block.attributes["required_providers"].expression, no_names())
            required |= value.fields if isinstance(value, ObjectValue) else {}
    sources = {name: value.fields.get("source") for name, value in required.items() if isinstance(value, ObjectValue)}
    return {"aws"} | {
        name for name, source in sources.items() if isinstance(source, Known) and str(source.value).endswith(_AWS)
    }


def _protected(blocks: Iterable[Block]) -> Iterator[str]:
    """Each resource that may not be destroyed may be: everything is, in the end."""
    found = {
        block.labels
        for block in blocks
        if block.type == "resource" and any("prevent_destroy" in one.attributes for one in block.of_type("lifecycle"))
    }
    for kind, name in sorted(found):
        yield DESTROYABLE.format(type=kind, name=name)


def _text(block: Block, name: str) -> str | None:
    if name not in block.attributes:
        return None
    value = evaluate(block.attributes[name].expression, no_names())
    return str(value.value) if isinstance(value, Known) else None
