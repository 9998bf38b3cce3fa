"""ACCESS_LOGS, clause by clause."""

from __future__ import annotations

import json

import pytest

from routeproof.tables import context_variables
from tests.unit.conventions.judging import expect

STAGE = "aws_apigatewayv2_stage.default"
API_ADDRESS = "aws_apigatewayv2_api.shop"
FIELDS = {
    "requestId": "$context.requestId",
    "sourceIp": "$context.identity.sourceIp",
    "requestTime": "$context.requestTime",
    "httpMethod": "$context.httpMethod",
    "routeKey": "$context.routeKey",
    "status": "$context.status",
    "responseLength": "$context.responseLength",
}
GROUP_ARN = "aws_cloudwatch_log_group.shop.arn"
PASSES = f"one line of JSON for each request, to {GROUP_ARN.removesuffix('.arn')}"
API = 'resource "aws_apigatewayv2_api" "shop" {\n  name          = "shop"\n  protocol_type = "HTTP"\n}\n'
GROUP = 'resource "aws_cloudwatch_log_group" "shop" {\n  name = "/aws/apigw/shop"\n}\n'
FUNCTION_GROUP = 'resource "aws_cloudwatch_log_group" "orders" {\n  name = "/aws/lambda/orders"\n}\n'
HEADER = 'resource "aws_apigatewayv2_stage" "default"'
ELSEWHERE = "arn:aws:logs:eu-west-1:123456789012:log-group:central"


def stage(settings: str = "", *, api_id: str = "aws_apigatewayv2_api.shop.id", header: str = HEADER) -> str:
    return f'{header} {{\n  api_id = {api_id}\n  name   = "$default"\n{settings}}}\n'


def settings(text: str | None = None, *, destination: str = GROUP_ARN, at: str = "block") -> str:
    """The block, with the mark at the `block`, the `destination` or the `format`."""
    written = jsonencode(FIELDS) if text is None else text
    lines = f"    destination_arn = {_mark(destination, at == 'destination')}\n"
    lines += f"    format          = {_mark(written, at == 'format')}\n"
    return f"  {_mark('access_log_settings', at == 'block')} {{\n{lines}  }}\n"


def _mark(text: str, wanted: bool) -> str:
    return f"«{text}»" if wanted else text


def jsonencode(fields: dict[str, object]) -> str:
    return f"jsonencode({json.dumps(fields)})"


def expect_format(written: str, verdict: str, message: str, *, more: str = "") -> None:
    source = API + GROUP + stage(settings(written, at="block" if verdict == "pass" else "format")) + more
    expect("ACCESS_LOGS", source, (verdict, STAGE, message))


def expect_destination(written: str, verdict: str, message: str, *, more: str = GROUP) -> None:
    source = API + stage(settings(destination=written, at="block" if verdict == "pass" else "destination")) + more
    expect("ACCESS_LOGS", source, (verdict, STAGE, message))


# The block


def test_a_complete_format_in_jsonencode_passes() -> None:
    expect_format(jsonencode(FIELDS), "pass", PASSES)


def test_no_access_log_settings_fail_at_the_header() -> None:
    message = "access_log_settings is not set: nobody can tell who called the API"
    expect("ACCESS_LOGS", API + stage(header=f"«{HEADER}»"), ("fail", STAGE, message))


DYNAMIC = """\
  «dynamic "access_log_settings"» {{
    for_each = {over}
    content {{
      destination_arn = aws_cloudwatch_log_group.shop.arn
      format          = {text}
    }}
  }}
"""


def test_a_dynamic_block_over_nothing_is_no_block() -> None:
    message = "access_log_settings is a dynamic block over nothing, and sets nothing"
    source = API + GROUP + stage(DYNAMIC.format(over="[]", text=jsonencode(FIELDS)))
    expect("ACCESS_LOGS", source, ("fail", STAGE, message))


def test_a_dynamic_block_over_something_is_judged() -> None:
    source = API + GROUP + stage(DYNAMIC.format(over="[1]", text=jsonencode(FIELDS)))
    expect("ACCESS_LOGS", source, ("pass", STAGE, PASSES))


