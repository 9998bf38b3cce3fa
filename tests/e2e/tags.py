"""How that which the end-to-end tests deploy is known: by the end of its name, and by tags that say the same.

Terraform's AWS provider takes default tags from variables of its environment, for any root module.
"""

import re
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

LIFETIME = timedelta(hours=2)  # longer than any run takes
SUFFIX = re.compile(r"-e2e-[0-9a-f]{8}\Z")
RUN, EXPIRES = "routeproof-e2e", "routeproof-e2e-expires"
_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


def new_suffix() -> str:
    """What every name of one deployment ends in."""
    return f"-e2e-{secrets.token_hex(4)}"


def default_tags(suffix: str, now: datetime) -> dict[str, str]:
    """The variables that make Terraform's AWS provider tag all that can have a tag: whose it is, when it may go."""
    tags = {RUN: suffix, EXPIRES: (now + LIFETIME).astimezone(UTC).strftime(_FORMAT)}
    return {f"TF_AWS_DEFAULT_TAGS_{name}": value for name, value in tags.items()}


def run_of(name: str, tags: Mapping[str, str]) -> str | None:
    """The suffix of the deployment that something belongs to; None where its name and its tag do not both say so."""
    match = SUFFIX.search(name)
    return match[0] if match and tags.get(RUN) == match[0] else None


def expiry(tags: Mapping[str, str]) -> datetime | None:
    """When it may go; None where that is not said, or cannot be understood."""
    try:
        return datetime.strptime(tags.get(EXPIRES, ""), _FORMAT).replace(tzinfo=UTC)
    except ValueError:
        return None
