"""What AWS tells, in Terraform's words: resource types, attributes, and references where an id or an ARN names one.

What AWS denies is a resource all of whose attributes are unknown, so that every convention that would ask for it is
unproven, with the missing action named.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ...stack import Resource
from ...values import NULL, Known, ListValue, ObjectValue, Reference, Unknown, Value, template
from .places import Place, function_arn, invoked
from .reading import NARROWED, Api, Found, Item, Items, Role, items, uri_of

NOT_DOWNLOADED = "AWS tells the hash of the deployed package, not what Terraform made it from"
# Where AWS says the same of what was never stated, by attribute: the default of each.
_DEFAULTS = {"memory_size": 128, "timeout": 3}
_CORS = ("AllowCredentials", "AllowHeaders", "AllowMethods", "AllowOrigins", "ExposeHeaders", "MaxAge")


class Undecided(Mapping[str, Value]):
    """Attributes of which nothing is known but a few; every other one has the same reason."""

    def __init__(self, unknown: Unknown, /, **known: Value) -> None:
        self._unknown = unknown
        self._known = known

    def __getitem__(self, name: str) -> Value:
        return self._known.get(name, self._unknown)

    def __contains__(self, name: object) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


def value(content: Any) -> Value:
    """A JSON value as a stack has it."""
    if isinstance(content, Mapping):
        return ObjectValue({name: value(item) for name, item in content.items()})
    if isinstance(content, list | tuple):
        return ListValue(tuple(value(item) for item in content))
    return Known(content)


def block(**fields: Value) -> Value:
    """A nested block, of which there is one."""
    return ListValue((ObjectValue(fields),))


def translate(found: Found, place: Place, addresses: Mapping[str, str] | None = None) -> tuple[Resource, ...]:
    """The resources of what was found. `addresses` are Terraform's, by what a resource is called here."""
    return tuple(_Translation(found, place, addresses or {}).resources())


