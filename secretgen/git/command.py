"""Running the git command so that neither the caller's environment nor a prompt interferes."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from secretgen.errors import FileAccessError

TIMEOUT_SECONDS = 60
_KEPT = (
    "GIT_CEILING_DIRECTORIES",
    "GIT_CONFIG",
    "GIT_DISCOVERY_ACROSS_FILESYSTEM",
    "GIT_EXEC_PATH",
    "GIT_PROXY",
    "GIT_SSH",
    "GIT_SSL",
)
"""How variables begin that say how to reach Git. Others, such as the GIT_DIR of a hook, name
a repository, which need not be the one of the project."""


class GitError(FileAccessError):
    """Git could not answer."""


class GitMissingError(GitError):
    """The git command is not installed."""


class GitFailedError(GitError):
    """The git command ended with an error.

    Args:
        code: its exit code.
        message: what it wrote to standard error, in English.
    """

    def __init__(self, code: int, message: str) -> None:
        first = message.strip().partition("\n")[0]
        super().__init__(f"git failed with exit code {code}: {first.removeprefix('fatal: ')}")
        self.code = code
        self.message = message


def git(folder: Path, *arguments: str, stdin: bytes = b"", index_file: Path | None = None) -> bytes:
    """Runs a git command that only reads, and returns its standard output.

    Args:
        folder: where it runs.
        arguments: the command and its arguments; pathspecs are taken literally.
        stdin: its standard input.
        index_file: another index than that of the repository.

    Raises:
        GitMissingError: Git is not installed.
        GitFailedError: the command failed.
        GitError: it did not end in time, or could not be started.
    """
    # A file system monitor is a program of the user's, which no query here needs.
    options = ["--no-optional-locks", "--literal-pathspecs", "-c", "core.fsmonitor=false"]
    try:
        run = subprocess.run(  # noqa: S603 -- no shell
            ["git", *options, *arguments],  # noqa: S607 -- the user's Git
            cwd=folder,
            env=_environment(os.environ, index_file),
            input=stdin,
            capture_output=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
    except FileNotFoundError:
        raise GitMissingError("git is not installed", "Install Git.") from None
    except subprocess.TimeoutExpired:
        raise GitError(
            f"git did not answer within {TIMEOUT_SECONDS} s",
            f"Run it yourself to see why: git {arguments[0]}",
        ) from None
    except OSError as error:
        raise GitError(f"git cannot be run: {error.strerror}") from error
    if run.returncode:
        raise GitFailedError(run.returncode, run.stderr.decode("utf-8", "replace"))
    return run.stdout


def _environment(variables: Mapping[str, str], index_file: Path | None) -> dict[str, str]:
    kept = {
        name: value
        for name, value in variables.items()
        if not name.startswith("GIT_") or name.startswith(_KEPT)
    }
    kept |= {"LC_ALL": "C", "LANGUAGE": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": ""}
    kept |= {"SSH_ASKPASS_REQUIRE": "never"}
    return kept | ({"GIT_INDEX_FILE": str(index_file)} if index_file else {})


def entries_of(answer: bytes) -> list[bytes]:
    """Splits an answer with the option `-z`."""
    return [entry for entry in answer.split(b"\0") if entry]


def fields_of(entry: bytes) -> tuple[tuple[bytes, bytes, bytes], str]:
    """Splits what `ls-tree` and `ls-files --stage` say of a path."""
    fields, _, path = entry.partition(b"\t")
    first, second, third = fields.split(b" ")
    return (first, second, third), os.fsdecode(path)


_OPERATIONS = (
    "MERGE_HEAD",
    "CHERRY_PICK_HEAD",
    "REVERT_HEAD",
    "REBASE_HEAD",
    "rebase-merge",
    "rebase-apply",
)


def work_tree_top(folder: Path) -> Path | None:
    """Returns the top of the Git work tree that a folder lies in; None when it lies in none.

    Args:
        folder: an absolute path.
    """
    return next((f for f in (folder, *folder.parents) if (f / ".git").exists()), None)


def has_operation_in_progress(top: Path) -> bool:
    """Returns whether a merge, rebase, cherry-pick or revert has stopped half-way.

    Args:
        top: the top of a work tree. If its `.git` cannot be read, one may have.
    """
    git_dir = top / ".git"
    try:
        if git_dir.is_file():  # a linked work tree or a submodule
            named = git_dir.read_text("utf-8", "surrogateescape").removeprefix("gitdir:").strip()
            git_dir = top / named
        return any((git_dir / name).exists() for name in _OPERATIONS)
    except OSError:
        return True
