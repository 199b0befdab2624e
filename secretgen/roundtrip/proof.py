"""The proof that rendered HCL says what the specs say: it is parsed and read back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import Enum, auto
from functools import cache
from typing import TYPE_CHECKING

from msgspec import Struct

from secretgen.errors import RoundTripError
from secretgen.hcl.tokens import HclSyntaxError
from secretgen.model.environment import Environment
from secretgen.model.layout import Layout
from secretgen.model.names import permission_set_file
from secretgen.model.words import describe
from secretgen.policy.deployment.deployment_roles import deployment_policies
from secretgen.policy.role_policies import role_policies
from secretgen.progress import Observer, no_progress, with_progress
from secretgen.readback.read_policies import policy_differences, policy_name, read_policy
from secretgen.render.overlay import packaged_templates
from secretgen.roundtrip.record import RECORD, is_on_record
from secretgen.spec.load import LoadedSpec
from secretgen.tree import ChangeSet, FileChange, State, body_digest

if TYPE_CHECKING:
    from secretgen.hcl.hcl_nodes import Body
    from secretgen.readback.read_environment import Reading
    from secretgen.roundtrip.parsing import Parser


SUMS = "module.sum"
"""Next to the templates: a line for each file of the module, as `sha256sum` writes it."""


@cache
def parsed_before() -> frozenset[str]:
    """Returns the SHA-256 of the bodies of files that are known to be HCL, in hexadecimal."""
    lines = (packaged_templates() / SUMS).read_text(encoding="utf-8").splitlines()
    return frozenset(line.partition(" ")[0] for line in lines)


HCL = (".tf", ".tftest.hcl")
"""How the names of files end that hold HCL."""

_HINT = "Nothing was written. This is a bug in secretgen: report it with a spec that reproduces it."


class Scope(Enum):
    """What of the rendered HCL is read."""

    NEW = auto()
    """What is not proven already: a record says so, or the package."""

    DRIFTED = auto()
    """That, and what differs from the committed files: those of an environment as a whole."""

    ALL = auto()
    """Every file, whatever a record says."""


class Proof(Struct, frozen=True):
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
    observer: Observer = no_progress,
    *,
    scope: Scope,
    parser: Parser | None = None,
) -> Proof:
    """Proves that what is rendered says what the specs say.

    That files are the same as before does not say that their spec is. So the environment of each
    spec is read, unless it is on record: there, its spec is the same as well.

    Args:
        specs: the specs, valid ones.
        changes: the files as rendered, each environment with its record.
        layout: the output folders.
        observer: is told which file is parsed.
        scope: what is read.
        parser: parses what is read; None for one that knows nothing yet.

    Raises:
        RoundTripError: it does not; or it is no HCL.
    """
    prover = _Prover(changes, layout, observer, scope, parser)
    for spec in specs:
        prover.prove(spec)
    prover.parse_others()
    return Proof(layout, prover.parse, prover.bodies, prover.readings)


class _Prover:
    """Proves one environment after the other, and remembers which files are whose."""

    def __init__(
        self,
        changes: ChangeSet,
        layout: Layout,
        observer: Observer,
        scope: Scope,
        parser: Parser | None,
    ) -> None:
        self._rest = {file.path: file for file in changes.files if file.new is not None}
        self._layout = layout
        self._observer = observer
        self._scope = scope
        self._parser = parser
        self.bodies: dict[str, Body] = {}
        self.readings: dict[str, Reading] = {}

    def parse(self, text: str, file: str) -> Body:
        """Parses HCL.

        Raises:
            HclSyntaxError: it is none.
        """
        if self._parser is None:
            from secretgen.roundtrip.parsing import Parser  # noqa: PLC0415 -- loaded when needed

            self._parser = Parser()
        return self._parser.parse(text, file)

    def prove(self, spec: LoadedSpec) -> None:
        """Reads the environment of a spec, unless it is on record."""
        _, environment = spec.parts
        folder = f"{self._layout.environment(environment.name)}/"
        own = [path for path in self._rest if path.startswith(folder)]
        files = {path.removeprefix(folder): self._rest.pop(path) for path in own}
        _check_policies(environment, folder, files)
        record = files[RECORD]
        files = {path: file for path, file in files.items() if path.endswith(HCL)}
        if self._counts(record, files) and is_on_record(record.old_text, record.new_text):
            return
        from secretgen.readback.read_environment import read_environment  # noqa: PLC0415 -- loaded when needed

        bodies = self._parsed(folder, {path: file.new_text for path, file in files.items()})
        reading = read_environment(environment.name, bodies, self._layout.module_source)
        _compare(reading, spec)
        self.bodies |= {folder + path: body for path, body in bodies.items()}
        self.readings[folder] = reading

    def parse_others(self) -> None:
        """Parses the files of no environment: no spec has a say in them."""
        unknown = {
            path: file.new_text
            for path, file in self._rest.items()
            if path.endswith(HCL) and not self._is_parsed(file)
        }
        self.bodies |= self._parsed("", unknown)

    def _is_parsed(self, file: FileChange) -> bool:
        """Returns whether a file has been parsed when it was written, or packaged."""
        if self._scope is Scope.ALL:
            return False
        if file.state is State.IN_SYNC:
            return True
        is_shown = self._scope is Scope.DRIFTED and file.old is not None
        return not is_shown and body_digest(file.new or b"") in parsed_before()

    def _counts(self, record: FileChange, files: Mapping[str, FileChange]) -> bool:
        """Returns whether the record of an environment spares the reading of its HCL."""
        if self._scope is Scope.ALL or record.state not in (State.IN_SYNC, State.STALE):
            return False
        return self._scope is Scope.NEW or all(f.state is State.IN_SYNC for f in files.values())

    def _parsed(self, folder: str, texts: Mapping[str, str]) -> dict[str, Body]:
        bodies = {}
        for path in with_progress("Proving", list(texts), self._observer):
            try:
                bodies[path] = self.parse(texts[path], folder + path)
            except HclSyntaxError as error:
                raise RoundTripError(f"invalid rendered HCL: {error}", _HINT) from None
        return bodies


def _check_policies(environment: Environment, folder: str, files: Mapping[str, FileChange]) -> None:
    """Compares the JSON policies of an environment with its model."""
    expected = {f"iam/{name}": policy for name, policy in deployment_policies(environment).items()}
    expected |= {
        f"consumers/{account.name}/{permission_set_file(role.name).removesuffix('.json')}": document
        for account in environment.accounts
        for role in account.roles
        if role.permission_set
        for document in role_policies(environment, role).documents
    }
    found = {name: file.new_text for path, file in files.items() if (name := policy_name(path))}
    for name in sorted(expected.keys() | found.keys()):
        policy = read_policy(found[name]) if name in found else None
        differences = policy_differences(name, expected.get(name), policy)
        if differences:
            summary = f"rendered policy does not match the spec: {describe(differences[0])}"
            raise RoundTripError(f"{summary}; {folder}{name}.json", _HINT)


def _compare(reading: Reading, spec: LoadedSpec) -> None:
    """Compares what was read of an environment with its spec."""
    differences = reading.differences(spec.parts[1])
    if differences:
        first = differences[0]
        span = reading.notes.places.get(first.path)
        place = f"; {span.file}:{span.line}" if span else ""
        more = f" ({len(differences) - 1} more)" if len(differences) > 1 else ""
        summary = f"rendered HCL does not match {spec.file}: {describe(first)}{place}{more}"
        raise RoundTripError(summary, _HINT)
