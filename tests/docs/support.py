"""The documents that a reader of this project, or of what it renders, follows."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.commands import words

PARSER = MarkdownIt("commonmark").enable("table")
SHELLS = {"sh", "bash"}
PROGRAMS = {"aws", "secretgen", "terraform"}
SUBSTITUTION = re.compile(r"\$\(([^()]*)\)")


@dataclass(frozen=True)
class Document:
    """A Markdown file."""

    name: str
    text: str

    def tokens(self) -> Iterator[Token]:
        """All tokens, in the order of the page."""
        for token in parsed(self.text):
            yield token
            yield from token.children or ()

    def blocks(self) -> list[str]:
        """Shell blocks, wherever they stand: in lists as well."""
        return [t.content for t in self.tokens() if t.type == "fence" and t.info in SHELLS]

    def commands(self) -> list[list[str]]:
        """The words of every command: in blocks, in substitutions, and in running text."""
        inline = [t.content for t in self.tokens() if t.type == "code_inline"]
        named = [code for code in inline if code.split(" ")[0] in PROGRAMS and " " in code]
        texts = [*self.blocks(), *named]
        texts += [inner for text in texts for inner in SUBSTITUTION.findall(text)]
        return [command for text in texts for command in words(text)]


@cache
def parsed(text: str) -> Sequence[Token]:
    """The tokens of a page, which many tests look at."""
    return PARSER.parse(text)


def documents(root: Path, pattern: str) -> list[Document]:
    """The documents below a folder, by their path from there."""
    return [
        Document(path.relative_to(root).as_posix(), path.read_text(encoding="utf-8"))
        for path in sorted(root.glob(pattern))
    ]
