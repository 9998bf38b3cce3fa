"""What Terraform's `-json` output says of an apply that failed, and which of it the local endpoint does not know."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.e2e.given_stack.confinement import NOWHERE
from tests.e2e.local_aws.not_known import NotKnown

# As both of AWS's SDKs for Go write it.
_REQUEST_ID = re.compile(r"(?:RequestID|request id): ([\w-]+)")
_SHOWN_LINES = 40
# A provider's own function in the trace of its panic, and what Terraform says of all that it was at then.
_CRASH = re.compile(r"^panic: .*?/internal/service/([\w.]+)", re.MULTILINE | re.DOTALL)
_LOST = ("Plugin did not respond", "Request cancelled")


@dataclass(frozen=True, kw_only=True)
class Failure:
    """One error. `address` is None where it is about no resource; `not_known` where the endpoint answered so."""

    address: str | None
    summary: str
    detail: str
    not_known: NotKnown | None

    @property
    def text(self) -> str:
        if NOWHERE.removeprefix("http://") in self.summary + self.detail:
            return f"this would leave this machine, and is refused: {self._words}"
        return self._words

    @property
    def _words(self) -> str:
        return " ".join(f"{self.summary}: {self.detail}".removesuffix(": ").split())


def events(output: str) -> list[dict[str, Any]]:
    """The lines that are JSON; a provider that crashes writes others between them."""
    return [json.loads(line) for line in output.splitlines() if line.startswith("{")]


def failures(output: str, not_known: Mapping[str, NotKnown]) -> list[Failure]:
    """The errors in the output of a command with `-json`, by address; `not_known` by request id."""
    found = []
    for event in events(output):
        said = event.get("diagnostic", {})
        if said.get("severity") == "error":
            ids = _REQUEST_ID.findall(said["summary"] + said.get("detail", ""))
            answer = next((not_known[one] for one in ids if one in not_known), None)
            place = Failure(
                address=said.get("address"), summary=said["summary"], detail=said.get("detail", ""), not_known=answer
            )
            found.append(place)
    return sorted(found, key=lambda failure: failure.address or "")


def told(what: str, output: str, not_known: Mapping[str, NotKnown]) -> str:
    """For a person: what failed, and at which resources, first those that the endpoint does not know."""
    found = failures(output, not_known)
    crash = _CRASH.search(output)
    unknown = [one for one in found if one.not_known]
    lost = [one for one in found if crash and one.summary in _LOST]
    others = [one for one in found if one not in (*unknown, *lost)]
    return "\n".join(
        [
            what,
            *(["The local endpoint does not know what it was asked for:"] if unknown else []),
            *(f"  {one.address} ({type_of(one.address)}): {_answer(one.not_known)}" for one in unknown),
            *(["Terraform says:"] if others else []),
            *(f"  {one.address or 'the configuration'}: {one.text}" for one in others),
            *([f"The provider crashed in {crash[1]}, at an answer of the endpoint. Under way were:"] if crash else []),
            *(f"  {one.address}" for one in lost),
            *_unfinished(output),
            *([] if found else output.rstrip().splitlines()[-_SHOWN_LINES:]),
        ]
    )


def _answer(answer: NotKnown | None) -> str:
    return f"{answer.asked} was answered with {answer.status} {answer.answer}" if answer else ""


def _unfinished(output: str) -> Iterator[str]:
    """What was still being made when Terraform was stopped, or crashed."""
    begun: dict[str, None] = {}
    for event in events(output):
        address = event.get("hook", {}).get("resource", {}).get("addr")
        if event["type"] == "apply_start":
            begun[address] = None
        elif event["type"] in ("apply_complete", "apply_errored"):
            begun.pop(address, None)
    if begun:
        yield "Not finished:"
        yield from (f"  {address}" for address in begun)


def plan_of(output: str) -> str:
    """What `terraform plan` would do, without what it has read; all of it where there is no plan."""
    begin = re.search(r"^(Note: Objects have changed|Terraform will perform)", output, re.MULTILINE)
    if begin is None:
        return output.strip()
    hint = "Where the local endpoint does not give back what was applied, and AWS would, that shows here too."
    return f"{output[begin.start() :].strip()}\n{hint}"


def planned_types(output: str) -> dict[str, str]:
    """Each planned resource's type by its address, of `terraform apply -json`."""
    resources = (event["change"]["resource"] for event in events(output) if event["type"] == "planned_change")
    return {resource["addr"]: resource["resource_type"] for resource in resources}


def type_of(address: str | None) -> str:
    """`module.a["x.y"].aws_x.b[0]` is an `aws_x`."""
    plain = re.sub(r"\[[^\]]*\]", "", address or "")
    parts = plain.split(".")
    return parts[-2] if len(parts) > 1 else plain
