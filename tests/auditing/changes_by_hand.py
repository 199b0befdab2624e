"""What somebody may change by hand in a live account, and what the audit says of it."""

from tests.auditing.changes import (
    FUNCTION,
    OTHER,
    OWN,
    RULES,
    SERVICE,
    SHARED,
    Change,
    alias_gone,
    alias_moved,
    deleted,
    described,
    disabled,
    drop,
    granted,
    key_deleted,
    key_described,
    key_not_rotating,
    key_opened,
    key_rotating_slower,
    key_untagged,
    keyed,
    label_gone,
    let_in_another_role,
    let_in_anybody,
    lock_out_a_reader,
    no_policy,
    no_rotation,
    pending_version,
    policy,
    replica_failed,
    replica_gone,
    replica_more,
    replica_on_another_key,
    rotated_by,
    stranger,
    tagged,
    with_key,
    with_source_ip,
)

CHANGES: dict[str, Change] = {
    "description": Change(
        described("text", "By hand"), {"SG601"}, 'text: description is "By hand", the spec has', 3
    ),
    "tag": Change(
        tagged("db/app", "Owner", "no"), {"SG601"}, 'db/app: tags.Owner is "no", the spec has', 3
    ),
    "tag, new": Change(
        tagged("db/app", "Extra", "x"), {"SG601"}, 'db/app: tags.Extra is "x"', 3
    ),
    "tag, gone": Change(
        tagged("text", "Level", None), {"SG601"}, "text: tags.Level is missing", 3
    ),
    "tag of protection": Change(
        tagged("db/app", "secretgen:protected", None),
        {"SG601"},
        "db/app: tags.secretgen:protected is missing",
        3,
    ),
    "key": Change(keyed("text", SHARED), {"SG601"}, "text: kms_key is", 3),
    "AWS-managed key": Change(
        keyed("text", "alias/aws/secretsmanager"), {"SG601"}, 'kms_key is "aws-managed"', 3
    ),
    "key instead of the AWS-managed one": Change(
        keyed("a-b/c", SHARED), {"SG601"}, 'the spec has "aws-managed"', 3
    ),
    "label": Change(label_gone, {"SG601"}, "a/b-c: value.label is missing", 3),
    "policy gone": Change(
        no_policy("db/app"), {"SG604", "SG624"}, "db/app: policy.AllowReaders is missing", 1
    ),
    "another reader": Change(
        policy("db/app", let_in_another_role), {"SG604", "SG624"}, "role/stranger", 1
    ),
    "everybody": Change(policy("text", let_in_anybody), {"SG604", "SG624"}, "principal is *", 1),
    "a reader less": Change(
        policy("db/app", lock_out_a_reader), {"SG604"}, "db/app: policy.AllowReaders", 3
    ),
    "TLS": Change(
        policy("text", drop("DenyInsecureTransport")),
        {"SG604", "SG624"},
        "does not deny requests without TLS",
        1,
    ),
    "organization": Change(
        policy("db/app", drop("DenyOutsideOrganization")),
        {"SG604", "SG624"},
        "outside o-abcde12345",
        1,
    ),
    "a policy that nobody can judge": Change(
        policy("text", with_source_ip), {"SG604", "SG626"}, "IpAddress", 1
    ),
    "rotation off": Change(
        no_rotation("db/rotated", "arn:aws:lambda:us-east-1:123456789012:function:rotate-postgres"),
        {"SG602"},
        "db/rotated: rotation.enabled is false",
        3,
    ),
    "rotation slower": Change(
        rotated_by("db/scheduled", RotationRules={"ScheduleExpression": "rate(90 days)"}),
        {"SG602"},
        'db/scheduled: rotation.schedule is "rate(90 days)", the spec has "rate(10 days)"',
        3,
    ),
    "rotation window": Change(
        rotated_by("db/rotated", RotationRules={**RULES, "Duration": "5h"}),
        {"SG602"},
        'db/rotated: rotation.duration is "5h"',
        3,
    ),
    "rotation function": Change(
        rotated_by("db/rotated", RotationRules=RULES, RotationLambdaARN=FUNCTION),
        {"SG602"},
        "db/rotated: rotation.lambda_arn is",
        3,
    ),
    "rotation on": Change(
        rotated_by(
            "a/b-c", RotationRules={"AutomaticallyAfterDays": 5}, RotationLambdaARN=FUNCTION
        ),
        {"SG602"},
        "a/b-c: rotation is",
        3,
    ),
    "rotation half done": Change(
        pending_version, {"SG623"}, "db/rotated: a rotation failed or is still running", 1
    ),
    "rotation of a service off": Change(
        no_rotation(SERVICE, None), {"SG602"}, "orders-master.rotation.enabled is false", 3
    ),
    "rotation of a service": Change(
        rotated_by(SERVICE, RotationRules={"ScheduleExpression": "rate(60 days)"}),
        {"SG602"},
        "orders-master.rotation.schedule",
        3,
    ),
    "replica gone": Change(replica_gone, {"SG603"}, "db/app: replicas.us-west-2 is missing", 3),
    "replica more": Change(
        replica_more, {"SG603"}, "db/app: replicas.eu-central-1 is not in the spec", 3
    ),
    "replica with another key": Change(
        replica_on_another_key, {"SG601"}, "db/app: replicas.us-west-2.kms_key is", 3
    ),
    "replica failed": Change(
        replica_failed, {"SG622"}, "db/app: the replica in us-west-2 failed", 1
    ),
    "secret by hand": Change(stranger, {"SG643"}, "by-hand is in no spec", 0),
    "secret pending deletion": Change(deleted, {"SG621"}, "text is pending deletion", 1),
    "key disabled": Change(with_key(SHARED, disabled), {"SG625"}, "is not enabled: Disabled", 1),
    "key of a replica disabled": Change(
        with_key(SHARED, disabled, OTHER), {"SG625"}, "shared in us-west-2 is not enabled", 1
    ),
    "key pending deletion": Change(
        with_key(OWN, key_deleted), {"SG625"}, "secret/text in us-east-1 is pending deletion", 1
    ),
    "key rotation off": Change(
        with_key(OWN, key_not_rotating), {"SG605"}, "text: kms_key.rotation_enabled is false", 3
    ),
    "key rotation slower": Change(
        with_key(SHARED, key_rotating_slower),
        {"SG605"},
        "keys.shared.rotation_period_days is 2000, the spec has 365",
        3,
    ),
    "key description": Change(
        with_key(SHARED, key_described), {"SG605"}, 'keys.shared.description is "Changed by', 3
    ),
    "key policy": Change(
        with_key(SHARED, key_opened), {"SG604", "SG624"}, "keys.shared.policy.Partner", 1
    ),
    "key tag": Change(
        with_key(SHARED, key_untagged), {"SG605"}, "keys.shared.tags.Owner is missing", 3
    ),
    "key alias gone": Change(
        with_key(OWN, alias_gone), {"SG605"}, "text: kms_key.alias is missing", 3
    ),
    "key alias of another key": Change(
        with_key(OWN, alias_moved),
        {"SG601", "SG604", "SG605", "SG624"},
        "text: kms_key is",
        1,
    ),
    "grant": Change(with_key(SHARED, granted), {"SG642"}, "a grant on alias/rich-secrets", 0),
}  # fmt: skip
