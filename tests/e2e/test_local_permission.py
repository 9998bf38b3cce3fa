"""Which permission statements let an API call a function. Docstrings begin with the case in docs/aws-behaviour.md."""

import pytest

from tests.e2e.laboratory import Api, Lab, package
from tests.e2e.local_aws import LocalAws


@pytest.fixture(scope="module")
def lab(aws: LocalAws) -> Lab:
    return Lab(aws)


REFUSED = (500, '{"message":"Internal Server Error"}')

# Each call leaves a trace in the function's own log, so that a test can tell that none was made.
TRACED = "exports.handler = async (event) => { console.log('CALLED', event.rawPath); return 'ran'; };"


def answer(api: Api, path: str = "/hello", method: str = "GET") -> tuple[int, str]:
    response = api.call(method, path)
    return response.status_code, response.text


def test_no_permission(lab: Lab):
    """No permission statement matches the call."""
    function = lab.function(TRACED)
    log_format = "$context.status|$context.integrationErrorMessage|$context.integration.error"
    api = lab.api({"GET /hello": function}, permitted=False, log_format=log_format)
    response = api.get("/hello")
    assert (response.status_code, response.text) == REFUSED
    assert response.headers["content-type"] == "application/json"
    message = (
        "The IAM role configured on the integration or API Gateway doesn't have permissions to call the integration. "
        "Check the permissions and try again."
    )
    assert api.log_lines(1) == [f"500|{message}|{message}"]
    log_group = f"/aws/lambda/{function.rpartition(':')[2]}"
    assert lab.logs.describe_log_groups(logGroupNamePrefix=log_group)["logGroups"] == []  # the handler has not run
    explained = f"{api.execution_arn}/$default/GET/hello may not call {function}: the function has no statement"
    assert explained in lab.aws.log_file.read_text()

    statement = lab.permit(function, f"{api.execution_arn}/*/*")
    assert answer(api) == (200, "ran")
    lab.lambda_.remove_permission(FunctionName=function, StatementId=statement)
    assert answer(api) == REFUSED
    events = lab.logs.filter_log_events(logGroupName=log_group)["events"]
    assert len([event for event in events if "CALLED /hello" in event["message"]]) == 1


@pytest.fixture(scope="module")
def subject(lab: Lab) -> Api:
    """A function without a statement behind three routes."""
    return lab.api(dict.fromkeys(["GET /pets/{id}", "GET /hello", "$default"], lab.function(TRACED)), permitted=False)


@pytest.fixture
def allowed(lab: Lab, subject: Api):
    """Which of the three routes answer while the function has one statement with this source ARN, and how."""
    function = lab.apis.get_integrations(ApiId=subject.id)["Items"][0]["IntegrationUri"].split("/")[3]

    def routes(source_arn: str | None, **members) -> str:
        statement = lab.permit(function, source_arn, **members)
        try:
            called = {"P": "/pets/7", "H": "/hello", "D": "/other"}
            answers = {letter: answer(subject, path) for letter, path in called.items()}
            assert set(answers.values()) <= {REFUSED, (200, "ran")}, answers
            return "".join(letter for letter, (status, _) in answers.items() if status == 200)
        finally:
            lab.lambda_.remove_permission(FunctionName=function, StatementId=statement)

    return routes


@pytest.mark.parametrize(
    ("suffix", "expected"),
    [
        ("/*/*", "PHD"),
        ("/*", "PHD"),
        ("/$default/*", "PHD"),
        ("/*/GET/hello", "H"),
        ("/$default/GET/hello", "H"),
        ("/*/GET/*", "PH"),
        ("/*/POST/*", ""),
        ("/prod/*", ""),
        ("/*/GET/hell?", "H"),
        ("/*/GET/HELLO", ""),
        ("/*/GET/pets/{id}", "P"),  # the route's template: inferred
        ("/*/GET/pets/7", ""),
        ("", ""),
    ],
)
def test_source_arn(subject: Api, allowed, suffix: str, expected: str):
    """A statement's source ARN names a stage, a method or a route path."""
    assert allowed(subject.execution_arn + suffix) == expected


@pytest.mark.parametrize(("suffix", "expected"), [("/*/*/*", "PH"), ("/*/$default", "D"), ("/$default/$default", "D")])
def test_default_route(subject: Api, allowed, suffix: str, expected: str):
    """The call comes from the `$default` route."""
    assert allowed(subject.execution_arn + suffix) == expected


