"""The shell of somebody who follows a page: it runs what can be run here, in a project."""

import io
import os
import re
import shlex
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from unittest.mock import patch

from secretgen.cli import progress_display, run

# What a page may run here. All else is only checked for sense: it would need AWS or a network.
LOCAL = frozenset(
    {"cat", "cp", "diff", "git", "grep", "ls", "mkdir", "mv", "rm", "secretgen", "sed"}
)
SYNTAX = re.compile(r"[|&;<>$`*?]")
LAST_CODE = "echo $?"
SHOWN_PROJECT = "/home/you/project"
# Nothing of the machine's own shows in what is printed.
ENVIRONMENT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_AUTHOR_NAME": "You",
    "GIT_AUTHOR_EMAIL": "you@example.com",
    "GIT_COMMITTER_NAME": "You",
    "GIT_COMMITTER_EMAIL": "you@example.com",
    "LC_ALL": "C.UTF-8",
    "COLUMNS": "100",
}


def _asks_aws(program: str, arguments: list[str]) -> bool:
    """Tells whether it is an import that reads no file."""
    reads_file = any(argument.startswith("--from-") for argument in arguments)
    is_import = program == "secretgen" and arguments[:1] == ["import"]
    return is_import and not reads_file and "--print-policy" not in arguments


class Shell:
    """A shell in a project.

    Args:
        project: where it starts; the page sees another path in its place.
        programs: what it runs.
        environment: variables for what it runs.
        stream: where secretgen writes to.
    """

    def __init__(
        self,
        project: Path,
        programs: frozenset[str] = LOCAL,
        environment: dict[str, str] | None = None,
        stream: type[io.StringIO] = io.StringIO,
    ) -> None:
        self.code = 0
        self.project = project
        self.folder = project
        self._programs = programs
        self._stream = stream
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        self._environment = (
            ENVIRONMENT | {"PATH": path, "HOME": str(project.parent)} | (environment or {})
        )

    def run(self, command: str) -> str | None:
        """Runs a command.

        Returns:
            What it prints; None when it is none of those that are run.
        """
        if command == LAST_CODE:
            code, self.code = self.code, 0
            return f"{code}\n"
        command = command.replace("\\\n", " ")
        program, *arguments = shlex.split(command, comments=True) or [""]
        if program == "cd":
            self.folder = (self.folder / arguments[0]).resolve()
            assert self.folder.is_relative_to(self.project), command
            return ""
        if program not in self._programs or _asks_aws(program, arguments):
            return None
        if program == "secretgen" and not SYNTAX.search(command):
            printed = self._secretgen(arguments)
        else:
            printed = self._bash(command)
        return printed.replace(str(self.project), SHOWN_PROJECT)

    def _secretgen(self, arguments: list[str]) -> str:
        """Runs the program in this process, which is much faster."""
        printed = self._stream()
        with (
            chdir(self.folder),
            patch.dict(os.environ, self._environment, clear=True),
            # Whether it is shown depends on how busy the machine is.
            patch.object(progress_display, "PATIENCE", 3600.0),
            redirect_stdout(printed),
            redirect_stderr(printed),
        ):
            self.code = run(arguments)
        return printed.getvalue()

    def _bash(self, command: str) -> str:
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=self.folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )
        self.code = done.returncode
        return done.stdout
