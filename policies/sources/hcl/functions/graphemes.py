"""The characters that a reader sees, which is what Terraform counts."""

from __future__ import annotations

import re
import unicodedata

from ..refused import Undecided

# Characters that may join their neighbours in one that a reader sees.
_JOINING = {"Mn", "Me", "Mc", "Cf", "Sk"}


def graphemes(text: str) -> list[str]:
    """The characters of a text, one string each.

    Raises:
        Undecided: a text in which that takes more than the common rules.
    """
    if text.isascii():
        return list(text) if "\r\n" not in text else re.findall(r"\r\n|.", text, re.DOTALL)
    for character in text:
        if not character.isascii() and (
            unicodedata.category(character) in _JOINING
            or "\u1100" <= character <= "\u11ff"
            or "\ua960" <= character <= "\ud7ff"
            or "\U0001f1e6" <= character <= "\U0001f1ff"
        ):
            raise Undecided("the length of a text with combining characters")
    return re.findall(r"\r\n|.", text, re.DOTALL)
