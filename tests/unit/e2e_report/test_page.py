"""The end-to-end tests' report as a page: what is in it is text, whatever it is, and there is not too much of it."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from pathlib import Path

import pytest

from tests.browser.example import BEGAN, ENDLESS, HOSTILE, call, hostile_run, report
from tests.e2e.report import evidence, model, render
from tests.e2e.report.evidence import Evidence
from tests.e2e.report.model import Run, run_of
from tests.e2e.report.path import Paths, of_root
from tests.tools.environments import ROOT
from tests.unit.e2e_report.page import Element, read

PATHS = of_root(ROOT / "terraform")
# All that the page is made of: nothing that runs, loads or leads elsewhere.
TAGS = """
html head meta title style body a header main footer nav section h1 h2 h3 h4 h5 p span b strong code pre
ul li dl dt dd div details summary figure figcaption table thead tbody tr th td
svg symbol g defs marker path circle rect text use
"""


@pytest.fixture(scope="module")
def page() -> Element:
    return read(render.page(hostile_run(), PATHS))


def ran(*reports: pytest.TestReport, exit_code: int = 0, planned: int | None = None) -> Run:
    planned = len({one.nodeid for one in reports}) if planned is None else planned
    return run_of(reports, exit_code=exit_code, planned=planned, began=BEGAN, ended=BEGAN)


def test_hostile_text_is_text(page: Element):
    assert {element.tag for element in page.all()} <= set(TAGS.split())
    for element in page.all():
        for name, value in element.attributes.items():
            assert not name.startswith("on"), element
            assert name not in ("style", "src", "action", "srcdoc"), element
            assert name != "href" or (value or "").startswith("#"), element
    for text in HOSTILE:
        assert str(render.visible(text)) in page.text


def test_what_would_drive_a_display_is_an_escape():
    assert render.visible("a\x1b[31m\x00\u202e\ud800\ufeff") == "a\\u001b[31m\\u0000\\u202e\\ud800\\ufeff"
    assert render.visible("two\n\tlines, “quoted” 日本語") == "two\n\tlines, “quoted” 日本語"


def test_the_policy_lets_nothing_in_but_the_pages_own_style(page: Element):
    (policy,) = page.all("meta", **{"http-equiv": "Content-Security-Policy"})
    (style,) = page.all("style")
    digest = base64.b64encode(hashlib.sha256(style.text.encode()).digest()).decode()
    assert policy.attributes["content"] == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    assert "url(" not in style.text.replace("marker-end=url(#", "")
    assert "@import" not in style.text


def test_the_verdict_is_at_the_top(page: Element):
    (heading,) = page.all("h1")
    assert heading.text.strip() == "3 of 260 checks failed"
    (counts,) = page.all("p", class_="counts")
    assert " ".join(counts.text.split()) == "201 passed, 3 failed, 1 skipped, 1 not finished, 54 not run"
    facts = {fact.all("dt")[0].text: fact.all("dd")[0].text for fact in page.all("dl", class_="facts")[0].all("div")}
    assert (
        facts.items()
        >= {
            "When": "2026-11-23 09:30 UTC",
            "Took": "4 min 12 s",
            "Where": "this machine, no AWS account",
            "Terraform": "1.11.4",
            "hashicorp/aws": "5.100.0",
            "Commit": "4c585ea94324, with changes",
        }.items()
    )


def test_failures_are_first_and_open(page: Element):
    (failures,) = page.all("section", class_="failures")
    linked = [link.text.strip() for link in failures.all("a")]
    assert linked == ["URL has no slash at its end", "Requests", "What is deployed is listed"]
    assert failures.all("code", class_="reason")[2].text == "LeftBehind: there still are 3"
    checks = page.all("details", class_="check")
    assert [check.all("h4")[0].text.strip() for check in checks if "open" in check.attributes] == linked
    assert ["failed" in str(check.attributes["class"]) for check in checks[:4]] == [True, True, True, False]
    assert [check.all("strong", class_="word")[0].text for check in checks[:3]] == ["failed"] * 3
    titles = [heading.text for heading in page.all("h3")]
    assert titles == ["The hello stack", "Redeployed in place, and side by side", "CORS", "The local endpoint: parts"]


def test_cases_of_one_test_are_folded_together(page: Element):
    (several,) = page.all("details", class_="several")
    assert several.all("summary")[0].text.split()[:3] == ["Cases", "200", "cases,"]
    assert "open" not in several.attributes
    assert len(several.all("details", class_="check")) == 200


def test_status_is_said_in_words_to_those_who_see_no_colour(page: Element):
    for check in page.all("details", class_="check"):
        said = check.all("summary")[0].text
        assert Counter(word in said for word in ("passed", "failed", "skipped", "not finished"))[True] == 1, said


def test_evidence_of_a_failure(page: Element):
    failed = page.all("details", class_="check")[1]
    assert failed.all("h4")[0].text.strip() == "Requests"
    first, endless, silent, curl, log = failed.all("details", class_="piece")
    assert " ".join(first.all("summary")[0].text.split()) == (
        "GET https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com/hello 500 12 ms"
    )
    request, response = first.all("pre")
    assert request.text.strip() == f"Origin: {HOSTILE[3]}"
    assert response.text.strip() == (
        "content-type: application/json\napigw-requestid: Kx1aBh9moAMEJ2w=\n\n" + '{"message":"Internal Server Error"}'
    )
    assert "more characters are not shown" in endless.text
    assert "no response" in silent.all("summary")[0].text
    assert "ConnectTimeout: no answer within 35 s" in silent.text
    assert "$ curl --header " in curl.all("summary")[0].text
    assert [*log.all("summary")[0].text.split()][:3] == ["log", "/aws/apigw/hello-api-e2e-1", "253"]
    assert "Those of the calls that are shown here; read 14 times." in log.text
    left_out = f"Not shown: 188 x GET → 200, 3 x {HOSTILE[0]}."
    assert left_out.replace(" x ", " \N{MULTIPLICATION SIGN} ") in " ".join(failed.text.split())
    assert "500 == 200" not in failed.all("pre", class_="failure")[0].text  # the end is shown, and this is at the start
    assert failed.all("p", class_="cut")[0].text.startswith("7,")


def test_failures_that_have_no_room_say_how_they_failed():
    """In a line, which is at the top as well."""
    failed = [report(f"test_hello.py::test_{n}", "call", Evidence(), failure=f"{n}" * 30_000) for n in range(400)]
    document = read(render.page(ran(*failed, exit_code=1), PATHS))
    last = document.all("details", class_="check")[-1]
    assert "Its evidence is not shown: the page would be too large." in last.text
    assert last.all("pre", class_="failure")[0].text == ("399" * 100)[:200]
    assert len(document.all("code", class_="reason")) == 400


def test_a_state_is_not_shown(page: Element):
    """It has sensitive values as they are."""
    assert "Captured stdout call" in page.text
    assert "a secret of the state" not in page.text
    assert "terraform.tfstate" not in page.text


def test_what_grants_access_is_not_shown():
    shown = evidence.headers(
        [("Authorization", "Bearer x"), ("Set-Cookie", "a=x"), ("x-api-key", "x"), ("Accept", "x")]
    )
    assert shown == (
        ("Authorization", "(not shown)"),
        ("Set-Cookie", "(not shown)"),
        ("x-api-key", "(not shown)"),
        ("Accept", "x"),
    )


def test_headers_are_bounded():
    shown = evidence.headers([("X-Long", ENDLESS), *[("X", "1")] * 100])
    assert shown[0] == ("X-Long", ENDLESS[:400] + "… (8,600 more characters)")
    assert shown[30:] == (("…", "71 more headers"),)


def test_a_page_stays_small_however_much_was_done():
    """Failures keep their evidence; the rest says that its own is not there."""
    much = Evidence(tuple(call("/hello", body="<" * 2_000) for _ in range(12)))
    passed = [report(f"test_local_parts.py::test_{number}", "call", much) for number in range(400)]
    failed = report("test_hello.py::test_requests", "call", much, failure="it failed")
    text = render.page(ran(*passed, failed, exit_code=1), PATHS)
    assert len(text) < 20_000_000
    document = read(text)
    assert len(document.all("details", class_="check")) == 401
    first, *others = document.all("details", class_="check")
    assert len(first.all("details", class_="piece")) == 12
    without = [check for check in others if "Its evidence is not shown: the page would be too large." in check.text]
    shown = [check for check in others if len(check.all("details", class_="piece")) == 12]
    assert len(without) + len(shown) == 400
    assert (len(without) > 200, len(shown) > 20) == (True, True)


def test_sections_and_failures_are_cut_at_their_beginning():
    failed = report("test_hello.py::test_curl", "call", Evidence(), failure="a" * 30_000 + "the end")
    (check,) = ran(failed, exit_code=1).checks
    assert (len(check.phases[0].failure.text), check.phases[0].failure.left_out) == (model.FAILURE, 10_007)
    assert check.phases[0].failure.text.endswith("the end")
    assert {len(text.text) for _, text in check.phases[0].sections} == {model.SECTION}


def test_an_account_and_credentials_are_not_shown():
    page = "arn:aws:iam::123456789012:role/x key-of-shell and 123456789012, token-of-shell"
    shell = {"AWS_SECRET_ACCESS_KEY": "key-of-shell", "AWS_SESSION_TOKEN": "token-of-shell", "AWS_ACCESS_KEY_ID": ""}
    assert render.without_secrets(page, "123456789012", shell) == (
        "arn:aws:iam::••••••••9012:role/x (AWS_SECRET_ACCESS_KEY) and ••••••••9012, (AWS_SESSION_TOKEN)"
    )
    assert render.without_secrets(page, None, shell) == page


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.0004, "0 ms"),
        (0.9994, "999 ms"),
        (0.9996, "1.0 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 0 s"),
        (3605, "60 min 5 s"),
    ],
)
def test_durations(seconds: float, shown: str):
    assert render.duration(seconds) == shown


def test_without_a_path_the_page_says_why(tmp_path: Path):
    (tmp_path / "main.tf").write_text('resource "aws_cloudwatch_log_group" {\n')
    passed = ran(report("test_hello.py::test_curl", "call", Evidence()))
    document = read(render.page(passed, of_root(tmp_path)))
    assert f"It is not drawn: {render.visible(of_root(tmp_path).problem)}" in document.text
    assert of_root(tmp_path).problem.endswith("main.tf:2:1: expected '}' here")
    assert document.all("figure") == []
    assert "None" not in read(render.page(passed, Paths("terraform", left_out=3))).text
    assert "3 more routes are not shown." in read(render.page(passed, Paths("terraform", left_out=3))).text
