"""How a request ended: the response, and what the logs say about it."""

from dataclasses import dataclass

from .asgi import Response


@dataclass(frozen=True, kw_only=True)
class Integration:
    """What became of the call to an integration. Times are in milliseconds.

    `service_status` is Lambda's own status for the call, `status` the one that the function returned.
    """

    latency: int | None = None
    service_status: int | None = None
    status: int | None = None
    request_id: str | None = None
    error: str | None = None


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """`reason` says why a response is not what was asked for; it goes to the endpoint's log only."""

    response: Response
    reason: str = ""
    error_message: str | None = None
    error_type: str | None = None
    integration: Integration | None = None
