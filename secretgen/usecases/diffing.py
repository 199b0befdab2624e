"""The use case that shows what a change of specs does, without rendering anything."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from posixpath import basename

from msgspec import Struct
from msgspec.structs import replace

from secretgen.change.differ import backend_changes, changes_between, modules_change
from secretgen.diagnostics import Diagnostic, has_errors
from secretgen.insight.cost.estimate import compare
from secretgen.insight.cost.prices import default_prices
from secretgen.progress import Observer, no_progress
from secretgen.project.baseline import WorkTree
from secretgen.project.committed_tree import owned_folders
from secretgen.project.config import Config
from secretgen.project.guard import (
    SpecChanges,
    committed_at,
    committed_on_disk,
    environments_without_spec,
    guard,
    judged,
)
from secretgen.project.spec_files import spec_names
from secretgen.report.diff_report import EnvironmentDiff
from secretgen.tree import locked_root, read_tree
from secretgen.usecases.validation import Validation, validate


class Diffing(Struct, frozen=True):
    """What specs change.

    Args:
        validation: the specs and the findings about them.
        diffs: the changes, by environment; empty when the specs have errors.
    """

    validation: Validation
    diffs: tuple[EnvironmentDiff, ...] = ()

    @property
    def findings(self) -> list[Diagnostic]:
        """The findings about the changes."""
        return [entry.finding for diff in self.diffs for entry in diff.entries if entry.finding]

    @property
    def fails(self) -> bool:
        """Whether the specs are invalid, or a change is not allowed."""
        return self.validation.fails(strict=False) or has_errors(self.findings)


def diff(
    config: Config,
    named: Sequence[Path] | None,
    *,
    today: str,
    base: str = "",
    observer: Observer = no_progress,
) -> Diffing:
    """Compares specs with what is committed.

    Args:
        config: settings of the project.
        named: specs that the user named; None for all of the project.
        today: the date, for entries that hold until a day.
        base: a Git revision: the specs are compared with what was committed where HEAD left its
            history; empty for what is committed on disk.
        observer: called with each step that begins.

    Raises:
        SecretgenError: a file cannot be read, or Git cannot be asked.
    """
    validation = validate(config, named, today=today, observer=observer)
    if validation.fails(strict=False):
        return Diffing(validation)
    observer("Comparing with what is committed")
    specs = validation.specs
    committed = committed_at(config, base) if base else _work_tree(config)
    names = spec_names(config)
    changes = guard(specs, committed, names, today=today)
    left = environments_without_spec(changes, committed, names) if named is None else {}
    gone = (
        EnvironmentDiff(basename(folder), committed.snapshots(folder)[0].place, (change,))
        for folder, change in left.items()
    )
    return Diffing(validation, (*(_diff(item, today) for item in changes), *gone))


def _work_tree(config: Config) -> WorkTree:
    with locked_root(config.root, shared=True) as root:
        disk = read_tree(root, {}, owned_folders(config, root))
    return committed_on_disk(config, disk)


def _diff(changes: SpecChanges, today: str) -> EnvironmentDiff:
    after, prices = changes.spec.parts[1], default_prices()
    if not changes.baselines:
        empty = replace(
            after, accounts=(), keys=(), monitoring=None, secrets=(), service_secrets=()
        )
        created = (judged(changes.spec, c, today) for c in changes_between(empty, after))
        found = changes.changes or tuple(created)
        return EnvironmentDiff(after.name, "", found, cost=compare(None, after, prices))
    before = changes.baselines[0].environment
    places = " and ".join(baseline.place for baseline in changes.baselines)
    folder = changes.baselines[0].folder
    return EnvironmentDiff(
        after.name,
        places,
        changes.changes,
        (folder,) if any(modules_change(b.environment, after) for b in changes.baselines) else (),
        compare(before, after, prices),
        (folder,) if any(backend_changes(b.environment, after) for b in changes.baselines) else (),
    )
