"""Which committed files are not what the specs render to, and what they say otherwise."""

from __future__ import annotations

import difflib
import posixpath
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import partial

from msgspec import Struct

from secretgen.diagnostics import Span
from secretgen.hcl.hcl_nodes import Body, Literal, Raw, leaf_values
from secretgen.hcl.tokens import HclSyntaxError
from secretgen.model.compare import Difference
from secretgen.readback.read_environment import read_environment
from secretgen.readback.read_policies import policy_differences, policy_name, read_policy
from secretgen.readback.structure import nodes
from secretgen.report.drift_report import Change, FileDrift
from secretgen.roundtrip.drifted_settings import NO_MEANING, Meaning, changes
from secretgen.roundtrip.proof import HCL, Proof
from secretgen.roundtrip.record import RECORD, other_release
from secretgen.roundtrip.spec_places import spec_place
from secretgen.spec.credential_tokens import MASK
from secretgen.spec.load import LoadedSpec
from secretgen.tree import ChangeSet, FileChange, State, inspect

_MAY_HOLD_VALUES = ".tfvars.example"
_LINE_ENDS = (
    "Git or an editor changed line ends. Add the lines for generated files that `secretgen init`"
    " writes to .gitattributes, and run `secretgen render --force PATH`."
)
_SAYS_THE_SAME = "same meaning: only comments, layout or order differ"


class _Committed(Struct, frozen=True):
    """A committed file that drifted, as HCL.

    Args:
        body: what it says; None when it does not parse.
        note: why it does not parse.
        line: where it does not parse.
    """

    body: Body | None
    note: str = ""
    line: int = 1


def file_drift(
    specs: Iterable[LoadedSpec], change_set: ChangeSet, proof: Proof
) -> tuple[FileDrift, ...]:
    """Returns which files drifted, and what they say otherwise.

    Args:
        specs: the specs, valid ones.
        change_set: the files as rendered and as committed.
        proof: what the rendered files say.

    Returns:
        The files that are not what they should be, sorted by path.
    """
    drifted = {file.path: file for file in change_set.drift}
    committed = {
        path: _parsed(file, proof)
        for path, file in drifted.items()
        if path in proof.bodies and file.old is not None and file.state is not State.CONFLICTED
    }
    told = _changes(specs, committed, proof)
    records = (f.old_text for path, f in drifted.items() if posixpath.basename(path) == RECORD)
    release = next(filter(None, map(other_release, records)), "")
    return tuple(
        _file_drift(file, committed.get(path), tuple(told[path]), release)
        for path, file in drifted.items()
    )


def _parsed(file: FileChange, proof: Proof) -> _Committed:
    try:
        return _Committed(proof.parse((file.old or b"").decode(), file.path))
    except UnicodeDecodeError:
        return _Committed(None, "is not UTF-8")
    except HclSyntaxError as error:
        place = f"{error.span.line}:{error.span.column}"
        return _Committed(None, f"does not parse: {error.summary} at {place}", error.span.line)


def _changes(
    specs: Iterable[LoadedSpec], committed: Mapping[str, _Committed], proof: Proof
) -> dict[str, list[Change]]:
    """Returns what the committed files say otherwise, by file."""
    meanings = {}
    for spec in specs:
        folder = f"{proof.layout.environment(spec.parts[1].name)}/"
        if any(path.startswith(folder) for path in committed):
            meanings[folder] = _meaning(spec, folder, committed, proof)
    folders: dict[str, list[str]] = defaultdict(list)
    for path, file in committed.items():
        if file.body:
            folders[posixpath.dirname(path)].append(path)
    told: dict[str, list[Change]] = defaultdict(list)
    for folder, paths in folders.items():
        of_environment = (m for of, m in meanings.items() if f"{folder}/".startswith(of))
        rendered = nodes(proof.bodies[path] for path in paths)
        found = nodes(body for path in paths if (body := committed[path].body))
        for located in changes(rendered, found, next(of_environment, NO_MEANING)):
            told[located.file].append(located.change)
    return told


def _meaning(
    spec: LoadedSpec, folder: str, committed: Mapping[str, _Committed], proof: Proof
) -> Meaning:
    """Reads the environment as committed; what is missing or does not parse, as rendered."""
    files = {
        path.removeprefix(folder): (path in committed and committed[path].body) or rendered
        for path, rendered in proof.bodies.items()
        if path.startswith(folder)
    }
    environment = spec.parts[1]
    reading = read_environment(environment.name, files, proof.layout.module_source)
    return Meaning(
        proof.readings[folder].notes,
        reading.notes,
        reading.differences(environment),
        partial(spec_place, spec),
    )


