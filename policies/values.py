"""What an attribute of a stack can be, known or not.

Most of what matters here is unknown before apply and still decidable:
`"${aws_apigatewayv2_api.main.execution_arn}/*/*"` is a `Template` of a `Reference` and a text, and two such templates
can be compared. `Unknown` is the last resort.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import ClassVar, NamedTuple, TypeAlias

Scalar: TypeAlias = "str | int | Decimal | bool | None"
Value: TypeAlias = "Known | ListValue | ObjectValue | Reference | Template | Call | Unknown"

MAX_WEIGHT = 200_000


class Location(NamedTuple):
    """A range of a source file. Lines and columns count from 1, columns in code points; the end is exclusive."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """A scalar that the source decides; `Known(None)` is Terraform's null, and an absent attribute."""

    value: Scalar
    location: Location | None = None
    null_of: object = None
    """Of a null that was converted: the type; the source that evaluates knows what it means."""

    @property
    def weight(self) -> int:
        """1, and more for a long text."""
        return 1 + len(self.value) // 64 if isinstance(self.value, str) else 1

    def _identity(self) -> tuple[str, Scalar]:
        kind = "bool" if isinstance(self.value, bool) else "text" if isinstance(self.value, str) else "number"
        return ("null" if self.value is None else kind, self.value)

    # Python takes 1 and True for the same; Terraform does not.
    def __eq__(self, other: object) -> bool:
        return isinstance(other, Known) and self._identity() == other._identity()

    def __hash__(self) -> int:
        return hash(self._identity())


class TooLarge(Exception):
    """A value past `MAX_WEIGHT`: a source of a few lines can double a list forty times."""


def _weigh(parts: Iterable[Value]) -> int:
    weight = 1 + sum(part.weight for part in parts)
    if weight > MAX_WEIGHT:
        raise TooLarge(f"a value of more than {MAX_WEIGHT:,} parts")
    return weight


@dataclass(frozen=True, slots=True)
class ListValue:
    """A list, a tuple, or a set (`is_set`; its items are sorted and distinct)."""

    items: tuple[Value, ...]
    is_set: bool = False
    location: Location | None = field(default=None, compare=False)
    of: object = field(default=None, compare=False, repr=False)
    """The elements' type in a list or a set, for the source that evaluates; None for a tuple."""
    weight: int = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "weight", _weigh(self.items))


@dataclass(frozen=True, slots=True)
class ObjectValue:
    """A map or an object."""

    fields: Mapping[str, Value]
    location: Location | None = field(default=None, compare=False)
    of: object = field(default=None, compare=False, repr=False)
    """The elements' type in a map; None for an object."""
    weight: int = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "weight", _weigh(self.fields.values()))

    def __hash__(self) -> int:
        return hash(frozenset(self.fields.items()))


@dataclass(frozen=True, slots=True)
class Reference:
    """An attribute of something that is not known before apply.

    `address` is Terraform's, with module path and instance key: `module.api["a"].aws_lambda_function.fn[0]`,
    `data.aws_region.current`, `var.name` (a variable without a value). `attribute` is the path behind it,
    `invoke_arn` or `cors_configuration[0].max_age`; empty for the whole.
    """

    address: str
    attribute: str = ""
    location: Location | None = field(default=None, compare=False)
    weight: ClassVar[int] = 1

    def __str__(self) -> str:
        if not self.attribute or self.attribute.startswith("["):
            return self.address + self.attribute
        return f"{self.address}.{self.attribute}"


@dataclass(frozen=True, slots=True)
class Template:
    """A text made of literals and unknowns: at least one part is not `Known`, no two `Known` parts touch."""

    parts: tuple[Value, ...]
    location: Location | None = field(default=None, compare=False)
    weight: int = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "weight", _weigh(self.parts))


@dataclass(frozen=True, slots=True)
class Call:
    """A function of something that is not known before apply."""

    function: str
    arguments: tuple[Value, ...]
    location: Location | None = field(default=None, compare=False)
    weight: int = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "weight", _weigh(self.arguments))


@dataclass(frozen=True, slots=True, eq=False)
class Unknown:
    """A value that nothing can be said of; equal to nothing but itself. `reason` is a clause for a message."""

    reason: str
    location: Location | None = None
    weight: ClassVar[int] = 1


