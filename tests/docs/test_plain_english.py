"""Words that readers of the first release did not understand are not in user-facing text."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.support import documents
from tests.rendered import PROJECT

WORDS = {
    r"[Mm]end(s|ed|ing)?\b": "fix",
    r"[Ee]xcuse(d from)?\b": "ignore",
    r"stands? beside\b": "cannot be combined",
    r"meant otherwise\b": "is probably a typo",
    r"a defect of secretgen\b": "internal error",
    r"made where missing\b": "created if missing",
    r"no telling\b": "cannot tell",
    r"by nobody\b": "by no one; better: exactly one required",
    r"(is|are) said in\b": "see",
    r"by now\b": "out of date",
    r"is no (spec|file|secret|text|mapping|template|key|ARN)\b": "is not a",
    r"whoever reads\b": "anyone with access",
    r"behind (it|the|a|1)\b(?! dash)": "after",
    r"tells (it|what|which|where|the|of|under)\b": "reports, shows, prints",
    r"anew\b": "again",
    r"beside\b": "next to",
    r"in clear\b": "in plain text",
    r"(rang|rings?)\b": "an alarm is triggered",
    r"stands? (in the way|in the place of|for itself)\b": "prevents; replaces",
    r"the spec says\b": "the spec has",
    r"takes? turns\b": "alternates",
    r"[Jj]udges? (a |the )?plans?\b": "checks plans",
    r"[Ww]hoever\b": "anyone who, the role that",
    r"told\b": "reported, printed",
    r"(writes?|wrote|written|write) over\b": "overwrites",
    r"lets? in\b": "allows",
    r"(made|make[sn]?|is made) elsewhere\b": "managed elsewhere",
    r"([Ss]ome|[Ee]very)body('s)?\b": "a person, another user; everyone, public",
    r"of (yours|theirs|ones own)\b": "your own, an existing",
    r"stands? (in|next|there)\b": "is, means",
    r"(has|have) the say\b": "decides",
    r"says? of itself\b": "is marked as",
    r"goes? over to\b": "changes to",
    r"(comes?|came|coming) in(to)? (the state)?\b": "is imported",
    r"whatever\b(?! you)": "regardless of",
    r"in step\b(?! \d)": "up to date",
    r"as a rule\b": "usually",
    r"for good\b": "permanently",
    r"not vouched\b": "not verified",
    r"begin(s)? anew\b": "creates again",
}
PATTERNS = {re.compile(rf"\b{pattern}"): better for pattern, better in WORDS.items()}
ANY = re.compile(rf"\b(?:{'|'.join(f'(?:{pattern})' for pattern in WORDS)})")


def texts_of(file: Path) -> Iterator[tuple[int, str]]:
    """Yields the texts of a module except docstrings, each with its line."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        for child in ast.iter_child_nodes(node):
            is_doc = isinstance(node, ast.Expr)
            if isinstance(child, ast.Constant) and isinstance(child.value, str) and not is_doc:
                yield child.lineno, child.value


def found_in(place: str, text: str) -> Iterator[str]:
    if not ANY.search(text):
        return
    for pattern, better in PATTERNS.items():
        for match in pattern.finditer(text):
            yield f"{place}: {match[0]!r}, better: {better}"


def test_messages_help_and_rules() -> None:
    files = sorted((PROJECT / "secretgen").rglob("*.py"))
    assert len(files) > 300
    found = [
        problem
        for file in files
        for line, text in texts_of(file)
        for problem in found_in(f"{file.relative_to(PROJECT)}:{line}", text)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("pattern", ["README.md", "CONTRIBUTING.md", "docs/**/*.md"])
def test_documents(pattern: str) -> None:
    found = [p for d in documents(PROJECT, pattern) for p in found_in(d.name, d.text)]
    assert not found, "\n".join(found)


def test_templates() -> None:
    files = [file for file in (PROJECT / "templates").rglob("*.j2") if file.is_file()]
    assert len(files) > 30
    found = [p for f in files for p in found_in(f.name, f.read_text(encoding="utf-8"))]
    assert not found, "\n".join(found)
