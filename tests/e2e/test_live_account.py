"""`check --aws` on what Terraform has deployed: each convention's verdict is the source's, or one of a declared few."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest

from routeproof.catalogue import catalogue
from routeproof.convention import Example, Result, Verdict
from routeproof.evaluate import evaluate, judge
from routeproof.sources.aws.account import Options, connect, iam_action
from routeproof.sources.aws.loading import load_account, load_beside
from routeproof.sources.aws.reading import read
from routeproof.sources.hcl.files import Files
from routeproof.sources.hcl.modules import load
from routeproof.stack import Stack
from tests.e2e.deployment import ROOT, Deployment
from tests.e2e.laboratory import ECHO, Lab, package
from tests.e2e.local_aws import LocalAws
from tests.tools import providers
from tests.tools.terraform import Terraform

TODAY = date(2026, 11, 23)
# A newer runtime than the oldest provider takes that the reference stack allows.
RUNTIMES = {"nodejs24.x": "nodejs22.x"}
# `terraform init` refuses a module that is not to be had, so that nothing of one is ever deployed.
DEPLOYED = [name for name in catalogue() if name != "MODULE_FETCHED"]
EXAMPLES = [pytest.param(name, kind, id=f"{name}-{kind}") for name in DEPLOYED for kind in ("good", "bad")]

NOT_TOLD = "AWS tells the hash of the deployed package, not what Terraform made it from"
# What is live does not show: the verdict there, and why.
UNDECIDED_LIVE = {
    ("LAMBDA_HANDLER", "good"): ("unproven", NOT_TOLD),
    ("LAMBDA_HANDLER", "bad"): ("unproven", NOT_TOLD),
    ("SOURCE_CODE_HASH", "good"): ("unproven", NOT_TOLD),
    ("SOURCE_CODE_HASH", "bad"): ("unproven", NOT_TOLD),
    # AWS answers with the default where nothing was stated.
    ("LAMBDA_LIMITS", "bad"): ("unproven", "AWS does not tell the default from the same value stated"),
    # Outputs are Terraform's.
    ("API_URL_OUTPUT", "good"): ("not_applicable", "the stack has no output made from the URL of a stage or an API"),
    ("API_URL_OUTPUT", "bad"): ("not_applicable", "the stack has no output made from the URL of a stage or an API"),
}


@pytest.fixture(scope="module")
def lab(aws: LocalAws) -> Lab:
    return Lab(aws)


@pytest.fixture
def options(aws: LocalAws) -> Options:
    return Options(region=aws.region, endpoint_url=aws.endpoint_url)


@dataclass(frozen=True)
class Surfaces:
    """One configuration: by its source, and by what is live of it."""

    source: Stack
    live: Stack
    drift: list[Result]


def surfaces(aws: LocalAws, root: Path) -> Surfaces:
    source = load(root, Files(root.parent.resolve()), {}, today=TODAY)
    return Surfaces(source, *load_beside(Options(region=aws.region, endpoint_url=aws.endpoint_url), source, root))


@pytest.fixture(scope="module")
def examples(
    aws: LocalAws, terraform: Terraform, variables: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Surfaces]:
    """Both examples of every convention, deployed: each a module of one root, and with names of its own."""
    root = tmp_path_factory.mktemp("examples") / "root"
    calls = []
    for name in DEPLOYED:
        for kind in ("good", "bad"):
            module = f"{kind}_{name}"
            (root / module).mkdir(parents=True)
            (root / module / "main.tf").write_text(deployable(example(name, kind).source, module))
            (root / f"{module}.zip").write_bytes(package(ECHO))
            calls.append(f'module "{module}" {{\n  source = "./{module}"\n}}\n')
            calls += [
                f'output "{module}_{output}" {{\n  value = module.{module}.{output}\n}}\n'
                for output in re.findall(r'^output "(\w+)"', catalogue()[name].good.source, re.MULTILINE)
            ]
    (root / "main.tf").write_text("\n".join(calls))
    providers.init(terraform, directory=root, variables=variables)
    try:
        terraform.run("apply", "-auto-approve", directory=root, variables=variables)
        yield surfaces(aws, root)
    finally:
        terraform.run("destroy", "-auto-approve", directory=root, variables=variables)


def deployable(source: str, module: str) -> str:
    """An example with names and a package of its own."""
    for newer, older in RUNTIMES.items():
        source = source.replace(newer, older)
    source = source.replace('"orders.zip"', f'"{module}.zip"')
    return re.sub(r'(name +=) "(orders|/aws/lambda/orders|/aws/apigw/shop)"', rf'\1 "\2-{module}"', source)


def example(name: str, kind: str) -> Example:
    convention = catalogue()[name]
    return convention.good if kind == "good" else convention.bad


def of_example(stack: Stack, name: str, kind: str) -> dict[str, tuple[str, str]]:
    """Verdict and message of one convention in one example, by the address that it has there."""
    module = f"{kind}_{name}"
    resources = tuple(one for one in stack.resources if one.address.startswith(f"module.{module}."))
    outputs = tuple(one for one in stack.outputs if one.name.startswith(f"{module}_"))
    results = judge(replace(stack, resources=resources, outputs=outputs), catalogue()[name])
    return {
        (result.address or "").replace(f"module.{module}.", "").replace(f"{module}_", ""): (
            result.verdict.value,
            result.message,
        )
        for result in results
    }


def verdicts(found: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    return {address: verdict for address, (verdict, _) in found.items()}


@pytest.mark.parametrize(("name", "kind"), EXAMPLES)
def test_source_and_live_agree(examples: Surfaces, name: str, kind: str):
    by_source = of_example(examples.source, name, kind)
    live = of_example(examples.live, name, kind)
    failing = {address for address, _ in example(name, kind).fails_at}
    assert {address for address, (verdict, _) in by_source.items() if verdict == "fail"} == failing
    if (name, kind) not in UNDECIDED_LIVE:
        assert verdicts(live) == verdicts(by_source)
        return
    verdict, reason = UNDECIDED_LIVE[name, kind]
    assert set(verdicts(live).values()) == {verdict}
    assert all(reason in message for _, message in live.values())


def test_nothing_drifts_from_the_examples(examples: Surfaces):
    assert [(result.address, result.message) for result in examples.drift] == []


def summary(stack: Stack) -> dict[tuple[str, str], str]:
    results = evaluate(stack, catalogue().values())
    return {(result.convention, result.address): result.verdict.value for result in results if result.address}


def test_the_reference_stack_is_live_what_its_source_says(aws: LocalAws, deployment: Deployment):
    found = surfaces(aws, deployment.directory)
    by_source, live = summary(found.source), summary(found.live)
    assert set(by_source.values()) == {"pass"}
    undecided = {(name, address) for (name, address), verdict in live.items() if verdict != "pass"}
    assert undecided == {
        ("LAMBDA_HANDLER", "aws_lambda_function.hello"),
        ("SOURCE_CODE_HASH", "aws_lambda_function.hello"),
    }
    assert by_source.keys() - live.keys() == {("API_URL_OUTPUT", "output.api_url")}
    assert live.keys() <= by_source.keys()
    # The settings came by the environment, so that the source has other names; nothing that is compared differs.
    assert found.drift == []


def routeproof(aws: LocalAws, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The program, as a user starts it who has signed in. Only the options say where AWS is."""
    environment = {name: value for name, value in aws.environment().items() if "ENDPOINT" not in name}
    environment = {name: value for name, value in environment.items() if "REGION" not in name}
    command = [sys.executable, "-m", "routeproof", arguments[0]]
    command += ["--aws", "--region", aws.region, "--endpoint-url", aws.endpoint_url, *arguments[1:]]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def results(run: subprocess.CompletedProcess[str]) -> list[dict]:
    assert run.stderr == ""
    (root,) = json.loads(run.stdout)["roots"]
    return root["results"]


