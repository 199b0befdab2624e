"""What an audit finds, before it has a place in a spec."""

from __future__ import annotations

from msgspec import Struct

from secretgen.access.policies import KeyPlace
from secretgen.model.changes import Kind, Subject
from secretgen.model.compare import Difference, Leaf, Path
from secretgen.model.words import describe
from secretgen.rules.rule import Rule


class Fact(Struct, frozen=True):
    """Something that is not as it should be.

    Args:
        rule: what it breaks.
        subject: what it is about, in the words of an `ignore` of the environment.
        path: the attribute that it is about, as the model calls it.
        summary: what is wrong.
        detail: what to do.
        difference: what differs from the spec; None for what is broken or noteworthy.
    """

    rule: Rule
    subject: Subject
    path: Path
    summary: str
    detail: str = ""
    difference: Difference | None = None


_SET_BACK = "Run `terraform apply` to restore it, or move the change into the spec."


def differing(
    rule: Rule,
    subject: Subject,
    path: Path,
    *,
    expected: Leaf,
    found: Leaf,
    derived: bool = False,
    detail: str = _SET_BACK,
) -> Fact:
    """Makes the fact that an attribute in AWS differs from the spec.

    Args:
        rule: what it breaks.
        subject: what it is about.
        path: the attribute.
        expected: its value by the spec; None for none.
        found: its value in AWS; None for none.
        derived: whether the expected value follows from the spec, but does not stand there.
        detail: what to do.
    """
    difference = Difference(path, expected, found)
    return Fact(rule, subject, path, describe(difference, derived=derived), detail, difference)


def key_path(key: KeyPlace, primary_region: str) -> Path:
    """Returns the path of a key of the environment in one Region."""
    path = ("secrets", key.name, "kms_key") if key.dedicated else ("keys", key.name)
    return path if key.region == primary_region else (*path, "regions", key.region)


def key_subject(key: KeyPlace) -> Subject:
    """Returns what an `ignore` calls a key: its secret, or the shared key."""
    return Subject(Kind.SECRETS if key.dedicated else Kind.KEYS, key.name)
