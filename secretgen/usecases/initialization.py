"""The use case of beginning a project: its first files, and nothing written over."""

from __future__ import annotations

import json
import posixpath
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from secretgen import rules
from secretgen.diagnostics import Diagnostic, Severity
from secretgen.errors import FileAccessError, UsageError
from secretgen.git import work_tree_top
from secretgen.project.config import DEFAULT_SPECS, Config
from secretgen.project.settings_files import SETTINGS_FILE, TABLE, load_config, settings_place
from secretgen.project.spec_files import project_specs
from secretgen.scaffold import texts
from secretgen.scaffold.answers import Answers, Question
from secretgen.scaffold.part_division import PART
from secretgen.scaffold.texts import requirement, this_release
from secretgen.spec.json_schema import json_schema, part_json_schema
from secretgen.spec.load import load_spec
from secretgen.tree import Action, ChangeSet, FileChange, Root, State, locked_root, publish, recover
from secretgen.usecases.shared_part import Sharing, divided_texts

_HOOKS = ".pre-commit-config.yaml"
_WORKFLOW = ".github/workflows/secretgen.yml"
_PROJECTS = re.compile(r"^ +PROJECTS: (.+)$", re.MULTILINE)
_CHECK = re.compile(r"entry: secretgen check --tracked.*\n")
_FORMATTERS = ".prettierignore"
_AT_TOP = (_HOOKS, _WORKFLOW, _FORMATTERS)
"""Files that count only at the top of a repository: one for all its projects."""


class Outcome(StrEnum):
    """What became of a file."""

    CREATE = "create"
    UPDATE = "update"
    SKIP = "skip"
    IDENTICAL = "identical"


class Step(Struct, frozen=True):
    """One file.

    Args:
        path: relative to the project root.
        outcome: what became of it.
        reason: why it was skipped.
        missing: what the file that is there lacks, for the user to add.
    """

    path: str
    outcome: Outcome
    reason: str = ""
    missing: str = ""


class Initialization(Struct, frozen=True):
    """What beginning a project came to.

    Args:
        steps: the files.
        spec: path of the spec.
        runbook: path of the document that rendering it makes; empty when there is no such spec.
    """

    steps: tuple[Step, ...]
    spec: str
    runbook: str

    def wrote(self, path: str) -> bool:
        """Returns whether a file was written."""
        return any(s.path == path and s.outcome is Outcome.CREATE for s in self.steps)


def problems(answers: Answers, question: Question, *, today: str) -> list[Diagnostic]:
    """Finds what the rules of the spec have against an answer.

    Args:
        answers: the answers so far, this one among them.
        question: what it answers.
        today: the date, for the rules.
    """
    loaded = load_spec(texts.spec_text(answers).encode("utf-8", "surrogatepass"), "the spec")
    found = [*loaded.diagnostics, *rules.check(loaded, today=today)]
    errors = [d for d in found if d.severity is Severity.ERROR]
    return [d for d in errors if d.path == question.path] or errors


