"""LAMBDA_LOG_GROUP, clause by clause."""

from __future__ import annotations

import pytest

from tests.unit.conventions.http_api import block, marked
from tests.unit.conventions.judging import expect

ORDERS = "aws_lambda_function.orders"
GROUP = "aws_cloudwatch_log_group.orders"
FOUND = f"writes to {GROUP}"
UNDECIDED = "whether its log group is in the stack is undecided: "
WHICH = "which log group the function writes to is undecided: "
VARIABLE = 'variable "x" {}\n'


def function(name: str = '"orders"', *more: str) -> str:
    return block("aws_lambda_function", "«orders", f"function_name = {name}", *more)


def logging(group: str, name: str = '"orders"') -> str:
    """A function that writes where its `logging_config` says."""
    return marked_function(f'  logging_config {{\n    log_format = "JSON"\n    log_group = «{group}»\n  }}\n', name)


def marked_function(more: str, name: str = '"orders"') -> str:
    return f'resource "aws_lambda_function" "orders" {{\n  function_name = {name}\n{more}}}\n'


def group(name: str, *more: str) -> str:
    return block("aws_cloudwatch_log_group", "orders", f"name = {name}", *more)


def absent(name: str) -> str:
    return f"no aws_cloudwatch_log_group is named {name}: Lambda makes it, and it never expires"


def expect_verdict(verdict: str, message: str, source: str) -> None:
    expect("LAMBDA_LOG_GROUP", source, (verdict, ORDERS, message))


@pytest.mark.parametrize(
    "name",
    [
        '"/aws/lambda/orders"',
        f'"/aws/lambda/${{{ORDERS}.function_name}}"',
        f'format("/aws/lambda/%s", {ORDERS}.function_name)',
        f'join("/", ["/aws/lambda", {ORDERS}.function_name])',
    ],
)
def test_the_functions_own_group_passes(name: str) -> None:
    expect_verdict("pass", FOUND, function() + group(name))


@pytest.mark.parametrize("name", ["/aws/lambda/orders-x", "/aws/lambda/order", "/aws/lambda/Orders", "orders", ""])
def test_another_name_fails(name: str) -> None:
    expect_verdict("fail", absent('"/aws/lambda/orders"'), function() + group(f'"{name}"'))


def test_a_stack_without_a_group_fails() -> None:
    expect_verdict("fail", absent('"/aws/lambda/orders"'), function())


def test_the_same_expression_on_both_sides_passes() -> None:
    expect_verdict("pass", FOUND, VARIABLE + function("var.x") + group('"/aws/lambda/${var.x}"'))
    source = VARIABLE + 'locals {\n  name = "${var.x}-orders"\n}\n'
    expect_verdict("pass", FOUND, source + function("local.name") + group('"/aws/lambda/${local.name}"'))


@pytest.mark.parametrize("function_name", ['"orders"', "var.x"])
def test_a_functions_id_is_its_name(function_name: str) -> None:
    source = VARIABLE + function(function_name) + group('"/aws/lambda/${aws_lambda_function.orders.id}"')
    expect_verdict("pass", FOUND, source)


def test_the_id_of_something_else_is_no_name() -> None:
    source = function() + group('"/aws/lambda/${aws_lambda_alias.orders.id}"')
    alias = 'resource "aws_lambda_alias" "orders" {\n  function_name = "orders"\n}\n'
    message = UNDECIDED + f'whether {GROUP} is "/aws/lambda/orders" shows only at apply'
    expect_verdict("unproven", message, source + alias)


@pytest.mark.parametrize("name", ['"/aws/lambda/${var.x}-x"', '"/aws/lambda/x-${var.x}"', '"/aws/lambda${var.x}"'])
def test_a_common_beginning_or_end_is_not_enough(name: str) -> None:
    expect_verdict("fail", absent('"/aws/lambda/${var.x}"'), VARIABLE + function("var.x") + group(name))


def test_a_name_that_only_apply_decides_is_unproven() -> None:
    message = UNDECIDED + f'whether {GROUP} is "/aws/lambda/orders" shows only at apply'
    expect_verdict("unproven", message, VARIABLE + function() + group("var.x"))
    message = UNDECIDED + f'whether {GROUP} is "/aws/lambda/${{var.x}}" shows only at apply'
    expect_verdict("unproven", message, VARIABLE + function("var.x") + group('"/aws/lambda/orders"'))


def test_a_certain_group_is_enough_beside_one_that_apply_decides() -> None:
    other = group("var.x").replace('"orders"', '"other"')
    expect_verdict("pass", FOUND, VARIABLE + other + function() + group('"/aws/lambda/orders"'))


def test_a_name_prefix_is_no_name() -> None:
    prefix = block("aws_cloudwatch_log_group", "orders", 'name_prefix = "/aws/lambda/orders"')
    expect_verdict("fail", absent('"/aws/lambda/orders"'), function() + prefix)


