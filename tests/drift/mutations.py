"""Every argument of rendered HCL, found by its indentation alone, and a wrong value for each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_ARGUMENT = re.compile(r'(?P<indent> *)(?P<name>[\w-]+|"(?:[^"\\]|\\.)*") += (?P<value>.+)')
_BLOCK = re.compile(r'(?P<indent> *)(?P<name>[\w-]+(?: "[^"]+")*) \{')
_ITEM = re.compile(r'(?P<indent> *)(?P<value>".*"|[\w.-]+),')
_INTEGER = re.compile(r"-?\d+")
_DECIMAL = re.compile(r"-?\d+\.\d+")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


@dataclass(frozen=True)
class Mutation:
    """One line of a file with another value.

    Args:
        line: its number, from 1.
        path: address of the block, then the names of arguments and blocks around the line.
        lines: where each of them begins.
        text: the whole file with the change.
    """

    line: int
    path: tuple[str, ...]
    lines: tuple[int, ...]
    text: str


def mutations(text: str) -> Iterator[Mutation]:
    """Yields the text with each of its arguments changed in turn."""
    lines = text.split("\n")
    around: list[tuple[int, str, int]] = []
    for index, line in enumerate(lines):
        indent = len(line) - len(line.lstrip())
        while around and line.strip() and around[-1][0] >= indent and line.strip()[0] not in "}])":
            around.pop()
        mutated = None
        if match := _ARGUMENT.fullmatch(line):
            around.append((indent, match["name"].strip('"'), index + 1))
            mutated = line[: match.start("value")] + _other(match["value"])
            if match["value"][-1] in "([{" or " for " in match["value"]:
                mutated = re.sub(r'^( *"?)', r"\1x_", line, count=1)
        elif match := _BLOCK.fullmatch(line):
            name = re.sub(r'[" ]+', ".", match["name"]).strip(".")
            around.append((indent, name, index + 1))
        elif line.strip() == "{":
            around.append((indent, "", index + 1))
        elif match := _ITEM.fullmatch(line):
            mutated = line[: match.start("value")] + _other(match["value"]) + ","
        if mutated:
            changed = [*lines[:index], mutated, *lines[index + 1 :]]
            names, starts = zip(*((name, start) for _, name, start in around), strict=True)
            yield Mutation(index + 1, names, starts, "\n".join(changed))


def deletions(text: str) -> Iterator[tuple[int, str]]:
    """Yields the number of each line that is an argument or an item, and the text without it."""
    lines = text.split("\n")
    for index, line in enumerate(lines):
        argument = _ARGUMENT.fullmatch(line)
        if (argument and argument["value"][-1] not in "([{") or _ITEM.fullmatch(line):
            yield index + 1, "\n".join([*lines[:index], *lines[index + 1 :]])


def _other(value: str) -> str:
    """Returns another value of the same kind; an opening bracket stays as it is."""
    others = {"true": "false", "false": "true", "null": "1", "{}": "{ x = 1 }", "[]": "[1]"}
    if value in others:
        return others[value]
    if _INTEGER.fullmatch(value):
        return str(int(value) + 1)
    if _DECIMAL.fullmatch(value):
        return f"{value}1"
    if strings := list(_STRING.finditer(value)):
        last = strings[-1]
        return f'{value[: last.end() - 1]}x"{value[last.end() :]}'
    name = re.search(r"[\w-]+(?=[\])} ]*$)", value)
    return f"{value[: name.end()]}x{value[name.end() :]}" if name else value
