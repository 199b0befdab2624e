"""What commands write about specs."""

from __future__ import annotations

from pathlib import Path

from secretgen.cli.console import note, print_text, use_color, width, write_file
from secretgen.cli.shared_options import Format
from secretgen.git import work_tree_top
from secretgen.model.words import counted
from secretgen.report import Checkout, RuleText, as_text, checkout, findings_as
from secretgen.rules.catalogue import all_rules
from secretgen.usecases.validation import Validation


def write_findings(
    validation: Validation, output_format: Format, output: Path | None, root: Path | None = None
) -> None:
    """Writes the findings about specs in the format that was asked for.

    It goes to standard output, or to the file `output`, with text still on the terminal. GitHub
    shows ten annotations at most: beside those the text goes to standard error, for the log.

    Args:
        validation: the findings.
        output_format: the format.
        output: the file; None for standard output.
        root: the project root, for annotations and SARIF: they name files as Git does.

    Raises:
        FileAccessError: `output` cannot be written.
    """
    place = place_of(root)
    if shows_text(output_format, output):
        print_text(_text(validation, color=use_color()))
    else:
        print_text(_report(validation, output_format, place))
    if output_format is Format.GITHUB and output is None:
        note(_text(validation, color=False))
    if output is not None:
        write_file(output, _report(validation, output_format, place))


def shows_text(output_format: Format, output: Path | None) -> bool:
    """Tells whether text goes to standard output, or what a program reads."""
    return output_format is Format.TEXT or output is not None


def _text(validation: Validation, *, color: bool) -> str:
    return as_text(validation.diagnostics, validation.sources, width=width(), color=color)


def _report(validation: Validation, output_format: Format, place: Checkout) -> str:
    if output_format is Format.TEXT:
        return _text(validation, color=False)
    found, sources = validation.diagnostics, validation.sources
    return findings_as(output_format.value, found, sources, rule_texts(), place)


def rule_texts() -> dict[str, RuleText]:
    """Returns what SARIF says about each rule."""
    return {rule.id: RuleText(rule.summary, rule.why) for rule in all_rules().values()}


def place_of(root: Path | None) -> Checkout:
    """Returns where a project lies in its Git work tree."""
    return checkout(root, work_tree_top(root)) if root else Checkout()


def note_if_clean(validation: Validation) -> None:
    """Says that there is nothing to say, so that nobody wonders whether anything was done."""
    if not validation.diagnostics:
        note(f"{counted(len(validation.specs), 'spec')}, no findings.\n")


def write_errors(validation: Validation) -> None:
    """Writes findings that keep a command from its result."""
    note(_text(validation, color=False))
