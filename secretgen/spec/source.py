"""Reads a spec: a file's bytes become a tree of nodes with places, or findings."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection
from pathlib import Path

from secretgen.diagnostics import Diagnostic, Span
from secretgen.errors import FileAccessError
from secretgen.git import conflict_in, marker_lines
from secretgen.spec import characters
from secretgen.spec.build import build
from secretgen.spec.file_findings import Findings, UnreadableError
from secretgen.spec.suggest import closest
from secretgen.spec.yaml_nodes import Mapping, Node, Scalar, Sequence

__all__ = ["MAX_BYTES", "Mapping", "Node", "Scalar", "Sequence", "load", "read"]

MAX_BYTES = 8 * 1024 * 1024
"""Size of a spec. 10,000 secrets take 4 MB."""

_TOO_LARGE = f"larger than {MAX_BYTES // 1024 // 1024} MiB"
_SPLIT = "Split it into several environments."


def read(path: Path, known: Collection[Path] = ()) -> bytes:
    """Reads a file that people may have named by mistake.

    Args:
        path: the file. Symbolic links are followed: the user named it.
        known: files that the user may have meant.

    Returns:
        Its bytes.

    Raises:
        FileAccessError: there is no such file, it cannot be read, is not a regular file, or is
            larger than `MAX_BYTES`. Never waits for a pipe, and never reads more than that.
    """
    try:
        with open(path, "rb", opener=_open) as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        stem = closest(path.stem, [file.stem for file in known])
        meant = [os.path.relpath(file) for file in known if file.stem == stem]
        hint = f"Did you mean {meant[0]}?" if len(meant) == 1 else "Check the name."
        raise FileAccessError(f"{path} does not exist", hint, str(path)) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        hint = "Check its permissions." if isinstance(error, PermissionError) else "Check the name."
        raise FileAccessError(f"{path} cannot be read: {reason}", hint, str(path)) from None
    if len(data) > MAX_BYTES:
        raise FileAccessError(f"{path} is {_TOO_LARGE}", _SPLIT, str(path))
    return data


def _open(path: str, _flags: int) -> int:
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        raise FileAccessError(f"{path} is {_kind(mode)}", "Name a YAML file.", path)
    return descriptor


def _kind(mode: int) -> str:
    if stat.S_ISDIR(mode):
        return "a directory"
    return "a pipe" if stat.S_ISFIFO(mode) else "not a regular file"


def load(data: bytes, file: str) -> tuple[Node | None, list[Diagnostic]]:
    """Reads YAML, and reports what is wrong with it as YAML.

    Args:
        data: the bytes of the file.
        file: its name, for findings.

    Returns:
        The tree, or None where none can be made; and all findings. There may be both: what
        could be read can then be checked further.
    """
    findings = Findings(file)
    try:
        root = _load(data, findings)
    except UnreadableError:
        root = None
    return root, sorted(findings.found, key=lambda d: d.sort_key)


def _load(data: bytes, findings: Findings) -> Node | None:
    if len(data) > MAX_BYTES:
        findings.too_large(Span(findings.file), _TOO_LARGE)
    markers = marker_lines(data)
    if markers:
        first = data.splitlines()[markers[0] - 1].decode("utf-8", "replace")
        findings.merge_conflict(markers[0], first, conflict_in(data))
    try:
        text = characters.decode(data)
    except characters.NotUtf8Error as error:
        findings.not_utf8(error)
    readable = _without_forbidden(text, findings)
    garbled = readable is not text
    try:
        root = build(readable, findings)
    except UnreadableError:
        if garbled:
            # What does not parse may do so for the lack of just these characters.
            findings.found = [d for d in findings.found if d.rule != "SG002"]
        raise
    if root is None or (isinstance(root, Scalar) and root.is_null):
        findings.empty()
    if not isinstance(root, Mapping):
        findings.no_mapping(root.span, "a list" if isinstance(root, Sequence) else "text")
    return root


def _without_forbidden(text: str, findings: Findings) -> str:
    lines: characters.Lines | None = None
    for offset, character in characters.forbidden(text):
        lines = lines or characters.Lines(text)
        line, column = lines.at(offset)
        span = Span(findings.file, line, column, line, column + 1)
        findings.character(span, character)
    return characters.without_forbidden(text) if lines else text
