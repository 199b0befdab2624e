"""What an import writes into a spec, from dumps: quick, and the same for the same account."""

import json
import sys
from typing import Any

import pytest

from secretgen.cli import run
from tests.importing.brownfield import policy, statement
from tests.importing.project import ACCOUNT, FUNCTION, KEY, READER, SPEC, Project, described, tags
from tests.work import calls_of

DUMP = [
    described("old/one", Description="Another text"),
    described("new/one", Description="New", Tags=tags(team="web"), ResourcePolicy=policy(
        statement({"AWS": READER}))),
    described("new/two", KmsKeyId=KEY, RotationEnabled=True, RotationLambdaARN=FUNCTION,
              RotationRules={"AutomaticallyAfterDays": 30}),
]  # fmt: skip


def test_a_spec_is_extended_and_nothing_else_of_it_changes(project: Project) -> None:
    project.spec.write_text(SPEC)
    dry = project.import_(DUMP, "--dry-run")
    assert dry == SPEC
    assert "\n+  new/two:\n" in project.told
    text = project.import_([{**DUMP[0]}, DUMP[2]])
    at = SPEC.index("\ntags:")
    assert text.startswith(SPEC[:at])
    assert text[at:].count(SPEC[at:]) == 1
    # The same account: the same bytes, whatever the order, and nothing the second time.
    assert project.import_([DUMP[2], DUMP[0]]) == text
    assert "Imported 0 secrets" in project.told
    assert run(["validate", str(project.spec)]) == 0


def test_what_stays_as_it_is_has_no_note(project: Project) -> None:
    """A replica with the AWS-managed key, and text that Terraform writes in another form."""
    replicas = [{"Region": "us-west-2", "KmsKeyId": "alias/aws/secretsmanager", "Status": "InSync"}]
    decomposed = "cafe\u0301"
    more = {"ReplicationStatus": replicas, "Description": decomposed}
    project.import_([described("new/one", **more, Tags=tags(**{decomposed: decomposed}))])
    assert project.told.partition("  new/one\n")[2].startswith("\nThe first apply"), project.told
    secret = project.secrets()["new/one"]
    assert (secret.description, secret.tags) == ("caf\xe9", {"caf\xe9": "caf\xe9"})


def test_json_report(project: Project) -> None:
    project.spec.write_text(SPEC)
    wrong = statement({"AWS": "arn:aws:iam::111111111111:user/ann"})
    dump = [*DUMP, described("user", ResourcePolicy=policy(wrong)), described("rds!x")]
    project.import_(dump, "--format", "json", "--exclude", "new/two")
    report = json.loads(project.told)
    imported = report["import"]
    assert report["diagnostics"] == []
    assert [s["secret"] for s in imported["secrets"]] == []
    assert {s["secret"]: s["reason"] for s in imported["left_out"]}.keys() == {"new/one", "user"}
    assert imported["left_out"][1]["statement"] == wrong
    assert [s["secret"] for s in imported["skipped"]] == ["rds!x"]
    assert (imported["written"], imported["present"], imported["filtered"]) == (False, 1, 1)
    text = project.import_(dump, "--format", "json")
    imported = json.loads(project.told)["import"]
    assert (imported["written"], [s["secret"] for s in imported["secrets"]]) == (True, ["new/two"])
    assert "+  new/two:\n" in imported["changes"]
    project.spec.write_text(text.replace("region: us-east-1", "region: us-oest-1"))
    project.import_(dump, "--format", "json", code=1)
    assert "SG403" in {d["rule"] for d in json.loads(project.told)["diagnostics"]}


def test_names_with_terminal_escapes(project: Project) -> None:
    project.spec.write_text(SPEC)
    name = "new/\x1b[31mred"
    project.import_([described(name), described("new/one")])
    assert "\x1b" not in project.told
    assert set(project.secrets()) == {"old/one", "new/one"}


def test_defaults_of_a_spec_are_overridden(project: Project) -> None:
    function = "arn:aws:lambda:us-east-1:123456789012:function:other"
    project.spec.write_text(
        f"{SPEC}keys: {{ app: {{}} }}\n"
        "defaults:\n"
        "  description: By default\n"
        "  kms_key: app\n"
        "  value: { from: variable }\n"
        "  replicas: [us-west-2]\n"
        f"  rotation: {{ lambda_arn: '{function}', every_days: 7 }}\n"
        "  tags: { a: b }\n"
    )
    project.import_([described("new/plain", Tags=tags(own="1"))])
    secret = project.secrets()["new/plain"]
    assert (secret.description, secret.kms_key, secret.rotation, secret.replicas) == (
        "", "aws-managed", None, (),
    )  # fmt: skip
    assert secret.value.source == "external"
    assert secret.tags == {"a": "b", "own": "1"}
    assert "the tags of 'defaults': a" in project.told


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--include", "prod/*"], {"prod/a", "prod/b"}),
        (["--include", "prod/*", "--exclude", "*/b"], {"prod/a"}),
        (["--include", "prod/a", "--include", "test/*"], {"prod/a", "test/c"}),
        (["--tag", "team=web"], {"prod/a"}),
        (["--tag", "team", "--tag", "team=d*"], {"test/c"}),
    ],
)
def test_filters(project: Project, options: list[str], expected: set[str]) -> None:
    dump = [
        described("prod/a", Tags=tags(team="web")),
        described("prod/b"),
        described("test/c", Tags=tags(team="db")),
    ]
    project.import_(dump, *options)
    assert set(project.secrets()) == expected
    assert f"Filters skip {3 - len(expected)} secret" in project.told


