"""Terraform's functions on values.

A function of something that is known only after apply stays a `Call`; one that is not in the tables is Unknown with its
name. Semantics: developer.hashicorp.com/terraform/language/functions.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module

from ....values import Call, Known, Location, Unknown, Value, first_unknown, is_known, is_null
from ..conversion import convert
from ..names import Names
from ..refused import Refused, Undecided
from ..types import ANY
from . import file_reading
from .signatures import Signature, from_plain, to_plain

# Hashes of files and of texts stay symbolic: a convention wants to see of what. Their argument is never read.
KEPT = {
    *("filebase64sha256", "filebase64sha512", "filemd5", "filesha1", "filesha256", "filesha512", "filebase64"),
    *("base64sha256", "base64sha512"),
}
# Their cost grows with both lengths.
_MATCHING = {"regex", "regexall", "replace"}
# Different in each run, on each machine, or only after apply.
NEVER_KNOWN = {"abspath", "bcrypt", "plantimestamp", "rsadecrypt", "timestamp", "uuid"}
# What `expressions` evaluates, as more than the values of the arguments counts.
EVALUATED_THERE = {"can", "templatefile", "templatestring", "try"}
# The other functions that Terraform has.
UNSUPPORTED = {
    *("base64gzip", "convert", "csvdecode", "formatdate", "issensitive", "textdecodebase64", "textencodebase64"),
    *("timeadd", "timecmp", "uuidv5", "yamldecode"),
}
# In this order, each imported when a function is looked for in it: most stacks need few.
TABLES = ("lists", "maps", "text", "conversions", "encodings", "arithmetic", "sets", "network")


@cache
def _signature(name: str) -> Signature | None:
    for module in TABLES:
        table: Mapping[str, Signature] = import_module(f".{module}", __package__).TABLE
        if name in table:
            return table[name]
    return None


def call(name: str, arguments: Sequence[Value], module: Names, location: Location) -> Value:
    """The value of `name(arguments...)`.

    Raises:
        Refused: Terraform would stop with an error here.
    """
    name = name.removeprefix("core::")
    if name in KEPT:
        _count(name, 1, 1, len(arguments))
        return symbolic(name, arguments, location)
    if name in NEVER_KNOWN:
        return symbolic(name, arguments, location)
    if name in file_reading.NAMES:
        if not all(is_known(argument) for argument in arguments):
            return symbolic(name, arguments, location)
        return file_reading.call(name, arguments, module, location)
    for argument in arguments:
        if isinstance(argument, Unknown):
            return argument
    if name in _MATCHING:
        texts = [str(argument.value) for argument in arguments[:2] if isinstance(argument, Known)]
        module.effort.steps += math.prod(map(len, texts)) // 4
    signature = _signature(name)
    if signature is None and name in UNSUPPORTED and not all(map(is_known, arguments)):
        return symbolic(name, arguments, location)
    if signature is None:
        return Unknown(f"the function {name} is not supported", location)
    least, most = len(signature.parameters) - signature.optional, len(signature.parameters)
    _count(name, least, None if signature.rest is not None else most, len(arguments))
    rest = [signature.rest or ANY] * (len(arguments) - most)
    values = [convert(value, kind) for value, kind in zip(arguments, [*signature.parameters, *rest], strict=False)]
    if not signature.nulls and any(is_null(value) for value in values):
        raise Refused(f"an argument of {name} is null")
    try:
        if not signature.plain:
            result = signature.body(*values)
            return symbolic(name, arguments, location) if result is None else result
        if not all(is_known(value) for value in values):
            return symbolic(name, arguments, location)
        return convert(from_plain(signature.body(*map(to_plain, values)), location), signature.result)
    except (TypeError, ValueError, IndexError, ArithmeticError) as error:
        raise Refused(f"{name} does not accept these arguments ({error})") from None
    except RecursionError:
        raise Undecided(f"{name} of something nested so deeply") from None


def _count(name: str, least: int, most: int | None, given: int) -> None:
    if given < least or (most is not None and given > most):
        raise Refused(f"{name} takes {least}{f' to {most}' if most != least else ''} arguments, not {given}")


def symbolic(name: str, arguments: Sequence[Value], location: Location) -> Value:
    """The call as it stands, or the first Unknown in it."""
    unknown = next((found for argument in arguments if (found := first_unknown(argument))), None)
    return unknown or Call(name, tuple(arguments), location)
