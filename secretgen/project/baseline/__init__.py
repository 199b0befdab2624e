"""What is deployed as far as the repository knows: the committed HCL, on disk or in Git."""

from secretgen.project.baseline.committed_environment import Baseline, Unreadable, find_baselines
from secretgen.project.baseline.snapshots import Committed, Revision, Snapshot, WorkTree

__all__ = [
    "Baseline",
    "Committed",
    "Revision",
    "Snapshot",
    "Unreadable",
    "WorkTree",
    "find_baselines",
]
