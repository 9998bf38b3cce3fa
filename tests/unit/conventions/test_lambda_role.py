"""LAMBDA_ROLE, clause by clause."""

from __future__ import annotations

import json

import pytest

from routeproof.conventions.function.lambda_role import check
from tests.unit.conventions.judging import expect, loaded

FUNCTION = "aws_lambda_function.orders"
ROLE = "aws_iam_role.orders"
PASSES = f"{ROLE} trusts Lambda alone, and allows no whole service on everything"
ALLOWED = f"what is allowed to {ROLE} is undecided: "
TRUST = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
FUNCTION_SOURCE = 'resource "aws_lambda_function" "orders" {\n  role = «aws_iam_role.orders.arn»\n}\n'
VARIABLE = 'variable "x" {}\n'
OF_X = "and var.x has no value; give it one with --var-file"


def policy(*statements: object) -> str:
    """The policy as jsonencode() has it."""
    return f"jsonencode({json.dumps({'Version': '2012-10-17', 'Statement': list(statements)})})"


def role(trust: str | None = None, *lines: str) -> str:
    body = "".join(f"  {line}\n" for line in lines)
    written = policy(TRUST) if trust is None else trust
    return f'resource "aws_iam_role" "orders" {{\n  name = "orders"\n  assume_role_policy = {written}\n{body}}}\n'


def allow(action: object, resource: object, **more: object) -> dict[str, object]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def inline(*statements: object) -> str:
    """A policy that is added as `aws_iam_role_policy.data`."""
    return added(policy(*statements))


def added(written: str, *, role_name: str = "aws_iam_role.orders.name") -> str:
    return f'resource "aws_iam_role_policy" "data" {{\n  role = {role_name}\n  policy = {written}\n}}\n'


def attached(arn: str, *, role_name: str = "aws_iam_role.orders.name") -> str:
    return f'resource "aws_iam_role_policy_attachment" "more" {{\n  role = {role_name}\n  policy_arn = {arn}\n}}\n'


def expect_role(source: str, verdict: str, message: str) -> None:
    expect("LAMBDA_ROLE", FUNCTION_SOURCE + source, (verdict, FUNCTION, message))


# Whom it trusts


def test_a_role_that_trusts_lambda_alone_passes() -> None:
    expect_role(role(), "pass", PASSES)


TRUST_DOCUMENT = """\
data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}
"""


