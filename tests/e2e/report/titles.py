"""Names of files and tests, as words for a reader."""

from __future__ import annotations

import re

from tests.e2e.report.evidence import beginning

# The first groups on the page. What is not here follows in the order in which it ran, named after its file.
SUBJECTS = {
    "test_hello": "The hello stack",
    "test_redeploy": "Redeployed in place, and side by side",
    "test_symptoms": "What each defect does",
    "test_surfaces_agree": "Every surface says the same",
    "test_live_stack": "What is live of the stack",
    "test_live_account": "What is live in an account",
    "test_plan": "Plans",
    "test_drift": "Drift from the source",
    "test_local_cors": "CORS",
    "test_local_only": "Nothing leaves this machine",
    "test_interrupted": "Runs that are broken off",
}
WORDS = {"api": "API", "aws": "AWS", "cors": "CORS", "http": "HTTP", "json": "JSON", "tls": "TLS", "url": "URL"}
PARAMETER = 200  # characters


def file_of(node_id: str) -> str:
    """`tests/e2e/test_hello.py::test_curl` -> `test_hello`."""
    return re.sub(r".*/|\.py$", "", node_id.partition("::")[0])


def title_of(file: str) -> str:
    """A file's subject, for people: `test_local_access_logs` -> `The local endpoint: access logs`."""
    if file in SUBJECTS:
        return SUBJECTS[file]
    name = file.removeprefix("test_")
    local = name.removeprefix("local_")
    return f"The local endpoint: {_words(local)}" if local != name else _capital(_words(name))


def readable(node_id: str) -> tuple[str, str]:
    """`...::test_unknown_route[GET-/nothing]` -> a sentence, `Unknown route`, and its parameter, `GET-/nothing`."""
    name, _, parameter = node_id.partition("::")[2].partition("[")
    if not name:
        return "The file is read", ""
    shown, left_out = beginning(parameter.removesuffix("]"), PARAMETER)
    return _capital(_words(name.split("::")[-1].removeprefix("test_"))), shown + ("…" if left_out else "")


def _words(name: str) -> str:
    return " ".join(WORDS.get(word, word) for word in name.split("_"))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
