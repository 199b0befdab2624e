"""Every edit of a committed file that the security page lists is told."""

from __future__ import annotations

import io
import json
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from secretgen.cli import run
from secretgen.model.layout import DEFAULT_LAYOUT
from secretgen.scaffold.texts import attributes_text
from secretgen.tree import kind_of, seal
from secretgen.tree.header import Kind
from tests.drift.edits import EDITS, Edit, table
from tests.rendered import PROJECT
from tests.restored import Restored

PAGE = PROJECT / "docs/explanation/security.md"
BEGIN = "<!-- edits -->\n"


@pytest.fixture(scope="module")
def edited(rendered: Path, tmp_path_factory: pytest.TempPathFactory) -> Restored:
    """A copy of the rendered project, with the attributes of `init`."""
    root = shutil.copytree(rendered, tmp_path_factory.mktemp("edited") / "project")
    attributes = attributes_text(DEFAULT_LAYOUT, ())
    (root / ".gitattributes").write_text(attributes, encoding="utf-8")
    return Restored(root)


@pytest.fixture
def project(edited: Restored) -> Iterator[Path]:
    """That copy, as it was, for one test."""
    yield edited.folder
    edited.restore()


def drift(root: Path, options: tuple[str, ...] = ()) -> dict[str, tuple[str, str]]:
    """What the check says of each file: its state, and all that it says of it."""
    named = [str(root / option) for option in options]
    out = io.StringIO()
    with redirect_stdout(out), redirect_stderr(io.StringIO()):
        code = run(["check", "--root", str(root), "--format", "json", *named])
    files = json.loads(out.getvalue())["drift"]
    assert (code == 3) == bool(files)
    return {file["file"]: (file["state"], _said(file)) for file in files}


def _said(file: dict[str, object]) -> str:
    changes = [f"{c['secret'] or ''}: {c['attribute']}".removeprefix(": ") for c in file["changes"]]
    return "; ".join([str(file["note"]), *changes])


def test_rendered_files_are_not_reported(project: Path) -> None:
    assert drift(project) == {}


OWN = ("stack.tm.hcl", ".terraform-version", ".hidden.tf", "prod.tfvars", "NOTES.md", "x.tf~")
"""Files of a user's own that Terraform does not read unasked."""


def test_user_files_are_not_reported(project: Path) -> None:
    for folder in ("production", "production/bootstrap"):
        for name in OWN:
            (project / "environments" / folder / name).write_text("x = 1\n", encoding="utf-8")
    assert drift(project) == {}


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: f"{edit.path}: {edit.what}")
def test_edit_is_reported(edit: Edit, project: Path) -> None:
    edit.change(project)
    found = drift(project, edit.options)
    assert edit.path in found, found
    state, said = found[edit.path]
    assert state == edit.state, said
    assert edit.told in said, said


def test_edit_with_updated_digest_is_detected(edited: Restored) -> None:
    rest = [edit for edit in EDITS if edit.is_text and kind_of(edit.path) is not Kind.BARE]
    while rest:
        now = list({edit.path: edit for edit in rest}.values())
        rest = [edit for edit in rest if edit not in now]
        for edit in now:
            edit.change(edited.folder)
            _reseal(edited.folder / edit.path, edit.path)
        found = drift(edited.folder)
        edited.restore()
        hidden = [e for e in now if found.get(e.path, ("",))[0] != "stale"]
        assert [e.what for e in hidden] == []


def _reseal(file: Path, path: str) -> None:
    header, _, body = file.read_text(encoding="utf-8").partition("\n\n")
    origin = header.split(" from ")[1].split("; DO NOT")[0]
    file.write_text(seal(body, origin, kind_of(path)), encoding="utf-8")


def test_the_security_page_lists_them() -> None:
    assert len(EDITS) >= 70
    twice = Counter((edit.path, edit.what) for edit in EDITS)
    assert max(twice.values()) == 1
    assert table() in PAGE.read_text(encoding="utf-8"), "write it: see `write_table`"


def write_table() -> None:
    """Writes the table into the page: `python -m tests.drift.test_edits`."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(BEGIN)[2]
    PAGE.write_text(f"{before}{BEGIN}{table()}{BEGIN}{after}", encoding="utf-8")


if __name__ == "__main__":
    write_table()
