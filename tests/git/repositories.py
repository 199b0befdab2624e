"""Git repositories for tests, which no configuration of the machine's reaches."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

AUTHOR = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (
        ("NAME", "Test"),
        ("EMAIL", "test@example.com"),
        ("DATE", "2026-01-01T00:00:00Z"),
    )
}
OWN_CONFIGURATION = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}


@dataclass(frozen=True)
class Work:
    """A work tree.

    Args:
        folder: its top.
    """

    folder: Path

    def git(self, *arguments: str, ok: bool = True) -> str:
        """Runs Git, and returns what it prints; fails where it ends otherwise than it should."""
        run = self.run(*arguments)
        assert (run.returncode == 0) is ok, f"git {' '.join(arguments)}: {run.stdout}{run.stderr}"
        return run.stdout.strip()

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs Git."""
        return subprocess.run(
            ["git", *arguments],
            cwd=self.folder,
            env={**os.environ, **AUTHOR, **OWN_CONFIGURATION, "GIT_EDITOR": "true"},
            capture_output=True,
            text=True,
            check=False,
        )

    def write(self, path: str, text: str) -> None:
        """Writes a file."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def read(self, path: str) -> str:
        """Reads a file."""
        return (self.folder / path).read_text(encoding="utf-8")

    def commit(self, message: str = "All") -> str:
        """Commits everything there; returns the commit."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD")


def work_in(folder: Path) -> Work:
    """Makes an empty repository, with a branch `main`."""
    folder.mkdir(parents=True, exist_ok=True)
    work = Work(folder)
    work.git("init", "--quiet", "--initial-branch", "main")
    return work
