"""Sessions of an editor with the language server, over its stdin and stdout."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.lsp.session import Session, session

GROUP = 'resource "aws_cloudwatch_log_group" "{}" {{\n  name = "{}"\n}}\n'
A, B = GROUP.format("a", "a"), GROUP.format("b", "b")
FOREVER = "retention_in_days is not set, so the events never expire"
FIX = "Fix: Set retention_in_days to a number of days that CloudWatch accepts, for example 14."
PAGE = "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    return tmp_path.resolve()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with session(tmp_path_factory.mktemp("editor").resolve()) as found:
        yield found


@pytest.fixture
def editor(running: Session) -> Iterator[Session]:
    """A session in which nothing is open."""
    yield running
    running.close_all()


def put(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def span(line: int, start: int, end: int) -> dict[str, Any]:
    """A range of one line, from 0."""
    return {"start": {"line": line, "character": start}, "end": {"line": line, "character": end}}


def expires_never(line: int, start: int = 0) -> dict[str, Any]:
    """The diagnostic at a log group's header."""
    return {
        "range": span(line, start, start + 39),
        "message": f"{FOREVER}\n{FIX}",
        "severity": 1,
        "code": "LOG_RETENTION",
        "codeDescription": {"href": PAGE},
        "source": "routeproof",
        "relatedInformation": [],
    }


def test_findings_come_and_go(editor: Session, repository: Path) -> None:
    """As they are typed; what is on disk does not count then, until the file is closed."""
    path = put(repository / "main.tf", A + B)
    assert editor.open(path) == [expires_never(0), expires_never(3)]
    fixed = A.replace("}", "  retention_in_days = 14\n}") + B
    assert editor.type(path, fixed) == [expires_never(4)]
    assert editor.type(path, fixed.replace(B, "")) == []
    assert editor.type(path, A) == [expires_never(0)]
    editor.close(path)
    assert editor.shown(path) == []


def test_half_written_code(editor: Session, repository: Path) -> None:
    """The error, and what was found before, where that is now; nothing of the line that is being written."""
    path = put(repository / "main.tf", A + B)
    editor.open(path)
    half = f'{A}resource "aws_lambda_function" "f\n\n{B}'
    error, *kept = editor.type(path, half)
    message = 'this is not valid Terraform syntax near \'resource "aws_lambda_function" "f\''
    assert error == {"range": span(3, 0, 33), "message": message, "severity": 1, "source": "routeproof"}
    assert kept == [expires_never(0), expires_never(5)]
    _, *kept = editor.type(path, half.replace('log_group" "b" {', "log_gro"))
    assert kept == [expires_never(0)]
    assert editor.type(path, A + "\n" + B) == [expires_never(0), expires_never(4)]


def test_a_file_that_never_parsed(editor: Session, repository: Path) -> None:
    """Its module is not judged, and others are."""
    other = put(repository / "other" / "main.tf", A)
    assert editor.open(other) == [expires_never(0)]
    path = put(repository / "broken" / "main.tf", "variable\n")
    put(repository / "broken" / "logs.tf", A)
    message = "this is not valid Terraform syntax near 'variable'"
    assert editor.open(path) == [{"range": span(0, 0, 8), "message": message, "severity": 1, "source": "routeproof"}]
    assert editor.type(other, B + B.replace('"b"', '"c"')) == [expires_never(0), expires_never(3)]
    assert editor.type(path, "") == []
    assert editor.shown(repository / "broken" / "logs.tf") == [expires_never(0)]


CALL = 'module "logs" {\n  source = "../modules/logs"\n  days   = 14\n}\n'
MODULE = 'variable "days" {}\n' + A.replace("}", "  retention_in_days = var.days\n}")


