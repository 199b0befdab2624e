"""Entry point of the command line."""

from __future__ import annotations

import gc
import io
import os
import sys

from secretgen.version import __version__


def main() -> None:
    """Runs the command line; `--version` is answered before anything large is imported."""
    _open_closed_streams()
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

    try:
        sys.exit(run())
    finally:
        gc.freeze()  # Python would look for cycles in what the system is about to take back.


def _open_closed_streams() -> None:
    """Gives a stream that the caller has closed a place where its text is lost."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode, encoding="utf-8"))


if __name__ == "__main__":
    main()
