"""Regular expressions that every supported Python reads alike."""

import re

import pytest

from tests.rendered import PROJECT

GROUP = re.compile(r"(?<!\\)[)}][*+?]\+")


@pytest.mark.parametrize("pattern", ["(?:a(?!b))*+", "{_QUOTED}*+", r"(\.[0-9]++)?+"])
def test_matching_objects_are_found(pattern: str) -> None:
    assert GROUP.search(pattern)


def test_no_group_has_a_possessive_quantifier() -> None:
    """Python 3.11.2, Debian 12's, goes on where such a group fails; `(?>(?:…)*)` says the same."""
    for file in (PROJECT / "secretgen").rglob("*.py"):
        assert not GROUP.search(file.read_text(encoding="utf-8")), file
