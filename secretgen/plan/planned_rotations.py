"""What a plan does to rotations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from secretgen.change import alterations as words
from secretgen.change.effects import Change
from secretgen.change.losses import service_secret_leaves
from secretgen.change.phrases import days
from secretgen.model.changes import Kind, Subject, secret
from secretgen.model.schedule import hours_between
from secretgen.plan.document import Json, ResourceChange
from secretgen.plan.owners import Owner
from secretgen.plan.secret_values import forgotten


def rotation_changes(
    change: ResourceChange, owner: Owner, of: ResourceChange | None
) -> Iterator[Change]:
    """Yields what happens to a rotation.

    Args:
        change: the change of the rotation.
        owner: what it belongs to.
        of: the change of its secret; None for one that is not in the plan.
    """
    before, after = change.before or {}, change.after or {}
    if owner.subject.kind is Kind.SERVICE_SECRETS:
        yield from _of_service(change, owner)
        return
    stays = of is None or (of.before is not None and of.after is not None)
    name = str(((of.before if of else None) or {}).get("name") or owner.name)
    if not stays or not name:
        return
    if change.forgotten or change.leaves:
        yield words.rotation_ends(name)
    elif "create" in change.actions:
        yield words.rotation_begins(name, immediately=after.get("rotate_immediately") is not False)
    else:
        yield from _slower(secret(name), before, after)


def _of_service(change: ResourceChange, owner: Owner) -> Iterator[Change]:
    if change.leaves or change.replaced or change.forgotten:
        found = service_secret_leaves(owner.name, replaced=change.replaced)
        what = f"rotation of service secret {owner.name}"
        yield forgotten(found, what) if change.forgotten else found
    elif change.before and change.after:
        yield from _slower(owner.subject, change.before, change.after)


def _slower(subject: Subject, before: Json, after: Json) -> Iterator[Change]:
    old, new = (_rules(values) for values in (before, after))
    hours, hours_now = (hours_between(days_, schedule) for days_, schedule in (old, new))
    if hours is None or hours_now is None or hours_now <= hours:
        return
    field = "every_days" if new[0] is not None else "schedule"
    path = (subject.kind.value, subject.name, "rotation", field)
    yield words.slower(subject, path, "rotation", *(_when(*rules) for rules in (old, new)))


def _rules(values: Json) -> tuple[int | None, str | None]:
    blocks = values.get("rotation_rules") or [{}]
    rules: Mapping[str, Any] = blocks[0] if isinstance(blocks[0], dict) else {}
    every, schedule = rules.get("automatically_after_days"), rules.get("schedule_expression")
    return (every or None) if isinstance(every, int) else None, str(schedule) if schedule else None


def _when(every: int | None, schedule: str | None) -> str:
    return f"every {days(every)}" if every is not None else str(schedule)
