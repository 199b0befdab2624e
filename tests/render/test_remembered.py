"""What the suite remembers is that of the same input, in all of its words and places."""

from pathlib import Path

from secretgen.hcl.decode import parse
from tests.rendered import SPECS, render


def test_documentation_makes_another_render(tmp_path: Path) -> None:
    text = (SPECS / "small.yaml").read_text(encoding="utf-8")
    for words in ("One reader", "Another reader"):
        folder = render(tmp_path, f"{text}description: {words}\n")
        assert words in (folder / "README.md").read_text(encoding="utf-8")


def test_the_same_block_in_another_place_is_another_one() -> None:
    lines = [parse(f"{before}a = 1\n", "x.tf").attributes[0].span.line for before in ("", "\n")]
    assert lines == [1, 2]
