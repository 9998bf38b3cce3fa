"""Calls that wait for a reference come to a value where the source sets what is referred to."""

from __future__ import annotations

from pathlib import Path

import pytest

from routeproof.values import Call, Known, ListValue, Reference, Value, possible
from tests.unit.conventions.judging import loaded

RESOURCES = """\
variable "size" {
  type = string
}

resource "aws_lambda_function" "orders" {
  function_name = "Orders"
  timeout       = 10
  layers        = ["a", "b"]
}

data "archive_file" "orders" {
  type        = "zip"
  output_path = "orders.zip"
}

locals {
  sizes = { small = 128, large = 512 }
}
"""
ORDERS = "aws_lambda_function.orders"


def value_of(expression: str, directory: Path) -> Value:
    """The value of an output, resolved."""
    stack = loaded(directory, {"main.tf": f'{RESOURCES}output "it" {{\n  value = {expression}\n}}\n'})
    return stack.resolve(stack.outputs[0].value)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        (f"{ORDERS}.timeout * 1000", 10_000),
        (f"-{ORDERS}.timeout", -10),
        (f"min(30, {ORDERS}.timeout + 1)", 11),
        (f"lower({ORDERS}.function_name)", "orders"),
        (f'{ORDERS}.function_name == "Orders"', True),
        (f'!({ORDERS}.timeout > 5) ? "quick" : "slow"', "slow"),
        (f"{ORDERS}.timeout == null ? 3 : {ORDERS}.timeout", 10),
        (f"{{ Orders = 1, Items = 2 }}[{ORDERS}.function_name]", 1),
        (f"try({{ Orders = 1 }}[{ORDERS}.function_name], 2)", 1),
        (f"length({ORDERS}.layers)", 2),
        (f'replace("x-${{{ORDERS}.function_name}}", "x-", "")', "Orders"),
    ],
)
def test_a_call_of_what_the_source_sets_is_its_value(expression: str, value: str | int | bool, tmp_path: Path) -> None:
    assert value_of(expression, tmp_path) == Known(value)


@pytest.mark.parametrize(
    "expression",
    [
        f"{ORDERS}.version * 2",
        f'replace({ORDERS}.invoke_url, "a", "b")',
        f"{{ Items = 1 }}[{ORDERS}.function_name]",
        f"{ORDERS}.layers[{ORDERS}.timeout]",
        f"{ORDERS}.function_name * 2",
    ],
)
def test_a_call_that_stays_undecided_or_that_terraform_refuses_stays(expression: str, tmp_path: Path) -> None:
    assert isinstance(value_of(expression, tmp_path), Call)


@pytest.mark.parametrize("function", ["fileexists", "filebase64sha256", "file"])
def test_a_file_that_is_made_later_is_not_looked_for(function: str, tmp_path: Path) -> None:
    path = Known("orders.zip")
    assert value_of(f"{function}(data.archive_file.orders.output_path)", tmp_path) == Call(function, (path,))


@pytest.mark.parametrize("filled", ["[var.size]", "{ a = var.size }", '"x${var.size}"', "[module.none.x]"])
def test_a_list_an_object_or_a_text_with_something_unknown_in_it_is_not_null(filled: str, tmp_path: Path) -> None:
    source = 'module "none" {\n  source = "a/b/aws"\n}\n'
    files = {"main.tf": f'{RESOURCES}{source}output "it" {{\n  value = [{filled} == null, null != {filled}]\n}}\n'}
    assert loaded(tmp_path, files).outputs[0].value == ListValue((Known(False), Known(True)))


def test_try_keeps_what_it_falls_back_to_where_a_key_is_undecided(tmp_path: Path) -> None:
    size = Reference("var.size")
    found = value_of("try(local.sizes[var.size], null, 64)", tmp_path)
    assert isinstance(found, Call)
    assert found.function == "try"
    assert found.arguments[1:] == (Known(None),)
    assert isinstance(found.arguments[0], Call)
    assert found.arguments[0].arguments[1] == size
    assert value_of("can(local.sizes[var.size])", tmp_path) == Call("can", (found.arguments[0],))
    assert value_of("try(local.sizes[var.size])", tmp_path) == found.arguments[0]


@pytest.mark.parametrize(
    ("expression", "outcomes"),
    [
        ("local.sizes[var.size]", [128, 512]),
        ("lookup(local.sizes, var.size, 64)", [128, 512, 64]),
        ("try(local.sizes[var.size], 64)", [128, 512, 64]),
        ('var.size == "large" ? 512 : local.sizes[var.size]', [512, 128]),
        ("[1, 2, 1][var.size]", [1, 2]),
        ("128", [128]),
    ],
)
def test_what_a_choice_may_turn_out_as(expression: str, outcomes: list[int], tmp_path: Path) -> None:
    assert possible(value_of(expression, tmp_path)) == tuple(map(Known, outcomes))


def test_a_lookup_in_what_only_apply_knows_may_turn_out_as_anything(tmp_path: Path) -> None:
    found = value_of("lookup(aws_lambda_function.orders.tags_all, var.size, 64)", tmp_path)
    assert isinstance(found, Call)
    assert possible(found) == (found,)
