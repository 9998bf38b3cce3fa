"""What an account has of functions, APIs, log groups and roles, as AWS tells it."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias, TypeVar

from ...values import Unknown
from .account import Account, Denied, NotThere, Options
from .errors import LiveError
from .places import function_arn, invoked

Item: TypeAlias = "Mapping[str, Any]"
Items: TypeAlias = "list[Item] | Unknown"
"""What AWS lists, or that it denies it."""
A = TypeVar("A")

NARROWED = "--api or --function"
BY_STATE = "Terraform's state"
_EDGE_REGION = "us-east-1"  # where Lambda@Edge functions are, by the Lambda developer guide


@dataclass(frozen=True)
class Api:
    """An API with its parts. `is_rest`: of the older kind, which has no routes and no stages here."""

    id: str
    name: str
    settings: Item
    integrations: Items
    authorizers: Items
    routes: Items = field(default_factory=list)
    stages: Items = field(default_factory=list)
    is_rest: bool = False

    def called(self) -> Iterator[tuple[str, str | None]]:
        """The ARN and the qualifier of every function that it calls."""
        for part in (*items(self.integrations), *items(self.authorizers)):
            found = invoked(uri_of(part))
            if found is not None:
                yield found


@dataclass(frozen=True)
class Role:
    """`name` and `arn` are always known; `trust` and the documents are JSON."""

    name: str
    arn: str
    trust: str | Unknown
    attached: Items
    inline: Mapping[str, str | Unknown] | Unknown


@dataclass(frozen=True)
class Found:
    """`statements` are those of functions that an API calls, by the ARN of the function, the alias or the version.

    `policies` are the documents of policies of the account's own, by ARN.
    """

    functions: Items = field(default_factory=list)
    aliases: Mapping[str, Items] = field(default_factory=dict)
    statements: Mapping[str, Items] = field(default_factory=dict)
    apis: Sequence[Api] | Unknown = ()
    rest_apis: Sequence[Api] | Unknown = ()
    mappings: Items = field(default_factory=list)
    log_groups: Items = field(default_factory=list)
    roles: Sequence[Role] = ()
    policies: Mapping[str, str | Unknown] = field(default_factory=dict)
    distributions: Items = field(default_factory=list)
    left_out_by: str = ""
    """Why it is not everything that the region has: empty where it is."""


def items(answer: Items) -> list[Item]:
    return [] if isinstance(answer, Unknown) else answer


def uri_of(part: Item) -> str:
    """What an integration or an authorizer calls."""
    return part.get("IntegrationUri") or part.get("AuthorizerUri") or part.get("uri") or part.get("authorizerUri") or ""


def read(account: Account, options: Options, *, only: Collection[str] | None = None) -> Found:
    """Read the region, or what `--api` and `--function` leave of it; `only` the functions, APIs and log groups named.

    Raises:
        LiveError: there is no such API or function, or AWS cannot be asked.
    """
    narrowed = options.api is not None or options.function is not None
    apis, rest_apis = account.in_parallel(lambda list_: list_(account), (_apis, _rest_apis))
    if only is not None:
        apis = _filtered(apis, lambda api: account.place.api(api.id) in only)
        rest_apis = _filtered(rest_apis, lambda api: account.place.rest_api(api.id) in only)
    if options.api is not None:
        apis, rest_apis = (
            _filtered(found, lambda api: options.api in (api.id, api.name)) for found in (apis, rest_apis)
        )
        if not apis and not rest_apis:
            raise LiveError(f"no API has the name or the id {options.api} in {account.place}")
    apis, rest_apis = _with_parts(account, apis), _with_parts(account, rest_apis)
    wanted = None
    if options.function is not None:
        wanted, _ = function_arn(options.function, account.place)
        apis, rest_apis = _calling(apis, wanted), _calling(rest_apis, wanted)
    everywhere = [*(() if isinstance(apis, Unknown) else apis), *(() if isinstance(rest_apis, Unknown) else rest_apis)]
    called = dict.fromkeys(call for api in everywhere for call in api.called())
    if narrowed:
        names = dict.fromkeys(arn for arn, _ in called) if wanted is None else [wanted]
        functions = _named_functions(account, list(names), options)
    else:
        functions = _kept(_listed(account, "lambda", "list_functions"), "FunctionArn", only)
    left_out_by = NARROWED if narrowed else BY_STATE if only is not None else ""
    found = Found(functions, apis=apis, rest_apis=rest_apis, left_out_by=left_out_by)
    holders = called if only is None else [*called, *((function["FunctionArn"], None) for function in items(functions))]
    found = _with_policies(account, found, holders)
    found = _with_roles(account, found)
    return _with_others(account, found, only)


def _filtered(apis: Sequence[Api] | Unknown, wanted: Callable[[Api], bool]) -> Sequence[Api] | Unknown:
    return apis if isinstance(apis, Unknown) else [api for api in apis if wanted(api)]


def _kept(answer: Items, member: str, names: Collection[str | None] | None) -> Items:
    """The items that have one of the names; all of them for None."""
    if isinstance(answer, Unknown) or names is None:
        return answer
    return [item for item in answer if item.get(member) in names]


def allowed(read_: Callable[[], A]) -> A | Unknown:
    """What is read, or that AWS denies it."""
    try:
        return read_()
    except Denied as denied:
        return denied.unknown


_MEMBERS = {
    "list_functions": "Functions",
    "list_aliases": "Aliases",
    "describe_log_groups": "logGroups",
    "list_attached_role_policies": "AttachedPolicies",
    "list_role_policies": "PolicyNames",
    "list_distributions": "DistributionList.Items",
}


def _listed(account: Account, service: str, operation: str, **arguments: Any) -> Items:
    """Every page's items, without null ones; nothing where what they are of is gone."""
    member = _MEMBERS.get(operation, "items" if service == "apigateway" else "Items")
    try:
        return allowed(lambda: account.read_all(service, operation, f"{member}[]", **arguments))
    except NotThere:
        return []


