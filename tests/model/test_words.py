"""Differences in words."""

from secretgen.model.compare import Difference
from secretgen.model.words import describe


def test_texts_that_differ_far_behind_are_shown_from_there() -> None:
    said = describe(Difference(("tags", "Note"), "a" * 500 + "-new", "a" * 500 + "-old"))
    ago = "a" * 19
    assert said == f'tags.Note is …{ago}-old", the spec has …{ago}-new"'


def test_texts_that_differ_early_are_shown_from_the_start() -> None:
    said = describe(Difference(("tags", "Note"), "new" + "a" * 500, "old"), derived=True)
    assert said == f'tags.Note is "old", expected "new{"a" * 196}…'
