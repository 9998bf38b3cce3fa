"""Each defect as it shows on what runs, and what the linter says of the same source before it is applied."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.e2e.client import Caller
from tests.e2e.conftest import Deploy
from tests.e2e.defects import DEFECTS, Defect, Edit, StaleEdit
from tests.e2e.deployment import Deployment, log_messages
from tests.e2e.together import REFERENCE, change_code, judged, write
from tests.e2e.waiting import within_deadline


@dataclass(frozen=True)
class Together:
    """What was said of the root module before it was applied; how it was deployed; the URL of /hello by copy."""

    check: Mapping[str, Any]
    path: Mapping[str, Any]
    deployment: Deployment
    urls: Mapping[str, str]

    def log_lines(self, name: str) -> list[dict[str, str]]:
        return [json.loads(line) for line in log_messages(f"/aws/apigw/{name}-hello-api{self.deployment.suffix}")]


@pytest.fixture(scope="module")
def together(deploy: Deploy) -> Together:
    said = {}

    def write_and_judge(place: Path) -> None:
        write(place)
        said.update({command: judged(command, place / "terraform") for command in ("check", "path")})

    deployment = deploy(write_and_judge)
    urls = {name: f"{url}/hello" for name, url in deployment.outputs().items()}
    return Together(said["check"], said["path"], deployment, urls)


@pytest.fixture(scope="module")
def changed(together: Together) -> None:
    """The code of two copies is changed, and that is applied."""
    change_code(together.deployment.directory)
    together.deployment.apply("-refresh=false")  # nothing else has changed


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_defect(together: Together, changed: None, caller: Caller, defect: Defect):
    """The linter names the defect, the defect alone, and at its place; and this is what comes of it."""
    said = [
        (result["convention"], result["verdict"], result["address"])
        for result in of_copy(defect.name, together.check["results"])
        if result["verdict"] != "pass"
    ]
    # A module's output is seen from outside through the root's, which has the copy's name.
    address = {"output.api_url": f"output.{defect.name}"}.get(defect.address, f"module.{defect.name}.{defect.address}")
    assert said == [(defect.convention, defect.verdict, address)]
    status = {"fail": "broken", "unproven": "unproven"}[defect.verdict]
    assert unproven_links(together, defect.name) == {(defect.link, status)}
    within_deadline(lambda: shows(together, caller, defect))


def test_changed_code_is_deployed(together: Together, changed: None, caller: Caller):
    """What `no-code-hash` lacks: with it, the same change of the code is deployed by the same apply."""

    def answers() -> None:
        assert caller.get(together.urls[REFERENCE]).json()["message"] == "Hello again!"

    within_deadline(answers)


def of_copy(name: str, results: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Those of the results that are about one copy of the stack."""
    return [
        result
        for result in results
        if result["address"] == f"output.{name}" or (result["address"] or "").startswith(f"module.{name}.")
    ]


def unproven_links(together: Together, name: str) -> set[tuple[str, str]]:
    """Kind and status of every link that is not proven on the path of the copy's only route."""
    (route,) = [route for route in together.path["routes"] if route["route"].startswith(f"module.{name}.")]
    return {(link["kind"], link["status"]) for link in route["links"] if link["status"] != "proven"}


def shows(together: Together, caller: Caller, defect: Defect) -> None:
    symptom = defect.symptom
    response = caller.get(together.urls[defect.name])
    assert (response.status_code, response.text) == (symptom.status, symptom.body)
    # Lines come in order: once the reference stack has its line for a later call, the earlier one's are all there.
    later = caller.get(together.urls[REFERENCE])
    within_deadline(lambda: find_line(together, later))
    lines = together.log_lines(defect.name)
    if symptom.log_lines:
        lines = [line for line in lines if line["requestId"] == response.headers["apigw-requestid"]]
        assert [line["status"] for line in lines] == [str(symptom.status)] * symptom.log_lines
    else:
        assert lines == []


def find_line(together: Together, response: requests.Response) -> None:
    lines = together.log_lines(REFERENCE)
    assert response.headers["apigw-requestid"] in [line["requestId"] for line in lines]


def test_reference_has_no_defect(together: Together):
    """What is said of the defects' copies comes of the edits alone."""
    assert {result["verdict"] for result in of_copy(REFERENCE, together.check["results"])} == {"pass"}
    assert unproven_links(together, REFERENCE) == set()


def test_every_copy_is_judged(together: Together):
    copies = {defect.name for defect in DEFECTS} | {REFERENCE}
    assert {route["route"].split(".")[1] for route in together.path["routes"]} == copies == together.urls.keys()


def test_stale_edit(tmp_path: Path):
    """An edit that no longer fits the stack says so; it does not leave the reference stack to be tested."""
    (tmp_path / "file.tf").write_text("a = 1\na = 1\n")
    for old, count in (("b", 0), ("a = 1", 2)):
        with pytest.raises(StaleEdit, match=f"file.tf has {old} {count} times, and not once"):
            Edit("file.tf", old).apply(tmp_path)
    Edit("file.tf", "a = 1\na", "b").apply(tmp_path)
    assert (tmp_path / "file.tf").read_text() == "b = 1\n"