def test_without_a_state_everything_has_its_arn(aws: LocalAws, deployment: Deployment):
    run = routeproof(aws, "check", "--api", f"hello-api{deployment.suffix}", "--format", "json")
    assert run.returncode == 0
    found = [result for result in results(run) if result["address"]]
    function = f"arn:aws:lambda:{aws.region}:{aws.account_id}:function:hello{deployment.suffix}"
    groups = f"arn:aws:logs:{aws.region}:{aws.account_id}:log-group:"
    assert {result["file"] for result in found} == {None}
    assert {r["address"] for r in found if r["convention"] == "LAMBDA_ARM64"} == {function}
    assert {r["address"] for r in found if r["convention"] == "PERMISSION_SCOPE"} == {
        f"{function}/policy/AllowAPIGatewayInvoke"
    }
    assert {r["address"] for r in found if r["convention"] == "LOG_RETENTION"} == {
        f"{groups}{deployment.function_log_group}",
        f"{groups}{deployment.access_log_group}",
    }
    assert {result["verdict"] for result in found} == {"pass", "unproven"}
    assert {r["convention"] for r in found if r["verdict"] == "unproven"} == {"LAMBDA_HANDLER", "SOURCE_CODE_HASH"}


def test_with_its_source_everything_has_the_sources_address_and_place(aws: LocalAws, deployment: Deployment):
    run = routeproof(aws, "check", str(deployment.directory), "--format", "json")
    assert run.returncode == 0
    found = {(result["convention"], result["address"]): result for result in results(run)}
    permission = found["PERMISSION_SCOPE", "aws_lambda_permission.api"]
    lines = (deployment.directory / "api.tf").read_text().splitlines()
    assert (permission["verdict"], Path(permission["file"]).name) == ("pass", "api.tf")
    assert "source_arn" in lines[permission["line"] - 1]


