"""What a change of an environment does to its secrets, keys, readers and Regions.

    changes = changes_between(before, after)
    allowed = [permission(change, after, ignores, today) for change in changes if change.hazard]

Everything here works on two models. Where `before` comes from is up to the caller.
"""

from secretgen.change.differ import Judged, changes_between, permission
from secretgen.change.effects import Change, Effect
from secretgen.change.hazards import Hazard

__all__ = [
    "Change",
    "Effect",
    "Hazard",
    "Judged",
    "changes_between",
    "permission",
]
