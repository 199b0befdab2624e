"""What is left of a spec with mistakes, and the places of what is left."""

from secretgen.spec.decode_spec import decode
from secretgen.spec.places import Places
from secretgen.spec.schema import Spec
from secretgen.spec.source import load
from tests.rules.support import complete, findings_in


def decoded(excerpt: str) -> tuple[Spec, Places]:
    root, _ = load(complete(excerpt).encode(), "spec.yaml")
    assert root is not None
    spec, places, _ = decode(root, "spec.yaml", Spec)
    assert spec is not None
    return spec, places


def test_minimal_output_is_skipped() -> None:
    spec, places = decoded(
        """
secrets:
  app/a:
    description: kept
    rotation: { lambda_arn: f, every_days: x, schedule: rate(10 days) }
"""
    )
    secret = spec.secrets["app/a"]
    assert secret.description == "kept"
    assert secret.rotation is not None
    assert secret.rotation.every_days is None
    assert secret.rotation.schedule == "rate(10 days)"
    assert not places.knows(("secrets", "app/a", "rotation", "every_days"))
    assert not places.knows(("secrets", "app/a", "rotation"))
    assert places.knows(("secrets", "app/a", "rotation", "schedule"))
    assert places.knows(("secrets", "app/a", "description"))


def test_required_field_is_removed_with_its_parent() -> None:
    spec, places = decoded("accounts: { app: { role: jobs }, other: { id: '111111111111' } }\n")
    assert list(spec.accounts) == ["other"]
    assert not places.knows(("accounts", "app", "role"))
    assert places.knows(("accounts", "other"))


def test_required_values_are_replaced() -> None:
    spec, places = decoded("aws: { account_id: '1', region: mars }\nsecrets: []\nbackend:\n")
    assert spec.aws.region
    assert spec.secrets
    for path in (("aws", "account_id"), ("aws", "region"), ("secrets",), ("backend", "bucket")):
        assert not places.knows(path)
    assert places.knows(("aws", "partition"))
    assert places.knows(("environment",))


def test_items_keep_their_places_when_others_are_left_out() -> None:
    spec, places = decoded("required_tags:\n  - []\n  - A\n  - {}\n  - B\n")
    assert spec.required_tags == ["A", "B"]
    assert [places.value(("required_tags", i)).line for i in (0, 1)] == [3, 5]
    assert places.written(("required_tags", 1)) == ("required_tags", 3)
    assert places.knows(("required_tags", 1))
    assert not places.knows(("required_tags",))


def test_misspelt_key_is_read_as_its_suggestion() -> None:
    spec, places = decoded("secrets:\n  app/a:\n    reeders:\n      - []\n      - acount: app\n")
    (reader,) = spec.secrets["app/a"].readers
    assert reader.account == "app"
    path = ("secrets", "app/a", "readers", 0, "account")
    assert places.written(path) == ("secrets", "app/a", "reeders", 1, "acount")
    assert places.value(path).line == 5
    assert places.knows(path)


def test_findings_have_the_path_in_the_file() -> None:
    text = "secrets:\n  app/a:\n    reeders:\n      - []\n      - { acount: app, role: '*' }\n"
    found = {d.rule: d.path for d in findings_in(complete(text)) if d.rule != "SG101"}
    assert found == {
        "SG103": ("secrets", "app/a", "reeders", 0),
        "SG307": ("secrets", "app/a", "reeders", 1, "role"),
    }


def test_wrong_key_suggestion_adds_no_finding() -> None:
    found = findings_in(complete("secrets:\n  app/a:\n    rotations: [a, b]\n"))
    assert [(d.rule, d.suggestion) for d in found] == [("SG101", "rotation")]


def test_an_overlong_list_of_mistakes_ends() -> None:
    tags = "".join(f"  t{i}: [x]\n" for i in range(3000))
    found = findings_in(complete(f"tags:\n{tags}"))
    assert len(found) == 1000
    assert "left out" in found[-1].detail
