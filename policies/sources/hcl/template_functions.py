"""`templatefile` and `templatestring`: a template that sees its variables and nothing else of the module."""

from __future__ import annotations

from ...values import Known, ListValue, Location, ObjectValue, Value, is_known
from .conversion import convert
from .embedded import parse_text
from .functions import calls
from .functions.file_reading import text_of_file
from .names import Evaluator, Scope
from .refused import Refused
from .syntax import SourceError
from .types import STRING


def template_of_file(arguments: list[Value], scope: Scope, location: Location, value_of: Evaluator) -> Value:
    if len(arguments) != 2:
        raise Refused(f"templatefile takes 2 arguments, not {len(arguments)}")
    path, variables = convert(arguments[0], STRING), arguments[1]
    if not is_known(path) or not isinstance(variables, Known | ListValue | ObjectValue):
        return calls.symbolic("templatefile", arguments, location)
    if not isinstance(path, Known) or not isinstance(path.value, str):
        raise Refused("a path is null")
    if not isinstance(variables, ObjectValue):
        raise Refused("templatefile needs an object of variables")
    return _filled(text_of_file(path.value, scope.module), variables, scope, Location(path.value, 1, 1, 1, 1), value_of)


def template_of_text(arguments: list[Value], scope: Scope, location: Location, value_of: Evaluator) -> Value:
    if len(arguments) != 2:
        raise Refused(f"templatestring takes 2 arguments, not {len(arguments)}")
    text, variables = convert(arguments[0], STRING), arguments[1]
    if not is_known(text) or not isinstance(variables, Known | ListValue | ObjectValue):
        return calls.symbolic("templatestring", arguments, location)
    if not isinstance(text, Known) or not isinstance(text.value, str):
        raise Refused("a template is null")
    if not isinstance(variables, ObjectValue):
        raise Refused("templatestring needs an object of variables")
    return convert(_filled(text.value, variables, scope, location, value_of), STRING)


def _filled(text: str, variables: ObjectValue, scope: Scope, place: Location, value_of: Evaluator) -> Value:
    try:
        expression = parse_text(text, place)
    except SourceError as error:
        raise Refused(f"the template does not parse: {error}") from None
    return value_of(expression, Scope(scope.module.without_names(), variables.fields))
