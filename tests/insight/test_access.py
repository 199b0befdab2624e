"""Who can read what: the rows, the proofs and the findings of the access report."""

import csv
import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secretgen.access.access_findings import Kind
from secretgen.access.access_report import access_report, rows_for
from secretgen.access.policies import KeyPlace, Policies, rendered_policies
from secretgen.errors import UsageError
from secretgen.insight import access_formats
from secretgen.policy.documents import key_policy, secret_policy
from secretgen.policy.parse import UnsupportedPolicyError, parse_policy
from secretgen.policy.role_policies import role_policy
from tests.insight.environments import ORGANIZATION, environment, in_organization, with_secret
from tests.insight.widening import widened

DATABASE = "prod/database/master-password"
OWN = "this account:any principal that its IAM policies allow"


def declared(report):
    return {
        (row.secret.split("/")[-1], row.region, row.principal.text): row.read.answer.value
        for row in report.rows
        if row.declared
    }


def test_every_reader_reads_in_every_region_and_nobody_else_does():
    report = access_report(environment())
    assert declared(report) == {
        ("master-password", "us-east-1", "app-primary:secrets-reader"): "yes",
        ("master-password", "us-east-1", "app-secondary:secrets-reader"): "yes",
        ("master-password", "us-west-2", "app-primary:secrets-reader"): "yes",
        ("master-password", "us-west-2", "app-secondary:secrets-reader"): "yes",
        ("datadog-api-key", "us-east-1", "monitoring:secrets-reader"): "yes",
        ("oauth-client-secret", "us-east-1", "app-primary:secrets-reader"): "yes",
        ("oauth-client-secret", "us-east-1", "app-secondary:secrets-reader"): "yes",
        ("api-gateway-key", "us-east-1", "app-primary:secrets-reader"): "yes",
        ("api-gateway-key", "us-east-1", "app-secondary:secrets-reader"): "yes",
        ("api-gateway-key", "us-east-1", "partner:vendor/reader"): "yes",
    }
    others = [row for row in report.rows if not row.declared]
    assert {row.principal.text for row in others} == {OWN}
    assert len(others) == 5  # four secrets, one of them in two Regions
    assert all({v.answer for v in row.verdicts} <= {"depends", "no"} for row in others)
    assert report.ok


def test_the_organization_adds_a_deny_and_changes_nothing_else():
    report = access_report(in_organization())
    assert report.ok
    assert declared(report) == declared(access_report(environment()))


def test_each_policy_names_the_granting_statement():
    row = access_report(environment()).rows[0]
    assert row.read.identity.reason == "ReadSecrets, statement 2"
    assert row.read.resource.reason == "AllowReaders"
    assert row.read.key.reason == "statement 2"


ARN = "arn:aws:kms:us-east-1:123456789012:key/1a2b3c4d-5e6f-4a7b-8c9d-0e1f2a3b4c5d"


def test_external_key_is_not_verified():
    report = access_report(with_secret(DATABASE, kms_key=ARN, replicas=[]))
    rows = [r for r in report.rows if r.secret == DATABASE]
    assert {(r.read.answer, r.read.key.reason) for r in rows} == {("depends", "not managed here")}
    assert report.ok


def test_an_aws_managed_key_keeps_other_accounts_out():
    report = access_report(with_secret(DATABASE, kms_key="aws-managed"))
    by_role = {r.principal.text: r for r in report.rows if r.secret == DATABASE}
    assert by_role["app-primary:secrets-reader"].read.answer == "no"
    assert by_role[OWN].read.key.answer == "yes"
    assert {(f.kind, f.secret) for f in report.findings} == {(Kind.BROKEN, DATABASE)}


def test_a_key_in_another_account_needs_the_reader_to_name_it():
    elsewhere = ARN.replace("123456789012", "666666666666")
    report = access_report(with_secret(DATABASE, kms_key=elsewhere, replicas=[]))
    rows = [r for r in report.rows if r.secret == DATABASE and r.declared]
    assert [r.read.identity.reason for r in rows] == ["kms:Decrypt is not allowed"] * 2


