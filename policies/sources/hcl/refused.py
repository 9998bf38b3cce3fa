"""What ends an evaluation."""

from __future__ import annotations

from ...values import Location


class Refused(Exception):
    """Terraform would stop with an error here; the text is a clause. `try` and `can` see it."""


class Undecided(Exception):
    """This program does not decide it; the text is a clause. What it stands in becomes Unknown."""


class TooDeep(Exception):
    """Nested past the bound, a chain of definitions that long, or more to evaluate than the bound."""

    def __init__(
        self, location: Location, message: str = "nested too deeply, or a chain of definitions that is too long"
    ):
        super().__init__(f"{location}: {message}")
        self.message = message
        self.location = location
