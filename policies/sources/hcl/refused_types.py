"""The type of an expression that has no value: the branch of a conditional that is not chosen may be one."""

from __future__ import annotations

from ...values import Known, Unknown, is_null
from .access import elements, key_of
from .conversion import convert
from .names import Evaluator, Scope
from .nodes import Binary, Conditional, Expression, For, Object, Splat, TemplateFor, TemplateText, Tuple, Unary
from .refused import Refused, Undecided
from .types import ANY, BOOL, NOTHING, NUMBER, STRING, Collection, ObjectType, TupleType, Type, list_of, type_of, unify


def type_of_refused(node: Expression, scope: Scope, value_of: Evaluator) -> Type:
    """The branch that is not chosen has a type, even where some of it has no value."""
    try:
        value = value_of(node, scope)
        if not (isinstance(value, Unknown) and isinstance(node, Conditional)):
            return type_of(value)
    except Refused:
        pass
    if isinstance(node, Tuple):
        return TupleType(tuple(type_of_refused(item, scope, value_of) for item in node.items))
    if isinstance(node, Object):
        try:
            names = [key_of(value_of(key, scope), key) for key, _ in node.elements]
        except Refused:
            return ANY
        types = {
            str(name): type_of_refused(value, scope, value_of)
            for name, (_, value) in zip(names, node.elements, strict=True)
        }
        return ObjectType(tuple(sorted(types.items())))
    if isinstance(node, Conditional):
        branches = type_of_refused(node.when_true, scope, value_of), type_of_refused(node.when_false, scope, value_of)
        if NOTHING in branches:
            return branches[branches[0] == NOTHING]
        if ANY not in branches:
            return unify(branches) or ANY
        try:
            decided = convert(value_of(node.condition, scope), BOOL)
        except Refused:
            return ANY
        return branches[not decided.value] if isinstance(decided, Known) and not is_null(decided) else ANY
    if isinstance(node, Splat):
        source = type_of_refused(node.source, scope, value_of)
        if source == ANY:
            return ANY
        if isinstance(source, Collection) and source.kind != "map":
            return list_of(ANY)
        return TupleType((ANY,) * (len(source.elements) if isinstance(source, TupleType) else 1))
    if isinstance(node, Unary | Binary):
        return NUMBER if node.operator in ("+", "-", "*", "/", "%") else BOOL
    if isinstance(node, For):
        return _type_of_loop(node, scope, value_of)
    return STRING if isinstance(node, TemplateText | TemplateFor) else ANY


def _type_of_loop(node: For, scope: Scope, value_of: Evaluator) -> Type:
    try:
        pairs = elements(value_of(node.source, scope), "for")
    except Refused:
        return ANY
    if node.key is not None or node.condition is not None or isinstance(pairs, Unknown):
        raise Undecided("the type of a loop that Terraform refuses")
    scopes = (scope.with_element(node.names, key, item) for key, item in pairs)
    return TupleType(tuple(type_of_refused(node.result, here, value_of) for here in scopes))
