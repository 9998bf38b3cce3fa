"""Answers by which the emulator says that it does not know what it was asked: each goes to the endpoint's log.

AWS's SDKs cannot read the one that a service gets which the emulator does not have, and Terraform says no more than
"UnknownError". By its request id, which Terraform does print, such an answer can be found in the log.
"""

import json
import logging
import re
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from urllib.parse import parse_qs

from .asgi import Application, Message, Receive, Scope, Send

log = logging.getLogger(__name__)

REQUEST_IDS = (b"x-amzn-requestid", b"x-amz-request-id")
_MARK = f" {__name__} INFO "
_SHOWN = 300  # characters of an answer
# The emulator's words; each of its services has some of its own. The last is what it says of an error in itself.
_SAYS_SO = re.compile(
    r"Unsupported service: |InvalidAction|[Uu]nknownOperation|not implemented"
    r"|Unknown (?:[\w ]+ )?(?:action|endpoint|method|operation|path|target)\b"
    r'|"message": ?"Not Found"|"InternalError"'
)


@dataclass(frozen=True, kw_only=True)
class NotKnown:
    """One such answer. `asked`: the service and the operation, as far as the request names it.

    An answer in XML may have an id of its own, besides the header's.
    """

    request_ids: Sequence[str]
    asked: str
    status: int
    answer: str


def noted(emulator: Application) -> Application:
    """The emulator, with its answers of 4xx and 5xx looked at; each has a request id, as all of AWS's answers have."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        sent: list[bytes] = []
        failed: list[Message] = []

        async def receive_() -> Message:
            message = await receive()
            sent.append(message.get("body", b""))
            return message

        async def send_(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] >= 400:
                failed.append(message)
            elif failed:
                failed.append(message)
                if not message.get("more_body"):
                    for one in _with_request_id(scope, b"".join(sent), failed):
                        await send(one)
            else:
                await send(message)

        await emulator(scope, receive_, send_)

    return answer


def read_log(text: str) -> dict[str, NotKnown]:
    """What is noted in the endpoint's log, by request id."""
    lines = [line.partition(_MARK)[2] for line in text.splitlines() if _MARK in line]
    return {name: one for one in (NotKnown(**json.loads(line)) for line in lines) for name in one.request_ids}


def _with_request_id(scope: Scope, sent: bytes, messages: Sequence[Message]) -> list[Message]:
    start, *rest = messages
    headers = list(start["headers"])
    known = {name.lower(): value for name, value in headers}
    request_id = next((known[name] for name in REQUEST_IDS if name in known), None)
    if request_id is None:
        request_id = str(uuid.uuid4()).encode()
        headers.append((REQUEST_IDS[0], request_id))
    answer = b"".join(message.get("body", b"") for message in rest).decode(errors="replace")
    if start["status"] == 501 or _SAYS_SO.search(answer):
        note = NotKnown(
            request_ids=[request_id.decode("latin-1"), *re.findall(r"<RequestI[dD]>([^<]+)<", answer)],
            asked=_asked(scope, sent),
            status=start["status"],
            answer=" ".join(answer.split())[:_SHOWN],
        )
        log.info("%s", json.dumps(asdict(note)))
    return [{**start, "headers": headers}, *rest]


def _asked(scope: Scope, body: bytes) -> str:
    """`codedeploy CreateApplication`, or `apigateway POST /v2/vpclinks` where the protocol names no operation."""
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    signed = re.search(r"Credential=[^/]+/[^/]+/[^/]+/([^/]+)/", headers.get("authorization", ""))
    service = signed[1] if signed else headers.get("host", "")
    operation = headers.get("x-amz-target", "").rpartition(".")[2]
    if not operation and headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        operation = parse_qs(body.decode(errors="replace")).get("Action", [""])[0]
    return f"{service} {operation}" if operation else f"{service} {scope['method']} {scope['path']}"
