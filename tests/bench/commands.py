"""What secretgen itself takes."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.bench.environments import spec
from tests.bench.measure import Cost, in_turns, median, once
from tests.bench.results import Row

RENDER, CHANGE, CHECK = "render from nothing", "render after a change", "check, in sync"
VALIDATE, VERIFY = "validate", "check, in sync, --verify all"
SECRETGEN = (sys.executable, "-m", "secretgen")
LIBRARIES = "import typer, pydantic, yaml, jinja2, hcl2"
_IMPORTS = f"{LIBRARIES}, pydantic.main; hcl2.loads('a=1\\n')"
BARE, VERSION, COMPLETION = "bare Python", "--version", "shell completion"
IMPORTS, OWN_IMPORTS = "its libraries imported", "all imported that a render needs"
_OWN_IMPORTS = (
    "import secretgen.cli.main, secretgen.cli.changed_files, secretgen.cli.output,"
    " secretgen.cli.progress_display, secretgen.usecases.rendering, secretgen.project.guard,"
    " secretgen.tree, secretgen.render.files,"
    " secretgen.roundtrip.overlay_limits, secretgen.roundtrip.proof"
)
_VERIFIED_AT_MOST = 1_000
FEW = 4
_TURNS = 7
"""Runs for each one of other commands: what these few secrets must reach is near."""


def start_up(folder: Path, runs: int) -> list[Row]:
    """Measures what there is before any work."""
    runs = 4 * runs - 3
    return [
        Row(0, BARE, median([sys.executable, "-c", ""], folder, runs)),
        Row(0, VERSION, median([*SECRETGEN, "--version"], folder, runs)),
        Row(0, COMPLETION, median([*SECRETGEN], folder, runs, environment=_COMPLETE)),
        Row(0, IMPORTS, median([sys.executable, "-c", _IMPORTS], folder, runs)),
        Row(
            0,
            OWN_IMPORTS,
            median([sys.executable, "-c", f"{_IMPORTS}; {_OWN_IMPORTS}"], folder, runs),
        ),
    ]


_COMPLETE = {
    "_SECRETGEN_COMPLETE": "complete_bash",
    "COMP_WORDS": "secretgen val",
    "COMP_CWORD": "1",
}


def project(folder: Path, size: int) -> None:
    """Makes a project with one spec and renders it."""
    file = folder / "specs" / "bench.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(spec(size), encoding="utf-8")
    once([*SECRETGEN, "render"], folder)


def commands(folder: Path, size: int, runs: int) -> Iterator[Row]:
    """Measures each command in a project of so many secrets."""
    file = folder / "specs" / "bench.yaml"

    def remove(_: int) -> None:
        for name in ("environments", "modules"):
            shutil.rmtree(folder / name)

    def change(number: int) -> None:
        file.write_text(spec(size, 31 + number), encoding="utf-8")

    def measured(command: str, *options: str) -> Cost:
        prepare = {RENDER: remove, CHANGE: change}.get(command, lambda _: None)
        verb = command.replace(",", " ").split()[0]
        return median([*SECRETGEN, verb, *options], folder, runs, prepare)

    for command in (VALIDATE, RENDER, CHANGE):
        yield Row(size, command, measured(command))
    if size == FEW:
        titles = {CHECK: [*SECRETGEN, "check"], LIBRARIES: [sys.executable, "-c", LIBRARIES]}
        costs = in_turns(list(titles.values()), folder, _TURNS * runs)
        yield from (Row(size, title, cost) for title, cost in zip(titles, costs, strict=True))
    else:
        yield Row(size, CHECK, measured(CHECK))
    if size <= _VERIFIED_AT_MOST:
        yield Row(size, VERIFY, measured(CHECK, "--verify", "all"))
