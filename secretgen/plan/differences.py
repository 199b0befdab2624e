"""Whether a planned value is the rendered one."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from secretgen.hcl.evaluation.expression_values import Unknown, text_of, unknown_in
from secretgen.plan.defaults import default_of
from secretgen.plan.plan_documents import same_text


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
    default = default_of(part.type, part.path)
    if default is not None:
        return type(value) is type(default) and bool(value == default)
    if value in ("", [], {}, 0):  # False is 0
        return True
    return isinstance(value, dict) and all(is_unset(part.inner(name)) for name in value)
