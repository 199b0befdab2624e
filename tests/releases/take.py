"""Keeps what this release renders: `python -m tests.releases.take`, once, when a release is made.

It copies the specs in `tests/releases/specs` to `tests/releases/<version>` and renders them there.
A release that was kept is never rendered again: its environments are deployed as they are.
"""

import shutil
import sys
from pathlib import Path

from secretgen.cli import run
from secretgen.version import __version__

RELEASES = Path(__file__).parent
SPECS = RELEASES / "specs"


def take(folder: Path) -> None:
    """Renders the specs of this release into a new folder.

    Raises:
        SystemExit: the folder exists, or the specs cannot be rendered.
    """
    if folder.exists():
        sys.exit(f"{folder} exists: a release is kept once, and never changed after that.")
    shutil.copytree(SPECS, folder / "specs")
    code = run(["render", "--root", str(folder)])
    if code:
        shutil.rmtree(folder)
        sys.exit(code)


if __name__ == "__main__":
    take(RELEASES / __version__)
