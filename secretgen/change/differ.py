"""From two environments to the list of what changes, each entry with what Terraform does."""

from __future__ import annotations

from msgspec.structs import replace

from secretgen.change.comparison import Comparison
from secretgen.change.detect import environment_changes as environments
from secretgen.change.detect import key_changes, secret_changes, value_changes
from secretgen.change.effects import Change, Effect
from secretgen.change.ordinary import ordinary
from secretgen.model.compare import Path, part_differences
from secretgen.model.effective import effective
from secretgen.model.environment import Environment
from secretgen.model.forgotten_key_parts import forgotten_key_parts

_DETECTORS = (
    secret_changes.losses,
    key_changes.losses,
    value_changes.alterations,
    key_changes.alterations,
    secret_changes.alterations,
    environments.alterations,
)
_KEPT = frozenset({Effect.FORGET, Effect.MOVE})


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