def test_a_dynamic_block_over_an_unknown_is_unproven() -> None:
    source = API + GROUP + stage(DYNAMIC.format(over="var.logs", text=jsonencode(FIELDS))) + 'variable "logs" {}\n'
    message = "whether there are access logs is undecided: "
    message += "a dynamic block goes over var.logs, and var.logs has no value; give it one with --var-file"
    expect("ACCESS_LOGS", source, ("unproven", STAGE, message))


# The format


@pytest.mark.parametrize("missing", sorted(FIELDS))
def test_each_required_variable_is_required(missing: str) -> None:
    fields = {name: value for name, value in FIELDS.items() if name != missing}
    expect_format(jsonencode(fields), "fail", f"format lacks {FIELDS[missing]}")


def test_all_that_is_missing_is_named_in_one_order() -> None:
    message = "format lacks $context.identity.sourceIp, $context.requestTime, $context.httpMethod, "
    message += "$context.routeKey, $context.status, $context.responseLength"
    expect_format(jsonencode({"id": "$context.requestId"}), "fail", message)


def test_fields_are_judged_by_the_variable_and_not_by_the_key() -> None:
    renamed = {f"key{number}": value for number, value in enumerate(FIELDS.values())}
    expect_format(jsonencode(renamed), "pass", PASSES)
    swapped = FIELDS | {"status": "$context.integrationStatus"}
    expect_format(jsonencode(swapped), "fail", "format lacks $context.status")


def test_variables_count_in_nested_objects_lists_and_longer_texts() -> None:
    nested = {"http": {"request": [f"{FIELDS['httpMethod']} {FIELDS['routeKey']}"]}, "rest": list(FIELDS.values())[:3]}
    nested["answer"] = "($context.status) $context.responseLength."
    expect_format(jsonencode(nested), "pass", PASSES)
    expect_format(f"'{json.dumps(nested)}'".replace('"', '\\"').replace("'", '"'), "pass", PASSES)


@pytest.mark.parametrize(
    ("variable", "nearest"),
    [
        ("resourcePath", "routeKey"),
        ("resourceId", "routeKey"),
        ("requestid", "requestId"),
        ("identity.sourceIP", "identity.sourceIp"),
        ("sourceIp", "identity.sourceIp"),
        ("responseLenght", "responseLength"),
        ("identity.apiKey", "identity.caller"),
    ],
)
def test_a_variable_that_http_apis_do_not_know_fails_with_the_nearest(variable: str, nearest: str) -> None:
    message = f"HTTP APIs do not know $context.{variable}, and log a hyphen; the nearest is {nearest}"
    expect_format(jsonencode(FIELDS | {"x": f"$context.{variable}"}), "fail", message)


@pytest.mark.parametrize(
    "variable",
    [
        "authorizer.claims.sub",
        "authorizer.tenant",
        "authorizer.error",
        "identity.cognitoIdentityId",
        "identity.clientCert.subjectDN",
        "integration.latency",
        "error.message",
    ],
)
def test_known_variables_pass_with_or_without_a_wildcard(variable: str) -> None:
    expect_format(jsonencode(FIELDS | {"x": f"$context.{variable}"}), "pass", PASSES)


@pytest.mark.parametrize("variable", ["authorizer", "authorizer.", "identity.clientCert", "identity.cognito"])
def test_the_beginning_of_a_wildcard_alone_is_no_variable(variable: str) -> None:
    assert not context_variables().knows(variable)


def test_a_heredoc_of_several_lines_fails() -> None:
    source = '<<-EOF\n      {\n        "requestId": "$context.requestId"\n      }\n    EOF'
    message = "format has a line break, and API Gateway takes one line"
    expect_format(source, "fail", message)


def test_a_line_break_at_the_end_is_one_too() -> None:
    text = json.dumps(FIELDS).replace('"', '\\"')
    expect_format(f'"{text}\\n"', "fail", "format has a line break, and API Gateway takes one line")


def test_json_written_by_hand_passes() -> None:
    text = json.dumps(FIELDS).replace('"', '\\"')
    expect_format(f'"{text}"', "pass", PASSES)


def test_a_format_that_is_not_json_fails() -> None:
    expect_format(
        '"$context.requestId $context.status"',
        "fail",
        "format is not JSON (Expecting value: line 1 column 1 (char 0)); jsonencode() writes it",
    )


def test_a_variable_outside_quotation_marks_is_not_json() -> None:
    message = "format is not JSON (Expecting value: line 1 column 12 (char 11)); jsonencode() writes it"
    expect_format('"{\\"status\\": $context.status}"', "fail", message)


