"""Rules about who decides over the resource policy of a secret, and whom it keeps out."""

from __future__ import annotations

from secretgen.rules.finding import Findings
from secretgen.rules.rule import ERROR, WARNING, rule
from secretgen.rules.rule_context import Context

_RESOURCE_POLICY = "https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_resource-policies.html"
_FUNCTION_ROLE = "https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets-required-permissions-function.html"


@rule(
    "SG320",
    WARNING,
    "Resource policy not managed",
    why="""
        With `policy: unmanaged` the resource policy that is there stays as it is. Nothing proves
        then that it lets readers and writers of other accounts in, that it lets nobody else in, or
        that it denies requests without TLS and from outside the organization. Their identity
        policies and the policy of the key are rendered all the same.
    """,
    source=_RESOURCE_POLICY,
    example="""
         secrets:
        -  app/key: { policy: unmanaged }
        +  app/key:
        +    policy: unmanaged
        +    ignore:
        +      - { rule: SG320, reason: The team of the secret reviews its policy }
    """,
    ignorable=True,
)
def _unmanaged(context: Context) -> Findings:
    for secret in context.secrets:
        is_unmanaged = secret.knows("policy") and not secret.resolved.manages_policy
        if is_unmanaged and not secret.spec.exclusive:  # SG321 is about both
            yield secret.finding(
                ("policy",),
                "nothing is proved about the resource policy of this secret",
                "Write 'policy: managed', or add an 'ignore' entry with a reason.",
            )


@rule(
    "SG321",
    ERROR,
    "Exclusive secret without a managed resource policy",
    why="""
        `exclusive` is a statement of the resource policy. With `policy: unmanaged` there is no
        policy to hold it, and the secret would be open to whomever the IAM policies of its account
        allow.
    """,
    source=_RESOURCE_POLICY,
    example="""
         secrets:
           app/key:
             exclusive: { except: [terraform, break-glass] }
        -    policy: unmanaged
    """,
)
def _exclusive_without_policy(context: Context) -> Findings:
    for secret in context.secrets:
        if secret.spec.exclusive and secret.knows("policy") and not secret.resolved.manages_policy:
            yield secret.finding(
                ("exclusive",),
                "'exclusive' and 'policy: unmanaged' cannot be combined",
                "Delete one of the two lines.",
                at_key=True,
            )


@rule(
    "SG322",
    WARNING,
    "Exclusive secret whose rotation function may be locked out",
    why="""
        The rotation function uses the value with a role of its own. The spec names the function,
        and not its role: unless that role is under `except`, every rotation fails with
        AccessDenied. A function that `application` deploys is exempt by itself.
    """,
    source=_FUNCTION_ROLE,
    example="""
         secrets:
           app/key:
        -    exclusive: { except: [terraform] }
        +    exclusive: { except: [rotate-app-role, terraform] }
             rotation:
               lambda_arn: arn:aws:lambda:us-east-1:123456789012:function:rotate-app
               every_days: 30
        +    ignore:
        +      - { rule: SG322, reason: rotate-app-role is the role of the function }
    """,
    ignorable=True,
)
def _unknown_function_role(context: Context) -> Findings:
    for secret in context.secrets:
        rotation = secret.rotation
        if secret.spec.exclusive and rotation and rotation.lambda_arn:
            yield secret.finding(
                ("exclusive",),
                "the role of the rotation function must be under 'except'",
                "Name it there, and say so in an 'ignore' entry.",
                at_key=True,
            )
