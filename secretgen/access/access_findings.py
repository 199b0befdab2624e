"""What is wrong with the access that policies grant."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Kind(StrEnum):
    """How access differs from the spec."""

    BEYOND = "beyond"
    """A policy grants what no reader or writer of the spec needs."""
    BROKEN = "broken"
    """A policy refuses a reader or writer of the spec."""
    DRIFTED = "drifted"
    """A committed file is not what the spec renders to, so its policies may be others."""


class Finding(Struct, frozen=True, order=True):
    """One difference between what policies grant and what the spec describes.

    Args:
        kind: beyond the spec, or short of it.
        policy: which policy: `resource policy of prod/x`.
        statement: label of the statement; empty when one is missing.
        summary: what it does, to complete "This policy …".
        secret: the secret, if it is about one.
        region: the Region, if it is about one.
    """

    kind: Kind
    policy: str
    statement: str
    summary: str
    secret: str = ""
    region: str = ""