def test_a_module_is_judged_as_its_caller_calls_it(editor: Session, repository: Path) -> None:
    """While the caller is half-written too: by itself the module would have an unproven finding."""
    caller = put(repository / "live" / "main.tf", CALL)
    module = put(repository / "modules" / "logs" / "main.tf", MODULE)
    assert editor.open(module) == []
    assert editor.open(caller) == []
    assert editor.shown(module) == []
    (error,) = editor.type(caller, CALL.replace("14", ""))
    assert error["severity"] == 1
    assert editor.shown(module) == []
    assert editor.type(caller, CALL.replace("14", "15")) == []
    (wrong,) = editor.shown(module)
    assert (wrong["code"], wrong["range"]) == ("LOG_RETENTION", span(3, 22, 30))
    assert wrong["message"].startswith("retention_in_days is 15, which CloudWatch does not accept\n")


def test_a_module_of_two_root_modules_shows_a_finding_once(editor: Session, repository: Path) -> None:
    module = put(repository / "modules" / "logs" / "main.tf", A)
    for name in ("dev", "live"):
        put(repository / name / "main.tf", CALL.replace("  days   = 14\n", ""))
    assert editor.open(module) == [expires_never(0)]


def test_a_file_that_is_not_open(editor: Session, repository: Path) -> None:
    """It has no version, is read again when it has changed, and is shown while a file of its module is open."""
    closed = put(repository / "logs.tf", A)
    path = put(repository / "main.tf", "")
    editor.open(path)
    assert [m["params"] for m in editor.said if m["params"]["uri"] == closed.as_uri()] == [
        {"uri": closed.as_uri(), "diagnostics": [expires_never(0)]}
    ]
    put(closed, B + A)
    editor.notify("workspace/didChangeWatchedFiles", changes=[{"uri": closed.as_uri(), "type": 2}])
    assert editor.shown(closed) == [expires_never(0), expires_never(3)]
    editor.close(path)
    assert editor.shown(closed) == []


def test_a_path_through_a_link(editor: Session, repository: Path) -> None:
    """The editor's own name for a file is kept."""
    put(repository / "stack" / "main.tf", A)
    (repository / "link").symlink_to("stack")
    assert editor.open(repository / "link" / "main.tf", A + B) == [expires_never(0), expires_never(3)]
    assert {message["params"]["uri"] for message in editor.said} == {(repository / "link" / "main.tf").as_uri()}


@pytest.mark.parametrize(("encoding", "units"), [(None, 2), ("utf-16", 2), ("utf-8", 4), ("utf-32", 1)])
def test_columns_count_as_the_editor_does(repository: Path, encoding: str | None, units: int) -> None:
    """UTF-16's code units, unless it prefers others."""
    before = "/* \U00010437 */ "
    path = put(repository / "main.tf", before + A)
    links = put(repository / "links.tf", 'locals {\n  a = "\U00010437" # routeproof:skip=LOG_RETENTION: a test\n}\n')
    general = {"general": {"positionEncodings": [encoding]}} if encoding else {}
    with session(repository, **general) as editor:
        assert editor.initialized["capabilities"]["positionEncoding"] == (encoding or "utf-16")
        start = len(before) - 1 + units
        assert editor.open(path) == [expires_never(0, start)]
        editor.open(links)
        (link,) = editor.on("documentLink", links)
        assert link == {
            "range": span(1, units + 27, units + 40),
            "target": PAGE,
            "tooltip": "Log groups expire their events",
        }
        assert editor.on("hover", path, position={"line": 0, "character": start - 1}) is None
        assert editor.on("hover", path, position={"line": 0, "character": start}) is not None


def actions(editor: Session, path: Path, line: int, *only: str) -> list[dict[str, Any]]:
    context = {"diagnostics": [], **({"only": only} if only else {})}
    found: list[dict[str, Any]] = editor.on("codeAction", path, range=span(line, 3, 3), context=context)
    return found


