"""The module with one argument deleted or changed, for each argument of its rendered files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from secretgen.hcl.tokens import CLOSING, OPENING, Kind, Source, Token, tokenize


@dataclass(frozen=True)
class Mutant:
    """One file of the module with one change.

    Args:
        file: its path in the module's folder.
        path: blocks and arguments around the change, and the argument itself.
        line: where it is.
        how: what was done to it.
        text: the file with the change.
    """

    file: str
    path: tuple[str, ...]
    line: int
    how: str
    text: str

    @property
    def where(self) -> str:
        """The mutant, for messages."""
        return f"{self.file}:{self.line} {'.'.join(self.path)}: {self.how}"


@dataclass(frozen=True)
class Argument:
    """An argument: its tokens from the name to the end of the value, and those of the value."""

    path: tuple[str, ...]
    start: int
    value: tuple[Token, ...]

    @property
    def end(self) -> int:
        """Where its value ends."""
        return self.value[-1].end


def mutants(file: str, text: str) -> Iterator[Mutant]:
    """Yields a file with each of its arguments deleted, and with each changed."""
    for argument in arguments(text):
        line = text.count("\n", 0, argument.start) + 1
        behind = text[argument.end :].removeprefix(",")
        yield Mutant(file, argument.path, line, "deleted", text[: argument.start] + behind)
        others = list(_others(text, argument.value))
        if argument.path[-2:] == ("validation", "condition"):
            code = text[argument.value[0].start : argument.end]
            others.append(("always", f"true || ({code})"))
        for how, value in others:
            changed = text[: argument.value[0].start] + value + text[argument.end :]
            yield Mutant(file, argument.path, line, how, changed)


def _others(text: str, value: Sequence[Token]) -> Iterator[tuple[str, str]]:
    """Yields other values for an argument: another literal, or null, or other text within."""
    start, end = value[0].start, value[-1].end
    code = text[start:end]
    others = {"true": "false", "false": "true", "null": "1"}
    if len(value) == 1 and value[0].kind is Kind.NUMBER:
        yield "number", str(int(code) + 1)
    elif code in others:
        yield others[code], others[code]
    elif len(value) == 1 and value[0].kind is Kind.STRING:
        yield "text", f'{code[:-1]}x"'
    else:
        yield "null", "null"
        if "\n" not in code:
            quotes = [t.end for t in value if t.kind in (Kind.STRING, Kind.TEMPLATE_CLOSE)]
            for quote in quotes[-1:]:
                yield "text", f'{text[start : quote - 1]}x"{text[quote:end]}'


def arguments(text: str) -> Iterator[Argument]:
    """Yields every argument of HCL: of blocks, and of objects within values."""
    tokens = [t for t in tokenize(Source(text, "")) if t.kind is not Kind.COMMENT]
    around: list[str] = []
    for index, token in enumerate(tokens):
        if token.kind in OPENING:
            around.append(_name(text, tokens, index))
        elif token.kind in CLOSING:
            around.pop()
        elif token.kind is Kind.EQUAL:
            key = tokens[index - 1]
            value = _value(text, tokens, index + 1)
            path = (*filter(None, around), text[key.start : key.end].strip('"'))
            yield Argument(path, key.start, value)


def _name(text: str, tokens: Sequence[Token], index: int) -> str:
    """Returns the name of what a bracket opens: a block, or the value of an argument."""
    words = []
    for token in reversed(tokens[:index]):
        if token.kind in (Kind.NAME, Kind.STRING):
            words.append(text[token.start : token.end].strip('"'))
        elif token.kind is Kind.EQUAL and not words:
            continue
        else:
            break
    return ".".join(reversed(words))


def _value(text: str, tokens: Sequence[Token], start: int) -> tuple[Token, ...]:
    depth = 0
    value = []
    for token in tokens[start:]:
        is_end = token.kind is Kind.NEWLINE or text[token.start : token.end] == ","
        if depth == 0 and (is_end or token.kind in CLOSING):
            break
        depth += (token.kind in OPENING) - (token.kind in CLOSING)
        value.append(token)
    return tuple(value)


def interface(files: Mapping[str, str]) -> str:
    """What of the module no plan shows, a line each: its words, its inputs, its meta-arguments."""
    lines = []
    for file, text in sorted(files.items()):
        for argument in arguments(text):
            if is_interface(file, argument.path):
                value = " ".join(text[argument.value[0].start : argument.end].split())
                lines.append(f"{file} {'.'.join(argument.path)} = {value}\n")
    return "".join(lines)


def is_interface(file: str, path: Sequence[str]) -> bool:
    """Tells whether no plan shows an argument of the module."""
    if file.endswith("variables.tf"):
        return path[-1] != "condition"
    if file.endswith("outputs.tf"):
        return path[-1] == "description"
    is_hidden = path[0].startswith(("check.", "removed")) or path[:2] == _LEFT_BEHIND
    return file.endswith("versions.tf") or path[-1] in _META or is_hidden


_META = (
    "create_before_destroy",
    "depends_on",
    "error_message",
    "ignore_changes",
    "prevent_destroy",
    # Write-only: tests/e2e reads what was written.
    "secret_string_wo",
)
_LEFT_BEHIND = ("resource.aws_secretsmanager_secret.this", "lifecycle")
"""Like a `check`, about replicas as AWS has them, which no mock can show: tests/e2e does."""