def test_arn_like(subject: Api, allowed):
    """A statement's source ARN has wildcards."""
    region, account = subject.lab.aws.region, subject.lab.aws.account_id
    assert allowed(f"arn:aws:execute-api:*:{account}:{subject.id}/*") == "PHD"
    assert allowed(f"arn:aws:execute-api:{region}:*:*/*/*/hello") == "H"
    assert allowed(f"arn:aws:execute-api:{region}:{account}:*") == "PHD"
    assert allowed(f"arn:aws:execute-api:{region[:-1]}?:{account}:{subject.id}/*") == "PHD"
    assert allowed(f"arn:aws:*:{subject.id}/*") == ""  # one `*` does not stand for two parts
    assert allowed(f"arn:aws:execute-api:eu-west-1:{account}:{subject.id}/*/*") == ""
    assert allowed(f"arn:aws:execute-api:{region}:{account}:otherapi/*/*") == ""


def test_no_source_arn(allowed):
    """A statement has no source ARN."""
    assert allowed(None) == "PHD"


def test_source_account(subject: Api, allowed):
    """A statement has a condition on the account."""
    source_arn = f"{subject.execution_arn}/*/*"
    assert allowed(source_arn, SourceAccount=subject.lab.aws.account_id) == "PHD"
    assert allowed(source_arn, SourceAccount="111111111111") == ""
    assert allowed(None, SourceAccount=subject.lab.aws.account_id) == "PHD"


def test_action_and_principal(subject: Api, allowed):
    """A statement is for another action or principal."""
    source_arn = f"{subject.execution_arn}/*/*"
    assert allowed(source_arn, Principal="events.amazonaws.com") == ""
    assert allowed(source_arn, Action="lambda:GetFunction") == ""
    assert allowed(source_arn, Action="lambda:*") == "PHD"


def test_several_statements(subject: Api, allowed, lab: Lab):
    """Several statements, one of which matches."""
    function = lab.apis.get_integrations(ApiId=subject.id)["Items"][0]["IntegrationUri"].split("/")[3]
    statement = lab.permit(function, f"{subject.execution_arn}/*/GET/hello")
    assert allowed(f"{subject.execution_arn}/*/$default") == "HD"
    lab.lambda_.remove_permission(FunctionName=function, StatementId=statement)


def test_qualifier(lab: Lab):
    """The integration calls an alias or a version."""
    function = lab.function(TRACED)
    version = lab.lambda_.publish_version(FunctionName=function)["Version"]
    lab.lambda_.create_alias(FunctionName=function, Name="live", FunctionVersion=version)
    alias, published, plain = (
        lab.api({"GET /hello": arn}, permitted=False) for arn in (f"{function}:live", f"{function}:{version}", function)
    )
    lab.permit(function, None)
    assert [answer(api) for api in (alias, published, plain)] == [REFUSED, REFUSED, (200, "ran")]
    lab.permit(function, f"{alias.execution_arn}/*/*", Qualifier="live")
    lab.permit(function, f"{published.execution_arn}/*/*", Qualifier=version)
    assert [answer(api) for api in (alias, published, plain)] == [(200, "ran")] * 3


def test_qualifier_is_what_runs(lab: Lab):
    """The version that an alias stands for answers, not the newest code."""
    function = lab.answering("published")
    version = lab.lambda_.publish_version(FunctionName=function)["Version"]
    lab.lambda_.create_alias(FunctionName=function, Name="live", FunctionVersion=version)
    lab.lambda_.update_function_code(FunctionName=function, ZipFile=package('exports.handler = async () => "newest";'))
    alias, plain = (lab.api({"GET /hello": arn}, permitted=False) for arn in (f"{function}:live", function))
    lab.permit(function, None)
    lab.permit(function, None, Qualifier="live")
    assert [answer(alias), answer(plain)] == [(200, "published"), (200, "newest")]


def test_qualified_permission_alone(lab: Lab):
    """The function without a qualifier is called, and only its alias has a statement."""
    function = lab.function(TRACED)
    version = lab.lambda_.publish_version(FunctionName=function)["Version"]
    lab.lambda_.create_alias(FunctionName=function, Name="live", FunctionVersion=version)
    api = lab.api({"GET /hello": function}, permitted=False)
    lab.permit(function, f"{api.execution_arn}/*/*", Qualifier="live")
    assert answer(api) == REFUSED


def test_credentials(lab: Lab):
    """The integration has `credentials_arn`."""
    role = {"CredentialsArn": "arn:aws:iam::000000000000:role/caller"}
    api = lab.api({"GET /hello": lab.function(TRACED)}, permitted=False, integration=role)
    assert answer(api) == (200, "ran")
