"""Renders the committed environments again, whatever their state: nothing is deployed from them.

`make render` runs this after `rm -r environments`. Everywhere else such a change is refused.
"""

import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from secretgen.cli import run
from tests.rendered import PROJECT

SOURCES = ("specs", "parts")
RENDERED = ("environments", "modules")


def main() -> int:
    """Renders a copy of the project, in which there is nothing yet, and copies the result back."""
    with TemporaryDirectory() as folder:
        root = Path(folder) / "project"
        root.mkdir()
        shutil.copy(PROJECT / "pyproject.toml", root)
        for name in SOURCES:
            if (PROJECT / name).is_dir():
                shutil.copytree(PROJECT / name, root / name)
        code = run(["render", "--root", str(root)])
        for name in RENDERED if code == 0 else ():
            shutil.copytree(root / name, PROJECT / name, dirs_exist_ok=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