@pytest.mark.parametrize(
    "written",
    [
        policy(TRUST),
        policy(TRUST | {"Action": ["sts:TagSession", "STS:AssumeRole"]}),
        policy(TRUST | {"Principal": {"Service": ["lambda.amazonaws.com"]}}),
        policy(TRUST | {"Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}}}),
        f"jsonencode({json.dumps({'Statement': TRUST})})",
        json.dumps(json.dumps({"Statement": [TRUST]})),
        "<<-EOF\n" + json.dumps({"Statement": [TRUST]}, indent=2) + "\nEOF",
        "data.aws_iam_policy_document.trust.json",
        "data.aws_iam_policy_document.trust.minified_json",
        'file("trust.json")',
    ],
)
def test_the_trust_policy_may_be_written_in_every_way(written: str) -> None:
    files = {
        "main.tf": FUNCTION_SOURCE + role(written) + TRUST_DOCUMENT,
        "trust.json": json.dumps({"Statement": [TRUST]}),
    }
    expect("LAMBDA_ROLE", files, ("pass", FUNCTION, PASSES))


@pytest.mark.parametrize(
    ("principal", "shown"),
    [
        ({"Service": ["lambda.amazonaws.com", "ec2.amazonaws.com"]}, "ec2.amazonaws.com"),
        (
            {"Service": "lambda.amazonaws.com", "AWS": "arn:aws:iam::123456789012:root"},
            "arn:aws:iam::123456789012:root",
        ),
        ({"Service": "edgelambda.amazonaws.com"}, "edgelambda.amazonaws.com"),
        ({"AWS": "lambda.amazonaws.com"}, "lambda.amazonaws.com"),
        ({"AWS": "*"}, "*"),
        ("*", "*"),
    ],
)
def test_whoever_else_is_trusted_fails(principal: object, shown: str) -> None:
    message = f"{ROLE} trusts {shown}; it is to trust lambda.amazonaws.com alone"
    expect_role(role(policy(TRUST | {"Principal": principal})), "fail", message)


def test_another_statement_that_trusts_another_fails() -> None:
    message = f"{ROLE} trusts ec2.amazonaws.com; it is to trust lambda.amazonaws.com alone"
    second = TRUST | {"Principal": {"Service": "ec2.amazonaws.com"}}
    expect_role(role(policy(TRUST, second)), "fail", message)
    block = 'statement {\n  actions = ["sts:AssumeRole"]\n  principals {\n    type = "Service"\n'
    block += '    identifiers = ["ec2.amazonaws.com"]\n  }\n}\n}\n'
    document = TRUST_DOCUMENT[:-2] + block
    expect_role(role("data.aws_iam_policy_document.trust.json") + document, "fail", message)


@pytest.mark.parametrize(
    "statements",
    [
        [],
        [TRUST | {"Action": "sts:TagSession"}],
        [{"Effect": "Allow", "Action": "sts:AssumeRole"}],
        [TRUST | {"Effect": "Deny", "Principal": {"Service": "ec2.amazonaws.com"}}],
    ],
)
def test_a_role_that_does_not_trust_lambda_fails(statements: list[object]) -> None:
    expect_role(role(policy(*statements)), "fail", f"{ROLE} does not trust lambda.amazonaws.com")


def test_not_principal_trusts_all_others_and_fails() -> None:
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "NotPrincipal": {"AWS": "1"}}
    message = f"{ROLE} trusts all but those that NotPrincipal names"
    expect_role(role(policy(TRUST, statement)), "fail", message)
    block = 'statement {\n  not_principals {\n    type = "AWS"\n    identifiers = ["1"]\n  }\n}\n}\n'
    expect_role(role("data.aws_iam_policy_document.trust.json") + TRUST_DOCUMENT[:-2] + block, "fail", message)


WHO = f"who may take {ROLE} is undecided: "


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("var.x", f"the policy is var.x, {OF_X}"),
        ("jsonencode(var.x)", f"the policy is var.x, {OF_X}"),
        ('"{"', "the policy is not JSON (Expecting property name enclosed in double quotes: line 1 column 2 (char 1))"),
        ('"[]"', "the policy is no JSON object"),
        (
            '"{${var.x}}"',
            "the policy is not JSON (Expecting ':' delimiter: line 1 column 8 (char 7)), but a part of it is var.x, "
            + OF_X,
        ),
        ("jsonencode({ Statement = var.x })", f"a statement is var.x, {OF_X}"),
        ("jsonencode({ Statement = [var.x] })", f"a statement is var.x, {OF_X}"),
    ],
)
def test_a_trust_policy_that_cannot_be_read_is_unproven(written: str, why: str) -> None:
    expect_role(role(written) + VARIABLE, "unproven", WHO + why)


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        (
            '{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = var.x } }',
            "a principal of its trust policy",
        ),
        (
            '{ Effect = var.x, Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }',
            "an Effect in its trust policy",
        ),
        (
            '{ Effect = "Allow", Action = var.x, Principal = { Service = "lambda.amazonaws.com" } }',
            "an Action of its trust policy",
        ),
    ],
)
def test_an_undecided_part_of_the_trust_policy_is_unproven(statement: str, why: str) -> None:
    source = role(f"jsonencode({{ Statement = [{statement}] }})") + VARIABLE
    expect_role(source, "unproven", f"{WHO}{why} is var.x, {OF_X}")


def test_an_undecided_principal_beside_lambda_is_unproven() -> None:
    written = policy(TRUST | {"Principal": {"Service": ["lambda.amazonaws.com", "${var.x}"]}})
    expect_role(role(written) + VARIABLE, "unproven", f"{WHO}a principal of its trust policy is var.x, {OF_X}")


