"""What the suite remembers of a render is that of the same environment, in all of its words."""

from pathlib import Path

from tests.rendered import SPECS, render


def test_documentation_makes_another_render(tmp_path: Path) -> None:
    text = (SPECS / "small.yaml").read_text(encoding="utf-8")
    for words in ("One reader", "Another reader"):
        folder = render(tmp_path, f"{text}description: {words}\n")
        assert words in (folder / "README.md").read_text(encoding="utf-8")
