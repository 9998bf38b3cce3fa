"""Why an account cannot be read."""


class LiveError(Exception):
    """No verdict on the account is to be had: the text says what was tried and what to do."""