@dataclass(frozen=True)
class _Translation:
    found: Found
    place: Place
    addresses: Mapping[str, str]

    def resources(self) -> Iterator[Resource]:
        yield from self._functions()
        for holder, statements in self.found.statements.items():
            yield from self._permissions(holder, statements)
        yield from self._apis(self.found.apis, self.place.api("*"))
        yield from self._apis(self.found.rest_apis, self.place.rest_api("*"))
        yield from self._log_groups()
        for role in self.found.roles:
            yield from self._role(role)
        for arn, document in self.found.policies.items():
            name = Known(arn.rpartition("/")[2])
            yield self._made("aws_iam_policy", arn, name=name, policy=_text(document))
        yield from self._distributions()

    def _made(
        self, kind: str, called: str, computed: Mapping[str, str | int] | None = None, /, **attributes: Value
    ) -> Resource:
        """A resource; what is null is not set."""
        given = {name: item for name, item in attributes.items() if item != NULL}
        known = {name: Known(item) for name, item in (computed or {}).items()}
        address = self.addresses.get(called, called)
        return Resource(address, kind, called.rpartition("/")[2].rpartition(":")[2], given, computed=known)

    def _denied(self, kind: str, called: str, unknown: Unknown, /, **known: Value) -> Resource:
        return Resource(self.addresses.get(called, called), kind, "*", Undecided(unknown, **known))

    def _reference(self, called: str, attribute: str) -> Reference:
        return Reference(self.addresses.get(called, called), attribute)

    # Functions

    @cached_property
    def _function_arns(self) -> frozenset[str]:
        return frozenset(function["FunctionArn"] for function in items(self.found.functions))

    @cached_property
    def _role_arns(self) -> frozenset[str]:
        return frozenset(role.arn for role in self.found.roles)

    @cached_property
    def _at_edge(self) -> frozenset[str]:
        """The functions that CloudFront calls."""
        found = (associated for item in items(self.found.distributions) for associated in _associations(item))
        return frozenset(function_arn(arn, self.place)[0] for arn in found)

    def _functions(self) -> Iterator[Resource]:
        if isinstance(self.found.functions, Unknown):
            yield self._denied("aws_lambda_function", self.place.function("*"), self.found.functions)
        for function in items(self.found.functions):
            yield self._function(function)
        for arn, aliases in self.found.aliases.items():
            name = self._reference(arn, "function_name")
            if isinstance(aliases, Unknown):
                yield self._denied("aws_lambda_alias", f"{arn}:*", aliases, function_name=name)
            for alias in items(aliases):
                yield self._made(
                    "aws_lambda_alias",
                    alias["AliasArn"],
                    function_name=name,
                    name=Known(alias["Name"]),
                    function_version=Known(alias["FunctionVersion"]),
                )

    def _function(self, function: Item) -> Resource:
        get, arn = function.get, function["FunctionArn"]
        is_image = get("PackageType") == "Image"
        role = get("Role") or ""
        logging = get("LoggingConfig") or {}
        # Environment variables may hold secrets, so they are not kept.
        return self._made(
            "aws_lambda_function",
            arn,
            {
                "arn": arn,
                "invoke_arn": f"arn:{self.place.partition}:apigateway:{self.place.region}:lambda:path/2015-03-31/"
                f"functions/{arn}/invocations",
                "source_code_hash": get("CodeSha256", ""),
                "memory_size": get("MemorySize", 0),
                "timeout": get("Timeout", 0),
            },
            function_name=Known(function["FunctionName"]),
            role=self._reference(role, "arn") if role in self._role_arns else Known(role),
            handler=Known(get("Handler")),
            runtime=Known(get("Runtime")),
            package_type=Known(get("PackageType", "Zip")),
            architectures=value(get("Architectures") or ["x86_64"]),
            memory_size=_stated("memory_size", get("MemorySize")),
            timeout=_stated("timeout", get("Timeout")),
            publish=self._published(arn),
            logging_config=block(log_group=Known(logging["LogGroup"])) if logging.get("LogGroup") else NULL,
            layers=value([layer["Arn"] for layer in get("Layers") or ()]) if get("Layers") else NULL,
            filename=NULL if is_image else Unknown(NOT_DOWNLOADED),
            source_code_hash=NULL if is_image else Unknown(NOT_DOWNLOADED),
        )

    def _published(self, arn: str) -> Value:
        """AWS does not tell; what CloudFront calls is."""
        if isinstance(self.found.distributions, Unknown):
            return self.found.distributions
        return Known(True) if arn in self._at_edge else NULL

    def _called(self, uri: str) -> Value:
        """The function, alias or version that a URI names, or another URI as it is."""
        found = invoked(uri)
        if found is None:
            return Unknown(f"{uri} names a function by a stage variable") if ":lambda:path/" in uri else Known(uri)
        arn, qualifier = found
        if arn not in self._function_arns:
            return self._missing_function(arn)
        if qualifier is None:
            return self._reference(arn, "arn" if uri == arn else "invoke_arn")
        alias = f"{arn}:{qualifier}"
        if any(item["AliasArn"] == alias for item in items(self.found.aliases.get(arn, []))):
            return self._reference(alias, "arn" if uri == alias else "invoke_arn")
        return template([self._reference(arn, "arn"), Known(f":{qualifier}")])

    def _missing_function(self, arn: str) -> Unknown:
        if isinstance(self.found.functions, Unknown):
            return self.found.functions
        if self.found.left_out_by and arn == self.place.function(arn.rpartition(":")[2]):
            return Unknown(f"the function {arn} is not there, or {self.found.left_out_by} leaves it out")
        return Unknown(f"there is no function {arn} in {self.place}")

    def _permissions(self, holder: str, statements: Items) -> Iterator[Resource]:
        """The statements of the policy of a function, an alias or a version."""
        arn, qualifier = function_arn(holder, self.place)
        function, named = self._reference(arn, "function_name"), Known(qualifier)
        if isinstance(statements, Unknown):
            called = self.place.permission(holder, "*")
            yield self._denied(
                "aws_lambda_permission", called, statements, function_name=function, qualifier=named, statement_id=NULL
            )
            return
        denies = any(statement.get("Effect") != "Allow" for statement in statements)
        for statement in statements:
            source_arn, rest = _conditions(statement)
            if self.found.left_out_by == NARROWED and self._is_of_another_api(source_arn):
                continue
            unclear = Unknown("the policy has a Deny") if denies else rest
            yield self._made(
                "aws_lambda_permission",
                self.place.permission(holder, statement.get("Sid", "")),
                function_name=function,
                qualifier=named,
                statement_id=Known(statement.get("Sid")),
                action=_single(statement.get("Action")),
                principal=_principal(statement.get("Principal")),
                source_arn=unclear or self._source_arn(source_arn),
            )

    def _is_of_another_api(self, source_arn: str | None) -> bool:
        """Whether a statement is certainly about an API that is left out."""
        if source_arn is None or ":execute-api:" not in source_arn:
            return False
        return set(source_arn.partition("/")[0]).isdisjoint("*?") and isinstance(self._source_arn(source_arn), Known)

    @cached_property
    def _apis_by_execution_arn(self) -> Mapping[str, str]:
        return {
            self.place.execution_arn(api.id): self._called_api(api)
            for apis in (self.found.apis, self.found.rest_apis)
            for api in (() if isinstance(apis, Unknown) else apis)
        }

    def _source_arn(self, text: str | None) -> Value:
        if text is None:
            return NULL
        start, slash, rest = text.partition("/")
        api = self._apis_by_execution_arn.get(start)
        if api is not None:
            return template([self._reference(api, "execution_arn"), Known(slash + rest)])
        denied = next((one for one in (self.found.apis, self.found.rest_apis) if isinstance(one, Unknown)), None)
        return denied if denied and start.startswith(self.place.execution_arn("")) else Known(text)

    # APIs

    def _called_api(self, api: Api) -> str:
        return self.place.rest_api(api.id) if api.is_rest else self.place.api(api.id)

    def _apis(self, apis: Sequence[Api] | Unknown, every: str) -> Iterator[Resource]:
        if isinstance(apis, Unknown):
            # For REST APIs too, which would fail a convention by being there: nobody knows that there are any.
            yield self._denied("aws_apigatewayv2_api", every, apis)
            return
        for api in apis:
            yield from self._rest_api(api) if api.is_rest else self._api(api)

    def _api(self, api: Api) -> Iterator[Resource]:
        """An API and its parts. Those that AWS made for a quick create are the API's `target`, as Terraform has it."""
        get = api.settings.get
        made = [part for part in items(api.integrations) if part.get("ApiGatewayManaged")]
        route = next((part for part in items(api.routes) if part.get("ApiGatewayManaged")), {})
        cors = get("CorsConfiguration") or {}
        execution_arn = self.place.execution_arn(api.id)
        yield self._made(
            "aws_apigatewayv2_api",
            self._called_api(api),
            {"id": api.id, "execution_arn": execution_arn, "api_endpoint": get("ApiEndpoint", "")},
            name=Known(api.name),
            protocol_type=Known(get("ProtocolType")),
            disable_execute_api_endpoint=Known(True) if get("DisableExecuteApiEndpoint") else NULL,
            cors_configuration=block(**{_snake(name): value(cors[name]) for name in _CORS if name in cors})
            if cors
            else NULL,
            target=self._called(uri_of(made[0])) if made else NULL,
            route_key=Known(route.get("RouteKey")) if made else NULL,
        )
        kinds = {
            "integrations": self._integration,
            "authorizers": self._authorizer,
            "routes": self._route,
            "stages": self._stage,
        }
        for kind, translated in kinds.items():
            parts: Items = getattr(api, kind)
            if isinstance(parts, Unknown):
                called = self.place.api_part(api.id, kind, "*")
                known = {"api_id": self._reference(self._called_api(api), "id")}
                yield self._denied(f"aws_apigatewayv2_{kind[:-1]}", called, parts, **known)
                continue
            for part in parts:
                if not part.get("ApiGatewayManaged") or part.get("AccessLogSettings"):
                    yield translated(api, part)

    def _part(self, api: Api, kind: str, name: str, uri: str = "", /, **attributes: Value) -> Resource:
        return self._made(
            f"aws_apigatewayv2_{kind[:-1]}",
            self.place.api_part(api.id, kind, name),
            {"id": name, "integration_uri": uri},
            api_id=self._reference(self._called_api(api), "id"),
            **attributes,
        )

    def _integration(self, api: Api, part: Item) -> Resource:
        return self._part(
            api,
            "integrations",
            part["IntegrationId"],
            uri_of(part),
            integration_type=Known(part.get("IntegrationType")),
            integration_subtype=Known(part.get("IntegrationSubtype")),
            integration_uri=self._called(uri_of(part)) if uri_of(part) else NULL,
            credentials_arn=Known(part.get("CredentialsArn") or None),
            payload_format_version=Known(part.get("PayloadFormatVersion")),
            timeout_milliseconds=Known(part.get("TimeoutInMillis")),
        )

    def _authorizer(self, api: Api, part: Item) -> Resource:
        return self._part(
            api,
            "authorizers",
            part["AuthorizerId"],
            authorizer_type=Known(part.get("AuthorizerType")),
            authorizer_uri=self._called(uri_of(part)) if uri_of(part) else NULL,
            authorizer_credentials_arn=Known(part.get("AuthorizerCredentialsArn") or None),
        )

    def _route(self, api: Api, part: Item) -> Resource:
        target, authorizer = part.get("Target") or None, part.get("AuthorizerId") or None
        integration = (target or "").removeprefix("integrations/")
        if target == f"integrations/{integration}" and _has(api.integrations, "IntegrationId", integration):
            called = self.place.api_part(api.id, "integrations", integration)
            leads_to: Value = template([Known("integrations/"), self._reference(called, "id")])
        else:
            leads_to = api.integrations if target and isinstance(api.integrations, Unknown) else Known(target)
        asks: Value = Known(authorizer)
        if authorizer and _has(api.authorizers, "AuthorizerId", authorizer):
            asks = self._reference(self.place.api_part(api.id, "authorizers", authorizer), "id")
        return self._part(
            api,
            "routes",
            part["RouteId"],
            route_key=Known(part.get("RouteKey")),
            target=leads_to,
            authorizer_id=asks,
            authorization_type=Known(part.get("AuthorizationType")),
        )

    def _stage(self, api: Api, part: Item) -> Resource:
        logs = part.get("AccessLogSettings") or {}
        return self._part(
            api,
            "stages",
            part["StageName"],
            name=Known(part["StageName"]),
            auto_deploy=Known(bool(part.get("AutoDeploy"))),
            deployment_id=Known(part.get("DeploymentId") or None),
            access_log_settings=block(
                destination_arn=self._log_group_named(logs.get("DestinationArn") or None),
                format=Known(logs.get("Format") or None),
            )
            if logs
            else NULL,
        )

    def _rest_api(self, api: Api) -> Iterator[Resource]:
        called = self._called_api(api)
        computed = {"id": api.id, "execution_arn": self.place.execution_arn(api.id)}
        yield self._made("aws_api_gateway_rest_api", called, computed, name=Known(api.name))
        owner = self._reference(called, "id")
        for kind, parts in (("integration", api.integrations), ("authorizer", api.authorizers)):
            if isinstance(parts, Unknown):
                yield self._denied(f"aws_api_gateway_{kind}", f"{called}/{kind}s/*", parts, rest_api_id=owner)
        for part in items(api.integrations):
            yield self._made(
                "aws_api_gateway_integration",
                self.place.rest_integration(api.id, part["resourceId"], part["method"]),
                rest_api_id=owner,
                type=Known(part.get("type")),
                uri=self._called(uri_of(part)) if uri_of(part) else NULL,
                credentials=Known(part.get("credentials") or None),
            )
        for part in items(api.authorizers):
            yield self._made(
                "aws_api_gateway_authorizer",
                self.place.rest_authorizer(api.id, part["id"]),
                {"id": part["id"]},
                rest_api_id=owner,
                authorizer_uri=self._called(uri_of(part)) if uri_of(part) else NULL,
                authorizer_credentials=Known(part.get("authorizerCredentials") or None),
            )

    # Log groups

    @cached_property
    def _log_group_arns(self) -> frozenset[str]:
        return frozenset(self.place.log_group(group["logGroupName"]) for group in items(self.found.log_groups))

    def _log_group_named(self, arn: str | None) -> Value:
        bare = (arn or "").removesuffix(":*")
        return self._reference(bare, "arn") if bare in self._log_group_arns else Known(arn)

    def _log_groups(self) -> Iterator[Resource]:
        if isinstance(self.found.log_groups, Unknown):
            yield self._denied("aws_cloudwatch_log_group", self.place.log_group("*"), self.found.log_groups)
        for group in items(self.found.log_groups):
            called = self.place.log_group(group["logGroupName"])
            yield self._made(
                "aws_cloudwatch_log_group",
                called,
                {"arn": called},
                name=Known(group["logGroupName"]),
                retention_in_days=Known(group.get("retentionInDays")),
                log_group_class=Known(group.get("logGroupClass")),
            )

    # Roles

    def _role(self, role: Role) -> Iterator[Resource]:
        name = Known(role.name)
        yield self._made(
            "aws_iam_role",
            role.arn,
            {"arn": role.arn, "id": role.name},
            name=name,
            assume_role_policy=_text(role.trust),
        )
        bare = self.place.role(role.name)
        if isinstance(role.attached, Unknown):
            called = self.place.role_attachment(bare, "*")
            yield self._denied("aws_iam_role_policy_attachment", called, role.attached, role=name)
        for policy in items(role.attached):
            arn = policy["PolicyArn"]
            called = self.place.role_attachment(bare, arn)
            yield self._made("aws_iam_role_policy_attachment", called, role=name, policy_arn=Known(arn))
        if isinstance(role.inline, Unknown):
            yield self._denied("aws_iam_role_policy", self.place.role_policy(bare, "*"), role.inline, role=name)
            return
        for policy_name, document in role.inline.items():
            called = self.place.role_policy(bare, policy_name)
            yield self._made("aws_iam_role_policy", called, role=name, name=Known(policy_name), policy=_text(document))

    # CloudFront, whose functions are Lambda@Edge

    def _distributions(self) -> Iterator[Resource]:
        kind = "aws_cloudfront_distribution"
        every = f"arn:{self.place.partition}:cloudfront::{self.place.account_id}:distribution/*"
        if isinstance(self.found.distributions, Unknown):
            yield self._denied(kind, every, self.found.distributions)
        for item in items(self.found.distributions):
            arns = tuple(_associations(item))
            if arns:
                blocks = tuple(ObjectValue({"lambda_arn": Known(arn)}) for arn in arns)
                behaviour = block(lambda_function_association=ListValue(blocks))
                yield self._made(kind, item["ARN"], default_cache_behavior=behaviour)


