"""What a render would do to the committed tree: a pure comparison, file by file.

| the path is | on disk | state | action |
| --- | --- | --- | --- |
| rendered | the same bytes | in sync | none |
| rendered | nothing | missing | create |
| rendered | ours, digest fits, other text | stale | update |
| rendered | ours, digest does not fit | edited | refuse; `--force`: update |
| rendered | not ours | foreign | refuse; `--force`: update |
| rendered | of another spec that exists | foreign | refuse, also with `--force` |
| not rendered | ours, digest fits | orphan | delete |
| not rendered | ours, digest does not fit | edited | refuse; `--force`: delete |
| not rendered | not ours | foreign | none, and mentioned only as said below |
| either | ours, with conflict markers | conflicted | update or delete |
| either | ours, unmerged in Git, no side edited | conflicted | update or delete |
| either | unmerged in Git, a side edited | edited | refuse; `--force`: update or delete |

With `--no-prune` nothing happens to what is not rendered.

A file that is not ours is never deleted, not even with `--force`. It is mentioned here when
Terraform would load it (`*.tf`, `*.tf.json`, OpenTofu's `*.tofu`) together with the files
rendered into the same folder. A check finds more: `secretgen.tree.foreign_files`.

A file that was copied from a rendered `.example`, such as `backend.tf`, is the user's own.

A file whose origin is among the `spared` belongs to a spec that exists, but is not part of this
run: it is left out, or refused at a rendered path. A check does not take the header's word for
it: what that spec does not render is an orphan.
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType

from msgspec import Struct

from secretgen.git import Unmerged
from secretgen.tree.conflicts import found_owner, merged_owner
from secretgen.tree.header import Owned
from secretgen.tree.manifest import Generated, sealed, with_manifests
from secretgen.tree.paths import check_paths, is_within

_TERRAFORM_SOURCES = (".tf", ".tf.json", ".tofu", ".tofu.json")


class State(StrEnum):
    """How a file on disk stands to what is rendered: what `check` reports."""

    IN_SYNC = "in sync"
    STALE = "stale"
    EDITED = "edited"
    CONFLICTED = "conflicted"
    MISSING = "missing"
    ORPHAN = "orphan"
    FOREIGN = "foreign"


class Action(StrEnum):
    """What `render` does with a file."""

    NONE = "unchanged"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    REFUSE = "refuse"


class FileChange(Struct, frozen=True):
    """One file, rendered or committed or both.

    Args:
        path: relative to the root.
        state: how it stands to what is rendered.
        action: what to do with it.
        origin: what the file is generated from; empty for a foreign file, unless another
            spec that exists generates it.
        old: the bytes on disk; None where there is no file.
        new: the bytes rendered, header included; None for a file that is not rendered.
    """

    path: str
    state: State
    action: Action
    origin: str
    old: bytes | None
    new: bytes | None

    @property
    def is_taken(self) -> bool:
        """Whether another spec generates the file."""
        return self.state is State.FOREIGN and bool(self.origin)

    @property
    def old_text(self) -> str:
        """The text on disk for a diff, with U+FFFD for what is not UTF-8."""
        return (self.old or b"").decode("utf-8", "replace")

    @property
    def new_text(self) -> str:
        """The text rendered, header included."""
        return (self.new or b"").decode()


class ChangeSet(Struct, frozen=True):
    """All files that were looked at, sorted by path."""

    files: tuple[FileChange, ...]

    @property
    def refused(self) -> tuple[FileChange, ...]:
        """The files that keep the whole tree from being published."""
        return tuple(file for file in self.files if file.action is Action.REFUSE)

    @property
    def writes(self) -> tuple[FileChange, ...]:
        """The files to create, update or delete."""
        return tuple(f for f in self.files if f.action not in (Action.NONE, Action.REFUSE))

    @property
    def drift(self) -> tuple[FileChange, ...]:
        """The files that are not what they should be."""
        return tuple(file for file in self.files if file.state is not State.IN_SYNC)


def compare(
    rendered: Mapping[str, Generated],
    disk: Mapping[str, bytes],
    *,
    others: Collection[str] = (),
    force: Collection[str] = (),
    prune: bool = True,
    unmerged: Mapping[str, Unmerged] = MappingProxyType({}),
    unclaimed: Collection[str] = (),
) -> ChangeSet:
    """Works out what a render would do.

    Args:
        rendered: the files as rendered, by path relative to the root.
        disk: the committed files, as `read_tree` found them.
        others: origins whose files are neither written nor deleted: the specs that exist
            next to the rendered ones.
        force: files and folders, relative to the root, in which edited and foreign files
            may be written over and edited orphans deleted; `.` is everything.
        prune: delete orphans.
        unmerged: what Git was to merge, by path.
        unclaimed: files whose header names one of the others, which does not render them.

    Raises:
        FileAccessError: a path is not fit for a generated file.
        ValueError: a body or a kind of file cannot be sealed (a defect of a template).
    """
    check_paths(rendered)
    wanted = with_manifests(rendered)
    files: list[FileChange] = []
    for path in sorted(wanted.keys() | disk.keys()):
        merged = merged_owner(path, disk, unmerged)
        found = merged or found_owner(path, disk, unmerged)
        forced = any(is_within(path, place) for place in force)
        old = disk.get(path)
        new = None
        if path in wanted:
            new = sealed(path, wanted[path])
            taken = found is not None and found.origin in others
            state = State.FOREIGN if taken else _state_of_rendered(old, new, found, merged)
            is_there = old is not None
            action = _action_on_rendered(state, forced=forced and not taken, is_there=is_there)
            if old == new and action is Action.UPDATE:
                action = Action.NONE
            origin = wanted[path].origin
            if state is State.FOREIGN:
                origin = found.origin if found else ""
        elif f"{path}.example" in wanted:
            continue
        elif found is None:
            if not is_loaded_with(path, rendered):
                continue
            state, action, origin = State.FOREIGN, Action.NONE, ""
        elif found.origin in others and path not in unclaimed:
            continue
        else:
            state = _merged_state(merged) if merged else _intact_state(found, State.ORPHAN)
            action = _action_on_orphan(state, forced=forced, prune=prune)
            origin = found.origin
        files.append(FileChange(path, state, action, origin, old, new))
    return ChangeSet(tuple(files))


def is_loaded_with(path: str, rendered: Iterable[str]) -> bool:
    """Returns whether Terraform loads a file together with a rendered one."""
    if not is_terraform_source(path):
        return False
    folder = posixpath.dirname(path)
    return any(posixpath.dirname(o) == folder and is_terraform_source(o) for o in rendered)


def is_terraform_source(path: str) -> bool:
    """Returns whether Terraform or OpenTofu loads a file of this name (never one with a dot)."""
    return path.endswith(_TERRAFORM_SOURCES) and not posixpath.basename(path).startswith(".")


def _state_of_rendered(
    old: bytes | None, new: bytes, found: Owned | None, merged: Owned | None
) -> State:
    if old == new and (merged is None or merged.intact):
        return State.IN_SYNC
    if merged:
        return _merged_state(merged)
    if old is None:
        return State.MISSING
    return _intact_state(found, State.STALE) if found else State.FOREIGN


def _merged_state(merged: Owned) -> State:
    return _intact_state(merged, State.CONFLICTED)


def _intact_state(found: Owned, intact: State) -> State:
    return intact if found.intact else State.EDITED


def _action_on_rendered(state: State, *, forced: bool, is_there: bool) -> Action:
    if state is State.IN_SYNC:
        return Action.NONE
    is_ours = state in (State.MISSING, State.STALE, State.CONFLICTED)
    if not is_ours and not forced:
        return Action.REFUSE
    return Action.UPDATE if is_there else Action.CREATE


def _action_on_orphan(state: State, *, forced: bool, prune: bool) -> Action:
    if not prune:
        return Action.NONE
    is_ours = state in (State.ORPHAN, State.CONFLICTED)
    return Action.DELETE if is_ours or forced else Action.REFUSE
