"""Git, asked by its command: revisions, the index, and what merges are in progress.

    match find_repository(root):
        case Repository() as repository: repository.files("HEAD", "environments")
        case Unavailable() as why: ...

Paths are relative to the project root, POSIX, as everywhere.
"""

from secretgen.git.command import work_tree_top
from secretgen.git.markers import conflict_in, marker_lines, sides
from secretgen.git.repository import Reason, Repository, Unavailable, Unmerged, find_repository

__all__ = [
    "Reason",
    "Repository",
    "Unavailable",
    "Unmerged",
    "conflict_in",
    "find_repository",
    "marker_lines",
    "sides",
    "work_tree_top",
]
