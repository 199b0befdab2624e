"""Every command in a document is one that its program understands."""

import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import pytest
import typer

from secretgen.cli.main import app
from tests.commands import assert_sensible
from tests.docs.support import Document, documents
from tests.rendered import PROJECT

OWN = ["README.md", "CONTRIBUTING.md", "docs/**/*.md"]
# Options of each subcommand of Terraform 1.11.
TERRAFORM = {
    "apply": {"-auto-approve", "-input", "-replace", "-target", "-var", "-var-file"},
    "destroy": {"-auto-approve", "-input", "-target", "-var", "-var-file"},
    "fmt": {"-check", "-diff", "-recursive"},
    "force-unlock": {"-force"},
    "import": {"-input", "-var", "-var-file"},
    "init": {"-backend", "-backend-config", "-input", "-migrate-state", "-reconfigure"}
    | {"-plugin-dir", "-upgrade", "-lockfile"},
    "output": {"-json", "-raw"},
    "plan": {
        "-destroy",
        "-detailed-exitcode",
        "-input",
        "-lock",
        "-out",
        "-refresh",
        "-refresh-only",
    }
    | {"-replace", "-target", "-var", "-var-file"},
    "providers": set(),
    "show": {"-json"},
    "state": set(),
    "test": {"-filter", "-verbose"},
    "validate": {"-json"},
    "version": {"-json"},
}
POSITIONAL = {"import": 2, "force-unlock": 1}
SHELL = {
    *(
        "cat",
        "cd",
        "cp",
        "date",
        "echo",
        "exit",
        "export",
        "false",
        "mkdir",
        "mktemp",
        "mv",
        "printf",
        "read",
        "rm",
        "stty",
        "test",
        "unset",
    )
}
OTHER_PROGRAMS = {"checkov", "git", "jq", "make", "moto_server", "pip", "pre-commit", "python3"}


# Lines that are one command, and commands that must not follow one that failed.
CONTINUED = re.compile(r"(?:(?<=&&)|(?<=\|\|)|\\)\n|(?<=; do)\n")
FINAL = re.compile(
    r"\s*(?:terraform .*\b(?:apply|destroy)\b|aws .*(?: delete-|put-secret-value)|rm -r)"
)


def own_documents() -> list[Document]:
    return [document for pattern in OWN for document in documents(PROJECT, pattern)]


def test_every_shell_block_of_rendered_documents(rendered: list[Document]) -> None:
    blocks = {block for document in rendered for block in document.blocks()}
    assert len(blocks) > 40
    for block in blocks:
        assert_sensible(block)


@pytest.mark.parametrize("whose", ["rendered", "own"])
def test_what_cannot_be_undone_waits_for_the_commands_before_it(
    whose: str, rendered: list[Document]
) -> None:
    """A person pastes a block as a whole, and the shell goes on after a command that fails."""
    for document in rendered if whose == "rendered" else own_documents():
        for block in document.blocks():
            _, *later = CONTINUED.sub(" ", block).strip().splitlines()
            for line in later:
                assert not FINAL.match(line), f"{document.name}: join with `&&`: {line.strip()}"


def test_every_command_of_rendered_documents(rendered: list[Document]) -> None:
    used = understood(rendered)
    assert used >= {"aws", "secretgen", "terraform"}
    assert used <= {"aws", "checkov", "jq", "secretgen", "terraform"} | SHELL


def test_every_command_of_the_projects_own_documents() -> None:
    used = understood(own_documents())
    assert {"make", "secretgen"} <= used


def test_readme_lists_every_command() -> None:
    lines = (PROJECT / "README.md").read_text(encoding="utf-8").splitlines()
    table = [line for line in lines if line.startswith("| `secretgen ")]
    listed = set(re.findall(r"`secretgen (\w+)", "".join(table)))
    missing = typer.main.get_command(app).commands.keys() - listed  # type: ignore[attr-defined]
    assert not missing, f"add to the table of commands in README.md: {missing}"


def understood(found: Iterable[Document]) -> set[str]:
    """Checks every command of documents, and returns the programs that they use."""
    used = set()
    for document in found:
        for command in document.commands():
            while command and re.fullmatch(r"[A-Za-z_]\w*=.*", command[0], re.DOTALL):
                command = command[1:]  # noqa: PLW2901 -- what stands before the command
            if command:
                used.add(Path(command[0]).name)
                try:
                    assert_understood(command)
                except (AssertionError, typer.TyperException) as error:
                    pytest.fail(f"{document.name}: {' '.join(command)}: {error}")
    return used


def assert_understood(command: list[str]) -> None:
    program, *arguments = command
    match Path(program).name:
        case "terraform" if arguments[:1] == ["{"]:
            pass  # a block of HCL
        case "terraform":
            assert_terraform(arguments)
        case "secretgen":
            assert_secretgen(arguments)
        case "make":
            makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
            for target in arguments:
                variable, is_variable, _ = target.partition("=")
                pattern = rf"\$\({variable}\)" if is_variable else rf"^{re.escape(target)}:"
                assert re.search(pattern, makefile, re.MULTILINE), target
        case "aws":
            assert_sensible(" ".join(map(quoted, command)))
        case other:
            assert other in SHELL | OTHER_PROGRAMS, f"{other} is unknown here"


def quoted(word: str) -> str:
    return "'" + word.replace("'", "'\\''") + "'"


def assert_terraform(arguments: list[str]) -> None:
    subcommand, *rest = [word for word in arguments if not word.startswith("-chdir=")]
    assert subcommand in TERRAFORM, f"terraform has no {subcommand}"
    options = [word for word in rest if word.startswith("-")]
    for option in options:
        name = option.partition("=")[0]
        assert name in TERRAFORM[subcommand], f"terraform {subcommand} has no {option}"
    if subcommand in POSITIONAL and rest:
        assert len(rest) - len(options) == POSITIONAL[subcommand]


def assert_secretgen(arguments: list[str]) -> None:
    """Parses a command of the program's own, without running it."""
    group = typer.main.get_command(app)
    context = group.make_context("secretgen", list(arguments), resilient_parsing=True)
    words = [word for word in arguments if not word.startswith("-")]
    if not words:
        return
    command = group.get_command(context, words[0])  # type: ignore[attr-defined]
    assert command, f"secretgen has no {words[0]}"
    given = [word for word in arguments[arguments.index(words[0]) + 1 :] if word not in "[]…"]
    with suppress(typer.Exit):  # after --help
        command.make_context(words[0], given, parent=context)


@pytest.mark.parametrize(
    "command",
    [
        "secretgen acces",
        "secretgen access --secrets x",
        "secretgen explain",
        "terraform aply",
        "terraform init -migrate",
        "terraform import aws_iam_role.x",
        "aws secretsmanager get-secret --secret-id x",
        "aws secretsmanager get-secret-value --id x",
        "aws secretsmanager get-secret-value",
        "make everything",
        "curl https://example.com",
    ],
)
def test_a_wrong_command_is_found(command: str) -> None:
    with pytest.raises(pytest.fail.Exception):
        understood([Document("wrong", f"```sh\n{command}\n```\n")])
