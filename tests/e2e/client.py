"""Calling an API by the URL that Terraform prints, on AWS or on this machine: the tests are the same.

Locally only the place that a connection goes to differs: the URL, the Host header, the name that the certificate is
checked against and everything else stay as they are.
"""

import shlex
import shutil
import subprocess
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool

from .local_aws import LocalAws
from .report import recorder

TIMEOUT_SECONDS = 35  # longer than an HTTP API may take


class LocalAdapter(HTTPAdapter):
    """Connects to a local server's TLS port whatever host an https URL names, and verifies that host's certificate."""

    def __init__(self, aws: LocalAws) -> None:
        super().__init__()
        self._aws = aws

    def get_connection_with_tls_context(
        self,
        request: requests.PreparedRequest,
        verify: Any,
        proxies: Any = None,
        cert: Any = None,
    ) -> HTTPConnectionPool:
        host = urlsplit(request.url).hostname
        return self.poolmanager.connection_from_host(
            "127.0.0.1",
            self._aws.tls_port,
            scheme="https",
            pool_kwargs={"ca_certs": str(self._aws.ca_file), "server_hostname": host, "assert_hostname": host},
        )

    def add_headers(self, request: requests.PreparedRequest, **_: Any) -> None:
        request.headers.setdefault("Host", urlsplit(request.url).netloc)

    def cert_verify(self, conn: HTTPSConnectionPool, url: str, verify: Any, cert: Any) -> None:
        """Nothing to add: the pool verifies against the local authority only, and no caller can turn that off."""


@dataclass(frozen=True)
class Caller:
    """Calls URLs: on AWS with nothing given, on this machine with the server that stands in for it."""

    local: LocalAws | None = None

    def session(self) -> requests.Session:
        """A session; on this machine one that takes no proxy, certificate or password from the environment."""
        session = recorder.RecordedSession()
        if self.local is not None:
            session.trust_env = False
            session.mount("https://", LocalAdapter(self.local))
        return session

    def request(self, method: str, url: str, **arguments: Any) -> requests.Response:
        with self.session() as session:
            return session.request(method, url, timeout=TIMEOUT_SECONDS, **arguments)

    def get(self, url: str, **arguments: Any) -> requests.Response:
        return self.request("GET", url, **arguments)

    def curl(self, url: str, *arguments: str) -> str:
        """What `curl --silent --show-error ARGUMENTS URL` prints. Raises CalledProcessError where curl fails."""
        began = time.monotonic()
        ran = subprocess.run(
            self.curl_command(url, *arguments), capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False
        )
        recorder.command(
            shlex.join(["curl", *arguments, url]),
            printed=ran.stdout + ran.stderr,
            seconds=time.monotonic() - began,
            failure=f"ended with exit code {ran.returncode}" if ran.returncode else "",
        )
        ran.check_returncode()
        return ran.stdout

    def curl_command(self, url: str, *arguments: str) -> list[str]:
        curl = shutil.which("curl")
        if curl is None:
            raise FileNotFoundError("curl is not on PATH: install it, the end-to-end tests call the API with it")
        command = [curl, "--disable", "--silent", "--show-error"]
        if self.local is not None:
            # An empty host and port in --connect-to stand for every one.
            command += [
                "--noproxy",
                "*",
                "--connect-to",
                f"::127.0.0.1:{self.local.tls_port}",
                "--cacert",
                str(self.local.ca_file),
            ]
        return [*command, *arguments, url]
