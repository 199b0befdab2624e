"""The documentation hangs together: links, places in the repository, the menu of the site."""

import re
from itertools import pairwise

import pytest

from tests.docs.support import Document, documents
from tests.rendered import PROJECT

DOCS = PROJECT / "docs"
PAGES = [
    Document(name, (PROJECT / name).read_text("utf-8")) for name in ("README.md", "CONTRIBUTING.md")
]
PAGES += documents(PROJECT, "docs/**/*.md")
OUTSIDE = re.compile(r"https?:|mailto:")
# A file of the repository, with a test in it or without.
PLACE = re.compile(r"((?:secretgen|specs|templates|tests)/[\w./-]*\w)(?:::(test_\w+))?")
MAX_PICTURE_BYTES = 300_000


def anchors(document: Document) -> set[str]:
    """What a link can point to: headings as both GitHub and MkDocs name them, and ids."""
    tokens = list(document.tokens())
    headings = {
        re.sub(r"[^\w\- ]", "", re.sub(r"<[^>]*>", "", inline.content).lower()).replace(" ", "-")
        for opening, inline in pairwise(tokens)
        if opening.type == "heading_open"
    }
    return headings | set(re.findall(r'<a id="([^"]+)"', document.text))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_resolve(page: Document) -> None:
    for token in page.tokens():
        target = str(token.attrGet("href") or token.attrGet("src") or "")
        if not target or OUTSIDE.match(target):
            continue
        path, _, anchor = target.partition("#")
        file = (PROJECT / page.name).parent / path if path else PROJECT / page.name
        assert file.exists(), target
        if page.name.startswith("docs/"):
            # The site is made of this folder alone.
            assert file.resolve().is_relative_to(DOCS), target
        if anchor:
            assert anchor in anchors(Document(path, file.read_text("utf-8"))), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_places_in_the_repository_exist(page: Document) -> None:
    for token in page.tokens():
        place = PLACE.fullmatch(token.content) if token.type == "code_inline" else None
        if place:
            file = PROJECT / place[1]
            assert file.exists(), token.content
            assert not place[2] or f"def {place[2]}(" in file.read_text("utf-8"), token.content


def test_the_menu_has_every_page() -> None:
    menu = (PROJECT / "mkdocs.yml").read_text("utf-8").partition("\nnav:\n")[2]
    listed = re.findall(r"\S+\.md$", menu, re.MULTILINE)
    assert sorted(listed) == [path.removeprefix("docs/") for path in names("docs/**/*.md")]


def test_every_decision_is_listed() -> None:
    index = (DOCS / "adr/index.md").read_text("utf-8")
    decisions = list((DOCS / "adr").glob("0*.md"))
    assert len(decisions) > 10
    for path in decisions:
        number, title = re.match(r"# (\d+)\. (.*)", path.read_text("utf-8")).groups()
        assert f"| {number} | [{title}]({path.name}) |" in index
        assert int(path.name[:4]) == int(number)


def test_pictures_are_small() -> None:
    pictures = [*DOCS.glob("pictures/*")]
    assert sum(path.stat().st_size for path in pictures) < MAX_PICTURE_BYTES


def names(pattern: str) -> list[str]:
    return sorted(path.relative_to(PROJECT).as_posix() for path in PROJECT.glob(pattern))
