"""A plan, and the source that it was made from, to a Stack."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from ...stack import MODULE, Output, Resource, Stack, current_day, without_keys
from ...values import NULL, Call, Known, Reference, TooLarge, Value, first_unknown, walk
from ..hcl.decided import Decided
from ..hcl.files import Files, display, module_files
from ..hcl.limits import room_to_recurse
from ..hcl.modules import load
from ..hcl.syntax import SourceError
from .joining import is_decided, joined
from .links import Configuration, ModuleLinks
from .reading import HOW_TO, Change, Plan, PlannedResource, read_plan
from .values import UNLINKED, Links, has_secret, planned

# What it is made from is judged, so that its attributes stay references.
_ARCHIVE = "archive_file"


def load_plan(plan_file: Path, root: Path, files: Files, *, today: date | None = None) -> Stack:
    """The stack that is there after a plan's apply, joined with what the source says of it.

    Where `root` has no Terraform files, the plan's own configuration has to do.

    Raises:
        SourceError: the plan cannot be read, is not whole, or is another root module's; or the source does not parse.
    """
    plan = read_plan(plan_file)
    try:
        with room_to_recurse():
            return _joined(plan, root, files, today) if module_files(root) else _alone(plan, root, today)
    except (TooLarge, RecursionError) as error:
        raise SourceError(str(error), plan.file) from None
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise SourceError(
            f"this is not a plan as Terraform writes it ({type(error).__name__}: {error})", plan.file
        ) from None


def _alone(plan: Plan, root: Path, today: date | None) -> Stack:
    if not any(resource.managed for resource in plan.resources):
        raise SourceError(
            f"nothing is there after this plan: it was made with -destroy or -refresh-only; {HOW_TO}", plan.file
        )
    configuration = Configuration(plan)
    resources = tuple(_by_plan(configuration, resource) for resource in plan.resources)
    outputs = tuple(Output(name, _output(name, change, configuration)) for name, change in sorted(plan.outputs.items()))
    return Stack(display(root), resources, outputs, today=today or current_day())


def _by_plan(configuration: Configuration, resource: PlannedResource) -> Resource:
    """A resource that the source does not show."""
    expressions = configuration.expressions(resource)
    links = ModuleLinks(configuration, resource.module)
    names = [name for name in _names(resource.change) if name in expressions or _is_dynamic(resource.change, name)]
    attributes = {name: _attribute(resource, name, expressions.get(name), links) for name in names}
    return _resource(resource, attributes)


def _resource(resource: PlannedResource, attributes: Mapping[str, Value]) -> Resource:
    return Resource(
        resource.address,
        resource.type,
        resource.name,
        attributes,
        managed=resource.managed,
        computed=_computed(resource, attributes),
    )


def _names(change: Change) -> list[str]:
    known = change.unknown if isinstance(change.unknown, dict) else {}
    return list(dict.fromkeys([*change.after, *known]))


def _is_dynamic(change: Change, name: str) -> bool:
    """Whether it is a nested block that is there, and so may come from a dynamic one, which no configuration shows."""
    value = change.after.get(name)
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


def _attribute(
    resource: PlannedResource,
    name: str,
    expression: Any = None,
    links: Links = UNLINKED,
    *,
    keep_empty: bool = False,
) -> Value:
    parts = (resource.change.after, resource.change.unknown, resource.change.sensitive)
    change = Change(*(part.get(name) if isinstance(part, dict) else None for part in parts))
    return planned(change, attribute=name, expression=expression, links=links, keep_empty=keep_empty)


def _computed(resource: PlannedResource, attributes: Mapping[str, Value]) -> dict[str, Value]:
    """The known texts and numbers among the attributes that the configuration does not set."""
    values = {name: _attribute(resource, name) for name in resource.change.after if name not in attributes}
    return {name: value for name, value in values.items() if isinstance(value, Known) and value != NULL}


def _output(name: str, change: Change, configuration: Configuration) -> Value:
    """An output's value by the plan alone."""
    expression = configuration.output(name)
    value = planned(change, attribute=name, expression=expression, links=ModuleLinks(configuration, ""))
    if first_unknown(value) is None:
        return value
    return _undecided_output(name, value, configuration.reached_by_output(name))


def _undecided_output(name: str, value: Value, references: Iterable[Value]) -> Value:
    """An output that is sensitive or waits for apply still shows what it is made from, so that it is judged."""
    return Call("sensitive_value" if has_secret(value) else "known_after_apply", (Known(name), *references))


