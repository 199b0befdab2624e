"""Differences are found if and only if there are any, and are told in the spec's words."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from secretgen.model.compare import Code, Difference, differences, leaves
from secretgen.model.environment import Environment
from secretgen.model.secret import Password, Source, Value
from secretgen.spec.load import load_spec

PRODUCTION = Path(__file__).parents[1] / "reference" / "production.yaml"
TEXT = PRODUCTION.read_text(encoding="utf-8")
MASTER = "prod/database/master-password"


def environment(text: str = TEXT) -> Environment:
    loaded = load_spec(text.encode(), "specs/production.yaml").environment
    assert loaded
    return loaded


def changed(old: str, new: str) -> list[Difference]:
    assert old in TEXT
    return differences(environment(), environment(TEXT.replace(old, new, 1)))


def test_equal_environments_have_no_differences() -> None:
    assert differences(environment(), environment()) == []


@pytest.mark.parametrize(
    ("old", "new", "secret", "attribute", "values"),
    [
        ("every_days: 30", "every_days: 60", MASTER, "rotation.every_days", (30, 60)),
        ("duration: 3h", "immediately: true", MASTER, "rotation.duration", ("3h", None)),
        ("Criticality: high", "Criticality: low", MASTER, "tags.Criticality", ("high", "low")),
        ("bucket: my-company", "bucket: our", None, "backend.bucket", None),
        ("rotation_period_days: 365", "rotation_period_days: 90", None,
         "keys.database.rotation_period_days", (365, 90)),
        ("kms_anomalies: true", "kms_anomalies: false", None, "monitoring.kms_anomalies",
         (True, False)),
    ],
)  # fmt: skip
def test_an_attribute_is_named_as_in_the_spec(
    old: str, new: str, secret: str | None, attribute: str, values: tuple[object, object] | None
) -> None:
    found = {(d.secret, d.attribute): (d.expected, d.found) for d in changed(old, new)}
    assert (secret, attribute) in found
    if values:
        assert found[secret, attribute] == values


def test_a_secret_that_only_one_of_them_has_is_one_difference() -> None:
    full = environment()
    fewer = replace(full, secrets=full.secrets[1:])
    (gone,) = [d for d in differences(full, fewer) if d.attribute == ""]
    assert (gone.secret, gone.expected, gone.found) == (
        full.secrets[0].name,
        full.secrets[0].name,
        None,
    )
    (new,) = [d for d in differences(fewer, full) if d.attribute == ""]
    assert (new.expected, new.found) == (None, full.secrets[0].name)


def test_each_read_of_a_role_is_listed() -> None:
    full = environment()
    (role,) = full.accounts[0].roles
    fewer = replace(full.accounts[0], roles=(replace(role, reads=role.reads[1:]),))
    (difference,) = differences(full, replace(full, accounts=(fewer, *full.accounts[1:])))
    assert difference.attribute == f"accounts.app-primary.roles.{role.name}.reads"
    assert isinstance(difference.expected, list)
    assert len(difference.expected) == len(role.reads)


def test_derived_differences_are_not_reported_separately() -> None:
    full = environment()
    (first, *others) = full.secrets
    other = replace(first, value=Value(Source.GENERATED, 1, Password()))
    (difference,) = differences(full, replace(full, secrets=(other, *others)))
    assert (difference.attribute, difference.found) == ("value.from", "generated")


def test_a_part_that_only_one_has_is_one_difference() -> None:
    full = environment()
    rotated = next(s for s in full.secrets if s.rotation)
    static = replace(rotated, rotation=None, replicas=())
    others = [static if s is rotated else s for s in full.secrets]
    found = differences(full, replace(full, secrets=tuple(others)))
    assert [d.attribute for d in found] == ["replicas.us-west-2", "rotation"]


def test_code_is_equal_to_nothing() -> None:
    full = environment()
    (first, *others) = full.secrets
    coded = replace(first, description=Code(first.description))
    (difference,) = differences(full, replace(full, secrets=(coded, *others)))
    assert difference.attribute == "description"


def test_documentation_fields_are_not_compared() -> None:
    assert changed("group: Database Secrets", "group: Others") == []
    assert changed("description: Secrets of", "description: Others of") == []


def test_every_attribute_has_a_path() -> None:
    paths = leaves(environment())
    assert paths["aws", "account_id"] == "123456789012"
    assert paths["secrets", MASTER, "value", "from"] == "external"
    assert paths["secrets", MASTER, "readers"] == [
        {"account_id": "111111111111", "role": "secrets-reader"},
        {"account_id": "222222222222", "role": "secrets-reader"},
    ]
