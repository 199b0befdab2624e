"""Reads the JSON of a plan, as `terraform show -json` writes it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from secretgen.errors import SecretgenError
from secretgen.hcl.evaluation.expression_tree import NotEvaluatedError
from secretgen.plan.document import (
    Configuration,
    Configured,
    ConfiguredCall,
    Json,
    Listed,
    PlanDocument,
    ResourceChange,
    unique,
)

HOW_TO_MAKE_ONE = (
    "Create it with: terraform plan -out=plan.tfplan && terraform show -json plan.tfplan > "
    "plan.json"
)
OPENTOFU = "registry.opentofu.org"
"""Registry of OpenTofu's providers."""

FORMAT_MAJOR = 1
"""Major version of the format: https://developer.hashicorp.com/terraform/internals/json-format"""

_ODD_SHAPES = (AttributeError, IndexError, KeyError, NotEvaluatedError, TypeError, ValueError)
"""What values raise that are not of the types that the provider gives them."""

_FORMAT = re.compile(rf"{FORMAT_MAJOR}(\.\d+)?")


class UnreadablePlanError(SecretgenError):
    """A text is not the JSON of a plan that can be judged."""


def read_plan(title: str, text: str) -> PlanDocument:
    """Reads a plan.

    Args:
        title: name of its file, for messages.
        text: the JSON.

    Raises:
        UnreadablePlanError: it is not the JSON of a plan, or of a format that is not known.
    """
    if not text.strip():
        raise _not_a_plan(title, "is empty")
    try:
        data = json.loads(text, object_pairs_hook=unique)
    except (ValueError, RecursionError) as error:
        raise _not_a_plan(title, "is not JSON, or is cut off") from error
    if not isinstance(data, dict):
        raise _not_a_plan(title, "is not a JSON object")
    given = data.get("format_version")
    version = given if isinstance(given, str) else ""
    if "resource_changes" not in data and "values" in data:
        raise _not_a_plan(title, "is the JSON of a state, not of a plan")
    if not version or "configuration" not in data or "planned_values" not in data:
        raise _not_a_plan(title, "has no format version, configuration or planned values")
    if not _FORMAT.fullmatch(version):
        raise UnreadablePlanError(
            f"the plan file {title} has the unknown format {version[:20]}",
            f"Format {FORMAT_MAJOR}.x can be read. {HOW_TO_MAKE_ONE}",
        )
    try:
        return _document(title, data)
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise _not_a_plan(title, "has an unexpected structure") from error


@contextmanager
def expecting_the_providers_types(title: str) -> Iterator[None]:
    """Guards what looks into the values of a plan.

    Args:
        title: name of its file, for messages.

    Raises:
        UnreadablePlanError: the values have other types than the provider gives them.
    """
    try:
        yield
    except _ODD_SHAPES:
        raise _not_a_plan(title, "has values of unexpected types") from None


def _not_a_plan(title: str, why: str) -> UnreadablePlanError:
    return UnreadablePlanError(f"the plan file {title} {why}", HOW_TO_MAKE_ONE)


_READ = frozenset({
    "applyable", "checks", "complete", "configuration", "errored", "format_version",
    "output_changes", "planned_values", "prior_state", "resource_changes", "resource_drift",
    "variables",
})  # fmt: skip
_SAY_NOTHING = frozenset({"relevant_attributes", "terraform_version", "timestamp"})
"""Parts of a plan that change nothing."""


def _document(title: str, data: Json) -> PlanDocument:
    planned = _object(data["planned_values"])
    prior = _object(_object(data.get("prior_state", {})).get("values", {}))
    variables = _object(data.get("variables", {}))
    known = _READ | _SAY_NOTHING
    changes = tuple(map(_change, _lasting(data.get("resource_changes", []))))
    # OpenTofu does not write whether a plan is complete. One of -target lacks resources of the
    # state, or rendered ones.
    default = True if changes and all(c.provider.startswith(OPENTOFU) for c in changes) else None
    return PlanDocument(
        title,
        changes,
        _configuration(_object(data["configuration"])),
        dict(_listed(_object(planned.get("root_module", {})))),
        dict(_listed(_object(prior.get("root_module", {})))),
        {name: _object(given).get("value") for name, given in variables.items()},
        frozenset((*_object(data.get("output_changes", {})), *_object(planned.get("outputs", {})))),
        errored=data.get("errored") is not False,
        complete=data.get("complete", default) is True,
        applyable=data.get("applyable", default),
        failed=tuple(_failed(_list(data.get("checks", [])))),
        others={key: value for key, value in data.items() if key not in known},
        drift=tuple(map(_change, _lasting(data.get("resource_drift", [])))),
    )


