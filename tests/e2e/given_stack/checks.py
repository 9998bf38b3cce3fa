"""The checks of somebody else's stack, in this order. Only a run with --stack has them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import NoReturn

import pytest

from tests.e2e.client import Caller
from tests.e2e.given_stack.asking import complaint_of, region_of, the_api
from tests.e2e.given_stack.confinement import Outside
from tests.e2e.given_stack.copying import NotCopied
from tests.e2e.given_stack.deploying import Copy, NotUsable, Undeployable, make_copy, not_acted_on, resources
from tests.e2e.given_stack.diagnostics import plan_of
from tests.e2e.given_stack.linter import Said, failing_alone, routeproof
from tests.e2e.given_stack.options import Expectation, asked_for
from tests.e2e.local_aws import LocalAws
from tests.tools.held_directories import held_directory
from tests.tools.providers import ProviderMissing
from tests.tools.terraform import Terraform, TerraformFailed


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "expectation" in metafunc.fixturenames:
        given = asked_for(metafunc.config.option)
        expectations = given.expectations if given else ()
        metafunc.parametrize("expectation", expectations, ids=[f"{one} {one.status}" for one in expectations])


@pytest.fixture(scope="module")
def copy(
    request: pytest.FixtureRequest, aws: LocalAws, terraform: Terraform, variables: Mapping[str, str]
) -> Iterator[Copy]:
    """Whatever becomes of the run, its end destroys what was deployed."""
    given = asked_for(request.config.option)
    assert given is not None, "this file is for runs with --stack"
    with ExitStack() as ends:
        place = ends.enter_context(held_directory("stack")) / "repository"
        place.mkdir()
        try:
            copy = make_copy(given, place, terraform=terraform, variables=variables, aws=aws)
        except (NotCopied, NotUsable, Outside, ProviderMissing, TerraformFailed) as problem:
            give_up(request, "the stack is not deployed", problem)
        ends.callback(clean_up, copy)
        yield copy


def clean_up(copy: Copy) -> None:
    try:
        copy.destroy()
    except Undeployable as problem:
        fail(str(problem))


@pytest.fixture(scope="module")
def types(request: pytest.FixtureRequest, copy: Copy) -> Mapping[str, str]:
    """Deploys the stack, in which there is an API to ask: the type of each resource by its address."""
    try:
        types = copy.apply()
    except Undeployable as problem:
        give_up(request, "the stack is not deployed", problem)
    try:
        the_api(copy)
    except NotUsable as problem:
        give_up(request, "there is nothing to ask", problem)
    return types


@pytest.fixture(scope="module")
def in_source(copy: Copy, types: Mapping[str, str]) -> Said:
    """What `routeproof check` says of the source, with the stack's settings, suppressions and baseline."""
    return routeproof(copy, "check")


def give_up(request: pytest.FixtureRequest, what: str, why: Exception) -> NoReturn:
    """Nothing that comes after it could be checked."""
    request.session.shouldfail = what
    fail(str(why))


def fail(message: str) -> NoReturn:
    """Without the exception that may be on its way: the message has what is to be said of it."""
    raise pytest.fail.Exception(message, pytrace=False) from None


def test_it_can_be_deployed(request: pytest.FixtureRequest, copy: Copy, types: Mapping[str, str]):
    """What the endpoint does not have of it is told in the end."""
    request.node.user_properties += [
        ("resources", len(types)),
        *(("not acted on here", line) for line in not_acted_on(types)),
        *(("not known here, and Terraform went on", line) for line in copy.passed_over()),
    ]


def test_its_conventions_hold_in_the_source(in_source: Said):
    if in_source.exit_code:
        fail(in_source.text)


def test_they_hold_on_what_is_live_and_nothing_has_drifted(copy: Copy, in_source: Said):
    """Whatever the source does not fail for. An API or function may be in any region."""
    regions = {
        region_of(one)
        for one in resources(copy.deployment.state_file)
        if one.type in ("aws_lambda_function", "aws_apigatewayv2_api")
    }
    for region in sorted(regions or {copy.aws.region}):
        live = routeproof(copy, "check", "--aws", "--region", region, "--endpoint-url", copy.aws.endpoint_url)
        if live.exit_code == 2 or live.report is None:
            fail(live.text)
        if alone := failing_alone(live, in_source):
            fail("\n".join(["What is live fails, and the source does not:", *alone]))


def test_request(copy: Copy, types: Mapping[str, str], caller: Caller, expectation: Expectation):
    complaint = complaint_of(copy, caller, expectation)
    if complaint:
        fail(complaint)


def test_a_second_plan_is_empty(copy: Copy, types: Mapping[str, str]):
    try:
        copy.deployment.run("plan", "-detailed-exitcode")
    except TerraformFailed as problem:
        fail(f"A second plan is not empty.\n{plan_of(problem.output)}")


def test_destroy_leaves_nothing(copy: Copy, types: Mapping[str, str]):
    clean_up(copy)
    if left := copy.left():
        fail("\n".join(["Terraform has destroyed the stack, and the endpoint still has:", *left, *hints(left)]))


def hints(left: Sequence[str]) -> list[str]:
    if any(thing.startswith("cloudwatch_logs log_groups /aws/lambda/") for thing in left):
        return ["Lambda makes the log group of a function that has none: routeproof explain LAMBDA_LOG_GROUP"]
    return []
