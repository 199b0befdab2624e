"""Derived names never collide, never depend on a neighbour, and fit where they go."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretgen.model.names import key_alias, key_module, label, secret_module, variable

SECRET_NAMES = st.text("abAB01/_-+=.@", min_size=1, max_size=24)
SHARED_KEYS = st.from_regex(r"[ab0][ab_-]{0,5}", fullmatch=True)
REGIONS = st.sampled_from(["us-east-1", "us-west-2", "eu-central-1"])
FIELDS = st.text("ab_-0 .é", min_size=1, max_size=8)
SHELL_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("prod/database/master-password", "prod__database__master_password"),
        ("a/b-c", "a__b_c"),
        ("a-b/c", "a_b__c"),
        ("a/b_c", "a_b_c____ab14be70"),
        ("a//b", "a_b____7a9acf33"),
        ("3scale/key", "_3scale__key"),
    ],
)
def test_label(name: str, expected: str) -> None:
    assert label(name) == expected


@pytest.mark.parametrize("begin", ["x", "x-", "x/", "+"])
def test_label_of_a_long_name_is_short_and_unique(begin: str) -> None:
    one, other = ((begin * 511)[:511] + end for end in "ab")
    labels = [key_module(name, dedicated=False, region="ap-southeast-1") for name in (one, other)]
    assert len(set(labels)) == 2
    assert all(len(label.encode()) <= 255 for label in labels)


@given(SECRET_NAMES, SECRET_NAMES)
def test_labels_differ_and_name_environment_variables(one: str, other: str) -> None:
    assert (label(one) == label(other)) == (one == other)
    assert SHELL_NAME.fullmatch(label(one))


@given(SECRET_NAMES, FIELDS, SECRET_NAMES, FIELDS)
def test_variables_differ(secret: str, field: str, other: str, other_field: str) -> None:
    assert (variable(secret, field) == variable(other, other_field)) == (
        (secret, field) == (other, other_field)
    )
    assert variable(secret, field) != variable(other)
    assert SHELL_NAME.fullmatch(variable(secret, field))


@given(SECRET_NAMES, SECRET_NAMES, SHARED_KEYS, REGIONS)
def test_module_labels_of_all_kinds_differ(secret: str, other: str, key: str, region: str) -> None:
    labels = [
        secret_module(secret),
        key_module(other, dedicated=True),
        key_module(other, dedicated=True, region=region),
        key_module(key, dedicated=False),
        key_module(key, dedicated=False, region=region),
    ]
    assert len(set(labels)) == len(labels)


@given(SECRET_NAMES, SECRET_NAMES, SHARED_KEYS)
def test_aliases_differ_and_are_valid(secret: str, other: str, key: str) -> None:
    alias = key_alias("aws", secret, dedicated=True)
    assert re.fullmatch(r"alias/(?!aws/)[a-zA-Z0-9/_-]{1,250}", alias)
    assert (alias == key_alias("aws", other, dedicated=True)) == (secret == other)
    assert alias != key_alias("aws", key, dedicated=False)


def test_alias_of_a_long_name_is_short_and_unique() -> None:
    one, other = (key_alias("production", "x" * 511 + end, dedicated=True) for end in "ab")
    assert len(one) == len(other) == 256
    assert one != other