def test_a_writer_writes_and_does_not_read():
    """In the primary Region alone: a replica cannot be written. A reader may be a writer, too."""
    writers = ["app-secondary", {"account": "monitoring", "role": "deploy"}]
    report = access_report(with_secret(DATABASE, writers=writers))
    assert report.ok
    rows = {
        (row.region, row.principal.text): (row.read.answer, row.write.answer)
        for row in report.rows
        if row.secret == DATABASE and row.declared
    }
    assert rows == {
        ("us-east-1", "app-primary:secrets-reader"): ("yes", "no"),
        ("us-east-1", "app-secondary:secrets-reader"): ("yes", "yes"),
        ("us-east-1", "monitoring:deploy"): ("no", "yes"),
        ("us-west-2", "app-primary:secrets-reader"): ("yes", "no"),
        ("us-west-2", "app-secondary:secrets-reader"): ("yes", "no"),
    }
    shown = {row.principal.text: row.shown for row in report.rows if row.secret == DATABASE}
    assert shown["monitoring:deploy"].resource.reason == "AllowWriters"


def exclusive(**fields):
    given = {"exclusive": {"except": ["ops/break-glass", "terraform"]}, **fields}
    return with_secret(DATABASE, **given)


def test_exclusive_secret_allows_only_listed_roles():
    report = access_report(exclusive(writers=[{"account": "monitoring", "role": "deploy"}]))
    assert report.ok
    rows = {
        row.principal.text: (row.read.answer, row.write.answer)
        for row in report.rows
        if (row.secret, row.region) == (DATABASE, "us-east-1")
    }
    assert rows == {
        "app-primary:secrets-reader": ("yes", "no"),
        "app-secondary:secrets-reader": ("yes", "no"),
        "monitoring:deploy": ("no", "yes"),
        "this account:ops/break-glass": ("depends", "depends"),
        "this account:terraform": ("depends", "depends"),
    }
    assert rows_for(exclusive(), who="123456789012", secret=DATABASE) == ()


@pytest.mark.parametrize(
    "pattern", ["arn:aws:iam::1234*role/x", "*:role/x", "arn:aws:iam::????????????:role/x"]
)
def test_exclusive_secret_with_another_exempt_role(pattern):
    env = exclusive()
    for document, put in documents(env):
        deny = [s for s in document["Statement"] if "ArnNotLike" in s.get("Condition", {})]
        if deny:
            deny[0]["Condition"]["StringNotLike"] = deny[0]["Condition"].pop("ArnNotLike")
            assert access_report(env, put(document)).ok
            deny[0]["Condition"]["StringNotLike"]["aws:PrincipalArn"].append(pattern)
            found = {f.summary for f in access_report(env, put(document)).findings}
            assert any("GetSecretValue to " in f and f.endswith(":x") for f in found), found


def test_deployed_rotation_function_is_exempt():
    rotation = {"application": "postgresql-single-user", "every_days": "30"}
    report = access_report(exclusive(rotation=rotation))
    assert report.ok
    own = {row.principal.text for row in report.rows}
    assert "this account:serverlessrepo-production*" in own


def test_unmanaged_policy_is_not_verified():
    """Identity policies and keys are: a reader may still be refused there, and a stranger is."""
    env = with_secret(DATABASE, policy="unmanaged", writers=["app-secondary"])
    report = access_report(env)
    assert report.ok
    assert DATABASE in report.notes[0]
    rows = [row for row in report.rows if row.secret == DATABASE]
    assert {row.principal.text for row in rows if not row.declared} == {OWN}
    for row in rows:
        for verdict in row.verdicts:
            if verdict.declared:
                policy_verdicts = (verdict.identity, verdict.resource, verdict.key)
                assert [policy_verdict.answer for policy_verdict in policy_verdicts] == [
                    "yes",
                    "depends",
                    "yes",
                ]
    assert rows_for(env, who="999999999999:any", secret=DATABASE) == ()


def documents(env):
    """Every document of an environment with a way to put another in its place."""
    aws = env.aws
    policies = rendered_policies(env)

    def replaced(kind, key, title, *, identity=False):
        def put(document):
            changed = parse_policy(title, document, identity=identity)
            maps = {name: dict(getattr(policies, name)) for name in ("secrets", "keys", "roles")}
            maps[kind][key] = changed
            return Policies(**maps)

        return put

    for secret in env.secrets:
        yield secret_policy(env, secret), replaced("secrets", secret.name, f"secret {secret.name}")
    for key in env.keys:
        for regional in key.regions:
            place = KeyPlace(key.name, key.dedicated, regional.region)
            document = key_policy(aws, regional)
            yield document, replaced("keys", place, place.title)
    for account in env.accounts:
        for role in account.roles:
            arn = f"arn:aws:iam::{account.id}:role/{role.name}"
            put = replaced("roles", arn, f"role {arn}", identity=True)
            yield role_policy(env, role), put


