"""What is deployed as far as the repository knows: the committed HCL, on disk or in Git."""

from secretgen.baseline.finding import Baseline, Unreadable, find_baselines
from secretgen.baseline.snapshots import Committed, Revision, Snapshot, WorkTree

__all__ = [
    "Baseline",
    "Committed",
    "Revision",
    "Snapshot",
    "Unreadable",
    "WorkTree",
    "find_baselines",
]
