"""The generated HCL of a project as it is committed: on disk, or at a revision of Git."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Protocol

from msgspec import Struct

from secretgen.errors import FileAccessError
from secretgen.git import Reason, Repository, Unavailable, Unmerged, sides
from secretgen.model.layout import DEFAULT_LAYOUT, Layout
from secretgen.project.settings_files import earlier_layouts
from secretgen.roundtrip.proof import HCL
from secretgen.roundtrip.record import RECORD
from secretgen.tree.header import inspect

_HEAD = "HEAD"


class Snapshot(Struct, frozen=True):
    """Generated files that belong together.

    Args:
        place: where they are, in words.
        files: the files, by path relative to the root.
        intact: whether they are as one render wrote them.
    """

    place: str
    files: Mapping[str, bytes]
    intact: bool = True


class Committed(Protocol):
    """Where generated files are committed."""

    @property
    def layouts(self) -> tuple[Layout, ...]:
        """The output folders that they may be in, first those of now."""

    @property
    def earlier_layouts(self) -> tuple[Layout, ...]:
        """The output folders of earlier settings, which takes a search of the history."""

    def snapshots(self, folder: str) -> list[Snapshot]:
        """Returns the files of a folder, once for each side of a merge; empty for none."""

    def origins(self, parent: str) -> dict[str, set[str]]:
        """Returns what the files in the folders below another were generated from, by folder."""


def is_relevant(path: str) -> bool:
    """Returns whether a file says what is deployed."""
    return path.endswith(HCL) or path.rpartition("/")[-1] == RECORD


def _owned(files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {path: data for path, data in files.items() if inspect(data) is not None}


def _is_intact(data: bytes) -> bool:
    found = inspect(data)
    return found is not None and found.intact


def _within(files: Iterable[str], folder: str) -> list[str]:
    return [path for path in files if path.startswith(f"{folder}/") and is_relevant(path)]


def _origins(files: Mapping[str, bytes], parent: str) -> dict[str, set[str]]:
    origins: dict[str, set[str]] = {}
    for path in _within(files, parent):
        name, slash, _ = path.removeprefix(f"{parent}/").partition("/")
        found = inspect(files[path])
        if slash and found:
            origins.setdefault(f"{parent}/{name}", set()).add(found.origin)
    return origins


class Revision(Struct, frozen=True, dict=True):
    """A revision of Git.

    Args:
        repository: the repository.
        commit: the revision.
        place: what it is, in words.
        layouts: the output folders that files may be in, first those of now.
    """

    repository: Repository
    commit: str
    place: str
    layouts: tuple[Layout, ...]

    def snapshots(self, folder: str) -> list[Snapshot]:
        """Returns the files of a folder."""
        files = self.owned(folder)
        intact = all(map(_is_intact, files.values()))
        return [Snapshot(self.place, files, intact)] if files else []

    @cached_property
    def earlier_layouts(self) -> tuple[Layout, ...]:
        """The output folders of earlier settings."""
        return earlier_layouts(self.repository, self.commit)

    def owned(self, folder: str) -> dict[str, bytes]:
        """Returns the generated files of a folder."""
        return _owned(at_revision(self.repository, self.commit, folder))

    def origins(self, parent: str) -> dict[str, set[str]]:
        """Returns what the files in the folders below another were generated from, by folder."""
        return _origins(at_revision(self.repository, self.commit, parent), parent)


def at_revision(repository: Repository, commit: str, folder: str) -> dict[str, bytes]:
    """Returns the files of a folder that say what is deployed, as a revision has them."""
    files = repository.files(commit, folder)
    return {path: files[path] for path in _within(files, folder)}


class WorkTree(Struct, frozen=True, dict=True):
    """The files on disk, and Git where they are conflicted, edited or missing.

    Args:
        disk: the files of the tree, by path relative to the root.
        git: the repository, or why there is none.
        layouts: the output folders that files may be in, first those of now.
    """

    disk: Mapping[str, bytes]
    git: Repository | Unavailable = Unavailable(Reason.NO_REPOSITORY)
    layouts: tuple[Layout, ...] = (DEFAULT_LAYOUT,)

    def snapshots(self, folder: str) -> list[Snapshot]:
        """Returns the files of a folder, once for each side of a merge.

        Raises:
            FileAccessError: Git would have to be asked, and cannot be.
        """
        disk = {path: self.disk[path] for path in _within(self.disk, folder)}
        disk = {path: data for path, data in disk.items() if _is_ours(path, data, self._unmerged)}
        if isinstance(self.git, Unavailable):
            if self.git.in_progress and disk:
                raise FileAccessError(
                    f"Git is required to find the conflicting files, but {self.git.reason.value}",
                    self.git.remedy,
                )
            return _sides_of(disk)
        unmerged = {path: self._unmerged[path] for path in _within(self._unmerged, folder)}
        head = self._head.owned(folder) if self._head else {}
        wrong = {path for path, data in disk.items() if not _is_intact(data)}
        wrong |= unmerged.keys() | (head.keys() - disk.keys())
        if not wrong:
            return [Snapshot("on disk", disk)] if disk else []
        if self.sides and not wrong.isdisjoint(unmerged.keys() | disk.keys()):
            found = ((side.place, side.owned(folder)) for side in self.sides)
            return [Snapshot(place, files, intact=False) for place, files in found if files]
        if unmerged:
            return _stages(disk, unmerged)
        if not disk:
            return [Snapshot(_HEAD, head, all(map(_is_intact, head.values())))]
        return _sides_of(disk | {path: head[path] for path in wrong if path in head}, intact=False)

    def origins(self, parent: str) -> dict[str, set[str]]:
        """Returns what the files in the folders below another were generated from, by folder."""
        found = _origins(self.disk, parent)
        return (self._head.origins(parent) if self._head else {}) | found

    @property
    def earlier_layouts(self) -> tuple[Layout, ...]:
        """The output folders of earlier settings."""
        return self._head.earlier_layouts if self._head else ()

    @cached_property
    def _unmerged(self) -> Mapping[str, Unmerged]:
        return self.git.unmerged() if isinstance(self.git, Repository) else {}

    @cached_property
    def sides(self) -> tuple[Revision, ...]:
        """HEAD and the commits that are being merged into it; empty when none are."""
        others = self._head.repository.other_heads() if self._head else ()
        return tuple(filter(None, map(self._revision, (_HEAD, *others)))) if others else ()

    @cached_property
    def base(self) -> Revision | None:
        """The common ancestor of the two sides; None without a merge, or with more sides."""
        commits = self._head.repository.merging() if self._head else None
        return self._revision(commits[0]) if commits else None

    @cached_property
    def _head(self) -> Revision | None:
        return self._revision(_HEAD)

    def _revision(self, commit: str) -> Revision | None:
        if isinstance(self.git, Unavailable) or self.git.commit(commit) is None:
            return None
        return Revision(self.git, commit, commit[:7], self.layouts)


def _is_ours(path: str, data: bytes, unmerged: Mapping[str, Unmerged]) -> bool:
    return path in unmerged or inspect(data) is not None or sides(data) is not None


def _sides_of(files: Mapping[str, bytes], *, intact: bool = True) -> list[Snapshot]:
    """Returns files as each side has them, where they hold conflicts."""
    if not files:
        return []
    conflicts = {path: both for path, data in files.items() if (both := sides(data))}
    if not conflicts:
        intact = intact and all(map(_is_intact, files.values()))
        return [Snapshot("on disk", files, intact)]
    return [
        Snapshot(
            f"on {words} side of the conflict",
            {**files, **{path: both[side] for path, both in conflicts.items()}},
            intact=False,
        )
        for side, words in enumerate(("our", "their"))
    ]


def _stages(disk: Mapping[str, bytes], unmerged: Mapping[str, Unmerged]) -> list[Snapshot]:
    """Returns files as each side has them in Git's index."""
    rest = {path: data for path, data in disk.items() if path not in unmerged}
    both = (
        ("on our side", {path: found.ours for path, found in unmerged.items()}),
        ("on their side", {path: found.theirs for path, found in unmerged.items()}),
    )
    snapshots = []
    for place, found in both:
        files = rest | {path: data for path, data in found.items() if data is not None}
        if files:
            snapshots.append(Snapshot(place, files, intact=False))
    return snapshots