def test_fixes(editor: Session, repository: Path) -> None:
    """Of one finding, and of the file; on the lines that change, of the version that was judged."""
    path = put(repository / "main.tf", "")
    editor.open(path)
    editor.change(path, A + B)  # an action that comes before this is judged has it judged
    fix, all_ = actions(editor, path, 3)
    of_b = {"range": {**span(4, 0, 0), "end": {"line": 5, "character": 0}}}
    of_b["newText"] = '  name              = "b"\n  retention_in_days = 14\n'
    document = {"uri": path.as_uri(), "version": 2}
    assert fix == {
        "title": "Fix LOG_RETENTION: aws_cloudwatch_log_group.b",
        "kind": "quickfix",
        "diagnostics": [expires_never(3)],
        "isPreferred": True,
        "edit": {"documentChanges": [{"textDocument": document, "edits": [of_b]}]},
    }
    of_a = {
        "range": {**span(1, 0, 0), "end": {"line": 2, "character": 0}},
        "newText": of_b["newText"].replace("b", "a"),
    }
    assert (all_["title"], all_["kind"]) == ("Fix what Routeproof can fix in this file", "source.fixAll.routeproof")
    assert all_["edit"] == {"documentChanges": [{"textDocument": document, "edits": [of_a, of_b]}]}
    assert [action["kind"] for action in actions(editor, path, 3, "quickfix")] == ["quickfix"]
    assert [action["kind"] for action in actions(editor, path, 3, "source.fixAll")] == ["source.fixAll.routeproof"]
    assert actions(editor, path, 3, "refactor") == []


def test_half_written_code_is_not_fixed(editor: Session, repository: Path) -> None:
    path = put(repository / "main.tf", A)
    editor.open(path)
    assert len(editor.type(path, A + "resource")) == 2
    assert actions(editor, path, 0) == []


def test_a_fix_at_the_end_of_a_file_without_a_line_break(editor: Session, repository: Path) -> None:
    path = put(repository / "main.tf", 'resource "aws_cloudwatch_log_group" "a" {}')
    editor.open(path)
    fix, _ = actions(editor, path, 0)
    ((edit,),) = [change["edits"] for change in fix["edit"]["documentChanges"]]
    assert edit["range"] == span(0, 0, 42)
    assert edit["newText"] == 'resource "aws_cloudwatch_log_group" "a" {\n  retention_in_days = 14\n}'


def hover(editor: Session, path: Path, line: int) -> str:
    contents: dict[str, str] = editor.on("hover", path, position={"line": line, "character": 0})["contents"]
    assert contents["kind"] == "markdown"
    return contents["value"]


def test_hover(editor: Session, repository: Path) -> None:
    """The reason; of a suppressed failure that of the suppression too, though it is no diagnostic."""
    path = put(repository / "main.tf", f"{A}# routeproof:skip=LOG_RETENTION until=2099-01-01: it is for a test\n{B}")
    assert editor.open(path) == [expires_never(0)]
    said = hover(editor, path, 0)
    assert said == (
        f"**LOG_RETENTION**: Log groups expire their events\n\n```text\nfail: {FOREVER}\n{FIX}\n```\n\n"
        "A log group keeps its events forever unless it is told otherwise: the bill grows each month, and so does what "
        f"a leak exposes.\n\n<{PAGE}>"
    )
    assert hover(editor, path, 4) == said.replace(FIX, f"{FIX}\nSuppressed: it is for a test (until 2099-01-01)")
    assert editor.on("hover", path, position={"line": 1, "character": 0}) is None


def test_hostile_text_stays_in_its_block(editor: Session, repository: Path) -> None:
    hostile = "\\n```\\n[x](http://example.invalid)\u202e"
    path = put(repository / "main.tf", A.replace("}", f'  retention_in_days = "{hostile}"\n}}'))
    (found,) = editor.open(path)
    said = editor.on("hover", path, position=found["range"]["start"])["contents"]["value"]
    assert "example.invalid" in said
    assert "\u202e" not in said + found["message"]
    assert [line for line in said.splitlines() if line.startswith("```")] == ["```text", "```"]


