"""Entry point of the command line."""

from __future__ import annotations

import gc
import io
import os
import sys

from secretgen.version import __version__


def main() -> None:
    """Runs the command line; `--version` is answered before anything large is imported."""
    if sys.argv[1:] == ["--version"]:
        sys.stdout.write(f"secretgen {__version__}\n")
        return
    # A run ends soon, and makes much and no cycles to speak of: looking for them is a third of it.
    gc.disable()
    # Plugins of pydantic would see every spec; and looking for them reads what is installed.
    os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"
    from secretgen.cli import run  # noqa: PLC0415 -- see above

    if isinstance(sys.stdout, io.TextIOWrapper):
        # A terminal that cannot show a character gets its escape, as on standard error.
        sys.stdout.reconfigure(errors="backslashreplace")

    sys.exit(run())


if __name__ == "__main__":
    main()
