"""The repository of a project: its revisions, its index, and merges in progress."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from enum import Enum
from pathlib import Path

from msgspec import Struct

from secretgen.errors import FileAccessError, UsageError
from secretgen.git.command import (
    GitFailedError,
    GitMissingError,
    entries_of,
    fields_of,
    git,
    has_operation_in_progress,
    work_tree_top,
)

_REGULAR_FILES = (b"100644", b"100755")
_REMEDY = re.compile(r"^\s*(git config --global --add safe\.directory .+)$", re.MULTILINE)
_PICKED = ("CHERRY_PICK_HEAD^{commit}", "REBASE_HEAD^{commit}", "REVERT_HEAD^")
"""The other side of a cherry-pick, of a rebase, and of a revert: the parent of what is undone."""


class Reason(Enum):
    """Why Git cannot be asked about a project."""

    NO_REPOSITORY = "the project is not in a Git repository"
    NOT_INSTALLED = "Git is not installed"
    UNTRUSTED = "Git does not trust the repository, because another user owns it"


class Unavailable(Struct, frozen=True):
    """Git cannot be asked about a project.

    Args:
        reason: why not.
        remedy: what to type about it; empty when there is nothing to do.
        in_progress: a merge, rebase, cherry-pick or revert has stopped half-way, as far as can
            be seen without Git.
    """

    reason: Reason
    remedy: str = ""
    in_progress: bool = False


class Unmerged(Struct, frozen=True):
    """A path that Git has not merged: its content on each side, as far as it has one there.

    Args:
        base: in the common ancestor.
        ours: in HEAD. In a rebase, that is the upstream side.
        theirs: in the other head.
    """

    base: bytes | None = None
    ours: bytes | None = None
    theirs: bytes | None = None


def find_repository(root: Path) -> Repository | Unavailable:
    """Finds the repository that a project lies in.

    Args:
        root: the project root.

    Raises:
        GitError: Git failed for a reason that is not expected.
    """
    questions = ("--show-toplevel", "--absolute-git-dir", "--is-shallow-repository")
    seen = work_tree_top(root)
    if seen is None:
        return Unavailable(Reason.NO_REPOSITORY)
    try:
        answers = git(root, "rev-parse", *questions)
    except GitMissingError:
        return Unavailable(Reason.NOT_INSTALLED, "Install Git.", has_operation_in_progress(seen))
    except GitFailedError as error:
        if "dubious ownership" in error.message:
            found = _REMEDY.search(error.message)
            remedy = found[1] if found else f"git config --global --add safe.directory {seen}"
            return Unavailable(Reason.UNTRUSTED, remedy, has_operation_in_progress(seen))
        if "not a git repository" in error.message or "work tree" in error.message:
            return Unavailable(Reason.NO_REPOSITORY)
        raise
    top, git_dir, shallow = os.fsdecode(answers).rstrip("\n").rsplit("\n", 2)
    return Repository(root, Path(top), Path(git_dir), is_shallow=shallow == "true")


class Repository(Struct, frozen=True):
    """The Git repository of a project. Each method asks Git again; `GitError` when Git fails.

    Args:
        root: the project root, which may be a folder in the repository.
        top: the top of the work tree.
        git_dir: where Git keeps the state of this work tree.
        is_shallow: whether history was fetched in part only.
    """

    root: Path
    top: Path
    git_dir: Path
    is_shallow: bool = False

    def commit(self, revision: str) -> str | None:
        """Returns the id of the commit that a revision names; None when it names none."""
        if revision and not revision.startswith("-"):
            with suppress(GitFailedError):
                return self._line("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
        return None

    def merge_base(self, revision: str) -> str:
        """Returns the commit at which HEAD left the history of a revision.

        Raises:
            UsageError: the revision names no commit, or shares none with HEAD, or not in the
                part of the history that a shallow clone has.
        """
        commit = self._known(revision)
        if self.commit("HEAD") is None:
            raise UsageError("HEAD has no commit yet", "Commit first.")
        try:
            return self._line("merge-base", commit, "HEAD")
        except GitFailedError as error:
            if error.code != 1:
                raise
        named = "Name a branch that shares history with HEAD."
        hint = self.revision_hint(revision) if self.is_shallow else named
        raise UsageError(f"{revision} and HEAD have no commit in common", hint) from None

    def _known(self, revision: str) -> str:
        if commit := self.commit(revision):
            return commit
        raise UsageError(f"{revision!r} is not a Git revision", self.revision_hint(revision))

    def revision_hint(self, revision: str) -> str:
        """Returns what to do about a revision that is not there."""
        if self.is_shallow:
            return (
                "This clone is shallow. Fetch the whole history: `git fetch --unshallow origin"
                f" '+refs/heads/*:refs/remotes/origin/*'`; in GitHub Actions, give actions/checkout"
                f" `fetch-depth: 0`. Then {revision} can be compared."
            )
        if self.commit("HEAD") is None:
            return "The repository has no commit yet. Commit first."
        remote, _, branch = re.split(r"[~^:]|@\{", revision)[0].partition("/")
        if branch and remote in self._line("remote").split():
            fetched = f"{remote} {branch}:refs/remotes/{remote}/{branch}"
            return f"Fetch it with `git fetch {fetched}`, or name a branch that exists."
        missing = "The repository has no remote `origin`. " if branch and remote == "origin" else ""
        return f"{missing}Name a branch, a tag or a commit that exists."

    def other_heads(self) -> tuple[str, ...]:
        """Returns the commits that are being merged into HEAD; empty when none are.

        In a merge they are its heads, in a cherry-pick or rebase the commit that is applied, in a
        revert the parent of the commit that is undone.
        """
        merged: list[str] = []
        with suppress(FileNotFoundError):
            merged = (self.git_dir / "MERGE_HEAD").read_text("ascii").split()
        merged += filter(None, self._objects(*_PICKED))
        return tuple(dict.fromkeys(merged))

    def _objects(self, *names: str) -> list[str | None]:
        """Returns the ids of the objects that names stand for; None where there is none."""
        asked = "".join(f"{name}\n" for name in names).encode()
        answer = git(self.root, "cat-file", "--batch-check=%(objectname)", stdin=asked)
        # What is not there is answered with its name and a word about it.
        return [None if " " in line else line for line in answer.decode().splitlines()]

    def read(self, revision: str, path: str) -> bytes | None:
        """Returns a file as a revision has it; None when it has no such file.

        Args:
            revision: a branch, a tag or a commit.
            path: the file.

        Raises:
            UsageError: the revision names no commit.
        """
        return self.files(self._known(revision), path).get(path)

    def files(self, commit: str, folder: str = "") -> dict[str, bytes]:
        """Returns the regular files below a folder as a commit has them, by path.

        Args:
            commit: its id.
            folder: a folder or a file; empty for the whole project.
        """
        blobs = self._blobs(commit, [folder] if folder else [])
        contents = self._contents(blobs.values())
        return {path: contents[blob] for path, blob in blobs.items()}

    def _blobs(self, commit: str, paths: Sequence[str]) -> dict[str, bytes]:
        blobs = {}
        for entry in entries_of(git(self.root, "ls-tree", "-r", "-z", commit, *paths)):
            (mode, _, blob), path = fields_of(entry)
            if mode in _REGULAR_FILES:
                blobs[path] = blob
        return blobs

    def unmerged(self) -> dict[str, Unmerged]:
        """Returns the paths of the project that Git's index calls unmerged."""
        sides: dict[str, dict[bytes, bytes]] = {}
        for entry in entries_of(self._index("--unmerged")):
            (mode, blob, stage), path = fields_of(entry)
            of_path = sides.setdefault(path, {})
            if mode in _REGULAR_FILES:
                of_path[stage] = blob
        contents = self._contents(blob for of_path in sides.values() for blob in of_path.values())
        return {
            path: Unmerged(*(contents.get(of_path.get(s, b"")) for s in (b"1", b"2", b"3")))
            for path, of_path in sides.items()
        }

    def merged(self, paths: Sequence[str]) -> dict[str, Unmerged]:
        """Returns those of some paths that both sides of what is in progress have changed.

        Git has merged them line by line, or a user has added them to the index since.
        """
        commits = self.merging() if paths else None
        if commits is None:
            return {}
        trees = [self._blobs(commit, paths) for commit in commits]
        found = {}
        for path in paths:
            base, ours, theirs = (tree.get(path, b"") for tree in trees)
            if len({base, ours, theirs}) == len(trees) and ours and theirs:
                found[path] = (base, ours, theirs)
        contents = self._contents(blob for blobs in found.values() for blob in blobs if blob)
        return {path: Unmerged(*map(contents.get, blobs)) for path, blobs in found.items()}

    def merging(self) -> tuple[str, str, str] | None:
        """Returns the base and both sides of what is in progress; None for nothing, or many."""
        ours, undone = self._objects("HEAD^{commit}", "REVERT_HEAD^{commit}")
        heads = self.other_heads()
        if ours is None or len(heads) != 1:
            return None
        (theirs,) = heads
        if undone:
            return undone, ours, theirs
        if (self.git_dir / "MERGE_HEAD").exists():
            with suppress(UsageError):
                return self.merge_base(theirs), ours, theirs
            return None
        parent = self.commit(f"{theirs}^")
        return (parent, ours, theirs) if parent else None

    def tracked(self) -> frozenset[str]:
        """Returns the paths of the project in Git's index: what the next commit will have."""
        return frozenset(os.fsdecode(path) for path in entries_of(self._index("--cached")))

    def ignored(self, paths: Sequence[str]) -> frozenset[str]:
        """Returns those of some paths that Git ignores and does not track."""
        if not paths:
            return frozenset()
        options = ("-z", "--others", "--ignored", "--exclude-standard")
        found = git(self.root, "ls-files", *options, "--", *paths)
        return frozenset(os.fsdecode(path) for path in entries_of(found))

    def _index(self, what: str) -> bytes:
        return git(self.root, "ls-files", "-z", what, index_file=self._index_of_hook())

    def _index_of_hook(self) -> Path | None:
        """Returns the index of the commit that runs this as a hook, such as of `commit -a`."""
        named = os.environ.get("GIT_INDEX_FILE", "")
        file = self.top / named
        is_ours = named and file.is_file() and file.resolve().is_relative_to(self.git_dir.resolve())
        return file if is_ours else None

    def _contents(self, blobs: Iterable[bytes]) -> Mapping[bytes, bytes]:
        wanted = list(dict.fromkeys(blobs))
        if not wanted:
            return {}
        answer = git(self.root, "cat-file", "--batch", stdin=b"".join(b + b"\n" for b in wanted))
        found = {}
        position = 0
        for blob in wanted:
            end = answer.index(b"\n", position)
            header = answer[position:end].split(b" ")
            if header[-1] == b"missing":
                raise FileAccessError(
                    f"Git has no content of {blob.decode()}", "Fetch it: git fetch --refetch"
                )
            size = int(header[2])
            found[blob] = answer[end + 1 : end + 1 + size]
            position = end + 1 + size + 1
        return found

    def _line(self, *arguments: str) -> str:
        return git(self.root, *arguments).decode().strip()