def test_an_undecided_type_of_principal_is_unproven() -> None:
    document = TRUST_DOCUMENT.replace('"Service"', "var.x") + VARIABLE
    message = f"{WHO}a principal's type is var.x, {OF_X}"
    expect_role(role("data.aws_iam_policy_document.trust.json") + document, "unproven", message)
    dynamic = 'dynamic "principals" {\n      for_each = var.x\n      content {\n        type = "AWS"\n'
    document = TRUST_DOCUMENT.replace(
        "principals {", dynamic + "        identifiers = []\n      }\n    }\n    principals {"
    )
    message = f"{WHO}a dynamic block goes over var.x, {OF_X}"
    expect_role(role("data.aws_iam_policy_document.trust.json") + document + VARIABLE, "unproven", message)


def test_not_action_in_the_trust_policy_is_unproven() -> None:
    statement = {"Effect": "Allow", "NotAction": "sts:TagSession", "Principal": {"Service": "lambda.amazonaws.com"}}
    expect_role(role(policy(statement)), "unproven", f"{WHO}its trust policy has a NotAction")


DENIES = f"{WHO}its trust policy has a Deny that may be about Lambda"


@pytest.mark.parametrize(
    "principal",
    [
        {"Principal": "*"},
        {"Principal": {"AWS": "*"}},
        {"Principal": {"Service": "lambda.amazonaws.com"}},
        {"Principal": {"Service": "${var.x}"}},
        {"NotPrincipal": {"Service": "ec2.amazonaws.com"}},
    ],
)
def test_a_deny_that_may_be_about_lambda_is_unproven(principal: dict[str, object]) -> None:
    deny = {"Effect": "Deny", "Action": "sts:AssumeRole", **principal}
    expect_role(role(policy(TRUST, deny)) + VARIABLE, "unproven", DENIES)


def test_a_deny_for_others_changes_nothing() -> None:
    deny = TRUST | {"Effect": "Deny", "Principal": {"Service": "ec2.amazonaws.com", "AWS": "123456789012"}}
    expect_role(role(policy(TRUST, deny)), "pass", PASSES)


EDGE = """\
resource "aws_cloudfront_distribution" "site" {
  default_cache_behavior {
    lambda_function_association {
      event_type = "viewer-request"
      lambda_arn = aws_lambda_function.orders.qualified_arn
    }
  }
}
"""
BOTH = {"Service": ["lambda.amazonaws.com", "edgelambda.amazonaws.com"]}


def expect_at_edge(trust: str, verdict: str, message: str, *, publish: str = "true") -> None:
    function = FUNCTION_SOURCE.replace("{\n", f"{{\n  publish = {publish}\n", 1)
    expect("LAMBDA_ROLE", function + EDGE + role(trust) + VARIABLE, (verdict, FUNCTION, message))


def test_lambda_at_edge_has_to_trust_the_edge_too() -> None:
    expect_at_edge(policy(TRUST | {"Principal": BOTH}), "pass", PASSES)
    expect_at_edge(policy(TRUST), "fail", f"{ROLE} does not trust edgelambda.amazonaws.com")
    message = f"{ROLE} trusts ec2.amazonaws.com; it is to trust lambda.amazonaws.com and edgelambda.amazonaws.com alone"
    expect_at_edge(policy(TRUST | {"Principal": {"Service": "ec2.amazonaws.com"}}), "fail", message)


def test_whether_it_runs_at_the_edge_may_be_undecided() -> None:
    message = f"{WHO}publish is var.x, {OF_X}"
    expect_at_edge(policy(TRUST | {"Principal": BOTH}), "unproven", message, publish="var.x")


# What it allows


@pytest.mark.parametrize("action", ["*", "dynamodb:*", "s3:*", "*:*", ["s3:GetObject", "sqs:*"], "s3:**"])
@pytest.mark.parametrize("resource", ["*", ["arn:aws:s3:::a", "*"], "**", "arn:*", "arn:aws:*", "arn:aws:*:*:*:*"])
def test_a_whole_service_on_everything_fails(action: object, resource: object) -> None:
    shown_action = action[-1] if isinstance(action, list) else action
    shown = resource[-1] if isinstance(resource, list) else resource
    message = f"{ROLE} is allowed {shown_action} on {shown} by aws_iam_role_policy.data"
    expect_role(role() + inline(allow(action, resource)), "fail", message)


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("dynamodb:*", "arn:aws:dynamodb:eu-west-1:123456789012:table/orders"),
        ("s3:*", ["arn:aws:s3:::a", "arn:aws:s3:::a/*"]),
        ("s3:*", "arn:aws:s3:::*"),
        ("logs:PutLogEvents", "*"),
        ("dynamodb:Get*", "*"),
        (["ec2:CreateNetworkInterface", "xray:Put*"], "*"),
    ],
)
def test_narrower_statements_pass(action: object, resource: object) -> None:
    expect_role(role() + inline(allow(action, resource)), "pass", PASSES)


