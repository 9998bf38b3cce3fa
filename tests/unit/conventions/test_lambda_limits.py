"""LAMBDA_LIMITS, clause by clause."""

from __future__ import annotations

import pytest

from tests.unit.conventions.judging import expect

ORDERS = "aws_lambda_function.orders"
STATED = "memory_size and timeout are stated"
HEADER = '«resource "aws_lambda_function" "orders"»'
DEFAULTS = {"memory_size": "128 MB", "timeout": "3 s"}


def function(*lines: str, header: str = 'resource "aws_lambda_function" "orders"') -> str:
    return f"{header} {{\n" + "".join(f"  {line}\n" for line in lines) + "}\n"


@pytest.mark.parametrize(("memory", "seconds"), [("256", "10"), ('"256"', '"10"'), ("128", "3"), ("1 + 255", "10.0")])
def test_both_stated_pass(memory: str, seconds: str) -> None:
    source = function(f"memory_size = {memory}", f"timeout = {seconds}", header=HEADER)
    expect("LAMBDA_LIMITS", source, ("pass", ORDERS, STATED))


@pytest.mark.parametrize(("absent", "other"), [("memory_size", "timeout"), ("timeout", "memory_size")])
def test_an_absent_one_fails_at_the_header_and_a_null_at_the_expression(absent: str, other: str) -> None:
    message = f"not stated: {absent} (the default is {DEFAULTS[absent]})"
    expect("LAMBDA_LIMITS", function(f"{other} = 10", header=HEADER), ("fail", ORDERS, message))
    expect("LAMBDA_LIMITS", function(f"{other} = 10", f"{absent} = «null»"), ("fail", ORDERS, message))


def test_both_absent_are_named() -> None:
    message = "not stated: memory_size (the default is 128 MB) and timeout (the default is 3 s)"
    expect("LAMBDA_LIMITS", function(header=HEADER), ("fail", ORDERS, message))


@pytest.mark.parametrize(("name", "other"), [("memory_size", "timeout"), ("timeout", "memory_size")])
def test_a_variable_without_default_is_unproven_with_advice(name: str, other: str) -> None:
    message = (
        f"whether {name} is stated is undecided: {name} is var.x, and var.x has no value; give it one with --var-file"
    )
    source = function(f"{name} = «var.x»", f"{other} = 10") + 'variable "x" {}\n'
    expect("LAMBDA_LIMITS", source, ("unproven", ORDERS, message))


def test_an_absent_one_fails_whatever_the_other_is() -> None:
    source = function("memory_size = var.x", header=HEADER) + 'variable "x" {}\n'
    expect("LAMBDA_LIMITS", source, ("fail", ORDERS, "not stated: timeout (the default is 3 s)"))


def module(default: str, header: str = HEADER) -> dict[str, str]:
    source = function("memory_size = var.memory", "timeout = 5", header=header)
    return {
        "main.tf": 'module "orders" {\n  source = "./orders"\n}\n',
        "orders/main.tf": source + f'variable "memory" {{\n  default = {default}\n}}\n',
    }


def test_a_modules_default_counts() -> None:
    expect("LAMBDA_LIMITS", module("512"), ("pass", f"module.orders.{ORDERS}", STATED))


def test_a_modules_default_of_null_is_null() -> None:
    files = module("null", header=HEADER.strip("«»"))
    files["orders/main.tf"] = files["orders/main.tf"].replace("var.memory", "«var.memory»")
    message = "not stated: memory_size (the default is 128 MB)"
    expect("LAMBDA_LIMITS", files, ("fail", f"module.orders.{ORDERS}", message))


def test_a_choice_between_stated_values_passes() -> None:
    memory = "lookup({ prod = 1024 }, terraform.workspace, 256)"
    source = function(f"memory_size = {memory}", 'timeout = terraform.workspace == "prod" ? 20 : 5', header=HEADER)
    expect("LAMBDA_LIMITS", source, ("pass", ORDERS, STATED))


def test_a_choice_with_a_null_in_it_is_unproven() -> None:
    message = (
        "whether memory_size is stated is undecided: memory_size is "
        'terraform.workspace == "prod" ? 1024 : null, which only apply decides'
    )
    source = function('memory_size = «terraform.workspace == "prod" ? 1024 : null»', "timeout = 10")
    expect("LAMBDA_LIMITS", source, ("unproven", ORDERS, message))


def test_another_functions_limit_is_followed() -> None:
    source = function("memory_size = 256", "timeout = 5", header=HEADER)
    other = HEADER.replace("orders", "items")
    source += function(f"memory_size = {ORDERS}.memory_size", "timeout = 5", header=other)
    expect("LAMBDA_LIMITS", source, ("pass", ORDERS, STATED), ("pass", "aws_lambda_function.items", STATED))


def test_a_module_that_is_not_fetched_is_unproven() -> None:
    source = function("memory_size = 256", "timeout = «module.settings.timeout»")
    source += 'module "settings" {\n  source = "example.com/settings"\n}\n'
    message = "whether timeout is stated is undecided: module.settings is not on disk: run terraform init to fetch it"
    expect("LAMBDA_LIMITS", source, ("unproven", ORDERS, message))


def test_each_instance_has_its_own_verdict() -> None:
    source = (
        '«resource "aws_lambda_function" "orders"» {\n'
        "  for_each = { a = { time = 5 }, b = {} }\n"
        '  memory_size = 256\n  timeout = «lookup(each.value, "time", null)»\n}\n'
    )
    expect(
        "LAMBDA_LIMITS",
        source,
        ("pass", f'{ORDERS}["a"]', STATED),
        ("fail", f'{ORDERS}["b"]', "not stated: timeout (the default is 3 s)"),
    )


def test_a_data_source_is_no_function_of_this_stack() -> None:
    source = 'data "aws_lambda_function" "orders" {\n  function_name = "orders"\n}\n'
    expect("LAMBDA_LIMITS", source, ("not_applicable", None, "the stack has no aws_lambda_function"))
