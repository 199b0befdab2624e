"""Which committed environment a spec changes."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from msgspec import Struct

from secretgen.model.environment import Environment
from secretgen.model.layout import Layout
from secretgen.project.baseline.snapshots import Committed, Snapshot
from secretgen.roundtrip.committed import Unreadable as UnreadableFile
from secretgen.roundtrip.committed import read_committed
from secretgen.roundtrip.parsing import Parser


class Baseline(Struct, frozen=True):
    """An environment as it is committed.

    Args:
        place: where it is, in words.
        folder: its folder, relative to the root.
        environment: the environment.
    """

    place: str
    folder: str
    environment: Environment


class Unreadable(Struct, frozen=True):
    """A committed environment that cannot be read.

    Args:
        place: where it is, in words.
        file: the file that cannot be read, relative to the root.
        line: where in it.
        reason: why not.
    """

    place: str
    file: str
    line: int
    reason: str


def find_baselines(
    committed: Committed,
    after: Environment,
    spec: str,
    *,
    specs: Collection[str],
    parser: Parser,
) -> list[Baseline | Unreadable]:
    """Finds what a spec changes.

    Args:
        committed: where generated files are committed.
        after: the environment that the spec describes.
        spec: the spec, as headers name it.
        specs: the specs that exist, as headers name them.
        parser: parses HCL.

    Returns:
        The environment, once for each side of a merge; empty when there is none yet.
    """
    for layout in committed.layouts:
        folder = layout.environment(after.name)
        found = _read(committed.snapshots(folder), folder, layout, after, parser)
        if found:
            return found
    for layout in committed.layouts:
        folders = _renamed(committed.origins(layout.environments), spec, specs)
        renamed = [
            read
            for folder in folders
            for read in _read(committed.snapshots(folder), folder, layout, after, parser)
        ]
        if renamed:
            return renamed
    return []


def _renamed(origins: dict[str, set[str]], spec: str, specs: Collection[str]) -> list[str]:
    """Finds the folders of an environment that has another name now.

    Those are what was generated from the spec, or else from specs that no longer exist.
    """
    own = [folder for folder, of_folder in origins.items() if spec in of_folder]
    left = [f for f, of_folder in origins.items() if of_folder.isdisjoint({spec, *specs})]
    return sorted(own or left)


def _read(
    snapshots: Iterable[Snapshot], folder: str, layout: Layout, after: Environment, parser: Parser
) -> list[Baseline | Unreadable]:
    found: list[Baseline | Unreadable] = []
    for snapshot in snapshots:
        files = {path.removeprefix(f"{folder}/"): data for path, data in snapshot.files.items()}
        read = read_committed(folder, files, layout, parser, after, strict=snapshot.intact)
        if isinstance(read, UnreadableFile):
            found.append(Unreadable(snapshot.place, read.file, read.line, read.reason))
        else:
            found.append(Baseline(snapshot.place, folder, read))
    return found
