"""Where providers come from when no registry answers. Terraform itself is the real one; it runs no provider at init."""

import logging
import socket
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.tools import archive_provider, providers
from tests.tools.providers import ProviderMissing, Requirement, link_provider, provider_directories
from tests.tools.terraform import Terraform, TerraformFailed, terraform_variables
from tests.unit.tools.conftest import Program

SOURCE = "registry.terraform.io/routeproof/fake"
CONFIGURATION = """
terraform {{
  required_providers {{
    fake = {{
      source  = "{source}"
      version = "{version}"
    }}
  }}
}}
"""


@pytest.fixture
def variables(tmp_path: Path) -> Mapping[str, str]:
    """An environment from which no registry can be reached: the proxy's port is closed."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    host = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "HTTPS_PROXY": f"http://127.0.0.1:{port}"}
    return terraform_variables(host, aws={})


def module(directory: Path, *, source: str = "routeproof/fake", version: str = ">= 1.0") -> Path:
    directory.mkdir()
    (directory / "terraform.tf").write_text(CONFIGURATION.format(source=source, version=version))
    return directory


def provider(place: Path, version: str, platform: str, *, source: str = SOURCE) -> Path:
    """A provider's directory as it is in a mirror."""
    directory = place / source / version / platform
    directory.mkdir(parents=True)
    program = directory / f"terraform-provider-fake_v{version}"
    program.write_text("never run")
    program.chmod(0o755)
    return directory


def test_mirror_of_what_is_on_the_machine(
    tmp_path: Path, real_terraform: Terraform, variables: Mapping[str, str], caplog: pytest.LogCaptureFixture
):
    place, platform = tmp_path / "somewhere", real_terraform.platform
    found = provider(place, "1.2.3", platform)
    directory = module(tmp_path / "module")
    with caplog.at_level(logging.INFO):
        providers.init(
            real_terraform, directory=directory, variables=variables, searched=[place], cache=tmp_path / "cache"
        )
    installed = directory / ".terraform/providers" / SOURCE / "1.2.3" / platform
    assert installed.resolve() == found
    assert "terraform init: no registry: could not connect to registry.terraform.io: " in caplog.text
    assert f"mirror: {SOURCE} (>= 1.0.0): {found}" in caplog.messages


def test_nothing_found(tmp_path: Path, real_terraform: Terraform, variables: Mapping[str, str]):
    directory = module(tmp_path / "module")
    with pytest.raises(ProviderMissing) as missing:
        providers.init(real_terraform, directory=directory, variables=variables, searched=[], cache=tmp_path / "cache")
    first, *tried, advice = str(missing.value).splitlines()
    assert first == (
        f"Terraform needs {SOURCE} (>= 1.0.0) for {real_terraform.platform}, and it is not to be had. What was tried:"
    )
    assert len(tried) == 2
    assert tried[0].startswith(
        "  1. `terraform init` as this machine is set up: could not connect to registry.terraform.io: "
    )
    assert tried[1] == "  2. provider directories on this machine: there are none"
    for setting in ("TF_CLI_CONFIG_FILE", "TF_PLUGIN_CACHE_DIR", f"{SOURCE}/VERSION/{real_terraform.platform}/"):
        assert setting in advice


def test_only_a_version_that_does_not_fit(tmp_path: Path, real_terraform: Terraform, variables: Mapping[str, str]):
    found = provider(tmp_path / "somewhere", "0.9.0", real_terraform.platform)
    directory = module(tmp_path / "module")
    with pytest.raises(ProviderMissing) as missing:
        providers.init(
            real_terraform,
            directory=directory,
            variables=variables,
            searched=[tmp_path / "somewhere"],
            cache=tmp_path / "cache",
        )
    assert f"3. a mirror of what was found, {found}: `terraform init` ended with exit code 1\n" in str(missing.value)
    assert "no available releases match the given constraints >= 1.0.0" in " ".join(str(missing.value).split())


def test_own_mirror_without_the_provider(tmp_path: Path, real_terraform: Terraform, variables: Mapping[str, str]):
    """A CLI configuration that leads to no registry is as good as no registry."""
    own = tmp_path / "own.tfrc"
    own.write_text(f'provider_installation {{ filesystem_mirror {{ path = "{tmp_path}/own" }} }}')
    (tmp_path / "own").mkdir()
    provider(tmp_path / "somewhere", "1.0.0", real_terraform.platform)
    directory = module(tmp_path / "module")
    providers.init(
        real_terraform,
        directory=directory,
        variables={**variables, "TF_CLI_CONFIG_FILE": str(own)},
        searched=[tmp_path / "somewhere"],
        cache=tmp_path / "cache",
    )
    assert (directory / ".terraform/providers" / SOURCE / "1.0.0").is_dir()