NULL = Known(None)


def is_null(value: Value) -> bool:
    return isinstance(value, Known) and value.value is None


def text_of(value: Scalar) -> str | None:
    """The string that Terraform converts a scalar to; None for null."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def number_of(value: Scalar) -> Decimal | None:
    """The number that Terraform converts a scalar to; None where it is no number."""
    try:
        number = Decimal(text_of(value) or "")
    except InvalidOperation:
        return None
    return number.normalize() if number.is_finite() else None


def template(parts: Iterable[Value], location: Location | None = None) -> Value:
    """Concatenate parts as a Terraform template does: flattened, literals joined; the first Unknown wins."""
    flat: list[Value] = []
    for part in parts:
        for piece in part.parts if isinstance(part, Template) else (part,):
            if isinstance(piece, Unknown):
                return piece
            if is_null(piece):
                return Unknown("a null value stands in a template", piece.location or location)
            if isinstance(piece, ListValue | ObjectValue):
                return Unknown("a list or an object stands in a template", piece.location or location)
            if isinstance(piece, Known):
                piece = Known(text_of(piece.value), piece.location)
                if flat and isinstance(flat[-1], Known):
                    _weigh((flat[-1], piece))
                    flat[-1] = Known(f"{flat[-1].value}{piece.value}", flat[-1].location)
                    continue
            flat.append(piece)
    flat = [part for part in flat if part != Known("")] or [Known("")]
    if len(flat) == 1 and isinstance(flat[0], Known):
        return Known(flat[0].value, location)
    # A template around one string reference is that reference.
    return flat[0] if len(flat) == 1 else Template(tuple(flat), location)


def walk(value: Value) -> Iterator[Value]:
    """The value and everything that it is made of."""
    pending = [value]
    while pending:
        current = pending.pop()
        yield current
        if isinstance(current, ListValue):
            pending.extend(current.items)
        elif isinstance(current, ObjectValue):
            pending.extend(current.fields.values())
        elif isinstance(current, Template):
            pending.extend(current.parts)
        elif isinstance(current, Call):
            pending.extend(current.arguments)


def first_unknown(value: Value) -> Unknown | None:
    return next((part for part in walk(value) if isinstance(part, Unknown)), None)


def is_known(value: Value) -> bool:
    """Whether nothing in it waits for apply or is undecided."""
    return all(isinstance(part, Known | ListValue | ObjectValue) for part in walk(value))


def same(left: Value, right: Value) -> bool | None:
    """Whether two values are equal at apply: True and False are proven, None is undecided."""
    if first_unknown(left) or first_unknown(right):
        return None
    if left == right:
        return True
    if isinstance(left, Known) and isinstance(right, Known):
        return text_of(left.value) == text_of(right.value)
    if is_known(left) and is_known(right):
        return False
    for value, other in ((left, right), (right, left)):
        if isinstance(value, Template) and (_is_longer(value, other) or not _ends_can_meet(value, other)):
            return False
    return None


def _is_longer(left: Value, right: Value) -> bool:
    """Whether the left text holds all that the right one does and more literals: `"${name}-x"` is never `name`."""
    (more, text), (less, other_text) = _unknowns_and_text(left), _unknowns_and_text(right)
    return less <= more and len(text) > len(other_text)


def _unknowns_and_text(value: Value) -> tuple[Counter[Value], str]:
    parts = value.parts if isinstance(value, Template) else (value,)
    literals = [str(text_of(part.value)) for part in parts if isinstance(part, Known)]
    return Counter(part for part in parts if not isinstance(part, Known)), "".join(literals)


def _ends_can_meet(value: Template, other: Value) -> bool:
    """Whether the literals at both ends of a template leave room for it to equal the other text."""
    theirs = other.parts if isinstance(other, Template) else (other,)
    first, last, their_first, their_last = value.parts[0], value.parts[-1], theirs[0], theirs[-1]
    if isinstance(first, Known) and isinstance(their_first, Known):
        mine, other_text = str(first.value), str(their_first.value)
        shorter = min(len(mine), len(other_text))
        if (len(theirs) == 1 and len(other_text) < len(mine)) or mine[:shorter] != other_text[:shorter]:
            return False
    if isinstance(last, Known) and isinstance(their_last, Known):
        mine, other_text = str(last.value), str(their_last.value)
        shorter = min(len(mine), len(other_text))
        if (len(theirs) == 1 and len(other_text) < len(mine)) or mine[-shorter:] != other_text[-shorter:]:
            return False
    return True


def possible(value: Value) -> tuple[Value, ...]:
    """What a value may turn out as: the branches of a conditional, what a key may find in a known map; else itself."""
    if isinstance(value, Call):
        found = _alternatives(value)
        if found is not None:
            return tuple(dict.fromkeys(result for alternative in found for result in possible(alternative)))
    return (value,)


def _alternatives(call: Call) -> tuple[Value, ...] | None:
    first, *others = call.arguments
    if call.function == "conditional":
        return tuple(others)
    if call.function == "try":
        return call.arguments
    if call.function in ("lookup", "index") and isinstance(first, ListValue | ObjectValue):
        elements = first.items if isinstance(first, ListValue) else first.fields.values()
        return (*elements, *others[1:]) or None
    return None


def describe(value: Value) -> str:
    """The value as a person would write it in Terraform, for messages; long ones are cut."""
    return _cut(_written(value))


def _cut(text: str, limit: int = 120) -> str:
    return text if len(text) <= limit else text[: limit - 3] + "..."


def _written(value: Value) -> str:
    if isinstance(value, Known):
        if isinstance(value.value, str):
            return '"' + value.value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
        return "null" if value.value is None else str(text_of(value.value))
    if isinstance(value, ListValue):
        return "[" + ", ".join(_written(item) for item in value.items) + "]"
    if isinstance(value, ObjectValue):
        return "{" + ", ".join(f"{name} = {_written(item)}" for name, item in value.fields.items()) + "}"
    if isinstance(value, Template):
        parts = (str(p.value) if isinstance(p, Known) else "${" + _written(p) + "}" for p in value.parts)
        return '"' + "".join(parts) + '"'
    if isinstance(value, Call):
        return _written_call(value)
    if isinstance(value, Reference):
        return str(value)
    return f"(unknown: {value.reason})"


_BETWEEN = ("+", "-", "*", "/", "%", "==", "!=", "<", ">", "<=", ">=", "&&", "||")


def _written_call(call: Call) -> str:
    name, arguments = call.function, call.arguments
    if name == "conditional":
        choices = ("conditional",)  # operators bind closer
        condition, when_true, when_false = (_operand(argument, choices) for argument in arguments)
        return f"{condition} ? {when_true} : {when_false}"
    if name in _BETWEEN and len(arguments) == 2:
        return f" {name} ".join(map(_operand, arguments))
    if name in ("!", "-"):
        return name + _operand(arguments[0])
    if name == "index":
        return f"{_operand(arguments[0])}[{_written(arguments[1])}]"
    if name.startswith("."):
        return _operand(arguments[0]) + name
    if name == "splat":
        return _operand(arguments[0]) + str(text_of(arguments[1].value) if isinstance(arguments[1], Known) else "")
    if name == "instances":
        return _written(arguments[0])
    if name in ("each.key", "each.value", "count.index"):
        return name
    return f"{name}({', '.join(map(_written, arguments))})"


def _operand(value: Value, loose: Collection[str] = ("conditional", *_BETWEEN)) -> str:
    """In parentheses where it would not hold together with what is beside it."""
    holds = not isinstance(value, Call) or value.function not in loose
    return _written(value) if holds else f"({_written(value)})"


def what_decides(value: Value) -> str:
    """What an undecided value waits for, as a clause that follows it."""
    references = [part for part in walk(value) if isinstance(part, Reference)]
    names = sorted({reference.address for reference in references if reference.address.startswith("var.")})
    if not names:
        return "which only apply decides"
    if all(reference.address in names for reference in references):
        have, them = ("has", "it") if len(names) == 1 else ("have", "them")
        return f"and {' and '.join(names)} {have} no value; give {them} one with --var-file"
    return f"which only apply decides; give {names[0]} a value with --var-file"
