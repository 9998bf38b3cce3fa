"""What ends an evaluation."""

from __future__ import annotations

from ...values import Location


class Refused(Exception):
    """Terraform would stop with an error here; the text is a clause."""


class TooDeep(Exception):
    """Nested past the bound, or a chain of definitions that long."""

    def __init__(self, location: Location) -> None:
        super().__init__(f"{location}: nested too deeply, or a chain of definitions that is too long")
        self.location = location
