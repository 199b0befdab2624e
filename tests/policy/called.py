"""The actions that Terraform called in the lives of the environments, one file a life."""

import os
from collections.abc import Iterable
from pathlib import Path

RECORDED = Path(__file__).with_name("called")


def called_in(life: str) -> list[str]:
    """The actions that were recorded of a life, sorted."""
    return (RECORDED / f"{life}.txt").read_text(encoding="utf-8").split()


def check_called(life: str, actions: Iterable[str]) -> None:
    """Compares what a life calls with what is recorded; with RECORD_CALLS=1, records it."""
    found = sorted(actions)
    if os.environ.get("RECORD_CALLS"):
        (RECORDED / f"{life}.txt").write_text("".join(f"{a}\n" for a in found), encoding="utf-8")
    assert called_in(life) == found, "RECORD_CALLS=1 pytest … records the calls"
