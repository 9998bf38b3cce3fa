"""LOG_RETENTION, clause by clause."""

from __future__ import annotations

import pytest

from tests.unit.conventions.judging import expect

GROUP = "aws_cloudwatch_log_group.orders"
UNSET = "retention_in_days is not set, so the events never expire"
FROM_AWS = "1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653"


LIVE = 'variable "live" {\n  type = bool\n}\n'
ADVICE = "give it one with --var-file"


def group(days: str, *more: str) -> str:
    lines = "".join(f"  {line}\n" for line in more)
    return f'resource "aws_cloudwatch_log_group" "orders" {{\n  retention_in_days = {days}\n{lines}}}\n'


def expect_days(days: str, verdict: str, message: str) -> None:
    expect("LOG_RETENTION", group(f"«{days}»"), (verdict, GROUP, message))


@pytest.mark.parametrize("days", FROM_AWS.split(", "))
def test_every_value_that_cloudwatch_accepts_passes(days: str) -> None:
    expect_days(days, "pass", f"events expire after {days} days")


@pytest.mark.parametrize("days", ["2", "13", "31", "366", "3654", "-1", "14.5"])
def test_a_value_that_cloudwatch_does_not_accept_fails(days: str) -> None:
    expect_days(days, "fail", f"retention_in_days is {days}, which CloudWatch does not accept")


@pytest.mark.parametrize(("text", "days"), [('"30"', "30"), ('"030"', "030"), ("30.0", "30")])
def test_terraform_converts_a_text_to_a_number(text: str, days: str) -> None:
    expect_days(text, "pass", f"events expire after {days} days")


@pytest.mark.parametrize("text", ['"two weeks"', '""', "true"])
def test_a_text_that_is_no_number_fails(text: str) -> None:
    expect_days(text, "fail", f"retention_in_days is {text.strip(chr(34))}, which CloudWatch does not accept")


def test_absent_fails_at_the_header() -> None:
    source = '«resource "aws_cloudwatch_log_group" "orders"» {\n  name = "/aws/lambda/orders"\n}\n'
    expect("LOG_RETENTION", source, ("fail", GROUP, UNSET))


def test_null_is_absent_and_fails_at_the_expression() -> None:
    expect_days("null", "fail", UNSET)


@pytest.mark.parametrize("zero", ["0", '"0"', "0.0"])
def test_0_means_never_and_fails(zero: str) -> None:
    expect_days(zero, "fail", "retention_in_days is 0, so the events never expire")


def test_class_delivery_is_not_applicable() -> None:
    source = '{\n  log_group_class = «"DELIVERY"»\n}\n'
    message = "CloudWatch fixes the retention of class DELIVERY"
    expect(
        "LOG_RETENTION", f'resource "aws_cloudwatch_log_group" "orders" {source}', ("not_applicable", GROUP, message)
    )


@pytest.mark.parametrize("other", ['"INFREQUENT_ACCESS"', '"STANDARD"', "null"])
def test_other_classes_are_judged(other: str) -> None:
    source = group("«0»", f"log_group_class = {other}")
    expect("LOG_RETENTION", source, ("fail", GROUP, "retention_in_days is 0, so the events never expire"))


def test_an_undecided_class_leaves_a_bad_retention_unproven_and_a_good_one_passes() -> None:
    variable = 'variable "class" {}\n'
    message = (
        "the log group's class is undecided: log_group_class is var.class, and var.class has no value; "
        "give it one with --var-file"
    )
    bad = group("0", "log_group_class = «var.class»") + variable
    expect("LOG_RETENTION", bad, ("unproven", GROUP, message))
    good = group("«7»", "log_group_class = var.class") + variable
    expect("LOG_RETENTION", good, ("pass", GROUP, "events expire after 7 days"))


def test_a_variable_without_default_is_unproven_with_advice() -> None:
    message = (
        "the retention is undecided: retention_in_days is var.days, and var.days has no value; "
        "give it one with --var-file"
    )
    expect("LOG_RETENTION", group("«var.days»") + 'variable "days" {}\n', ("unproven", GROUP, message))