@pytest.mark.parametrize("empty", ["secrets:\n", "secrets: {}\n", ""])
def test_a_spec_without_secrets(project: Project, empty: str) -> None:
    head = SPEC.partition("secrets:")[0]
    project.spec.write_text(f"{head}required_tags: [team]\n{empty}")
    project.import_([described("new/one", Tags=tags(team="web")), described("new/two")])
    assert set(project.secrets()) == {"new/one"}


def test_a_spec_with_errors_stays(project: Project) -> None:
    broken = SPEC.replace("us-east-1", "us-oest-1")
    project.spec.write_text(broken)
    assert project.import_(DUMP, code=1) == broken
    assert "SG403" in project.told
    project.spec.write_text(SPEC)
    assert project.import_(DUMP, "--region", "us-west-2", code=2) == SPEC


def test_an_unknown_policy_is_left_out_or_left_alone(project: Project) -> None:
    project.spec.write_text(SPEC)
    unknown = described("b/x")
    del unknown["ResourcePolicy"]
    assert project.import_([unknown]) == SPEC
    assert "b/x: its policy is not known" in project.told
    assert "`get-resource-policy`" in project.told
    assert project.import_([{"ARN": unknown["ARN"], "Name": "b/x"}]) == SPEC
    assert "`describe-secret` and `get-resource-policy`" in project.told
    text = project.import_([unknown], "--policy", "unmanaged")
    assert "policy: unmanaged" in text
    assert "stays as it is" in project.told
    assert "The first apply adds" in project.told
    assert "TLS" not in project.told
    project.spec.write_text(SPEC)
    project.import_([unknown, described("b/y")], "--policy", "unmanaged")
    assert "denies calls without TLS, where its policy is managed" in project.told
    # The answer of get-resource-policy for a secret without a policy.
    project.spec.write_text(SPEC)
    project.import_([unknown, {"ARN": unknown["ARN"], "Name": "b/x"}])
    assert project.secrets()["b/x"].manages_policy
    assert "denies calls without TLS\n" in project.told


def test_a_dump_with_a_value_is_refused(project: Project) -> None:
    project.spec.write_text(SPEC)
    dump = [*DUMP, {"ARN": DUMP[0]["ARN"], "SecretString": "hunter2-canary"}]
    assert project.import_(dump, code=2) == SPEC
    assert "contains values" in project.told
    assert "canary" not in project.told


def test_secrets_of_another_spec_are_skipped(project: Project) -> None:
    project.spec.write_text(SPEC)
    other = SPEC.replace("environment: test", "environment: other").replace("old/one", "new/one")
    other = other.replace("test-terraform", "other-terraform")
    (project.spec.parent / "other.yaml").write_text(other)
    project.import_(DUMP)
    assert set(project.secrets()) == {"old/one", "new/two"}
    assert "new/one: specs/other.yaml has it" in project.told


WEST = KEY.replace("us-east-1", "us-west-2")


