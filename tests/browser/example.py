"""A run in which everything went wrong, and everything that was sent or read is hostile or endless."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.e2e.report import evidence
from tests.e2e.report.evidence import NOTHING, Call, Command, Evidence, LogRead, beginning, end
from tests.e2e.report.model import Run, run_of

BEGAN = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
HOST = "https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com"
# Each would change `document.title`, send a request or break out of where it stands, were it not text.
HOSTILE = (
    "<script>document.title='taken over'</script>",
    "</pre></details><img src=https://attacker.example/a.png onerror=\"document.title='taken over'\">",
    "<style>*{display:none}</style><link rel=stylesheet href=//attacker.example/a.css>",
    "\"'><svg onload=document.title='taken-over'>",
    "{{ 7 * 7 }}{% raw %}</title><base href=https://attacker.example/>",
    "<iframe srcdoc='<script>parent.document.title=1</script>'></iframe><meta http-equiv=refresh content=0;url=//x>",
    "\x1b[31mred\x1b[0m\x00 \u202eright to left\u2066 \ud800 \ufeff",
    "]]> --> */ &lt;b&gt; &amp;amp; javascript:alert(1)",
)
ENDLESS = "x" * 9_000  # nothing to break a line at
ASSERTION = """\
    def test_requests(url, caller):
>       assert response.status_code == 200
E       assert 500 == 200
E        +  where 500 = <Response [500]>.status_code
"""


def call(path: str, *, status: int | None = 200, body: str = "", sent: tuple[tuple[str, str], ...] = ()) -> Call:
    received = (("content-type", "application/json"), ("apigw-requestid", "Kx1aBh9moAMEJ2w="))
    return Call(
        method="GET",
        url=beginning(HOST + path, evidence.URL),
        sent=sent,
        sent_body=NOTHING,
        status=status,
        reason="OK" if status == 200 else "",
        received=evidence.headers(received) if status else (),
        body=beginning(body, evidence.BODY),
        problem="" if status else "ConnectTimeout: no answer within 35 s " + ENDLESS[:500],
        seconds=0.0123,
    )


def report(
    test: str, when: str, found: Evidence, *, failure: str = "", outcome: str = "", seconds: float = 0.4
) -> pytest.TestReport:
    sections = [("Captured stdout call", "\n".join(HOSTILE) + "\n" + ENDLESS)] if failure else []
    made = pytest.TestReport(
        nodeid=f"tests/e2e/{test}",
        location=("", 0, ""),
        keywords={},
        outcome=outcome or ("failed" if failure else "passed"),
        longrepr=failure or None,
        when=when,
        sections=[*sections, ("terraform.tfstate of -e2e-1", '"password": "a secret of the state"')] if failure else [],
        duration=seconds,
        user_properties=[("requests at once", 200)] if when == "call" else [],
    )
    made.evidence = evidence.plain(found)
    made.says, made.subject = HOSTILE[0], "The stack, deployed by Terraform, and " + HOSTILE[1]
    return made


def hostile_run() -> Run:
    """Failures in each phase, a broken-off test, hostile texts in every place, and hundreds of passes."""
    deployed = Evidence(
        (
            Command("terraform init", "", end("Terraform has been initialized!", evidence.OUTPUT), 1.04),
            Command(
                "terraform apply -auto-approve",
                "ended with exit code 1",
                end("\n".join(HOSTILE) + ENDLESS, 3_000),
                11.3,
            ),
        ),
        versions=(("Terraform", "1.11.4"), ("hashicorp/aws", "5.100.0"), (HOSTILE[3], ENDLESS[:60])),
    )
    asked = Evidence(
        (
            call("/hello", status=500, body='{"message":"Internal Server Error"}', sent=(("Origin", HOSTILE[3]),)),
            call(f"/{ENDLESS}?{HOSTILE[1]}", body="\n".join(HOSTILE) + ENDLESS),
            call("/nothing", status=None),
            Command(f"curl --header '{HOSTILE[0]}' {ENDLESS[:800]}", "", end("", evidence.OUTPUT), 0.07),
            LogRead(
                "/aws/apigw/hello-api-e2e-1",
                tuple(beginning(text, evidence.LOG_LINE) for text in (*HOSTILE, ENDLESS)),
                253,
                14,
                chosen=True,
            ),
        ),
        left_out={"GET → 200": 188, HOSTILE[0]: 3},
    )
    reports = [
        report(
            "test_hello.py::test_url_has_no_slash_at_its_end",
            "setup",
            deployed,
            failure="TerraformFailed: " + "\n".join(HOSTILE),
            seconds=12.9,
        ),
        report("test_hello.py::test_requests", "setup", Evidence()),
        report("test_hello.py::test_requests", "call", asked, failure=ASSERTION + ENDLESS * 3),
        report(f"test_hello.py::test_{ENDLESS[:120]}[{HOSTILE[0]}]", "call", asked),
        report(
            "test_hello.py::test_what_is_deployed_is_listed",
            "teardown",
            Evidence(),
            failure="LeftBehind: there still are 3",
        ),
        report("test_local_cors.py::test_preflight", "call", Evidence(), outcome="skipped"),
        *(
            report(
                f"test_local_parts.py::test_cases[{number}-{ENDLESS[:number]}]",
                "call",
                Evidence((call(f"/{number}", body="{}"),)),
            )
            for number in range(200)
        ),
    ]
    return run_of(
        reports,
        exit_code=2,
        planned=260,
        began=BEGAN,
        ended=BEGAN + timedelta(minutes=4, seconds=12),
        unfinished=["tests/e2e/test_redeploy.py::test_side_by_side"],
        evidence=Evidence((call("/again"),)),
        place="",
        commit="4c585ea94324, with changes",
    )