def _policy_changes(name: str, file: FileChange) -> tuple[str, tuple[Change, ...]]:
    """Returns what a JSON policy says otherwise: a note, or the changes."""
    try:
        committed = read_policy(file.old_text)
    except ValueError as error:
        return f"does not parse: {error}", ()
    found = policy_differences(name, read_policy(file.new_text), committed)
    lines = file.old_text.splitlines()
    changes_ = tuple(Change(d, _line_of(d, lines), None, derived=True) for d in found)
    return ("" if changes_ else _SAYS_THE_SAME), changes_


def _line_of(difference: Difference, lines: list[str]) -> int | None:
    """Finds the line of the statement that differs."""
    marks = {f'"Sid": "{part}"' for part in difference.path}
    return next((n for n, line in enumerate(lines, 1) if line.strip(" ,") in marks), None)


def _file_drift(
    file: FileChange, committed: _Committed | None, found: tuple[Change, ...], release: str
) -> FileDrift:
    old = file.old_text
    if committed and committed.body:
        old = without_values(old, file.new_text, committed.body)
    elif file.path.endswith((*HCL, _MAY_HOLD_VALUES)):
        old = without_unknown(old, file.new_text)
    note, line, policy = "", 1, policy_name(file.path)
    if file.is_taken:
        note = f"generated from {file.origin}, which still exists"
    elif policy and file.old is not None and file.new is not None:
        note, found = _policy_changes(policy, file)
    elif committed:
        note, line = committed.note, committed.line
        if committed.body and not found:
            note = _SAYS_THE_SAME
    only_line_ends = file.state is State.EDITED and _differs_in_line_ends(file.old or b"")
    if only_line_ends:
        note = "CRLF line ends"
    is_shown = file.old is not None and file.new is not None and file.state is not State.CONFLICTED
    return FileDrift(
        file=file.path,
        state=file.state.value,
        changes=found,
        note=note,
        line=line,
        diff=unified(file.path, old, file.new_text) if is_shown else "",
        origin=file.origin,
        release=release if file.state is State.STALE else "",
        advice=_LINE_ENDS if only_line_ends else "",
    )


_VALUES = {"module": "secret_string", "variable": "default"}
"""Arguments into which a user may have written a value of a secret, by type of block."""

_STRUCTURE = re.compile(r"\s*(?:(?P<name>[\w-]+)\s*=\s*)?[\s)\]},({\[]*")
"""The beginning of a line: the name of an argument, and brackets."""


def unified(path: str, committed: str, rendered: str) -> str:
    """Writes what a render would change in a file.

    Args:
        path: the file.
        committed: its text, fit to be shown; empty when there is no such file.
        rendered: the text that it should have; empty when there should be none.
    """
    lines = difflib.unified_diff(
        committed.splitlines(keepends=True),
        rendered.splitlines(keepends=True),
        f"a/{path}",
        f"b/{path}",
    )
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)


def without_unknown(committed: str, rendered: str) -> str:
    """Hides all but names and brackets, in a file that may hold values of secrets anywhere.

    Args:
        committed: the text of the file.
        rendered: the text that it should have; its lines and its names are known to be none.
    """
    lines, words = set(rendered.splitlines()), set(re.findall(r"[\w-]+", rendered))
    return "".join(
        line if line.rstrip("\r\n") in lines else _structure(line, words)
        for line in committed.splitlines(keepends=True)
    )


def _structure(line: str, names: Collection[str]) -> str:
    match = _STRUCTURE.match(line)
    kept = match[0] if match and match["name"] in {None, *names} else ""
    return line if kept == line else f"{kept}{MASK}\n"


def without_values(committed: str, rendered: str, body: Body) -> str:
    """Hides text that may be the value of a secret, in HCL.

    Args:
        committed: the text of the file.
        rendered: the text that it should have; what stands in it is known to be none.
        body: the file as it was parsed.
    """
    lines = [0, *(match.end() for match in re.finditer("\n", committed))]
    shown, done = "", 0
    for span in _values(body):
        start = lines[span.line - 1] + span.column - 1
        end = lines[span.end_line - 1] + span.end_column - 1
        if committed[start:end] not in rendered:
            shown += committed[done:start] + f'"{MASK}"'
            done = end
    return shown + committed[done:]


def _values(body: Body) -> Iterator[Span]:
    """Yields the places of text where a value of a secret may be, in their order."""
    for block in body.blocks:
        for attribute in block.body.attributes:
            if attribute.name == _VALUES.get(block.type):
                for value in leaf_values(attribute.value):
                    match value:
                        case Literal(str()) | Raw():
                            yield value.span


def _differs_in_line_ends(data: bytes) -> bool:
    """Returns whether a file is as it was generated but for line ends of Windows."""
    found = inspect(data.replace(b"\r\n", b"\n"))
    return b"\r\n" in data and found is not None and found.intact