def _key(**more: Any) -> dict[str, Any]:
    metadata = {"Arn": KEY, "KeyState": "Enabled", "KeyManager": "CUSTOMER", "Origin": "AWS_KMS"}
    admin = statement({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "kms:*")
    return {"KeyMetadata": {**metadata, "Description": "Ours", **more.pop("metadata", {})},
            "Policy": policy(admin), "KeyRotationEnabled": True, "RotationPeriodInDays": 180,
            "Tags": [],
            "Aliases": [{"AliasName": "alias/prod/db", "TargetKeyId": KEY.rpartition("/")[2]}],
            **more}  # fmt: skip


def test_keys_are_adopted_when_the_spec_can_say_all_of_them(project: Project) -> None:
    project.spec.write_text(SPEC)
    own = [{"TagKey": "Owner", "TagValue": "platform"}]  # of every key of this spec
    key = _key(KeyRotationEnabled=False, Tags=own)
    rotates = {"RotationEnabled": True, "RotationLambdaARN": FUNCTION,
               "RotationRules": {"AutomaticallyAfterDays": 30}}  # fmt: skip
    dump = [described("new/one", KmsKeyId="alias/prod/db", **rotates), key]
    text = project.import_(dump, "--keys", "adopt")
    assert "the alias alias/test-secrets/prod-db, and" in project.told
    assert "switches its rotation on" in project.told
    assert "a permission to invoke its function" in project.told
    assert project.secrets()["new/one"].kms_key == "prod-db"
    assert "keys:\n  prod-db:\n    description: Ours\n    rotation_period_days: 180\n" in text
    assert "- import: { to: keys.prod-db, id: 1a2b3c4d-5e6f-4a7b-8c9d-0e1f2a3b4c5d }\n" in text
    assert run(["validate", str(project.spec)]) == 0


@pytest.mark.parametrize(
    ("replica_key", "ignored"),
    [
        (None, True),
        (WEST, True),
        ("alias/prod/db", False),
        (f"arn:aws:kms:us-west-2:{ACCOUNT}:alias/prod/db", False),
        (WEST.rpartition("/")[2], False),
    ],
)
def test_an_alias_is_ignored_unless_a_replica_would_be_replaced(
    project: Project, replica_key: str | None, ignored: bool
) -> None:
    replicas = [{"Region": "us-west-2", "KmsKeyId": replica_key}] if replica_key else []
    secret = described("new/one", KmsKeyId="alias/prod/db", ReplicationStatus=replicas)
    text = project.import_([secret, _key(), _key(metadata={"Arn": WEST})])
    assert ("SG515" in text, "SG509" in text) == (ignored, ignored)
    assert ("deletes the replica in us-west-2" in project.told) is not ignored
    # Only the answer of list-secrets: there may be replicas.
    listed = {"SecretVersionsToStages": {}, **{k: secret[k] for k in ("ARN", "Name", "KmsKeyId")}}
    project.spec.unlink()
    text = project.import_([listed, _key()], "--policy", "unmanaged")
    assert ("new/one" in text, "ignore:" in text) == (True, False)


@pytest.mark.parametrize(
    ("key", "replica", "words"),
    [
        (_key(metadata={"MultiRegion": True}), None, "multi-Region"),
        (_key(metadata={"KeyState": "Disabled"}), None, "its state is Disabled"),
        (_key(Policy=policy(statement({"AWS": READER}, "kms:Decrypt"))), None, "others to use it"),
        (_key(Grants=[{"GrantId": "1", "GranteePrincipal": READER}]), None, "grants allow others"),
        (_key(), {"Region": "us-west-2"}, "has the AWS-managed key"),
        (_key(Tags=[{"TagKey": "Owner", "TagValue": "web"}]), None, "change its tags: Owner"),
        (_key(Tags=None), None, "its tags: unknown"),
    ],
)
def test_other_keys_stay_where_they_are(
    project: Project, key: Any, replica: Any, words: str
) -> None:
    project.spec.write_text(SPEC)
    replicas = {"ReplicationStatus": [replica]} if replica else {}
    project.import_([described("new/one", KmsKeyId=KEY, **replicas), key], "--keys", "adopt")
    assert project.secrets()["new/one"].kms_key == KEY
    assert words in project.told


def _calls(project: Project, secrets: int) -> int:
    """Counts the functions that are called for so many secrets: the same on every machine."""
    project.spec.write_text(SPEC)
    dump = [
        described(f"new/{n}", KmsKeyId=KEY, ResourcePolicy=policy(statement({"AWS": READER})))
        for n in range(secrets)
    ]
    calls = calls_of(lambda: project.import_(dump))
    assert len(project.secrets()) == secrets + 1
    return calls


@pytest.mark.slow(seconds=20)
def test_500_secrets_are_linear_work(project: Project) -> None:
    _calls(project, 1)  # what is done once: imports, patterns
    assert _calls(project, 500) < 5.5 * _calls(project, 100)


def test_the_policy_for_reading(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["import", "--print-policy"]) == 0
    statements = json.loads(capsys.readouterr().out)["Statement"]
    denied = {a for s in statements if s["Effect"] == "Deny" for a in s["Action"]}
    assert {"secretsmanager:GetSecretValue", "secretsmanager:BatchGetSecretValue",
            "secretsmanager:PutSecretValue", "kms:Decrypt"} <= denied  # fmt: skip


@pytest.mark.parametrize("command", ["import", "audit"])
def test_the_policy_for_one_account(
    project: Project, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    region = "partition: aws-cn, region: cn-north-1"
    project.spec.write_text(SPEC.replace("region: us-east-1", region, 1))
    assert run([command, str(project.spec), "--print-policy"]) == 0
    statements = json.loads(capsys.readouterr().out)["Statement"]
    resources = {s["Resource"] for s in statements} - {"*"}
    secrets = f"arn:aws-cn:secretsmanager:cn-north-1:{ACCOUNT}:secret:*"
    assert resources == {secrets, "arn:aws-cn:kms:*:*:key/*"}


def test_without_boto3(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    assert run(["import", str(project.spec), "--region", "us-east-1"]) == 2
