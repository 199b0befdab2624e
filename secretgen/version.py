"""Which version of the program this is."""

from __future__ import annotations


def version() -> str:
    """Returns the version of the installed package."""
    from importlib.metadata import version as installed  # noqa: PLC0415 -- keeps start-up short

    return installed("secretgen")