def test_a_condition_does_not_make_it_narrow() -> None:
    statement = allow("s3:*", "*", Condition={"Bool": {"aws:SecureTransport": "true"}})
    expect_role(role() + inline(statement), "fail", f"{ROLE} is allowed s3:* on * by aws_iam_role_policy.data")


def test_a_deny_neither_fails_nor_helps() -> None:
    deny = allow("*", "*") | {"Effect": "Deny"}
    expect_role(role() + inline(deny), "pass", PASSES)
    message = f"{ROLE} is allowed s3:* on * by aws_iam_role_policy.data"
    expect_role(role() + inline(allow("s3:*", "*"), deny), "fail", message)


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ({"NotAction": "iam:*", "Resource": "*"}, "all but iam:* on *"),
        (
            {"NotAction": ["iam:*", "s3:*"], "NotResource": "arn:aws:s3:::a"},
            "all but iam:*, s3:* on all but arn:aws:s3:::a",
        ),
        ({"Action": "s3:*", "NotResource": "arn:aws:s3:::a"}, "s3:* on all but arn:aws:s3:::a"),
    ],
)
def test_not_action_and_not_resource_count_as_all_the_others(statement: dict[str, object], message: str) -> None:
    expected = f"{ROLE} is allowed {message} by aws_iam_role_policy.data"
    expect_role(role() + inline({"Effect": "Allow", **statement}), "fail", expected)


@pytest.mark.parametrize(
    "statement",
    [
        {"NotAction": "iam:*", "Resource": "arn:aws:s3:::a"},
        {"Action": "s3:GetObject", "NotResource": "arn:aws:s3:::a"},
    ],
)
def test_not_action_on_little_and_little_on_not_resource_pass(statement: dict[str, object]) -> None:
    expect_role(role() + inline({"Effect": "Allow", **statement}), "pass", PASSES)


def test_attributes_of_resources_are_no_star() -> None:
    table = 'resource "aws_dynamodb_table" "t" {\n  name = "t"\n}\ndata "aws_dynamodb_table" "u" {\n  name = "u"\n}\n'
    resources = [
        "${aws_dynamodb_table.t.arn}",
        "${aws_dynamodb_table.t.arn}/index/*",
        "${data.aws_dynamodb_table.u.arn}",
    ]
    expect_role(role() + table + inline(allow("dynamodb:*", resources)), "pass", PASSES)
    text = json.dumps(json.dumps({"Statement": allow("dynamodb:*", resources)}))
    expect_role(role() + table + added(text), "pass", PASSES)


UNDECIDED_PART = f"{ALLOWED}a part of aws_iam_role_policy.data is "


@pytest.mark.parametrize(
    ("statement", "shown"),
    [
        (allow("s3:*", "${var.x}"), "var.x"),
        (allow("s3:*", "${var.x}*"), '"${var.x}*"'),
        (allow("s3:*", "arn:aws:${var.x}"), '"arn:aws:${var.x}"'),
        (allow("${var.x}", "*"), "var.x"),
        (allow("${var.x}:*", "*"), '"${var.x}:*"'),
        (allow("s3:${var.x}", "*"), '"s3:${var.x}"'),
        (allow("s3:*", "*") | {"Effect": "${var.x}"}, "var.x"),
    ],
)
def test_what_may_be_a_star_is_unproven(statement: dict[str, object], shown: str) -> None:
    expect_role(role() + inline(statement) + VARIABLE, "unproven", f"{UNDECIDED_PART}{shown}, {OF_X}")
    if statement["Effect"] == "Allow":
        text = json.dumps(json.dumps({"Statement": [statement]}))
        expect_role(role() + added(text) + VARIABLE, "unproven", f"{UNDECIDED_PART}{shown}, {OF_X}")


