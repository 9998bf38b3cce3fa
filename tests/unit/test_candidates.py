"""The resources whose attribute may be a value: what is left out certainly is another."""

from routeproof.stack import Resource, Stack
from routeproof.values import NULL, Known, Reference, Unknown, Value

KIND = "aws_cloudwatch_log_group"


def group(address: str, name: Value) -> Resource:
    return Resource(address, KIND, address, {"name": name})


OPEN = group("open", Unknown("nobody knows"))
STACK = Stack(
    "x",
    (
        group("a", Known("a")),
        OPEN,
        group("b", Known("b")),
        group("one", Known(1)),
        group("by_variable", Reference("var.name")),
        group("again", Reference("a", "name")),
        group("none", NULL),
    ),
)


def found(value: Value) -> list[str]:
    return [resource.address for resource in STACK.candidates(KIND, "name", value)]


def test_what_is_known_is_compared_and_the_rest_may_be_it():
    assert found(Known("a")) == ["a", "open", "by_variable", "again"]
    assert found(Known("c")) == ["open", "by_variable"]


def test_as_terraform_compares_them():
    assert found(Known("1")) == ["open", "one", "by_variable"]


def test_a_reference_to_what_is_set_is_what_it_is_set_to():
    assert found(Reference("b", "name")) == ["open", "b", "by_variable"]


def test_anything_may_be_what_is_not_known():
    everything = [resource.address for resource in STACK.resources]
    assert found(Unknown("nobody knows")) == found(Reference("var.other")) == everything


def test_a_type_without_resources():
    assert STACK.candidates("aws_sns_topic", "name", Known("a")) == []
