"""Rendered trees in memory, and what the drift check says of a changed one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from secretgen.app import render_tree
from secretgen.config import Config
from secretgen.model.layout import DEFAULT_LAYOUT
from secretgen.report.drift import FileDrift
from secretgen.roundtrip.drift import file_drift
from secretgen.roundtrip.proof import Proof, prove
from secretgen.spec.load import LoadedSpec, load_spec
from secretgen.tree import Action, ChangeSet, FileChange, Generated, State, compare

PROJECT = Path(__file__).parents[2]
PRODUCTION = PROJECT / "specs" / "production.yaml"
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

    def text(self, path: str) -> str:
        """A file as it is committed."""
        return self.files[path].decode()

    def drift(self, changed: dict[str, bytes | None]) -> tuple[FileDrift, ...]:
        """What the check says when some files are otherwise, or are not there."""
        committed = {p: data for p, data in (self.files | changed).items() if data is not None}
        return file_drift([self.spec], compare(self.rendered, committed), self.proof)

    def drift_of(self, path: str, text: str) -> FileDrift:
        """What the check says when one file was edited: the same, without a look at the others."""
        change = FileChange(path, State.EDITED, Action.REFUSE, "", text.encode(), self.files[path])
        (drift,) = file_drift([self.spec], ChangeSet((change,)), self.proof)
        return drift


@cache
def tree(spec: Path) -> Tree:
    """Renders a spec."""
    loaded = load_spec(spec.read_bytes(), f"specs/{spec.name}")
    rendered = render_tree(Config(Path()), [loaded])
    changes = compare(rendered, {})
    files = {change.path: change.new for change in changes.files if change.new is not None}
    return Tree(loaded, rendered, files, prove([loaded], changes, DEFAULT_LAYOUT, verify_all=False))