SMALL = in_organization(
    secrets={
        "prod/a": {
            "kms_key": "database",
            "readers": ["app-primary"],
            "writers": ["app-secondary", {"account": "app-primary", "role": "deploy"}],
            "replicas": ["us-west-2"],
        },
        "prod/b": {
            "kms_key": "database",
            "readers": ["partner"],
            "writers": [{"account": "partner", "role": "vendor/deploy"}],
            "exclusive": {"except": ["ops/break-glass", "terraform"]},
        },
    }
)


@pytest.mark.parametrize("index", range(len(list(documents(SMALL)))))
def test_widening_any_statement_by_hand_is_reported(index):
    document, put = list(documents(SMALL))[index]
    assert access_report(SMALL, put(document)).ok
    cases = list(widened(document))
    assert len(cases) > 20
    escaped = []
    for what, changed in cases:
        try:
            report = access_report(SMALL, put(changed))
        except UnsupportedPolicyError:
            continue
        if report.ok:
            escaped.append((what, changed))
    assert not escaped


def test_finding_names_policy_statement_and_excess():
    env = environment()
    document = secret_policy(env, env.secrets[0])
    document["Statement"][0]["Action"] = "secretsmanager:*"
    put = next(put for doc, put in documents(env) if doc == secret_policy(env, env.secrets[0]))
    text = access_formats.report_text(access_report(env, put(document)))
    assert "Granted beyond the spec:" in text
    assert "The secret prod/app/oauth-client-secret, AllowReaders, allows secretsmanager:*." in text
    assert (
        "AllowReaders, allows app-primary:secrets-reader to call secretsmanager:PutSecretValue"
        in text
    )


ROOT = {"AWS": "arn:aws:iam::111111111111:root"}


@pytest.mark.parametrize(
    ("principal", "pattern", "reader"),
    [
        ("*", None, "anyone:without credentials"),
        ({"AWS": "arn:aws:iam::555555555555:root"}, None, "555555555555:any other role"),
        (ROOT, None, "app-primary:any other role"),
        ({"AWS": "arn:aws:iam::111111111111:role/x/y"}, None, "app-primary:x/y"),
        ({"Service": "lambda.amazonaws.com"}, None, "lambda.amazonaws.com"),
        (ROOT, "arn:aws:iam::111111111111:role/x-*", "app-primary:x-*"),
        (ROOT, "arn:aws:iam::1111111*1111:role/x-*", "app-primary:x-*"),
        (ROOT, "arn:aws:iam::????????????:role/x", "app-primary:x"),
        (ROOT, "arn:aws:iam::*role/x-?", "app-primary:x-?"),
        (ROOT, "*:role/x-*", "app-primary:x-*"),
        (ROOT, "*/x", "app-primary:x"),
        (ROOT, "*", "app-primary:*"),
        ("*", "*:role/x", "any other account:x"),
    ],
)
def test_other_allowed_principals_are_listed(principal, pattern, reader):
    env = with_secret(DATABASE, kms_key=ARN, replicas=[])
    statement = {
        "Effect": "Allow",
        "Principal": principal,
        "Action": "secretsmanager:GetSecretValue",
        "Resource": "*",
        "Condition": {"StringLike": {"aws:PrincipalArn": pattern}} if pattern else {},
    }
    policies = rendered_policies(env)
    open_policy = parse_policy("resource policy", {"Statement": [statement]})
    changed = Policies({**policies.secrets, DATABASE: open_policy}, policies.keys, policies.roles)
    report = access_report(env, changed)
    assert reader in {r.principal.text for r in report.rows if r.secret == DATABASE}
    assert any(f.summary == f"allow {reader} to read it" for f in report.findings)


def narrow(document, index):
    kept = [s for i, s in enumerate(document["Statement"]) if i != index]
    return {**document, "Statement": kept}


def test_reader_refused_by_any_policy_is_reported():
    env = environment()
    for document, put in documents(env):
        for index, statement in enumerate(document["Statement"]):
            is_leg = statement["Effect"] == "Allow" and statement.get("Sid") != (
                "AllowAccountAdministration"
            )
            if is_leg:
                report = access_report(env, put(narrow(document, index)))
                assert any(f.kind is Kind.BROKEN for f in report.findings)


