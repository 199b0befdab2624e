"""What commands write about specs."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Protocol, TypeVar

from secretgen.cli.console import note, print_text, use_color, width, write_file
from secretgen.cli.shared_options import Format
from secretgen.errors import ExitCode
from secretgen.git import work_tree_top
from secretgen.model.words import counted
from secretgen.report import Checkout, RuleText, as_text, checkout, findings_as
from secretgen.rules.catalogue import all_rules
from secretgen.usecases.validation import Validation

FormatT_contra = TypeVar("FormatT_contra", bound=str, contravariant=True)


class Written(Protocol[FormatT_contra]):
    """Writes one result in a format."""

    def __call__(self, written_as: FormatT_contra | Literal["text"], *, color: bool) -> str:
        """Writes it; `color` is for text on a terminal."""


def write_as(
    written_as: FormatT_contra, output: Path | None, write: Written[FormatT_contra]
) -> None:
    """Writes a result in the format that was asked for.

    It goes to standard output, or to the file `output`, with text still on the terminal. GitHub
    shows ten annotations at most: next to those the text goes to standard error, for the log.

    Args:
        written_as: the format.
        output: the file; None for standard output.
        write: writes the result.

    Raises:
        FileAccessError: `output` cannot be written.
    """
    print_text(write("text" if output else written_as, color=use_color()))
    if written_as == "github" and output is None:
        note(write("text", color=False))
    if output is not None:
        write_file(output, write(written_as, color=False))


def write_findings(
    validation: Validation, output_format: Format, output: Path | None, root: Path | None = None
) -> None:
    """Writes the findings about specs in the format that was asked for.

    Args:
        validation: the findings.
        output_format: the format.
        output: the file; None for standard output.
        root: the project root, for annotations and SARIF: they name files as Git does.

    Raises:
        FileAccessError: `output` cannot be written.
    """
    found, sources = validation.diagnostics, validation.sources

    def write(written_as: Format, *, color: bool) -> str:
        if written_as == "text":
            return as_text(found, sources, width=width(), color=color)
        return findings_as(written_as, found, sources, rule_texts(), place_of(root))

    write_as(output_format, output, write)


def write_invalid(
    validation: Validation, written_as: str, output: Path | None = None, root: Path | None = None
) -> ExitCode:
    """Writes findings about specs that keep a command from its result.

    Args:
        validation: the findings.
        written_as: the format of the result: where programs read it, they read the findings.
        output: the file; None for standard output.
        root: the project root.

    Returns:
        The exit code of the command.
    """
    for_programs: tuple[Format, ...] = ("json", "github", "sarif")
    for known in for_programs:
        if written_as == known:
            write_findings(validation, known, output, root)
    note(as_text(validation.diagnostics, validation.sources, width=width(), color=False))
    return ExitCode.FINDINGS


def rule_texts() -> dict[str, RuleText]:
    """Returns what SARIF says about each rule."""
    return {rule.id: RuleText(rule.summary, rule.why) for rule in all_rules().values()}


def place_of(root: Path | None) -> Checkout:
    """Returns where a project lies in its Git work tree."""
    return checkout(root, work_tree_top(root)) if root else Checkout()


def note_if_clean(validation: Validation) -> None:
    """Returns that there is nothing to say, so that nobody wonders whether anything was done."""
    if not validation.diagnostics:
        note(f"{counted(len(validation.specs), 'spec')}, no findings.\n")
