"""Rules about a live account. `secretgen.usecases.auditing` finds what breaks them."""

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
        The description, tags, key or labels of the secret in AWS differ from the spec: they were
        changed outside Terraform. The next apply restores them. Apply, or move the change into the
        spec.
    """,
    source=_API + "API_DescribeSecret.html",
    of=_SECRETS,
)
ROTATION_DIFFERS = described(
    "SG602",
    "Rotation changed in AWS",
    why="""
        The rotation of the secret differs from the spec or is off, so that an old value stays
        valid. Apply, or move the change into the spec.
    """,
    source=_USER_GUIDE + "rotating-secrets.html",
    of=_SECRETS,
)
REPLICAS_DIFFER = described(
    "SG603",
    "Replicas changed in AWS",
    why="""
        A missing replica cannot be read when its Region is needed. A replica that is not in the
        spec is a copy of the value that was not reviewed. Apply, or move the change into the spec.
        Terraform never removes the last replica: remove it with the AWS CLI.
    """,
    source=_USER_GUIDE + "replicate-secrets.html",
    of=_SECRETS,
)
POLICY_DIFFERS = described(
    "SG604",
    "Policy changed in AWS",
    why="""
        A statement of a resource policy or key policy differs from the rendered one. The next apply
        restores it. If it grants more than the spec, SG624 reports that as well.
    """,
    source=_USER_GUIDE + "auth-and-access_resource-policies.html",
    of=_KEYS,
)
KEY_DIFFERS = described(
    "SG605",
    "KMS key changed in AWS",
    why="""
        The description, alias, tags or rotation of a key differ from the spec. Apply, or move the
        change into the spec.
    """,
    source=_KMS + "editing-keys.html",
    of=_KEYS,
)
SECRET_MISSING = described(
    "SG620",
    "Secret missing in AWS",
    why="""
        The secret is in the spec, and not in the account: it was never applied, or was deleted
        outside Terraform. Reads fail. The next apply creates it again, without its value.
    """,
    source=_API + "API_DescribeSecret.html",
    of=_SECRETS,
)
SECRET_PENDING_DELETION = described(
    "SG621",
    "Secret pending deletion",
    why="""
        Nobody can read a secret that is scheduled for deletion, and AWS deletes it permanently when
        its recovery window ends. `aws secretsmanager restore-secret --secret-id NAME` cancels the
        deletion.
    """,
    source=_USER_GUIDE + "manage_restore-secret.html",
    of=_SECRETS,
)
REPLICA_FAILED = described(
    "SG622",
    "Failed replica",
    why="""
        AWS does not retry, and a failed replica has an old value or none. Most often a secret of
        that name existed, or the key could not be used. Fix the cause, then remove the replica with
        `aws secretsmanager remove-regions-from-replication --secret-id NAME
        --remove-replica-regions REGION`, and apply.
    """,
    source=_USER_GUIDE + "replicate-secrets.html",
    of=_SECRETS,
)
ROTATION_FAILED = described(
    "SG623",
    "Rotation failed or overdue",
    why="""
        A rotation that failed, or is still running, leaves a version with the label AWSPENDING and
        without AWSCURRENT. A rotation is overdue when the day for which AWS scheduled it has
        passed. Check the log of the rotation function, then start the rotation again with `aws
        secretsmanager rotate-secret --secret-id NAME`.
    """,
    source=_USER_GUIDE + "troubleshoot_rotation.html",
    of=_SECRETS,
)
ACCESS_BEYOND = described(
    "SG624",
    "Access beyond the spec in AWS",
    why="""
        The resource policy or key policy in AWS, evaluated as AWS does, allows a principal that is
        not in the spec to read or write, or no longer denies what it must deny. The next apply
        restores the policy. Rotate the value if it may have been read.
    """,
    source=_USER_GUIDE + "auth-and-access_resource-policies.html",
)
KEY_UNUSABLE = described(
    "SG625",
    "KMS key not usable",
    why="""
        A key that is disabled, pending deletion or deleted cannot decrypt: no secret that it
        encrypts can be read. `aws kms cancel-key-deletion --key-id ID` and `aws kms enable-key
        --key-id ID` restore it until its deletion window ends.
    """,
    source=_KMS + "key-state.html",
    of=_KEYS,
)
NOT_KNOWN = described(
    "SG626",
    "Account read incompletely",
    why="""
        secretgen cannot check what it did not read. A dump needs the output of `describe-secret`
        and `get-resource-policy` for each secret, and the output of the KMS commands for each key.
        Review policies that cannot be evaluated by hand.
    """,
    source="docs/how-to/audit-an-account.md",
    of=_KEYS,
)
NO_VALUE = described(
    "SG640",
    "Secret without a value",
    severity=WARNING,
    why="""
        No version has the label AWSCURRENT, so reading the secret fails. If its value is
        `external`, put the value in.
    """,
    source=_API + "API_GetSecretValue.html",
    of=_SECRETS,
)
NOT_READ = described(
    "SG641",
    "Secret not read for 90 days",
    severity=WARNING,
    why="""
        A secret that nobody reads is an unnecessary cost and risk. Remove it from the spec, or find
        out why its reader does not read it.
    """,
    source=_CONTROLS + "#secretsmanager-3",
    of=_SECRETS,
)
GRANT = described(
    "SG642",
    "Grant on a KMS key",
    severity=WARNING,
    why="""
        A grant allows a principal to use a key regardless of the key policy, and secretgen does not
        create grants. Retire the grant, or add an `ignore` entry for the key with a reason.
    """,
    source=_KMS + "grants.html",
    of=_KEYS,
)
NOT_MANAGED = described(
    "SG643",
    "Unmanaged secret",
    severity=WARNING,
    why="""
        The account has a secret that is in no spec of this project, and that neither an AWS service
        nor CloudFormation owns. Import it with `secretgen import`. If other code manages it, add an
        `ignore` entry for it or for the environment.
    """,
    source=_API + "API_ListSecrets.html",
    of=(Kind.ENVIRONMENT, Kind.SECRETS),
)

DIFFERENCES = (SECRET_DIFFERS, ROTATION_DIFFERS, REPLICAS_DIFFER, POLICY_DIFFERS, KEY_DIFFERS)
"""Rules about what differs from the spec."""
