"""Which committed environment a spec changes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from itertools import combinations
from posixpath import basename

from msgspec import Struct
from msgspec.structs import replace

from secretgen.model.environment import Environment
from secretgen.model.layout import Layout
from secretgen.project.baseline.snapshots import Committed, Snapshot, WorkTree
from secretgen.roundtrip.committed import Unreadable as UnreadableFile
from secretgen.roundtrip.committed import read_committed
from secretgen.roundtrip.parsing import Parser

_Found = tuple[Layout, str, Snapshot]
"""The output folders, the environment's folder, and what it holds."""


class Baseline(Struct, frozen=True):
    """An environment as it is committed.

    Args:
        place: where it is, in words.
        folder: its folder, relative to the root.
        environment: the environment.
        moved: whether the other side of a merge gave it the name that the spec has.
    """

    place: str
    folder: str
    environment: Environment
    moved: bool = False


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
    search = partial(_find, after=after, spec=spec, specs=specs)
    found = search(committed)
    former: set[str] = set()
    if isinstance(committed, WorkTree) and committed.sides:
        sides = [search(side) for side in committed.sides]
        base = search(committed.base) if committed.base else None
        places = {side.place for side in committed.sides}
        has_conflict = any(s.place in places and not s.intact for *_, s in found)
        if has_conflict or (base is not None and _all_differ(base, *sides)):
            found = [(x, f, replace(s, intact=False)) for side in sides for x, f, s in side]
            if any(basename(folder) == after.name for _, folder, _ in found):
                former = {f for _, f, _ in base or () if basename(f) != after.name}
    return [_read(*each, after, parser, moved=each[1] in former) for each in found]


def _all_differ(*found: Sequence[_Found]) -> bool:
    files = [[snapshot.files for *_, snapshot in of_one] for of_one in found]
    return all(one != other for one, other in combinations(files, 2))


def _find(
    committed: Committed, after: Environment, spec: str, specs: Collection[str]
) -> list[_Found]:
    """Finds the folder of an environment by its name, or else the folder of its former name."""
    for is_earlier in (False, True):
        layouts = committed.earlier_layouts if is_earlier else committed.layouts
        for layout in layouts:
            folder = layout.environment(after.name)
            if found := committed.snapshots(folder):
                return [(layout, folder, snapshot) for snapshot in found]
        for layout in layouts:
            folders = _renamed(committed.origins(layout.environments), spec, specs)
            if renamed := [(layout, f, s) for f in folders for s in committed.snapshots(f)]:
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
    layout: Layout,
    folder: str,
    snapshot: Snapshot,
    after: Environment,
    parser: Parser,
    *,
    moved: bool,
) -> Baseline | Unreadable:
    files = {path.removeprefix(f"{folder}/"): data for path, data in snapshot.files.items()}
    read = read_committed(folder, files, layout, parser, after, strict=snapshot.intact)
    if isinstance(read, UnreadableFile):
        return Unreadable(snapshot.place, read.file, read.line, read.reason)
    return Baseline(snapshot.place, folder, read, moved)
