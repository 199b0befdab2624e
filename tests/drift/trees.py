"""Rendered trees in memory, and what the drift check says of a changed one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from secretgen.hcl.hcl_nodes import Body
from secretgen.model.layout import DEFAULT_LAYOUT
from secretgen.project.config import Config
from secretgen.project.rendered_tree import record_of, render_tree
from secretgen.report.drift_report import FileDrift
from secretgen.roundtrip.drift import file_drift
from secretgen.roundtrip.proof import Proof, Scope, prove
from secretgen.spec.load import LoadedSpec, load_spec
from secretgen.tree import Action, ChangeSet, FileChange, Generated, State, compare

PROJECT = Path(__file__).parents[2]
PRODUCTION = PROJECT / "tests" / "reference" / "production.yaml"
RICH = PROJECT / "tests" / "specs" / "rich.yaml"


@dataclass(frozen=True)
class Tree:
    """A spec, what it renders to, and the proof of that.

    Args:
        spec: the spec.
        rendered: the files without their headers.
        files: the files as they are committed.
        proof: what they say.
    """

    spec: LoadedSpec
    rendered: dict[str, Generated]
    files: dict[str, bytes]
    proof: Proof

    @property
    def bodies(self) -> dict[str, Body]:
        """The HCL of the environment, by the path in its folder."""
        (folder,) = self.proof.readings
        return {
            path.removeprefix(folder): body
            for path, body in self.proof.bodies.items()
            if path.startswith(folder)
        }

    def text(self, path: str) -> str:
        """A file as it is committed."""
        return self.files[path].decode()

    def otherwise(
        self, bodies: dict[str, str], spec: LoadedSpec | None = None
    ) -> dict[str, Generated]:
        """What templates make of the spec, or of another, that write some files otherwise."""
        everything = {path: file.body for path, file in self.rendered.items()} | bodies
        environment = (spec or self.spec).parts[1]
        everything |= record_of(environment, everything, DEFAULT_LAYOUT)
        return {path: Generated(everything[path], f.origin) for path, f in self.rendered.items()}

    def drift(self, changed: dict[str, bytes | None]) -> tuple[FileDrift, ...]:
        """What the check says when some files are otherwise, or are not there."""
        committed = {p: data for p, data in (self.files | changed).items() if data is not None}
        return file_drift([self.spec], compare(self.rendered, committed), self.proof)

    def drift_of(self, path: str, text: str) -> FileDrift:
        """What the check says when one file was edited: the same, without a look at the others."""
        change = FileChange(path, State.EDITED, Action.REFUSE, "", text.encode(), self.files[path])
        (drift,) = file_drift([self.spec], ChangeSet((change,)), self.proof)
        return drift


def tree(spec: Path) -> Tree:
    """Renders a spec."""
    return tree_of(spec.read_text(encoding="utf-8"), spec.name)


@cache
def tree_of(text: str, name: str = PRODUCTION.name) -> Tree:
    """Renders the text of a spec."""
    loaded = load_spec(text.encode(), f"specs/{name}")
    rendered = render_tree(Config(Path()), [loaded])
    files = {c.path: c.new for c in compare(rendered, {}).files if c.new is not None}
    drifted = compare(rendered, dict.fromkeys(files, b""))
    proof = prove([loaded], drifted, DEFAULT_LAYOUT, scope=Scope.DRIFTED)
    return Tree(loaded, rendered, files, proof)