def test_attributes_of_data_sources_may_be_anything_but_their_arns_are_no_star() -> None:
    parameter = 'data "aws_ssm_parameter" "p" {\n  name = "p"\n}\n'
    message = f"{UNDECIDED_PART}data.aws_ssm_parameter.p.value, which only apply decides"
    expect_role(role() + parameter + inline(allow("s3:*", "${data.aws_ssm_parameter.p.value}")), "unproven", message)
    expect_role(role() + parameter + inline(allow("s3:*", "${data.aws_ssm_parameter.p.arn}")), "pass", PASSES)


@pytest.mark.parametrize(
    "statement",
    [
        allow("s3:*", "arn:aws:s3:::${var.x}/*"),
        allow("dynamodb:Get${var.x}", "*"),
        allow("${var.x}", "arn:aws:s3:::a"),
        allow("s3:GetObject", "${var.x}"),
    ],
)
def test_what_cannot_be_a_star_passes_whatever_it_is(statement: dict[str, object]) -> None:
    expect_role(role() + inline(statement) + VARIABLE, "pass", PASSES)


def test_an_undecided_policy_or_statement_is_unproven() -> None:
    expect_role(role() + added("var.x") + VARIABLE, "unproven", f"{ALLOWED}the policy is var.x, {OF_X}")
    written = "jsonencode({ Statement = [var.x] })"
    expect_role(role() + added(written) + VARIABLE, "unproven", f"{ALLOWED}a statement is var.x, {OF_X}")


DOCUMENT = """\
data "aws_iam_policy_document" "data" {{
  {lines}
}}
"""


def document(*lines: str, name: str = "data") -> str:
    return DOCUMENT.format(lines="\n  ".join(lines)).replace('"data" {', f'"{name}" {{')


def statement(*lines: str) -> str:
    return "statement {\n    " + "\n    ".join(lines) + "\n  }"


WIDE = statement('actions = ["s3:*"]', 'resources = ["*"]')
WIDE_MESSAGE = f"{ROLE} is allowed s3:* on * by aws_iam_role_policy.data"
FROM_DOCUMENT = added("data.aws_iam_policy_document.data.json")


@pytest.mark.parametrize(
    ("lines", "verdict", "message"),
    [
        ([WIDE], "fail", WIDE_MESSAGE),
        ([statement('effect = "Deny"', 'actions = ["s3:*"]', 'resources = ["*"]')], "pass", PASSES),
        ([statement('actions = ["s3:*"]', 'resources = ["arn:aws:s3:::a"]')], "pass", PASSES),
        (
            [statement('not_actions = ["s3:*"]', 'resources = ["*"]')],
            "fail",
            f"{ROLE} is allowed all but s3:* on * by aws_iam_role_policy.data",
        ),
        (
            [statement('actions = ["*"]', 'not_resources = ["a"]')],
            "fail",
            f"{ROLE} is allowed * on all but a by aws_iam_role_policy.data",
        ),
        ([statement('actions = ["s3:*"]', "resources = var.x")], "unproven", f"{UNDECIDED_PART}var.x, {OF_X}"),
    ],
)
def test_policy_documents_are_read(lines: list[str], verdict: str, message: str) -> None:
    expect_role(role() + FROM_DOCUMENT + document(*lines) + VARIABLE, verdict, message)


def test_undecided_statements_of_a_policy_document_are_unproven() -> None:
    dynamic = 'dynamic "statement" {\n    for_each = var.x\n    content {\n      actions = ["s3:Get"]\n    }\n  }'
    message = f"{ALLOWED}a dynamic block goes over var.x, {OF_X}"
    expect_role(role() + FROM_DOCUMENT + document(dynamic) + VARIABLE, "unproven", message)


