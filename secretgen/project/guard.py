"""What specs change about what is deployed, and the findings about it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from msgspec import Struct

from secretgen.change import Change, Judged, changes_between, permission
from secretgen.change.alterations import environment_leaves
from secretgen.change.effects import Effect, Option, yaml_text
from secretgen.change.hazards import BEGINS_ANEW, FOLDER_LEAVES, UNREADABLE, Hazard
from secretgen.diagnostics import Diagnostic, Path, Span
from secretgen.errors import UsageError
from secretgen.git import Repository, Unavailable, find_repository, work_tree_top
from secretgen.git.command import has_operation_in_progress
from secretgen.model.changes import Kind, Subject
from secretgen.model.layout import DEFAULT_LAYOUT, Layout
from secretgen.project.baseline import (
    Baseline,
    Committed,
    Revision,
    Unreadable,
    WorkTree,
    find_baselines,
)
from secretgen.project.baseline.snapshots import is_relevant
from secretgen.project.config import Config
from secretgen.project.settings_files import layout_at
from secretgen.project.spec_files import spec_names
from secretgen.roundtrip.parsing import Parser
from secretgen.roundtrip.spec_places import spec_place
from secretgen.spec.load import LoadedSpec
from secretgen.tree import Action, ChangeSet, State

_BY_NAME = (("name",), ("backend", "key"))
"""What differs because an environment was renamed."""


class SpecChanges(Struct, frozen=True):
    """What one spec changes.

    Args:
        spec: the spec.
        baselines: the environment as it is committed, once for each side of a merge; empty when
            there is none yet.
        changes: the changes, and what cannot be read; in a merge those of all sides.
    """

    spec: LoadedSpec
    baselines: tuple[Baseline, ...]
    changes: tuple[Judged, ...]

    @property
    def findings(self) -> list[Diagnostic]:
        """The findings about the changes."""
        return [judged.finding for judged in self.changes if judged.finding]


def guard(
    specs: Sequence[LoadedSpec],
    committed: Committed,
    existing: Collection[str],
    *,
    today: str,
    parser: Parser | None = None,
) -> list[SpecChanges]:
    """Compares specs with what is committed.

    Args:
        specs: the specs, valid ones.
        committed: where generated files are committed.
        existing: all specs that exist, as headers name them.
        today: the date, as `2027-03-01`, for entries that hold until a day.
        parser: parses HCL; None for one that knows nothing yet.
    """
    parser = parser or Parser()
    return [
        _judged_all(
            spec,
            find_baselines(committed, spec.parts[1], spec.file, specs=existing, parser=parser),
            today,
        )
        for spec in specs
    ]


def _judged_all(
    spec: LoadedSpec, found: Sequence[Baseline | Unreadable], today: str
) -> SpecChanges:
    after = spec.parts[1]
    baselines = tuple(b for b in found if isinstance(b, Baseline))
    found_changes: dict[tuple[Path, str, str], Judged] = {}
    for baseline in found:
        if isinstance(baseline, Unreadable):
            found_changes[(baseline.file,), baseline.place, ""] = judged(
                spec, _unreadable(baseline), today
            )
    for baseline in baselines:
        for change in changes_between(baseline.environment, after):
            if baseline.moved and change.hazard is BEGINS_ANEW and change.path in _BY_NAME:
                continue  # judged on the side that renamed the environment
            rule = change.hazard.rule if change.hazard else ""
            what = (change.path, rule, change.summary)
            found_changes.setdefault(what, judged(spec, change, today))
    return SpecChanges(spec, baselines, tuple(found_changes.values()))


def judged(spec: LoadedSpec, change: Change, today: str, span: Span | None = None) -> Judged:
    """Adds to a change the finding about it, unless an entry of the spec allows it.

    Args:
        spec: the spec.
        change: the change.
        today: the date, as `2027-03-01`, for entries that hold until a day.
        span: its place; None for the place in the spec.
    """
    span = span or _span(spec, change)
    if change.hazard is None:
        return Judged(change, None, span)
    allowed = permission(change, spec.parts[1], spec.ignores, today)
    detail = change.detail if allowed else _advice(change)
    finding = _finding(change, change.hazard, detail, span)
    return Judged(change, finding.allow(allowed) if allowed else finding, span)


def _finding(change: Change, hazard: Hazard, detail: str, span: Span) -> Diagnostic:
    return Diagnostic(hazard.rule, hazard.severity, change.summary, detail, span, change.spec_path)


def _span(spec: LoadedSpec, change: Change) -> Span:
    """Finds where a spec says what an attribute is, or would say it."""
    place = spec_place(spec, change.path) or spec_place(spec, change.near)
    if place:
        return place
    kind = change.subject.kind
    holder = kind.value if kind in (Kind.SECRETS, Kind.KEYS, Kind.ACCOUNTS) else "environment"
    path = (holder,) if spec.places.is_written((holder,)) else ("environment",)
    return spec.places.key(path)


def _advice(change: Change) -> str:
    """Adds to the detail of a finding what to write into the spec to allow it."""
    hazard = change.hazard
    if change.options:
        choice = "one of these" if len(change.options) > 1 else "this"
        lines = [f"  - {line}" for line in map(_line, change.options)]
        return "\n".join([change.detail, f"To go on, add {choice} to `changes`:", *lines])
    if hazard and change.subject.kind in hazard.kinds:
        entry = f"{{ rule: {hazard.rule}, of: {yaml_text(str(change.subject))}, reason: … }}"
        advice = "If this is intended, add to `ignore` of the environment:"
        return f"{change.detail}\n{advice}\n  - {entry}"
    return change.detail


def _line(option: Option) -> str:
    return f"{option.entry}  # {option.meaning}" if option.meaning else option.entry


def _unreadable(found: Unreadable) -> Change:
    return Change(
        Subject(Kind.ENVIRONMENT),
        ("environment",),
        Effect.NONE,
        f"{found.file} ({found.place}) cannot be read as the committed environment",
        f"Line {found.line}: {found.reason}. What the change would remove is unknown. Restore the "
        "file, or render it with the release of secretgen that wrote it.",
        UNREADABLE,
    )


def guard_files(
    config: Config,
    specs: Sequence[LoadedSpec],
    files: ChangeSet,
    *,
    today: str,
    parser: Parser,
) -> list[Diagnostic]:
    """Finds what is dangerous about rendering specs.

    A spec whose files already are what it renders to is left out, unless a merge is in progress
    or Git's index has conflicts: its change was judged when it was rendered.

    Args:
        config: the project.
        specs: the specs, valid ones.
        files: what rendering them would do to the files.
        today: the date, as `2027-03-01`, for entries that hold until a day.
        parser: parses HCL.
    """
    top = work_tree_top(config.root)
    changed = [s for s in specs if not _in_sync(s, files, config.layout)]
    if top and len(changed) < len(specs) and (has_operation_in_progress(top) or _conflicts(config)):
        changed = list(specs)
    disk = {file.path: file.old for file in files.files if file.old is not None}
    changes: list[SpecChanges] = []
    if changed:
        committed = committed_on_disk(config, disk)
        changes = guard(changed, committed, spec_names(config), today=today, parser=parser)
    renamed = {baseline.folder for spec in changes for baseline in spec.baselines}
    found = [finding for spec in changes for finding in spec.findings]
    return found + _left_behind(files, config.layout, renamed)


def _left_behind(files: ChangeSet, layout: Layout, known: Collection[str]) -> list[Diagnostic]:
    """Finds the folders of environments that are removed because their spec is no longer there."""
    found = {}
    for file in files.files:
        name, slash, _ = file.path.removeprefix(f"{layout.environments}/").partition("/")
        folder = layout.environment(name)
        is_below = slash and file.path.startswith(f"{folder}/") and folder not in known
        if is_below and file.action is Action.DELETE and file.path.endswith("/secrets.tf"):
            found[folder] = _leaving(folder, file.origin, Span(file.path))
    return [judged.finding for judged in found.values() if judged.finding]


def environments_without_spec(
    guarded: Sequence[SpecChanges], committed: Committed, existing: Collection[str]
) -> dict[str, Judged]:
    """Finds the committed environments that no spec describes any more.

    Args:
        guarded: all specs of the project, compared with what is committed.
        committed: where generated files are committed.
        existing: all specs that exist, as headers name them.

    Returns:
        What becomes of each, by its folder.
    """
    known = {baseline.folder for spec in guarded for baseline in spec.baselines}
    found = {}
    folders = {
        f: o for x in committed.layouts for f, o in committed.origins(x.environments).items()
    }
    for folder, origins in sorted(folders.items()):
        if folder not in known and origins.isdisjoint(existing):
            # Its own files and its spec may be gone already: a report names a place that exists.
            spec = guarded[0].spec if guarded else None
            span = spec.places.key(("environment",)) if spec else Span(f"{folder}/secrets.tf")
            found[folder] = _leaving(folder, min(origins), span)
    return found


def _leaving(folder: str, spec: str, span: Span) -> Judged:
    change = environment_leaves(folder, spec)
    return Judged(change, _finding(change, FOLDER_LEAVES, change.detail, span), span)


def _conflicts(config: Config) -> bool:
    """Returns whether Git's index has conflicts, as after `git merge --squash` or `stash pop`."""
    repository = find_repository(config.root)
    return isinstance(repository, Repository) and bool(repository.unmerged())


