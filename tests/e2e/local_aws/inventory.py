"""All that the emulator keeps: every service's stores, whatever account and region something is in.

The emulator has no list of everything, and for some kinds of thing it has no list at all. Its services keep what there
is in dictionaries of two classes of its own, which is what its reset empties.
"""

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from typing import Any

# What stays on AWS too when all is gone: what has happened, and what every account has as soon as a service is used.
_NOT_DEPLOYED = {
    "apigateway jwks_cache",
    "apigateway oidc_config_cache",
    "appconfig hosted_version_counters",
    "athena data_catalogs AwsDataCatalog",
    "athena workgroups primary",
    "cloudtrail events",
    "cloudwatch alarm_history",
    "cloudwatch metrics",
    "cloudwatch_logs log_records",
    "cloudwatch_logs queries",
    "dynamodb stream_records",
    "eventbridge event_buses default",
    "eventbridge events_log",
    "iam service_linked_role_deletion_tasks",
    "route53 caller_refs",
    "route53 changes",
    "sns sms_messages",
    "ssm parameter_history",
    "stepfunctions executions",
}


def inventory() -> list[str]:
    """What there is, each as `service store key`, sorted: `iam roles lambda-hello`.

    What has no content counts as nothing: an empty list of tags stays behind where something was. So does what is
    deleted and can be had back for some days, as keys and secrets.
    """
    from ministack.core.responses import AccountRegionScopedDict, AccountScopedDict

    found = set()
    for service, module in _services():
        for name, store in list(vars(module).items()):
            if not isinstance(store, AccountScopedDict | AccountRegionScopedDict):
                continue
            kind = f"{service} {name.strip('_')}"
            for key, value in list(store.to_dict().items()):
                thing = f"{kind} {_written(key)}"
                if value and not _NOT_DEPLOYED & {kind, thing} and not _is_deleted(value):
                    found.add(thing)
    return sorted(found)


def _services() -> Iterator[tuple[str, Any]]:
    """Each with its module. They are imported: as soon as they are, some of them have what every account has."""
    from ministack import services

    for found in pkgutil.iter_modules(services.__path__):
        yield found.name, importlib.import_module(f"{services.__name__}.{found.name}")


def _written(key: tuple[Any, ...]) -> str:
    """Account and, where there is one, region come first in a store's key."""
    own = key[-1]
    return "/".join(map(str, own)) if isinstance(own, tuple) else str(own)


def _is_deleted(value: Any) -> bool:
    return isinstance(value, Mapping) and (value.get("KeyState") == "PendingDeletion" or bool(value.get("DeletedDate")))