def test_documents_are_merged_as_the_provider_does() -> None:
    source = ["source_policy_documents = [data.aws_iam_policy_document.base.json]"]
    base = document(WIDE, name="base")
    expect_role(role() + FROM_DOCUMENT + document(*source) + base, "fail", WIDE_MESSAGE)
    override = ["override_policy_documents = [data.aws_iam_policy_document.base.json]"]
    expect_role(role() + FROM_DOCUMENT + document(*override) + base, "fail", WIDE_MESSAGE)

    named = statement('sid = "A"', 'actions = ["s3:*"]', 'resources = ["*"]')
    narrow = statement('sid = "A"', 'actions = ["s3:Get*"]', 'resources = ["*"]')
    expect_role(role() + FROM_DOCUMENT + document(*source, narrow) + document(named, name="base"), "pass", PASSES)
    expect_role(
        role() + FROM_DOCUMENT + document(*override, narrow) + document(named, name="base"), "fail", WIDE_MESSAGE
    )


def test_an_undecided_document_in_a_document_is_unproven() -> None:
    source = document("source_policy_documents = [var.x]") + VARIABLE
    expect_role(role() + FROM_DOCUMENT + source, "unproven", f"{ALLOWED}the policy is var.x, {OF_X}")


def test_documents_that_go_round_in_a_circle_are_unproven() -> None:
    circle = document("source_policy_documents = [data.aws_iam_policy_document.data.json]")
    message = f"{ALLOWED}the policy documents go round in a circle"
    expect_role(role() + FROM_DOCUMENT + circle, "unproven", message)


# Where policies are added

WIDE_JSON = policy(allow("s3:*", "*"))


def test_inline_policies_of_the_role_are_judged() -> None:
    wide = role(None, "inline_policy {", '  name = "a"', f"  policy = {WIDE_JSON}", "}")
    expect_role(wide, "fail", f"{ROLE} is allowed s3:* on * by inline_policy")
    expect_role(role(None, "inline_policy {", "}"), "pass", PASSES)
    dynamic = ['dynamic "inline_policy" {', "  for_each = var.x", "  content {", '    name = "a"', "  }", "}"]
    message = f"{ALLOWED}a dynamic block goes over var.x, {OF_X}"
    expect_role(role(None, *dynamic) + VARIABLE, "unproven", message)


BASIC = '"arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"'
TOO_MUCH = ["AdministratorAccess", "PowerUserAccess", "AmazonS3FullAccess", "job-function/PowerUserAccess"]


@pytest.mark.parametrize("name", TOO_MUCH)
def test_policies_that_allow_too_much_are_known_by_their_names(name: str) -> None:
    arn = f'"arn:aws:iam::aws:policy/{name}"'
    message = f"{ROLE} has the policy {name.rpartition('/')[2]}"
    expect_role(role() + attached(arn), "fail", message)
    expect_role(role(None, f"managed_policy_arns = [{BASIC}, {arn}]"), "fail", message)
    exclusive = 'resource "aws_iam_role_policy_attachments_exclusive" "all" {\n  role_name = "orders"\n'
    expect_role(role() + exclusive + f"  policy_arns = [{BASIC}, {arn}]\n}}\n", "fail", message)
    several = 'resource "aws_iam_policy_attachment" "all" {\n  name = "all"\n'
    several += f'  roles = ["other", aws_iam_role.orders.name]\n  policy_arn = {arn}\n}}\n'
    expect_role(role() + several, "fail", message)
    partition = 'data "aws_partition" "p" {}\n'
    written = f'"arn:${{data.aws_partition.p.partition}}:iam::aws:policy/{name}"'
    expect_role(role() + partition + attached(written), "fail", message)


@pytest.mark.parametrize("name", ["AWSLambdaBasicExecutionRole", "AmazonS3ReadOnlyAccess", "AdministratorAccessX"])
def test_other_policies_of_aws_pass_by_their_names(name: str) -> None:
    expect_role(role() + attached(f'"arn:aws:iam::aws:policy/{name}"'), "pass", PASSES)


def own(written: str, *, name: str = "data") -> str:
    return f'resource "aws_iam_policy" "data" {{\n  name = "{name}"\n  policy = {written}\n}}\n'


