"""Wheels of all that the project depends on, from which pip installs it without asking an index."""

import fcntl
import shutil
import tomllib
from functools import cache

from tests.pip import pip
from tests.rendered import PROJECT

HOME = PROJECT / ".venv" / "tools" / "wheels"


@cache
def from_wheels() -> dict[str, str]:
    """Environment variables that make pip install from the wheels; they are made where missing.

    It still resolves what the project says that it needs. Only what is imported is compiled.

    Raises:
        PackageMissingError: pip cannot make them.
    """
    said = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    needed = [*said["build-system"]["requires"], *said["project"]["dependencies"]]
    # Written when all are there; says what they were made for.
    stamp = HOME / "made"
    HOME.parent.mkdir(parents=True, exist_ok=True)
    with (HOME.parent / "wheels.lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text(encoding="utf-8") != "\n".join(needed):
            shutil.rmtree(HOME, ignore_errors=True)
            pip("wheel", "--wheel-dir", HOME, *needed)
            stamp.write_text("\n".join(needed), encoding="utf-8")
    return {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(HOME), "PIP_NO_COMPILE": "1"}
