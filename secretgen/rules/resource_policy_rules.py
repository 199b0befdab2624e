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
        With `policy: unmanaged` the existing resource policy stays as it is. secretgen then cannot
        verify that it allows readers and writers of other accounts, allows nobody else, and denies
        requests without TLS or from outside the organization. The identity policies and the key
        policy are still rendered.
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
                "the resource policy of this secret is not verified",
                "Write 'policy: managed', or add an `ignore` entry with a reason.",
            )


@rule(
    "SG321",
    ERROR,
    "Exclusive secret without a managed resource policy",
    why="""
        `exclusive` is a statement of the resource policy. With `policy: unmanaged` secretgen
        renders no resource policy, so every principal that the IAM policies of the account allow
        could read the secret.
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
    "Exclusive secret that may deny its rotation function",
    why="""
        The rotation function reads and writes the value with its own role. The spec names the
        function, not that role: unless the role is listed under `except`, every rotation fails with
        AccessDenied. A function that `application` deploys is exempt automatically.
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
                "Add that role to 'except', and add an 'ignore' entry.",
                at_key=True,
            )
