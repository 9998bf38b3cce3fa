"""What is scanned may be hostile: its names and texts as something that drives no terminal, log or browser."""

from __future__ import annotations

import re

MAX_LENGTH = 2_000

# Control characters; marks that are invisible or reorder text; halves of a surrogate pair, which UTF-8 does not have;
# and U+FFFE and U+FFFF, which XML does not have.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufffe\uffff"
    "\U000e0000-\U000e007f]"
)
COMMAND = "##["
"""What the runner of GitHub Actions takes for a command, anywhere in a line of output."""
# And a line that begins with `::`.
_COMMAND = re.compile(rf"^(?=\s*::)|#(?={re.escape(COMMAND[1:])})")
# What could be markup, HTML, a formula, a cell's end, a link, an emoji, a mention. `_` inside a word is none.
_MARKUP = re.compile(r"[\\`*\[\]<>&|~$@#:]|(?<![^\W_])_|_(?![^\W_])")
_MENTIONS = {"@", "#"}


def safe_json(document: str) -> str:
    """JSON that holds no command: what is escaped there is the same text to whoever reads it."""
    return document.replace(COMMAND, escape(COMMAND[0]) + COMMAND[1:])


def safe(text: str) -> str:
    """The text on one line, with everything that could drive a terminal or a runner written as an escape; a long one
    is cut, and says so."""
    if len(text) > MAX_LENGTH:
        text = f"{text[:MAX_LENGTH]}... ({len(text) - MAX_LENGTH:,} more characters)"
    text = text.replace("\n", "\\n").replace("\t", "\\t")
    text = _COMMAND.sub(lambda match: escape(match.group()) if match.group() else "\\", text)
    return _UNSAFE.sub(lambda match: escape(match.group()), text)


def escape(character: str) -> str:
    """A character as Python and JSON write it: `\\u202e`."""
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def is_unsafe(character: str) -> bool:
    return _UNSAFE.match(character) is not None


def in_markdown(text: str, *, limit: int = MAX_LENGTH) -> str:
    """Text that GitHub's Markdown takes for nothing else and that notifies nobody, on one line and short."""
    text = safe(text if len(text) <= limit else f"{text[:limit]}...")
    return _MARKUP.sub(_entity, text)


def _entity(match: re.Match[str]) -> str:
    # An entity is text to Markdown, but GitHub looks for mentions afterwards: a space of no width ends them.
    return f"&#{ord(match.group())};" + "&#8203;" * (match.group() in _MENTIONS)
