"""The conventions as custom Checkov policies: one for each, with no rules of their own.

    checkov -d . --framework terraform --skip-download --external-checks-dir <this directory>

Checkov evaluates modules and for_each only in part, so a policy takes the engine's verdict for the resource's file and
address instead of reading the attributes that Checkov gives it. Checkov takes an exception in a policy for "unknown",
which it does not print: every exception becomes a failure here.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.module.base_module_check import BaseModuleCheck
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck


def _engine() -> ModuleType:
    """The package that this directory is part of, installed or not, whatever else is called `routeproof`."""
    package = Path(__file__).resolve().parent.parent
    loaded = sys.modules.get("routeproof")
    if loaded is not None and [Path(path).resolve() for path in loaded.__path__] == [package]:
        return loaded
    spec = importlib.util.spec_from_file_location(
        "routeproof", package / "__init__.py", submodule_search_locations=[str(package)]
    )
    if spec is None or spec.loader is None:
        raise ImportError(f"there is no engine in {package}")
    module = importlib.util.module_from_spec(spec)
    sys.modules["routeproof"] = module
    spec.loader.exec_module(module)
    return module


_engine()

from routeproof.catalogue import CatalogueError, built_in, catalogue  # noqa: E402
from routeproof.convention import Convention, Result, Verdict  # noqa: E402
from routeproof.report import report  # noqa: E402
from routeproof.settings import Unusable  # noqa: E402
from routeproof.stack import MODULE, without_keys  # noqa: E402

_SEVERITY = (Verdict.NOT_APPLICABLE, Verdict.PASS, Verdict.UNPROVEN, Verdict.FAIL, Verdict.ERROR)
_CHECK_RESULT = {
    Verdict.PASS: CheckResult.PASSED,
    Verdict.FAIL: CheckResult.FAILED,
    Verdict.ERROR: CheckResult.FAILED,
}


class Verdicts:
    """The engine's results for every root module under a directory, by convention, file and address."""

    def __init__(self, top: Path) -> None:
        found = report([top], catalogue().values())
        self.problems = [f"{problem.location}: {problem.message}" for problem in found.problems]
        self.broken: dict[str, str] = {}
        self._results: dict[tuple[str, Path, str], list[Result]] = {}
        for root in found.roots:
            for result in root.results:
                if result.verdict is Verdict.ERROR:
                    self.broken[result.convention] = result.message
                judged = result.judged
                if judged is None or judged.location is None:
                    continue
                file = Path(judged.location.file).resolve()
                for address in (judged.address, without_keys(judged.address)):
                    known = self._results.setdefault((result.convention, file, address), [])
                    if result not in known:
                        known.append(result)

    def worst(self, convention: str, file: Path, address: str) -> list[Result]:
        """The worst results; none where the convention says nothing of the resource."""
        file = file.resolve()
        exact = self._results.get((convention, file, address))
        found = exact or self._results.get((convention, file, without_keys(address)), [])
        worst = max(map(_badness, found), default=None)
        return [result for result in found if _badness(result) == worst]


def _badness(result: Result) -> tuple[int, bool]:
    """Instances that Checkov lumps together get the worst verdict among them, and so do several results at one
    resource, such as those of the routes of an OpenAPI body. An accepted one is next to a pass.
    """
    verdict = Verdict.PASS if result.accepted else result.verdict
    return (_SEVERITY.index(verdict), result.accepted)


def _reason(result: Result) -> str:
    return result.suppressed.reason if result.suppressed else "in the baseline"


@cache
def _verdicts(top: Path) -> Verdicts:
    return Verdicts(top)


def _nodes(graph: Any) -> Iterable[Mapping[str, Any]]:
    """The attributes of the nodes of Checkov's graph, which is of one of two libraries."""
    if hasattr(graph, "node_indices"):
        return (node[1] if isinstance(node, tuple) else node for node in graph.nodes())
    return (attributes for _, attributes in graph.nodes(data=True))


def _top_and_file(scanned_file: str, address: str, graph: Any) -> tuple[Path, Path]:
    """The directory that Checkov scans and the resource's file: a graph node has the absolute path of both together."""
    for node in _nodes(graph):
        path = node.get("file_path_", "")
        if node.get("__address__") == address and path.endswith(scanned_file):
            return Path(path[: -len(scanned_file)] or "/"), Path(path)
    raise LookupError(f"Checkov's graph has no {address} in {scanned_file}")


class _Convention:
    """One convention, judged by the engine: what the checks of resources and of module calls have in common."""

    def __init__(self, convention: Convention) -> None:
        super().__init__(
            name=convention.title,
            id=convention.id,
            categories=[CheckCategories.CONVENTION],
            supported_resources=list(convention.resource_types),
            guideline=convention.sources[0],
        )

    def run(
        self,
        scanned_file: str,
        entity_configuration: dict[str, list[Any]],
        entity_name: str,
        entity_type: str,
        skip_info: dict[str, Any],
    ) -> dict[str, Any]:
        """Checkov's own skip comments come as `skip_info`; what the engine has accepted is skipped like these."""
        self.accepted_for = ""
        found = super().run(scanned_file, entity_configuration, entity_name, entity_type, skip_info)
        if self.accepted_for:
            found |= {"result": CheckResult.SKIPPED, "suppress_comment": self.accepted_for}
        return found

    def scan_entity_conf(self, conf: dict[str, list[Any]], entity_type: str) -> CheckResult:
        self.entity_type = entity_type
        return self.scan_conf(conf)

    def scan_conf(self, conf: dict[str, list[Any]]) -> CheckResult:
        try:
            return self._judge(str(conf["__address__"]))
        except Exception as error:
            self.details = [f"the check of {self.id} broke: {type(error).__name__}: {error}"]
            return CheckResult.FAILED

    def _judge(self, address: str) -> CheckResult:
        top, file = _top_and_file(self.entity_path.split(":")[0], address, self.graph)
        verdicts = _verdicts(top)
        if self.id in verdicts.broken:
            self.details = [verdicts.broken[self.id]]
            return CheckResult.FAILED
        results = verdicts.worst(self.id, file, self.terraform_address(address))
        if results:
            self.details = [result.message for result in results]
            if results[0].accepted:
                self.accepted_for = "; ".join(dict.fromkeys(map(_reason, results)))
            return _CHECK_RESULT.get(results[0].verdict, CheckResult.UNKNOWN)
        if verdicts.problems:
            self.details = [f"not judged, because a file cannot be read: {verdicts.problems[0]}"]
            return CheckResult.FAILED
        return CheckResult.UNKNOWN

    def terraform_address(self, address: str) -> str:
        return address


class ResourceCheck(_Convention, BaseResourceCheck):
    """A convention for resources."""

    scan_resource_conf = _Convention.scan_conf


class ModuleCheck(_Convention, BaseModuleCheck):
    """A convention for module calls, which Checkov keeps apart from resources."""

    scan_module_conf = _Convention.scan_conf

    def terraform_address(self, address: str) -> str:
        """`module.a.module.b` for `module.a.b`, which is what Checkov calls it."""
        name = self.entity_path.split(":", 2)[2]
        return f"{address.removesuffix(name)}module.{name}"


def _known() -> Iterable[Convention]:
    """With a team's own. Where these are broken every policy fails and says so: it asks the catalogue again."""
    try:
        return catalogue().values()
    except (CatalogueError, Unusable):
        return built_in().values()


CHECKS = [
    (ModuleCheck if convention.resource_types == (MODULE,) else ResourceCheck)(convention) for convention in _known()
]
