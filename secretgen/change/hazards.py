"""The hazards of a change: one rule each, however the change was detected.

A change of two specs and a change in a Terraform plan that do the same harm break the same rule,
and the same entry of `changes` or `ignore` allows them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from secretgen.diagnostics import Severity


class Verb(StrEnum):
    """What an entry of `changes` does with its subject."""

    DESTROY = "destroy"
    FORGET = "forget"
    MOVE = "move"


@dataclass(frozen=True, slots=True)
class Hazard:
    """A hazard.

    Args:
        rule: id of the rule that finds it.
        severity: of the finding, unless it is allowed.
        title: what the rule finds, as a title.
        verbs: entries of `changes` that allow it.
        ignorable: whether an entry of the environment's `ignore` allows it.
    """

    rule: str
    severity: Severity
    title: str
    verbs: frozenset[Verb] = frozenset()
    ignorable: bool = False


def _ignorable(rule: str, severity: Severity, title: str) -> Hazard:
    return Hazard(rule, severity, title, ignorable=True)


SECRET_LEAVES = Hazard(
    "SG501",
    Severity.ERROR,
    "Protected secret removed or renamed",
    frozenset({Verb.DESTROY, Verb.FORGET}),
)
KEY_LEAVES = Hazard("SG502", Severity.ERROR, "Protected key removed", frozenset(Verb))
REPLICA_LEAVES = Hazard(
    "SG503",
    Severity.ERROR,
    "Protected replica or last use of a Region removed",
    frozenset({Verb.DESTROY, Verb.FORGET}),
)
BEGINS_ANEW = _ignorable(
    "SG504", Severity.ERROR, "Environment moved to another account, Region, name or state"
)
VALUE_OVERWRITTEN = _ignorable("SG505", Severity.ERROR, "Live value overwritten")
LITERAL_NOT_WRITTEN = _ignorable("SG506", Severity.WARNING, "Changed literal without a new version")
FOLDER_LEAVES = _ignorable("SG507", Severity.WARNING, "Root module removed before its resources")
READER_LEAVES = _ignorable("SG508", Severity.WARNING, "Reader role removed or replaced")
KEY_CHANGES = _ignorable("SG509", Severity.WARNING, "Secret encrypted with another key")
ROTATION_SWITCHED = _ignorable("SG510", Severity.WARNING, "Rotation ended or begun")
SLOWER = _ignorable("SG512", Severity.WARNING, "Slower rotation or shorter recovery window")
PROTECTION_OFF = _ignorable("SG513", Severity.WARNING, "Deletion protection switched off")
UNREADABLE = _ignorable("SG518", Severity.ERROR, "Committed environment not readable")

HAZARDS = (
    SECRET_LEAVES,
    KEY_LEAVES,
    REPLICA_LEAVES,
    BEGINS_ANEW,
    VALUE_OVERWRITTEN,
    LITERAL_NOT_WRITTEN,
    FOLDER_LEAVES,
    READER_LEAVES,
    KEY_CHANGES,
    ROTATION_SWITCHED,
    SLOWER,
    PROTECTION_OFF,
    UNREADABLE,
)
"""All of them, by rule."""