@pytest.mark.parametrize("written", ['jsonencode(["$context.requestId"])', '"[\\"$context.requestId\\"]"', '"1"'])
def test_json_that_is_no_object_fails(written: str) -> None:
    expect_format(written, "fail", "format is JSON, but no object")


def test_a_symbolic_list_is_no_object_either() -> None:
    written = "jsonencode([aws_apigatewayv2_api.shop.id])"
    expect_format(written, "fail", "format is JSON, but no object")


def test_a_null_format_fails() -> None:
    expect_format("null", "fail", "format is not set")


def test_an_undecided_format_is_unproven() -> None:
    for written, what in (("var.text", "a part of format"), ("jsonencode(var.text)", "format")):
        message = (
            f"what the access logs say is undecided: {what} is var.text, and var.text has no value; "
            "give it one with --var-file"
        )
        expect_format(written, "unproven", message, more='variable "text" {}\n')


def test_attributes_of_resources_have_no_variables() -> None:
    fields = (
        json.dumps(FIELDS)[:-1]
        + ', "api": aws_apigatewayv2_api.shop.id, "list": [true, aws_apigatewayv2_api.shop.arn]}'
    )
    expect_format(f"jsonencode({fields})", "pass", PASSES)
    text = json.dumps(FIELDS | {"api": "${aws_apigatewayv2_api.shop.id}"})[:-1].replace('"', '\\"')
    expect_format(f'"{text}}}"', "pass", PASSES)


UNDECIDED_PART = (
    "what the access logs say is undecided: a part of format is var.more, and var.more has no value; "
    "give it one with --var-file"
)


@pytest.mark.parametrize("fields", [FIELDS, {"id": "$context.requestId"}])
def test_a_part_from_a_variable_may_be_anything(fields: dict[str, object]) -> None:
    written = "jsonencode(" + json.dumps(fields)[:-1] + ', "more": var.more})'
    expect_format(written, "unproven", UNDECIDED_PART, more='variable "more" {}\n')


def test_an_unknown_variable_beside_an_undecided_part_fails() -> None:
    written = 'jsonencode({"more": var.more, "path": "$context.resourcePath"})'
    message = "HTTP APIs do not know $context.resourcePath, and log a hyphen; the nearest is routeKey"
    expect_format(written, "fail", message, more='variable "more" {}\n')


def test_a_variable_whose_name_apply_completes_is_unproven() -> None:
    fields = json.dumps(FIELDS)[:-1] + ', "x": "$context.${aws_apigatewayv2_api.shop.id}"}'
    message = (
        'what the access logs say is undecided: format is jsonencode({requestId = "$context.requestId", sourceIp = '
        '"$context.identity.sourceIp", requestTime = "$context.reques..., which only apply decides'
    )
    expect_format(f"jsonencode({fields})", "unproven", message)


def test_a_text_that_is_json_only_after_apply_is_unproven() -> None:
    text = '"{\\"n\\": ${aws_apigatewayv2_api.shop.id}}"'
    message = (
        'what the access logs say is undecided: format is "{"n": ${aws_apigatewayv2_api.shop.id}}", '
        "which only apply decides"
    )
    expect_format(text, "unproven", message)


# The destination


@pytest.mark.parametrize(
    "written",
    [
        GROUP_ARN,
        f'"${{{GROUP_ARN}}}:*"',
        f'trimsuffix({GROUP_ARN}, ":*")',
        f'replace({GROUP_ARN}, ":*", "")',
        '"arn:aws:logs:eu-west-1:123456789012:log-group:/aws/apigw/shop"',
        '"arn:aws:logs:eu-west-1:123456789012:log-group:/aws/apigw/shop:*"',
        '"arn:aws:logs:${data.aws_region.here.name}:123456789012:log-group:${aws_cloudwatch_log_group.shop.name}"',
        '"arn:aws:logs:${data.aws_region.here.name}:123456789012:log-group:/aws/apigw/shop:*"',
    ],
)
def test_a_log_group_of_this_stack_passes_however_its_arn_is_written(written: str) -> None:
    expect_destination(written, "pass", PASSES, more=GROUP + 'data "aws_region" "here" {}\n')