def test_the_path_of_a_live_route(aws: LocalAws, deployment: Deployment):
    run = routeproof(aws, "path", "--function", f"hello{deployment.suffix}", "--format", "json")
    assert (run.returncode, run.stderr) == (0, "")
    (root,) = json.loads(run.stdout)["roots"]
    assert root["root"] == f"aws:{aws.account_id}:{aws.region}"
    (route,) = root["routes"]
    assert route["route_key"] == "GET /hello"
    status = {link["kind"]: link["status"] for link in route["links"]}
    assert status == {
        "integration": "proven",
        "function": "proven",
        "handler": "unproven",
        "package": "unproven",
        "permission": "proven",
        "stage": "proven",
        "access_log": "proven",
    }


@pytest.fixture(scope="module")
def drifted(examples: Surfaces, aws: LocalAws, lab: Lab) -> Surfaces:
    """The examples after somebody was at the console."""

    def name(kind: str) -> str:
        return f"orders-good_{kind}"

    (permission,) = (
        one
        for one in examples.live.of_type("aws_lambda_permission")
        if ".good_PERMISSION_EXPLICIT." in f".{one.address}"
    )
    statement = str(permission.get("statement_id").value)
    lab.lambda_.remove_permission(FunctionName=name("PERMISSION_EXPLICIT"), StatementId=statement)
    lab.lambda_.add_permission(
        FunctionName=name("PERMISSION_SCOPE"),
        StatementId="by-hand",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
    )
    lab.lambda_.update_function_code(FunctionName=name("SOURCE_CODE_HASH"), ZipFile=package("exports.handler = 0;"))
    lab.lambda_.update_function_configuration(FunctionName=name("LAMBDA_LIMITS"), Timeout=20)
    lab.logs.put_retention_policy(logGroupName="/aws/lambda/orders-good_LOG_RETENTION", retentionInDays=60)
    (api,) = (one for one in examples.live.of_type("aws_apigatewayv2_api") if "good_ROUTE_TARGET" in one.address)
    api_id = str(api.computed["id"].value)
    (integration,) = lab.apis.get_integrations(ApiId=api_id)["Items"]
    lab.apis.create_route(ApiId=api_id, RouteKey="GET /mine", Target=f"integrations/{integration['IntegrationId']}")
    (shop,) = (one for one in examples.live.of_type("aws_apigatewayv2_stage") if "good_DEFAULT_STAGE" in one.address)
    lab.apis.delete_stage(ApiId=_api_id(examples, "good_DEFAULT_STAGE"), StageName=str(shop.get("name").value))
    root = Path(examples.source.root).resolve()
    return surfaces(aws, root)


def _api_id(found: Surfaces, module: str) -> str:
    (api,) = (one for one in found.live.of_type("aws_apigatewayv2_api") if f"module.{module}." in one.address)
    return str(api.computed["id"].value)


