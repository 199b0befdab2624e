"""The actions that Terraform called in the lives of the environments, one file a life."""

from pathlib import Path

RECORDED = Path(__file__).with_name("called")


def called_in(life: str) -> list[str]:
    """The actions that were recorded of a life, sorted."""
    return (RECORDED / f"{life}.txt").read_text(encoding="utf-8").split()
