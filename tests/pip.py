"""pip, for what tests need beside the project's own dependencies."""

import subprocess
import sys
from pathlib import Path


class PackageMissingError(Exception):
    """A package is not there and cannot be had; the text says why."""


def pip(*arguments: str | Path) -> None:
    """Runs pip.

    Args:
        arguments: options, the command, and last the requirement.

    Raises:
        PackageMissingError: pip fails.
    """
    run = subprocess.run(
        [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        last = run.stderr.strip().splitlines()[-1:]
        raise PackageMissingError(f"pip cannot get {arguments[-1]}: {''.join(last)}")
