"""What is read of an account, what AWS denies of it, and what is wrong with asking."""

from typing import Any

import pytest

from routeproof.catalogue import catalogue
from routeproof.convention import Result, Verdict
from routeproof.evaluate import evaluate
from routeproof.sources.aws.account import Account, Options
from routeproof.sources.aws.errors import LiveError
from routeproof.sources.aws.reading import read
from routeproof.stack import Stack

from .made_up import API, CALLER, FUNCTION, ROLE, account, function, live, shop

UNDECIDED = {"LAMBDA_HANDLER", "SOURCE_CODE_HASH"}
ACTIONS = {
    "ListFunctions": "lambda:ListFunctions",
    "ListAliases": "lambda:ListAliases",
    "GetPolicy": "lambda:GetPolicy",
    "GetApis": "apigateway:GET",
    "GetIntegrations": "apigateway:GET",
    "GetRoutes": "apigateway:GET",
    "GetStages": "apigateway:GET",
    "GetAuthorizers": "apigateway:GET",
    "GetRestApis": "apigateway:GET",
    "DescribeLogGroups": "logs:DescribeLogGroups",
    "GetRole": "iam:GetRole",
    "ListAttachedRolePolicies": "iam:ListAttachedRolePolicies",
    "ListRolePolicies": "iam:ListRolePolicies",
    "GetRolePolicy": "iam:GetRolePolicy",
    "GetPolicyVersion": "iam:GetPolicyVersion",
}
# What AWS denies, and the subjects that are unproven for it: by convention, the address.
LOGS = "arn:aws:logs:eu-west-1:123456789012:log-group:"
EVERY_FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:*"
DENIED = {
    "GetPolicy": {("PERMISSION_EXPLICIT", FUNCTION), ("PERMISSION_SCOPE", f"{FUNCTION}/policy/*")},
    "DescribeLogGroups": {
        ("LOG_RETENTION", f"{LOGS}*"),
        ("LAMBDA_LOG_GROUP", FUNCTION),
        ("ACCESS_LOGS", f"{API}/stages/$default"),
    },
    "GetIntegrations": {
        ("PAYLOAD_V2", f"{API}/integrations/*"),
        ("PERMISSION_EXPLICIT", f"{API}/integrations/*"),
        ("ROUTE_TARGET", f"{API}/routes/route1"),
        ("TIMEOUT_CHAIN", f"{API}/integrations/*"),
    },
    "GetRoutes": {("ROUTE_TARGET", f"{API}/routes/*")},
    "GetStages": {("DEFAULT_STAGE", API), ("ACCESS_LOGS", f"{API}/stages/*")},
    "GetRestApis": {
        (name, "arn:aws:apigateway:eu-west-1::/restapis/*")
        for name in (
            *("ACCESS_LOGS", "CORS", "DEFAULT_STAGE", "HTTP_API", "PAYLOAD_V2", "PERMISSION_EXPLICIT"),
            "TIMEOUT_CHAIN",
        )
    },
    "GetAuthorizers": {("PERMISSION_EXPLICIT", f"{API}/authorizers/*")},
    "ListAliases": set(),
    "GetRole": {("LAMBDA_ROLE", FUNCTION)},
    "ListAttachedRolePolicies": {("LAMBDA_ROLE", FUNCTION)},
    "ListRolePolicies": {("LAMBDA_ROLE", FUNCTION)},
    "GetRolePolicy": {("LAMBDA_ROLE", FUNCTION)},
    "GetPolicyVersion": {("LAMBDA_ROLE", FUNCTION)},
}


def unproven(stack: Stack) -> dict[tuple[str, str | None], Result]:
    """What is unproven beside what is live never shows."""
    return {
        (result.convention, result.address): result
        for result in evaluate(stack, catalogue().values())
        if result.verdict is Verdict.UNPROVEN and not (result.convention in UNDECIDED and result.address == FUNCTION)
    }


def test_a_shop_in_order():
    stack = live(shop())
    assert unproven(stack) == {}
    verdicts = {result.verdict for result in evaluate(stack, catalogue().values()) if result.address}
    assert verdicts == {Verdict.PASS, Verdict.UNPROVEN, Verdict.NOT_APPLICABLE}  # it has no CORS configuration


