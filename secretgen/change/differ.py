"""From two environments to the list of what changes, each entry with what Terraform does."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from secretgen.change.comparison import Comparison
from secretgen.change.detect import environment_changes as environments
from secretgen.change.detect import key_changes, secret_changes
from secretgen.change.effects import Change, Effect
from secretgen.change.hazards import Verb
from secretgen.change.ordinary import ordinary
from secretgen.diagnostics import Diagnostic, Severity, Span
from secretgen.model.address import Address
from secretgen.model.changes import Kind, Subject
from secretgen.model.compare import Path, part_differences
from secretgen.model.effective import effective, forgotten_key_parts
from secretgen.model.environment import Environment
from secretgen.model.ignores import IgnoreIndex
from secretgen.model.names import key_modules, secret_module

_DETECTORS = (
    secret_changes.losses,
    key_changes.losses,
    secret_changes.value_alterations,
    key_changes.alterations,
    secret_changes.alterations,
    environments.alterations,
)
_KEPT = frozenset({Effect.FORGET, Effect.MOVE})
_EFFECTS = {Verb.FORGET: Effect.FORGET, Verb.MOVE: Effect.MOVE}
"""What an entry does: where Terraform destroys something in spite of it, it allows nothing."""


def changes_between(before: Environment, after: Environment) -> list[Change]:
    """Lists everything that changes between two environments.

    Args:
        before: what is deployed, as it was read from HCL.
        after: what is wanted. Its `changes` say what becomes of what leaves.

    Returns:
        One entry for each attribute that differs, and a further one for each further hazard of
        it; also what only follows from these, such as that a Region is left. Sorted by path.
        Empty if and only if the two environments deploy the same.
    """
    changes, parts = after.changes, forgotten_key_parts(after)
    # What is read back names what has left by its label already.
    before, after = replace(effective(before), changes=before.changes), effective(after)
    comparison = Comparison(before, after, changes, parts)
    plain = {part.path: ordinary(part, comparison) for part in part_differences(before, after)}
    if not plain:
        return []
    hazards: dict[Path, list[Change]] = {}
    others: list[Change] = []
    for detector in _DETECTORS:
        for found in detector(comparison):
            place = _place(found.path, plain)
            if place is None:
                others.append(found)
            else:
                hazards.setdefault(place, []).append(_combined(plain[place], found))
    listed = [c for path, change in plain.items() for c in hazards.get(path, [change])]
    return sorted([*listed, *others], key=lambda change: change.path)


def _place(path: Path, plain: dict[Path, Change]) -> Path | None:
    """Finds the difference that a hazard is about: at its path, around it, or the first below."""
    around = (path[:length] for length in range(len(path), 0, -1))
    found = next((place for place in around if place in plain), None)
    return found or next((p for p in plain if p[: len(path)] == path), None)


def _combined(plain: Change, hazard: Change) -> Change:
    """Describes a difference as the hazard that it is."""
    if plain.effect in _KEPT and plain.path == hazard.path:
        hazard = replace(
            hazard, effect=plain.effect, summary=plain.summary, detail=plain.detail, options=()
        )
    return replace(hazard, path=plain.path, difference=plain.difference)


def modules_change(before: Environment, after: Environment) -> bool:
    """Returns whether Terraform has modules to install before it can plan.

    Args:
        before: the environment as it was installed last.
        after: the environment as it is to be planned.
    """
    return not _modules(after) <= _modules(before)


def backend_changes(before: Environment, after: Environment) -> bool:
    """Returns whether Terraform finds the same state by another configuration of its backend.

    Args:
        before: the environment as it was initialised last.
        after: the environment as it is to be planned.
    """
    old, new = before.backend, after.backend
    is_same_state = (old.bucket, old.key, old.region) == (new.bucket, new.key, new.region)
    return is_same_state and replace(old, bootstrap=new.bootstrap) != new


def _modules(environment: Environment) -> set[tuple[object, ...]]:
    """Returns the label of each module call, and which variant of the module it calls."""
    secrets: set[tuple[object, ...]] = {
        (secret_module(s.name), s.deletion_protection, s.rotation is None)
        for s in environment.secrets
    }
    keys = {
        (label, key.deletion_protection)
        for key in environment.keys
        for label in key_modules(key).values()
    }
    return secrets | keys


class Judged(Struct, frozen=True):
    """A change, and what the spec describes about it.

    Args:
        change: the change.
        finding: the finding about it; None when it is not dangerous.
        place: where the spec has it, or the nearest place to it.
    """

    change: Change
    finding: Diagnostic | None
    place: Span

    @property
    def severity(self) -> Severity | None:
        """Severity of the finding; None when it is not dangerous."""
        return self.finding.severity if self.finding else None


def permission(change: Change, after: Environment, ignores: IgnoreIndex, today: str) -> str | None:
    """Finds the entry of a spec that allows a dangerous change.

    Args:
        change: the change.
        after: the environment as the spec describes it, with its `changes`.
        ignores: its `ignore`.
        today: the date, as `2027-03-01`, for entries that hold until a day.

    Returns:
        Why it is allowed: the entry of `changes`, or the reason of the entry of `ignore`; None when
        it is not.
    """
    hazard = change.hazard
    if hazard is None:
        return None
    verbs = [v for s in change.allowing if (v := _verb(s, after)) in hazard.verbs]
    if verbs and all(_EFFECTS.get(verb, change.effect) is change.effect for verb in verbs):
        return f"`{verbs[0]}` in `changes` allows it."
    if hazard.kinds:
        found = ignores.find(hazard.rule, {change.subject}, today)
        return found[1].reason if found else None
    return None


def _verb(subject: Subject | Address, after: Environment) -> Verb | None:
    """Returns what `changes` does with a thing."""
    if isinstance(subject, Address):
        return Verb.FORGET if after.changes.forgotten(subject) else None
    if after.changes.moved_to(subject):
        return Verb.MOVE
    is_part = subject.kind is Kind.KEYS and subject.part is not None
    if after.changes.forgotten(subject) or (is_part and subject in forgotten_key_parts(after)):
        return Verb.FORGET
    return Verb.DESTROY if after.changes.destroyed(subject) else None
