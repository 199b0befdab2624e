"""Rules about KMS keys."""

from __future__ import annotations

import re
from typing import get_args

from secretgen.model.changes import Kind, shared_key
from secretgen.model.secret import AWS_MANAGED
from secretgen.rules.finding import Finding, Findings
from secretgen.rules.rule import ERROR, WARNING, rule
from secretgen.rules.rule_context import Context
from secretgen.spec.aws_formats import KmsKeyArn
from secretgen.spec.suggest import shown

_KEY_ARN = get_args(KmsKeyArn)[1].pattern
_MAY_BE_A_KEY = re.compile(r"arn:|alias/|mrk-|[0-9a-f]{8}-")


@rule(
    "SG220",
    ERROR,
    "Not a KMS key",
    why="""
        The key of a secret is given by the ARN of the key, so that its account and Region can be
        checked. The backend also takes an alias, or an id that is a UUID.
    """,
    source="https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id-key-ARN",
    example="""
         secrets:
        -  app/key: { kms_key: alias/app }
        +  app/key:
        +    kms_key: arn:aws:kms:us-east-1:123456789012:key/1a2b3c4d-5e6f-4a7b-8c9d-0e1f2a3b4c5d
    """,
)
def _no_key(context: Context) -> Findings:
    for secret in context.secrets:
        key = secret.spec.kms_key
        if _MAY_BE_A_KEY.match(key) and not re.fullmatch(_KEY_ARN, key):
            yield secret.finding(
                ("kms_key",),
                "'kms_key' must be the ARN of a KMS key",
                "Write arn:aws:kms:<Region>:<account>:key/<id>; aliases and ids do not show the "
                "account of the key.",
            )


@rule(
    "SG402",
    ERROR,
    "Unknown KMS key",
    why="""
        `kms_key` is `dedicated`, a name in `keys`, the ARN of a key managed elsewhere, or
        `aws-managed`.
    """,
    source="The spec language, `kms_key`",
    example="""
         keys:
           database: {}
         secrets:
        -  app/key: { kms_key: databse }
        +  app/key: { kms_key: database }
    """,
)
def _unknown_key(context: Context) -> Findings:
    for secret in context.secrets:
        key = secret.spec.kms_key
        known = key in context.key_choices or not context.knows("keys", key)
        if known or _MAY_BE_A_KEY.match(key):
            continue
        guess = context.guess(key, context.key_choices)
        hint = f"Did you mean {guess!r}?" if guess else "Define it under 'keys'."
        summary = f"no KMS key {shown(key)} in 'keys'"
        yield secret.finding(("kms_key",), summary, hint, suggestion=guess)


@rule(
    "SG407",
    WARNING,
    "Unused key",
    why="""
        A shared key that encrypts nothing costs a dollar a month. If it is deployed, data that was
        encrypted with it may still need it: when you remove it, add an entry to `changes`.
    """,
    source="https://aws.amazon.com/kms/pricing/",
    example="""
         keys:
           database: {}
        +secrets:
        +  app/database: { kms_key: database }
    """,
    of=(Kind.KEYS,),
)
def _unused_key(context: Context) -> Findings:
    if not context.knows_of_all_secrets("kms_key"):
        return
    used = {secret.spec.kms_key for secret in context.secrets}
    unknown = {key for key in used if key not in context.key_choices}
    for name in context.spec.keys:
        # A name that is close to an unknown one is misspelt rather than unused.
        if name not in used and not context.guess(name, unknown):
            yield Finding(
                ("keys", name),
                f"key {name!r} encrypts no secret",
                "Name it in the 'kms_key' of a secret, or remove it; if it is deployed, with an "
                "entry in 'changes'.",
                at_key=True,
                of=shared_key(name),
            )


@rule(
    "SG311",
    WARNING,
    "AWS-managed key",
    why="""
        The policy of `aws/secretsmanager` allows every principal of the account that may use the
        secret to decrypt it. It cannot be changed, and cannot allow another account. A dedicated
        key adds a second access check. checkov reports CKV_AWS_149.
    """,
    source="https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html",
    example="""
         secrets:
        -  app/key: { kms_key: aws-managed }
        +  app/key: { kms_key: dedicated }
    """,
    ignorable=True,
)
def _aws_managed(context: Context) -> Findings:
    for secret in context.secrets:
        if secret.spec.kms_key == AWS_MANAGED and not any(secret.named_roles):
            yield secret.finding(
                ("kms_key",),
                "the policy of the AWS-managed key cannot be changed",
                "Write 'kms_key: dedicated', or name a shared key.",
            )


@rule(
    "SG314",
    ERROR,
    "Replica without its own key",
    why="""
        A key managed elsewhere, given by its ARN, exists in one Region. A replica in another Region
        would use the AWS-managed key there without an error, and other accounts cannot use that
        key. Name a key of that Region, or write `aws-managed` if that is intended.
    """,
    source="https://docs.aws.amazon.com/secretsmanager/latest/userguide/replicate-secrets.html",
    example="""
         secrets:
           app/key:
             kms_key: arn:aws:kms:us-east-1:123456789012:key/1a2b3c4d-5e6f-4a7b-8c9d-0e1f2a3b4c5d
        -    replicas: [us-west-2]
        +    replicas:
        +      - region: us-west-2
        +        kms_key: arn:aws:kms:us-west-2:123456789012:key/9d8c7b6a-5f4e-4d3c-8b2a-1f0e9d8c7b6a
    """,  # noqa: E501 -- an ARN stays on one line
)
def _replica_without_key(context: Context) -> Findings:
    for secret in context.secrets:
        if not secret.uses_key_arn:
            continue
        for i, replica in enumerate(secret.spec.replicas):
            if replica.kms_key is None:
                yield secret.finding(
                    ("replicas", i),
                    f"the replica in {replica.region} has no key",
                    "The key of this secret is managed elsewhere, and exists in one Region. Write "
                    f"'{{ region: {replica.region}, kms_key: <ARN> }}' with a key of that Region, "
                    "or 'aws-managed'.",
                )
