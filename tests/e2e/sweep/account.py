"""What killed runs left in one region of an account, or on a local endpoint.

Only what has the project's tag, and a name that ends in what the tag says, is ever seen.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from routeproof.sources.aws.account import Account, Denied, NotThere
from routeproof.sources.aws.errors import LiveError
from tests.e2e import tags
from tests.e2e.sweep.leftovers import Found, Leftover, NotRemoved

Item = Mapping[str, Any]


@dataclass(frozen=True)
class Kind:
    """One kind of resource: `listing` is the operation that lists them, as `items` with a `name` each."""

    service: str
    listing: str
    items: str
    name: str
    arn: Callable[[Account, Item], str]
    tags: Callable[[Account, Item], Mapping[str, str]]
    delete: Callable[[Account, Item], None]


def resources(account: Account) -> Found:
    """All there is, in an order in which it can be deleted."""
    found = Found([])
    for kind in KINDS:
        try:
            found.leftovers.extend(_of_kind(account, kind))
        except Denied as denied:
            found.problems.append(f"{kind.service}: {denied}")
        except LiveError as problem:
            found.problems.append(str(problem))
    return found


def _of_kind(account: Account, kind: Kind) -> Iterator[Leftover]:
    for item in account.read_all(kind.service, kind.listing, f"{kind.items}[]"):
        name = item[kind.name]
        if not tags.SUFFIX.search(name):
            continue  # whose tags are not asked for
        try:
            tagged = kind.tags(account, item)
        except NotThere:  # it is gone since it was listed
            continue
        if run := tags.run_of(name, tagged):
            remove = partial(_remove, account, kind, item)
            yield Leftover(kind.service, kind.arn(account, item), remove, run, tags.expiry(tagged))


def _remove(account: Account, kind: Kind, item: Item) -> None:
    try:
        kind.delete(account, item)
    except NotThere:  # somebody was faster
        return
    except (Denied, LiveError) as problem:
        raise NotRemoved(str(problem)) from None


def _delete_api(account: Account, api: Item) -> None:
    """Its routes, integrations and stages go with it."""
    account.read("apigatewayv2", "delete_api", ApiId=api["ApiId"])


def _delete_function(account: Account, function: Item) -> None:
    """Its policy goes with it."""
    account.read("lambda", "delete_function", FunctionName=function["FunctionName"])


def _delete_role(account: Account, role: Item) -> None:
    name = role["RoleName"]
    for policy in account.read_all("iam", "list_attached_role_policies", "AttachedPolicies[]", RoleName=name):
        account.read("iam", "detach_role_policy", RoleName=name, PolicyArn=policy["PolicyArn"])
    for policy in account.read_all("iam", "list_role_policies", "PolicyNames[]", RoleName=name):
        account.read("iam", "delete_role_policy", RoleName=name, PolicyName=policy)
    account.read("iam", "delete_role", RoleName=name)


def _delete_log_group(account: Account, group: Item) -> None:
    account.read("logs", "delete_log_group", logGroupName=group["logGroupName"])


def _function_tags(account: Account, function: Item) -> Mapping[str, str]:
    return account.read("lambda", "list_tags", Resource=function["FunctionArn"]).get("Tags") or {}


def _role_tags(account: Account, role: Item) -> Mapping[str, str]:
    listed = account.read_all("iam", "list_role_tags", "Tags[]", RoleName=role["RoleName"])
    return {tag["Key"]: tag["Value"] for tag in listed}


def _log_group_tags(account: Account, group: Item) -> Mapping[str, str]:
    arn = account.place.log_group(group["logGroupName"])
    return account.read("logs", "list_tags_for_resource", resourceArn=arn).get("tags") or {}


# First what is called from outside, then what it calls; the role when nobody has it; the log groups when nobody writes.
KINDS = (
    Kind(
        *("apigatewayv2", "get_apis", "Items", "Name"),
        arn=lambda account, api: account.place.api(api["ApiId"]),
        tags=lambda account, api: api.get("Tags") or {},
        delete=_delete_api,
    ),
    Kind(
        *("lambda", "list_functions", "Functions", "FunctionName"),
        arn=lambda account, function: function["FunctionArn"],
        tags=_function_tags,
        delete=_delete_function,
    ),
    Kind(
        *("iam", "list_roles", "Roles", "RoleName"),
        arn=lambda account, role: role["Arn"],
        tags=_role_tags,
        delete=_delete_role,
    ),
    Kind(
        *("logs", "describe_log_groups", "logGroups", "logGroupName"),
        arn=lambda account, group: account.place.log_group(group["logGroupName"]),
        tags=_log_group_tags,
        delete=_delete_log_group,
    ),
)
