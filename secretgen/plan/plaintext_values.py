"""Where a plan holds values of secrets in plain text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from secretgen.plan.document import PlanDocument

_VALUES = ("secret_string", "secret_binary", "secret_string_wo")


def plaintext_values(plan: PlanDocument) -> Iterator[str]:
    """Yields where a plan holds a value in plain text, each place once, never the value."""
    yield from dict.fromkeys(_of_resources(plan))
    for name, value in plan.variables.items():
        if value is not None:
            yield f"the input variable {name}"
    for name, variable in plan.configuration.variables.items():
        if variable.get("default") is not None:
            yield f"the default of the input variable {name}"


def _of_resources(plan: PlanDocument) -> Iterator[str]:
    for change in plan.changes:
        for values, mask in zip((change.before, change.after), change.sensitive, strict=True):
            yield from (f"{name} of {change.address}" for name in _names(values or {}, mask))
    for listed in (plan.prior, plan.planned):
        for address, item in listed.items():
            yield from (f"{name} of {address}" for name in _names(item.values, item.sensitive))


def _names(values: Mapping[str, Any], mask: Any) -> list[str]:
    marked = mask if isinstance(mask, Mapping) else {}
    sensitive = {name for name, is_marked in marked.items() if is_marked is True}
    return [name for name in values if values[name] and (name in _VALUES or name in sensitive)]