def _has(answer: Items, member: str, name: str) -> bool:
    return any(item.get(member) == name for item in items(answer))


def _text(document: str | Unknown) -> Value:
    return document if isinstance(document, Unknown) else Known(document)


def _stated(attribute: str, number: int | None) -> Value:
    if number == _DEFAULTS[attribute]:
        return Unknown(f"{attribute} is {number}, and AWS does not tell the default from the same value stated")
    return Known(number)


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


def _single(content: Any) -> Value:
    """A text, or a list of one."""
    items_ = content if isinstance(content, list) else [content]
    if len(items_) == 1 and isinstance(items_[0], str):
        return Known(items_[0])
    return Unknown("a statement of the policy is not of the kind that AddPermission makes")


def _principal(content: Any) -> Value:
    if isinstance(content, Mapping) and len(content) == 1:
        (content,) = content.values()
    return _single(content)


def _conditions(statement: Item) -> tuple[str | None, Unknown | None]:
    """The source ARN that a statement demands, and why it may demand more."""
    source_arn: str | None = None
    for operator, tests in (statement.get("Condition") or {}).items():
        for key, wanted in tests.items():
            name = key.lower()
            if name == "aws:sourcearn" and operator in ("ArnLike", "ArnEquals") and isinstance(wanted, str):
                source_arn = wanted
            elif name not in ("aws:sourceaccount", "lambda:functionurlauthtype", "lambda:eventsourcetoken"):
                return source_arn, Unknown(f"a statement of the policy has the condition {operator} {key}")
    return source_arn, None


def _associations(distribution: Item) -> Iterator[str]:
    behaviours = [distribution.get("DefaultCacheBehavior") or {}]
    behaviours += (distribution.get("CacheBehaviors") or {}).get("Items") or ()
    for behaviour in behaviours:
        for association in (behaviour.get("LambdaFunctionAssociations") or {}).get("Items") or ():
            yield association["LambdaFunctionARN"]
