"""The parts of shared keys that stay in AWS because a forgotten secret may need them there."""

from __future__ import annotations

from secretgen.model.changes import Kind, Subject, key_part
from secretgen.model.environment import Environment


def forgotten_key_parts(environment: Environment) -> tuple[Subject, ...]:
    """Lists the parts of shared keys that leave the state and stay in AWS.

    The spec no longer has a forgotten secret, nor which key encrypts it. So while it forgets one,
    no shared key is destroyed in a replica Region that it leaves, unless an entry destroys that
    part by name. A key that moves counts under its names before as well.

    Returns:
        Subjects such as `keys.database.replicas.us-west-2`, sorted. Some may never have existed.
    """
    changes = environment.changes
    whats = (forget.what for forget in changes.forgets)
    if not any(isinstance(w, Subject) and w.kind is Kind.SECRETS and not w.part for w in whats):
        return ()
    now = {key.name: key for key in environment.keys if not key.dedicated}
    names = {name: name for name in now}
    for move in changes.moves:
        if isinstance(move.source, Subject) and move.source.kind is Kind.KEYS:
            end = changes.moved_to(move.source)
            if end and end.kind is Kind.KEYS and end.name in now:
                names[move.source.name] = end.name
    destroyed = {destroy.what for destroy in changes.destroys}
    parts = {
        key_part(name, region)
        for name, end in names.items()
        for region in set(environment.other_regions) - {r.region for r in now[end].regions}
    }
    return tuple(sorted(parts - destroyed, key=str))
