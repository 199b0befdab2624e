"""Columns are those of `terraform fmt`, whatever stands in strings and comments."""

from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from secretgen.hcl.align import align
from secretgen.hcl.tokens import HclSyntaxError
from tests.hcl.strategies import bodies
from tests.hcl.terraform import fmt

DOCUMENTS = sorted(Path(__file__).parent.glob("documents/*.txt"))


@pytest.fixture(params=DOCUMENTS, ids=lambda path: path.stem)
def document(request: pytest.FixtureRequest) -> str:
    text: str = request.param.read_text()
    return text


def test_columns(document: str) -> None:
    """The first half of a document is unaligned, the second what becomes of it."""
    unaligned, aligned = document.split("# ---- aligned\n")
    assert align(unaligned) == aligned
    assert align(aligned) == aligned


@pytest.mark.terraform
def test_columns_are_terraforms(document: str) -> None:
    unaligned, aligned = document.split("# ---- aligned\n")
    assert fmt([unaligned])[0].rstrip("\n") + "\n" == aligned


@pytest.mark.parametrize(
    ("text", "aligned"),
    [
        ("", ""),
        (" \n\n", ""),
        ("a = 1", "a = 1\n"),
        ("a = 1\n\n \n", "a = 1\n"),
        ("# only this", "# only this\n"),
        ("a = 1\r\nbbb = 2\r\n", "a   = 1\r\nbbb = 2\n"),
        ("a = {\n  \n}\n", "a = {\n\n}\n"),
    ],
)
def test_line_ends(text: str, aligned: str) -> None:
    assert align(text) == aligned
    assert align(aligned) == aligned


@given(bodies())
@settings(max_examples=25)
def test_only_whitespace_changes_and_only_once(text: str) -> None:
    aligned = align(text)
    assert "".join(aligned.split()) == "".join(text.split())
    assert align(aligned) == aligned


@pytest.mark.terraform
@given(st.lists(bodies(), min_size=5, max_size=5))
@settings(max_examples=8, phases=[Phase.explicit, Phase.generate])
def test_any_document_is_terraforms(texts: list[str]) -> None:
    aligned = [align(text).rstrip("\n") for text in texts]
    assert aligned == [text.rstrip("\n") for text in fmt(texts)]


def test_no_hcl() -> None:
    with pytest.raises(HclSyntaxError, match=r"^x\.tf\.j2:2:5: Newline in a quoted string"):
        align('a = 1\nb = "x\n', "x.tf.j2")
