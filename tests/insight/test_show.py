"""The resolved environment, and where each value comes from."""

import json

import pytest

from secretgen.errors import UsageError
from secretgen.insight.show import settings_of
from secretgen.insight.show_formats import settings_json, settings_text, with_places
from secretgen.spec.resolve import resolve
from tests.insight.environments import PRODUCTION, spec
from tests.spec.parts import load

DATABASE = "prod/database/master-password"


def shown(secret="", **changes):
    changed = spec(**changes)
    return settings_of(changed, resolve(changed), secret)


def settings(secret="", **changes):
    found = shown(secret, **changes).settings
    return {".".join(s.path): (s.value, s.origin.value) for s in found}


def test_writers_and_exempt_roles():
    secret = {
        "writers": [{"account": "partner", "role": "deploy"}],
        "exclusive": {"except": ["ops/break-glass"]},
        "notify_readers": "true",
    }
    found = settings("a", secrets={"a": secret})
    named = {path: value for path, value in found.items() if path.startswith(("writers", "excl"))}
    assert named == {
        "writers.partner:deploy": ("arn:aws:iam::444444444444:role/deploy", "secret"),
        "exclusive.except.ops/break-glass": (
            "arn:aws:iam::123456789012:role/ops/break-glass",
            "secret",
        ),
    }
    assert found["notify_readers"] == (True, "secret")


def test_each_value_source_is_shown():
    assert settings(DATABASE) == {
        "arn": (
            f"arn:aws:secretsmanager:us-east-1:123456789012:secret:{DATABASE}-??????",
            "derived",
        ),
        "address": ("module.secret__prod__database__master_password", "derived"),
        "description": ("RDS master credentials", "secret"),
        "group": ("Database Secrets", "secret"),
        "kms_key": ("database", "secret"),
        "key": ("alias/production-secrets/database", "derived"),
        "value.from": ("external", "built-in"),
        "readers.app-primary:secrets-reader": (
            "arn:aws:iam::111111111111:role/secrets-reader",
            "secret",
        ),
        "readers.app-secondary:secrets-reader": (
            "arn:aws:iam::222222222222:role/secrets-reader",
            "secret",
        ),
        "replicas.us-west-2.key": ("alias/production-secrets/database", "secret"),
        "rotation.lambda_arn": (
            "arn:aws:lambda:us-east-1:123456789012:function:rotate-postgres",
            "secret",
        ),
        "rotation.every_days": (30, "secret"),
        "rotation.immediately": (False, "built-in"),
        "recovery_window_days": (14, "defaults"),
        "deletion_protection": (True, "built-in"),
        "policy": ("managed", "built-in"),
        "notify_readers": (False, "built-in"),
        "force_overwrite_replica": (False, "built-in"),
        "tags.Environment": ("production", "environment"),
        "tags.Criticality": ("high", "secret"),
        "tags.Team": ("platform", "defaults"),
    }


def test_defaults_pass_complete_fields_and_own_fields_win():
    defaults = {
        "kms_key": "aws-managed",
        "replicas": ["eu-west-1"],
        "rotation": {
            "lambda_arn": "arn:aws:lambda:us-east-1:123456789012:function:f",
            "every_days": "7",
        },
        "tags": {"A": "1", "B": "1"},
    }
    secrets = {"a": {"kms_key": "dedicated", "tags": {"B": "2"}, "replicas": []}, "b": {}}
    own, inherited = (settings(s, defaults=defaults, secrets=secrets) for s in "ab")
    assert own["kms_key"] == ("dedicated", "secret")
    assert "replicas.eu-west-1.key" not in own
    assert inherited["replicas.eu-west-1.key"] == ("aws-managed", "defaults")
    assert inherited["kms_key"] == ("aws-managed", "defaults")
    assert inherited["rotation.every_days"] == (7, "defaults")
    assert inherited["rotation.immediately"] == (False, "built-in")
    assert (own["tags.A"], own["tags.B"]) == (("1", "defaults"), ("2", "secret"))


def test_values_are_distinguished_by_source():
    fields = {
        "host": {"literal": "db.internal"},
        "password": {"from": "generated", "length": "20"},
        "token": {"from": "variable"},
    }
    secrets = {
        "json": {"value": {"from": "json", "fields": fields}},
        "made": {"value": {"from": "generated", "exclude_punctuation": "true", "version": "3"}},
    }
    found = settings("json", secrets=secrets)
    assert found["value.fields.host.literal"] == ("db.internal", "secret")
    assert found["value.fields.password.from"] == ("generated", "secret")
    assert found["value.fields.password.length"] == (20, "secret")
    assert found["value.fields.password.include_space"] == (False, "built-in")
    assert found["value.fields.token.from"] == ("variable", "secret")
    assert found["value.version"] == (1, "built-in")
    made = settings("made", secrets=secrets)
    assert made["value.exclude_punctuation"] == (True, "secret")
    assert made["value.length"] == (32, "built-in")
    assert made["value.version"] == (3, "secret")


