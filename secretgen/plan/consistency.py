"""Whether the parts of a plan say the same: its changes, planned values and prior state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from secretgen.plan.document import (
    Json,
    Listed,
    PlanDocument,
    ResourceChange,
    any_unknown,
    without_instances,
)

_ACTIONS = frozenset({
    ("no-op",), ("create",), ("read",), ("update",), ("delete",), ("forget",),
    ("delete", "create"), ("create", "delete"), ("create", "forget"), ("forget", "create"),
})  # fmt: skip
"""Every list of actions that Terraform writes."""

_IDLE = frozenset({("no-op",), ("read",)})
_DEPOSED = frozenset({("no-op",), ("delete",), ("forget",)})
_NEW = frozenset({("create",), ("read",)})
_GONE = frozenset({("delete",), ("forget",)})


_Contradiction = tuple[str, str]


def contradictions(plan: PlanDocument) -> Iterator[_Contradiction]:
    """Yields what cannot be in a plan that Terraform wrote: an address and what is wrong there.

    The address is empty for the plan as a whole.
    """
    changes_something = any(change.actions not in _IDLE for change in plan.changes)
    if plan.applyable is None:
        yield "", "it does not tell whether it can be applied"
    elif changes_something and not plan.applyable and not plan.errored:
        yield "", "it changes resources, but is marked as one that cannot be applied"
    counts = Counter((change.address, change.deposed) for change in plan.changes)
    for (address, _), count in counts.items():
        if count > 1:
            yield address, f"has {count} changes"
    current = [change for change in plan.changes if not change.deposed]
    for change in plan.changes:
        wrong = _wrong_address(change) or _wrong_actions(change) or _wrong_values(change)
        if wrong:
            yield change.address, wrong
    managed = [change for change in current if change.mode == "managed"]
    yield from _planned(_managed(plan.planned), managed)
    prior = _managed(plan.prior)
    if prior or any(change.before for change in managed):
        yield from _prior(prior, managed)
    for address in sorted(plan.planned.keys() - _managed(plan.planned).keys()):
        if without_instances(address) not in plan.configuration.blocks:
            yield address, "is among the planned values, but not in the configuration"


def _managed(listed: Mapping[str, Listed]) -> dict[str, Json]:
    return {address: item.values for address, item in listed.items() if item.mode == "managed"}


def _planned(listed: Mapping[str, Json], changes: list[ResourceChange]) -> Iterator[_Contradiction]:
    for change in changes:
        if change.after is None:
            # Terraform keeps what it forgets among the planned values.
            if change.address in listed and not change.forgotten:
                yield change.address, "is destroyed or forgotten, but has planned values"
        elif change.address not in listed:
            yield change.address, "stays, but has no planned values"
        elif _differ(change.after, listed[change.address]):
            yield change.address, "has other values among the planned values"
    yield from _unchanged(listed, changes, "the planned values")


def _prior(listed: Mapping[str, Json], changes: list[ResourceChange]) -> Iterator[_Contradiction]:
    for change in changes:
        if change.before is None:
            if change.address in listed:
                yield change.address, "is new, but exists in the prior state"
        elif change.address not in listed:
            yield change.address, "exists, but not in the prior state"
        elif not change.after:
            # What is destroyed is not read again before: only its id is certain to be the same.
            if change.before.get("id") != listed[change.address].get("id"):
                yield change.address, "has another id in the prior state"
        elif _differ(change.before, listed[change.address]):
            yield change.address, "has other values in the prior state"
    yield from _unchanged(listed, changes, "the prior state")


def _differ(of_change: Json, listed: Json) -> bool:
    return any(of_change.get(name) != value for name, value in listed.items())


def _unchanged(
    listed: Mapping[str, Json], changes: list[ResourceChange], what: str
) -> Iterator[_Contradiction]:
    known = {change.address for change in changes}
    for address in sorted(listed.keys() - known):
        yield address, f"is in {what}, but not among the changes"


def _wrong_address(change: ResourceChange) -> str:
    """Returns what the parts of an address say of each other; empty if nothing is wrong."""
    module = f"{without_instances(change.module)}." if change.module else ""
    data = "data." if change.mode == "data" else ""
    if change.block != f"{module}{data}{change.type}.{change.name}":
        return "has another module, type or name than its address"
    if not change.address.startswith(f"{change.module}." * bool(change.module)):
        return "has another module than its address"
    return ""


def _wrong_actions(change: ResourceChange) -> str:
    """Returns which actions cannot be; empty if they can."""
    if change.actions not in _ACTIONS:
        return f"has the actions {', '.join(change.actions)[:60]}, which Terraform does not have"
    if change.actions == ("read",) and change.mode == "managed":
        return "would only be read, although it is a resource"
    if change.deposed and change.actions not in _DEPOSED:
        return "is a deposed object that would not be removed"
    return ""


def _wrong_values(change: ResourceChange) -> str:
    """Returns what the actions of a change and its values say of each other; empty if nothing."""
    what = " and ".join(change.actions)
    if (change.before is None) != (change.actions in _NEW) and change.actions != ("read",):
        return f"is to be {what}, which contradicts its values before the apply"
    if (change.after is None) != (change.actions in _GONE):
        return f"is to be {what}, which contradicts its values after the apply"
    if change.actions == ("no-op",) and change.mode == "managed":
        if change.before != change.after:
            return "does not change, but its values before and after differ"
        if any_unknown(change.unknown):
            return "does not change, but has values that are not known yet"
    return ""