@pytest.mark.parametrize("more", ["", FUNCTION_GROUP])
def test_a_log_group_elsewhere_passes_where_the_stack_has_none_but_functions(more: str) -> None:
    expect_destination(f'"{ELSEWHERE}"', "pass", f'one line of JSON for each request, to "{ELSEWHERE}"', more=more)


def test_a_log_group_elsewhere_fails_where_the_stack_declares_one() -> None:
    message = f'destination_arn is "{ELSEWHERE}", not a log group of this stack, such as aws_cloudwatch_log_group.shop'
    expect_destination(f'"{ELSEWHERE}"', "fail", message, more=FUNCTION_GROUP + GROUP)


DATA_GROUP = 'data "aws_cloudwatch_log_group" "central" {\n  name = "central"\n}\n'


def test_a_log_group_from_a_data_source_is_one_elsewhere() -> None:
    arn = "data.aws_cloudwatch_log_group.central.arn"
    expect_destination(arn, "pass", f"one line of JSON for each request, to {arn}", more=DATA_GROUP)
    message = f"destination_arn is {arn}, not a log group of this stack, such as aws_cloudwatch_log_group.shop"
    expect_destination(arn, "fail", message, more=DATA_GROUP + GROUP)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("aws_cloudwatch_log_group.shop.name", '"/aws/apigw/shop"'),
        ("aws_cloudwatch_log_group.shop.log_group_class", "aws_cloudwatch_log_group.shop.log_group_class"),
        ("aws_kinesis_firehose_delivery_stream.s.arn", "aws_kinesis_firehose_delivery_stream.s.arn"),
        ('"arn:aws:firehose:eu-west-1:123456789012:deliverystream/s"', None),
        ('"arn:aws:s3:::x:log-group:y"', None),
        ("aws_apigatewayv2_api.shop.arn", "aws_apigatewayv2_api.shop.arn"),
    ],
)
def test_what_is_not_the_arn_of_a_log_group_fails(written: str, shown: str | None) -> None:
    stream = 'resource "aws_kinesis_firehose_delivery_stream" "s" {\n  name = "s"\n}\n'
    message = f"destination_arn is {shown or written}, which is not the ARN of a log group"
    expect_destination(written, "fail", message, more=GROUP + stream)


def test_no_destination_fails() -> None:
    expect_destination("null", "fail", "destination_arn is not set")


def test_a_destination_from_a_variable_is_unproven() -> None:
    message = (
        "where the access logs go is undecided: destination_arn is var.arn, and var.arn has no value; "
        "give it one with --var-file"
    )
    expect_destination("var.arn", "unproven", message, more='variable "arn" {}\n')


def test_a_name_that_may_be_that_of_a_log_group_is_unproven() -> None:
    group = GROUP.replace('"/aws/apigw/shop"', "var.name") + 'variable "name" {}\n'
    message = (
        'where the access logs go is undecided: whether "central" is the name of aws_cloudwatch_log_group.shop '
        "shows only at apply"
    )
    expect_destination(f'"{ELSEWHERE}"', "unproven", message, more=group)


def test_an_attribute_of_another_resource_may_be_anything() -> None:
    message = "where the access logs go is undecided: "
    message += "destination_arn is aws_ssm_parameter.arn.value, which only apply decides"
    parameter = 'resource "aws_ssm_parameter" "arn" {\n  name = "arn"\n  type = "String"\n}\n'
    expect_destination("aws_ssm_parameter.arn.value", "unproven", message, more=parameter)


def test_a_bad_format_is_told_where_the_destination_is_undecided() -> None:
    written = settings('"x"', destination="var.arn", at="format")
    message = "format is not JSON (Expecting value: line 1 column 1 (char 0)); jsonencode() writes it"
    expect("ACCESS_LOGS", API + stage(written) + 'variable "arn" {}\n', ("fail", STAGE, message))


# Whose stage


def test_stages_of_websocket_apis_are_no_subjects() -> None:
    source = API.replace('"HTTP"', '"WEBSOCKET"') + stage()
    message = "the stack has no aws_apigatewayv2_stage of an HTTP API"
    expect("ACCESS_LOGS", source, ("not_applicable", None, message))