@pytest.mark.parametrize("operation", sorted(DENIED))
def test_what_is_denied_is_unproven_and_names_the_action(operation: str):
    answers = shop() | {operation: "AccessDeniedException"}
    if operation == "GetPolicy":
        given = shop()["GetPolicy"]
        answers["GetPolicy"] = lambda p: "AccessDeniedException" if "FunctionName" in p else given(p)
    found = unproven(live(answers))
    assert found.keys() == DENIED[operation]
    wanted = f"AWS denies {ACTIONS[operation]} to {CALLER}"
    assert {key: wanted in result.message for key, result in found.items()} == dict.fromkeys(found, True)
    # What is denied never passes, and never fails.
    verdicts = {(r.convention, r.address): r.verdict for r in evaluate(live(answers), catalogue().values())}
    assert not {key for key, verdict in verdicts.items() if verdict in (Verdict.FAIL, Verdict.ERROR)}


def test_denied_policies_of_the_account_itself():
    answers = shop() | {"GetPolicy": lambda p: shop()["GetPolicy"](p) if "FunctionName" in p else "AccessDenied"}
    found = unproven(live(answers))
    assert found.keys() == {("LAMBDA_ROLE", FUNCTION)}
    assert f"AWS denies iam:GetPolicy to {CALLER}" in found["LAMBDA_ROLE", FUNCTION].message


@pytest.mark.parametrize("operation", ["ListFunctions", "GetApis"])
def test_nothing_passes_where_a_whole_list_is_denied(operation: str):
    stack = live(shop() | {operation: "AccessDeniedException"})
    every = {"ListFunctions": EVERY_FUNCTION, "GetApis": "arn:aws:apigateway:eu-west-1::/apis/*"}[operation]
    wanted = f"AWS denies {ACTIONS[operation]} to {CALLER}"
    of_every = {r.convention: r for r in evaluate(stack, catalogue().values()) if r.address == every}
    assert {result.verdict for result in of_every.values()} == {Verdict.UNPROVEN}
    assert {wanted in result.message for result in of_every.values()} == {True}
    assert of_every.keys() >= ({"LAMBDA_ARM64", "LAMBDA_ROLE"} if operation == "ListFunctions" else {"HTTP_API"})
    verdicts = {result.verdict for result in evaluate(stack, catalogue().values())}
    assert verdicts <= {Verdict.PASS, Verdict.UNPROVEN, Verdict.NOT_APPLICABLE}


@pytest.mark.parametrize("operation", ["GetPolicy", "GetRole", "GetStages", "ListAliases"])
def test_what_is_gone_meanwhile_is_not_there(operation: str):
    codes = {"GetRole": "NoSuchEntity", "GetStages": "NotFoundException"}
    code = codes.get(operation, "ResourceNotFoundException")
    given = shop()["GetPolicy"]
    answers = shop() | {operation: code}
    if operation == "GetPolicy":
        answers["GetPolicy"] = lambda p: code if "FunctionName" in p else given(p)
    results = {(r.convention, r.address): r.verdict for r in evaluate(live(answers), catalogue().values())}
    failed = {key for key, verdict in results.items() if verdict is Verdict.FAIL}
    assert failed == {"GetPolicy": {("PERMISSION_EXPLICIT", FUNCTION)}, "GetStages": {("DEFAULT_STAGE", API)}}.get(
        operation, set()
    )
    if operation == "GetRole":
        assert results["LAMBDA_ROLE", FUNCTION] is Verdict.UNPROVEN


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("ExpiredTokenException", "the credentials have expired (ExpiredTokenException): sign in again"),
        ("UnrecognizedClientException", "AWS does not know these credentials (UnrecognizedClientException)"),
        ("TooManyRequestsException", "AWS throttles lambda ListFunctions, also after 8 tries: run it again later"),
        ("ServiceException", "lambda ListFunctions: An error occurred (ServiceException)"),
    ],
)
def test_what_ends_the_reading(code: str, said: str):
    with pytest.raises(LiveError) as error:
        live(shop() | {"ListFunctions": code})
    assert said in str(error.value)