def test_a_variable_with_default_or_with_a_value_from_tfvars_is_decided() -> None:
    source = group("«var.days»") + 'variable "days" {\n  default = 13\n}\n'
    message = "retention_in_days is 13, which CloudWatch does not accept"
    expect("LOG_RETENTION", source, ("fail", GROUP, message))
    files = {"main.tf": source, "terraform.tfvars": "days = 14\n"}
    expect("LOG_RETENTION", files, ("pass", GROUP, "events expire after 14 days"))


def test_a_decided_conditional_is_its_branch() -> None:
    expect_days("1 > 2 ? 0 : 30", "pass", "events expire after 30 days")


def test_an_undecided_conditional_is_unproven() -> None:
    source = group("«var.live ? 30 : 0»") + LIVE
    message = (
        "the retention is undecided: retention_in_days is var.live ? 30 : 0, and var.live has no value; "
        "give it one with --var-file"
    )
    expect("LOG_RETENTION", source, ("unproven", GROUP, message))


@pytest.mark.parametrize(
    "days",
    ["var.live ? 30 : 7", "lookup({ a = 30 }, terraform.workspace, 7)", "{ a = 30, b = 7 }[terraform.workspace]"],
)
def test_a_choice_between_good_values_passes(days: str) -> None:
    expect("LOG_RETENTION", group(f"«{days}»") + LIVE, ("pass", GROUP, "events expire after 30 or 7 days"))


@pytest.mark.parametrize(
    ("days", "shown"),
    [
        ("var.live ? 30 : null", "var.live ? 30 : null"),
        ("var.live ? 30 : (var.live ? 7 : 13)", "var.live ? 30 : (var.live ? 7 : 13)"),
        ("try({ a = 30 }[var.live], 0)", "try({a = 30}[var.live], 0)"),
    ],
)
def test_a_choice_with_a_bad_value_in_it_is_unproven(days: str, shown: str) -> None:
    message = f"the retention is undecided: retention_in_days is {shown}, and var.live has no value; {ADVICE}"
    expect("LOG_RETENTION", group(f"«{days}»") + LIVE, ("unproven", GROUP, message))


def test_another_resources_attribute_is_followed() -> None:
    source = group("7") + (
        'resource "aws_cloudwatch_log_group" "other" {\n'
        "  retention_in_days = «aws_cloudwatch_log_group.orders.retention_in_days»\n}\n"
    )
    expect(
        "LOG_RETENTION",
        source.replace("days = 7", "days = «7»"),
        ("pass", GROUP, "events expire after 7 days"),
        ("pass", "aws_cloudwatch_log_group.other", "events expire after 7 days"),
    )


def test_every_instance_is_judged_at_its_own_address() -> None:
    source = (
        'resource "aws_cloudwatch_log_group" "all" {\n'
        '  for_each          = { live = 30, "te\\"st" = 0 }\n'
        "  retention_in_days = «each.value»\n}\n"
    )
    expect(
        "LOG_RETENTION",
        source,
        ("pass", 'aws_cloudwatch_log_group.all["live"]', "events expire after 30 days"),
        ("fail", 'aws_cloudwatch_log_group.all["te\\"st"]', "retention_in_days is 0, so the events never expire"),
    )


def test_a_group_in_a_module_is_judged_with_the_calls_arguments() -> None:
    files = {
        "main.tf": 'module "logs" {\n  source = "./logs"\n  days   = 13\n}\n',
        "logs/main.tf": group("«var.days»") + 'variable "days" {}\n',
    }
    message = "retention_in_days is 13, which CloudWatch does not accept"
    expect("LOG_RETENTION", files, ("fail", f"module.logs.{GROUP}", message))


def test_a_value_from_a_module_that_is_not_fetched_is_unproven() -> None:
    source = group("«module.settings.days»") + 'module "settings" {\n  source = "example.com/settings"\n}\n'
    message = "the retention is undecided: module.settings is not on disk: run terraform init to fetch it"
    expect("LOG_RETENTION", source, ("unproven", GROUP, message))


def test_a_data_source_is_no_log_group_of_this_stack() -> None:
    source = 'data "aws_cloudwatch_log_group" "orders" {\n  name = "x"\n}\n'
    message = "the stack has no aws_cloudwatch_log_group"
    expect("LOG_RETENTION", source, ("not_applicable", None, message))
