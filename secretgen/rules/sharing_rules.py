"""Rules about secrets that other accounts read or write."""

from __future__ import annotations

from secretgen.model.notifications import environment_notifications
from secretgen.model.secret import AWS_MANAGED
from secretgen.rules.finding import Findings
from secretgen.rules.rule import ERROR, WARNING, rule
from secretgen.rules.rule_context import ROLE_FIELDS, Context, SecretContext

_CROSS_ACCOUNT = "https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_examples_cross.html"


@rule(
    "SG306",
    ERROR,
    "Reader or writer in another account with the AWS-managed key",
    why="""
        The policy of the key `aws/secretsmanager` cannot be changed and does not allow other
        accounts to decrypt. Every read or write from another account would fail with AccessDenied.
        Use a dedicated or a shared key.
    """,
    source=_CROSS_ACCOUNT,
    example="""
         accounts:
           app: { id: "111111111111" }
         secrets:
           app/key:
        -    kms_key: aws-managed
        +    kms_key: dedicated
             readers: [app]
             rotation:
               lambda_arn: arn:aws:lambda:us-east-1:123456789012:function:rotate-app
               every_days: 30
    """,
)
def _reader_without_key(context: Context) -> Findings:
    for secret in context.secrets:
        outside = _fields_naming_others(context, secret)
        if secret.spec.kms_key == AWS_MANAGED and secret.knows("kms_key") and outside:
            field = "kms_key" if secret.path("kms_key")[0] == "secrets" else outside[0]
            yield secret.finding(
                (field,),
                "other accounts cannot use a secret encrypted with the AWS-managed key",
                "Write 'kms_key: dedicated', or name a shared key.",
            )
            continue
        for i, replica in enumerate(secret.spec.replicas):
            if replica.kms_key == AWS_MANAGED and outside:
                yield secret.finding(
                    ("replicas", i, "kms_key"),
                    "other accounts cannot use a replica encrypted with the AWS-managed key",
                    "Name the ARN of a key in that Region.",
                )


def _fields_naming_others(context: Context, secret: SecretContext) -> list[str]:
    """Returns the fields, of readers and writers, that name roles of other accounts."""
    if not context.knows("aws", "account_id"):
        return []
    own = context.spec.aws.account_id
    named = {name: getattr(secret.resolved, name) for name in ROLE_FIELDS}
    return [name for name, roles in named.items() if any(r.account_id != own for r in roles)]


@rule(
    "SG305",
    WARNING,
    "Secret read by other accounts without rotation",
    why="""
        The more places read a secret, the likelier it leaks unnoticed, and the harder it is to
        change in an emergency. Rotation limits how long a leaked value works.
    """,
    source="https://docs.aws.amazon.com/securityhub/latest/userguide/secretsmanager-controls.html#secretsmanager-1",
    example="""
         accounts:
           app: { id: "111111111111" }
         secrets:
        -  app/key: { readers: [app] }
        +  app/key:
        +    readers: [app]
        +    rotation:
        +      lambda_arn: arn:aws:lambda:us-east-1:123456789012:function:rotate-app
        +      every_days: 30
    """,
    ignorable=True,
)
def _outside_without_rotation(context: Context) -> Findings:
    for secret in context.secrets:
        static = secret.knows("rotation") and not secret.spec.rotation
        if static and "readers" in _fields_naming_others(context, secret):
            yield secret.finding(
                ("readers",),
                "other accounts read this secret, and it never rotates",
                "Add `rotation`, or an `ignore` entry with a reason.",
                at_key=True,
            )


@rule(
    "SG323",
    WARNING,
    "Notification without a reader in another account",
    why="""
        `notify_readers` sends events to the accounts of readers. The account of the secret receives
        them on its default event bus anyway. An account in which only permission sets read has
        nothing to receive them.
    """,
    source="https://docs.aws.amazon.com/secretsmanager/latest/userguide/monitoring-eventbridge.html",
    example="""
         secrets:
        -  app/key: { notify_readers: true }
        +  app/key: {}
    """,
)
def _no_account_to_notify(context: Context) -> Findings:
    if not (context.knows("aws", "account_id") and context.knows("accounts")):
        return
    told = {name for n in environment_notifications(context.environment) for name in n.secrets}
    for secret in context.secrets:
        is_asked = secret.spec.notify_readers and secret.knows("notify_readers", "readers")
        if is_asked and secret.name not in told:
            yield secret.finding(
                ("notify_readers",),
                "no other account reads this secret, so no account is notified",
                "Add readers of another account, or delete this line.",
            )
