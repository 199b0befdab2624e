"""Entry point of the command line."""

from __future__ import annotations

import io
import sys

from secretgen.version import version


def main() -> None:
    """Runs the command line; `--version` is answered before anything large is imported."""
    if sys.argv[1:] == ["--version"]:
        sys.stdout.write(f"secretgen {version()}\n")
        return
    from secretgen.cli import run  # noqa: PLC0415 -- see above

    if isinstance(sys.stdout, io.TextIOWrapper):
        # A terminal that cannot show a character gets its escape, as on standard error.
        sys.stdout.reconfigure(errors="backslashreplace")

    sys.exit(run())


if __name__ == "__main__":
    main()