def test_a_group_that_logging_config_names_passes() -> None:
    for written in (f"{GROUP}.name", f"{GROUP}.id", '"/shop/orders"'):
        expect_verdict("pass", FOUND, logging(written) + group('"/shop/orders"'))


def test_a_group_with_a_prefix_is_named_by_reference() -> None:
    prefix = block("aws_cloudwatch_log_group", "orders", 'name_prefix = "orders-"')
    expect_verdict("pass", FOUND, logging(f"{GROUP}.name") + prefix)


def test_the_default_group_is_not_enough_where_logging_config_names_another() -> None:
    expect_verdict("fail", absent('"/shop/orders"'), logging('"/shop/orders"') + group('"/aws/lambda/orders"'))


def test_a_logging_config_without_a_group_keeps_the_default() -> None:
    source = marked_function('  logging_config {\n    log_format = "JSON"\n  }\n')
    expect_verdict("pass", FOUND, marked(source) + group('"/aws/lambda/orders"'))
    expect_verdict(
        "pass", FOUND, marked(logging("null").replace("«", "").replace("»", "")) + group('"/aws/lambda/orders"')
    )


def test_an_undecided_group_in_logging_config_is_unproven() -> None:
    message = UNDECIDED + f"whether {GROUP} is var.x shows only at apply"
    expect_verdict("unproven", message, VARIABLE + logging("var.x") + group('"/aws/lambda/orders"'))


def test_an_undecided_logging_config_is_unproven() -> None:
    more = '  «dynamic "logging_config"» {\n    for_each = var.x\n    content {}\n  }\n'
    message = WHICH + "a dynamic block goes over var.x, and var.x has no value; give it one with --var-file"
    expect_verdict("unproven", message, VARIABLE + marked_function(more) + group('"/aws/lambda/orders"'))


def test_a_group_outside_the_stack_does_not_count() -> None:
    data = 'data "aws_cloudwatch_log_group" "orders" {\n  name = "/aws/lambda/orders"\n}\n'
    expect_verdict("fail", absent('"/aws/lambda/orders"'), function() + data)


SWITCH = 'variable "create" {\n  type = bool\n}\n'
COUNT = "count = var.create ? 1 : 0"


def test_a_group_that_may_not_exist_is_unproven() -> None:
    message = UNDECIDED + f"{GROUP}[0]: whether it exists depends on var.create ? 1 : 0"
    expect_verdict("unproven", message, SWITCH + function() + group('"/aws/lambda/orders"', COUNT))


def test_a_group_that_exists_whenever_the_function_does_passes() -> None:
    source = SWITCH + function('"orders"', COUNT)
    for more in ((COUNT,), ()):
        passed = ("pass", f"{ORDERS}[0]", FOUND + ("[0]" if more else ""))
        expect("LAMBDA_LOG_GROUP", source + group('"/aws/lambda/orders"', *more), passed)


def test_each_instance_has_its_own_group() -> None:
    source = function("each.key", 'for_each = toset(["a", "b"])')
    source += group(f'"/aws/lambda/${{{ORDERS}[each.key].function_name}}"', 'for_each = toset(["a"])')
    expect(
        "LAMBDA_LOG_GROUP",
        source,
        ("pass", f'{ORDERS}["a"]', f'{FOUND}["a"]'),
        ("fail", f'{ORDERS}["b"]', absent('"/aws/lambda/b"')),
    )


def test_the_same_unknown_map_on_both_sides_passes() -> None:
    source = function("each.key", "for_each = var.x") + group('"/aws/lambda/${each.key}"', "for_each = var.x")
    expect("LAMBDA_LOG_GROUP", VARIABLE + source, ("pass", ORDERS, FOUND))


def test_a_function_from_a_module() -> None:
    files = {
        "main.tf": 'module "orders" {\n  source = "./orders"\n}\n' + group('"/aws/lambda/${module.orders.name}"'),
        "orders/main.tf": function() + f'output "name" {{\n  value = {ORDERS}.function_name\n}}\n',
    }
    expect("LAMBDA_LOG_GROUP", files, ("pass", f"module.orders.{ORDERS}", FOUND))


def test_a_name_from_a_module_that_is_not_fetched_is_unproven() -> None:
    source = 'module "names" {\n  source = "example.com/names"\n}\n'
    message = WHICH + "module.names is not on disk: run terraform init to fetch it"
    expect_verdict("unproven", message, source + function("module.names.orders"))


def test_a_module_that_is_not_fetched_may_declare_the_group() -> None:
    source = 'module "logs" {\n  source = "example.com/logs"\n}\n'
    message = UNDECIDED + "module.logs is not on disk (run terraform init to fetch it) and may declare it"
    expect_verdict("unproven", message, source + function())


def test_a_function_without_a_name_is_unproven() -> None:
    expect_verdict("unproven", WHICH + "a null value stands in a template", function("null"))