def test_a_stage_of_an_api_elsewhere_is_unproven_where_it_would_fail_and_passes_otherwise() -> None:
    message = 'whether this is a stage of an HTTP API is undecided: the API "a1b2c3" is not declared in this stack'
    expect("ACCESS_LOGS", stage(api_id='«"a1b2c3"»'), ("unproven", STAGE, message))
    expect("ACCESS_LOGS", GROUP + stage(settings(), api_id='"a1b2c3"'), ("pass", STAGE, PASSES))


def test_an_undecided_protocol_leaves_a_failure_unproven() -> None:
    api = API.replace('"HTTP"', "var.protocol") + 'variable "protocol" {}\n'
    message = (
        "whether this is a stage of an HTTP API is undecided: protocol_type is var.protocol, and var.protocol has no "
        "value; give it one with --var-file"
    )
    source = api + stage(api_id="«aws_apigatewayv2_api.shop.id»")
    expect("ACCESS_LOGS", source, ("unproven", STAGE, message))


def test_each_stage_is_judged_for_itself() -> None:
    second = stage(header='«resource "aws_apigatewayv2_stage" "second"»')
    expected = [
        ("pass", STAGE, PASSES),
        (
            "fail",
            "aws_apigatewayv2_stage.second",
            "access_log_settings is not set: nobody can tell who called the API",
        ),
    ]
    expect("ACCESS_LOGS", API + GROUP + stage(settings()) + second, *expected)


def test_an_api_without_a_stage_is_not_judged_here() -> None:
    message = "the stack has no aws_apigatewayv2_stage of an HTTP API"
    expect("ACCESS_LOGS", API, ("not_applicable", None, message))


# Quick create

QUICK = API.replace("}\n", '  target        = «"arn:aws:lambda:eu-west-1:123456789012:function:orders"»\n}\n')
NO_LOGS = "the stage $default that AWS makes for target has no access logs"


def test_a_quick_create_api_fails_at_the_api() -> None:
    expect("ACCESS_LOGS", QUICK, ("fail", API_ADDRESS, NO_LOGS))


def test_a_stage_resource_of_that_name_is_judged_instead() -> None:
    source = QUICK.replace("«", "").replace("»", "") + GROUP + stage(settings())
    expect("ACCESS_LOGS", source, ("pass", STAGE, PASSES))


def test_a_stage_of_another_name_or_api_does_not_help() -> None:
    other = GROUP + stage(settings()).replace('"$default"', '"v1"')
    expect("ACCESS_LOGS", QUICK + other, ("fail", API_ADDRESS, NO_LOGS), ("pass", STAGE, PASSES))
    second = API.replace('"shop"', '"other"') + GROUP + stage(settings(), api_id="aws_apigatewayv2_api.other.id")
    expect("ACCESS_LOGS", QUICK + second, ("fail", API_ADDRESS, NO_LOGS), ("pass", STAGE, PASSES))


UNDECIDED_QUICK = "whether AWS makes a stage without access logs for target is undecided: "


@pytest.mark.parametrize(
    ("stage_source", "why"),
    [
        (
            stage(settings()).replace('"$default"', "var.x"),
            f"{STAGE} may be it: name is var.x, and var.x has no value; give it one with --var-file",
        ),
        (
            stage(settings(), api_id="var.x"),
            f"{STAGE} may be it: the API var.x is not declared in this stack",
        ),
    ],
)
def test_a_stage_that_may_be_it_leaves_quick_create_unproven(stage_source: str, why: str) -> None:
    source = QUICK + GROUP + stage_source + 'variable "x" {}\n'
    expected = [("unproven", API_ADDRESS, UNDECIDED_QUICK + why), ("pass", STAGE, PASSES)]
    expect("ACCESS_LOGS", source, *expected)


def test_a_target_that_may_be_null_is_unproven() -> None:
    api = API.replace("}\n", "  target        = «var.target»\n}\n") + 'variable "target" {}\n'
    why = "target is var.target, and var.target has no value; give it one with --var-file"
    expect("ACCESS_LOGS", api, ("unproven", API_ADDRESS, UNDECIDED_QUICK + why))


def test_a_module_that_is_not_fetched_may_have_the_stage() -> None:
    module = 'module "stage" {\n  source = "example/stage/aws"\n}\n'
    why = "module.stage is not on disk (run terraform init to fetch it) and may declare it"
    expect("ACCESS_LOGS", QUICK + module, ("unproven", API_ADDRESS, UNDECIDED_QUICK + why))