def _lasting(resources: Any) -> Iterator[dict[str, Any]]:
    """Yields the resources but for ephemeral ones, which OpenTofu lists and Terraform does not."""
    return (item for item in map(_object, _list(resources)) if item.get("mode") != "ephemeral")


def _failed(checks: list[Any]) -> Iterator[str]:
    for check in map(_object, checks):
        address = _object(check["address"])
        if address["kind"] != "check" and check["status"] not in {"pass", "unknown"}:
            yield _text(address["to_display"])


def _change(item: Json) -> ResourceChange:
    change = _object(item["change"])
    before, after = change.get("before"), change.get("after")
    importing = change.get("importing")
    return ResourceChange(
        _text(item["address"]),
        _text(item.get("module_address", "")),
        _text(item["mode"]),
        _text(item["type"]),
        _text(item["name"]),
        tuple(map(_text, _list(change["actions"]))),
        None if before is None else _object(before),
        None if after is None else _object(after),
        _object(change.get("after_unknown") or {}),
        _text(item.get("action_reason", "")),
        _text(item.get("previous_address", "")),
        None if importing is None else _text(_object(importing).get("id", "")),
        _text(item.get("deposed", "")),
        (change.get("before_sensitive"), change.get("after_sensitive")),
        _text(item.get("provider_name", "")),
    )


def _listed(root: Json) -> Iterator[tuple[str, Listed]]:
    """Yields every resource of a module and below."""
    for module in _modules(root):
        for item in _lasting(module.get("resources", [])):
            if "deposed_key" not in item:
                values = _object(item.get("values") or {})
                sensitive = item.get("sensitive_values")
                yield _text(item["address"]), Listed(_text(item["mode"]), values, sensitive)


def _modules(root: Json) -> Iterator[Json]:
    modules = [root]
    while modules:
        module = modules.pop()
        modules += map(_object, _list(module.get("child_modules", [])))
        yield module


def _configuration(data: Json) -> Configuration:
    root = _object(data.get("root_module", {}))
    blocks: dict[str, Configured] = {}
    calls: dict[str, ConfiguredCall] = {}
    modules: list[tuple[str, Json]] = [("", root)]
    while modules:
        address, module = modules.pop()
        prefix = f"{address}." if address else ""
        for item in _lasting(module.get("resources", [])):
            block = _configured(prefix, item)
            blocks[block.address] = block
        for label, given in _object(module.get("module_calls", {})).items():
            call = _object(given)
            inner = f"{prefix}module.{label}"
            called = _object(call.get("module", {}))
            calls[inner] = _configured_call(inner, call, called)
            modules.append((inner, called))
    return Configuration(
        {_text(name): _object(p) for name, p in _object(data.get("provider_config", {})).items()},
        blocks,
        calls,
        _outputs(root),
        {name: _object(given) for name, given in _object(root.get("variables", {})).items()},
    )


def _configured_call(address: str, call: Json, module: Json) -> ConfiguredCall:
    return ConfiguredCall(
        address,
        _text(call.get("source", "")),
        _object(call.get("expressions", {})),
        _outputs(module),
        _is_repeated(call),
    )


def _outputs(module: Json) -> dict[str, Json]:
    found = _object(module.get("outputs", {}))
    return {name: _object(_object(output).get("expression", {})) for name, output in found.items()}


def _is_repeated(item: Json) -> bool:
    return "count_expression" in item or "for_each_expression" in item


def _configured(prefix: str, item: Json) -> Configured:
    return Configured(
        prefix + _text(item["address"]),
        _text(item["mode"]),
        _text(item["type"]),
        _text(item.get("provider_config_key", "")),
        _object(item.get("expressions", {})),
        tuple(_text(_object(p)["type"]) for p in _list(item.get("provisioners", []))),
        _is_repeated(item),
    )


def _checked(kind: type) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if not isinstance(value, kind):
            raise TypeError(kind)
        return value

    return check


_object: Callable[[Any], dict[str, Any]] = _checked(dict)
_list: Callable[[Any], list[Any]] = _checked(list)
_text: Callable[[Any], str] = _checked(str)
