"""Whether the parts of a plan say the same: its changes, planned values and prior state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from secretgen.plan.document import Json, PlanDocument, ResourceChange

_ACTIONS = frozenset({
    ("no-op",), ("create",), ("read",), ("update",), ("delete",), ("forget",),
    ("delete", "create"), ("create", "delete"), ("create", "forget"), ("forget", "create"),
})  # fmt: skip
"""Every list of actions that Terraform writes."""

_NEW = frozenset({("create",), ("read",)})
_GONE = frozenset({("delete",), ("forget",)})


_Contradiction = tuple[str, str]


def contradictions(plan: PlanDocument) -> Iterator[_Contradiction]:
    """Yields what cannot be in a plan that Terraform wrote: an address and what is wrong there.

    The address is empty for the plan as a whole.
    """
    counts = Counter((change.address, change.deposed) for change in plan.changes)
    for (address, _), count in counts.items():
        if count > 1:
            yield address, f"has {count} changes"
    current = [change for change in plan.changes if not change.deposed]
    for change in plan.changes:
        wrong = _wrong_actions(change)
        if wrong:
            yield change.address, wrong
    managed = [change for change in current if change.mode == "managed"]
    yield from _planned(plan.planned, managed)
    if plan.prior or any(change.before for change in managed):
        yield from _prior(plan.prior, managed)


def _planned(listed: Mapping[str, Json], changes: list[ResourceChange]) -> Iterator[_Contradiction]:
    for change in changes:
        if change.after is None:
            # Terraform keeps what it forgets among the planned values.
            if change.address in listed and not change.forgotten:
                yield change.address, "is destroyed or forgotten, but is among the planned values"
        elif change.address not in listed:
            yield change.address, "stays, but is not among the planned values"
        elif _differ(change.after, listed[change.address]):
            yield change.address, "has other values among the planned values"
    yield from _unchanged(listed, changes, "the planned values")


def _prior(listed: Mapping[str, Json], changes: list[ResourceChange]) -> Iterator[_Contradiction]:
    for change in changes:
        if change.before is None:
            if change.address in listed:
                yield change.address, "is new, but is in the prior state"
        elif change.address not in listed:
            yield change.address, "is there, but not in the prior state"
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


def _wrong_actions(change: ResourceChange) -> str:
    """Returns what the actions of a change and its values say of each other; empty if nothing."""
    if change.actions not in _ACTIONS:
        return f"has the actions {', '.join(change.actions)[:60]}, which Terraform does not have"
    what = " and ".join(change.actions)
    if (change.before is None) != (change.actions in _NEW) and change.actions != ("read",):
        return f"is to be {what}, which contradicts its values before the apply"
    if (change.after is None) != (change.actions in _GONE):
        return f"is to be {what}, which contradicts its values after the apply"
    if change.actions == ("no-op",) and change.mode == "managed":
        if change.before != change.after:
            return "does not change, but its values before and after differ"
        if _any_true(change.unknown):
            return "does not change, but has values that are not known yet"
    return ""


def _any_true(mask: object) -> bool:
    if isinstance(mask, dict):
        return any(map(_any_true, mask.values()))
    if isinstance(mask, list):
        return any(map(_any_true, mask))
    return mask is True
