"""Rules about a live account. `secretgen.usecases.auditing` finds what breaks them."""

from __future__ import annotations

from secretgen.model.changes import Kind
from secretgen.rules.rule import WARNING, described

_API = "https://docs.aws.amazon.com/secretsmanager/latest/apireference/"
_USER_GUIDE = "https://docs.aws.amazon.com/secretsmanager/latest/userguide/"
_KMS = "https://docs.aws.amazon.com/kms/latest/developerguide/"
_CONTROLS = "https://docs.aws.amazon.com/securityhub/latest/userguide/secretsmanager-controls.html"

_SECRETS = (Kind.SECRETS, Kind.SERVICE_SECRETS)
_KEYS = (Kind.KEYS, Kind.SECRETS)

SECRET_DIFFERS = described(
    "SG601",
    "Secret changed in AWS",
    why="""
        Its description, tags, key or labels in AWS are not what the spec says: somebody changed
        them outside of Terraform. The next apply sets them back. Apply, or move the change into
        the spec.
    """,
    source=_API + "API_DescribeSecret.html",
    of=_SECRETS,
)
ROTATION_DIFFERS = described(
    "SG602",
    "Rotation changed in AWS",
    why="""
        The secret rotates otherwise than the spec says, or not at all: a value that was to be
        replaced stays valid. Apply, or move the change into the spec.
    """,
    source=_USER_GUIDE + "rotating-secrets.html",
    of=_SECRETS,
)
REPLICAS_DIFFER = described(
    "SG603",
    "Replicas changed in AWS",
    why="""
        A replica that is missing is not there when its Region is needed; one that the spec does
        not have is a copy of the value that nobody reviewed. Apply, or move the change into the
        spec. Terraform never removes the last replica: remove that one with the AWS CLI.
    """,
    source=_USER_GUIDE + "replicate-secrets.html",
    of=_SECRETS,
)
POLICY_DIFFERS = described(
    "SG604",
    "Policy changed in AWS",
    why="""
        A statement of a resource policy or key policy is not what is rendered. Apply sets it back.
        Where it grants more than the spec, SG624 reports that as well.
    """,
    source=_USER_GUIDE + "auth-and-access_resource-policies.html",
    of=_KEYS,
)
KEY_DIFFERS = described(
    "SG605",
    "KMS key changed in AWS",
    why="""
        The description, alias, tags or rotation of a key are not what the spec says. Apply, or
        move the change into the spec.
    """,
    source=_KMS + "editing-keys.html",
    of=_KEYS,
)
SECRET_MISSING = described(
    "SG620",
    "Secret missing in AWS",
    why="""
        The spec has a secret that the account does not have: it was never applied, or was deleted
        outside of Terraform. Whatever reads it fails. Apply creates it anew, without the value
        that it had.
    """,
    source=_API + "API_DescribeSecret.html",
    of=_SECRETS,
)
SECRET_PENDING_DELETION = described(
    "SG621",
    "Secret pending deletion",
    why="""
        Nobody can read a secret that is scheduled for deletion, and AWS deletes it for good when
        its recovery window ends. `aws secretsmanager restore-secret --secret-id NAME` cancels it.
    """,
    source=_USER_GUIDE + "manage_restore-secret.html",
    of=_SECRETS,
)
REPLICA_FAILED = described(
    "SG622",
    "Failed replica",
    why="""
        AWS does not try again, and a replica that failed holds an old value or none. Remove the
        cause, then the replica with `aws secretsmanager remove-regions-from-replication
        --secret-id NAME --remove-replica-regions REGION`, and apply. Most often a secret of that
        name was there, or its key could not be used.
    """,
    source=_USER_GUIDE + "replicate-secrets.html",
    of=_SECRETS,
)
ROTATION_FAILED = described(
    "SG623",
    "Rotation failed or overdue",
    why="""
        A version that is labelled AWSPENDING and not AWSCURRENT is what a rotation leaves that
        failed or is still running; and the day that AWS scheduled for a rotation must not be over.
        Look into the log of the rotation function, then start it anew with
        `aws secretsmanager rotate-secret --secret-id NAME`.
    """,
    source=_USER_GUIDE + "troubleshoot_rotation.html",
    of=_SECRETS,
)
ACCESS_BEYOND = described(
    "SG624",
    "Access beyond the spec in AWS",
    why="""
        The resource policy or key policy in AWS, evaluated as AWS does, lets somebody read or
        write whom the spec does not name, or no longer denies what it has to. Apply sets the
        policy back. Rotate the value if it may have been read.
    """,
    source=_USER_GUIDE + "auth-and-access_resource-policies.html",
)
KEY_UNUSABLE = described(
    "SG625",
    "KMS key not usable",
    why="""
        A key that is disabled, pending deletion or gone decrypts nothing: no secret that it
        encrypts can be read. `aws kms cancel-key-deletion --key-id ID` and
        `aws kms enable-key --key-id ID` bring it back until its deletion window ends.
    """,
    source=_KMS + "key-state.html",
    of=_KEYS,
)
NOT_KNOWN = described(
    "SG626",
    "Part of the account not known",
    why="""
        What was not read is not known to be right. A dump needs the answers of `describe-secret`
        and `get-resource-policy` for each secret, and those of KMS for each key; a policy that
        holds what cannot be evaluated has to be reviewed by hand.
    """,
    source="How to audit a live account",
    of=_KEYS,
)
NO_VALUE = described(
    "SG640",
    "Secret without a value",
    severity=WARNING,
    why="""
        No version is labelled AWSCURRENT: reading the secret fails. If its value
        comes from outside, put it there.
    """,
    source=_API + "API_GetSecretValue.html",
    of=_SECRETS,
)
NOT_READ = described(
    "SG641",
    "Secret not read for 90 days",
    severity=WARNING,
    why="""
        A secret that nothing reads is access and cost for nothing. Remove it from the spec, or
        find out why its reader does not read it.
    """,
    source=_CONTROLS + "#secretsmanager-3",
    of=_SECRETS,
)
GRANT = described(
    "SG642",
    "Grant on a KMS key",
    severity=WARNING,
    why="""
        A grant lets somebody use a key whatever its policy allows, and no spec creates one. Retire
        it, or ignore this rule for the key with the reason why it is there.
    """,
    source=_KMS + "grants.html",
    of=_KEYS,
)
NOT_MANAGED = described(
    "SG643",
    "Secret that nothing manages",
    severity=WARNING,
    why="""
        The account has a secret that is in no spec of this project, and that neither an AWS
        service nor CloudFormation owns. `secretgen import` takes it over. If other code manages
        it, ignore this rule for it, or for the environment.
    """,
    source=_API + "API_ListSecrets.html",
    of=(Kind.ENVIRONMENT, Kind.SECRETS),
)

DIFFERENCES = (SECRET_DIFFERS, ROTATION_DIFFERS, REPLICAS_DIFFER, POLICY_DIFFERS, KEY_DIFFERS)
"""Rules about what differs from the spec."""
