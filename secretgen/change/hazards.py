"""The hazards of a change: one rule each, however the change was detected.

A change of two specs and a change in a Terraform plan that do the same harm break the same rule,
and the same entry of `changes` or `ignore` allows them.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from secretgen.diagnostics import Severity
from secretgen.model.changes import Kind


class Verb(StrEnum):
    """What an entry of `changes` does with its subject."""

    DESTROY = "destroy"
    FORGET = "forget"
    MOVE = "move"


class Hazard(Struct, frozen=True):
    """A hazard.

    Args:
        rule: id of the rule that finds it.
        severity: of the finding, unless it is allowed.
        title: what the rule finds, as a title.
        verbs: entries of `changes` that allow it.
        kinds: what an entry of the environment's `ignore` that allows it may be of.
    """

    rule: str
    severity: Severity
    title: str
    verbs: frozenset[Verb] = frozenset()
    kinds: tuple[Kind, ...] = ()


_SECRETS = (Kind.SECRETS,)

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
BEGINS_ANEW = Hazard(
    "SG504",
    Severity.ERROR,
    "Environment moved to another account, Region, name or state",
    kinds=(Kind.ENVIRONMENT,),
)
VALUE_OVERWRITTEN = Hazard("SG505", Severity.ERROR, "Live value overwritten", kinds=_SECRETS)
LITERAL_NOT_WRITTEN = Hazard(
    "SG506", Severity.WARNING, "Changed literal without a new version", kinds=_SECRETS
)
FOLDER_LEAVES = Hazard(
    "SG507",
    Severity.WARNING,
    "Root module removed before its resources",
    kinds=(Kind.ACCOUNTS, Kind.ENVIRONMENT),
)
READER_LEAVES = Hazard(
    "SG508",
    Severity.WARNING,
    "Reader or writer role removed or replaced",
    kinds=(Kind.ACCOUNTS, Kind.SECRETS),
)
KEY_CHANGES = Hazard("SG509", Severity.WARNING, "Secret encrypted with another key", kinds=_SECRETS)
ROTATION_SWITCHED = Hazard("SG510", Severity.WARNING, "Rotation started or ended", kinds=_SECRETS)
SLOWER = Hazard(
    "SG512",
    Severity.WARNING,
    "Slower rotation or shorter recovery window",
    kinds=(Kind.KEYS, Kind.SECRETS, Kind.SERVICE_SECRETS),
)
PROTECTION_OFF = Hazard(
    "SG513",
    Severity.WARNING,
    "Deletion protection or trail switched off",
    kinds=(Kind.ENVIRONMENT, Kind.SECRETS),
)
ACCESS_OPENED = Hazard("SG511", Severity.ERROR, "Access beyond the spec, or taken from a reader")
NOT_RENDERED = Hazard(
    "SG514",
    Severity.ERROR,
    "Type, argument or provider setting that is not rendered",
    kinds=(Kind.ACCOUNTS, Kind.ENVIRONMENT, Kind.KEYS, Kind.SECRETS, Kind.SERVICE_SECRETS),
)
IMPORT_CHANGES = Hazard(
    "SG515",
    Severity.ERROR,
    "Import that changes the resource",
    kinds=(Kind.KEYS, Kind.SECRETS),
)
INCOMPLETE = Hazard("SG516", Severity.ERROR, "Incomplete or unknown plan")
UNKNOWN_ACCESS = Hazard("SG517", Severity.ERROR, "Access known only after the apply")
UNREADABLE = Hazard(
    "SG518",
    Severity.ERROR,
    "Committed environment not readable",
    kinds=(Kind.ENVIRONMENT,),
)

POLICY_SWITCHED = Hazard(
    "SG519", Severity.WARNING, "Resource policy overwritten or no longer managed", kinds=_SECRETS
)
DELETED_IN_AWS = Hazard(
    "SG520",
    Severity.ERROR,
    "Secret or key deleted outside of Terraform",
    frozenset({Verb.DESTROY}),
    kinds=(Kind.ENVIRONMENT, Kind.KEYS, Kind.SECRETS),
)
