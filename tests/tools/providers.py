"""`terraform init`, on machines with a Terraform registry and on machines without.

First as the machine is set up. Where that leads to no registry, with a mirror that is put together from the provider
directories that are on the machine anyway, and with an archive provider built from source.
"""

import fcntl
import itertools
import logging
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.tools import archive_provider
from tests.tools.environments import ToolMissing
from tests.tools.terraform import Terraform, TerraformFailed

log = logging.getLogger(__name__)

REGISTRY = "registry.terraform.io"
ARCHIVE = f"{REGISTRY}/hashicorp/archive"

# Terraform's words where the trouble is not the configuration but the way to a registry, white space made single. They
# are the texts of internal/getproviders/errors.go, and of Go's net package for a download that breaks off.
UNREACHABLE = re.compile(
    r"could not connect to \S+:"
    r"|could not query provider registry for"
    r"|was not found in any of the search locations"
    r"|Error while installing \S+ \S+: .{0,300}?(dial tcp|no such host|connection re(fused|set)|timeout|EOF)"
)


class ProviderMissing(Exception):
    """A provider is to be had nowhere; the message says where it was looked for and what can be done."""


@dataclass(frozen=True)
class Requirement:
    """A provider that a configuration needs: its source address with the host, and the versions that it allows."""

    source: str
    versions: str

    def __str__(self) -> str:
        return f"{self.source} ({self.versions or 'any version'})"


def cache_directory(host: Mapping[str, str]) -> Path:
    """Where this project keeps what takes long to make: $XDG_CACHE_HOME/routeproof, or the platform's place for it."""
    if given := host.get("XDG_CACHE_HOME"):
        return Path(given) / "routeproof"
    return Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "routeproof"