OPEN_VALUE = 'variable "days" {}\n' + A.replace("}", "  retention_in_days = var.days\n}")


def test_unproven_is_a_warning_until_the_settings_say_otherwise(editor: Session, repository: Path) -> None:
    """They are read again when something is saved, and when the editor says that files have changed."""
    path = put(repository / "main.tf", OPEN_VALUE)
    (found,) = editor.open(path)
    assert (found["severity"], found["code"], found["range"]) == (2, "LOG_RETENTION", span(3, 22, 30))
    settings = put(repository / "routeproof.toml", 'unproven = "fail"\n')
    editor.notify("textDocument/didSave", textDocument={"uri": path.as_uri()})
    assert [one["severity"] for one in editor.shown(path)] == [1]
    put(settings, 'unproven = "maybe"\n')
    editor.notify("workspace/didChangeWatchedFiles", changes=[{"uri": settings.as_uri(), "type": 2}])
    assert [one["severity"] for one in editor.shown(path)] == [1]
    (wrong,) = editor.shown(settings)
    assert (wrong["range"]["start"]["line"], wrong["severity"]) == (0, 1)


OWN = """
from routeproof.convention import Convention, Example, failed

def check(stack, group):
    return failed(group, "it is ours")

CONVENTION = Convention(
    id="OURS",
    title="Ours",
    why="Why.",
    fix="Fix.",
    explains=("It is.",),
    subject="aws_cloudwatch_log_group",
    resource_types=("aws_cloudwatch_log_group",),
    check=check,
    good=Example(""),
    bad=Example("x", fails_at=(("a", 1),)),
    sources=("https://example.com/ours",),
)
"""


def test_conventions_of_the_repository_are_code(repository: Path) -> None:
    """Opening a file runs none of it, unless whoever starts the server said so."""
    put(repository / "routeproof.toml", 'conventions = ["own"]\nselect = ["OURS"]\n')
    put(repository / "own" / "ours.py", f"open({str(repository / 'ran')!r}, 'w').close()\n{OWN}")
    path = put(repository / "main.tf", A)
    with session(repository) as editor:
        assert editor.open(path) == []
        assert editor.type(path, A + B) == []
        messages = [one["params"] for one in editor.said if one["method"] == "window/showMessage"]
        why = "Routeproof: the settings name conventions, which are code; lsp --own-conventions runs them"
        assert messages == [{"type": 1, "message": why}]
    assert not (repository / "ran").exists()
    with session(repository, "--own-conventions") as editor:
        assert [(one["code"], one["codeDescription"]["href"]) for one in editor.open(path)] == [
            ("OURS", "https://example.com/ours")
        ]


def test_other_places_are_related(editor: Session, repository: Path) -> None:
    values = put(repository / "values.tf", 'variable "days" {}\n')
    path = put(repository / "main.tf", OPEN_VALUE.replace('variable "days" {}\n', ""))
    (found,) = editor.open(path)
    assert [related["location"]["uri"] for related in found["relatedInformation"]] == [values.as_uri()]


def test_what_is_no_terraform_file_on_disk(editor: Session, repository: Path) -> None:
    """A new one is judged once it has been saved."""
    new = repository / "new.tf"
    assert editor.open(new, A) == []
    assert editor.open(put(repository / "notes.md", "}")) == []
    put(new, A)
    editor.notify("textDocument/didSave", textDocument={"uri": new.as_uri()})
    assert editor.shown(new) == [expires_never(0)]


def test_changes_on_disk_are_watched(repository: Path) -> None:
    watching = {"didChangeWatchedFiles": {"dynamicRegistration": True}}
    with session(repository, workspace=watching) as editor:
        editor.open(put(repository / "main.tf", A))
        assert [request["method"] for request in editor.asked] == ["client/registerCapability"]