def test_no_api_has_that_name():
    with pytest.raises(LiveError, match="no API has the name or the id basket in aws:123456789012:eu-west-1"):
        live(shop(), Options(api="basket"))


def test_no_function_has_that_name():
    answers = shop() | {"GetFunctionConfiguration": "ResourceNotFoundException"}
    with pytest.raises(LiveError, match="there is no function basket in aws:123456789012:eu-west-1"):
        live(answers, Options(function="basket"))


@pytest.mark.parametrize("name", ["orders", FUNCTION])
def test_a_function_is_named_by_its_name_or_its_arn(name: str):
    (found,) = live(shop(), Options(function=name)).of_type("aws_lambda_function")
    assert found.address == FUNCTION


def test_the_policies_of_functions_that_no_api_calls_are_not_read():
    called: list[str] = []
    answers = shop() | {"GetIntegrations": {"Items": []}}
    read(account(answers, called=called), Options())
    assert {"GetPolicy", "ListAliases"}.isdisjoint(set(called) - {"GetPolicy"})
    assert called.count("GetPolicy") == 1  # the role's own policy


def test_narrowed_reading_asks_for_no_lists_of_functions():
    called: list[str] = []
    read(account(shop(), called=called), Options(api="shop"))
    assert "ListFunctions" not in called
    assert called.count("GetFunctionConfiguration") == 1
    assert called.count("DescribeLogGroups") == 2  # for the function's, and for the stage's


def test_every_page_is_read():
    def page(parameters: dict[str, Any]) -> dict[str, Any]:
        if parameters.get("Marker") == "more":
            return {"Functions": [function(FunctionName="second", FunctionArn=f"{FUNCTION}-second")]}
        return {"Functions": [function()], "NextMarker": "more"}

    stack = live(shop() | {"ListFunctions": page})
    assert [found.address for found in stack.of_type("aws_lambda_function")] == [FUNCTION, f"{FUNCTION}-second"]


def test_statements_of_an_alias_are_not_the_functions():
    """Some answer to GetPolicy without a qualifier with the statements of every alias."""
    given = shop()["GetPolicy"]({"FunctionName": FUNCTION})
    answers = shop() | {
        "ListAliases": {"Aliases": [{"Name": "live", "AliasArn": f"{FUNCTION}:live", "FunctionVersion": "1"}]}
    }
    answers["GetPolicy"] = lambda p: given if "FunctionName" in p else shop()["GetPolicy"](p)
    found = [permission.address for permission in live(answers).of_type("aws_lambda_permission")]
    assert found == [f"{FUNCTION}/policy/shop"]


def test_the_first_error_ends_the_rest():
    counted: list[int] = []

    def work(number: int) -> int:
        counted.append(number)
        if number == 0:
            raise LiveError("no")
        return number

    with pytest.raises(LiveError):
        account(shop()).in_parallel(work, list(range(10_000)))
    assert len(counted) < 10_000


def test_the_role_is_read_by_its_name_without_its_path():
    asked: list[str] = []

    def role(parameters: dict[str, Any]) -> Any:
        asked.append(parameters["RoleName"])
        return shop()["GetRole"]

    live(shop() | {"GetRole": role})
    assert (ROLE.endswith("service-role/orders"), asked) == (True, ["orders"])


def test_clients_try_again_and_keep_within_rates(monkeypatch: pytest.MonkeyPatch):
    from routeproof.sources.aws import account as accounts

    made: list[Account] = []
    monkeypatch.setattr("botocore.client.BaseClient._make_api_call", lambda *_: _IDENTITY)
    for name, value in {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}.items():
        monkeypatch.setenv(name, value)
    made.append(accounts.connect(Options(region="eu-west-1")))
    for client in made[0].clients.values():
        assert client.meta.config.retries == {"mode": "adaptive", "total_max_attempts": accounts.TRIES}
        assert client.meta.config.max_pool_connections >= accounts.WORKERS
    assert str(made[0].place) == "aws:123456789012:eu-west-1"


_IDENTITY = {"Account": "123456789012", "Arn": CALLER, "UserId": "me"}
