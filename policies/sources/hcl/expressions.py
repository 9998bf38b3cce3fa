"""Expressions to values, as Terraform evaluates them before apply.

What Terraform would refuse raises `Refused` (so that `try` and `can` see it); what cannot be decided is a symbolic
value or an `Unknown`. Nothing is executed, and files are read only through the module, which keeps to its boundary.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ...values import (
    Call,
    Known,
    ListValue,
    Location,
    ObjectValue,
    Reference,
    Template,
    TooLarge,
    Unknown,
    Value,
    first_unknown,
    is_known,
    is_null,
    template,
    walk,
)
from . import operators
from .access import get_attribute, get_index, key_of
from .conversion import as_boolean, convert
from .functions import calls
from .limits import MAX_DEPTH, MAX_STEPS
from .loops import loop, splat
from .names import Scope
from .nodes import (
    Binary,
    Conditional,
    Expression,
    For,
    Function,
    GetAttribute,
    GetIndex,
    Invalid,
    Literal,
    Object,
    Splat,
    TemplateFor,
    TemplateText,
    Traversal,
    Tuple,
    Unary,
)
from .refused import Refused, TooDeep, Undecided
from .refused_types import type_of_refused
from .template_functions import template_of_file, template_of_text
from .types import BOOL, type_of


def evaluate(expression: Expression, scope: Scope) -> Value:
    """The value of an expression; what Terraform would refuse is Unknown with Terraform's reason."""
    try:
        return strictly(expression, scope)
    except Refused as refusal:
        return Unknown(f"Terraform refuses it: {refusal}", expression.location)


def strictly(expression: Expression, scope: Scope) -> Value:
    """The value of an expression.

    Raises:
        Refused: Terraform would stop with an error here.
        TooDeep: the expression, or the chain of definitions behind it, is past a bound.
    """
    effort = scope.module.effort
    effort.depth += 1
    effort.steps += 1
    try:
        if effort.depth > MAX_DEPTH or effort.steps > MAX_STEPS:
            effort.check(expression.location)
        return _EVALUATORS[type(expression)](expression, scope)
    except Undecided as undecided:
        return Unknown(str(undecided), expression.location)
    except TooLarge as error:
        raise TooDeep(expression.location, str(error)) from None
    finally:
        effort.depth -= 1


def _literal(node: Literal, scope: Scope) -> Value:
    return node.value


def _traversal(node: Traversal, scope: Scope) -> Value:
    root, *path = node.names
    if root in scope.names:
        value = scope.names[root]
    else:
        found = scope.module.lookup(root, tuple(path))
        if found is None:
            raise Refused(f"{'.'.join(node.names)} is not declared")
        value, taken = found
        path = path[taken:]
        if isinstance(value, Reference) and value.location is None:  # a variable's place is its declaration
            value = Reference(value.address, value.attribute, node.location)
    for name in path:
        value = get_attribute(value, name, scope.module)
    return value


def _tuple(node: Tuple, scope: Scope) -> Value:
    return ListValue(tuple(strictly(item, scope) for item in node.items), location=node.location)


def _object(node: Object, scope: Scope) -> Value:
    fields: dict[str, Value] = {}
    for key_node, value_node in node.elements:
        key = key_of(strictly(key_node, scope), key_node)
        if isinstance(key, Unknown):
            return key
        fields[key] = strictly(value_node, scope)
    return ObjectValue(fields, node.location)


def _conditional(node: Conditional, scope: Scope) -> Value:
    decided = strictly(node.condition, scope)
    if isinstance(decided, Unknown):
        return decided
    decided = convert(decided, BOOL)
    branches: list[Value | Refused] = []
    for branch in (node.when_true, node.when_false):
        try:
            branches.append(strictly(branch, scope))
        except Refused as refusal:
            branches.append(refusal)
    if isinstance(decided, Known):
        truth = as_boolean(decided)
        chosen, other = branches if truth else reversed(branches)
        if isinstance(chosen, Refused):
            raise chosen
        scope.module.effort.spend(*(branch for branch in branches if not isinstance(branch, Refused)))
        if not isinstance(other, Refused):
            return operators.unified(chosen, type_of(other))
        return operators.unified(chosen, type_of_refused(node.when_false if truth else node.when_true, scope, strictly))
    for result in branches:
        if isinstance(result, Refused):
            raise result
    first, second = (result for result in branches if not isinstance(result, Refused))
    first, second = operators.unified(first, type_of(second)), operators.unified(second, type_of(first))
    if not first_unknown(first) and first == second:
        return first
    return Call("conditional", (decided, first, second), node.location)


