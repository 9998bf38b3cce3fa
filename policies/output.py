"""Where a report goes: one format on stdout, and any in files."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .convention import Convention
    from .report import Report

FORMATS = ("text", "json", "sarif", "junit", "github", "markdown")


class Unwritable(Exception):
    """A file that cannot be written; the text says which and why."""


@dataclass(frozen=True)
class Output:
    """A file, and the format that it gets."""

    format: str
    path: Path


def add_options(parser: argparse.ArgumentParser, formats: Sequence[str] = FORMATS) -> None:
    """`--format` and `--output`, for what can be written in these formats."""

    def output(text: str) -> Output:
        name, separator, file = text.partition("=")
        if name not in formats or not separator or not file:
            raise argparse.ArgumentTypeError(f"{text!r} is not FORMAT=FILE with FORMAT one of {', '.join(formats)}")
        return Output(name, Path(file))

    parser.add_argument("--format", choices=formats, default="text", help="what is written to stdout (default: text)")
    parser.add_argument(
        "--output",
        metavar="FORMAT=FILE",
        action="append",
        default=[],
        type=output,
        help="write a file too, for example sarif=routeproof.sarif; repeatable",
    )


def formats(options: argparse.Namespace) -> set[str]:
    """Every format that is asked for."""
    return {options.format, *(output.format for output in options.output)}


def write(options: argparse.Namespace, render: Callable[[str, bool], str]) -> None:
    """Write the files, then stdout. `render` gets a format and whether it may use a terminal's colours.

    Raises:
        Unwritable: a file; nothing is written to stdout then.
    """
    for output in options.output:
        try:
            output.path.parent.mkdir(parents=True, exist_ok=True)
            output.path.write_text(render(output.format, False), encoding="utf-8")
        except OSError as error:
            why = f"{output.path.parent} is no directory" if isinstance(error, FileExistsError) else error.strerror
            raise Unwritable(f"--output {output.format}: {output.path} cannot be written: {why}") from None
    sys.stdout.write(render(options.format, wants_colour()))
    sys.stdout.flush()


def wants_colour() -> bool:
    """Whether stdout is a terminal, and nobody said otherwise: no-color.org."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def render_report(name: str, report: Report, conventions: Mapping[str, Convention], *, colour: bool = False) -> str:
    """The report in one of `FORMATS`. Each is imported where it is wanted: a run needs one or two."""
    match name:
        case "text":
            from .reporters import text

            return text.render(report, conventions, colour=colour)
        case "json":
            from .reporters import json

            return json.render(report)
        case "sarif":
            from .reporters import sarif

            return sarif.render(report, conventions)
        case "junit":
            from .reporters import junit

            return junit.render(report)
        case "github":
            from .reporters import github

            return github.render(report)
        case "markdown":
            from .reporters import markdown

            return markdown.render(report, conventions)
    raise ValueError(f"there is no format {name}")


def render_paths(name: str, report: Report, *, colour: bool = False) -> str:
    """The request paths in one of `FORMATS`."""
    match name:
        case "text":
            from .reporters import path_text

            return path_text.render(report, colour=colour)
        case "json":
            from .reporters import json

            return json.render(report)
        case "markdown":
            from .reporters import path_markdown

            return path_markdown.render(report)
    from .reporters.path_results import as_results

    return render_report(name, as_results(report), {}, colour=colour)