def test_policies_that_cannot_be_evaluated_are_errors():
    env = environment()
    document, put = next(documents(env))
    document["Statement"][0]["NotPrincipal"] = document["Statement"][0].pop("Principal")
    with pytest.raises(UnsupportedPolicyError, match="NotPrincipal"):
        access_report(env, put(document))


def test_questions():
    env = environment()

    def answer(**question):
        return [(r.secret.split("/")[-1], r.region) for r in rows_for(env, **question)]

    app = [
        ("oauth-client-secret", "us-east-1"),
        ("master-password", "us-east-1"),
        ("master-password", "us-west-2"),
        ("api-gateway-key", "us-east-1"),
    ]
    assert answer(who="app-primary") == answer(who="111111111111") == app
    assert answer(who="app-primary:secrets-reader") == app
    assert answer(who="app-primary:other") == []
    assert answer(who="partner:vendor/reader", secret=DATABASE) == []
    assert answer(who="999999999999:secrets-reader") == []
    assert len(answer(who="123456789012")) == 5
    readers = [r.principal.account for r in rows_for(env, secret="prod/monitoring/datadog-api-key")]
    assert readers == ["monitoring", "this account"]


@pytest.mark.parametrize("question", [{"who": "production"}, {"who": "12"}, {"secret": "prod/x"}])
def test_options_without_a_subject_are_usage_errors(question):
    with pytest.raises(UsageError) as error:
        rows_for(environment(), **question)
    assert error.value.hint


def test_text_json_and_csv_say_the_same():
    report = access_report(environment())
    data = json.loads(access_formats.report_json(report))
    rows = list(csv.DictReader(io.StringIO(access_formats.rows_csv(environment(), report.rows))))
    lines = access_formats.report_text(report).split("\n\n")[0].splitlines()[1:]
    assert data["ok"] is True
    assert data["findings"] == []
    assert len(data["access"]) == len(rows) == len(lines) == 15
    for entry, row, line in zip(data["access"], rows, lines, strict=True):
        assert entry["secret"] == row["secret"] == line.split()[0]
        assert (entry["reads"], entry["writes"]) == (row["reads"], row["writes"])
        assert entry["account_id"] == row["account_id"]
        assert entry["key_policy"]["reason"] == row["key_reason"]
    assert access_formats.report_text(report).endswith("Access matches the spec.\n")


def test_missing_row_means_no_access():
    assert access_formats.rows_text([]) == "no\n"
    assert json.loads(access_formats.rows_json([])) == {
        "reads": False,
        "writes": False,
        "access": [],
    }


READERS = st.lists(
    st.sampled_from(["app-primary", "app-secondary", "monitoring", "partner"]), unique=True
)


@settings(max_examples=40)
@given(
    st.dictionaries(
        st.sampled_from(["a", "a-b", "a/b", "x+=.@_-y"]),
        st.fixed_dictionaries(
            {
                "readers": READERS,
                "writers": READERS,
                "replicas": st.lists(st.sampled_from(["us-west-2", "eu-west-1"]), unique=True),
                "kms_key": st.sampled_from(["dedicated", "database"]),
            }
        ),
        min_size=1,
    ),
    st.booleans(),
)
def test_any_environment_grants_its_readers_and_writers_and_nobody_else(secrets, organized):
    env = in_organization(secrets=secrets) if organized else environment(secrets=secrets)
    report = access_report(env)
    assert report.findings == ()
    expected = {
        "read": {
            (name, region, account)
            for name, secret in secrets.items()
            for region in ["us-east-1", *secret["replicas"]]
            for account in secret["readers"]
        },
        "write": {
            (name, "us-east-1", account)
            for name, secret in secrets.items()
            for account in secret["writers"]
        },
    }
    for what, everyone in expected.items():
        found = {
            (r.secret, r.region, r.principal.account)
            for r in report.rows
            if getattr(r, what).answer == "yes"
        }
        assert found == everyone
    assert env.aws.organization_id == (ORGANIZATION if organized else None)


def test_policies_split_for_their_size_are_all_evaluated():
    many = {f"prod/{'x' * 80}/{i:03}": {"readers": ["app-primary"]} for i in range(60)}
    assert access_report(environment(secrets=many)).ok