# APIs


def _apis(account: Account) -> list[Api] | Unknown:
    found = _listed(account, "apigatewayv2", "get_apis")
    return found if isinstance(found, Unknown) else [Api(a["ApiId"], a["Name"], a, [], []) for a in found]


def _rest_apis(account: Account) -> list[Api] | Unknown:
    found = _listed(account, "apigateway", "get_rest_apis")
    return found if isinstance(found, Unknown) else [Api(a["id"], a["name"], a, [], [], is_rest=True) for a in found]


def _with_parts(account: Account, apis: Sequence[Api] | Unknown) -> Sequence[Api] | Unknown:
    return apis if isinstance(apis, Unknown) else account.in_parallel(lambda api: _api(account, api), apis)


def _api(account: Account, api: Api) -> Api:
    if not api.is_rest:
        parts = {
            kind: _listed(account, "apigatewayv2", f"get_{kind}", ApiId=api.id)
            for kind in ("integrations", "authorizers", "routes", "stages")
        }
        return replace(api, **parts)
    resources = _listed(account, "apigateway", "get_resources", restApiId=api.id, embed=["methods"])
    integrations = resources if isinstance(resources, Unknown) else list(_rest_integrations(resources))
    authorizers = _listed(account, "apigateway", "get_authorizers", restApiId=api.id)
    return replace(api, integrations=integrations, authorizers=authorizers)


def _rest_integrations(resources: Iterable[Item]) -> Iterator[Item]:
    """Each method's integration, with where it is."""
    for resource in resources:
        for method, settings in (resource.get("resourceMethods") or {}).items():
            if integration := settings.get("methodIntegration"):
                yield {**integration, "resourceId": resource["id"], "method": method, "path": resource["path"]}


def _calling(apis: Sequence[Api] | Unknown, function: str) -> Sequence[Api] | Unknown:
    """The APIs that call a function, with the parts that do."""
    if isinstance(apis, Unknown):
        return apis
    return [_only(api, function) for api in apis if any(arn == function for arn, _ in api.called())]


def _only(api: Api, function: str) -> Api:
    def calling(answer: Items) -> Items:
        if isinstance(answer, Unknown):
            return answer
        return [part for part in answer if (invoked(uri_of(part)) or ("",))[0] == function]

    integrations, authorizers = calling(api.integrations), calling(api.authorizers)
    targets = {f"integrations/{part.get('IntegrationId')}" for part in items(integrations)}
    asked = {part.get("AuthorizerId") for part in items(authorizers)}
    if isinstance(api.routes, Unknown):
        return replace(api, integrations=integrations, authorizers=authorizers)
    routes = [route for route in api.routes if route.get("Target") in targets or route.get("AuthorizerId") in asked]
    return replace(api, integrations=integrations, authorizers=authorizers, routes=routes)


# Functions


def _named_functions(account: Account, arns: Sequence[str], options: Options) -> Items:
    """The configurations of functions by ARN; of those of this region that are there."""

    def read_one(arn: str) -> Item | Unknown | None:
        try:
            return allowed(lambda: account.read("lambda", "get_function_configuration", FunctionName=arn))
        except NotThere:
            return None

    here = [arn for arn in arns if arn == account.place.function(arn.rpartition(":")[2])]
    found = account.in_parallel(read_one, here)
    if options.function is not None and found in ([], [None]):
        raise LiveError(f"there is no function {options.function} in {account.place}")
    denied = [answer for answer in found if isinstance(answer, Unknown)]
    return denied[0] if denied else [answer for answer in found if isinstance(answer, Mapping)]