def initialize(
    folder: Path, answers: Answers, *, wants_spec: bool, sharing: Sharing | None = None
) -> Initialization:
    """Writes the first files of a project; a file that is there stays as it is.

    Args:
        folder: the project root; it is made where it is missing.
        answers: what is known of the environment.
        wants_spec: write a spec even when the project has one already.
        sharing: the spec with which the environment shares a part; this spec alone is changed.

    Raises:
        FileAccessError: the folder cannot be written.
        UsageError: its settings are wrong.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileAccessError(f"{folder} cannot be created: {error.strerror}") from error
    folder = folder.resolve()
    config = load_config(folder)
    spec = _spec_path(config, answers)
    top = work_tree_top(folder) or folder
    inside = "" if top == folder else folder.relative_to(top).as_posix()
    with ExitStack() as stack:
        root = stack.enter_context(locked_root(folder))
        recover(root)
        place_of = {"": root}
        if inside:
            place_of[inside] = stack.enter_context(locked_root(top))
            recover(place_of[inside])
        present = [path.relative_to(config.root).as_posix() for path in project_specs(config)]
        skipped = dict(_skipped(config, spec, present, wants_spec=wants_spec))
        wanted = _files(config, answers, spec, inside)
        wanted |= divided_texts(config, root, answers, spec, sharing) if sharing else {}
        of_project = {p: text for p, text in wanted.items() if p not in _AT_TOP}
        of_repository = {p: wanted[p] for p in wanted if p in _AT_TOP}
        steps = _written(root, of_project, skipped, sharing.spec if sharing else "")
        up = posixpath.relpath(".", inside) if inside else ""
        for step in _written(place_of[inside], of_repository, skipped):
            steps.append(replace(step, path=posixpath.join(up, step.path)))
    is_there = spec not in skipped
    runbook = f"{config.layout.environment(answers.environment)}/README.md" if is_there else ""
    return Initialization(tuple(steps), spec, runbook)


def _written(
    root: Root, wanted: Mapping[str, str], skipped: Mapping[str, Step], divided: str = ""
) -> list[Step]:
    """Writes the files that are not there yet, and a spec that is divided.

    Args:
        root: the open folder.
        wanted: the texts, by path.
        skipped: the files that the project does not need.
        divided: path of the spec that is divided; empty for none.

    Returns:
        What became of each.
    """
    steps = [skipped.get(path) or _step(root, path, text) for path, text in wanted.items()]
    steps = [_update(step) if step.path == divided else step for step in steps]
    changes = []
    for step in steps:
        if step.outcome in (Outcome.CREATE, Outcome.UPDATE):
            old = None if step.outcome is Outcome.CREATE else root.read(step.path)
            new, action = wanted[step.path].encode(), Action(step.outcome)
            changes.append(FileChange(step.path, State.MISSING, action, "", old, new))
    publish(root, ChangeSet(tuple(changes)))
    return steps


def _update(step: Step) -> Step:
    """Turns the step of a spec that is divided into an update, unless nothing changes."""
    if step.outcome is Outcome.IDENTICAL:
        return step
    return Step(step.path, Outcome.UPDATE, f"shares {PART}")


def _spec_path(config: Config, answers: Answers) -> str:
    """Finds where the spec of an environment belongs, by the first pattern that tells it."""
    for pattern in config.specs:
        folder, name = posixpath.split(posixpath.normpath(pattern))
        if name.count("*") == 1 and not set("*?[") & set(folder + name.replace("*", "")):
            return posixpath.join(folder, name.replace("*", answers.environment))
    raise UsageError(
        f"cannot tell where to create the spec: {', '.join(config.specs)}",
        f"Add a pattern such as {DEFAULT_SPECS[0]!r} to 'specs' in the settings.",
    )


def _files(config: Config, answers: Answers, spec: str, inside: str) -> dict[str, str]:
    """Makes the texts of all files, by path."""
    layout = config.layout
    folder = posixpath.dirname(spec)
    schema, part_schema = (posixpath.join(folder, n) for n in (texts.SCHEMA, texts.PART_SCHEMA))
    place = settings_place(config.root)
    settings = "pyproject.toml" if place == TABLE else SETTINGS_FILE
    return {
        spec: texts.spec_text(answers),
        schema: json.dumps(json_schema(), indent=2) + "\n",
        part_schema: json.dumps(part_json_schema(), indent=2) + "\n",
        SETTINGS_FILE: texts.settings_text(config.specs, layout, this_release()),
        ".gitattributes": texts.attributes_text(layout, (schema, part_schema)),
        ".gitignore": texts.ignored_text(),
        _FORMATTERS: texts.formatters_text(layout, (schema, part_schema), inside),
        _HOOKS: texts.hooks_text(spec, layout, settings, _templates(config), folder=inside),
        _WORKFLOW: texts.workflow_text(requirement(), inside),
    }


def _templates(config: Config) -> str:
    inside = config.templates and config.templates.is_relative_to(config.root)
    return config.templates.relative_to(config.root).as_posix() if inside else "templates"  # type: ignore[union-attr]


def _skipped(
    config: Config, spec: str, present: Sequence[str], *, wants_spec: bool
) -> Iterator[tuple[str, Step]]:
    """Finds files that a project has no need of, whether they are there or not."""
    if settings_place(config.root) == TABLE:
        reason = f"pyproject.toml holds {TABLE}"
        yield SETTINGS_FILE, Step(SETTINGS_FILE, Outcome.SKIP, reason)
    if present and not wants_spec and spec not in present:
        yield spec, Step(spec, Outcome.SKIP, f"{present[0]} is there")


def _step(root: Root, path: str, text: str) -> Step:
    """Looks at what is at a path, and returns what is to be done."""
    try:
        found = root.lstat(path)
        if found is None:
            return Step(path, Outcome.CREATE)
        if not stat.S_ISREG(found.st_mode):
            return Step(path, Outcome.SKIP, "exists but is not a file")
        data = root.read(path) or b""
    except FileAccessError as error:
        return Step(path, Outcome.SKIP, error.summary)
    if data == text.encode():
        return Step(path, Outcome.IDENTICAL)
    return Step(path, Outcome.SKIP, "exists", _missing(path, data.decode("utf-8", "replace"), text))


def _missing(path: str, there: str, wanted: str) -> str:
    """Returns what of the text a file lacks that many tools share."""
    if path == _HOOKS:
        (entry,) = _CHECK.findall(wanted)
        return "" if entry in there else wanted.replace("repos:\n", "")
    if path == _WORKFLOW:
        return _missing_project(there, wanted)
    if path not in {".gitattributes", ".gitignore", _FORMATTERS}:
        return ""
    lines = (line for line in wanted.splitlines() if not line.startswith("#"))
    return "".join(f"{line}\n" for line in lines if line not in there.splitlines())


def _missing_project(there: str, wanted: str) -> str:
    """Returns the list of projects of a workflow, with the one that it lacks."""
    found, (own,) = _PROJECTS.search(there), _PROJECTS.findall(wanted)
    if not found or json.loads(own) in json.loads(found[1]).split(":"):
        return ""
    return f"PROJECTS: {json.dumps(f'{json.loads(found[1])}:{json.loads(own)}')}\n"
