"""Help as a manual has it: what a command does, its options, examples, exit codes."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from typing import Any

from typer.core import TyperArgument, TyperCommand, TyperGroup

from secretgen.cli.examples import EXAMPLES, EXIT_CODES

_NARROWEST, _WIDEST = 30, 100
_WORDED_DEFAULT = re.compile(r"\[default: \((.*)\)", re.DOTALL)


class Command(TyperCommand):
    """A command with such help."""

    def get_help(self, ctx: Any) -> str:
        """Writes the help as wide as the terminal, within reason."""
        return super().get_help(_as_wide_as_the_terminal(ctx))

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Writes arguments, options, and what comes behind them."""
        _write_parameters(self, ctx, formatter)
        _write_examples_and_codes(ctx, formatter)


class Group(TyperGroup):
    """A group of commands with such help."""

    def get_help(self, ctx: Any) -> str:
        """Writes the help as wide as the terminal, within reason."""
        return super().get_help(_as_wide_as_the_terminal(ctx))

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Writes options, commands, and what comes behind them."""
        _write_parameters(self, ctx, formatter)
        self.format_commands(ctx, formatter)
        _write_examples_and_codes(ctx, formatter)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Writes what commands there are, each with a whole sentence."""
        found = {name: self.get_command(ctx, name) for name in self.list_commands(ctx)}
        rows = [
            (name, command.get_short_help_str(limit=1000))
            for name, command in found.items()
            if command and not command.hidden
        ]
        _write_section(formatter, "Commands", rows)


def _as_wide_as_the_terminal(ctx: Any) -> Any:
    columns = shutil.get_terminal_size().columns
    ctx.terminal_width = max(_NARROWEST, min(columns, _WIDEST))
    return ctx


def _write_parameters(command: Any, ctx: Any, formatter: Any) -> None:
    arguments, options = [], []
    for param in command.get_params(ctx):
        record = param.get_help_record(ctx)
        if record is None:
            continue
        text = _WORDED_DEFAULT.sub(r"[default: \1", record[1])
        if isinstance(param, TyperArgument):
            arguments.append((param.get_usage_pieces(ctx)[0], text))
        else:
            options.append((record[0], text))
    _write_section(formatter, "Arguments", arguments)
    _write_section(formatter, "Options", options)


def _write_examples_and_codes(ctx: Any, formatter: Any) -> None:
    name = " ".join(ctx.command_path.split()[1:])
    _write_examples(formatter, EXAMPLES.get(name, ()))
    codes = EXIT_CODES.get(name, {})
    _write_section(formatter, "Exit codes", [(str(code), text) for code, text in codes.items()])


def _write_section(formatter: Any, title: str, rows: Sequence[tuple[str, str]]) -> None:
    if rows:
        with formatter.section(title):
            formatter.write_dl(rows, col_max=min(30, formatter.width // 3))


def _write_examples(formatter: Any, examples: Sequence[tuple[str, str]]) -> None:
    """Writes each command on a line of its own, whole, to be copied from there."""
    if not examples:
        return
    with formatter.section("Examples"):
        for command, about in examples:
            formatter.write(f"{'':>{formatter.current_indent}}{command}\n")
            with formatter.indentation():
                formatter.write_text(about)
