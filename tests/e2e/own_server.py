"""A local endpoint for one file of tests, where what is deployed on the session's would be in the way."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.local_aws import LocalAws, local_aws


@contextmanager
def own_server(directory: Path, *, node: Path) -> Iterator[LocalAws]:
    """While the block runs, boto3 and what this process starts talk to it by default."""
    with local_aws(directory, node=node) as server, pytest.MonkeyPatch.context() as patch:
        for name, value in server.environment().items():
            patch.setenv(name, value)
        yield server