def test_environment_page_lists_the_gaps():
    found = settings(monitoring={"notify": {"email": ["a@x.org", "b@x.org"]}, "cloudtrail": "true"})
    assert found["aws.partition"] == ("aws", "built-in")
    assert found["backend.key"] == ("production/secrets/terraform.tfstate", "built-in")
    assert found["backend.bucket"] == ("my-company-terraform-state", "environment")
    assert found["accounts.partner.trusted_service"] == ("ec2.amazonaws.com", "built-in")
    assert found["keys.database.alias"] == ("alias/production-secrets/database", "derived")
    assert found["keys.database.rotation_period_days"] == (365, "built-in")
    assert found["monitoring.notify.email"] == ("a@x.org, b@x.org", "environment")
    assert found["monitoring.kms_anomalies"] == (False, "built-in")
    assert found["tags.Environment"] == ("production", "environment")


def test_the_environment_holds_every_secret_as_it_is_shown_alone():
    whole = settings()
    for secret in PRODUCTION["secrets"]:
        alone = {f"secrets.{secret}.{path}": value for path, value in settings(secret).items()}
        assert alone.items() <= whole.items()


def test_text_and_json():
    data = json.loads(settings_json(shown(DATABASE)))
    assert (data["environment"], data["secret"]) == ("production", DATABASE)
    rows = {s["path"]: (s["value"], s["from"]) for s in data["settings"]}
    assert rows["rotation.every_days"] == (30, "secret")
    lines = settings_text(shown()).splitlines()
    assert lines[0].split() == ["SETTING", "VALUE", "FROM"]
    place = lines.index(f"secrets.{DATABASE}")
    assert ["recovery_window_days", "14", "defaults"] in [line.split() for line in lines[place:]]


def test_the_defaults_of_a_part_are_not_the_secrets_own():
    loaded = load(
        "include: [{ file: parts/p.yaml, inputs: { team: red } }]\n"
        "defaults: { group: of the spec }\n"
        "secrets: { k/x: { tags: { D: spec } } }\n",
        p="inputs: { team: {} }\n"
        "defaults: { recovery_window_days: 7, replicas: [us-west-2],\n"
        "  tags: { A: $(team) } }\n"
        "tags: { B: part }\n"
        "secrets: { k/x: { description: a, tags: { C: own } } }\n",
    )
    expected = {
        "description": "secret parts/p.yaml:6",
        "recovery_window_days": "defaults parts/p.yaml:3",
        "replicas.us-west-2.key": "defaults parts/p.yaml:3",
        "group": "defaults specs/staging.yaml:2",
        "tags.A": "defaults parts/p.yaml:4 (inputs from specs/staging.yaml:1)",
        "tags.B": "defaults parts/p.yaml:5",
        "tags.C": "secret parts/p.yaml:6",
        "tags.D": "secret specs/staging.yaml:3",
    }
    assert loaded.diagnostics == []
    for secret, before in (("k/x", ()), ("", ("secrets", "k/x"))):
        found = with_places(settings_of(*loaded.parts, secret), loaded).settings
        origins = {
            ".".join(s.path[len(before) :]): f"{s.origin} {s.place.where}"
            for s in found
            if s.path[: len(before)] == before and s.place
        }
        assert {path: origins.get(path) for path in expected} == expected


def test_no_terminal_control_character_is_printed():
    tags = {"Team": "\x1b[31mred\u202e", "\x07": "bell"}
    found = shown(tags=tags)
    as_text, as_json = settings_text(found), settings_json(found)
    assert "\\x1b[31mred\\u202e" in as_text
    assert "\\u001b[31mred\\u202e" in as_json
    for text in (as_text, as_json):
        assert not {"\x1b", "\x07", "\u202e"} & set(text)


def test_a_secret_that_does_not_exist():
    with pytest.raises(UsageError, match="'prod/x' is not a secret"):
        shown("prod/x")


def test_changes_and_what_is_allowed_are_shown():
    changes = [
        {"move": {"from": "keys.db", "to": "keys.database"}},
        {"forget": "secrets.prod/old"},
        {"import": {"to": "keys.database", "id": "1a2b", "region": "us-west-2"}},
    ]
    ignore = [{"rule": "SG408", "of": "accounts.partner", "reason": "Soon", "until": "2999-01-01"}]
    found = settings(changes=changes, ignore=ignore)
    assert {k: v for k, (v, _) in found.items() if k.startswith(("changes", "ignore"))} == {
        "changes.move.keys.db": "keys.database",
        "changes.forget.secrets.prod/old": True,
        "changes.import.keys.database.replicas.us-west-2.id": "1a2b",
        "ignore.SG408.accounts.partner.reason": "Soon",
        "ignore.SG408.accounts.partner.until": "2999-01-01",
    }
