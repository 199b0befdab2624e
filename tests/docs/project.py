"""The project that a reader of the documentation has: the reference specs, rendered, in Git."""

import shutil
from pathlib import Path

from tests.docs.shell import Shell
from tests.rendered import PROJECT

FILES = [".gitattributes", ".gitignore", "specs/production.yaml", "specs/staging.yaml",
         "parts/application.yaml"]  # fmt: skip
HISTORY = """\
git init --quiet --initial-branch=main
git add .
git commit --quiet --message=Secrets
git update-ref refs/remotes/origin/main HEAD
"""


def prepare(root: Path) -> None:
    """Makes the project in an empty folder."""
    for name in FILES:
        (root / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(PROJECT / name, root / name)
    shell = Shell(root)
    for command in ["secretgen render", *HISTORY.splitlines()]:
        printed = shell.run(command)
        assert shell.code == 0, printed