DRIFT = {
    "module.good_PERMISSION_EXPLICIT.aws_lambda_permission.shop_orders": "is in Terraform's state, and is not there",
    "module.good_PERMISSION_SCOPE.aws_lambda_function.orders": 'policy/by-hand ("apigateway.amazonaws.com" may',
    "module.good_SOURCE_CODE_HASH.aws_lambda_function.orders": "the code is not that of good_SOURCE_CODE_HASH.zip",
    "module.good_LAMBDA_LIMITS.aws_lambda_function.orders": "timeout is 20, and the source says 10",
    "module.good_LOG_RETENTION.aws_cloudwatch_log_group.orders": "retention_in_days is 60, and the source says 30",
    "module.good_ROUTE_TARGET.aws_apigatewayv2_api.shop": "is not in Terraform's state: added by hand",
    "module.good_DEFAULT_STAGE.aws_apigatewayv2_stage.default": "is in Terraform's state, and is not there",
}


def test_what_was_changed_by_hand_is_told(drifted: Surfaces):
    found = {result.address: result for result in drifted.drift}
    assert {address: DRIFT[address] in result.message for address, result in found.items()} == dict.fromkeys(
        DRIFT, True
    )
    assert len(drifted.drift) == len(DRIFT)
    assert {(result.convention, result.verdict) for result in drifted.drift} == {("DRIFT", Verdict.FAIL)}
    for address, result in found.items():
        declared = drifted.source.by_address[address]
        assert result.location is not None
        assert result.location.file == declared.location.file
    lines = {address: result.location.line for address, result in found.items()}
    assert lines["module.good_LOG_RETENTION.aws_cloudwatch_log_group.orders"] == 3
    assert lines["module.good_PERMISSION_EXPLICIT.aws_lambda_permission.shop_orders"] == 20


def test_the_conventions_see_what_was_changed_by_hand(drifted: Surfaces):
    function = "aws_lambda_function.orders"
    verdict, message = of_example(drifted.live, "PERMISSION_EXPLICIT", "good")[function]
    assert (verdict, "no aws_lambda_permission lets" in message) == ("fail", True)
    by_hand = [
        (verdict, message)
        for address, (verdict, message) in of_example(drifted.live, "PERMISSION_SCOPE", "good").items()
        if not address.startswith("aws_lambda_permission")
    ]
    assert of_example(drifted.live, "DEFAULT_STAGE", "good")["aws_apigatewayv2_api.shop"][0] == "fail"
    assert by_hand == []


def test_the_documented_policy_allows_what_is_called_and_no_more(aws: LocalAws, lab: Lab, options: Options):
    """Every kind of thing that is read is there; the operations are recorded as botocore makes them."""
    iam, rest = lab.client("iam"), lab.client("apigateway")
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    allowed = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    document, policy = (json.dumps({"Version": "2012-10-17", "Statement": [part]}) for part in (trust, allowed))
    role = iam.create_role(RoleName="documented", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    iam.put_role_policy(RoleName="documented", PolicyName="inline", PolicyDocument=policy)
    own = iam.create_policy(PolicyName="documented", PolicyDocument=policy)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="documented", PolicyArn=own)
    api = lab.api({"GET /": lab.function(ECHO, Role=role)})
    rest.create_rest_api(name="documented")

    called: dict[str, str] = {}

    def note(model, **_: object) -> None:
        called[iam_action(model.service_model.service_name, model.name)] = model.http["method"]

    for only in (options, replace(options, api=api.id)):
        account = connect(only)
        for client in account.clients.values():
            client.meta.events.register("before-call.*.*", note)
        read(account, only)
    page = (ROOT / "docs" / "live-account.md").read_text()
    (code,) = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    statements = json.loads(code)["Statement"]
    assert {statement["Effect"] for statement in statements} == {"Allow"}
    assert sorted(called) == sorted(action for statement in statements for action in statement["Action"])
    assert called["apigateway:GET"] == "GET"
    assert all(re.match("(Get|List|Describe|GET)", action.partition(":")[2]) for action in called)


