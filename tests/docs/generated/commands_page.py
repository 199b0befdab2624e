"""The page about the commands, made from the program's own options."""

import inspect
import re
from collections.abc import Iterator
from typing import Any

import typer

from secretgen.cli.main import app

INTRODUCTION = """\
# Commands

<!-- Generated from the options of the program; a test verifies that it is up to date. -->

`secretgen render --help` and the like print the same. Results go to standard output, everything
else to standard error. Every command works on the project root: the nearest folder upwards that
holds `specs/`, or a [configuration](configuration.md); `--root` names another. The
[exit codes](exit-codes.md) are the same everywhere.

`secretgen --install-completion` sets up completion for your shell, `secretgen --version` prints
the version. `NO_COLOR` switches colours off; they are off, too, where there is no terminal.
"""


DEFAULT = re.compile(r"\s*\[(?:default: )?\(?(.*?)\)?\]$")


def commands_page() -> str:
    """The page, in Markdown."""
    group = typer.main.get_command(app)
    context = group.make_context("secretgen", [], resilient_parsing=True)
    sections = [_section(*found) for found in sorted(_commands(group, context))]
    return "\n".join([INTRODUCTION, *sections])


def _commands(group: Any, context: Any) -> Iterator[tuple[str, Any, Any]]:
    """All commands that do something: each with the words that call it."""
    for word, command in group.commands.items():
        inner = command.make_context(word, [], parent=context, resilient_parsing=True)
        if hasattr(command, "commands"):
            yield from _commands(command, inner)
        elif not command.hidden:
            yield inner.command_path, command, inner


def _section(path: str, command: Any, context: Any) -> str:
    records = [p.get_help_record(context) for p in command.get_params(context)]
    rows = [f"| `{_names(names)}` | {_meaning(help_)} |" for names, help_ in records]
    heading = f"## {path.removeprefix('secretgen ')}"
    table = ["| | |", "| --- | --- |", *rows]
    return "\n".join([heading, "", inspect.cleandoc(command.help), "", *table, ""])


def _names(text: str) -> str:
    """How an option or argument is written; arguments without the type of their text."""
    return _cell(text if text.startswith("-") else text.partition(" <")[0])


def _meaning(text: str) -> str:
    default = DEFAULT.search(text)
    if not default:
        return _cell(text)
    said = {"required": "Needed."}.get(default[1], f"Default: {default[1]}.")
    return _cell(f"{text[: default.start()]} {said}")


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
