"""One region of an AWS account, as boto3 reads it: what AWS answers, what it denies, and what is wrong with asking."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from ...values import Unknown
from .errors import LiveError
from .places import Place

if TYPE_CHECKING:
    from botocore.client import BaseClient

SERVICES = ("apigateway", "apigatewayv2", "cloudfront", "iam", "lambda", "logs")
WORKERS = 8
TRIES = 8
_FIRST_WORD_SECONDS = 1.0

_DENIED = {"AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation"}
_NOT_THERE = {"NoSuchEntity", "NotFoundException", "ResourceNotFoundException"}
_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
_NOT_KNOWN = {
    *("AuthFailure", "IncompleteSignature", "InvalidAccessKeyId", "InvalidClientTokenId", "InvalidSignatureException"),
    *("MissingAuthenticationToken", "SignatureDoesNotMatch", "UnrecognizedClientException"),
}
_THROTTLED = {"RequestLimitExceeded", "Throttling", "ThrottlingException", "TooManyRequestsException"}

T = TypeVar("T")
Item = TypeVar("Item")


class Denied(Exception):
    """AWS denies a call. `unknown` names the IAM action that is missing, and whose policy lacks it."""

    def __init__(self, action: str, caller: str) -> None:
        self.unknown = Unknown(f"AWS denies {action} to {caller}")
        super().__init__(self.unknown.reason)


class NotThere(Exception):
    """What is asked for does not exist."""


@dataclass(frozen=True)
class Options:
    """Which account, as the AWS CLI has it, and how much of it: everything, one API (name or id), one function.

    `state` is a file with Terraform's state.
    """

    region: str | None = None
    profile: str | None = None
    endpoint_url: str | None = None
    api: str | None = None
    function: str | None = None
    state: Path | None = None


@dataclass
class Account:
    """`clients` by service. `caller` is the ARN that the calls are made as."""

    clients: Mapping[str, BaseClient]
    place: Place
    caller: str
    progress: Callable[[int], None] = lambda calls: None
    _calls: int = field(default=0, init=False)
    _counting: threading.Lock = field(default_factory=threading.Lock, init=False)

    def read(self, service: str, operation: str, **arguments: Any) -> Mapping[str, Any]:
        """One answer. `operation` is boto3's name of the method.

        Raises:
            Denied, NotThere: see there.
            LiveError: AWS cannot be asked, or goes on refusing.
        """
        client = self.clients[service]
        with self._explained(service, operation):
            return getattr(client, operation)(**arguments)

    def read_all(self, service: str, operation: str, member: str, **arguments: Any) -> list[Mapping[str, Any]]:
        """The items of every page; `member` is their name in the answer. Raises as `read` does."""
        client = self.clients[service]
        with self._explained(service, operation):
            pages = client.get_paginator(operation).paginate(**arguments)
            return [item for item in pages.search(member) if item is not None]

    def in_parallel(self, work: Callable[[Item], T], items: Sequence[Item]) -> list[T]:
        """What the work returns for each item, in their order. The first exception ends the rest."""
        with ThreadPoolExecutor(max_workers=WORKERS) as workers:
            futures = [workers.submit(work, item) for item in items]
            try:
                return [future.result() for future in futures]
            except BaseException:
                workers.shutdown(wait=False, cancel_futures=True)
                raise

    @contextmanager
    def _explained(self, service: str, operation: str) -> Iterator[None]:
        from botocore.exceptions import BotoCoreError, ClientError

        with self._counting:
            self._calls += 1
            self.progress(self._calls)
        api_name = self.clients[service].meta.method_to_api_mapping[operation]
        try:
            yield
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            if code in _DENIED:
                raise Denied(iam_action(service, api_name), self.caller) from None
            if code in _NOT_THERE:
                raise NotThere(str(error)) from None
            raise LiveError(_refusal(code, f"{service} {api_name}", error)) from None
        except BotoCoreError as error:
            raise LiveError(unreachable(error)) from None


def iam_action(service: str, operation: str) -> str:
    """The action that a policy has to allow for an operation: API Gateway's are named after HTTP's methods."""
    if service.startswith("apigateway"):
        return "apigateway:DELETE" if operation.startswith("Delete") else "apigateway:GET"
    return f"{service}:{operation}"


def _refusal(code: str, what: str, error: Exception) -> str:
    if code in _EXPIRED:
        return f"the credentials have expired ({code}): sign in again, for example with aws sso login"
    if code in _NOT_KNOWN:
        return f"AWS does not know these credentials ({code}): see aws sts get-caller-identity"
    if code in _THROTTLED:
        return f"AWS throttles {what}, also after {TRIES} tries: run it again later, or narrow it with --api"
    return f"{what}: {error}"


def unreachable(error: Exception) -> str:
    """What stands in the way of any call: credentials, region, network."""
    from botocore import exceptions

    if isinstance(error, exceptions.NoRegionError):
        return "there is no region: give --region, or set AWS_REGION"
    if isinstance(error, exceptions.ProfileNotFound):
        return f"{error}: see aws configure list-profiles"
    if isinstance(error, exceptions.NoCredentialsError | exceptions.PartialCredentialsError):
        return f"there are no credentials ({error}): give --profile, sign in, or set AWS_ACCESS_KEY_ID and the others"
    if isinstance(error, exceptions.ConnectionError | exceptions.HTTPClientError):
        return f"{error}. Is the region right, and does AWS answer from here?"
    return f"AWS cannot be asked: {error}"


def connect(options: Options) -> Account:
    """Sign in, and find out where.

    Raises:
        LiveError: boto3 is missing, or there are no credentials, no region or no AWS to be reached.
    """
    try:
        import boto3
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError, ClientError
    except ModuleNotFoundError as error:
        raise LiveError(
            f"--aws needs boto3, which is not installed ({error}): python3 -m pip install 'routeproof[aws]'"
        ) from None

    def config(mode: str, tries: int) -> Config:
        retries: Any = {"mode": mode, "total_max_attempts": tries}
        return Config(retries=retries, max_pool_connections=WORKERS, connect_timeout=5, read_timeout=30)

    try:
        session = boto3.Session(region_name=options.region, profile_name=options.profile)

        def client(service: str, how: Config) -> BaseClient:
            return session.client(service, endpoint_url=options.endpoint_url, config=how)

        clients = {service: client(service, config("adaptive", TRIES)) for service in SERVICES}
        # Asks for no permission, so that what is wrong with the credentials shows here, and at once.
        identity = client("sts", config("standard", 2)).get_caller_identity()
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        raise LiveError(_refusal(code, "sts GetCallerIdentity", error)) from None
    except BotoCoreError as error:
        raise LiveError(unreachable(error)) from None
    except ValueError as error:  # an endpoint that is no URL
        raise LiveError(str(error)) from None
    partition = identity["Arn"].split(":")[1]
    region = clients["lambda"].meta.region_name
    return Account(clients, Place(partition, region, identity["Account"]), identity["Arn"], _progress())


def _progress() -> Callable[[int], None]:
    """Says how far the reading is, where it takes long and somebody is looking."""
    started = time.monotonic()
    last = started

    def say(calls: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - started > _FIRST_WORD_SECONDS and now - last > 0.2:
            last = now
            print(f"\rrouteproof: {calls} calls to AWS ", end="", file=sys.stderr, flush=True)

    return say if sys.stderr.isatty() else lambda calls: None
