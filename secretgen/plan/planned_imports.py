"""What an import may change: what every import shows, because AWS does not return it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from secretgen.model.changes import KEY, POLICY, ROTATION, SECRET
from secretgen.model.secret import AWS_MANAGED_ALIAS
from secretgen.plan.document import Json, PlanDocument, ResourceChange, any_unknown

_ADDED = "added"
"""Tags: those of the environment and of the protection are added."""

_GIVEN = "given"
"""The provider cannot read it: null becomes the rendered value."""

_ANY = "any"
"""The spec decides: the rendered value takes the place of what was there."""

_ALLOWED: Mapping[str, Mapping[str, str]] = {
    SECRET: {
        "force_overwrite_replica_secret": _GIVEN,
        "recovery_window_in_days": _GIVEN,
        "tags": _ADDED,
        "tags_all": _ADDED,
    },
    POLICY: {"block_public_policy": _GIVEN, "policy": _ANY},
    ROTATION: {"rotate_immediately": _GIVEN},
    KEY: {
        "bypass_policy_lockout_safety_check": _GIVEN,
        "deletion_window_in_days": _GIVEN,
        "description": _ANY,
        "enable_key_rotation": _ANY,
        "policy": _ANY,
        "rotation_period_in_days": _ANY,
        "tags": _ADDED,
        "tags_all": _ADDED,
    },
}
"""Measured with the AWS provider 5.100; a policy is compared with the spec like any other."""


def import_changes(change: ResourceChange) -> Iterator[str]:
    """Yields the arguments that an import changes and that not every import changes.

    Args:
        change: the change of a resource that is imported.

    Yields:
        Arguments, or a word for what happens to the resource as a whole.
    """
    if change.replaced or change.leaves:
        yield "the resource itself, which would be destroyed"
        return
    allowed = _ALLOWED.get(change.type)
    if allowed is None:
        yield f"a resource of the type {change.type}, which is never imported"
        return
    before, after = change.before or {}, change.after or {}
    for name in sorted(before.keys() | after.keys() | change.unknown.keys()):
        is_unknown = change.unknown.get(name) not in (None, False, {}, [])
        if before.get(name) == after.get(name) and not is_unknown:
            continue
        if name == "tags_all" and is_unknown:
            continue  # a finding of the comparison with the spec, unless a tag is empty
        if is_unknown and any_unknown(change.unknown.get(name)):
            if name not in allowed or allowed[name] != _ANY:
                yield f"{name}, to a value that is not known yet"
        elif not _is_allowed(allowed.get(name), before, after, name):
            yield name


def addresses_of_objects(plan: PlanDocument) -> defaultdict[tuple[str, str], list[str]]:
    """Returns the addresses that manage each object and do not let go of it.

    Args:
        plan: the plan.
    """
    found = defaultdict[tuple[str, str], list[str]](list)
    for change in plan.changes:
        if not change.forgotten:
            found[object_of(change)].append(change.address)
    return found


def object_of(change: ResourceChange) -> tuple[str, str]:
    """Returns what a resource is in AWS: its type, and its ARN or id."""
    before = change.before or {}
    return change.type, str(before.get("arn") or before.get("id") or change.address)


def _is_allowed(how: str | None, before: Json, after: Json, name: str) -> bool:
    old, new = before.get(name), after.get(name)
    if name == "kms_key_id":
        is_default = not old and str(new).endswith(AWS_MANAGED_ALIAS)
        return is_default or (bool(old) and str(new).rpartition("/")[2] == str(old))
    if how == _ANY:
        return True
    if how == _GIVEN:
        return old is None
    if how == _ADDED:
        tags, tags_now = old or {}, new or {}
        return all(tags_now.get(key) == value for key, value in tags.items())
    return False
