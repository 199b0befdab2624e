"""What stops a run, and the exit code it stops with.

Mistakes in a spec are not errors in this sense: they are `Diagnostic` values, all
collected and reported together. An exception means that the run cannot go on.
"""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes, the same for every command. The worst of a run wins: 2, then 1, then 3."""

    OK = 0
    FINDINGS = 1
    USAGE = 2
    DRIFT = 3
    INTERNAL = 70
    INTERRUPTED = 130


class SecretgenError(Exception):
    """A run cannot go on.

    Args:
        summary: what is wrong, in one line without a full stop at its end.
        hint: what to do about it.
        file: the file that it is about; empty for none.
    """

    exit_code = ExitCode.USAGE

    def __init__(self, summary: str, hint: str = "", file: str = "") -> None:
        super().__init__(summary)
        self.summary = summary
        self.hint = hint
        self.file = file


class UsageError(SecretgenError):
    """The command line or the configuration asks for something that does not exist."""


class FileAccessError(SecretgenError):
    """A file or folder cannot be read or written."""


class TemplateError(SecretgenError):
    """A template of the user's own is wrong, or says otherwise than the spec."""


class RoundTripError(SecretgenError):
    """The rendered HCL does not match the spec: an internal error, or a fault of a template."""

    exit_code = ExitCode.INTERNAL