def _with_policies(account: Account, found: Found, called: Iterable[tuple[str, str | None]]) -> Found:
    """The aliases of the functions that are called, and the policies of both and of the versions that are called."""
    here = {function["FunctionArn"] for function in items(found.functions)}
    arns = [arn for arn in dict.fromkeys(arn for arn, _ in called) if arn in here]
    listed = account.in_parallel(lambda arn: _listed(account, "lambda", "list_aliases", FunctionName=arn), arns)
    aliases = dict(zip(arns, listed, strict=True))
    holders = [(arn, None) for arn in arns]
    holders += [(arn, alias["Name"]) for arn in arns for alias in items(aliases[arn])]
    holders = list(dict.fromkeys([*holders, *((arn, name) for arn, name in called if arn in here)]))
    policies = account.in_parallel(lambda holder: _statements(account, *holder), holders)
    statements = {
        arn + (f":{name}" if name else ""): policy for (arn, name), policy in zip(holders, policies, strict=True)
    }
    return replace(found, aliases=aliases, statements=statements)


def _statements(account: Account, function: str, qualifier: str | None) -> Items:
    """The statements of a policy: of the function itself, or of an alias or a version of it."""
    arguments = {"FunctionName": function} | ({"Qualifier": qualifier} if qualifier else {})
    try:
        answer = allowed(lambda: account.read("lambda", "get_policy", **arguments))
    except NotThere:
        return []
    if isinstance(answer, Unknown):
        return answer
    own = function + (f":{qualifier}" if qualifier else "")
    content = json.loads(answer["Policy"])["Statement"]
    return [item for item in (content if isinstance(content, list) else [content]) if item.get("Resource", own) == own]


# Roles


def _with_roles(account: Account, found: Found) -> Found:
    arns = list(dict.fromkeys(function["Role"] for function in items(found.functions)))
    roles = [role for role in account.in_parallel(lambda arn: _role(account, arn), arns) if role is not None]
    attached = (policy["PolicyArn"] for role in roles for policy in items(role.attached))
    own = [arn for arn in dict.fromkeys(attached) if f":iam::{account.place.account_id}:" in arn]
    documents = account.in_parallel(lambda arn: _policy(account, arn), own)
    return replace(found, roles=roles, policies=dict(zip(own, documents, strict=True)))


def _role(account: Account, arn: str) -> Role | None:
    """None where the function's role is gone."""
    name = arn.rpartition("/")[2]
    try:
        role = allowed(lambda: account.read("iam", "get_role", RoleName=name)["Role"])
    except NotThere:
        return None
    trust = role if isinstance(role, Unknown) else json.dumps(role["AssumeRolePolicyDocument"])
    attached = _listed(account, "iam", "list_attached_role_policies", RoleName=name)
    names = _listed(account, "iam", "list_role_policies", RoleName=name)
    if isinstance(names, Unknown):
        return Role(name, arn, trust, attached, names)
    return Role(name, arn, trust, attached, {str(policy): _inline(account, name, str(policy)) for policy in names})


def _inline(account: Account, role: str, policy: str) -> str | Unknown:
    answer = allowed(lambda: account.read("iam", "get_role_policy", RoleName=role, PolicyName=policy))
    return answer if isinstance(answer, Unknown) else json.dumps(answer["PolicyDocument"])


def _policy(account: Account, arn: str) -> str | Unknown:
    def document() -> str:
        version = account.read("iam", "get_policy", PolicyArn=arn)["Policy"]["DefaultVersionId"]
        answer = account.read("iam", "get_policy_version", PolicyArn=arn, VersionId=version)
        return json.dumps(answer["PolicyVersion"]["Document"])

    return allowed(document)


# Log groups, and what else there is


def _with_others(account: Account, found: Found, only: Collection[str] | None) -> Found:
    distributions: Items = []
    if account.place.region == _EDGE_REGION and found.functions:
        distributions = _listed(account, "cloudfront", "list_distributions")
    groups = _log_groups(account, found)
    if only is not None:
        names = [called.partition(":log-group:")[2] for called in only]
        groups = _kept(groups, "logGroupName", names)
    return replace(found, log_groups=groups, distributions=distributions)


def _log_groups(account: Account, found: Found) -> Items:
    """All of them, or those that the functions and the stages write to."""
    if found.left_out_by != NARROWED:
        return _listed(account, "logs", "describe_log_groups")
    names = [function["LoggingConfig"]["LogGroup"] for function in items(found.functions)]
    for api in () if isinstance(found.apis, Unknown) else found.apis:
        for stage in items(api.stages):
            arn = (stage.get("AccessLogSettings") or {}).get("DestinationArn") or ""
            names += [arn.removesuffix(":*").partition(":log-group:")[2]] if ":log-group:" in arn else []
    names = list(dict.fromkeys(names))
    answers = account.in_parallel(
        lambda name: _listed(account, "logs", "describe_log_groups", logGroupNamePrefix=name), names
    )
    denied = [answer for answer in answers if isinstance(answer, Unknown)]
    if denied:
        return denied[0]
    return [
        group for name, answer in zip(names, answers, strict=True) for group in answer if group["logGroupName"] == name
    ]