@pytest.mark.parametrize("arn", ["aws_iam_policy.data.arn", '"arn:aws:iam::123456789012:policy/data"'])
def test_policies_of_the_stack_are_judged_by_their_statements(arn: str) -> None:
    message = f"{ROLE} is allowed s3:* on * by aws_iam_policy.data"
    expect_role(role() + own(WIDE_JSON) + attached(arn), "fail", message)
    expect_role(role() + own(policy(allow("s3:Get*", "*"))) + attached(arn), "pass", PASSES)


def test_a_policy_of_the_stack_with_such_a_name_fails_too() -> None:
    source = own(policy(allow("s3:Get*", "*")), name="OrdersFullAccess")
    expect_role(
        role() + source + attached("aws_iam_policy.data.arn"), "fail", f"{ROLE} has the policy OrdersFullAccess"
    )


def test_a_policy_that_is_not_in_the_stack_is_unproven() -> None:
    message = f'{ALLOWED}the policy "arn:aws:iam::123456789012:policy/other" is not declared in this stack'
    expect_role(role() + attached('"arn:aws:iam::123456789012:policy/other"'), "unproven", message)
    expect_role(
        role() + attached("var.x") + VARIABLE, "unproven", f"{ALLOWED}the policy var.x is not declared in this stack"
    )
    expect_role(
        role(None, "managed_policy_arns = var.x") + VARIABLE,
        "unproven",
        f"{ALLOWED}the policy var.x is not declared in this stack",
    )


@pytest.mark.parametrize(
    ("line", "verdict", "message"),
    [
        ('name = "AdministratorAccess"', "fail", f"{ROLE} has the policy AdministratorAccess"),
        ('arn = "arn:aws:iam::aws:policy/PowerUserAccess"', "fail", f"{ROLE} has the policy PowerUserAccess"),
        (f"arn = {BASIC}", "pass", PASSES),
        ('name = "other"', "unproven", f"{ALLOWED}the policy data.aws_iam_policy.p.arn is not declared in this stack"),
        ("name = var.x", "unproven", f"{ALLOWED}the policy data.aws_iam_policy.p.arn is not declared in this stack"),
    ],
)
def test_a_policy_from_a_data_source_is_judged_by_its_name(line: str, verdict: str, message: str) -> None:
    source = f'data "aws_iam_policy" "p" {{\n  {line}\n}}\n' + VARIABLE
    expect_role(role() + source + attached("data.aws_iam_policy.p.arn"), verdict, message)


def test_policies_of_another_role_do_not_count() -> None:
    other = 'resource "aws_iam_role" "other" {\n  assume_role_policy = "{}"\n}\n'
    for name in ('"other"', "aws_iam_role.other.name", "aws_iam_role.other.id"):
        expect_role(role() + other + added(WIDE_JSON, role_name=name), "pass", PASSES)
        expect_role(
            role() + other + attached('"arn:aws:iam::aws:policy/AdministratorAccess"', role_name=name), "pass", PASSES
        )


@pytest.mark.parametrize("name", ['"orders"', "aws_iam_role.orders.name", "aws_iam_role.orders.id", "local.name"])
def test_the_role_is_matched_by_reference_and_by_name(name: str) -> None:
    source = role() + 'locals {\n  name = "orders"\n}\n' + added(WIDE_JSON, role_name=name)
    expect_role(source, "fail", WIDE_MESSAGE)


WHETHER = "whether aws_iam_role_policy.data, which is too wide, is of aws_iam_role.orders is undecided: "


def test_a_wide_policy_that_may_be_of_the_role_is_unproven_and_a_narrow_one_does_not_matter() -> None:
    why = "whether var.x is the name of aws_iam_role.orders shows only at apply"
    expect_role(role() + added(WIDE_JSON, role_name="var.x") + VARIABLE, "unproven", WHETHER + why)
    narrow = policy(allow("s3:Get*", "*"))
    expect_role(role() + added(narrow, role_name="var.x") + VARIABLE, "pass", PASSES)


def test_a_wide_policy_that_may_not_exist_is_unproven() -> None:
    source = added(WIDE_JSON).replace("{\n", "{\n  count = var.x ? 1 : 0\n", 1)
    why = "aws_iam_role_policy.data[0]: whether it exists depends on var.x ? 1 : 0"
    message = WHETHER.replace(".data,", ".data[0],") + why
    expect_role(role() + source + VARIABLE, "unproven", message)


