"""Markdown, read back with a parser of GitHub's dialect."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from routeproof.catalogue import catalogue
from routeproof.cli import main
from routeproof.report import Report, RootReport, report
from routeproof.reporters import markdown
from tests.unit.reporters.hostile import CONVENTIONS, NAMES

ROOT = Path(__file__).resolve().parents[3]
ON_GITHUB = {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "a/b", "GITHUB_SHA": "c0ffee"}


class Page(HTMLParser):
    """The rendered page's tables, as rows of texts, and every tag and link in it."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.in_cell = False
        self.feed(MarkdownIt("gfm-like", {"linkify": False, "html": True}).render(source))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")
            self.in_cell = True
        elif tag == "a":
            self.links.append(dict(attrs)["href"] or "")

    def handle_data(self, data: str) -> None:
        if self.in_cell:
            self.tables[-1][-1][-1] += data

    def handle_endtag(self, tag: str) -> None:
        self.in_cell = self.in_cell and tag not in ("td", "th")


def test_every_name_stays_in_its_cell_as_text(hostile: Report) -> None:
    page = Page(markdown.render(hostile, CONVENTIONS, environment={}))
    counts, unread, found = page.tables
    assert counts[0][:3] == ["root modules", "pass", "fail"]
    assert counts[1] == ["1", "1", str(len(NAMES) - 3), "1", "1", "1", "2", "1"]
    assert unread[1][0] == r"unread/::error file=b::`<b>|*\u202e*\n.tf:1"
    assert {len(row) for row in found} == {5}
    addresses = [row[2].replace("\u200b", "") for row in found]
    assert 'aws_cloudwatch_log_group.each["a|b`c*d*_e_[f](javascript:g)"]' in addresses
    assert 'aws_cloudwatch_log_group.each["<script>alert(1)</script>&amp;"]' in addresses
    assert r'aws_cloudwatch_log_group.each["@someone #1 $x$ ~~y~~"]' in addresses
    assert page.tags == {"h2", "p", "table", "thead", "tbody", "tr", "th", "td", "code", "br", "strong"}
    assert page.links == []


def test_nobody_is_notified_and_no_formula_is_drawn(hostile: Report) -> None:
    """GitHub looks for mentions in what Markdown has made, and for formulas before that."""
    source = markdown.render(hostile, CONVENTIONS, environment={})
    assert "$" not in source
    assert not re.search(r"@\w|#\d", html.unescape(source))


def test_failures_first_and_nothing_that_is_accepted(hostile: Report) -> None:
    rows = Page(markdown.render(hostile, CONVENTIONS, environment={})).tables[-1][1:]
    assert [row[0] for row in rows] == ["fail"] * (len(NAMES) - 3) + ["error", "unproven"]
    (plain,) = [row for row in rows if "plain" in row[2]]
    assert plain[1:] == [
        "RETENTION",
        'aws_cloudwatch_log_group.each["plain"]',
        "infra/main.tf:10",
        '"plain" has 13 daysFix: Write 14.',
    ]


def test_only_a_convention_is_said_to_be_explained(hostile: Report) -> None:
    hint = "Why a convention, and how to keep it: `routeproof explain "
    assert f"\n{hint}RETENTION`\n" in markdown.render(hostile, CONVENTIONS, environment={})
    broken = {"BROKEN": CONVENTIONS["BROKEN"]}
    assert f"\n{hint}BROKEN`\n" in markdown.render(hostile, broken, environment={})
    assert hint not in markdown.render(hostile, {}, environment={})


def test_places_are_links_on_github_actions(hostile: Report) -> None:
    page = Page(markdown.render(hostile, CONVENTIONS, environment=ON_GITHUB))
    blob = "https://github.com/a/b/blob/c0ffee"
    assert page.links[0] == f"{blob}/unread/%3A%3Aerror%20file%3Db%3A%3A%60%3Cb%3E%7C%2A%E2%80%AE%2A%0A.tf#L1"
    assert set(page.links[1:]) == {f"{blob}/infra/main.tf#L{line}" for line in (10, 20, 23)}


@pytest.mark.parametrize("limit", [markdown.LIMIT, 5_000])
def test_what_has_no_room_is_counted(limit: int, hostile: Report) -> None:
    (root,) = hostile.roots
    many = replace(hostile, roots=(RootReport(root.root, root.results * 400),))
    source = markdown.render(many, CONVENTIONS, environment=ON_GITHUB, limit=limit)
    assert limit * 0.9 < len(source.encode()) <= limit
    tables = Page(source).tables
    left = re.search(r"\n\*\*(\d+) more had no room here\.\*\*\n$", source)
    assert left is not None
    assert len(tables[-1]) - 1 + int(left[1]) == 400 * (len(NAMES) - 3 + 2)
    assert {row[0] for row in tables[-1][1:]} == {"fail"}


def test_the_limit_holds_wherever_the_last_row_ends(hostile: Report) -> None:
    (root,) = hostile.roots
    many = replace(hostile, roots=(RootReport(root.root, root.results * 3),))
    for limit in range(4_000, 4_500, 9):
        source = markdown.render(many, CONVENTIONS, environment=ON_GITHUB, limit=limit)
        assert limit - 600 < len(source.encode()) <= limit
        assert source.endswith(" more had no room here.**\n")


@pytest.mark.parametrize(
    ("content", "heading"),
    [
        ('resource "aws_cloudwatch_log_group" "a" {}\n', "1 failure"),
        ('resource "aws_cloudwatch_log_group" "a" {\n  retention_in_days = 14\n}\n', "nothing fails"),
        ("resource\n", "not to be trusted: not everything was judged"),
    ],
)
def test_the_heading_says_how_it_went(
    content: str, heading: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("main.tf").write_text(content)
    main(["check", "--format", "markdown"])
    assert capsys.readouterr().out.splitlines()[0] == f"## Routeproof: {heading}"


def test_the_request_path_is_drawn(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    assert main(["check", "--output", f"markdown={here / 'summary.md'}"]) == 0
    source = (here / "summary.md").read_text()
    assert "\n### Request path of terraform\n" in source
    assert source.count("```mermaid\nflowchart LR\n") == 1
    assert main(["check", "--format", "markdown"]) == 0
    assert capsys.readouterr().out.endswith(source)


def test_a_request_path_that_has_no_room_is_left_out_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    judged = report([Path("terraform")], catalogue().values(), routes=True)
    source = markdown.render(judged, catalogue(), environment={}, limit=500)
    assert "```" not in source
    assert source.endswith("\n**1 more had no room here.**\n")
