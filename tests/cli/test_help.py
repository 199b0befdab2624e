"""The help is a manual, whole at any width; what is misspelt is told what was meant."""

import re
from collections.abc import Iterator

import pytest
import typer

from secretgen.cli.examples import EXAMPLES, EXIT_CODES
from secretgen.cli.main import app
from secretgen.errors import ExitCode
from tests.cli.conftest import Command
from tests.docs.test_commands import assert_secretgen

GROUP = typer.main.get_command(app)


def commands() -> Iterator[tuple[str, str]]:
    """Every command and group, by its words, and the first sentence about it."""
    waiting = [("", GROUP)]
    while waiting:
        words, command = waiting.pop()
        yield words, command.get_short_help_str(limit=1000)
        inner = getattr(command, "commands", {})
        waiting += [(f"{words} {name}".strip(), inner[name]) for name in inner]


ALL = dict(commands())


def test_every_command_has_examples_and_exit_codes() -> None:
    assert len(ALL) > 12
    for name, described in (("EXAMPLES", EXAMPLES), ("EXIT_CODES", EXIT_CODES)):
        wrong = described.keys() ^ ALL.keys()
        assert not wrong, f"add to {name} in secretgen/cli/examples.py, or remove: {wrong}"
    assert EXIT_CODES[""].keys() == set(ExitCode)


@pytest.mark.parametrize(
    ("words", "example"), [(w, e) for w in EXAMPLES for e, _ in EXAMPLES[w]], ids=lambda x: x
)
def test_every_example_is_understood(words: str, example: str) -> None:
    program, *arguments = example.split(" > ", maxsplit=1)[0].split()
    assert program == "secretgen"
    assert example.startswith(f"secretgen {words}".rstrip())
    assert_secretgen(arguments)


@pytest.mark.parametrize("columns", [40, 80, 120])
@pytest.mark.parametrize("words", ALL)
def test_help_fits_and_cuts_nothing(
    words: str, columns: int, secretgen: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    result = secretgen(*words.split(), "--help")
    assert (result.code, result.err) == (0, "")
    text = " ".join(result.out.split())
    about = [ALL[words], *(ALL[w] for w in ALL if w.rpartition(" ")[0] == words and w)]
    assert all(sentence in text for sentence in about)
    assert not re.search(r"\w\.\.\.$", result.out, re.MULTILINE)
    assert "list[" not in text
    assert "[[" not in text
    examples = {f"  {example}" for example, _ in EXAMPLES[words]}
    lines = result.out.splitlines()
    assert examples <= set(lines)
    # Where a command ends and its options begin no line is broken within a word.
    assert all(len(line) <= columns for line in lines if line not in examples and "<" not in line)
    assert all(f"  {code}" in result.out for code in EXIT_CODES[words])
    assert "\x1b" not in result.out


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        (["rendr"], "'render'"),
        (["templates", "ejct", "x"], "'eject'"),
        (["render", "--dryrun"], "--dry-run"),
        (["check", "--no-dif"], "--no-diff"),
        (["explain", "SG3O5"], "SG305"),
    ],
    ids=" ".join,
)
def test_misspelt_words(wrong: list[str], meant: str, secretgen: Command) -> None:
    result = secretgen(*wrong)
    assert (result.code, result.out) == (2, "")
    assert meant in result.err.splitlines()[-1]
