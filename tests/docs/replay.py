"""Follows a page as a reader does, and tells what the page should say.

- A block with a title is a file. It is written if there is none; otherwise the block is an
  excerpt of it. A `diff` with a title is an edit of it.
- Commands of `bash` blocks are run; of `console` blocks, too, and what they print is compared.
- A line that is `…` stands for any lines.
- A command may fail only where the page goes on with `echo $?`. So `&&` at the end of a
  line changes nothing.
- Commands that need AWS or a network are not run, nor is what follows them in their block.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from markdown_it.token import Token

from tests.docs.shell import LAST_CODE, Shell
from tests.docs.support import PARSER, SHELLS

ELLIPSIS = "…"
TITLE = re.compile(r'title="([^"]+)"')
COMMENTS = re.compile(r"^\s*(?:#|<!--)?\s*…\s*(?:-->)?$")


class PageError(AssertionError):
    """A page cannot be followed."""


def replay(text: str, shell: Shell) -> str:
    """Follows a page.

    Args:
        text: the page.
        shell: the reader's shell; the files of its project are changed.

    Returns:
        The page as it should be: with what the commands really print.

    Raises:
        PageError: a command fails, or an excerpt or an edit does not fit its file.
    """
    lines = text.splitlines()
    # From the last to the first, so that the places of those before stay true.
    replaced = [(token, _played(token, shell)) for token in _blocks(text)]
    for token, content in reversed(replaced):
        start, end = token.map or (0, 0)
        indent = lines[start][: len(lines[start]) - len(lines[start].lstrip())]
        body = [f"{indent}{line}" if line else "" for line in content.splitlines()]
        lines[start + 1 : end - 1] = body
    return "\n".join(lines) + "\n"


def _blocks(text: str) -> Iterator[Token]:
    return (token for token in PARSER.parse(text) if token.type == "fence")


def _played(token: Token, shell: Shell) -> str:
    kind, _, rest = token.info.partition(" ")
    titled = TITLE.search(rest)
    if titled:
        file = shell.folder / titled[1]
        put(file, kind, token.content)
    elif kind in SHELLS:
        commands = list(_commands(token.content.splitlines()))
        for command, following in zip(commands, [*commands[1:], ""], strict=True):
            if _run(shell, command, following) is None:
                break
    elif kind == "console":
        return _console(token.content, shell)
    return token.content


def put(file: Path, kind: str, content: str) -> None:
    """Does what a block with a title says: writes a file, edits it, or compares it.

    Args:
        file: the file of the title.
        kind: the language of the block; `diff` is an edit.
        content: the block.

    Raises:
        PageError: an excerpt or an edit does not fit the file.
    """
    if kind == "diff":
        text = file.read_text(encoding="utf-8")
        for before, after in _hunks(content):
            if text.count(before) != 1:
                raise PageError(f"{file.name} holds this {text.count(before)} times:\n{before}")
            text = text.replace(before, after)
        file.write_text(text, encoding="utf-8")
    elif file.exists():
        if not _matches(content, file.read_text(encoding="utf-8"), whole=False):
            raise PageError(f"this is no excerpt of {file.name}:\n{content}")
    else:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")


def _hunks(content: str) -> Iterator[tuple[str, str]]:
    """What an edit replaces, and with what; one pair for each part between ellipses."""
    for hunk in "\n".join(content.splitlines()).split(f"\n{ELLIPSIS}\n"):
        lines = [line or " " for line in hunk.splitlines()]
        yield (
            "".join(f"{line[1:]}\n" for line in lines if line[0] in " -"),
            "".join(f"{line[1:]}\n" for line in lines if line[0] in " +"),
        )


def _commands(lines: list[str]) -> Iterator[str]:
    """The commands of a block, each with its continuations."""
    command = ""
    for line in lines:
        command += line
        if line.endswith("\\"):
            command += "\n"
        else:
            if command.strip() and not command.lstrip().startswith("#"):
                yield command.strip().removesuffix("&&").rstrip()
            command = ""


def _console(content: str, shell: Shell) -> str:
    steps: list[tuple[list[str], list[str]]] = []
    for line in content.splitlines():
        if line.startswith("$ "):
            steps.append(([line], []))
        elif steps and steps[-1][0][-1].endswith("\\"):
            steps[-1][0].append(line)
        elif steps:
            steps[-1][1].append(line)
        else:
            raise PageError(f"no command prints this: {line}")
    commands = ["\n".join(prompt)[2:] for prompt, _ in steps]
    lines: list[str] = []
    printed: str | None = ""
    for (prompt, shown), command, following in zip(
        steps, commands, [*commands[1:], ""], strict=True
    ):
        printed = None if printed is None else _run(shell, command, following)
        keep = printed is None or _matches("\n".join(shown), printed, whole=True)
        lines += prompt
        lines += shown if keep or printed is None else printed.splitlines()
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _run(shell: Shell, command: str, following: str) -> str | None:
    printed = shell.run(command)
    if shell.code and following != LAST_CODE:
        raise PageError(f"{command}: exit code {shell.code}\n{printed}")
    return printed


def _matches(shown: str, text: str, *, whole: bool) -> bool:
    """Tells whether a text is what a page shows of it, with `…` for any lines."""
    parts: list[list[str]] = [[]]
    for line in shown.splitlines():
        if COMMENTS.match(line):
            parts.append([])
        else:
            parts[-1].append(re.escape(line.rstrip()) + r"[ ]*\n")
    pattern = r"(?:.*\n)*?".join("".join(part) for part in parts)
    text = text if text.endswith("\n") or not text else text + "\n"
    if whole:
        return re.fullmatch(pattern, text) is not None
    return re.search(rf"(?m)^{pattern}", text) is not None