# Joined with the source


def _joined(plan: Plan, root: Path, files: Files, today: date | None) -> Stack:
    source = load(root, files, _variables(plan), today=today, decided=Decided(_data(plan), plan.keys))
    _require_same_root(plan, source)
    view, missing = _View(plan), source.missing_by_address
    by_plan = {resource.address: resource for resource in plan.resources}
    resources = [
        _merged(resource, by_plan[resource.address], view) if resource.address in by_plan else resource
        for resource in source.resources
        if resource.address in by_plan or (not _is_planned(resource) and resource.address not in missing)
    ]
    resources += [_by_plan(view.configuration, one) for one in plan.resources if one.address not in source.by_address]
    outputs = tuple(_merged_output(output, view) for output in source.outputs)
    # What a module that is not on disk declares is in the plan.
    return replace(source, resources=tuple(resources), outputs=outputs, missing_modules=())


class _View:
    """A plan, as the values of its source are looked up in it."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.configuration = Configuration(plan)
        self.linked = frozenset(one.address for one in plan.resources if one.managed or one.type == _ARCHIVE)


def _variables(plan: Plan) -> dict[str, Value]:
    """The values of the root module's variables; a sensitive one stays a reference to itself."""
    declared = plan.module("").get("variables", {})
    return {
        name: Reference(f"var.{name}")
        if declared.get(name, {}).get("sensitive")
        else planned(Change(value), keep_empty=True)
        for name, value in plan.variables.items()
    }


def _data(plan: Plan) -> dict[str, dict[str, Value]]:
    """What the data sources have read, the sensitive left out."""
    return {
        resource.address: {
            name: value
            for name in _names(resource.change)
            if first_unknown(value := _attribute(resource, name, keep_empty=True)) is None
        }
        for resource in plan.resources
        if not resource.managed and resource.type != _ARCHIVE
    }


def _merged(source: Resource, resource: PlannedResource, view: _View) -> Resource:
    expressions = view.configuration.expressions(resource)
    links = ModuleLinks(view.configuration, resource.module)
    attributes: dict[str, Value] = {}
    for name, written in source.attributes.items():
        value = _attribute(resource, name)
        otherwise = value if is_decided(written) else _attribute(resource, name, expressions.get(name), links)
        attributes[name] = joined(written, value, otherwise, linked=view.linked)
    return replace(source, attributes=attributes, computed=_computed(resource, attributes))


def _merged_output(source: Output, view: _View) -> Output:
    change = view.plan.outputs.get(source.name)
    if change is None:
        return source
    value = planned(change)
    value = joined(source.value, value, value, linked=view.linked)
    if first_unknown(value) is None:
        return replace(source, value=value)
    references = [part for part in walk(source.value) if isinstance(part, Reference)]
    references = references or view.configuration.reached_by_output(source.name)
    return replace(source, value=_undecided_output(source.name, value, references))


def _is_planned(resource: Resource) -> bool:
    """Whether every plan of the source has it: a data source may be read in any, and a module call is in none."""
    return resource.managed and resource.type != MODULE


def _require_same_root(plan: Plan, source: Stack) -> None:
    """Refuse a plan that was not made from this source as it is."""
    planned_here = dict.fromkeys(resource.address for resource in plan.resources if resource.managed)
    declared = dict.fromkeys(resource.address for resource in source.resources if _is_planned(resource))
    blocks = {without_keys(address) for address in declared}
    elsewhere = tuple(f"{call.address}." for call in source.missing_modules)
    strange = [one for one in planned_here if without_keys(one) not in blocks and not one.startswith(elsewhere)]
    if strange and len(strange) == len(planned_here):
        raise SourceError(
            f"this plan is of another root module: none of what it plans is declared in {source.root}, such as "
            f"{strange[0]}",
            plan.file,
        )
    lacking = [address for address in declared if address not in planned_here]
    if lacking:
        raise SourceError(
            f"this plan leaves out {lacking[0]}, which {source.root} declares: the source has changed since, or it was "
            f"made with -target, -destroy or -refresh-only; {HOW_TO}",
            plan.file,
        )
    if strange:
        raise SourceError(
            f"this plan has {strange[0]}, which {source.root} does not declare: the source has changed since; {HOW_TO}",
            plan.file,
        )
