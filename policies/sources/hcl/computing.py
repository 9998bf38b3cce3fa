"""What a call comes to whose arguments are known now: references in them became what the source sets them to."""

from __future__ import annotations

from collections.abc import Callable

from ...values import Call, Known, Location, TooLarge, Unknown, Value, is_known
from . import operators
from .access import get_attribute, get_index
from .conversion import as_boolean
from .functions import calls, file_reading
from .names import Names, no_names
from .refused import Refused, TooDeep, Undecided

_OPERATORS = {"+", "-", "*", "/", "%", "==", "!=", "<", ">", "<=", ">=", "&&", "||", "!"}
_NOWHERE = Location("", 1, 1, 1, 1)


def computing() -> Callable[[Call], Value]:
    """For one stack: a function that gives a call's value, or the call as it is where that stays undecided.

    Files are not looked at again: an archive, say, is made before Terraform asks for it.
    """
    module = no_names().module

    def computed(call: Call) -> Value:
        try:
            value = _computed(call, module)
        except (Refused, Undecided, TooDeep, TooLarge):
            return call
        return call if isinstance(value, Unknown) else value

    return computed


def _computed(call: Call, module: Names) -> Value:
    name, arguments, location = call.function, call.arguments, call.location or _NOWHERE
    if name == "conditional":
        condition, when_true, when_false = arguments
        if not isinstance(condition, Known):
            return call
        return when_true if as_boolean(condition) else when_false
    if name in _OPERATORS:
        if len(arguments) == 1:
            return operators.unary(name, arguments[0], location)
        return operators.binary(name, arguments[0], arguments[1], location)
    if name == "try":
        return arguments[0] if is_known(arguments[0]) else call
    if name == "index":
        return get_index(arguments[0], arguments[1], module)
    if name.startswith("."):
        return get_attribute(arguments[0], name[1:], module)
    if name in file_reading.NAMES:
        return call
    return calls.call(name, arguments, module, location)