def _in_sync(spec: LoadedSpec, files: ChangeSet, layout: Layout) -> bool:
    folder = f"{layout.environment(spec.parts[1].name)}/"
    own = [file for file in files.files if file.path.startswith(folder)]
    return all(file.state is State.IN_SYNC for file in own if is_relevant(file.path))


def committed_on_disk(config: Config, disk: Mapping[str, bytes]) -> WorkTree:
    """Returns what is committed, as files on disk have it and Git knows it.

    Args:
        config: the project.
        disk: the generated files on disk, by path relative to the root.
    """
    repository = find_repository(config.root)
    return WorkTree(disk, repository, _layouts(config, repository, "HEAD"))


def committed_at(config: Config, reference: str) -> Revision:
    """Returns what is committed where HEAD left the history of a revision.

    Args:
        config: the project.
        reference: the revision, such as `origin/main`.

    Raises:
        UsageError: there is no such revision, or Git cannot be asked.
    """
    repository = find_repository(config.root)
    if isinstance(repository, Unavailable):
        raise UsageError(
            f"{reference!r} cannot be looked up: {repository.reason.value}", repository.remedy
        )
    base = repository.merge_base(reference)
    place = f"{base[:7]}, the merge base of HEAD and {reference}"
    return Revision(repository, base, place, _layouts(config, repository, base))


def _layouts(config: Config, git: Repository | Unavailable, revision: str) -> tuple[Layout, ...]:
    """Returns the output folders of now, those that a revision names, and those by default."""
    commit = git.commit(revision) if isinstance(git, Repository) else None
    former = (layout_at(git, commit),) if isinstance(git, Repository) and commit else ()
    return tuple(dict.fromkeys((config.layout, *former, DEFAULT_LAYOUT)))
