"""Rules about the end of secrets."""

from __future__ import annotations

from secretgen.rules.finding import Findings
from secretgen.rules.rule import WARNING, rule
from secretgen.rules.rule_context import Context


@rule(
    "SG308",
    WARNING,
    "No recovery window in production",
    why="""
        With `recovery_window_days: 0` a deletion is final at once: the value is lost, and what
        reads it stops. Seven days cost nothing.
    """,
    source="https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_delete-secret.html",
    example="""
         environment: production
         secrets:
        -  app/key: { recovery_window_days: 0 }
        +  app/key: { recovery_window_days: 7 }
    """,
    ignorable=True,
)
def _no_window(context: Context) -> Findings:
    for secret in context.secrets:
        if context.is_production and secret.spec.recovery_window_days == 0:
            yield secret.finding(
                ("recovery_window_days",),
                "a deletion in production would be final at once",
                "Write 7 to 30 days.",
            )


@rule(
    "SG310",
    WARNING,
    "No deletion protection in production",
    why="""
        With `deletion_protection: false` a secret that is removed from the spec, by mistake or
        not, is destroyed with its key, and no rule stops it. To remove one secret, leave its
        protection on and allow it with an entry of `changes` (SG501).
    """,
    source="https://developer.hashicorp.com/terraform/language/meta-arguments/lifecycle#prevent_destroy",
    example="""
         environment: production
         secrets:
        -  app/key: { deletion_protection: false }
        +  app/key: { deletion_protection: true }
    """,
    ignorable=True,
)
def _unprotected(context: Context) -> Findings:
    for secret in context.secrets:
        if context.is_production and not secret.spec.deletion_protection:
            yield secret.finding(
                ("deletion_protection",),
                "Terraform may destroy this secret and its key in production",
                "Delete this line once the secret is to stay.",
            )