def provider_directories(host: Mapping[str, str]) -> list[Path]:
    """The directories on this machine that have a directory `registry.terraform.io` and so may hold providers.

    Terraform's implied mirrors and plugin cache come first, then the usual places for software that somebody put on a
    machine by hand.
    """
    home = Path.home()
    data_home = Path(host.get("XDG_DATA_HOME") or home / ".local/share")
    data = [Path(entry) for entry in (host.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share").split(":") if entry]
    known = [
        *([Path(host["TF_PLUGIN_CACHE_DIR"])] if host.get("TF_PLUGIN_CACHE_DIR") else []),
        home / ".terraform.d/plugins",
        home / "Library/Application Support/io.terraform/plugins",
        Path("/Library/Application Support/io.terraform/plugins"),
        *(directory / "terraform/plugins" for directory in (data_home, *data)),
        cache_directory(host) / "plugins",
    ]
    prefixes = [home / ".terraform.d", home / ".cache", data_home, *data]
    prefixes += [Path("/opt"), Path("/opt/homebrew/share"), Path("/usr/local/lib"), Path("/usr/lib")]
    searched = (
        found.parent for prefix in prefixes for depth in ("*", "*/*") for found in prefix.glob(f"{depth}/{REGISTRY}")
    )
    return [directory for directory in dict.fromkeys([*known, *searched]) if (directory / REGISTRY).is_dir()]


def init(
    terraform: Terraform,
    *,
    directory: Path,
    variables: Mapping[str, str],
    searched: Sequence[Path] | None = None,
    cache: Path | None = None,
) -> None:
    """`terraform init` in `directory`, with a registry or without.

    `searched` are directories with a provider tree each (default: `provider_directories`). Raises TerraformFailed for a
    configuration that is wrong, and ProviderMissing where a provider cannot be had.
    """
    cache = cache_directory(variables) if cache is None else cache
    try:
        _init_from_registry(terraform, directory=directory, variables=variables, cache=cache)
        return
    except TerraformFailed as failure:
        reason = UNREACHABLE.search(" ".join(failure.output.split()))
        if reason is None:
            raise
        unreachable = _clause(reason)
    log.info("terraform init: no registry: %s", unreachable)

    searched = provider_directories(variables) if searched is None else searched
    tried = [
        f"`terraform init` as this machine is set up: {unreachable}",
        f"provider directories on this machine: {', '.join(map(str, searched)) or 'there are none'}",
    ]
    mirror = directory / ".terraform" / "mirror"
    found: dict[Requirement, list[str]] = {}
    for requirement in required_providers(terraform, directory=directory, variables=variables):
        source = requirement.source
        found[requirement] = link_provider(source, platform=terraform.platform, mirror=mirror, searched=searched)
        if source == ARCHIVE and not found[requirement]:
            try:
                built = archive_provider.archive_provider(cache=cache, platform=terraform.platform, host=variables)
                found[requirement] = [_link(built, mirror / ARCHIVE / archive_provider.VERSION / terraform.platform)]
            except (archive_provider.BuildFailed, ToolMissing) as problem:
                tried.append(f"building {ARCHIVE} {archive_provider.VERSION} from its Go module: {problem}")
        log.info("mirror: %s: %s", requirement, ", ".join(found[requirement]) or "not found")
    if missing := [requirement for requirement, places in found.items() if not places]:
        raise ProviderMissing(_message(missing, tried, platform=terraform.platform))
    try:
        _init_from_mirror(terraform, directory=directory, variables=variables, mirror=mirror)
    except TerraformFailed as failure:
        places = ", ".join(itertools.chain.from_iterable(found.values()))
        tried.append(f"a mirror of what was found, {places}: {failure}")
        raise ProviderMissing(_message(list(found), tried, platform=terraform.platform)) from failure


def _init_from_registry(terraform: Terraform, *, directory: Path, variables: Mapping[str, str], cache: Path) -> None:
    """As the machine is set up; where it has no plugin cache, with ours, so that a provider is downloaded once."""
    if variables.get("TF_PLUGIN_CACHE_DIR"):
        terraform.run("init", directory=directory, variables=variables)
        return
    plugins = cache / "plugins"
    plugins.mkdir(parents=True, exist_ok=True)
    # The second setting: also without a lock file that knows the provider's hash already. There never is one here.
    ours = {"TF_PLUGIN_CACHE_DIR": str(plugins), "TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE": "true"}
    with (cache / "plugins.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # Terraform writes into the cache without asking who else does
        terraform.run("init", directory=directory, variables={**variables, **ours})


def _init_from_mirror(terraform: Terraform, *, directory: Path, variables: Mapping[str, str], mirror: Path) -> None:
    configuration = mirror.with_suffix(".tfrc")
    configuration.write_text(f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n}}\n')
    # A plugin cache would only come between the mirror and Terraform.
    kept = {name: value for name, value in variables.items() if not name.startswith("TF_PLUGIN_CACHE_")}
    terraform.run("init", directory=directory, variables=kept | {"TF_CLI_CONFIG_FILE": str(configuration)})


def required_providers(terraform: Terraform, *, directory: Path, variables: Mapping[str, str]) -> list[Requirement]:
    """What `terraform providers` lists, each source once, its versions joined; not what Terraform has built in."""
    printed = terraform.run("providers", directory=directory, variables=variables, level=logging.DEBUG)
    versions: dict[str, list[str]] = {}
    for source, constraint in re.findall(r"provider\[([^\]]+)\] ?(.*)", printed):
        if not source.startswith("terraform.io/builtin/"):
            versions.setdefault(source, []).append(constraint.strip())
    return [Requirement(source, ", ".join(filter(None, all_of))) for source, all_of in sorted(versions.items())]


def link_provider(source: str, *, platform: str, mirror: Path, searched: Iterable[Path]) -> list[str]:
    """Links every version of the provider that is there for this machine into `mirror`; returns where they were found.

    A directory is linked at the platform's level: Terraform follows no link at the version's.
    """
    directories = itertools.chain.from_iterable((place / source).glob(f"*/{platform}") for place in searched)
    archives = itertools.chain.from_iterable((place / source).glob(f"*_{platform}.zip") for place in searched)
    linked = []
    for found in itertools.chain(directories, archives):
        place = mirror / source / (found.name if found.is_file() else f"{found.parent.name}/{platform}")
        if not place.exists():
            linked.append(_link(found, place))
    return linked


def _link(target: Path, place: Path) -> str:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(target.resolve())
    return str(target)


def _clause(reason: re.Match) -> str:
    """Terraform's words from the match on, up to the end of that error."""
    words = reason.string[reason.start() : reason.start() + 400]
    return re.split(r" To see which modules| Error: ", words)[0].strip()


def _message(missing: Sequence[Requirement], tried: Sequence[str], *, platform: str) -> str:
    names = " and ".join(map(str, missing))
    example = f"{missing[0].source}/VERSION/{platform}"
    steps = "\n".join(f"  {number}. {step}" for number, step in enumerate(tried, 1))
    return (
        f"Terraform needs {names} for {platform}, and it is not to be had. What was tried:\n{steps}\n"
        "One of these helps: a machine from which `terraform init` reaches a registry; TF_CLI_CONFIG_FILE set to a CLI "
        "configuration with your own mirror; TF_PLUGIN_CACHE_DIR set to a directory that has the provider; or the "
        f"provider's program in {Path.home()}/.terraform.d/plugins/{example}/."
    )
