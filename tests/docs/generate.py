"""Makes the pages and pictures that come from the program, and what commands print in pages.

`python -m tests.docs.generate` writes them; `make docs` does so before it builds the site.
"""

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from secretgen.render.template_reference import templates_page
from secretgen.spec.json_schema import json_schema, part_json_schema
from tests.docs.generated.commands_page import commands_page
from tests.docs.generated.recording import Terminal, recording
from tests.docs.generated.rules_page import rules_page
from tests.docs.generated.spec_page import spec_page
from tests.docs.project import prepare
from tests.docs.replay import replay
from tests.docs.shell import Shell
from tests.rendered import PROJECT
from tests.restored import Restored

FOLLOWED = ["README.md", "docs/**/*.md"]
TUTORIAL = "docs/tutorial.md"
# Their steps need Terraform: test_procedures.py and test_disasters.py of tests/e2e follow them.
WITH_TERRAFORM = {
    "docs/how-to/rename-move-restore.md",
    "docs/how-to/when-something-is-lost.md",
}


def generated(prepared: Path, folder: Path) -> dict[str, str]:
    """Everything that is made from the program, by its path in the repository.

    Args:
        prepared: the project of a reader; it stays as it is.
        folder: an empty folder for copies of it.
    """
    return {
        "docs/reference/commands.md": commands_page(),
        "docs/reference/rules.md": rules_page(),
        "docs/reference/spec.md": spec_page(),
        "docs/reference/spec.schema.json": json.dumps(json_schema(), indent=2) + "\n",
        "docs/reference/part.schema.json": json.dumps(part_json_schema(), indent=2) + "\n",
        "docs/reference/templates.md": templates_page(),
        **_pictures(_copy(prepared, folder / "pictures")),
    }


def _pictures(project: Path) -> dict[str, str]:
    shell = Shell(project)
    shell.run("secretgen diagram specs/production.yaml --svg picture.svg --html page.html")
    return {
        "docs/pictures/production.svg": (project / "picture.svg").read_text(encoding="utf-8"),
        "docs/pictures/production.html": (project / "page.html").read_text(encoding="utf-8"),
        "docs/pictures/terminal.svg": recording(Shell(project, stream=Terminal)),
    }


def followed_pages() -> list[str]:
    """The pages that are followed: those that have commands or files, and are not made above."""
    found = {path for pattern in FOLLOWED for path in PROJECT.glob(pattern)}
    return sorted({path.relative_to(PROJECT).as_posix() for path in found} - WITH_TERRAFORM)


def followed(page: str, reader: Restored, folder: Path) -> str:
    """Follows a page; returns it as it should be.

    Args:
        page: its path in the repository.
        reader: the folder of the project of a reader, `project`; the page is followed there,
            unless it begins one of its own.
        folder: an empty folder.
    """
    text = (PROJECT / page).read_text(encoding="utf-8")
    if page == TUTORIAL:
        return replay(text, Shell(folder))
    try:
        return replay(text, Shell(reader.folder / "project"))
    finally:
        reader.restore()


def _copy(prepared: Path, folder: Path) -> Path:
    shutil.copytree(prepared, folder)
    return folder


def _all(folder: Path) -> Iterator[tuple[str, str]]:
    prepared = folder / "reader/project"
    prepared.mkdir(parents=True)
    prepare(prepared)
    yield from generated(prepared, folder).items()
    reader = Restored(prepared.parent)
    for number, page in enumerate(followed_pages()):
        place = folder / str(number)
        place.mkdir()
        yield page, followed(page, reader, place)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        for name, text in _all(Path(temporary).resolve()):
            file = PROJECT / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