def _function(node: Function, scope: Scope) -> Value:
    if node.name in ("try", "can"):
        return _try_or_can(node, scope)
    values = [strictly(argument, scope) for argument in node.arguments]
    if node.expanded:
        last = values.pop()
        if isinstance(last, Unknown):
            return last
        if isinstance(last, ObjectValue | Known | Template):
            raise Refused("only a list can be expanded into arguments")
        if not isinstance(last, ListValue):
            return Unknown("the arguments are a list that is known only after apply", node.location)
        values.extend(last.items)
    scope.module.effort.spend(*values)
    if node.name == "templatefile":
        return template_of_file(values, scope, node.location, strictly)
    if node.name == "templatestring":
        return template_of_text(values, scope, node.location, strictly)
    return calls.call(node.name, values, scope.module, node.location)


def _try_or_can(node: Function, scope: Scope) -> Value:
    tried: list[Value] = []
    for argument in node.arguments:
        try:
            tried.append(strictly(argument, scope))
        except Refused:
            continue
        if node.name == "can" or not _may_lack(tried[-1]):
            break
    if not tried and node.name == "can":
        return Known(False, node.location)
    if not tried:
        raise Refused("no argument of try succeeds")
    if len(tried) > 1 or first_unknown(tried[0]) or (node.name == "can" and not is_known(tried[0])):
        # Which of them fails shows only at apply.
        return Call(node.name, tuple(tried), node.location)
    return tried[0] if node.name == "try" else Known(True, node.location)


def _may_lack(value: Value) -> bool:
    """Whether only apply decides if a collection has the element that is asked for."""
    return any(isinstance(part, Call) and part.function == "index" for part in walk(value))


def _invalid(node: Invalid, scope: Scope) -> Value:
    raise Refused(node.reason)


def _text(node: TemplateText, scope: Scope) -> Value:
    return _joined([strictly(part, scope) for part in node.parts], node.location)


def _joined(parts: list[Value], location: Location) -> Value:
    for part in parts:
        if is_null(part):
            raise Refused("a null value stands in a template")
        if isinstance(part, ListValue | ObjectValue):
            raise Refused("a list or an object stands in a template")
    return template(parts, location)


def _repeated(node: TemplateFor, scope: Scope) -> Value:
    texts = strictly(node.loop, scope)
    return _joined(list(texts.items), node.location) if isinstance(texts, ListValue) else texts


def _get_attribute(node: GetAttribute, scope: Scope) -> Value:
    return get_attribute(strictly(node.source, scope), node.name, scope.module)


def _get_index(node: GetIndex, scope: Scope) -> Value:
    return get_index(strictly(node.source, scope), strictly(node.key, scope), scope.module)


def _unary(node: Unary, scope: Scope) -> Value:
    return operators.unary(node.operator, strictly(node.operand, scope), node.location)


def _binary(node: Binary, scope: Scope) -> Value:
    left, right = strictly(node.left, scope), strictly(node.right, scope)
    scope.module.effort.spend(left, right)
    return operators.binary(node.operator, left, right, node.location)


_EVALUATORS: Mapping[type, Callable[..., Value]] = {
    Literal: _literal,
    Traversal: _traversal,
    GetAttribute: _get_attribute,
    GetIndex: _get_index,
    Splat: lambda node, scope: splat(node, scope, strictly),
    Tuple: _tuple,
    Object: _object,
    Unary: _unary,
    Binary: _binary,
    Conditional: _conditional,
    For: lambda node, scope: loop(node, scope, strictly),
    Function: _function,
    Invalid: _invalid,
    TemplateText: _text,
    TemplateFor: _repeated,
}
