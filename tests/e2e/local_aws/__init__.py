"""AWS on this machine: MiniStack with an endpoint in front of it that answers as AWS does where MiniStack does not.

    with local_aws(directory, node=node) as aws:
        ...

What it does, row by row, is in docs/aws-behaviour.md; each row has a test.
"""

from .process import LocalAws, NotThisMachine, StartFailure, local_aws

__all__ = ["LocalAws", "NotThisMachine", "StartFailure", "local_aws"]
