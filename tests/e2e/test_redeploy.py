"""A second deployment beside the first: changed in place while it is called, and open to one origin alone."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import pytest

from tests.e2e import real_aws, tags
from tests.e2e.client import Caller
from tests.e2e.conftest import Deploy
from tests.e2e.defects import API, HANDLER, HELLO, Edit, block
from tests.e2e.deployment import Deployment, LeftBehind, copy_stack, remaining
from tests.e2e.waiting import within_deadline

ORIGIN = "https://example.com"
AGAIN = HELLO.replace("Hello from Lambda!", "Hello again!")
ROUTE = block(API, 'resource "aws_apigatewayv2_route" "hello" {')
CHANGES = (
    Edit(HANDLER, "Hello from Lambda!", "Hello again!"),
    Edit("terraform/variables.tf", "default     = 256", "default     = 512"),
    Edit(API, ROUTE, ROUTE + "\n" + ROUTE.replace('"hello"', '"again"').replace("GET /hello", "GET /again")),
)


@dataclass(frozen=True)
class Redeployed:
    """`answers`: status and body of every call of `url` while the changes were applied."""

    deployment: Deployment
    url: str
    answers: list[tuple[int, str]]


@pytest.fixture(scope="module")
def redeployed(deployment: Deployment, deploy: Deploy, caller: Caller) -> Redeployed:
    """The first deployment is there already."""

    def write(place: Path) -> None:
        copy_stack(place)
        (place / "terraform" / "test.auto.tfvars").write_text(f'cors_allow_origins = ["{ORIGIN}"]\n')
        # As on a real account, where every deployment has it.
        (place / "terraform" / "e2e_override.tf").write_text(real_aws.OVERRIDE)

    second = deploy(write)
    url = f"{second.output('api_url')}/hello"

    def works() -> None:
        assert caller.get(url).status_code == 200

    within_deadline(works)
    for change in CHANGES:
        change.apply(second.directory.parent)
    with steady_load(caller, url) as answers:
        second.apply()
    return Redeployed(second, url, answers)


@contextmanager
def steady_load(caller: Caller, url: str) -> Iterator[list[tuple[int, str]]]:
    """Calls the URL about five times a second while the block runs; status and body of each call."""
    answers = []
    ended = threading.Event()

    def call() -> None:
        while not ended.wait(0.2):
            response = caller.get(url)
            answers.append((response.status_code, response.text))

    thread = threading.Thread(target=call)
    thread.start()
    try:
        yield answers
    finally:
        ended.set()
        thread.join()


def test_no_call_fails_while_it_is_redeployed(redeployed: Redeployed, record_property: Callable[[str, object], None]):
    """The old answer at first, the new one from some call on."""
    record_property("calls while it was redeployed", len(redeployed.answers))
    old, new = (200, HELLO), (200, AGAIN)
    assert set(redeployed.answers) <= {old, new}
    assert redeployed.answers == sorted(redeployed.answers, key=[old, new].index)
    assert redeployed.answers[0] == old
    assert len(redeployed.answers) >= 10


def test_redeployed_in_place(redeployed: Redeployed, caller: Caller):
    """The new code and the new route answer under the old address, and the function has the new memory."""

    def answers() -> None:
        for path in ("/hello", "/again"):
            response = caller.get(redeployed.url.removesuffix("/hello") + path)
            assert (response.status_code, response.text) == (200, AGAIN.replace("/hello", path))

    within_deadline(answers)
    assert f"{redeployed.deployment.output('api_url')}/hello" == redeployed.url
    name = f"hello{redeployed.deployment.suffix}"
    assert boto3.client("lambda").get_function_configuration(FunctionName=name)["MemorySize"] == 512


def test_side_by_side(redeployed: Redeployed, deployment: Deployment, caller: Caller):
    """Two deployments with a suffix each: what is done to the second is not done to the first."""
    response = caller.get(f"{deployment.output('api_url')}/hello")
    assert (response.status_code, response.text) == (200, HELLO)
    suffixes = {deployment.suffix, redeployed.deployment.suffix}
    listed = {suffix: [name.removesuffix(suffix) for name in remaining(suffix)] for suffix in suffixes}
    assert len(listed) == 2
    assert listed[deployment.suffix] == listed[redeployed.deployment.suffix] != []


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_preflight(redeployed: Redeployed, caller: Caller, method: str):
    """From the one origin that is allowed, and from another."""

    def preflight(origin: str) -> dict[str, set[str]]:
        asked = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": "content-type"}
        response = caller.request("OPTIONS", redeployed.url, headers={"Origin": origin, **asked})
        assert (response.status_code, response.content) == (204, b"")
        found = {
            name.lower(): set(value.lower().replace(" ", "").split(",")) for name, value in response.headers.items()
        }
        return {name: words for name, words in found.items() if name.startswith("access-control-")}

    assert preflight(ORIGIN) == {
        "access-control-allow-origin": {ORIGIN},
        "access-control-allow-methods": {"get", "post"},
        "access-control-allow-headers": {"content-type", "authorization"},
        "access-control-max-age": {"86400"},
    }
    assert preflight("https://example.org") == {}


@pytest.mark.parametrize(("origin", "allowed"), [(ORIGIN, ORIGIN), ("https://example.org", None)])
def test_cross_origin_request(redeployed: Redeployed, caller: Caller, origin: str, allowed: str | None):
    """It is answered either way; without the header a browser keeps the answer from the page."""
    response = caller.get(redeployed.url, headers={"Origin": origin})
    assert (response.status_code, response.headers.get("access-control-allow-origin")) == (200, allowed)


def test_tags_and_throttling(redeployed: Redeployed):
    """Everything that can have a tag says whose it is and when it may go; nobody can call the API without end."""
    suffix = redeployed.deployment.suffix
    (api,) = [api for api in boto3.client("apigatewayv2").get_apis()["Items"] if api["Name"].endswith(suffix)]
    stage = boto3.client("apigatewayv2").get_stage(ApiId=api["ApiId"], StageName="$default")
    function = boto3.client("lambda").get_function(FunctionName=f"hello{suffix}")
    role = boto3.client("iam").list_role_tags(RoleName=f"lambda-hello{suffix}")["Tags"]
    groups = [
        boto3.client("logs").list_tags_for_resource(resourceArn=group["arn"].removesuffix(":*"))["tags"]
        for group in boto3.client("logs").describe_log_groups()["logGroups"]
        if group["logGroupName"].endswith(suffix)
    ]
    found = [api["Tags"], stage["Tags"], function["Tags"], {tag["Key"]: tag["Value"] for tag in role}, *groups]
    expires = found[0]["routeproof-e2e-expires"]
    assert found == [{"routeproof-e2e": suffix, "routeproof-e2e-expires": expires}] * 6
    assert timedelta() < datetime.fromisoformat(expires) - datetime.now(UTC) <= tags.LIFETIME
    settings = stage["DefaultRouteSettings"]
    assert (settings["ThrottlingRateLimit"], settings["ThrottlingBurstLimit"]) == (100, 250)


def test_what_cannot_be_destroyed_is_named(redeployed: Redeployed):
    """Terraform refuses, for whatever reason: what is left is named, and where the state is."""
    deployment = redeployed.deployment
    refusal = deployment.directory / "refusal_override.tf"
    refusal.write_text('resource "aws_iam_role" "hello" {\n  lifecycle {\n    prevent_destroy = true\n  }\n}\n')
    try:
        with pytest.raises(LeftBehind) as left:
            deployment.clean_up()
    finally:
        refusal.unlink()
    assert (
        str(left.value)
        == f"there still are {', '.join(remaining(deployment.suffix))}; the state is in {deployment.directory}"
    )
    assert f"iam lambda-hello{deployment.suffix}" in str(left.value)
    assert "prevent_destroy" in str(left.value.__cause__)
