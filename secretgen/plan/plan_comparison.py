"""A plan next to what its root module plans as rendered: every resource, argument and setting.

What decides over access (policies, trust, grants, attachments and keys) is told apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from secretgen.hcl.evaluation.expression_tree import Unknown, text_of, unknown_in
from secretgen.plan.document import PlanDocument, ResourceChange, same_text
from secretgen.plan.expected import ExpectedPlan
from secretgen.plan.module_instance import ExpectedResource

_DEFAULTS: Mapping[tuple[str, str], object] = {
    ("aws_cloudtrail", "enable_logging"): True,
    ("aws_cloudwatch_event_rule", "event_bus_name"): "default",
    ("aws_cloudwatch_event_rule", "is_enabled"): True,
    ("aws_cloudwatch_event_target", "event_bus_name"): "default",
    ("aws_cloudwatch_log_metric_filter", "metric_transformation.unit"): "None",
    ("aws_cloudwatch_metric_alarm", "actions_enabled"): True,
    ("aws_iam_instance_profile", "path"): "/",
    ("aws_iam_policy", "path"): "/",
    ("aws_iam_role", "max_session_duration"): 3600,
    ("aws_iam_role", "path"): "/",
    ("aws_kms_key", "customer_master_key_spec"): "SYMMETRIC_DEFAULT",
    ("aws_kms_key", "is_enabled"): True,
    ("aws_kms_key", "key_usage"): "ENCRYPT_DECRYPT",
    (
        "aws_s3_bucket_lifecycle_configuration",
        "transition_default_minimum_object_size",
    ): "all_storage_classes_128K",
    ("aws_secretsmanager_secret_rotation", "rotation_enabled"): True,
    ("aws_sns_topic_subscription", "confirmation_timeout_in_minutes"): 1,
}
"""What the provider gives to arguments: read from plans of version 5.100 that create each type."""


class Differs(StrEnum):
    """How a value differs, to complete "description of module.x.y …"."""

    UNKNOWN = "is known only after the apply"
    VALUE = "is not what is rendered from the spec"
    UNSET = "is set, but is not rendered from the spec"


class Part(Struct, frozen=True):
    """A part of the values of a planned resource.

    Args:
        type: type of the resource.
        path: the argument, with the blocks around it.
        value: the planned value.
        mask: which parts of it are unknown.
        before: the value in the state.
    """

    type: str
    path: tuple[str, ...]
    value: Any
    mask: Any
    before: Any

    def inner(self, name: str) -> Part:
        """Returns an argument of it."""
        value, mask, before = (
            part.get(name) if isinstance(part, Mapping) else None
            for part in (self.value, self.mask, self.before)
        )
        return Part(self.type, (*self.path, name), value, mask, before)

    def item(self, index: int) -> Part:
        """Returns an item of it; before, it is the one about the same Region, or the first."""
        masks = self.mask if isinstance(self.mask, list) else []
        olds = [old for old in self.before or () if isinstance(old, Mapping)]
        item = self.value[index]
        region = item.get("region") if isinstance(item, Mapping) else None
        alike = (old for old in olds if old.get("region") == region)
        mask = masks[index] if index < len(masks) else None
        return replace(self, value=item, mask=mask, before=next(alike, None))


def difference(wanted: Any, part: Part) -> Differs | None:
    """Returns how a planned value differs from the rendered one; None if it does not.

    Args:
        wanted: the value as rendered.
        part: the value as planned.
    """
    is_left_to_provider = wanted is None or wanted in ([], {})
    if part.mask is True:
        expected = is_left_to_provider or unknown_in(wanted) is not None
        return None if expected else Differs.UNKNOWN
    if isinstance(wanted, Unknown):
        return None if part.value is None else Differs.VALUE
    if is_left_to_provider:
        return None if is_unset(part) else Differs.VALUE
    return _of_known(wanted, part)


def _of_known(wanted: Any, part: Part) -> Differs | None:
    if isinstance(wanted, dict):
        return _of_objects(wanted, part)
    if isinstance(wanted, list | tuple):
        return _of_lists(list(wanted), part)
    if isinstance(part.value, dict | list) or part.value is None:
        return Differs.VALUE
    return None if same_text(text_of(wanted), text_of(part.value)) else Differs.VALUE


def _of_objects(wanted: Mapping[str, Any], part: Part) -> Differs | None:
    if not isinstance(part.value, dict):
        return Differs.VALUE
    found = (difference(value, part.inner(name)) for name, value in wanted.items())
    others = (part.inner(name) for name in part.value.keys() - wanted.keys())
    worst = next((f for f in found if f), None)
    return worst or (None if all(map(is_unset, others)) else Differs.VALUE)


def _of_lists(wanted: list[Any], part: Part) -> Differs | None:
    """Compares lists and sets: each item has to be there once, in whatever order."""
    if not isinstance(part.value, list) or len(wanted) != len(part.value):
        return Differs.VALUE
    left = list(range(len(wanted)))
    for number, value in enumerate(wanted):
        order = sorted(left, key=lambda index: index != number)  # most stand in their place
        found = {order[0]: difference(value, part.item(order[0]))}
        if found[order[0]]:
            found |= {index: difference(value, part.item(index)) for index in order[1:]}
        same = [index for index, differs in found.items() if differs is None]
        if not same:
            return found[order[0]]
        left.remove(same[0])
    return None


def is_unset(part: Part) -> bool:
    """Returns whether a value is one that the provider gives to what no block sets."""
    value = part.value
    if part.mask is True or value is None or value == part.before:
        return True
    default = _DEFAULTS.get((part.type, ".".join(part.path)))
    if default is not None:
        return type(value) is type(default) and bool(value == default)
    if value in ("", [], {}, 0):  # False is 0
        is_emptied = bool(part.before) and not isinstance(value, int)
        return not (is_emptied and decides_over_access(part.path[-1]))
    return isinstance(value, dict) and all(is_unset(part.inner(name)) for name in value)


_ARGUMENT = re.compile(
    r"(.*_)?(polic(y|ies)|principals?|roles?|users?|groups?|grants?|operations|acl|condition"
    r"|permissions_boundary|statement|target_id|endpoint|protocol)"
    r"|(.*_)?(polic(y|ies)|roles?|principals?|permission_set|users?|groups?)_(arns?|names?|ids?)"
    r"|.*policy.*|.*public.*|.*kms.*|.*encrypt.*|key_id|target_key_id|bypass_.*|force_overwrite_.*"
    r"|(secret|function|topic|resource|source|target|lambda|event_bus|instance)_(arn|id|name|account)"
    r"|rotation_lambda_arn|action|actions|principal_org_id|source_account|is_enabled|bucket|arn"
    r"|managed_policy_arns|inline_policy"
)
_TYPE = re.compile(
    r".*(polic|grant|attachment|permission|access|iam_|_iam|role|lambda|kms|secretsmanager|share"
    r"|association|ssoadmin|identitystore).*"
)


def decides_over_access(argument: str) -> bool:
    """Returns whether an argument of a resource decides over access."""
    return _ARGUMENT.fullmatch(argument) is not None


def gives_access(type_: str, arguments: Iterable[str]) -> bool:
    """Returns whether a resource of a type that is not rendered may open access.

    Args:
        type_: its type.
        arguments: what it sets.
    """
    return _TYPE.fullmatch(type_) is not None or any(map(decides_over_access, arguments))


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
    ELSEWHERE = "elsewhere"
    """Something that is in another account or Region than its provider is rendered for."""
    DESTROYED = "destroyed"
    """Something that no spec renders would be destroyed."""


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
    for change in plan.changes:
        if change.after is None or change.deposed:
            continue
        resource = expected.resources.get(change.address)
        if resource is None or change.mode != resource.block.mode:
            yield from _extra(change)
        else:
            yield from _resource(change, resource)


def _extra(change: ResourceChange) -> Iterator[Deviation]:
    what = f"has the type {change.type} and" if change.mode == "managed" else "is a data source and"
    yield Deviation(Kind.NOT_RENDERED, change.address, "", f"{what} is not rendered from the spec")
    given = (change.after or {}).keys() | change.unknown.keys()
    if change.mode == "managed" and gives_access(change.type, given):
        yield Deviation(Kind.ACCESS, change.address, "", "may grant access that the spec does not")


_FOR_CALLS = "rotate_immediately"
"""An argument of the call that sets a rotation. After an import it stays null in the state, and
without a change there is no such call."""


_ALL = "tags_all"
_OPEN = Unknown(frozenset({_ALL}))


def _resource(change: ResourceChange, expected: ExpectedResource) -> Iterator[Deviation]:
    wanted, before = dict(expected.values), change.before or {}
    after, unclear = change.after or {}, change.unknown.get(_ALL)
    if _ALL in after or unclear:
        tags = {**expected.default_tags, **(wanted.get("tags") or {})}
        # Where tags change, the provider leaves empty ones open until the apply, or all of them. It
        # forms them of those of the resource and its own default ones: both are compared.
        is_changed = any(before.get(n) != v for n, v in (("tags", after.get("tags")), (_ALL, tags)))
        unknown = dict.fromkeys(tags, is_changed) if unclear is True else unclear or {}
        wanted[_ALL] = {
            key: _OPEN if not value and unknown.get(key) else value for key, value in tags.items()
        }
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