def test_what_an_alias_is_called_with_needs_the_permission_of_the_alias(aws: LocalAws, lab: Lab, options: Options):
    function = lab.function(ECHO)
    name = function.rpartition(":")[2]
    version = lab.lambda_.publish_version(FunctionName=name)["Version"]
    lab.lambda_.create_alias(FunctionName=name, Name="live", FunctionVersion=version)
    api = lab.api({"GET /": f"{function}:live"}, permitted=False)
    lab.permit(function, f"{api.execution_arn}/*/*")
    only = replace(options, api=api.id)

    def verdict() -> tuple[str, str]:
        (result,) = judge(load_account(only), catalogue()["PERMISSION_EXPLICIT"])
        return result.verdict.value, result.message

    assert verdict()[0] == "fail"
    assert 'is for the function without qualifier, and the qualifier "live" is called' in verdict()[1]
    permitted = lab.permit(function, f"{api.execution_arn}/*/*", Qualifier="live")
    address = f"{function}:live/policy/{permitted}"
    assert verdict() == ("pass", f"{address} lets arn:aws:apigateway:{aws.region}::/apis/{api.id} invoke it")


def test_a_rest_api_calls_a_function_too(aws: LocalAws, lab: Lab, options: Options):
    function, rest = lab.function(ECHO), lab.client("apigateway")
    api_id = rest.create_rest_api(name="older")["id"]
    (resource,) = rest.get_resources(restApiId=api_id)["items"]
    method = {"restApiId": api_id, "resourceId": resource["id"], "httpMethod": "GET"}
    rest.put_method(**method, authorizationType="NONE")
    uri = lab.invoke_arn(function)
    rest.put_integration(**method, type="AWS_PROXY", integrationHttpMethod="POST", uri=uri)
    lab.permit(function, f"arn:aws:execute-api:{aws.region}:{aws.account_id}:{api_id}/*/*/*")
    stack = load_account(replace(options, function=function))
    address = f"arn:aws:apigateway:{aws.region}::/restapis/{api_id}"
    found = {
        (result.convention, result.address): result.verdict.value
        for name in ("HTTP_API", "PERMISSION_EXPLICIT")
        for result in judge(stack, catalogue()[name])
    }
    assert found == {("HTTP_API", address): "fail", ("PERMISSION_EXPLICIT", function): "pass"}


def test_only_what_is_asked_for_is_judged(lab: Lab, options: Options):
    one, other = lab.function(ECHO), lab.function(ECHO)
    both, alone = lab.api({"GET /one": one, "GET /other": other}), lab.api({"GET /": other})

    def seen(stack: Stack) -> dict[str, set[str]]:
        types = ("aws_lambda_function", "aws_apigatewayv2_api", "aws_apigatewayv2_route", "aws_lambda_permission")
        return {kind: {str(r.get(_NAMES[kind]).value) for r in stack.of_type(kind)} for kind in types}

    names = {arn: arn.rpartition(":")[2] for arn in (one, other)}
    found = seen(load_account(replace(options, function=names[one])))
    assert found["aws_lambda_function"] == {names[one]}
    assert found["aws_apigatewayv2_route"] == {"GET /one"}
    assert found["aws_apigatewayv2_api"] == {lab.apis.get_api(ApiId=both.id)["Name"]}
    found = seen(load_account(replace(options, api=alone.id)))
    assert found["aws_lambda_function"] == {names[other]}
    assert found["aws_apigatewayv2_route"] == {"GET /"}
    # The statement for the other API is left out with it.
    assert len(found["aws_lambda_permission"]) == 1


_NAMES = {
    "aws_lambda_function": "function_name",
    "aws_apigatewayv2_api": "name",
    "aws_apigatewayv2_route": "route_key",
    "aws_lambda_permission": "statement_id",
}


def test_environment_variables_are_not_kept(lab: Lab, options: Options):
    function = lab.function(ECHO, Environment={"Variables": {"TOKEN": "5ecretKey"}})
    stack = load_account(replace(options, function=function))
    assert "5ecretKey" not in repr(stack)


def test_a_region_with_nothing_in_it(aws: LocalAws):
    run = routeproof(aws, "check", "--region", "eu-central-2")
    assert (run.returncode, run.stderr) == (0, "")
    assert "no convention is applicable here" in run.stdout
