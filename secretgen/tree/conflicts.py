"""Generated files that Git could not merge: who generated what was to be merged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from secretgen.git import Unmerged, sides
from secretgen.tree.header import Owned
from secretgen.tree.manifest import manifest_of, owner


def found_owner(
    path: str, disk: Mapping[str, bytes], unmerged: Mapping[str, Unmerged]
) -> Owned | None:
    """Returns who generated the file on disk; None when it is foreign, or not there.

    Args:
        path: the file.
        disk: the files of the committed tree, manifests among them.
        unmerged: what Git was to merge.
    """
    return owner(path, disk[path], _manifests(path, disk, unmerged)) if path in disk else None


def merged_owner(
    path: str, disk: Mapping[str, bytes], unmerged: Mapping[str, Unmerged]
) -> Owned | None:
    """Returns who generated what Git was to merge at a path, intact when nobody edited it.

    Without the sides in Git, conflict markers in the file are what there is: they keep no
    side whole, so nobody can know whether it was edited.

    Args:
        path: the file.
        disk: the files of the committed tree, manifests among them.
        unmerged: what Git was to merge.

    Returns:
        The owner; None for a file that Git was not to merge, or that is foreign.
    """
    if path in unmerged:
        manifests = list(_manifests(path, disk, unmerged))
        versions = (unmerged[path].ours, unmerged[path].theirs)
        owners = [owner(path, data, manifests) for data in versions if data is not None]
        known = [found for found in owners if found]
        is_intact = len(known) == len(owners) and all(found.intact for found in known)
        return Owned(known[0].origin, is_intact) if known else None
    found = found_owner(path, disk, unmerged)
    if path not in disk or (found and found.intact):
        return None
    manifests = list(_manifests(path, disk, unmerged))
    known = [side for data in sides(disk[path]) or () if (side := owner(path, data, manifests))]
    return Owned(known[0].origin, intact=True) if known else None


def _manifests(
    path: str, disk: Mapping[str, bytes], unmerged: Mapping[str, Unmerged]
) -> Iterator[bytes | None]:
    manifest = manifest_of(path)
    yield disk.get(manifest)
    yield from sides(disk.get(manifest, b"")) or ()
    if manifest in unmerged:
        yield unmerged[manifest].ours
        yield unmerged[manifest].theirs
