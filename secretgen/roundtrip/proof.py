"""The proof that rendered HCL says what the specs say: it is parsed and read back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from secretgen.errors import RoundTripError
from secretgen.hcl.decode import Item, parse
from secretgen.hcl.nodes import Attribute, Block, Body
from secretgen.hcl.shapes import Shapes
from secretgen.hcl.tokens import HclSyntaxError
from secretgen.model.layout import Layout
from secretgen.model.words import sentence
from secretgen.progress import Observer, told, unobserved
from secretgen.readback.environment import Reading, read_environment
from secretgen.spec.load import LoadedSpec
from secretgen.tree import ChangeSet, FileChange, State

HCL = (".tf", ".tftest.hcl")
"""How the names of files end that hold HCL."""

_HINT = (
    "Nothing was written. This is a defect of secretgen, or of a template of yours:"
    " please report it with the spec that shows it."
)


@dataclass(frozen=True, slots=True)
class Proof:
    """What rendered HCL was found to say.

    Args:
        layout: the output folders.
        parse: parses HCL, given its text and the name of the file.
        bodies: the files that were parsed, by their path.
        readings: what was read from each environment's folder, by its path with a slash.
    """

    layout: Layout
    parse: Callable[[str, str], Body]
    bodies: Mapping[str, Body]
    readings: Mapping[str, Reading]


def prove(
    specs: Iterable[LoadedSpec],
    changes: ChangeSet,
    layout: Layout,
    observer: Observer = unobserved,
    *,
    verify_all: bool,
) -> Proof:
    """Proves that what is rendered says what the specs say.

    An environment is read as a whole, even if none of its files changes: that its files are the
    same as before does not say that its spec is. What no spec has a say in has been parsed when
    it was written.

    Args:
        specs: the specs, valid ones.
        changes: the files as rendered.
        layout: the output folders.
        observer: is told which file is parsed.
        verify_all: parse every file, and each of its blocks by itself; otherwise blocks of one
            shape are parsed once.

    Raises:
        RoundTripError: it does not; or it is no HCL.
    """
    parse_item: Callable[[Item], Attribute | Block]
    parse_item = Item.parse if verify_all else Shapes().parse

    def parsed(text: str, file: str) -> Body:
        return parse(text, file, parse_item)

    folders = {f"{layout.environment(s.environment.name)}/": s for s in specs if s.environment}
    files = [
        file
        for file in changes.files
        if file.new is not None
        and file.path.endswith(HCL)
        and (verify_all or _must_be_read(file, tuple(folders)))
    ]
    bodies = {file.path: _parsed(file, parsed) for file in told("Proving", files, observer)}
    readings = {folder: _read(folder, spec, bodies, layout) for folder, spec in folders.items()}
    return Proof(layout, parsed, bodies, readings)


def _must_be_read(file: FileChange, environments: tuple[str, ...]) -> bool:
    return file.state is not State.IN_SYNC or file.path.startswith(environments)


def _parsed(file: FileChange, parsed: Callable[[str, str], Body]) -> Body:
    try:
        return parsed(file.new_text, file.path)
    except HclSyntaxError as error:
        raise RoundTripError(f"rendered HCL that does not parse: {error}", _HINT) from None


def _read(folder: str, spec: LoadedSpec, bodies: Mapping[str, Body], layout: Layout) -> Reading:
    """Reads an environment, and compares it with its spec."""
    _, environment = spec.parts
    files = {p.removeprefix(folder): b for p, b in bodies.items() if p.startswith(folder)}
    reading = read_environment(environment.name, files, layout.module_source)
    differences = reading.differences(environment)
    if differences:
        first = differences[0]
        span = reading.notes.places.get(first.path)
        place = f"; {span.file}:{span.line}" if span else ""
        more = f" ({len(differences) - 1} more)" if len(differences) > 1 else ""
        summary = f"rendered HCL does not say what {spec.file} says: {sentence(first)}{place}{more}"
        raise RoundTripError(summary, _HINT)
    return reading