# Which role


@pytest.mark.parametrize(
    "written",
    [
        '"arn:aws:iam::123456789012:role/orders"',
        '"arn:aws:iam::123456789012:role/service/orders"',
        '"arn:aws:iam::${data.aws_caller_identity.me.account_id}:role/orders"',
        '"arn:aws:iam::123456789012:role/${aws_iam_role.orders.name}"',
    ],
)
def test_the_role_is_found_by_its_name_in_an_arn(written: str) -> None:
    function = FUNCTION_SOURCE.replace("aws_iam_role.orders.arn", written) + 'data "aws_caller_identity" "me" {}\n'
    expect("LAMBDA_ROLE", function + role(), ("pass", FUNCTION, PASSES))


def test_a_role_without_a_name_of_its_own_is_found_by_reference() -> None:
    unnamed = role().replace('  name = "orders"\n', "")
    expect_role(unnamed + added(WIDE_JSON), "fail", WIDE_MESSAGE)
    written = '"arn:aws:iam::123456789012:role/${aws_iam_role.orders.name}"'
    function = FUNCTION_SOURCE.replace("aws_iam_role.orders.arn", written)
    expect("LAMBDA_ROLE", function + unnamed, ("pass", FUNCTION, PASSES))


OUTSIDE = "whom the role trusts and what it allows is undecided: "


@pytest.mark.parametrize(
    ("written", "why"),
    [
        (
            '"arn:aws:iam::123456789012:role/other"',
            'the role "arn:aws:iam::123456789012:role/other" is not declared in this stack',
        ),
        ("data.aws_iam_role.other.arn", "the role data.aws_iam_role.other.arn is not declared in this stack"),
        ("var.x", "the role var.x is not declared in this stack"),
    ],
)
def test_a_role_outside_the_stack_is_unproven(written: str, why: str) -> None:
    function = FUNCTION_SOURCE.replace("aws_iam_role.orders.arn", written)
    source = function + role() + 'data "aws_iam_role" "other" {\n  name = "other"\n}\n' + VARIABLE
    expect("LAMBDA_ROLE", source, ("unproven", FUNCTION, OUTSIDE + why))


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("aws_iam_role.orders.unique_id", "role is aws_iam_role.orders.unique_id, which is not the role's ARN"),
        ("aws_iam_role.orders.name", 'role is "orders", which is not a role\'s ARN'),
        ("null", "role is not set"),
    ],
)
def test_what_is_no_arn_of_a_role_fails(written: str, message: str) -> None:
    function = FUNCTION_SOURCE.replace("aws_iam_role.orders.arn", written)
    expect("LAMBDA_ROLE", function + role(), ("fail", FUNCTION, message))


def test_each_function_is_judged_by_its_own_role() -> None:
    second = (
        (FUNCTION_SOURCE + role()).replace('"orders"', '"second"').replace("aws_iam_role.orders", "aws_iam_role.second")
    )
    wide = added(WIDE_JSON, role_name="aws_iam_role.second.name")
    message = "aws_iam_role.second is allowed s3:* on * by aws_iam_role_policy.data"
    expected = [("pass", FUNCTION, PASSES), ("fail", "aws_lambda_function.second", message)]
    expect("LAMBDA_ROLE", FUNCTION_SOURCE + role() + second + wide, *expected)


def test_a_failure_tells_before_what_is_undecided_and_names_the_policy(tmp_path) -> None:
    source = (FUNCTION_SOURCE + role("var.x") + inline(allow("s3:*", "*")) + VARIABLE).replace("«", "").replace("»", "")
    stack = loaded(tmp_path, {"main.tf": source})
    result = check(stack, stack.by_address[FUNCTION])
    assert (result.verdict.value, result.message) == ("fail", WIDE_MESSAGE)
    (related,) = result.related
    assert related.location is not None
    assert (related.message, related.location.line, related.location.column) == ("the policy", 10, 12)


def test_a_stack_without_functions_says_so() -> None:
    expect("LAMBDA_ROLE", role(), ("not_applicable", None, "the stack has no aws_lambda_function"))
