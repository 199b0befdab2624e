"""What is made from the program is in step, and what commands print is what pages show.

`make docs` brings it in step again.
"""

import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.docs.generate import followed, followed_pages, generated
from tests.docs.project import prepare
from tests.docs.replay import PageError, replay
from tests.docs.shell import Shell
from tests.rendered import PROJECT
from tests.restored import Restored

NAMES = [
    "docs/pictures/production.html",
    "docs/pictures/production.svg",
    "docs/pictures/terminal.svg",
    "docs/reference/commands.md",
    "docs/reference/part.schema.json",
    "docs/reference/rules.md",
    "docs/reference/spec.md",
    "docs/reference/spec.schema.json",
    "docs/reference/templates.md",
]


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project of somebody who reads the documentation."""
    root = tmp_path_factory.mktemp("reader").resolve() / "project"
    root.mkdir()
    prepare(root)
    return root


def test_generated_pages_are_up_to_date(prepared: Path, tmp_path: Path) -> None:
    made = generated(prepared, tmp_path)
    assert sorted(made) == NAMES
    for name, text in made.items():
        assert (PROJECT / name).read_text(encoding="utf-8") == text, f"{name}: run `make docs`"


def test_pictures_fetch_nothing() -> None:
    pictures = [*PROJECT.glob("docs/**/*.svg"), *PROJECT.glob("docs/**/*.html")]
    assert len(pictures) > 2
    for picture in pictures:
        text = picture.read_text(encoding="utf-8")
        assert "url(http" not in text
        assert "src=" not in text
        if picture.suffix == ".svg":
            ET.fromstring(text)


@pytest.fixture(scope="session")
def reader(prepared: Path) -> Restored:
    """The folder of that project, in which pages are followed one after the other."""
    return Restored(prepared.parent)


@pytest.mark.parametrize("page", followed_pages())
def test_a_page_can_be_followed(page: str, reader: Restored, tmp_path: Path) -> None:
    text = (PROJECT / page).read_text(encoding="utf-8")
    assert text == followed(page, reader, tmp_path), f"{page}: run `make docs`"


@pytest.mark.parametrize(
    "page",
    [
        "```bash\nsecretgen chek\n```\n",
        "```console\n$ secretgen validate specs/none.yaml\n```\n",
        '```yaml title="specs/staging.yaml"\nenvironment: stage\n```\n',
        '```diff title="specs/staging.yaml"\n-environment: stage\n+environment: test\n```\n',
    ],
)
def test_a_wrong_page_is_found(page: str, prepared: Path) -> None:
    with pytest.raises(PageError):
        replay(page, Shell(prepared))


def test_printing_replaces_progress(prepared: Path, tmp_path: Path) -> None:
    project = shutil.copytree(prepared, tmp_path / "project")
    page = """\
1. Look:

   ```console
   $ secretgen check
   Something drifted.
   $ git \\
       status --short
   ```

2. See:

   ```diff title="specs/staging.yaml"
   -environment: staging
   +environment: Staging
   ```

   ```console
   $ secretgen validate
   …
   1 error in 1 file
   $ echo $?
   0
   ```
"""
    expected = page.replace("Something", "Nothing").replace("   0\n", "   1\n")
    assert replay(page, Shell(project)) == expected
