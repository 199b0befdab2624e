"""Guesses at words, and ranges of numbers as regular expressions."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretgen.spec.aws_formats import REGIONS
from secretgen.spec.suggest import closest, is_slip, shown
from secretgen.spec.types import digits_between

KEYS = ("account_id", "region", "partition", "organization_id", "kms_key", "dynamodb_table", "id")


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("acount_id", "account_id"),
        ("accountId", "account_id"),
        ("ACCOUNT-ID", "account_id"),
        ("regoin", "region"),
        ("dI", "id"),
        ("di", "id"),
        ("table", "dynamodb_table"),
        ("org", "organization_id"),
        ("kms", "kms_key"),
        ("organisation", "organization_id"),
        ("flavour", ""),
        ("", ""),
        ("!!", ""),
    ],
)
def test_closest(word: str, meant: str) -> None:
    assert closest(word, KEYS) == meant


def test_closest_of_equally_close_ones_is_the_first() -> None:
    assert closest("ab", ["aa", "bb"]) == "aa"
    assert closest("us-east-1a", REGIONS) == "us-east-1"


def test_typo_is_one_adjacent_key() -> None:
    assert is_slip("key", "keys")
    assert not is_slip("kys", "kms_key")
    assert not is_slip("a", "")


def test_names_are_shown_only_when_they_can_be() -> None:
    assert shown("app") == "'app'"
    assert shown("a\nb") == shown("x" * 65) == "this name"


@given(st.integers(0, 3000), st.integers(0, 3000), st.integers(0, 30_000))
def test_digits_between(one: int, other: int, number: int) -> None:
    low, high = sorted((one, other))
    pattern = re.compile(digits_between(low, high))
    for candidate in (number, low, high, low - 1, high + 1, number * 10):
        if candidate >= 0:
            matches = pattern.fullmatch(str(candidate)) is not None
            assert matches is (low <= candidate <= high)
    assert not pattern.fullmatch(f"0{low}")
