"""A plan next to what its root module plans as rendered: every resource, argument and setting."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from msgspec import Struct

from secretgen.plan.access_arguments import decides_over_access, gives_access
from secretgen.plan.differences import Differs, Part, difference, is_unset
from secretgen.plan.document import PlanDocument, ResourceChange
from secretgen.plan.expected import ExpectedPlan
from secretgen.plan.module_instance import ExpectedResource

WRITE_ONLY = "_wo"
"""End of the names of arguments that are neither in the plan nor in the state."""


class Kind(StrEnum):
    """How a plan differs from what is rendered."""

    NOT_RENDERED = "not rendered"
    """A type, argument or setting that the root module does not render."""
    ACCESS = "access"
    """Something that decides over access has another value."""
    UNKNOWN = "unknown"
    """Something that decides over access is known only after the apply."""


class Deviation(Struct, frozen=True):
    """One difference between a plan and what is rendered.

    Args:
        kind: how it differs.
        address: the resource, or where else it is; empty for the plan as a whole.
        argument: the argument; empty for the whole.
        summary: what is wrong, to complete "module.x.y …".
    """

    kind: Kind
    address: str
    argument: str
    summary: str


def deviations(plan: PlanDocument, expected: ExpectedPlan) -> Iterator[Deviation]:
    """Yields what a plan holds that the root module as rendered does not plan.

    Args:
        plan: the plan.
        expected: what the root module plans as rendered.
    """
    seen = set()
    for change in plan.changes:
        if change.after is None or change.deposed:
            continue
        resource = expected.resources.get(change.address)
        seen.add(change.address)
        if resource is None or change.mode != resource.block.mode:
            yield from _extra(change)
        else:
            yield from _resource(change, resource)
    for address in sorted(expected.resources.keys() - seen):
        resource = expected.resources[address]
        kind = Kind.ACCESS if gives_access(resource.block.type, ()) else Kind.NOT_RENDERED
        yield Deviation(kind, address, "", "is rendered, but is not in the plan")


def _extra(change: ResourceChange) -> Iterator[Deviation]:
    what = f"has the type {change.type} and" if change.mode == "managed" else "is a data source and"
    yield Deviation(Kind.NOT_RENDERED, change.address, "", f"{what} is not rendered from the spec")
    given = (change.after or {}).keys() | change.unknown.keys()
    if change.mode == "managed" and gives_access(change.type, given):
        yield Deviation(Kind.ACCESS, change.address, "", "may grant access that the spec does not")


_FOR_CALLS = "rotate_immediately"
"""An argument of the call that sets a rotation. After an import it stays null in the state, and
without a change there is no such call."""


def _resource(change: ResourceChange, expected: ExpectedResource) -> Iterator[Deviation]:
    after, before = change.after or {}, change.before or {}
    wanted = dict(expected.values)
    if "tags_all" in after or "tags_all" in change.unknown:
        wanted["tags_all"] = {**expected.default_tags, **(wanted.get("tags") or {})}
    whole = Part(change.type, (), after, change.unknown, before)
    for name, value in wanted.items():
        is_kept = name in expected.block.ignored and after.get(name) == before.get(name)
        if name.endswith(WRITE_ONLY) or (is_kept and change.before is not None):
            continue
        if name == _FOR_CALLS and after.get(name) is None and change.actions == ("no-op",):
            continue
        found = difference(value, whole.inner(name))
        if found:
            yield _argument(change, name, found)
    for name in after.keys() - wanted.keys():
        if name == "region" and after[name] == expected.region:
            continue  # the provider of version 6 names it in each resource
        if not is_unset(whole.inner(name)):
            yield _argument(change, name, Differs.UNSET)


def _argument(change: ResourceChange, name: str, found: Differs) -> Deviation:
    access = decides_over_access(name)
    kind = Kind.ACCESS if access else Kind.NOT_RENDERED
    if found is Differs.UNKNOWN and access:
        kind = Kind.UNKNOWN
    return Deviation(kind, change.address, name, found.value)
