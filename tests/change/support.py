"""Specs before and after a change, and what is found between them."""

from pathlib import Path

from secretgen import rules
from secretgen.diagnostics import Diagnostic, Severity
from secretgen.project.baseline import WorkTree
from secretgen.project.config import Config
from secretgen.project.guard import SpecChanges, guard
from secretgen.project.rendered_tree import render_tree
from secretgen.spec.load import LoadedSpec, load_spec
from secretgen.tree import compare
from tests.rules.support import TODAY, complete

FILE = "specs/spec.yaml"


def valid(excerpt: str, file: str = FILE) -> LoadedSpec:
    """Loads an excerpt of a spec, completed, which has no errors."""
    loaded = load_spec(complete(excerpt).encode(), file)
    errors = [d for d in rules.findings(loaded, today=TODAY) if d.severity is Severity.ERROR]
    assert errors == []
    return loaded


def committed(*specs: LoadedSpec) -> dict[str, bytes]:
    """Renders specs: the files as they are committed."""
    rendered = render_tree(Config(Path()), specs)
    return {c.path: c.new for c in compare(rendered, {}).files if c.new is not None}


def change(before: str, after: str) -> SpecChanges:
    """Compares an excerpt of a spec with what another one was rendered to."""
    tree = WorkTree(committed(valid(before)))
    (changes,) = guard([valid(after)], tree, {FILE}, today=TODAY)
    return changes


def brief(found: list[Diagnostic]) -> list[str]:
    """Writes findings as `severity rule path`; those that an entry of the spec allows so."""
    return sorted(
        f"{'allowed' if d.allowed else d.severity.value} {d.rule} {'.'.join(map(str, d.path))}"
        for d in found
    )