@pytest.mark.parametrize(
    ("version", "words"),
    [
        (">= 1.0 or so", "Invalid version constraint"),
        ('>= 1.0"\nnonsense = "', "Unsupported argument|Invalid required_prov"),
    ],
)
def test_configuration_that_is_wrong(
    tmp_path: Path, real_terraform: Terraform, variables: Mapping[str, str], version: str, words: str
):
    """It is said as Terraform says it, and nothing else is tried."""
    directory = module(tmp_path / "module", version=version)
    with pytest.raises(TerraformFailed, match=words):
        providers.init(real_terraform, directory=directory, variables=variables, cache=tmp_path / "cache")
    assert not (directory / ".terraform/mirror").exists()


def test_version_that_no_mirror_of_the_machine_has(
    tmp_path: Path, real_terraform: Terraform, variables: Mapping[str, str]
):
    """Something answered, and said that there is no such version: that too is the configuration."""
    provider(tmp_path / "own", "0.9.0", real_terraform.platform)
    own = tmp_path / "own.tfrc"
    own.write_text(f'provider_installation {{ filesystem_mirror {{ path = "{tmp_path}/own" }} }}')
    directory = module(tmp_path / "module")
    with pytest.raises(TerraformFailed, match="no available releases match"):
        providers.init(
            real_terraform,
            directory=directory,
            variables={**variables, "TF_CLI_CONFIG_FILE": str(own)},
            cache=tmp_path / "cache",
        )


def test_archive_provider_that_cannot_be_built(
    tmp_path: Path, program: Program, real_terraform: Terraform, variables: Mapping[str, str]
):
    program("go", '[ "$1" = env ] && echo go1.99.0 && exit; echo "dial tcp: no such host" >&2; exit 1')
    directory = module(tmp_path / "module", source="hashicorp/archive")
    with pytest.raises(ProviderMissing) as missing:
        providers.init(
            real_terraform,
            directory=directory,
            variables={**variables, "PATH": f"{tmp_path}/bin:/usr/bin:/bin"},
            searched=[],
            cache=tmp_path / "cache",
        )
    third = str(missing.value).splitlines()[3:5]
    assert third[0].startswith(
        f"  3. building registry.terraform.io/hashicorp/archive 1.3.0 from its Go module: `{tmp_path}/bin/go build "
    )
    assert third[0].endswith(f"` in {archive_provider.PIN} ended with exit code 1")
    assert third[1] == "dial tcp: no such host"


def test_places_that_are_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    host = {
        "TF_PLUGIN_CACHE_DIR": str(tmp_path / "plugins"),
        "XDG_DATA_HOME": str(tmp_path / "data"),
        "XDG_DATA_DIRS": f"{tmp_path}/usr-local:{tmp_path}/usr",
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
    }
    places = [
        tmp_path / "plugins",
        tmp_path / "home/.terraform.d/plugins",
        tmp_path / "data/terraform/plugins",
        tmp_path / "usr-local/terraform/plugins",
        tmp_path / "usr/terraform/plugins",
        tmp_path / "cache/routeproof/plugins",
        tmp_path / "home/.terraform.d/plugin-cache",
        tmp_path / "usr/some/thing",
    ]
    assert set(provider_directories(host)).isdisjoint(places)
    for place in places:
        (place / "registry.terraform.io").mkdir(parents=True)
    (tmp_path / "usr/some/where/deeper/registry.terraform.io").mkdir(parents=True)
    assert [place for place in provider_directories(host) if tmp_path in place.parents] == places


def test_links(tmp_path: Path):
    """At the platform's level, from the first place that has the version; packed ones too; no other platform."""
    first, second, mirror = tmp_path / "first", tmp_path / "second", tmp_path / "mirror"
    one = provider(first, "1.0.0", "linux_amd64")
    provider(second, "1.0.0", "linux_amd64")
    two = provider(second, "2.0.0", "linux_amd64")
    provider(second, "3.0.0", "darwin_arm64")
    packed = second / SOURCE / "terraform-provider-fake_4.0.0_linux_amd64.zip"
    packed.touch()
    (second / SOURCE / "terraform-provider-fake_5.0.0_darwin_arm64.zip").touch()
    found = link_provider(SOURCE, platform="linux_amd64", mirror=mirror, searched=[first, second])
    assert found == [str(one), str(two), str(packed)]
    links = {file.relative_to(mirror / SOURCE): file.readlink() for file in mirror.rglob("*") if file.is_symlink()}
    assert links == {
        Path("1.0.0/linux_amd64"): one,
        Path("2.0.0/linux_amd64"): two,
        Path("terraform-provider-fake_4.0.0_linux_amd64.zip"): packed,
    }


def test_requirements(tmp_path: Path, real_terraform: Terraform, variables: Mapping[str, str]):
    """Without the provider that Terraform has built in; a child module narrows the versions."""
    directory = module(tmp_path / "module")
    resources = 'resource "terraform_data" "built_in" {}\nresource "null_resource" "without_versions" {}\n'
    (directory / "resources.tf").write_text(resources + 'module "child" { source = "./child" }\n')
    module(directory / "child", version="< 2.0")
    real_terraform.run("get", directory=directory, variables=variables)
    assert providers.required_providers(real_terraform, directory=directory, variables=variables) == [
        Requirement("registry.terraform.io/hashicorp/null", ""),
        Requirement(SOURCE, ">= 1.0.0, < 2.0.0"),
    ]
